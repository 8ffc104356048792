"""Many answer sheets at once give what each gives alone: scores, missing items, bands, cut-offs."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medvirk.instruments.definitions import Condition, Confidence, CutOff, Instrument, Item, Skip
from medvirk.instruments.loader import catalogue, get
from medvirk.instruments.logic import (
    BLOCK,
    ScoringFault,
    missing_reason,
    score,
    score_sheets,
    score_table,
)

SCORED = [instrument for instrument in catalogue().values() if instrument.scales]
SEXES = ("female", "male", None)
AGES = (15, 16.5, 17, 66, None, float("nan"))


def cut(value: float, *when: Condition) -> CutOff:
    return CutOff(value, True, "made up", Confidence.GUESS, when=when)


CUTOFFS = (
    cut(1, Condition("sex", equals="female"), Condition("age", at_least=16, at_most=66)),
    cut(2, Condition("age", at_most=16)),
    cut(3, Condition("sex", equals="male")),
)


def answer(item: Item) -> st.SearchStrategy[float]:
    if item.options:
        return st.sampled_from(item.options)
    return st.integers(int(item.low or 0) * 10, int(item.high or 0) * 10).map(lambda tenths: tenths / 10)


@st.composite
def varied(draw: st.DrawFn) -> Instrument:
    """A shipped instrument with its own rules, or with other skips, cut-offs and a more forgiving missing rule."""
    instrument = draw(st.sampled_from(SCORED))
    scale = instrument.scales[0]
    if draw(st.booleans()) or len(scale.items) < 3:
        return instrument
    first, *others = scale.items
    chosen = instrument.item(others[0])
    low, high = chosen.low, chosen.high
    assert low is not None
    assert high is not None
    skip = Skip(first, instrument.item(first).low or 0.0, tuple(others[:1]), draw(st.sampled_from([low, high])),
                draw(st.booleans()), "made up")  # fmt: skip
    changed = replace(
        scale,
        skips=(skip,),
        missing_allowed=draw(st.integers(0, len(scale.items) - 1)),
        reversed=tuple(draw(st.sets(st.sampled_from(scale.items)))),
        cutoffs=CUTOFFS[draw(st.integers(0, 2)) :],
    )
    return replace(instrument, scales=(changed, *instrument.scales[1:]))


@settings(max_examples=200)
@given(st.data())
def test_each_row_is_what_it_is_alone(data):
    instrument = data.draw(varied())
    keys = [item.key for item in instrument.items]
    row = st.tuples(*(st.none() | answer(item) for item in instrument.items))
    rows = data.draw(st.lists(row, max_size=5))
    facts = {
        "sex": [data.draw(st.sampled_from(SEXES)) for _ in rows],
        "age": [data.draw(st.sampled_from(AGES)) for _ in rows],
    }

    sheets = score_sheets(instrument, np.array(rows, dtype=float).reshape(-1, len(keys)), keys, facts)

    assert list(sheets) == [scale.key for scale in instrument.scales]
    for at, values in enumerate(rows):
        stated = {name: column[at] for name, column in facts.items() if column[at] is not None}
        alone = score(instrument, dict(zip(keys, values, strict=True)), stated)
        for scale in instrument.scales:
            one, many = alone[scale.key], sheets[scale.key]
            bands = scale.banding.bands if scale.banding else ()
            assert one.value == (None if np.isnan(many.value[at]) else many.value[at])
            assert len(one.missing) == many.missing[at]
            assert one.missing_reason is missing_reason(scale, int(many.missing[at]))
            assert one.band == (bands[many.band[at]] if many.band[at] >= 0 else None)
            assert one.cutoff == (scale.cutoffs[many.cutoff[at]] if many.cutoff[at] >= 0 else None)


def test_many_blocks_are_the_same_as_one_and_cost_little_memory():
    audit = get("audit")
    keys = [item.key for item in audit.items]
    rng = np.random.default_rng(4)
    n = 3 * BLOCK + 17
    values = np.column_stack([rng.choice(item.options, n) for item in audit.items])
    values[rng.random(values.shape) < 0.05] = np.nan

    tracemalloc.start()
    found = score_table(audit, "total", values, keys)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    picked = [0, BLOCK - 1, BLOCK, 2 * BLOCK, n - 1, *rng.integers(0, n, 200)]
    alone = [
        score(
            audit,
            {key: None if np.isnan(value) else value for key, value in zip(keys, values[at], strict=True)},
        )
        for at in picked
    ]
    np.testing.assert_array_equal(
        found[picked], [np.nan if one["total"].value is None else one["total"].value for one in alone]
    )
    assert 0 < np.isnan(found).sum() < n
    # The result, twice over, and the columns of one block: far below the 3.9 MB of the answers themselves.
    assert peak < 2 * found.nbytes + 20 * BLOCK * 8 < values.nbytes


def test_a_fault_far_down_is_told_with_its_row():
    values = np.zeros((BLOCK + 5, 3))
    values[BLOCK + 2, 1] = 9
    values[BLOCK + 2, 0] = -1
    values[7, 2] = np.inf

    with pytest.raises(ScoringFault) as caught:
        score_sheets(get("audit-c"), values, ["q1", "q2", "q3"])

    assert [(fault.row, fault.item) for fault in caught.value.faults] == [
        (7, "q3"),
        (BLOCK + 2, "q1"),
        (BLOCK + 2, "q2"),
    ]


def test_an_item_without_a_column_is_unanswered():
    sheets = score_sheets(get("wsas"), [[1, 2, 3, 4], [8, 8, 8, 8]], ["q2", "q3", "q4", "q5"])

    np.testing.assert_array_equal(sheets["total"].value, [np.nan, np.nan])
    np.testing.assert_array_equal(sheets["total"].missing, [1, 1])
    np.testing.assert_array_equal(sheets["without_work"].value, [10, 32])


def test_a_table_may_lack_the_column_that_decides_what_is_skipped():
    found = score_table(
        get("wsas"), "total", [[1, 2, 3, 4, 5], [np.nan, 2, 3, 4, 5]], ["q1", "q2", "q3", "q4", "q5"]
    )

    np.testing.assert_array_equal(found, [15, np.nan])


def test_facts_of_another_length_are_refused():
    with pytest.raises(ValueError, match="There are 2 sheets, but the fact sex has 1 values"):
        score_sheets(get("audit-c"), [[1, 1, 1], [2, 2, 2]], ["q1", "q2", "q3"], {"sex": ["male"]})


def test_facts_may_be_arrays():
    audit_c = get("audit-c")
    sex = np.array(["male", "female", "unknown"])

    found = score_sheets(audit_c, [[1, 1, 1]] * 3, ["q1", "q2", "q3"], {"sex": sex})["total"].cutoff

    assert [audit_c.scales[0].cutoffs[at].value for at in found] == [4, 3, 5]


def test_no_sheets_give_no_scores():
    sheets = score_sheets(get("audit-c"), np.empty((0, 3)), ["q1", "q2", "q3"], {"sex": []})

    assert [part.shape for part in (sheets["total"].value, sheets["total"].cutoff)] == [(0,), (0,)]
