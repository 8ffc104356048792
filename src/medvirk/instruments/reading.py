"""Reading one TOML table field by field: a wrong field is noted and read as empty, and reading goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from medvirk.instruments.faults import Notebook

Choice = TypeVar("Choice", bound=StrEnum)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def is_number(value: object) -> bool:
    """TOML knows true, inf and nan; none of them is a number here."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


class Table:
    """One table of the file. `place` says where it stands, for the reader of a fault."""

    def __init__(self, data: Mapping[str, object], place: str, notebook: Notebook) -> None:
        self.data = data
        self.place = place
        self.notebook = notebook
        self._asked_for: set[str] = set()

    def note(self, problem: str) -> None:
        self.notebook.note(self.place, problem)

    def _take(self, name: str, *, required: bool) -> object | None:
        self._asked_for.add(name)
        if name not in self.data and required:
            self.note(f"`{name}` is missing.")
        return self.data.get(name)

    def has(self, name: str) -> bool:
        return name in self.data

    def text(self, name: str, *, required: bool = True) -> str:
        value = self._take(name, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.note(f"`{name}` must be a text, not {value!r}.")
            return ""
        if required and not value.strip():
            self.note(f"`{name}` is empty.")
        return value.strip()

    def number(self, name: str, *, required: bool = False) -> float | None:
        value = self._take(name, required=required)
        if value is None:
            return None
        if not is_number(value):
            self.note(f"`{name}` must be a number, not {value!r}.")
            return None
        assert isinstance(value, int | float)
        return float(value)

    def whole(self, name: str, *, least: int, default: int | None = None) -> int:
        """A whole number, at least `least`; without a default it is required."""
        value = self._take(name, required=default is None)
        fallback = least if default is None else default
        if value is None:
            return fallback
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.note(f"`{name}` must be a whole number of at least {least}, not {value!r}.")
            return fallback
        return value

    def flag(self, name: str) -> bool:
        value = self._take(name, required=True)
        if value is not None and not isinstance(value, bool):
            self.note(f"`{name}` must be true or false, not {value!r}.")
        return value is True

    def choice(self, name: str, kinds: type[Choice], *, default: Choice | None = None) -> Choice | None:
        value = self._take(name, required=default is None)
        if value is None:
            return default
        if isinstance(value, str) and value in {kind.value for kind in kinds}:
            return kinds(value)
        self.note(f"`{name}` must be one of {', '.join(kind.value for kind in kinds)}, not {value!r}.")
        return None

    def numbers(self, name: str, *, required: bool = False) -> tuple[float, ...]:
        values = self._list(name, required=required)
        for value in values:
            if not is_number(value):
                self.note(f"`{name}` must hold numbers only, not {value!r}.")
        return tuple(float(value) for value in values if is_number(value))  # type: ignore[arg-type]

    def pairs(self, name: str) -> tuple[tuple[float, float], ...]:
        """A required list of pairs of numbers; a row that is not such a pair is noted and left out."""
        rows = []
        for value in self._list(name, required=True):
            if isinstance(value, list) and len(value) == 2 and all(map(is_number, value)):
                rows.append((float(value[0]), float(value[1])))
            else:
                self.note(f"`{name}` must hold pairs of numbers, not {value!r}.")
        return tuple(rows)

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        values = self._list(name, required=required)
        for value in values:
            if not isinstance(value, str) or not value.strip():
                self.note(f"`{name}` must hold texts only, none empty, not {value!r}.")
        return tuple(value.strip() for value in values if isinstance(value, str))

    def _list(self, name: str, *, required: bool) -> list[object]:
        value = self._take(name, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.note(f"`{name}` must be a list, not {value!r}.")
            return []
        if required and not value:
            self.note(f"`{name}` is an empty list.")
        return value

    def table(self, name: str, place: str, *, required: bool = False) -> Table | None:
        value = self._take(name, required=required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.note(f"`{name}` must be a table, not {value!r}.")
            return None
        return Table(value, place, self.notebook)

    def tables(self, name: str, place: str, *, required: bool = False) -> list[Table]:
        """A list of tables; the place of each is `place` and its key, or its number where it has none."""
        found = []
        for number, value in enumerate(self._list(name, required=required), start=1):
            if isinstance(value, dict):
                found.append(Table(value, f"{place} {value.get('key', number)}", self.notebook))
            else:
                self.note(f"`{name}` must hold tables only, not {value!r}.")
        return found

    def by_language(self, name: str, *, required: bool = False) -> Mapping[str, str]:
        """A text per language code."""
        table = self.table(name, f"{self.place}, {name}".removeprefix(", "), required=required)
        if table is None:
            return {}
        for language in table.data:
            check_language(language, table)
        return {language: table.text(language) for language in table.data}

    def codes(self) -> Mapping[str, str]:
        """Codes in public terminologies."""
        table = self.table("codes", f"{self.place}, codes".removeprefix(", "))
        if table is None:
            return {}
        codes = {system: table.text(system) for system in ("loinc", "snomed") if table.has(system)}
        table.finish()
        return codes

    def finish(self) -> None:
        """Notes every field that nobody asked for: it is most likely misspelt."""
        for name in self.data:
            if name not in self._asked_for:
                known = ", ".join(f"`{known}`" for known in sorted(self._asked_for))
                self.note(f"`{name}` is not known here; known are {known}.")


def check_language(language: str, table: Table) -> None:
    if not LANGUAGE.fullmatch(language):
        table.note(f"{language!r} is not a language code such as nb, nn, en or se.")
