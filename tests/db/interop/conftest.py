"""Tables to import, and the unit and the worker that they name."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from medvirk.interop.importing.command import import_file

#: One row in which everything is right.
FIRST = {
    "person": "A1", "given_name": "Kari", "family_name": "Testesen", "national_id": "01858500112",
    "unit": "North", "worker": "kari.worker", "episode_start": "01.02.2025", "session": "01.02.2025 10:00",
    "instrument": "life-now", "score": "20", "own_words": "",
}  # fmt: skip


@pytest.fixture
def place(make):
    """The unit and the worker that the tables name."""
    unit = make.unit("North")
    return unit, make.staff(unit=unit, login="kari.worker")


@pytest.fixture
def table(tmp_path):
    """`table(row, …)`: a file of these rows, each a change of a right one."""

    def write(*changes):
        rows = [{**FIRST, **change} for change in changes]
        headings = list(dict.fromkeys(name for row in rows for name in row))
        lines = [headings, *([row.get(name, "") for name in headings] for row in rows)]
        path = tmp_path / "table.csv"
        path.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(place, table):
    """`run(row, …, options=[…])`: the result of `medvirk import --commit` with these rows."""

    def invoke(*changes, options=("--commit",)):
        return CliRunner().invoke(import_file, [str(table(*changes)), *options])

    return invoke
