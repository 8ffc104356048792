"""`medvirk analyse` reads Parquet with the same result as CSV: HELP, and a small file with dates."""

import json
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from medvirk.interop.commands import analyse
from medvirk.tables import write_csv

ITEMS = ["--person", "ID", "--time", "TIME", "--items", "F1A:F1T", "--instrument", "ces-d", "--json"]
DATED = [
    "--person",
    "id",
    "--time",
    "when",
    "--score",
    "s",
    "--direction",
    "lower",
    "--range",
    "0,60",
    "--json",
]


def numbers_of(path, options) -> dict:
    result = CliRunner().invoke(analyse, [str(path), *options])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    return {name: value for name, value in found.items() if name not in {"file", "seconds"}}


@pytest.mark.parametrize(
    "types", [{}, {"ID": "category", "F1A": "Int8", "F1B": "float32"}], ids=["plain", "typed"]
)
def test_help_gives_the_same_numbers_as_the_csv(help_data, help_csv, tmp_path, types):
    path = tmp_path / "help.parquet"
    help_data.astype(types).to_parquet(path)

    found = numbers_of(path, ITEMS)

    assert found == numbers_of(help_csv, ITEMS)
    assert (found["persons"], found["growth"]["persons"]) == (470, 470)


def test_dates_and_times_with_a_zone_are_weeks(tmp_path):
    first = datetime(2024, 5, 6, 10)  # noqa: DTZ001 - the same clock in both files
    rows = [
        (f"p{n}", first + timedelta(weeks=week), 30.0 - n - 2 * week) for n in range(6) for week in range(3)
    ]
    persons, times, scores = zip(*rows, strict=True)
    parquet, csv = tmp_path / "dated.parquet", tmp_path / "dated.csv"
    zoned = pa.array(times, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC"))
    pq.write_table(pa.table({"id": persons, "when": zoned, "s": scores}), parquet)
    write_csv(csv, ["id", "when", "s"], rows)

    assert numbers_of(parquet, DATED) == numbers_of(csv, DATED)


def test_a_damaged_file_is_told_and_nothing_else_happens(tmp_path):
    path = tmp_path / "help.parquet"
    path.write_bytes(b"PAR1 and no more")

    result = CliRunner().invoke(
        analyse, [str(path), *ITEMS, "--language", "en", "--out", str(tmp_path / "report")]
    )

    assert result.exit_code == 2
    assert "The Parquet file is damaged or not whole." in result.stderr
    assert not (tmp_path / "report").exists()
