"""What is asked when: pure rules on a plan and on how far a course has come.

The form of the curve (outcome), the form about the meeting and the question about safety are asked at every
conversation. Other questionnaires have a line each. Where the plan says *fewer questions when nothing moves*, and
nothing does (`nothing_moves`), the outcome form is asked at every second conversation and what recurs at every fourth
at most. What is asked about the meeting and about safety is never thinned out: both lose their worth by it.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

BEFORE, AFTER = "before", "after"
#: So many measured conversations without a signal, and all within what chance makes, are taken for "nothing moves".
STEADY = 6
#: While nothing moves, what recurs is asked at most at every so many-eth conversation.
SELDOM = 4
#: What is due once is asked again at so many conversations altogether if it is left unanswered, and then let be.
CHANCES = 3
#: How far a plan is shown ahead, and how far apart conversations are taken to be where none has been held.
AHEAD = 6
USUAL_GAP = timedelta(days=14)

Form = tuple[str, int]


class When(StrEnum):
    """The rule of a line."""

    EVERY = "every"
    EVERY_NTH = "every_nth"
    START = "start"
    AFTER_MONTHS = "after_months"
    END = "end"


NUMBERED = frozenset({When.EVERY_NTH, When.AFTER_MONTHS})


@dataclass(frozen=True)
class Line:
    """A questionnaire (key, version), and when it is asked. `number`: of conversations or months; else 0."""

    form: Form
    moment: str
    when: When
    number: int = 0


@dataclass(frozen=True)
class Plan:
    """What is asked in a course. `safety`: None where it is turned off. Without lines, as courses have always been."""

    outcome: Form
    meeting: Form
    safety: Form | None = None
    lines: tuple[Line, ...] = ()
    eases: bool = False


@dataclass(frozen=True)
class Held:
    """How far a course has come: the days of its conversations up to and with the one in question, in order.

    `answered`: by questionnaire key, the numbers (1 is the first) of the conversations at which it was answered before.
    """

    started_on: date
    days: tuple[date, ...]
    is_last: bool = False
    answered: Mapping[str, Collection[int]] = field(default_factory=dict)
    still: bool = False

    @property
    def number(self) -> int:
        """Number of the conversation in question; 1 is the first."""
        return len(self.days)


def nothing_moves(scores: Sequence[float], chance: float | None, *, signalled: bool) -> bool:
    """The stated criterion: the last six scores differ by less than a reliable change, and no signal since the first
    of them.

    scores: of the measured conversations in order, in points. chance: the smallest change that is hardly chance, in
    points; None where it is not known, and then nothing is taken for granted.
    """
    last = scores[-STEADY:]
    if len(last) < STEADY or chance is None or signalled:
        return False
    return max(last) - min(last) < chance


def due(plan: Plan, held: Held, moment: str) -> tuple[Form, ...]:
    """What is asked at the conversation in question, in the order in which it is shown, each key once."""
    wanted = []
    if moment == BEFORE:
        wanted += [plan.outcome] if asks_outcome(plan, held) else []
        wanted += [plan.safety] if plan.safety else []
    else:
        wanted += [plan.meeting]
    principal = {plan.outcome[0], plan.meeting[0]} | ({plan.safety[0]} if plan.safety else set())
    wanted += [
        line.form
        for line in plan.lines
        if line.moment == moment and line.form[0] not in principal and is_due(line, held, eases=plan.eases)
    ]
    return tuple(_once(wanted))


def _once(forms: Sequence[Form]) -> list[Form]:
    """The first of each key, in their order."""
    first: dict[str, Form] = {}
    for form in forms:
        first.setdefault(form[0], form)
    return list(first.values())


def asks_outcome(plan: Plan, held: Held) -> bool:
    """Every conversation; while nothing moves, not at one right after it was answered."""
    if not (plan.eases and held.still) or held.is_last:
        return True
    return held.number - 1 not in held.answered.get(plan.outcome[0], ())


def is_due(line: Line, held: Held, *, eases: bool) -> bool:
    """Whether a line asks at the conversation in question."""
    seldom = SELDOM if eases and held.still else 1
    match line.when:
        case When.EVERY:
            return _nth(held.number, seldom)
        case When.EVERY_NTH:
            return _nth(held.number, max(line.number, seldom))
        case When.START:
            return _once_from(line, held, 1)
        case When.AFTER_MONTHS:
            day = months_after(held.started_on, line.number)
            first = next((number for number, on in enumerate(held.days, start=1) if on >= day), None)
            return first is not None and _once_from(line, held, first)
        case When.END:
            return held.is_last


def _nth(number: int, n: int) -> bool:
    """The first conversation, and then every n-th: so that there is something to compare with."""
    return (number - 1) % n == 0


def _once_from(line: Line, held: Held, first: int) -> bool:
    """Due once from conversation `first` on, and again at the next ones if it was left unanswered."""
    answered = any(number >= first for number in held.answered.get(line.form[0], ()))
    return not answered and first <= held.number < first + CHANCES


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Ahead:
    """A coming conversation and what would be asked. `planned`: it stands in the calendar; else its day is a guess."""

    number: int
    day: date
    planned: bool
    before: tuple[Form, ...]
    after: tuple[Form, ...]


def ahead(plan: Plan, held: Held, planned: Sequence[date], today: date, count: int = AHEAD) -> list[Ahead]:
    """The next conversations if everything is answered and nothing changes.

    held: as the course stands, with the days of conversations that have been. planned: the days of those that stand
    in the calendar; after them they are guessed to come as often as before.
    """
    days = [*planned[:count]]
    gap = usual_gap([*held.days, *planned])
    last = max([today, *held.days[-1:], *days[-1:]])
    while len(days) < count:
        last += gap
        days.append(last)
    shown = []
    for at, day in enumerate(days):
        held = replace(held, days=(*held.days, day), is_last=False)
        before, after = due(plan, held, BEFORE), due(plan, held, AFTER)
        shown.append(Ahead(held.number, day, at < len(planned), before, after))
        answered = {key: {*held.answered.get(key, ()), held.number} for key, _ in (*before, *after)}
        held = replace(held, answered={**held.answered, **answered})
    return shown


def usual_gap(days: Sequence[date]) -> timedelta:
    """The middle distance between conversations, in whole days (at least one)."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return timedelta(days=max(1, round(median(gaps)))) if gaps else USUAL_GAP
