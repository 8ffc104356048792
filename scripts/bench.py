"""Every budget that can be measured on one machine, each beside its reference, into docs/benchmarks.md.

`--only growth,scoring` measures some parts anew and leaves the others as they were, with their own dates.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from bench_document import document, parts
from bench_rows import table

SCRIPTS = Path(__file__).resolve().parent
TARGET = SCRIPTS.parent / "docs" / "benchmarks.md"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")
#: Settings of OpenBLAS that slow it down on some machines; said where they are in force.
KERNELS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ABOUT = """# Benchmarks

Written by `make bench`; do not edit by hand. `make bench ONLY=growth,scoring` measures some parts anew. Every number
stands beside a reference that was measured in the same run on the same machine, because a number alone says more about
the machine than about Medvirk. Rounds on Medvirk and on the reference take turns; what is given is the median of the
rounds.
"""
ABOUT_WEB = """* **Bare Django** is `scripts/bench_bare`: one form, one table, two middlewares, served by the same line
  with two workers and the same settings of the database. It shows what framework, server and disk cost by themselves.
  It has one query and one insert for each sending, where Medvirk looks up a link and what it asks, scores, encrypts the
  person's own words and writes three tables in one transaction.
* At a pace, requests are sent when they are due, whether or not earlier ones are answered, and the time counts from
  when they were due. A sending is a whole form with its cookie and its CSRF token, each to an occasion of its own, and
  counts as done when the reply has come; the answer is on disk then."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default=",".join(PARTS), help=f"parts to measure, of {', '.join(PARTS)}")
    chosen = [name.strip() for name in options.parse_args().only.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in PARTS]:
        print(f"There is no part {', '.join(unknown)}. The parts are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    for name in chosen:
        print(f"measuring {name} …", flush=True)
        measured = PARTS[name]()
        # Written after each part, so that what is measured is kept when a later one fails.
        kept = parts(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
        TARGET.write_text(document(ABOUT, kept | {name: measured}, list(PARTS)), encoding="utf-8")
        print(measured)
    return 0


def _web() -> str:
    """With data and keys of its own; nothing of an installation on this machine is read or written."""
    start, load = perf_counter(), os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="medvirk-bench-") as folder:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="medvirk.config.settings",
            MEDVIRK_DATA=folder,
            MEDVIRK_HTTPS="0",
            MEDVIRK_HOSTS="127.0.0.1",
        )
        for name in ("MEDVIRK_DEMO", "MEDVIRK_KEYS", "MEDVIRK_KEY_FILE", "DATABASE_URL"):
            os.environ.pop(name, None)
        import bench_web

        tables = [f"## {title}\n\n{table(rows, 'bare Django')}" for title, rows in bench_web.run().items()]
    packages = ("django", "granian", "altair", "vl-convert-python")
    machine = _machine(load, start, f"SQLite {sqlite3.sqlite_version}", packages)
    return "\n\n".join(["# Web", machine, ABOUT_WEB, *tables])


def _computed(title: str, script: str, packages: Sequence[str]) -> Callable[[], str]:
    """A part that a script prints: a process of its own, because the number of threads is settled at its start."""

    def measure() -> str:
        start, load = perf_counter(), os.getloadavg()
        done = subprocess.run(
            [sys.executable, SCRIPTS / script],
            env=os.environ | dict.fromkeys(THREADS, "1"),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        in_force = [f"{name}={os.environ[name]}" for name in KERNELS if name in os.environ]
        threads = ", ".join([f"one thread each ({', '.join(THREADS)} = 1)", *in_force])
        return "\n\n".join([f"# {title}", _machine(load, start, threads, packages), done.stdout.strip()])

    return measure


def _machine(load: tuple[float, float, float], start: float, more: str, packages: Sequence[str]) -> str:
    """Where and when, and how busy the machine was with other things when the part began."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    after = os.getloadavg()[0]
    return (
        f"Measured on {datetime.now(UTC):%d.%m.%Y} in {(perf_counter() - start) / 60:.1f} minutes: {_processor()}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"{more}, {versions}. Load of the machine before: {load[0]:.1f}, at the end {after:.1f}"
        f"{'; other work ran beside it' if load[0] > 0.5 or after > 1.5 else ''}."
    )


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


PARTS: dict[str, Callable[[], str]] = {
    "web": _web,
    "growth": _computed("Numbers", "bench_growth.py", ("numpy", "scipy")),
    "scoring": _computed("Scoring", "bench_scoring.py", ("numpy",)),
    "messages": _computed("Messages", "bench_messages.py", ("django", "requests", "aiosmtpd")),
    "reminders": _computed("Reminders", "bench_reminders.py", ("django",)),
    "signals": _computed("Signals", "bench_signals.py", ("numpy", "scipy")),
}

if __name__ == "__main__":
    sys.exit(main())
