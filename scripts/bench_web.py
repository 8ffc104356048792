"""The web side: answering under load, the worker's pages, the demo. Servers are started here and stopped again.

`run()` gives the rows for `scripts/bench.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import bench_answering
import bench_fjordvik
import bench_pages
from bench_rows import Row
from bench_servers import SCRIPTS, served

DEMO_SECONDS = 30


def run() -> Mapping[str, Sequence[Row]]:
    """Measure; rows by the name of their table. Needs the settings that `scripts/bench.py` has put in place."""
    fjordvik = bench_fjordvik.build()
    with tempfile.TemporaryDirectory(prefix="medvirk-bench-bare-") as folder:
        _make_bare(folder)
        with (
            served("medvirk.config.wsgi:application") as server,
            served("bench_bare.server:application", MEDVIRK_DATA=folder) as bare,
        ):
            pages = bench_pages.rows(server, bare, fjordvik)
            answering = bench_answering.rows(server, bare)
    demo = Row("building Fjordvik, tables and static files included", f"{fjordvik.seconds:.1f} s",
               f"< {DEMO_SECONDS} s", "–", missed=fjordvik.seconds >= DEMO_SECONDS)  # fmt: skip
    return {"The answering page": answering, "The worker's pages": pages, "The demo": [demo]}


def _make_bare(folder: str) -> None:
    """The database of the reference: the same settings, one table."""
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS), "MEDVIRK_DATA": str(Path(folder))}
    environment["DJANGO_SETTINGS_MODULE"] = "bench_bare.settings"
    command = [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"]
    subprocess.run(command, env=environment, check=True)
