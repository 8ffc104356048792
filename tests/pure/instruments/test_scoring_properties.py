"""What holds for every instrument and all answers."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from medvirk.instruments.definitions import Instrument, Item, Method, Scale
from medvirk.instruments.loader import catalogue
from medvirk.instruments.logic import score, score_table

SCORED = [instrument for instrument in catalogue().values() if instrument.scales]


def answer(item: Item) -> st.SearchStrategy[float]:
    if item.options:
        return st.sampled_from(item.options)
    return st.integers(int(item.low or 0) * 10, int(item.high or 0) * 10).map(lambda tenths: tenths / 10)


@st.composite
def varied(draw: st.DrawFn) -> Instrument:
    """A shipped instrument whose scale is turned, weighted, multiplied and forgiving in some other way.

    With the items of that scale alone and without what a form lets people skip: `test_answer_sheets` has those.
    """
    instrument = draw(st.sampled_from(SCORED))
    shipped = instrument.scales[0]
    method = draw(st.sampled_from(Method))
    weight = st.integers(1, 5).map(float)
    k = len(shipped.items)
    scale = replace(
        shipped,
        method=method,
        weights=tuple(draw(st.lists(weight, min_size=k, max_size=k))) if method is Method.WEIGHTED else (),
        reversed=tuple(draw(st.sets(st.sampled_from(shipped.items)))),
        multiply=float(draw(st.sampled_from([1, 4, 25]))),
        missing_allowed=draw(st.integers(0, k - 1)),
        skips=(),
    )
    items = tuple(item for item in instrument.items if item.key in shipped.items)
    return replace(instrument, items=items, scales=(scale,))


@st.composite
def with_rows(draw: st.DrawFn) -> tuple[Instrument, list[list[float | None]]]:
    instrument = draw(varied())
    row = st.tuples(*(st.none() | answer(item) for item in instrument.items)).map(list)
    return instrument, draw(st.lists(row, min_size=1, max_size=6))


def by_hand(instrument: Instrument, scale: Scale, row: list[float | None]) -> float | None:
    """The same rules, written as one would explain them."""
    weights = dict(zip(scale.items, scale.weights or [1.0] * len(scale.items), strict=True))
    given_answers = {}
    for item, value in zip(instrument.items, row, strict=True):
        if value is not None:
            assert item.low is not None
            assert item.high is not None
            given_answers[item.key] = item.low + item.high - value if item.key in scale.reversed else value
    if len(scale.items) - len(given_answers) > scale.missing_allowed:
        return None
    total = sum(weights[key] * value for key, value in given_answers.items())
    total *= sum(weights.values()) / sum(weights[key] for key in given_answers)
    return scale.multiply * total / (len(scale.items) if scale.method is Method.MEAN else 1)


@given(with_rows())
def test_one_by_one_as_a_table_and_by_hand_agree(drawn):
    instrument, rows = drawn
    scale = instrument.scales[0]
    keys = [item.key for item in instrument.items]

    one_by_one = [score(instrument, dict(zip(keys, row, strict=True)))[scale.key].value for row in rows]
    table = score_table(instrument, scale.key, np.array(rows, dtype=float), keys)

    for single, vectorised, row in zip(one_by_one, table, rows, strict=True):
        expected = by_hand(instrument, scale, row)
        if expected is None:
            assert single is None
            assert math.isnan(vectorised)
        else:
            assert single == vectorised
            assert math.isclose(single, expected, abs_tol=1e-8)


@given(with_rows())
def test_a_score_is_missing_exactly_when_a_reason_is_given(drawn):
    instrument, rows = drawn
    for row in rows:
        values = {item.key: value for item, value in zip(instrument.items, row, strict=True)}

        found = score(instrument, values)[instrument.scales[0].key]

        unanswered = sum(value is None for value in row)
        assert (found.value is None) == (found.missing_reason is not None)
        assert (found.value is None) == (unanswered > instrument.scales[0].missing_allowed)
        assert found.answered == found.of - unanswered == found.of - len(found.missing)


@given(with_rows())
def test_turning_every_item_mirrors_the_score_and_turning_twice_undoes_it(drawn):
    instrument, rows = drawn
    scale = instrument.scales[0]
    turned_scale = replace(scale, reversed=tuple(set(scale.items) - set(scale.reversed)))
    turned = replace(instrument, scales=(turned_scale,))
    keys = [item.key for item in instrument.items]
    values = np.array(rows, dtype=float)
    ends = np.array([(item.low or 0) + (item.high or 0) for item in instrument.items])

    plain = score_table(instrument, scale.key, values, keys)

    # Turning the answers and then letting the scale turn them back is the same as leaving them.
    np.testing.assert_allclose(score_table(turned, scale.key, ends - values, keys), plain, atol=1e-8)


@given(st.data())
def test_prorating_changes_nothing_when_nothing_is_missing(data):
    instrument = data.draw(varied())
    scale = instrument.scales[0]
    values = {item.key: data.draw(answer(item)) for item in instrument.items}
    strict = replace(instrument, scales=(replace(scale, missing_allowed=0),))

    assert score(instrument, values)[scale.key].value == score(strict, values)[scale.key].value


@given(st.data())
def test_shipped_scores_stay_within_their_scale(data):
    instrument = data.draw(st.sampled_from(SCORED))
    values = {item.key: data.draw(st.none() | answer(item)) for item in instrument.items}

    for key, found in score(instrument, values).items():
        scale = instrument.scale(key)
        assert found.value is None or scale.low - 1e-9 <= found.value <= scale.high + 1e-9
