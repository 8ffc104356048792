"""Faults in a table: collected, never raised one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Marks a text to be translated. Django's function of that name would ask for settings first."""
    return text


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and where.

    row: as the row is numbered in Excel (the header is row 1); None when the fault is not in one row.
    column: the heading; None when the fault is not in one column.
    value: the cell as it was written; None when there is none.
    problem: what is wrong and what to do, in English; may hold places such as `%(low)s`, filled from `facts`.
    """

    row: int | None
    column: str | None
    value: str | None
    problem: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)

    def sentence(self, translate: Callable[[str], str] = gettext_noop) -> str:
        """The problem with its facts filled in; pass `gettext` to have it in the reader's language."""
        text = translate(self.problem)
        return text % self.facts if self.facts else text

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row is not None else []
        place += [f"column {self.column}"] if self.column is not None else []
        place += [f"“{self.value}”"] if self.value is not None else []
        return f"{', '.join(place)}: {self.sentence()}" if place else self.sentence()


class TableFaults(ValueError):
    """All faults of one file or table, in the order of its rows."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.row or 0)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class FaultList:
    """Gathers faults over several steps, and raises them together.

    faults = FaultList()
    scores = numbers(table, "score", faults)
    times = dates_or_numbers(table, "time", faults)
    faults.raise_if_any()
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)

    def raise_if_any(self) -> None:
        """Raises TableFaults when anything has been gathered."""
        if self.faults:
            raise TableFaults(self.faults)
