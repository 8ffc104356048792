"""Collecting everything that is wrong with a file, so that it can be mended in one go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, in which file, and at which place in it, such as "item q3" ("" for the whole)."""

    file: str
    place: str
    problem: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.place, self.problem) if part)


class InstrumentFaults(Exception):
    """A definition or a wording cannot be used. `faults` holds every reason; the message has one per line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Notebook:
    """Faults of one file while it is read."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def note(self, place: str, problem: str) -> None:
        fault = Fault(self.file, place, problem)
        if fault not in self.faults:
            self.faults.append(fault)

    def raise_if_any(self) -> None:
        """Raises InstrumentFaults with everything noted."""
        if self.faults:
            raise InstrumentFaults(self.faults)
