"""An answer about safety: it stands at once with an owner and an hour, is told, is seen, and is told again if not."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from factories_feedback import marks

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions.following import see, snooze
from medvirk.feedback.actions.raising import evaluate_due, hand_on, tell_of_overdue
from medvirk.feedback.actions.risk import NewLine, set_procedure
from medvirk.feedback.logic.risk import NORWAY
from medvirk.feedback.models import RiskLine, Signal, StepKind
from medvirk.feedback.queries import signals
from medvirk.feedback.queries.risk import procedure_of, units_to_set
from medvirk.messages.models import Notice
from medvirk.people.models import AccessEvent, Relation

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def say_it(care, *, level: str = "2", at: datetime | None = None) -> Signal:
    """Somebody answers that life is hard to bear; the signal that stands then."""
    session = care.session()
    sent = marks("life-now", 20) | {"safety.q1": level}
    care.send(care.way_in(session.asks("before")), sent, asked=("life-now", "safety"), now=at or care.now)
    return Signal.objects.get(session=session, kind="risk")


def all_day(minutes: int, who: str = "the duty phone") -> NewLine:
    return NewLine("every", time(0), time(0), who, "", minutes)


def test_it_stands_with_an_owner_before_anything_else_has_run(care):
    signal = say_it(care)

    assert signal.owner == care.worker
    assert signal.due_at == care.now + HOUR
    assert [step.kind for step in signal.steps.all()] == [StepKind.RAISED]
    notice = Notice.objects.get(kind="feedback.risk")
    assert notice.recipient == care.worker.person
    assert not any(name in notice.facts for name in care.citizen_names(signal.session))


def test_an_answer_of_no_raises_nothing(care):
    session = care.session()
    care.send(
        care.way_in(session.asks("before")),
        marks("life-now", 20) | {"safety.q1": "0"},
        asked=("life-now", "safety"),
    )
    assert not Signal.objects.exists()


def test_working_out_the_course_later_raises_it_no_second_time(care):
    signal = say_it(care)
    evaluate_due(care.now + timedelta(seconds=10))
    assert list(Signal.objects.filter(kind="risk")) == [signal]


def test_what_the_municipality_has_decided_for_the_hour_counts(care, make):
    leader = make.viewer(make.staff("team_leader", care.unit))
    set_procedure(by=leader, unit=care.unit, lines=[all_day(15)])

    assert say_it(care).due_at == care.now + timedelta(minutes=15)


def test_a_unit_without_lines_follows_the_nearest_above(make, care):
    above = make.unit("Helse", kind="service")
    under = make.unit("Team Sør", parent=above)
    admin = make.viewer(make.staff("administrator", above))
    set_procedure(by=admin, unit=above, lines=[all_day(20)])

    assert procedure_of(under.pk, day=admin.today).units == (above.pk,)
    set_procedure(by=admin, unit=under, lines=[all_day(5)])
    assert procedure_of(under.pk, day=admin.today).units == (under.pk,)
    set_procedure(by=admin, unit=under, lines=[])
    assert procedure_of(under.pk, day=admin.today).units == (above.pk,)
    assert procedure_of(care.unit.pk, day=admin.today).lines == ()


def test_only_who_leads_a_unit_sets_it_and_it_is_logged(care, make):
    leader = make.viewer(make.staff("team_leader", care.unit))
    elsewhere = make.viewer(make.staff("team_leader", make.unit("Team Vest")))

    assert [unit.pk for unit in units_to_set(leader)] == [care.unit.pk]
    for stranger in (elsewhere, care.viewer):
        with pytest.raises(PermissionDenied):
            set_procedure(by=stranger, unit=care.unit, lines=[])
    set_procedure(by=leader, unit=care.unit, lines=[all_day(15)])
    assert RiskLine.objects.count() == 1
    assert AccessEvent.objects.filter(what="feedback.risk").count() == 1


def test_that_somebody_has_seen_it_is_a_row_and_gives_a_day(care):
    signal = say_it(care)
    seen_at = care.now + timedelta(minutes=10)

    step = see(by=care.viewer, signal=signal, now=seen_at)

    signal.refresh_from_db()
    assert (step.by, step.at) == (care.worker, seen_at)
    assert signal.due_at == seen_at + timedelta(days=1)
    see(by=care.viewer, signal=signal, now=seen_at + HOUR)
    signal.refresh_from_db()
    assert signal.due_at == seen_at + timedelta(days=1), "looking again gives no new day"


def test_it_is_never_put_off(care):
    signal = say_it(care)
    with pytest.raises(Refused, match="not_now"):
        snooze(by=care.viewer, signal=signal, until=care.now + HOUR, reason="Senere", now=care.now)


def test_unseen_it_is_told_to_the_leader_again_and_again(care, make):
    leader = make.staff("team_leader", care.unit)
    say_it(care)

    assert tell_of_overdue(care.now + timedelta(minutes=59)) == 0
    assert tell_of_overdue(care.now + HOUR) == 1
    assert tell_of_overdue(care.now + HOUR) == 0, "told once"
    assert tell_of_overdue(care.now + 5 * HOUR) == 1, "and again while nobody has seen it"
    told = Notice.objects.filter(kind="feedback.risk_overdue")
    assert [notice.recipient for notice in told] == [leader.person, leader.person]


def test_the_hour_is_that_of_the_wall_in_norway(care, make):
    leader = make.viewer(make.staff("team_leader", care.unit))
    day = NewLine("every", time(8), time(16), "team leader", "", 10)
    night = NewLine("every", time(16), time(8), "the emergency unit", "", 45)
    set_procedure(by=leader, unit=care.unit, lines=[day, night])

    at = datetime(2026, 7, 6, 23, 0, tzinfo=NORWAY)
    assert say_it(care, at=at).due_at == at + timedelta(minutes=45)


def test_handing_on_looks_up_who_can_once_however_many_lie(care, make):
    leader = make.staff("team_leader", care.unit)

    def reads() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            handed = hand_on(care.now)
        assert (
            handed == Signal.objects.filter(owner=leader, steps__kind="assigned", steps__at=care.now).count()
        )
        tables = ("people_grant", "people_relation", "people_bar", "people_unit", "people_staff")
        return [each["sql"] for each in asked if any(f'FROM "{name}' in each["sql"] for name in tables)]

    def lie(number: int) -> None:
        for signal in [say_it(care) for _ in range(number)]:
            Relation.objects.filter(citizen=signal.citizen).delete()
            Relation.objects.create(citizen=signal.citizen, staff=leader, valid_from=make.long_ago)

    lie(1)
    one = reads()
    assert Signal.objects.get().owner == leader
    care.now += timedelta(minutes=1)
    lie(3)
    three = reads()
    assert set(Signal.objects.values_list("owner", flat=True)) == {leader.pk}
    assert len(three) == len(one) > 0


def test_where_nobody_leads_those_who_can_name_a_leader_are_told(care, make):
    administrator = make.staff("administrator", care.unit)
    signal = say_it(care)
    Relation.objects.filter(citizen=signal.citizen).delete()

    later = signal.due_at + timedelta(minutes=1)
    assert tell_of_overdue(later) == 1
    assert tell_of_overdue(later) == 0

    notice = Notice.objects.get(kind="feedback.risk_unread")
    assert notice.recipient == administrator.person
    assert not any(name in notice.facts for name in care.citizen_names(signal.session))
    # It is not told as if a leader had heard of it.
    assert not signal.steps.filter(kind=StepKind.OVERDUE).exists()
    make.staff("team_leader", care.unit)
    assert tell_of_overdue(later + timedelta(hours=4)) == 1
    assert Notice.objects.filter(kind="feedback.risk_overdue").count() == 1


def test_of_what_is_over_the_list_holds_the_newest(care, monkeypatch):
    monkeypatch.setattr(signals, "MOST_SETTLED", 1)
    over = [say_it(care, at=care.now + number * HOUR) for number in range(2)]
    waiting = say_it(care)
    Signal.objects.filter(pk__in=[each.pk for each in over]).update(settled_at=care.now + 2 * HOUR)

    mine, others = signals.lying(care.viewer, now=care.now + 3 * HOUR, only_overdue=False, settled=True)

    assert {each.signal for each in mine} == {over[1], waiting}
    assert others == []
