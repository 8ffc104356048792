"""How fast the growth model is fitted, and with how much memory, beside other packages on the same courses.

Run as a program it prints its part of docs/benchmarks.md, and draws docs/pictures/growth-cost.*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import Any

import bench_memory
import numpy as np
import picture_growth_cost
from bench_mixed import REFERENCES, Fitted, Reference, Rows, lacking, ours, simulated, versions
from bench_rows import Row, ratio, seconds_text, table

from medvirk.stats.growth import Norms, fit

PEOPLE, MANY = 20_000, 1_000_000
# Quick fits are repeated within each round.
REPEATS, MANY_REPEATS, SUMS_REPEATS = 5, 3, 15
SIZES = (100, 1_000, 10_000, 100_000, MANY)
MOST_SECONDS, MOST_SHARE, MOST_FROM_SUMS = 5, 3, 0.02
# Apart by more than this, two log-likelihoods are not of the same fit; statistically one part in 100 is nothing.
SAME_LOGLIK = 0.01
ABOUT = """The model is score ~ t + (t | person), t = log1p(session), fitted by REML to courses simulated from it. All
packages give the restricted log-likelihood with the same constants, so the numbers are compared as they come; a
reference that stopped short of the top is said to. Each fit starts from the three columns person, t and score in
memory (the others with their design matrix made beforehand) and does what the package does by default. Every process
computes with one thread. Where there are rounds, all take turns in each of them, and ratios are medians of the
rounds' own ratios.

Memory is the highest resident memory of a process that holds the rows (24 bytes each), less what Python and its
libraries took before there were rows, so the rows themselves are 1.0 of it."""
PICTURE = f"""![{picture_growth_cost.TITLE}](pictures/growth-cost.png)

What is drawn in the picture, seconds by number of courses of eight scores:
"""


def taken(work: Callable[[], Any], repeats: int) -> float:
    """Seconds: the median of several runs."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


def compared(reference: Reference, rows: Rows) -> Row:
    """One reference beside ours, in rounds that take turns."""
    what = f"{PEOPLE:,} courses × 8 from raw rows, beside {reference.name}"
    budget = f"≥ {reference.goal:.0f} × faster" if reference.goal > 1 else "not slower"
    if reason := lacking(reference):
        return Row(what, "not measured", budget, "–", reason)
    quick = REPEATS if reference.goal <= 1 else 1
    rounds = []
    for _ in range(reference.rounds):
        mine = taken(lambda: ours(rows), REPEATS)
        found = [reference.fit(rows) for _ in range(quick)]
        rounds.append((mine, median(fitted.seconds for fitted in found)))
    ratios = [theirs / mine for mine, theirs in rounds]
    times = [median(column) for column in zip(*rounds, strict=True)]
    by_round = (
        f" (by round {', '.join(map(ratio, ratios))})"
        if len(ratios) > 1
        else " (one round: it takes minutes)"
    )
    return Row(
        what,
        seconds_text(times[0]),
        budget,
        seconds_text(times[1]),
        f"{ratio(median(ratios))} × faster{by_round}; {_agreement(ours(rows), found[-1])}",
        missed=median(ratios) < reference.goal,
    )


def _agreement(mine: Fitted, theirs: Fitted) -> str:
    """Raises RuntimeError when the other found a higher likelihood: then ours is not the fit."""
    gap = theirs.loglik - mine.loglik
    if gap > SAME_LOGLIK:
        raise RuntimeError(f"A reference found a log-likelihood {gap:g} higher than ours.")
    apart = float(np.max(np.abs(theirs.estimates / mine.estimates - 1)))
    short = ", **the reference stopped short of the top**" if gap < -SAME_LOGLIK else ""
    return f"log-likelihood {mine.loglik:.6f} and {theirs.loglik:.6f}{short}, estimates at most {apart:.0e} apart"


def other_rows(rows: Rows) -> list[Row]:
    """Ours alone on the same courses: in any order, and each person with times of their own."""
    order = np.random.default_rng(1).permutation(rows["t"].size)
    shuffled = {name: column[order] for name, column in rows.items()}
    own_times = dict(rows) | {"t": rows["t"] + np.random.default_rng(2).uniform(0, 0.05, rows["t"].size)}
    named = {"in any order": shuffled, "no two with the same times": own_times}
    return [
        Row(f"{PEOPLE:,} courses × 8, {name}", seconds_text(taken(lambda: ours(some), REPEATS)), "–", "–")  # noqa: B023
        for name, some in named.items()
    ]


def many_rows(points: Mapping[str, Sequence[tuple[int, float]]]) -> list[Row]:
    """A million courses: seconds for rows in order, in any order and with times of their own, and memory."""
    rows = simulated(MANY)
    found = []
    theirs = dict(points.get("mixedlm-rs", ())).get(MANY)
    beside = f"mixedlm-rs {seconds_text(theirs)}" if theirs else "–"
    found.append(_many("", rows, beside))
    for column in rows.values():
        np.random.default_rng(2).shuffle(column)
    found.append(_many(bench_memory.KINDS["any order"], rows, "–"))
    del rows
    for kind, said in bench_memory.KINDS.items():
        peaks = bench_memory.measured(MANY, kind)
        for name, peak in (("sums", peaks.sums), ("sums and fit", peaks.fit)):
            share = peaks.share(peak)
            found.append(
                Row(f"memory of {MANY:,} courses × 8{said}, {name}", f"{share:.2f} × the rows", f"≤ {MOST_SHARE} ×",
                    f"rows {peaks.input:.0f} MB", f"whole process {peak:.0f} MB, {peaks.before:.0f} MB before",
                    missed=share > MOST_SHARE)
            )  # fmt: skip
    return found


def _many(said: str, rows: Rows, beside: str) -> Row:
    seconds = taken(lambda: ours(rows), MANY_REPEATS)
    what = f"{MANY:,} courses × 8 from raw rows{said}"
    return Row(what, seconds_text(seconds), f"≤ {MOST_SECONDS} s", beside, missed=seconds > MOST_SECONDS)


def measured_points() -> dict[str, list[tuple[int, float]]]:
    """Seconds by number of people, for the picture and for the rows from sums."""
    points: dict[str, list[tuple[int, float]]] = {"Medvirk, from raw rows": [], "Medvirk, from sums": []}
    there = [reference for reference in REFERENCES if not lacking(reference)]
    for people in sorted({*SIZES, PEOPLE, 200_000}):
        rows = simulated(people)
        repeats = MANY_REPEATS if people > PEOPLE else REPEATS
        points["Medvirk, from raw rows"].append((people, taken(lambda: ours(rows), repeats)))  # noqa: B023
        norms = Norms.from_scores(**rows)
        points["Medvirk, from sums"].append((people, taken(lambda: fit(norms), SUMS_REPEATS)))  # noqa: B023
        for reference in there:
            if people in reference.sizes:
                # The first fit of a package may load something; a small one is timed again.
                seconds = min(reference.fit(rows).seconds for _ in range(2 if people < PEOPLE else 1))
                points.setdefault(reference.name, []).append((people, seconds))
    return points


def from_sums_rows(points: Mapping[str, Sequence[tuple[int, float]]]) -> list[Row]:
    found = dict(points["Medvirk, from sums"])
    return [
        Row(f"{people:,} courses × 8 from sums", seconds_text(found[people]), f"≤ {MOST_FROM_SUMS * 1000:.0f} ms",
            "–", missed=found[people] > MOST_FROM_SUMS)
        for people in (PEOPLE, 200_000, MANY)
    ]  # fmt: skip


def part() -> str:
    """Markdown: everything about the growth model."""
    rows = simulated(PEOPLE)
    ours(rows)
    beside = [compared(reference, rows) for reference in REFERENCES]
    points = measured_points()
    listed = [*beside, *other_rows(rows), *many_rows(points), *from_sums_rows(points)]
    picture_growth_cost.draw(points)
    drawn = "\n".join(
        f"* {name}: {', '.join(f'{people:,}: {seconds_text(seconds)}' for people, seconds in line)}"
        for name, line in points.items()
    )
    return "\n\n".join(
        [
            "## The growth model",
            f"{ABOUT}",
            f"Compared with {versions() or 'nothing: no reference is installed'}.",
            table(listed, "reference"),
            PICTURE.rstrip(),
            drawn,
        ]
    )


if __name__ == "__main__":
    print(part())
