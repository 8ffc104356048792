"""Every rule judged on the same courses. Pure; the science is in `stats.signals`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.options import Measure
from medvirk.interop.scores.reading import Scores
from medvirk.interop.scores.reliable import settled_change
from medvirk.interop.signals.asked import Asked
from medvirk.stats.change import ROUNDING, Direction, ReliableChange
from medvirk.stats.faults import CannotEstimateError, FaultsError, Floats
from medvirk.stats.signals import (
    PROCESSES,
    RULES,
    BestPossible,
    Difference,
    Evaluation,
    Outcome,
    RawChange,
    Rule,
    Share,
    SuddenFall,
    difference,
    evaluate,
)
from medvirk.stats.signals.evaluation import FEWEST_COURSES
from medvirk.tables import Fault, FaultList, TableFaults, gettext_noop

#: Sensitivity is tabled for these shares of courses flagged.
BURDENS = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50)

TOO_FEW_COURSES = gettext_noop(
    "It takes %(needed)s courses with three scores or more to tell how often a signal is right; the file has "
    "%(found)s, of %(people)s people. Add courses, or wait until there are more."
)
CONSTANT = gettext_noop(
    "All scores are equal, so no rule can tell one course from another. Check the column."
)
TOO_LATE = gettext_noop(
    "--by: no course goes on after that measurement. The longest has %(longest)s scores, so give at most %(most)s."
)
NOT_CALCULATED = gettext_noop(
    "The rule %(rule)s could not be judged. In the words of the calculation: %(reason)s"
)


class Chosen(StrEnum):
    """Where the threshold of a rule comes from."""

    BURDEN = "burden"  # the lowest one that keeps the burden
    OWN = "own"  # the rule's own; for a change in points, the reliable change


@dataclass(frozen=True, eq=False)
class Given:
    """One element per score (scores,), in any order, and how a change is judged. low, high: ends of the scale.

    person: names where a file has them, so that the folds do not depend on the order of its rows.
    """

    person: NDArray[Any]
    session: Floats
    score: Floats
    direction: Direction
    rci: ReliableChange
    low: float
    high: float


@dataclass(frozen=True)
class Course:
    """How many people there are by number of scores. rows, without_score: rows of the file."""

    people: int
    none: int
    one: int
    two: int
    judged: int
    longest: int
    rows: int
    without_score: int


@dataclass(frozen=True)
class JudgedRule:
    """One rule at one threshold. best: whether it knows the process that made the courses."""

    name: str
    chosen: Chosen
    evaluation: Evaluation
    best: bool = False

    @property
    def last(self) -> int:
        """The last measurement that it says anything of; for the best possible rule, that of the burden."""
        aim = self.evaluation.chosen_for
        return aim[1] if self.best and aim else self.evaluation.whole.measurement


@dataclass(frozen=True)
class Compared:
    """Sensitivity of `ours` minus that of `other`, at the same burden. None where nobody, or too few, ended so."""

    outcome: Outcome
    ours: JudgedRule
    other: JudgedRule
    difference: Difference | None


@dataclass(frozen=True)
class Judgement:
    """Everything that page, JSON and terminal say. rules: those at the burden first, in the order asked for."""

    asked: Asked
    given: Given
    courses: Course
    rules: tuple[JudgedRule, ...]
    compared: tuple[Compared, ...]

    def base(self, outcome: Outcome) -> Share:
        """How many of the judged courses ended so."""
        return self.rules[0].evaluation.whole.accuracy[outcome].base_rate

    def estimable(self, outcome: Outcome) -> bool:
        """Whether enough courses ended so, and enough did not."""
        base = self.base(outcome)
        return base.count >= FEWEST and base.of - base.count >= FEWEST

    def at_burden(self) -> list[JudgedRule]:
        """The rules whose threshold keeps the burden, so that they can be compared."""
        return [rule for rule in self.rules if rule.chosen is Chosen.BURDEN]

    def comparable(self, outcome: Outcome) -> list[JudgedRule]:
        """The same, of the best possible rules only that for this ending."""
        return [rule for rule in self.at_burden() if not rule.best or rule.name == best_name(outcome)]

    def main_outcome(self) -> Outcome | None:
        """The ending that pictures are drawn of: one that a rule foretells, and reliably worse, if enough ended so."""
        told = {foretold(name) for name in self.asked.rules}
        endings = sorted(Outcome, key=lambda outcome: outcome not in told)
        return next((outcome for outcome in endings if self.estimable(outcome)), None)


def best_name(outcome: Outcome) -> str:
    """The name of the best possible rule for an ending."""
    return f"best_possible_{outcome.value}"


def foretold(name: str) -> Outcome:
    """The ending that a rule of this name is meant to foretell."""
    if name.endswith(Outcome.NOT_IMPROVED.value) or name == "no_change_expected":
        return Outcome.NOT_IMPROVED
    return Outcome.DETERIORATED


def estimable(share: Share) -> bool:
    """Whether a percentage may be made of it."""
    return share.of >= FEWEST


def given_by(scores: Scores, measure: Measure) -> Given:
    """The scores of a file. Raises TableFaults where nothing says how large a reliable change is."""
    rci, fault = settled_change(scores, measure)
    if rci is None:
        raise TableFaults([] if fault is None else [fault])
    there = ~np.isnan(scores.score)
    return Given(
        np.array(scores.names)[scores.person[there]], scores.since_first[there], scores.score[there],
        measure.direction, rci, measure.low, measure.high,
    )  # fmt: skip


def drawn(process: str, people: int, seed: int) -> Given:
    """Made-up courses from a process of `stats.signals.PROCESSES`."""
    cohort = PROCESSES[process].draw(people, seed)
    return Given(
        cohort.who, cohort.number.astype(np.float64), cohort.rows.score,
        cohort.direction, cohort.rci, cohort.low, cohort.high,
    )  # fmt: skip


def counted(given: Given, scores: Scores | None = None) -> Course:
    """scores: the rows of the file, None for made-up courses."""
    lengths = np.unique(given.person, return_counts=True)[1]
    everyone = lengths.size if scores is None else int(np.unique(scores.person).size)
    rows = given.score.size if scores is None else scores.score.size
    return Course(
        people=everyone,
        none=everyone - lengths.size,
        one=int((lengths == 1).sum()),
        two=int((lengths == 2).sum()),
        judged=int((lengths >= 3).sum()),
        longest=int(lengths.max(initial=0)),
        rows=rows,
        without_score=rows - given.score.size,
    )


def judge(given: Given, courses: Course, asked: Asked) -> Judgement:
    """All rules on the same courses, folds and resamples. Raises TableFaults with all faults at once."""
    _check(given, courses, asked)
    faults = FaultList()
    found = []
    for name, chosen, rule, burden in _tasks(asked, given.rci):
        try:
            found.append(
                JudgedRule(name, chosen, _evaluate(given, asked, rule, burden), name.startswith("best"))
            )
        except FaultsError as error:
            facts = {"rule": name, "reason": " ".join(error.faults)}
            faults.add(Fault(None, None, None, NOT_CALCULATED, facts))
    faults.raise_if_any()
    judged = Judgement(asked, given, courses, tuple(found), ())
    return Judgement(asked, given, courses, judged.rules, tuple(_compared(judged)))


def caught(judged: JudgedRule, outcome: Outcome, by: int, burden: float) -> tuple[int, float]:
    """How many of those who ended so a rule finds when at most this share of courses may be flagged, and the share
    that it then flags."""
    flagged, share = judged.evaluation.trade_off(outcome, by=by)
    at = int(np.flatnonzero(flagged <= burden + ROUNDING)[-1])
    events = judged.evaluation.whole.accuracy[outcome].base_rate.count
    return round(float(np.nan_to_num(share[at])) * events), float(flagged[at])


def _check(given: Given, courses: Course, asked: Asked) -> None:
    faults = FaultList()
    if courses.judged < FEWEST_COURSES:
        facts = {"needed": FEWEST_COURSES, "found": courses.judged, "people": courses.people}
        faults.add(Fault(None, None, None, TOO_FEW_COURSES, facts))
    if np.ptp(given.score) <= ROUNDING:
        faults.add(Fault(None, None, None, CONSTANT))
    if courses.longest >= 3 and asked.by >= courses.longest:
        facts = {"longest": courses.longest, "most": courses.longest - 1}
        faults.add(Fault(None, None, str(asked.by), TOO_LATE, facts))
    faults.raise_if_any()


def _tasks(asked: Asked, rci: ReliableChange) -> Iterator[tuple[str, Chosen, Rule, float | None]]:
    """Every rule at the burden, the best possible one where the process is known, then those with a threshold."""
    for name in asked.rules:
        yield name, Chosen.BURDEN, RULES[name], asked.burden
    if asked.process is not None:
        for outcome in Outcome:
            if outcome in {foretold(name) for name in asked.rules}:
                best = BestPossible(asked.process, outcome, by=asked.by)
                yield best.name, Chosen.BURDEN, best, asked.burden
    for name in asked.rules:
        own = _own(RULES[name], rci)
        if own.threshold is not None:
            yield name, Chosen.OWN, own, None


def _own(rule: Rule, rci: ReliableChange) -> Rule:
    """The rule with the threshold of the signal that a worker sees: for a change in points, the reliable change."""
    # A rule flags from its threshold upwards; so must a change that has to be *more* than the reliable one.
    least = rci.value - ROUNDING if rci.inclusive else float(np.nextafter(rci.value + ROUNDING, np.inf))
    if isinstance(rule, RawChange):
        return RawChange(threshold=least)
    return SuddenFall(threshold=least) if isinstance(rule, SuddenFall) else rule


def _evaluate(given: Given, asked: Asked, rule: Rule, burden: float | None) -> Evaluation:
    return evaluate(
        person=given.person,
        session=given.session,
        score=given.score,
        direction=given.direction,
        rci=given.rci,
        rule=rule,
        burden=burden,
        by=asked.by,
        low=given.low,
        high=given.high,
        folds=asked.folds,
        seed=asked.seed,
    )


def _compared(judgement: Judgement) -> Iterator[Compared]:
    """Our forecast of each ending against every other rule that foretells that ending, at the same burden.

    A rule is not held against an ending that it was not made for.
    """
    for outcome in Outcome:
        rules = {rule.name: rule for rule in judgement.at_burden() if foretold(rule.name) is outcome}
        ours = rules.pop(f"forecast_{outcome.value}", None)
        if ours is not None:
            for other in rules.values():
                yield Compared(outcome, ours, other, _difference(judgement, ours, other, outcome))


def _difference(
    judgement: Judgement, ours: JudgedRule, other: JudgedRule, outcome: Outcome
) -> Difference | None:
    if not judgement.estimable(outcome):
        return None
    try:
        return difference(ours.evaluation, other.evaluation, outcome, by=judgement.asked.by)
    except CannotEstimateError:
        return None
