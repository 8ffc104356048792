"""Every page that shows a record leaves a row; and the pages on which the rows are read."""

from __future__ import annotations

import pytest
from addresses import ALL, OPEN_RECORDS, PLANTED
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from medvirk.people.access import PERMISSIONS, Permission, log_access
from medvirk.people.log import guard
from medvirk.people.models import AccessAction, AccessEvent, Role, UnusualOpening, User
from medvirk.people.queries.log import patterns

#: They only say whether something has arrived; a page that was logged asks them every few seconds.
POLLING = {"feedback:news", "feedback:arrived"}
#: Pages of the citizen's own that tell nothing but who has signed in.
NO_RECORD = {"people:own", "people:leave", "people:left"}


def rows_about(citizen) -> int:
    return AccessEvent.objects.about([citizen.pk]).count()


def own_browser(citizen) -> Client:
    user = User.objects.create(login="own", login_hash="own", person=citizen.person)
    browser = Client()
    browser.force_login(user, backend="medvirk.people.signin.SignInNameBackend")
    return browser


def silent(browser, world, addresses) -> list[str]:
    """Of the addresses that answer 200, those that leave no row about the citizen."""
    found = []
    for address in addresses:
        before = rows_about(world.citizen)
        if browser.get(world.path_of(address)).status_code == 200 and rows_about(world.citizen) == before:
            found.append(address.name)
    return found


def test_each_page_of_a_record_is_a_row(world, client_of):
    records = [each for each in ALL if each.name in OPEN_RECORDS - POLLING]

    assert len(records) > 20
    assert silent(client_of(world.owner), world, records) == []


def test_the_citizens_own_pages_are_rows_too(world):
    own = [each for each in ALL if getattr(each.view, "declares", None) == Permission.OWN_PAGES]

    assert set(silent(own_browser(world.citizen), world, own)) <= NO_RECORD


def test_no_page_shows_somebody_without_a_row(world, client_of):
    """Whatever kind of page it is, also a list or one that nobody has named as a record."""
    shown = set()
    for address in ALL:
        worker = world.make.staff("practitioner", world.owner.grants.get().unit)
        if getattr(address.view, "declares", None) not in PERMISSIONS[Role.PRACTITIONER]:
            continue
        world.citizen.relations.create(staff=worker, reason="Hjelp", valid_from=world.make.long_ago)
        response = client_of(worker).get(world.path_of(address))
        if PLANTED["family_name"] in b"".join(response).decode(errors="replace"):
            shown.add(address.name)
            assert AccessEvent.objects.about([world.citizen.pk]).by([worker.pk]).exists(), address.name

    assert {"people:citizen", "people:citizen_log", "feedback:conversation"} <= shown


def test_a_page_that_cannot_be_logged_is_not_shown(make, client_of):
    worker = make.staff()
    citizen = make.citizen(worker=worker)
    browser = client_of(worker)
    browser.raise_request_exception = False
    assert browser.get(reverse("people:citizen", args=[citizen.pk])).status_code == 200
    refuse(connection)

    response = browser.get(reverse("people:citizen", args=[citizen.pk]))

    assert response.status_code == 500
    assert citizen.person.family_name not in response.content.decode()


def refuse(connection) -> None:
    """The disk is full, or somebody has locked the table: no row can be added."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON people_accessevent FOR EACH ROW "
                "EXECUTE FUNCTION people_log_never()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER full_disk BEFORE INSERT ON people_accessevent "
                f"BEGIN SELECT RAISE(ABORT, '{guard.NEVER}'); END"
            )


class TestWhoHasLooked:
    def test_the_workers_page_says_it_in_words(self, make, client_of):
        worker = make.staff(details=make.details(given_name="Kari", family_name="Nordmann"))
        citizen = make.citizen(worker=worker)
        log_access(
            make.viewer(worker),
            [citizen.pk],
            "feedback.session",
            action=AccessAction.OPENED,
            basis="service:own",
        )

        with translation.override("en"):
            page = client_of(worker).get(
                reverse("people:citizen_log", args=[citizen.pk]), headers={"accept-language": "en"}
            )

        assert "Kari Nordmann (practitioner) looked at a conversation" in page.content.decode()

    def test_nonsense_as_page_number_is_the_first_page(self, make, client_of):
        worker = make.staff()
        path = reverse("people:citizen_log", args=[make.citizen(worker=worker).pk])

        for page in ("0", "-1", "x", "9" * 30, "²"):
            assert client_of(worker).get(path, {"page": page}).status_code == 200


class TestTheAuditorsPage:
    @pytest.fixture
    def auditor(self, make, client_of):
        return client_of(make.staff("auditor", make.unit(kind="municipality")))

    @pytest.fixture
    def citizen(self, make):
        worker = make.staff()
        citizen = make.citizen(worker=worker, details=make.details(national_id=make.national_id()))
        log_access(
            make.viewer(worker),
            [citizen.pk],
            "people.person",
            action=AccessAction.OPENED,
            basis="service:own",
        )
        return citizen

    def test_a_search_shows_who_looked(self, auditor, citizen):
        page = auditor.post(reverse("people:log_search"), {"national_id": citizen.person.national_id})

        assert citizen.person.name in page.content.decode()
        assert citizen.person.national_id not in page.request["PATH_INFO"] + page.request["QUERY_STRING"]

    def test_looking_at_the_empty_form_shows_nobody(self, auditor, citizen):
        page = auditor.get(reverse("people:log_search"))

        assert citizen.person.name not in page.content.decode()

    @pytest.mark.parametrize(
        "sent", [{"given_name": "Ola"}, {"since": "2026-05-04", "until": "2026-05-03"}, {"staff": "nobody"}]
    )
    def test_what_cannot_be_searched_for_is_said(self, auditor, citizen, sent):
        for address in ("people:log_search", "people:log_download"):
            page = auditor.post(reverse(address), sent)

            assert page.context["form"].errors
            assert citizen.person.name not in page.content.decode()

    def test_the_file_runs_nothing_when_it_is_opened(self, auditor, make):
        worker = make.staff()
        citizen = make.citizen(worker=worker, details=make.details(given_name="=1+1"))

        response = auditor.post(reverse("people:log_download"), {"action": "created"})

        content = response.content.decode("utf-8-sig")
        assert f"'{citizen.person.name}" in content
        assert response["Content-Disposition"] == 'attachment; filename="log.csv"'


class TestUnusualOpenings:
    def test_a_leader_writes_down_what_came_of_it(self, make, client_of):
        unit, now = make.unit(kind="municipality"), timezone.now()
        worker, leader = make.staff("practitioner", unit), make.staff("team_leader", unit)
        found = UnusualOpening.objects.create(
            day=now.date(), kind="at_night", staff=worker, records=6, first_at=now, last_at=now
        )
        browser = client_of(leader)
        listed = browser.get(reverse("people:patterns")).content.decode()
        path = reverse("people:pattern", args=[found.pk])

        faulty = browser.post(path, {"state": "explained", "words": ""})
        done = browser.post(path, {"state": "explained", "words": "Ekstravakt"}, follow=True)

        assert worker.person.name in listed
        assert faulty.context["form"].errors
        assert worker.person.name not in done.content.decode()
        assert "Ekstravakt" in browser.get(reverse("people:patterns"), {"show": "settled"}).content.decode()
        assert found.pk not in {row.found.pk for day in patterns(make.viewer(leader)) for row in day.rows}

    def test_twice_is_refused_with_a_sentence(self, make, client_of):
        unit, now = make.unit(kind="municipality"), timezone.now()
        worker, leader = make.staff("practitioner", unit), make.staff("team_leader", unit)
        found = UnusualOpening.objects.create(
            day=now.date(), kind="at_night", staff=worker, records=6, first_at=now, last_at=now
        )
        path, browser = reverse("people:pattern", args=[found.pk]), client_of(leader)
        browser.post(path, {"state": "explained", "words": "Ekstravakt"})

        page = browser.post(path, {"state": "followed_up", "words": "Samtale"})

        assert page.context["form"].non_field_errors()
