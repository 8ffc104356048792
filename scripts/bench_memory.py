"""How much memory the sums and the fit of many courses take, each measured in a process of its own.

Run as a program with a number of people and a kind of rows, it prints the measured peaks as JSON.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BLOCK = 10_000
BYTES_A_ROW = 3 * 8
#: What can be true of the rows, and how it is said.
KINDS = {
    "in order": "",
    "any order": ", in any order",
    "own times": ", no two with the same times",
}


@dataclass(frozen=True)
class Peaks:
    """Megabytes: the rows given; the whole process's peak before there were rows, with the sums, and with the fit."""

    input: float
    before: float
    sums: float
    fit: float

    def share(self, peak: float) -> float:
        """A peak, input included and Python with its libraries taken off, as a multiple of the input."""
        return (peak - self.before) / self.input


def measured(people: int, kind: str) -> Peaks:
    """The peaks of a new process. Raises CalledProcessError when it fails."""
    command = [sys.executable, str(Path(__file__).resolve()), str(people), kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Peaks(**json.loads(done.stdout))


def peak() -> float:
    """Highest resident memory of this program so far, MB. Linux only; `ru_maxrss` would keep that of the process
    that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024 / 1e6


def _main(people: int, kind: str) -> None:
    # Everything that a fit loads is loaded before the first measurement.
    import numpy as np
    from bench_mixed import SESSIONS, ours, simulated

    from medvirk.stats.growth import Norms, fit

    ours(simulated(50))
    before = peak()
    rng = np.random.default_rng(1)
    size = people * SESSIONS
    rows = {"person": np.empty(size, np.int64), "t": np.empty(size), "score": np.empty(size)}
    # In blocks, so that making the rows never takes more than the rows.
    for first in range(0, people, BLOCK):
        some = simulated(min(BLOCK, people - first))
        place = slice(first * SESSIONS, first * SESSIONS + some["t"].size)
        rows["person"][place] = some["person"] + first
        rows["t"][place] = some["t"] + (rng.uniform(0, 0.05, some["t"].size) if kind == "own times" else 0)
        rows["score"][place] = some["score"]
    if kind == "any order":
        for column in rows.values():
            np.random.default_rng(2).shuffle(column)
    norms = Norms.from_scores(**rows)
    sums = peak()
    fit(norms)
    print(json.dumps({"input": size * BYTES_A_ROW / 1e6, "before": before, "sums": sums, "fit": peak()}))


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2])
