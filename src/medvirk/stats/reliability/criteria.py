"""Stated criteria for when a scale measures well enough here, and which of them a description meets.

Meeting them says that the answers hang together as one thing and repeat themselves. It does not say that the
scale measures what its name says, nor that it does so in other places: that takes other studies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medvirk.stats.reliability.describing import Description
from medvirk.stats.reliability.estimates import Estimate


class Criterion(StrEnum):
    """What is asked of a scale, in the order in which it is told."""

    ANSWERS = "answers"
    ONE_FACTOR = "one_factor"
    OMEGA = "omega"
    OMEGA_LOWER = "omega_lower"
    ALPHA = "alpha"
    ITEM_TOTAL = "item_total"
    FLOOR = "floor"
    CEILING = "ceiling"
    PAIRS = "pairs"
    RETEST = "retest"


class State(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True)
class Criteria:
    """The limits, all of which must hold; both ends of a range are within it.

    Below `answers` complete answers, nothing else is judged but how many there are; below `pairs`, not the
    retest. One factor: CFI at least `cfi` and SRMR at most `srmr`, both.
    """

    answers: int = 100
    cfi: float = 0.95
    srmr: float = 0.08
    reliability: tuple[float, float] = (0.70, 0.95)
    omega_lower: float = 0.70
    item_total: float = 0.30
    end_share: float = 0.15
    pairs: int = 50
    retest: float = 0.70


#: Where each limit is from. The lower end of omega's interval is our own addition, on the side of caution.
SOURCES: dict[Criterion, str] = {
    Criterion.ANSWERS: "Terwee et al. 2007, J Clin Epidemiol 60:34; Mokkink et al. 2018, Qual Life Res 27:1171",
    Criterion.ONE_FACTOR: "Hu & Bentler 1999, Struct Equ Modeling 6:1, both indices at once",
    Criterion.OMEGA: "Terwee et al. 2007, J Clin Epidemiol 60:34, there for alpha",
    Criterion.OMEGA_LOWER: "our own choice",
    Criterion.ALPHA: "Terwee et al. 2007, J Clin Epidemiol 60:34",
    Criterion.ITEM_TOTAL: "Nunnally & Bernstein 1994, Psychometric Theory",
    Criterion.FLOOR: "McHorney & Tarlov 1995, Qual Life Res 4:293; Terwee et al. 2007",
    Criterion.CEILING: "McHorney & Tarlov 1995, Qual Life Res 4:293; Terwee et al. 2007",
    Criterion.PAIRS: "Terwee et al. 2007, J Clin Epidemiol 60:34",
    Criterion.RETEST: "Terwee et al. 2007, J Clin Epidemiol 60:34",
}


@dataclass(frozen=True)
class Verdict:
    """One criterion: its state, the number that decided and how many people it is from.

    `value` is None where it cannot be estimated. For one factor it is the SRMR and `second` the CFI.
    """

    criterion: Criterion
    state: State
    value: float | None
    n: int
    second: float | None = None


def judge(found: Description, criteria: Criteria = Criteria()) -> tuple[Verdict, ...]:
    """Every criterion in order. Without `pairs` in the description, the retest is not known."""
    return tuple(_verdicts(found, criteria))


def meets_all(verdicts: Sequence[Verdict]) -> bool:
    """Whether every criterion was looked at and is met."""
    return {each.criterion for each in verdicts} == set(Criterion) and all(
        each.state is State.MET for each in verdicts
    )


def _verdicts(found: Description, criteria: Criteria) -> Iterator[Verdict]:
    enough = found.complete >= criteria.answers
    low, high = criteria.reliability
    lower_end = found.omega.low

    def verdict(criterion: Criterion, estimate: Estimate, *, at_least: float, at_most: float) -> Verdict:
        return _verdict(criterion, estimate.value, estimate.n, enough=enough, ends=(at_least, at_most))

    yield Verdict(
        Criterion.ANSWERS, State.MET if enough else State.NOT_KNOWN, float(found.complete), found.complete
    )
    yield _one_factor(found, criteria, enough=enough)
    yield verdict(Criterion.OMEGA, found.omega, at_least=low, at_most=high)
    yield _verdict(
        Criterion.OMEGA_LOWER, lower_end, found.omega.n, enough=enough, ends=(criteria.omega_lower, 1.0)
    )
    yield verdict(Criterion.ALPHA, found.alpha, at_least=low, at_most=high)
    yield _verdict(
        Criterion.ITEM_TOTAL, _weakest(found), found.complete, enough=enough, ends=(criteria.item_total, 1.0)
    )
    yield verdict(Criterion.FLOOR, found.floor, at_least=0.0, at_most=criteria.end_share)
    yield verdict(Criterion.CEILING, found.ceiling, at_least=0.0, at_most=criteria.end_share)
    pairs = len(found.retest.pairs.first) if found.retest else 0
    many = pairs >= criteria.pairs
    yield Verdict(Criterion.PAIRS, State.MET if many else State.NOT_KNOWN, float(pairs), pairs)
    icc = found.retest.icc.value if found.retest else None
    yield _verdict(Criterion.RETEST, icc, pairs, enough=many, ends=(criteria.retest, 1.0))


def _verdict(
    criterion: Criterion, value: float | None, n: int, *, enough: bool, ends: tuple[float, float]
) -> Verdict:
    if value is None or not enough:
        return Verdict(criterion, State.NOT_KNOWN, value, n)
    return Verdict(criterion, State.MET if ends[0] <= value <= ends[1] else State.NOT_MET, value, n)


def _weakest(found: Description) -> float | None:
    """The lowest item–total correlation, None where one of them is not known."""
    known = [item.item_total for item in found.items if item.item_total is not None]
    return min(known) if known and len(known) == found.k else None


def _one_factor(found: Description, criteria: Criteria, *, enough: bool) -> Verdict:
    fit = found.one_factor.fit if found.one_factor else None
    if fit is None:
        return Verdict(Criterion.ONE_FACTOR, State.NOT_KNOWN, None, found.complete)
    fits = fit.cfi >= criteria.cfi and fit.srmr <= criteria.srmr
    state = (State.MET if fits else State.NOT_MET) if enough else State.NOT_KNOWN
    return Verdict(Criterion.ONE_FACTOR, state, fit.srmr, found.complete, fit.cfi)
