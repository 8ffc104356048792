"""Scoring a million answer sheets at once, beside scoring them one at a time.

Run as a program it prints its part of docs/benchmarks.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from time import perf_counter

import numpy as np
from bench_rows import Row, ratio, seconds_text, table

from medvirk.instruments.definitions import Instrument
from medvirk.instruments.loader import get
from medvirk.instruments.logic import score, score_table

SHEETS, SAMPLE, ROUNDS = 1_000_000, 5_000, 5
INSTRUMENTS = ("phq-9", "core-10")
UNANSWERED = 0.02
ABOUT = f"""{SHEETS:,} answer sheets, {UNANSWERED:.0%} of the answers missing. At once: `score_table` on one table,
every answer checked. One at a time: `score` on each of the first {SAMPLE:,} sheets, which also names bands, cut-offs
and what is missing; the time for all is extrapolated from them. Both take turns; medians of {ROUNDS} rounds. The scores
of the {SAMPLE:,} are compared and must be the same to the last bit, and missing in the same places."""


def sheets(instrument: Instrument, scale: str) -> np.ndarray:
    """(SHEETS, items) possible answers, some of them missing (NaN); the same each time."""
    rng = np.random.default_rng(9)
    columns = [rng.choice(instrument.item(key).options, size=SHEETS) for key in instrument.scale(scale).items]
    answers = np.column_stack(columns)
    answers[rng.random(answers.shape) < UNANSWERED] = np.nan
    return answers


def one_at_a_time(
    instrument: Instrument, scale: str, answers: Sequence[dict[str, float | None]]
) -> np.ndarray:
    """The scores, NaN where there is none."""
    found = [score(instrument, sheet)[scale].value for sheet in answers]
    return np.array([np.nan if value is None else value for value in found])


def compared(key: str) -> Row:
    """Raises RuntimeError when the two ways differ in any score."""
    instrument = get(key)
    scale = instrument.scales[0].key
    items = instrument.scales[0].items
    answers = sheets(instrument, scale)
    sample = [
        {item: None if np.isnan(value) else float(value) for item, value in zip(items, row, strict=True)}
        for row in answers[:SAMPLE]
    ]
    rounds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        at_once = score_table(instrument, scale, answers, items)
        middle = perf_counter()
        singly = one_at_a_time(instrument, scale, sample)
        rounds.append((middle - start, (perf_counter() - middle) * SHEETS / SAMPLE))
    if not np.array_equal(at_once[:SAMPLE], singly, equal_nan=True):
        raise RuntimeError(f"{key}: scored at once and one at a time differ.")
    ours, theirs = (median(column) for column in zip(*rounds, strict=True))
    times_faster = median(single / whole for whole, single in rounds)
    scored = int(np.isfinite(singly).sum())
    return Row(
        f"{instrument.name}, {SHEETS:,} sheets of {len(items)} items",
        seconds_text(ours),
        "–",
        f"{seconds_text(theirs)} (extrapolated)",
        f"{ratio(times_faster)} × faster; equal in all {SAMPLE:,}, of which {scored:,} have a score",
    )


def part() -> str:
    """Markdown: everything about scoring."""
    rows = [compared(key) for key in INSTRUMENTS]
    return f"## Scoring\n\n{ABOUT}\n\n{table(rows, 'one at a time')}"


if __name__ == "__main__":
    print(part())
