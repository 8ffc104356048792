"""What the team of the first department does together: supervision, the board, a crisis plan, own learning."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from medvirk.feedback.actions import board, supervision
from medvirk.feedback.actions.learning import check_oneself, check_team
from medvirk.feedback.logic.learning import OWN_CHECK, TEAM_CHECK
from medvirk.feedback.models import Asking, Episode, MeetingGuess, Moment, SupervisionCase
from medvirk.instruments.queries import effective
from medvirk.people.access import viewer_for
from medvirk.people.models import Staff, Unit

DAY = timedelta(days=1)


def work_together(*, now: datetime, worker: Staff, colleague: Staff, unit: Unit) -> None:
    """Three weeks of it, as `worker` would have written it."""
    by = viewer_for(worker.user, now)
    before = viewer_for(worker.user, now - 21 * DAY)
    assert by is not None
    assert before is not None
    mine = list(
        Episode.objects.filter(unit=unit, responsible=worker, ended_on__isnull=True).order_by(
            "started_on", "pk"
        )
    )
    then = now - 21 * DAY
    held = supervision.plan_supervision(by=before, unit=unit, day=timezone.localdate(then), now=then)
    supervision.ask_for(by=before, episode=mine[0], words="Vi kommer ikke videre. Hva overser jeg?", now=then)
    supervision.begin(by=before, meeting=held, present=[worker], now=then)
    case = SupervisionCase.objects.select_related("episode", "supervision").get(
        supervision=held, episode=mine[0]
    )
    supervision.note(
        by=before, case=case, text="Søvn går igjen. Har vi spurt hva som har hjulpet før?", now=then
    )
    supervision.decide(
        by=before, case=case, text="Spørre hva som har hjulpet før, og bygge på det", due_on=None, now=then
    )
    supervision.finish(by=before, meeting=held, now=then)
    coming = timezone.localdate(now) + 2 * DAY
    supervision.plan_supervision(by=by, unit=unit, day=coming, now=now)
    supervision.ask_for(by=by, episode=mine[1], words="Familien vil noe annet enn innbyggeren selv.", now=now)
    use_the_board(now=now, by=by, mine=mine, colleague=colleague)
    learn(now=now, worker=worker, unit=unit)


def use_the_board(*, now: datetime, by, mine: list[Episode], colleague: Staff) -> None:  # type: ignore[no-untyped-def]
    """Two whom the team stands close to, one it meets rarely, and what somebody does for them."""
    today = timezone.localdate(now)
    board.move(by=by, episode=mine[0], to=0, reason="Sover lite og har trukket seg unna", now=now - 6 * DAY)
    board.move(by=by, episode=mine[2], to=0, reason="Flytter denne uka", contacts=5, now=now - 2 * DAY)
    board.move(by=by, episode=mine[3], to=2, reason="Klarer seg godt, ringer selv", now=now - 30 * DAY)
    staff = Staff.objects.get(pk=by.staff_id)
    for episode, text, who, days in (
        (mine[0], "Ringe før helga", staff, 0),
        (mine[0], "Spørre fastlegen om medisinlista", staff, 3),
        (mine[2], "Følge til visning", colleague, 0),
    ):
        board.give_task(by=by, episode=episode, text=text, who=who, due_on=today + days * DAY, now=now)
    board.look(by=by, episode=mine[3], now=now)
    board.write_plan(
        by=by,
        citizen=mine[0].citizens.get(),
        signs="Svarer ikke på meldinger. Står opp stadig senere. Slutter å gå tur.",
        helps="At noen kommer innom uten å mase. Kaffe ute. Hjelper ikke: mange spørsmål på en gang.",
        calls="1. Søsteren min. 2. Teamet på dagtid. 3. Legevakta 116 117 på kveld og natt.",
        with_citizen=True,
        now=now - 6 * DAY,
    )


def learn(*, now: datetime, worker: Staff, unit: Unit) -> None:
    """A check by the team and one by the worker, and guesses that were a little too high."""
    for days, marks in ((120, (3, 1, 2, 3, 2, 1, 1, 1, 2, 2)), (20, (4, 2, 3, 3, 3, 2, 2, 1, 2, 3))):
        by = viewer_for(worker.user, now - days * DAY)
        assert by is not None
        answered = {f"q{number}": float(mark) for number, mark in enumerate(marks, start=1)}
        check_team(by=by, unit=unit, instrument=effective(TEAM_CHECK), marks=answered, day=by.today)
        check_oneself(by=by, instrument=effective(OWN_CHECK), marks=answered, day=by.today)
    asked = Asking.objects.filter(
        session__episode__responsible=worker,
        moment=Moment.AFTER,
        occasion__submission__answers__scores__value__isnull=False,
        session__starts_at__gte=now - 200 * DAY,
    )
    scored = asked.order_by("session__starts_at", "pk").values_list(
        "pk", "session__starts_at", "occasion__submission__answers__scores__value"
    )
    MeetingGuess.objects.bulk_create(
        MeetingGuess(
            asking_id=pk,
            staff=worker,
            score=min(50.0, max(0.0, round(score) + (number * 7) % 9 - 2)),
            guessed_at=at,
        )
        for number, (pk, at, score) in enumerate(list(scored)[:14])
    )
