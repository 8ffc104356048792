"""The calendar of releases: whole years and half years, so that nobody can ask for a slice."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from medvirk.stats.faults import FaultsError, whole_fault

FORM = re.compile(r"(?P<year>20[0-9]{2})(?:-H(?P<half>[12]))?")


class BadPeriodError(FaultsError):
    """Not a calendar period of releases."""


@dataclass(frozen=True)
class Period:
    """A calendar year, or one `half` (1 or 2) of it. As text: `2025`, `2025-H1`, `2025-H2`.

    Raises BadPeriodError for anything else.
    """

    year: int
    half: int | None = None

    def __post_init__(self) -> None:
        faults = whole_fault("The year", self.year, least=2000, most=2099)
        if self.half is not None:
            faults += whole_fault("The half", self.half, least=1, most=2)
        if faults:
            raise BadPeriodError(faults)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2025` or `2025-H1`. Raises BadPeriodError."""
        found = FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise BadPeriodError(
                [f"“{text}” is not a period of releases. Write a year, 2025, or a half of it, 2025-H1."]
            )
        return cls(int(found["year"]), int(found["half"]) if found["half"] else None)

    def __str__(self) -> str:
        return str(self.year) if self.half is None else f"{self.year}-H{self.half}"

    @property
    def first_day(self) -> date:
        return date(self.year, 7 if self.half == 2 else 1, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, 6, 30) if self.half == 1 else date(self.year, 12, 31)

    def overlaps(self, other: "Period") -> bool:
        """Whether any day lies in both."""
        return self.first_day <= other.last_day and other.first_day <= self.last_day
