"""What stands where a number may not be shown, and when a number of a few people may be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from medvirk.stats.faults import BadScoresError, whole_fault

T = TypeVar("T")


class Reason(StrEnum):
    """Why a number is hidden."""

    #: It rests on fewer people than the rule asks for.
    TOO_FEW_PEOPLE = "too_few_people"
    #: It rests on the work of so few that it would say something about one of them.
    TOO_FEW_CLINICIANS = "too_few_clinicians"
    #: A cell of a table: it is small itself, or a small one could be worked out from it. Which of the two is
    #: not said, as that would be a part of the answer.
    PROTECTED_CELL = "protected_cell"
    #: No part of the table could be shown without giving a small count away.
    WHOLE_TABLE = "whole_table"
    #: There are people enough, but the estimate cannot be made from what they gave.
    CANNOT_ESTIMATE = "cannot_estimate"


@dataclass(frozen=True)
class Hidden:
    """A number that is not shown. It is no number: it cannot be added, compared or taken for 0."""

    reason: Reason

    def __bool__(self) -> bool:
        raise TypeError(
            f"A hidden number ({self.reason}) is neither true nor false: ask isinstance(…, Hidden)."
        )


@dataclass(frozen=True)
class SmallestCell:
    """Fewest people, and fewest clinicians who helped them, behind a number that is shown."""

    people: int
    clinicians: int = 0

    def __post_init__(self) -> None:
        faults = whole_fault("The fewest people (below 2 hides nothing)", self.people, least=2)
        if faults := faults + whole_fault("The fewest clinicians", self.clinicians):
            raise BadScoresError(faults)


#: Within one municipality; and between municipalities, where readers know less about how few there are.
WITHIN = SmallestCell(people=5)
BETWEEN = SmallestCell(people=10, clinicians=3)


def shown(value: T, *, people: int, clinicians: int | None = None, rule: SmallestCell = WITHIN) -> T | Hidden:
    """`value` if `people`, and `clinicians` where the rule asks, are enough behind it, else Hidden.

    `people` are persons, not sessions. For a share it is the denominator; a numerator, or the rest, of 1 to 4
    among many is a small count of its own, which a table must go through `protect_table` for.

    Raises BadScoresError for negative numbers, or when the rule asks for clinicians and none are given.
    """
    faults = [
        fault
        for name, n in (("People", people), ("Clinicians", 0 if clinicians is None else clinicians))
        for fault in whole_fault(name, n)
    ]
    if rule.clinicians and clinicians is None:
        faults.append(f"The rule asks for at least {rule.clinicians} clinicians: say how many there were.")
    if faults:
        raise BadScoresError(faults)
    if people < rule.people:
        return Hidden(Reason.TOO_FEW_PEOPLE)
    if clinicians is not None and clinicians < rule.clinicians:
        return Hidden(Reason.TOO_FEW_CLINICIANS)
    return value
