"""Several who take part, each answering alone; what they show each other; others who are asked; forms by age."""

from __future__ import annotations

import threading
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.utils import timezone, translation
from factories_feedback import DAY, marks

from medvirk.answers.models import Capacity, Occasion, Submission
from medvirk.feedback import actions, queries
from medvirk.feedback.actions import (
    Refused,
    add_member,
    ask_somebody,
    raising,
    remove_member,
    say_what_is_shown,
)
from medvirk.feedback.actions.pauses import pause
from medvirk.feedback.actions.proxies import withdraw_question
from medvirk.feedback.actions.raising import evaluate_due
from medvirk.feedback.models import (
    Agreement,
    Asking,
    Participation,
    PauseReason,
    ProxyAsking,
    Signal,
    SignalStep,
)
from medvirk.feedback.own_data import _changes
from medvirk.feedback.parting import part, plan
from medvirk.feedback.queries.board import board_of
from medvirk.feedback.queries.proxies import others_asked, people_to_ask, said_by_others
from medvirk.feedback.queries.together import said_by_member, shows
from medvirk.feedback.wording.signals import title_on_card
from medvirk.instruments.queries import effective
from medvirk.people.actions import register_guardian
from medvirk.people.models import Bar, GuardianKind, Person

NB = {"language": "nb"}


@pytest.fixture
def couple(care):
    """A conversation of two: (session, first, second)."""
    session = care.session()
    first = session.asks("before").about
    second = care.make.citizen(worker=care.worker)
    join(care, session.episode, second)
    return session, first, second


def join(care, episode, citizen, **more):
    more = {"kind": "couple", "since": care.viewer.today, "now": care.now} | more
    add_member(by=care.make.viewer(care.worker), episode=episode, citizen=citizen, **more)


def leave(care, episode, citizen, **more):
    more = {"until": care.viewer.today, "now": care.now} | more
    remove_member(by=care.make.viewer(care.worker), episode=episode, citizen=citizen, **more)


def followed(care, episode, citizen):
    fetched = queries.fetch(queries.episodes(care.make.viewer(care.worker)).filter(pk=episode.pk))
    courses = queries.follow(care.make.viewer(care.worker), fetched, now=care.now, **NB)
    return next(each for each in courses if each.citizen == citizen)


def test_each_of_a_couple_answers_alone_and_has_a_curve_of_their_own(care, couple):
    session, first, second = couple
    assert session.asks("before", first.pk) != session.asks("before", second.pk)

    care.send(care.way_in(session.asks("before", first.pk)), marks("life-now", 10))
    care.send(care.way_in(session.asks("before", second.pk)), marks("life-now", 40))

    scores = {each: followed(care, session.episode, each).latest.outcome for each in (first, second)}
    assert scores == {first: 10.0, second: 40.0}


def test_only_somebody_whose_record_is_open_joins_and_nobody_twice(care, couple):
    session, _first, second = couple
    with pytest.raises(PermissionDenied):
        join(care, session.episode, care.make.citizen())
    with pytest.raises(Refused, match="takes_part_already"):
        join(care, session.episode, second)
    third = care.make.citizen(worker=care.worker)
    with pytest.raises(Refused, match="not_for_one"):
        join(care, session.episode, third, kind="individual")
    assert Participation.objects.filter(episode=session.episode).count() == 2


def test_who_does_not_want_the_responsible_to_see_them_does_not_join(care):
    leader = care.make.staff("team_leader", care.unit)
    theirs, citizen = care.make.citizen(team=care.unit), care.make.citizen(team=care.unit)
    episode = care.episode(citizen=theirs)
    Bar.objects.create(citizen=citizen, staff=care.worker, kind="citizen")

    with pytest.raises(Refused, match="kept_out"):
        add_member(
            by=care.make.viewer(leader), episode=episode, citizen=citizen, kind="group",
            since=care.viewer.today, now=timezone.now(),
        )  # fmt: skip


def test_a_bar_by_one_closes_the_course_of_all_also_after_they_left(care, couple):
    session, _first, second = couple
    leave(care, session.episode, second)
    assert queries.session_of(care.make.viewer(care.worker), session.pk) == session

    Bar.objects.create(citizen=second, staff=care.worker, kind="citizen")

    assert queries.session_of(care.make.viewer(care.worker), session.pk) is None


def test_who_leaves_is_not_asked_later_and_what_they_said_stays(care, couple):
    session, first, second = couple
    care.send(care.way_in(session.asks("before", second.pk)), marks("life-now", 40))
    later = care.session(session.episode, at=care.now + 7 * DAY)
    leave(care, session.episode, second)

    assert later.asks("before", second.pk).closes_at is not None
    assert later.asks("before", first.pk).closes_at is None
    care.now += DAY
    course = followed(care, session.episode, second)
    assert (course.takes_part, course.latest.outcome) == (False, 40.0)
    after = care.session(session.episode, at=care.now + 14 * DAY)
    assert set(Asking.objects.filter(session=after).values_list("citizen", flat=True)) == {first.pk}
    with pytest.raises(Refused, match="last_one"):
        leave(care, session.episode, first)
    join(care, session.episode, second, since=care.viewer.today + 1 * DAY)
    changes = Participation.history.filter(citizen=second).order_by("history_date")
    assert [each.until for each in changes] == [None, care.viewer.today, None]


def test_who_left_raises_no_more_signals_but_a_risk_stays_open(care, couple):
    session, _first, second = couple
    care.send(
        care.way_in(session.asks("before", second.pk)),
        marks("life-now", 10) | {"safety.q1": "3"},
        asked=("life-now", "safety"),
    )
    Signal.objects.create(
        episode=session.episode, citizen=second, session=session, kind="sudden_fall", raised_at=care.now,
        owner=care.worker, due_at=care.now, tell_at=care.now,
    )  # fmt: skip

    leave(care, session.episode, second)
    evaluate_due(care.now + DAY)

    left_open = Signal.objects.filter(citizen=second, settled_at=None)
    assert [each.kind for each in left_open] == ["risk"]


def test_the_caseload_has_the_course_once_by_the_most_urgent(care, couple):
    session, first, second = couple
    care.send(
        care.way_in(session.asks("before", second.pk)),
        marks("life-now", 10) | {"safety.q1": "3"},
        asked=("life-now", "safety"),
    )

    rows = queries.caseload(care.make.viewer(care.worker), now=care.now, **NB)

    assert [(each.citizen, each.beside) for each in rows] == [(second, (first,))]


def say(care, session, citizen, part, *, yes, by=None):
    say_what_is_shown(
        by=by or care.make.viewer(care.worker), episode=session.episode, citizen=citizen, part=part, yes=yes,
        now=care.now,
    )  # fmt: skip


def test_nothing_is_shown_without_a_yes_and_the_latest_word_counts(care, couple):
    session, first, second = couple
    both = {first.pk, second.pk}

    def shown() -> set:
        return shows(said_by_member(care.make.viewer(care.worker), session.episode), "curve", both)

    assert shown() == set()
    say(care, session, first, "curve", yes=True)
    assert shown() == {first.pk}
    account = care.make.own_account(first.person)
    say(care, session, first, "curve", yes=False, by=care.make.viewer(account))
    assert shown() == set()
    said = said_by_member(care.make.viewer(care.worker), session.episode)[first.pk, "curve"]
    assert (said.yes, said.said_by) == (False, None)


def test_nobody_says_yes_for_another(care, couple):
    session, first, second = couple
    account = care.make.own_account(first.person)
    with pytest.raises(PermissionDenied):
        say(care, session, second, "curve", yes=True, by=care.make.viewer(account))


def ask_kin(care, session, citizen, whom=("Siv", "Nær"), basis="citizen"):
    return ask_somebody(
        by=care.make.viewer(care.worker),
        session=session,
        citizen=citizen,
        whom=whom,
        basis=basis,
        now=care.now,
    )


def answer_kin(care, occasion, safety="0", **more):
    return care.send(
        care.way_in(occasion),
        marks("life-now", 45) | {"safety.q1": safety},
        asked=("life-now", "safety"),
        own_words="Hun sover ikke",
        **more,
    )


def test_what_a_proxy_says_stands_by_itself(care):
    session = care.session()
    citizen = session.asks("before").about
    occasion = ask_kin(care, session, citizen)
    answer_kin(care, occasion)

    assert (occasion.capacity, occasion.respondent.name) == ("kin", "Siv Nær")
    course = followed(care, session.episode, citizen)
    assert course.course.measured == ()
    [said] = said_by_others(care.make.viewer(care.worker), session.episode, citizen)
    assert (said.who, said.level, said.given.own_words) == ("Siv Nær", 45.0, "Hun sover ikke")
    assert ProxyAsking.objects.get().basis == "citizen"
    evaluate_due(care.now + DAY)
    assert not Signal.objects.exclude(kind="missing_measure").exists()


def test_the_citizen_reads_that_somebody_was_asked_and_what_was_said_only_if_they_let_them(care):
    session = care.session()
    citizen = session.asks("before").about
    account = care.make.own_account(citizen.person)
    for number, may_read in enumerate((False, True)):
        occasion = ask_kin(care, session, citizen, (f"Siv{number}", "Nær"))
        answer_kin(care, occasion)
        Submission.objects.filter(occasion=occasion).update(citizen_may_read=may_read)

    told = others_asked(care.make.viewer(account), session.episode, citizen)

    assert [(each.answered, each.own_words, each.level) for each in told] == [
        (True, "", None),
        (True, "Hun sover ikke", 45.0),
    ]


def test_a_risk_seen_by_somebody_close_opens_a_signal_that_says_so(care):
    session = care.session()
    citizen = session.asks("before").about
    answer_kin(care, ask_kin(care, session, citizen), safety="2")

    signal = Signal.objects.get()
    assert (signal.kind, signal.citizen) == ("risk", citizen)
    assert SignalStep.objects.get().said_by == Capacity.KIN
    point = followed(care, session.episode, citizen).course.points
    assert all(each.at_risk is None for each in point)


def test_a_proxy_needs_a_yes_that_counts(care):
    child = care.make.citizen(
        worker=care.worker, details=care.make.details(birth_date=care.viewer.today - 14 * 366 * DAY)
    )
    session = care.session(care.episode(citizen=child))
    with pytest.raises(Refused, match="no_right"):
        ask_kin(care, session, child, basis="parent")
    told, untold = (
        register_guardian(
            by=None, citizen=child, details=care.make.details(national_id=care.make.national_id()),
            kind=GuardianKind.PARENT, withheld=withheld, valid_from=care.viewer.today - 14 * 365 * DAY,
        ).guardian
        for withheld in (False, True)
    )  # fmt: skip
    assert people_to_ask(care.make.viewer(care.worker), child) == ([told], True)

    assert ask_kin(care, session, child, told, "parent").respondent == told
    with pytest.raises(Refused, match="not_to_be_told"):
        ask_kin(care, session, child, untold, "parent")


def test_only_who_follows_the_citizen_asks_others(care):
    session = care.session()
    citizen = session.asks("before").about
    with pytest.raises(PermissionDenied):
        ask_somebody(
            by=care.make.viewer(care.make.staff("practitioner")), session=session, citizen=citizen,
            whom=("Siv", "Nær"), basis="citizen", now=care.now,
        )  # fmt: skip
    assert not Person.objects.filter(occasions__capacity="kin").exists()


def test_the_worker_is_asked_once_and_the_same_question_is_used_again(care):
    session = care.session()
    citizen = session.asks("before").about

    one, two = (ask_kin(care, session, citizen, None, "worker") for _ in range(2))

    assert one == two
    assert one.capacity == "worker"
    answer_kin(care, one)
    with pytest.raises(Refused, match="answered_already"):
        ask_kin(care, session, citizen, None, "worker")


def test_who_was_only_asked_about_an_erased_citizen_goes_with_them(care):
    from medvirk.answers.parting import part

    session = care.session()
    citizen = session.asks("before").about
    kin = ask_kin(care, session, citizen).respondent

    part(citizen, care.now)

    assert not Person.objects.filter(pk=kin.pk).exists()
    assert not Person.history.filter(id=kin.pk).exists()


@pytest.fixture
def forms_by_age(db):
    """Wording of our own for the child's and the adult's form, so that they can be asked here."""
    from medvirk.instruments.loader import get
    from medvirk.instruments.models import LocalWording

    for key in ("ors", "cors", "srs", "csrs"):
        ends = {"low": "lite", "high": "mye", "options": []}
        items = {item.key: {"text": f"Spørsmål {item.key}", **ends} for item in get(key).items}
        LocalWording.objects.create(
            instrument_key=key, version=1, language="nb", translator="test", licence="test", source="test",
            content={"title": key.upper(), "intro": "", "items": items},
        )  # fmt: skip


def totals(key: str, total: float) -> dict[str, str]:
    return {f"{key}.q{number}": f"{total / 4:g}" for number in range(1, 5)}


def test_the_form_follows_the_age_and_the_change_is_a_mark_without_a_comparison(care, forms_by_age):
    thirteen = timezone.localdate(care.now) - timedelta(days=10)
    born = thirteen.replace(year=thirteen.year - 13)
    child = care.make.citizen(worker=care.worker, details=care.make.details(birth_date=born))
    episode = actions.start_episode(
        by=care.make.viewer(care.worker), citizen=child, unit=care.unit, responsible=care.worker,
        started_on=care.make.long_ago, outcome=("ors", 1), meeting=("srs", 1), asks_safety=False,
    )  # fmt: skip
    for back, key, total in ((24, "cors", 36.0), (17, "cors", 38.0), (3, "ors", 12.0)):
        at = care.now - back * DAY
        session = care.session(episode, at=at)
        occasion = session.asks("before")
        assert [ask.instrument_key for ask in occasion.asks.all()] == [key]
        care.send(care.way_in(occasion), totals(key, total), asked=(key,), now=at)

    seen = followed(care, episode, child)

    assert seen.course.measure.instrument == "ors"
    assert [point.outcome for point in seen.course.points] == [None, None, 12.0]
    assert [point.other_form for point in seen.course.points] == [("CORS", 36.0), ("CORS", 38.0), None]
    assert "ORS" in seen.course.points[2].changes[0]
    assert seen.found == ()


def test_without_a_birth_date_the_adult_form_is_offered_with_a_hint(care, forms_by_age):
    from medvirk.feedback.forms import EpisodeForm

    child = care.make.details(birth_date=care.viewer.today - 8 * 366 * DAY)
    offered = {}
    for details in (care.make.details(), child):
        citizen = care.make.citizen(worker=care.worker, details=details)
        form = EpisodeForm(viewer=care.make.viewer(care.worker), citizen=citizen)
        keys = {key for key, _ in form.fields["outcome"].choices + form.fields["meeting"].choices}
        offered[details.birth_date is None] = (keys & {"ors@1", "cors@1", "srs@1", "csrs@1"}, form)
    assert offered[True][0] == {"ors@1", "srs@1"}
    assert offered[False][0] == {"cors@1", "csrs@1"}
    assert offered[True][1].fields["outcome"].help_text != offered[False][1].fields["outcome"].help_text


def test_a_proxy_never_answers_as_the_citizen(care):
    session = care.session()
    occasion = ask_kin(care, session, session.asks("before").about)
    assert Occasion.objects.filter(pk=occasion.pk, capacity="self").count() == 0
    assert session.asks("before") != occasion


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["kin", "self"])
def test_two_answers_about_safety_at_the_same_moment_are_both_kept(care, monkeypatch, other):
    """At once on PostgreSQL. A SQLite in memory cannot wait for a lock, so there they write in turn."""
    session = care.session()
    citizen = session.asks("before").about
    asked = [ask_kin(care, session, citizen, ("Siv", "Nær"))]
    asked.append(
        ask_kin(care, session, citizen, ("Odd", "Nær")) if other == "kin" else session.asks("before")
    )
    ways_in = [care.way_in(each) for each in asked]
    turn = threading.Lock() if connection.vendor == "sqlite" else nullcontext()
    looked, ready, faults = threading.Barrier(2), threading.Barrier(2), []
    owner_of = raising.owner_of

    def both_have_looked(*args, **kwargs):
        """Whoever finds that nothing is open yet waits until the other has found so too, as long as they can."""
        with suppress(threading.BrokenBarrierError):
            looked.wait(timeout=0 if connection.vendor == "sqlite" else 1)
        return owner_of(*args, **kwargs)

    monkeypatch.setattr(raising, "owner_of", both_have_looked)

    def send(found):
        try:
            ready.wait(timeout=10)
            with turn:
                sent = marks("life-now", 20) | {"safety.q1": "2"}
                care.send(found, sent, asked=("life-now", "safety"))
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=[each]) for each in ways_in]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=30)

    assert faults == []
    assert Submission.objects.count() == 2
    signal = Signal.objects.get(kind="risk")
    assert [step.kind for step in signal.steps.all()] == ["raised", "again"]
    assert {step.said_by for step in signal.steps.all()} == {"kin", "" if other == "self" else "kin"}


@pytest.mark.parametrize("whom", [("Siv", "Nær"), None])
@pytest.mark.parametrize("closed_by", ["withdrawn", "paused"])
def test_who_was_asked_before_and_is_not_any_more_can_be_asked_again(care, whom, closed_by):
    session = care.session(at=care.now + DAY)
    citizen = session.asks("before").about
    basis = "citizen" if whom else "worker"
    asked = ask_kin(care, session, citizen, whom, basis)
    by = care.make.viewer(care.worker)
    if closed_by == "withdrawn":
        withdraw_question(by=by, occasion=asked, now=care.now)
    else:
        pause(
            by=by, episodes=[session.episode], citizen=citizen, until=care.viewer.today + 9 * DAY,
            reason=PauseReason.CRISIS, now=care.now,
        )  # fmt: skip
    asked.refresh_from_db()
    assert asked.closes_at is not None
    whom = asked.respondent if whom else None

    again = ask_kin(care, session, citizen, whom, basis)

    assert (again, again.closes_at) == (asked, None)
    answer_kin(care, again)


def test_the_page_with_the_code_reloaded_asks_nobody_anew(care):
    session = care.session()
    citizen = session.asks("before").about

    first, again = (ask_kin(care, session, citizen, name) for name in (("Siv", "Nær"), (" siv ", "Nær")))

    assert first == again
    assert ask_kin(care, session, citizen, ("Odd", "Nær")) != first
    assert Person.objects.filter(occasions__capacity="kin").count() == 2
    answer_kin(care, first)
    # Another of the same name, after the first has answered, may be somebody else.
    assert ask_kin(care, session, citizen).respondent != first.respondent


def test_a_parent_who_is_not_to_be_told_is_not_asked_by_having_the_same_name(care):
    child = care.make.citizen(
        worker=care.worker, details=care.make.details(birth_date=care.viewer.today - 14 * 366 * DAY)
    )
    session = care.session(care.episode(citizen=child))
    named = care.make.details(given_name="Siv", family_name="Nær", national_id=care.make.national_id())
    held = register_guardian(
        by=None, citizen=child, details=named, kind=GuardianKind.PARENT, withheld=False,
        valid_from=care.viewer.today - 14 * 365 * DAY,
    )  # fmt: skip
    asked = ask_kin(care, session, child, held.guardian)
    type(held).objects.filter(pk=held.pk).update(withheld=True)

    again = ask_kin(care, session, child)

    assert again != asked
    assert again.respondent != held.guardian


def test_what_was_agreed_about_ones_own_signal_goes_with_oneself_and_is_ones_own(care, couple):
    session, first, second = couple
    for citizen in (first, second):
        signal = Signal.objects.create(
            episode=session.episode, citizen=citizen, session=session, kind="sudden_fall", raised_at=care.now,
            owner=care.worker, due_at=care.now, tell_at=care.now,
        )  # fmt: skip
        Agreement.objects.create(
            episode=session.episode, signal=signal, text=f"om {citizen.pk}", noted_by=care.worker
        )
    Agreement.objects.create(episode=session.episode, text="om begge", noted_by=care.worker)
    mine = care.make.viewer(care.make.own_account(second.person))

    assert [each["text"] for each in _changes(mine, second)] == [f"om {second.pk}"]
    with translation.override("en"):
        counted = {str(line.label): line.count for line in plan(second)}
    assert counted["what was agreed and changed"] == 1
    part(second, care.now)

    assert {each.text for each in Agreement.everything.all()} == {f"om {first.pk}", "om begge"}


def test_the_board_says_who_says_that_life_is_hard_to_bear(care):
    session = care.session()
    citizen = session.asks("before").about

    @translation.override("en")
    def on_the_board() -> tuple[set[str], list[str]]:
        [card] = board_of(care.make.viewer(care.worker), care.unit, now=care.now).cards
        return set(card.risk_said_by), [title_on_card(kind, card.risk_said_by) for kind in card.signals]

    answer_kin(care, ask_kin(care, session, citizen), safety="2")
    assert on_the_board() == ({"kin"}, ["Somebody close says that life is hard to bear for them"])
    answer_kin(care, ask_kin(care, session, citizen, None, "worker"), safety="2")
    assert on_the_board() == ({"kin", "worker"}, ["Somebody else says that life is hard to bear for them"])
    care.send(
        care.way_in(session.asks("before")),
        marks("life-now", 20) | {"safety.q1": "2"},
        asked=("life-now", "safety"),
    )
    assert on_the_board() == (set(), ["Says that life is hard to bear"])


def test_a_question_about_safety_without_words_about_another_is_not_put_to_another(care, monkeypatch):
    session = care.session()
    citizen = session.asks("before").about
    assert set(session.asks("before").asks.values_list("instrument_key", flat=True)) == {"life-now", "safety"}
    # As where a municipality asks by a form of its own.
    monkeypatch.setattr(
        "medvirk.feedback.actions.proxies.effective",
        lambda *which: replace(effective(*which), proxy_wordings={}),
    )

    asked = ask_somebody(
        by=care.viewer, session=session, citizen=citizen, whom=None, basis="worker", now=care.now
    )

    assert list(asked.asks.values_list("instrument_key", flat=True)) == ["life-now"]
