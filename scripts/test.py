"""All tests: everything on SQLite, then what touches a database again on a private PostgreSQL.

Arguments are handed to pytest in both runs: `make test` is this without any. For the tests it is the same day whenever
they run (`tests/conftest.py`), but for those with a browser; MEDVIRK_TEST_DAY=2026-12-31 tries them on another one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from postgres import NoPostgres, private_postgres

ROOT = Path(__file__).resolve().parent.parent
WITH_DATABASE = ("tests/db", "tests/web")
# Both cores; a whole file goes to one of them, so that what is costly to set up is set up once.
PARALLEL = ("-n", "2", "--dist", "loadfile")


def pytest(name: str, *arguments: str, **environment: str) -> int:
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    code = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    ).returncode
    print(f"== {name}: {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - start:.0f} s", flush=True)
    return code


def main() -> int:
    extra = sys.argv[1:]
    codes = [
        pytest("SQLite", *PARALLEL, "tests/pure", *WITH_DATABASE, *extra),
        # One browser at a time: two of them on two cores would make the measured times meaningless.
        pytest("Chromium", "tests/browser", *extra),
    ]
    try:
        with private_postgres() as address:
            codes.append(pytest("PostgreSQL", *PARALLEL, *WITH_DATABASE, *extra, DATABASE_URL=address))
    except NoPostgres as missing:
        print(missing, file=sys.stderr)
        codes.append(1)
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
