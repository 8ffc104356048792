"""One line of a table in docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, in words and numbers as they are printed; `reference` was measured in the same run."""

    what: str
    measured: str
    budget: str
    reference: str
    note: str = ""
    #: Whether the budget was missed. A reader should not have to compare the numbers.
    missed: bool = False


def table(rows: Iterable[Row], reference: str) -> str:
    """Markdown. reference: heading of the reference's column."""
    lines = [f"| what | measured | budget | {reference} | note |", "|---|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.measured} | {row.budget}{', **missed**' if row.missed else ''} | {row.reference} "
        f"| {row.note} |"
        for row in rows
    ]
    return "\n".join(lines)


def seconds_text(seconds: float) -> str:
    """Three significant digits in the unit that fits: 12.3 ms, 3.41 s, 2.1 min."""
    if seconds < 1:
        return f"{float(f'{seconds * 1000:.3g}'):g} ms"
    return f"{float(f'{seconds:.3g}'):g} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def ratio(value: float) -> str:
    """A ratio with two or three digits: 1.4, 27, 1,240."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"
