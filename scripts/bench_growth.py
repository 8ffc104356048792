"""How fast the growth model is fitted, beside R's lme4 on the same courses where R is there.

`run()` gives one row per measurement for `scripts/bench.py`; run as a program it prints them.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from medvirk.stats.growth import GrowthModel, Norms, fit

SESSIONS = 8
REPEATS = 5
LME4 = """
suppressPackageStartupMessages(library(lme4))
options(digits = 12)
rows <- read.csv(commandArgs(TRUE)[1])
invisible(lmer(score ~ t + (t | person), rows[rows$person < 50, ]))  # load everything before the clock starts
seconds <- system.time(model <- lmer(score ~ t + (t | person), rows))[["elapsed"]]
G <- VarCorr(model)$person
cat(seconds, fixef(model), G[1, 1], G[1, 2], G[2, 2], sigma(model)^2, as.numeric(logLik(model)), sep = "\\n")
"""
INSTALL_LME4 = "Rscript with lme4 is missing; on Debian: apt-get install r-base-core r-cran-lme4"


def simulated(people: int) -> dict[str, np.ndarray]:
    """Courses drawn from the model itself, in the order of people and sessions; the same each time."""
    rng = np.random.default_rng(20_000)
    own = [18.0, 3.0] + rng.normal(size=(people, 2)) @ np.linalg.cholesky([[40.0, -5.0], [-5.0, 6.0]]).T
    person = np.repeat(np.arange(people), SESSIONS)
    t = np.log1p(np.tile(np.arange(SESSIONS, dtype=float), people))
    noise = rng.normal(scale=4, size=t.size)
    return {"person": person, "t": t, "score": own[person, 0] + own[person, 1] * t + noise}


def best_of(work: Callable[[], Any], repeats: int = REPEATS) -> float:
    """The shortest of several runs, in seconds: what the work costs when nothing else disturbs."""
    times = []
    for _ in range(repeats):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return min(times)


def row(what: str, seconds: float | None, note: str = "") -> dict[str, Any]:
    """One measurement; `seconds` is None when it was not taken, and `note` says why."""
    return {"part": "growth", "what": what, "seconds": seconds, "note": note}


def lme4(rows: dict[str, np.ndarray], model: GrowthModel) -> dict[str, Any]:
    """The same fit by lme4, with the largest relative difference between its numbers and ours."""
    what = "R lme4 on the same 20,000 courses × 8"
    rscript = shutil.which("Rscript")
    if rscript is None:
        return row(what, None, f"skipped: {INSTALL_LME4}")
    if subprocess.run([rscript, "-e", "library(lme4)"], capture_output=True, check=False).returncode:
        return row(what, None, f"skipped: {INSTALL_LME4}")
    with tempfile.TemporaryDirectory() as folder:
        table, program = Path(folder, "rows.csv"), Path(folder, "fit.R")
        columns = np.column_stack(list(rows.values()))
        np.savetxt(table, columns, delimiter=",", header=",".join(rows), comments="", fmt="%.17g")
        program.write_text(LME4, encoding="utf-8")
        done = subprocess.run([rscript, program, table], capture_output=True, text=True, check=True)
    seconds, *theirs = map(float, done.stdout.split())
    G = model.G
    ours = [*model.beta, G[0, 0], G[0, 1], G[1, 1], model.sigma2, model.loglik]
    apart = max(abs(mine - other) / abs(other) for mine, other in zip(ours, theirs, strict=True))
    return row(what, seconds, f"largest relative difference in any estimate: {apart:.1e}")


def run() -> list[dict[str, Any]]:
    """Measure; each row has `part`, `what`, `seconds` (None if not measured) and `note`."""
    rows = simulated(20_000)
    order = np.random.default_rng(1).permutation(rows["t"].size)
    shuffled = {name: column[order] for name, column in rows.items()}
    norms = Norms.from_scores(**rows)
    model = fit(norms)
    found = [
        row("20,000 courses × 8, from raw rows", best_of(lambda: fit(Norms.from_scores(**rows)))),
        row(
            "20,000 courses × 8, from raw rows in any order",
            best_of(lambda: fit(Norms.from_scores(**shuffled))),
        ),
        row("20,000 courses × 8, from sums", best_of(lambda: fit(norms))),
    ]
    reference = lme4(rows, model)
    if reference["seconds"] is not None:
        found[0]["note"] = f"{reference['seconds'] / found[0]['seconds']:.0f} × faster than lme4"
    # Times of one's own: as many patterns as people, the worst case for sums.
    own_times = rows | {"t": rows["t"] + np.random.default_rng(2).uniform(0, 0.05, rows["t"].size)}
    many = simulated(1_000_000)
    return [
        *found,
        reference,
        row(
            "20,000 courses × 8, no two with the same times",
            best_of(lambda: fit(Norms.from_scores(**own_times))),
        ),
        row(
            "1,000,000 courses × 8, from raw rows", best_of(lambda: fit(Norms.from_scores(**many)), repeats=2)
        ),
    ]


if __name__ == "__main__":
    for measured in run():
        seconds = measured["seconds"]
        shown = "not measured" if seconds is None else f"{seconds * 1000:,.1f} ms"
        print(f"{measured['what']:<50} {shown:>14}  {measured['note']}")
