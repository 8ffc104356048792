"""What the sums of a pattern give away about single people, and what two releases give away together.

Sums are not anonymous by themselves (Luo et al. 2022, Nat Commun 13:1678, share the same kind of sums and say
so). The rules here are those of statistical disclosure control for magnitude tables (Hundepool et al. 2012,
Statistical Disclosure Control, ch. 4): a smallest cell, homogeneity, and dominance. All work on the sums
alone, so that whoever receives a file can check it again.
"""

from enum import StrEnum

import numpy as np

from medvirk.stats.faults import LARGEST, BadScoresError, Floats, finite_fault, told
from medvirk.stats.growth.norms import Norms, Pattern

#: People, one course each, that a released pattern has at least.
SMALLEST_CELL = 10
#: Workers whose courses a released pattern holds at least, so that its mean is not that of one worker.
FEWEST_CLINICIANS = 3
#: What counts as "the same score" or "at the end of the scale": this share of the scale's range.
NEAR = 0.02
#: Courses that the points above the floor (or below the ceiling) must effectively be spread over.
FEWEST_CONTRIBUTORS = 3.0
#: Different values that a score can have. On a coarser scale the sums of ten people often leave one possible set of
#: scores: with 5 values nearly always, with 7 about ten sets, with 22 about a thousand (counted for typical scores).
FEWEST_VALUES = 20
#: Rounding in the sums must not tip a pattern that lies exactly on a limit.
ROUNDING = 1e-9


class Reason(StrEnum):
    """Why a pattern is not released."""

    FEW = "few"
    CLINICIANS = "clinicians"
    ALIKE = "alike"
    ENDS = "ends"
    DOMINATED = "dominated"


SENTENCES = {
    Reason.FEW: f"it holds fewer than {SMALLEST_CELL} people",
    Reason.CLINICIANS: f"its courses belong to fewer than {FEWEST_CLINICIANS} workers",
    Reason.ALIKE: "its people are so alike that the sums tell everyone's score, or everyone's change",
    Reason.ENDS: "nearly all its scores stand at the ends of the scale",
    Reason.DOMINATED: "one or two people make up most of its sums",
}


def reason_to_withhold(pattern: Pattern, *, low: float, high: float) -> Reason | None:
    """Why the sums of `pattern` must not leave, or None. `low`, `high`: the ends of the scale, in points.

    With y the scores as shares of the range, per course the fitted line through its scores (for one or two
    scores the scores themselves):

    * few: fewer than 10 people.
    * alike: some combination of the fitted first and last score has an SD below 2 % of the range (the
      smallest eigenvalue of their covariance), or the scores lie on the lines with an SD below that. Then the
      sums tell that combination for everyone: where the SD is 0, sums of squares are at the bound of
      Cauchy and Schwarz.
    * ends: mean y(1 − y) below 2 %: as if everyone stood 2 % from an end.
    * dominated: (Σd)²/Σd² < 3 for d = y or 1 − y, of each score that the sums give (at most two in a course)
      and of the courses' means. At 1, one person has all the points.

    Raises BadScoresError for a scale that is none.
    """
    if finite_fault("low", low) or finite_fault("high", high) or high - low < 1 / LARGEST:
        given = f"The scale runs from {told(low)} to {told(high)}"
        raise BadScoresError([f"{given}: give two numbers, the lower one first."])
    if pattern.persons < SMALLEST_CELL:
        return Reason.FEW
    n, m = pattern.persons, len(pattern.times)
    t = np.array(pattern.times)
    first, outer, squares = _shares_of_range(pattern, t, low, high - low)
    A = np.array([[m, t.sum()], [t.sum(), t @ t]])
    first_and_last = np.column_stack((np.ones(2), t[[0, -1]]))
    ends = np.array([[1.0, 0.0]]) if m == 1 else first_and_last @ np.linalg.inv(A)
    mean, second = ends @ first / n, ends @ outer @ ends.T / n
    if np.linalg.eigvalsh(second - np.outer(mean, mean))[0] < NEAR**2 - ROUNDING:
        return Reason.ALIKE
    if m > 2:
        left = squares - float(np.trace(np.linalg.solve(A, outer)))
        if left / (n * (m - 2)) < NEAR**2 - ROUNDING:
            return Reason.ALIKE
    inside = mean - np.diag(second) if m <= 2 else (first[:1] - squares) / (n * m)
    if inside.min() < NEAR - ROUNDING:
        return Reason.ENDS
    course_mean, course_square = first[0] / (n * m), outer[0, 0] / (n * m * m)
    known = [(course_mean, course_square)]
    known += zip(mean, np.diag(second), strict=True) if m <= 2 else []
    if any(_contributors(n, float(a), float(b)) < FEWEST_CONTRIBUTORS - ROUNDING for a, b in known):
        return Reason.DOMINATED
    return None


def _shares_of_range(pattern: Pattern, t: Floats, low: float, span: float) -> tuple[Floats, Floats, float]:
    """Σ Z'y (2,), Σ Z'yy'Z (2, 2) and Σ y'y for y = (score − low) / span."""
    n, m, T = pattern.persons, t.size, float(t.sum())
    zy = np.array(pattern.sum_zy)
    ss, su, uu = pattern.sum_zyyz
    floor = low * np.array([m, T])
    outer = np.array([[ss, su], [su, uu]])
    outer = outer - np.outer(floor, zy) - np.outer(zy, floor) + n * np.outer(floor, floor)
    squares = pattern.sum_yy - 2 * low * zy[0] + n * m * low**2
    return (zy - n * floor) / span, outer / span**2, squares / span**2


def _contributors(n: int, mean: float, square: float) -> float:
    """The effective number of contributors above the floor or below the ceiling, whichever is fewer."""
    above = mean**2 / square
    below = (1 - mean) ** 2 / (1 - 2 * mean + square)
    return n * min(above, below)


def would_reveal(old: Norms, new: Norms, *, low: float, high: float) -> list[str]:
    """What subtracting two releases over partly the same courses would tell, one sentence for each pattern.

    A pattern tells too much when the two differ by 1–9 courses, by scores alone, or by courses whose own sums
    must be withheld (`reason_to_withhold`). Patterns in only one of them tell nothing: what the other had of
    them was withheld. An empty list: the two may stand side by side.
    """
    before = {pattern.times: pattern for pattern in old.patterns}
    sentences = []
    for number, pattern in enumerate(new.patterns, start=1):
        other = before.get(pattern.times)
        if other is None or other == pattern:
            continue
        more = pattern.persons - other.persons
        where = f"Pattern {number} ({len(pattern.times)} measurements)"
        if more == 0:
            sentences.append(
                f"{where}: the same number of courses, so the difference is a few people's scores."
            )
        elif abs(more) < SMALLEST_CELL:
            sentences.append(f"{where}: they differ by {abs(more)} of {pattern.persons} courses.")
        else:
            rest = _difference(*((pattern, other) if more > 0 else (other, pattern)))
            reason = reason_to_withhold(rest, low=low, high=high)
            if reason is not None:
                sentences.append(f"{where}: of the {abs(more)} courses between them, {SENTENCES[reason]}.")
    return sentences


def _difference(larger: Pattern, smaller: Pattern) -> Pattern:
    s, u = np.subtract(larger.sum_zy, smaller.sum_zy).tolist()
    ss, su, uu = np.subtract(larger.sum_zyyz, smaller.sum_zyyz).tolist()
    persons, sum_yy = larger.persons - smaller.persons, larger.sum_yy - smaller.sum_yy
    return Pattern(larger.times, persons, (s, u), (ss, su, uu), sum_yy)
