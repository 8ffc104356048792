"""What an import comes to: rows to be written, faults, and how many of what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Model

from medvirk.interop.importing.columns import Columns, Field
from medvirk.interop.importing.reading import shown
from medvirk.tables import Fault

Row = TypeVar("Row", bound=Model)


@dataclass
class Tally:
    new: int = 0
    there: int = 0

    def count(self, *, new: bool) -> None:
        self.new += new
        self.there += not new


@dataclass
class Matched:
    """What came out. rows: what is to be written, by model. The tallies say how much of it is new."""

    rows: dict[type[Model], list[Model]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    people: Tally = field(default_factory=Tally)
    episodes: Tally = field(default_factory=Tally)
    sessions: Tally = field(default_factory=Tally)
    answers: Tally = field(default_factory=Tally)

    @property
    def changes_nothing(self) -> bool:
        return not self.rows

    def add(self, row: Row) -> Row:
        self.rows.setdefault(type(row), []).append(row)
        return row

    def fault(
        self, columns: Columns, row: int, at: Field | str, value: str, problem: str, **facts: str
    ) -> None:
        """Note a fault; `at` is one of our columns, or a heading of the file."""
        heading, told = (columns.heading(at), shown(at, value)) if isinstance(at, Field) else (at, value)
        self.faults.append(Fault(row, heading, told, problem, facts))
