"""What citizens ask for: who may ask, who may answer, and what is told when it takes too long."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from medvirk.people import hooks
from medvirk.people.actions.requests import (
    answer_request,
    close_request,
    mark_seen,
    send_request,
    tell_overdue,
)
from medvirk.people.logic import RefusedError
from medvirk.people.logic.requests import RequestState
from medvirk.people.models import AccessEvent, CitizenRequest, Guardianship, Outcome, RequestKind
from medvirk.people.queries.requests import (
    kept_words,
    overdue_in_units,
    own_requests,
    requests_to_answer,
    stage_of,
)

NOON = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("Europe/Oslo"))


@pytest.fixture
def worker(make):
    return make.staff("practitioner")


@pytest.fixture
def citizen(make, worker):
    return make.citizen(worker=worker)


@pytest.fixture
def own(make, citizen):
    """The viewer of the citizen's own account."""
    return make.viewer(make.own_account(citizen.person))


def ask(own, citizen, **more):
    return send_request(
        by=own, citizen=citizen, **{"kind": RequestKind.CORRECT, "text": "Jeg er ikke gift.", **more}
    )


def test_a_request_is_sent_read_answered_and_closed(make, worker, citizen, own):
    with time_machine.travel(NOON, tick=False):
        viewer = make.viewer(citizen.person.own_user)
        asked = ask(viewer, citizen, about="course")
    assert (asked.due_on, stage_of(asked)) == (date(2026, 4, 4), RequestState.SENT)

    asked = mark_seen(by=make.viewer(worker), request=asked)
    assert stage_of(asked) is RequestState.SEEN
    asked = answer_request(
        by=make.viewer(worker), request=asked, outcome=Outcome.DONE, answer="  Det er rettet. "
    )
    assert (stage_of(asked), asked.answer, asked.answered_by) == (RequestState.DONE, "Det er rettet.", worker)
    assert stage_of(close_request(by=own, request=asked)) is RequestState.CLOSED
    assert [each.what for each in AccessEvent.objects.order_by("pk")][-4:] == ["people.request"] * 4


def test_answering_says_that_it_was_read(make, worker, citizen, own):
    asked = answer_request(
        by=make.viewer(worker), request=ask(own, citizen), outcome=Outcome.REFUSED, answer="Legen skrev det."
    )

    assert asked.seen_at == asked.answered_at


def test_it_is_answered_once_and_not_after_it_was_taken_back(make, worker, citizen, own):
    viewer = make.viewer(worker)
    answered = answer_request(by=viewer, request=ask(own, citizen), outcome=Outcome.DONE, answer="Ja.")
    taken_back = close_request(by=own, request=ask(own, citizen))

    for each in (answered, taken_back):
        with pytest.raises(RefusedError):
            answer_request(by=viewer, request=each, outcome=Outcome.REFUSED, answer="Nei.")
        with pytest.raises(RefusedError):
            mark_seen(by=viewer, request=each)
    answered.refresh_from_db()
    assert answered.answer == "Ja."


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 4001])
def test_something_must_be_said_and_not_too_much(make, worker, citizen, own, text):
    with pytest.raises(RefusedError):
        ask(own, citizen, text=text)
    asked = ask(own, citizen)
    with pytest.raises(RefusedError):
        answer_request(by=make.viewer(worker), request=asked, outcome=Outcome.DONE, answer=text)
    assert CitizenRequest.objects.get().answered_at is None


def test_nobody_else_may_ask_answer_or_close(make, citizen, own):
    stranger = make.viewer(make.own_account(make.citizen().person))
    colleague = make.viewer(make.staff("practitioner"))
    asked = ask(own, citizen)

    for act in (
        lambda: ask(stranger, citizen),
        lambda: close_request(by=stranger, request=asked),
        lambda: mark_seen(by=colleague, request=asked),
        lambda: answer_request(by=colleague, request=asked, outcome=Outcome.DONE, answer="Ja."),
        lambda: answer_request(by=own, request=asked, outcome=Outcome.DONE, answer="Ja."),
        lambda: ask(colleague, citizen),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not own_requests(stranger, citizen).exists()
    assert not requests_to_answer(colleague).exists()


def test_a_parent_sees_what_they_asked_themselves_and_not_what_the_child_asked(make, worker):
    child = make.citizen(
        worker=worker, details=make.details(birth_date=timezone.localdate() - timedelta(days=13 * 366))
    )
    parent = make.citizen().person
    Guardianship.objects.create(citizen=child, guardian=parent, kind="parent", valid_from=make.long_ago)
    own = make.viewer(make.own_account(child.person))
    theirs = make.viewer(make.own_account(parent))
    by_child, by_parent = ask(own, child, text="Mitt"), ask(theirs, child, text="Vårt")

    assert set(own_requests(own, child)) == {by_child, by_parent}
    assert set(own_requests(theirs, child)) == {by_parent}
    with pytest.raises(PermissionDenied):
        close_request(by=theirs, request=by_child)


def test_refused_words_stay_with_the_record(make, worker, citizen, own):
    viewer = make.viewer(worker)
    refused, done, waiting = (ask(own, citizen, text=text) for text in ("a", "b", "c"))
    answer_request(by=viewer, request=refused, outcome=Outcome.REFUSED, answer="Nei.")
    answer_request(by=viewer, request=done, outcome=Outcome.DONE, answer="Ja.")
    close_request(by=own, request=CitizenRequest.objects.get(pk=refused.pk))

    assert set(kept_words(viewer, citizen)) == {refused, waiting}
    assert list(requests_to_answer(viewer)) == [waiting]


def test_the_database_holds_an_answer_together(citizen, own):
    asked = ask(own, citizen)

    with pytest.raises(IntegrityError), transaction.atomic():
        CitizenRequest.objects.filter(pk=asked.pk).update(outcome="done")


def test_leaders_are_told_once_when_a_month_is_over(make, monkeypatch):
    unit, elsewhere = make.unit(), make.unit()
    worker, leader = make.staff("practitioner", unit), make.staff("team_leader", unit)
    make.staff("team_leader", elsewhere)
    citizen = make.citizen(worker=worker)
    given = []
    monkeypatch.setattr(hooks, "_takers", [lambda kind, notice: given.append((kind.code, notice))])
    with time_machine.travel(NOON, tick=False):
        asked = ask(make.viewer(make.own_account(citizen.person)), citizen)

    tell_overdue(NOON + timedelta(days=31))  # 4 April: the last day
    assert given == []
    tell_overdue(NOON + timedelta(days=32))
    tell_overdue(NOON + timedelta(days=33))

    [(code, notice)] = given
    assert (code, list(notice.person_ids)) == ("people.overdue_request", [leader.person_id])
    assert citizen.person.family_name not in repr(notice)
    asked.refresh_from_db()
    assert asked.overdue_told_at == NOON + timedelta(days=32)


def test_a_leader_sees_where_an_answer_is_overdue_and_not_whose(make):
    unit = make.unit()
    worker, leader = make.staff("practitioner", unit), make.staff("team_leader", unit)
    citizen = make.citizen(worker=worker)
    with time_machine.travel(NOON - timedelta(days=32), tick=False):
        ask(make.viewer(make.own_account(citizen.person)), citizen)

    with time_machine.travel(NOON, tick=False):
        [row] = overdue_in_units(make.viewer(leader))
        assert (row.who, row.count) == (worker.person.name, 1)
        assert overdue_in_units(make.viewer(worker)) == []
        assert overdue_in_units(make.viewer(make.staff("team_leader"))) == []
    assert not requests_to_answer(make.viewer(leader)).exists()
