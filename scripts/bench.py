"""Every budget of DESIGN 8 that can be measured on one machine, each beside its reference, into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from bench_rows import Row, table

TARGET = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
PARTS = ("django", "granian", "numpy", "scipy", "altair", "vl-convert-python")
ABOUT = """# Benchmarks

Written by `make bench`; do not edit by hand. Every number stands beside a reference that was measured in the same run
on the same machine, because a number alone says more about the machine than about Medvirk.

* **Bare Django** is `scripts/bench_bare`: one form, one table, two middlewares, served by the same line with two
  workers and the same settings of the database. It shows what framework, server and disk cost by themselves. It has
  one query and one insert for each sending, where Medvirk looks up a link and what it asks, scores, encrypts the
  person's own words and writes three tables in one transaction.
* At a pace, requests are sent when they are due, whether or not earlier ones are answered, and the time counts from
  when they were due. A sending is a whole form with its cookie and its CSRF token, each to an occasion of its own, and
  counts as done when the reply has come; the answer is on disk then.
* Rounds on Medvirk and on the reference take turns; what is given is the median of the rounds.
"""


def main() -> None:
    start = perf_counter()
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="medvirk-bench-") as folder:
        web = _web(folder)
        growth = _growth()
    minutes = (perf_counter() - start) / 60
    text = "\n".join([ABOUT, _machine(load, minutes), *_sections(web), growth])
    TARGET.write_text(text, encoding="utf-8")
    print(text)


def _web(folder: str) -> Mapping[str, Sequence[Row]]:
    """With data and keys of its own; nothing of an installation on this machine is read or written."""
    os.environ.update(
        DJANGO_SETTINGS_MODULE="medvirk.config.settings",
        MEDVIRK_DATA=folder,
        MEDVIRK_HTTPS="0",
        MEDVIRK_HOSTS="127.0.0.1",
    )
    for name in ("MEDVIRK_DEMO", "MEDVIRK_KEYS", "MEDVIRK_KEY_FILE", "DATABASE_URL"):
        os.environ.pop(name, None)
    import bench_web

    return bench_web.run()


def _sections(web: Mapping[str, Sequence[Row]]) -> list[str]:
    return [f"## {title}\n\n{table(rows, 'bare Django')}\n" for title, rows in web.items()]


def _growth() -> str:
    """The growth model's own measurements, of which each row says by what it is compared."""
    import bench_growth

    lines = ["## The growth model", "", "| what | measured | note |", "|---|---|---|"]
    lines += [f"| {row['what']} | {_seconds(row)} | {row['note']} |" for row in bench_growth.run()]
    return "\n".join([*lines, ""])


def _seconds(row: Mapping[str, Any]) -> str:
    seconds = row["seconds"]
    return "not measured" if seconds is None else f"{seconds * 1000:,.1f} ms"


def _machine(load: tuple[float, float, float], minutes: float) -> str:
    """Where and when, and how busy the machine was with other things when the run began."""
    versions = ", ".join(f"{name} {version(name)}" for name in PARTS)
    return (
        f"Measured on {datetime.now(UTC):%d.%m.%Y} in {minutes:.0f} minutes: {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}, {versions}. Load of the machine before the run: {load[0]:.1f}, over the last "
        f"15 minutes {load[2]:.1f}{'; other work ran beside it' if load[0] > 0.5 else ''}.\n"
    )


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
