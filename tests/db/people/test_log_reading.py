"""Who has looked, in plain words: for the citizen, for the worker, and for the auditor."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone, translation

from medvirk.people.access import Permission, log_access, log_listing, open_record, viewer_for
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessAction, AccessEvent, Bar, PersonMerge, Relation, Role, User
from medvirk.people.queries.log import (
    LogSearch,
    log_file,
    own_log,
    search_log,
    staff_to_audit,
    units_to_audit,
)

MORNING = datetime(2025, 5, 3, 8, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def kari(make):
    return make.staff(details=make.details(given_name="Kari", family_name="Nordmann"))


def look(make, worker, citizen, what="people.person", *, at=MORNING, basis="service:own", action="opened"):
    with time_machine.travel(at, tick=False):
        log_access(make.viewer(worker), [citizen.pk], what, action=AccessAction(action), basis=basis)


def own_viewer(citizen, now=None):
    user = User.objects.create(login=str(citizen.pk), login_hash=str(citizen.pk)[:60], person=citizen.person)
    return viewer_for(user, now)


def sentences(log) -> list[str]:
    return [line.sentence for day in log.days for line in day.lines]


class TestTheCitizensOwn:
    def test_it_speaks_to_the_citizen(self, make, kari):
        citizen = make.citizen(worker=kari)
        look(make, kari, citizen, "feedback.session")

        log = own_log(own_viewer(citizen), citizen)

        (day,) = [each for each in log.days if each.day == date(2025, 5, 3)]
        (line,) = day.lines
        assert line.sentence == (
            "Kari Nordmann (practitioner) looked at your answers and your curve, "
            "because they have a service relation with you."
        )
        assert f"{timezone.localtime(line.at):%H:%M}" == "10:12"

    @pytest.mark.parametrize("language", ["nb", "nn"])
    def test_it_does_so_in_norwegian(self, make, kari, language):
        citizen = make.citizen(worker=kari)
        look(make, kari, citizen, "feedback.session")

        with translation.override(language):
            sentence = sentences(own_log(own_viewer(citizen), citizen))[-1]

        assert sentence.startswith("Kari Nordmann (behandl")
        assert "looked" not in sentence
        assert "tenesteforhold" in sentence if language == "nn" else "tjenesteforhold" in sentence

    def test_every_action_and_basis_has_words(self, make, kari):
        """A code in the citizen's log would be no plain word."""
        citizen = make.citizen(worker=kari)
        bases = [
            "service:own",
            "service:team",
            "consent:own",
            "emergency:own",
            "list",
            "register",
            "start",
            "audit",
        ]
        for number, action in enumerate(AccessAction):
            look(make, kari, citizen, action=action, basis=bases[number % len(bases)])
        for basis in bases:
            look(make, kari, citizen, basis=basis)

        told = " ".join(sentences(own_log(own_viewer(citizen), citizen)))

        assert not [code for code in (":own", ":team", "audit", "people.") if code in told]

    def test_one_look_of_many_openings_is_one_line(self, make, kari):
        citizen = make.citizen(worker=kari)
        for minutes in (0, 10, 40, 120):
            look(make, kari, citizen, at=MORNING + timedelta(minutes=minutes))
            look(make, kari, citizen, "feedback.session", at=MORNING + timedelta(minutes=minutes + 1))

        (day,) = [each for each in own_log(own_viewer(citizen), citizen).days if each.day == date(2025, 5, 3)]

        person = [line for line in day.lines if "who you are" in line.sentence]
        assert [(line.times, line.until - line.at) for line in person] == [
            (1, timedelta(0)),
            (3, timedelta(minutes=40)),
        ]

    def test_emergency_is_marked_with_its_reason(self, make, kari):
        citizen = make.citizen()
        Relation.objects.create(
            citizen=citizen,
            staff=kari,
            basis="emergency",
            reason="Fant ham på gata",
            valid_from=MORNING.date(),
            valid_to=MORNING.date(),
            ends_at=MORNING + timedelta(minutes=50),
        )
        look(make, kari, citizen, basis="emergency:own")

        log = own_log(own_viewer(citizen), citizen)

        (line,) = [line for day in log.days for line in day.lines if line.emergency]
        assert line.reason == "Fant ham på gata"

    def test_ones_own_looking_is_you(self, make):
        citizen = make.citizen()
        viewer = own_viewer(citizen)
        for what in ("people.log", "people.consent", "people.log"):
            log_access(viewer, [citizen.pk], what, action=AccessAction.OPENED, basis="own:self")

        assert sentences(own_log(viewer, citizen)).count(
            "You, or somebody signed in as you, looked at these pages."
        ) == 1  # fmt: skip

    def test_whoever_was_refused_is_told(self, make, kari):
        citizen = make.citizen(worker=kari)
        Bar.objects.create(citizen=citizen, staff=kari, kind="citizen")

        with pytest.raises(Http404):
            open_record(make.viewer(kari), citizen, "people.person")

        told = sentences(own_log(own_viewer(citizen), citizen))
        assert (
            "Kari Nordmann (practitioner) tried to open your record, and was refused, because the record is closed"
            in (told[0])
        )

    def test_nobody_else_sees_it(self, make):
        citizen, other = make.citizen(), make.citizen()

        assert own_log(own_viewer(other), citizen).days == ()
        assert own_log(make.viewer(make.staff()), citizen).days == ()

    def test_older_days_are_on_the_next_page(self, make, kari):
        citizen = make.citizen(worker=kari)
        for days in range(20):
            look(make, kari, citizen, at=MORNING - timedelta(days=days))
        viewer = own_viewer(citizen)

        first, second = own_log(viewer, citizen), own_log(viewer, citizen, 2)

        assert (len(first.days), first.pages, first.older, first.newer) == (14, 2, 2, None)
        assert (second.older, second.newer) == (None, 1)
        assert not {day.day for day in first.days} & {day.day for day in second.days}
        assert own_log(viewer, citizen, 99) == second

    def test_what_was_logged_about_a_merged_double_is_there_too(self, make, kari):
        kept, double = make.citizen(worker=kari), make.citizen(worker=kari)
        look(make, kari, double, "feedback.session")
        PersonMerge.objects.create(
            kept=kept.person,
            duplicate=double.person,
            kept_citizen_id=kept.pk,
            duplicate_citizen_id=double.pk,
            details="{}",
        )

        assert any("your answers" in each for each in sentences(own_log(own_viewer(kept), kept)))

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_same_queries_however_long(self, make, rows, django_assert_num_queries):
        citizen = make.citizen()
        for number in range(rows):
            look(make, make.staff(), citizen, at=MORNING - timedelta(days=number))
        viewer = own_viewer(citizen)

        with django_assert_num_queries(6):
            log = own_log(viewer, citizen)

        assert len(sentences(log)) == rows + 1


class TestListsAndSearches:
    def test_a_list_is_told_once_a_day_by_hash(self, make, kari):
        citizens = [make.citizen(worker=kari) for _ in range(3)]
        for _time in range(2):
            log_listing(make.viewer(kari), [each.pk for each in citizens], "feedback.my_citizens")
        log_listing(make.viewer(make.staff()), [citizens[0].pk], "feedback.my_citizens")

        assert AccessEvent.objects.filter(what="feedback.my_citizens").count() == 4

    def test_sixty_rows_are_two_queries(self, make, kari, django_assert_num_queries):
        citizens = [make.citizen(worker=kari).pk for _ in range(6)]
        viewer = make.viewer(kari)

        with django_assert_num_queries(2):
            log_listing(viewer, citizens, "feedback.my_citizens")


class TestTheAuditor:
    @pytest.fixture
    def auditor(self, make):
        return make.viewer(make.staff(Role.AUDITOR, make.unit(kind="municipality")))

    def test_searching_by_citizen_is_itself_in_the_citizens_log(self, make, kari, auditor):
        details = make.details(national_id=make.national_id())
        citizen, other = make.citizen(worker=kari, details=details), make.citizen(worker=kari)
        look(make, kari, citizen)
        look(make, kari, other)

        page = search_log(auditor, LogSearch(citizen=Criteria(national_id=details.national_id)))

        assert {row.citizen for row in page.rows} == {citizen.person.name}
        read = AccessEvent.objects.about([citizen.pk]).get(action=AccessAction.LISTED)
        assert (read.actor_id, read.basis) == (auditor.staff_id, "audit")
        assert not AccessEvent.objects.about([other.pk]).filter(action=AccessAction.LISTED).exists()

    def test_by_worker_unit_time_action_and_emergency(self, make, kari, auditor):
        ola = make.staff()
        citizen = make.citizen(worker=kari)
        look(make, kari, citizen)
        look(make, ola, citizen, basis="emergency:own", at=MORNING + timedelta(days=1))

        def who(**search):
            return {row.sentence.split(" (")[0] for row in search_log(auditor, LogSearch(**search)).rows}

        unit = ola.grants.get().unit_id
        assert who(staff_id=kari.pk) == {"Kari Nordmann"}
        assert who(unit_id=unit) == {ola.person.name}
        assert who(emergency=True) == {ola.person.name}
        assert who(since=date(2025, 5, 3), until=date(2025, 5, 3)) == {"Kari Nordmann"}
        assert who(action="created") == {
            "The system registered who the citizen is, and contact details, at import or set-up."
        }
        assert who(staff_id=kari.pk, unit_id=unit) == set()

    def test_a_citizen_whom_nobody_knows_gives_nothing(self, make, kari, auditor):
        look(make, kari, make.citizen(worker=kari))

        assert search_log(auditor, LogSearch(citizen=Criteria(national_id=make.national_id()))).rows == ()

    def test_an_auditor_of_one_unit_sees_its_workers_only(self, make, kari):
        top = make.unit(kind="municipality")
        team, other = make.unit(parent=top), make.unit(parent=top)
        mine, others = make.staff("practitioner", team), make.staff("practitioner", other)
        citizen = make.citizen(worker=mine)
        look(make, mine, citizen)
        look(make, others, citizen)
        auditor = make.viewer(make.staff(Role.AUDITOR, team))

        rows = search_log(auditor, LogSearch()).rows

        assert [row.sentence.split(" (")[0] for row in rows] == [mine.person.name]
        assert search_log(auditor, LogSearch(staff_id=others.pk)).rows == ()
        assert others not in staff_to_audit(auditor)
        assert list(units_to_audit(auditor)) == [team]

    def test_nobody_else_reads_it(self, make, kari):
        look(make, kari, make.citizen(worker=kari))

        for role in set(Role) - {Role.AUDITOR}:
            assert search_log(make.viewer(make.staff(role)), LogSearch()).rows == (), role

    def test_a_file_is_logged_for_each_citizen_in_it_and_for_the_house(self, make, kari, auditor):
        citizen = make.citizen(worker=kari)
        look(make, kari, citizen)

        headings, *rows = log_file(auditor, LogSearch(staff_id=kari.pk))

        assert len(rows) == 1
        assert len(headings) == len(rows[0])
        assert AccessEvent.objects.about([citizen.pk]).filter(action=AccessAction.EXPORTED).count() == 1
        assert AccessEvent.objects.filter(action=AccessAction.EXPORTED, citizen_hash="").count() == 1

    def test_pages(self, make, kari, auditor, monkeypatch):
        from medvirk.people.queries.log import audit

        monkeypatch.setattr(audit, "ROWS_ON_A_PAGE", 2)
        citizen = make.citizen(worker=kari)
        for hours in range(3):
            look(make, kari, citizen, at=MORNING + timedelta(hours=hours))
        search = LogSearch(staff_id=kari.pk)

        first, second = search_log(auditor, search), search_log(auditor, search, 2)

        assert (len(first.rows), first.older, first.newer) == (2, 2, None)
        assert (len(second.rows), second.older, second.newer) == (1, None, 1)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_same_queries_however_many_rows(self, make, auditor, rows, django_assert_num_queries):
        for _ in range(rows):
            worker = make.staff()
            look(make, worker, make.citizen(worker=worker), basis="emergency:own")

        with django_assert_num_queries(9):
            found = search_log(auditor, LogSearch(emergency=True))

        assert len(found.rows) == rows


def test_looking_is_possible_for_those_with_the_permission_only(make):
    assert Permission.READ_LOG in make.viewer(make.staff(Role.AUDITOR)).permissions
