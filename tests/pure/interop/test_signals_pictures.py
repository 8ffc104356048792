"""The pictures of a judgement: valid Vega-Lite, readable without colour, and true to the numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.ui.charts import (
    Curve,
    Estimate,
    EstimatesPicture,
    Size,
    TradeOffPicture,
    estimates_chart,
    to_svg,
    trade_off_chart,
)
from medvirk.ui.charts.accuracy import BEST, LOOKS

LABELS = {
    "title": "Found & flagged", "description": "In words", "flagged": "Flagged", "found": "Found", "burden": "Burden",
    "chance": "By lot", "chosen": "At the burden", "own": "Own threshold", "place": "Measurement",
}  # fmt: skip
POINTS = [(0.0, 0.0), (0.2, 0.5), (1.0, 1.0)]
TRADE_OFF = TradeOffPicture(
    [
        Curve("Ours", POINTS, (0.2, 0.5)),
        Curve("Table", POINTS, (0.2, 0.4), (0.1, 0.3)),
        Curve("Best", POINTS, (0.2, 0.6), best=True),
    ],
    0.2,
    LABELS,
)
ESTIMATES = EstimatesPicture(
    [
        ("Flagged", [Estimate("Ours", "2", 0.1, 0.05, 0.2), Estimate("Table", "2", 0.2, None, None)]),
        ("Sensitivity", [Estimate("Ours", "whole", 0.5, 0.3, 0.7)]),
    ],
    ["2", "whole"],
    ["Ours", "Table"],
    LABELS,
)


def specification(drawing):
    return drawing.chart.to_dict()


@pytest.mark.parametrize("size", Size)
@pytest.mark.parametrize(("make", "picture"), [(trade_off_chart, TRADE_OFF), (estimates_chart, ESTIMATES)])
def test_each_picture_is_valid_and_named(make, picture, size):
    drawing = make(picture, size)
    svg = to_svg(drawing, "en")

    specification(drawing)  # Raises where it breaks the schema of Vega-Lite.
    assert "<title" in svg
    assert "Found &amp; flagged" in svg
    assert "<script" not in svg
    assert "Ours" in svg


def test_any_two_rules_differ_without_colour():
    looks = [*LOOKS, BEST]

    assert len({dashes for _colour, dashes, _shape in looks}) == len(looks)
    assert len({shape for _colour, _dashes, shape in looks}) == len(looks)


def values_of(part, field):
    """All rows of a chart that have the field."""
    if isinstance(part, dict):
        rows = part.get("values") if isinstance(part.get("values"), list) else []
        found = [row for row in rows if isinstance(row, dict) and field in row]
        return found + [row for each in part.values() for row in values_of(each, field)]
    return [row for each in part for row in values_of(each, field)] if isinstance(part, list) else []


def test_the_marks_stand_where_the_rules_stand():
    rows = values_of(specification(trade_off_chart(TRADE_OFF)), "point")

    assert [(row["x"], row["y"], row["point"]) for row in rows] == [
        (0.2, 0.5, "At the burden"),
        (0.2, 0.4, "At the burden"),
        (0.1, 0.3, "Own threshold"),
        (0.2, 0.6, "At the burden"),
    ]


def test_a_share_without_an_interval_has_a_mark_and_no_line():
    bars, dots = specification(estimates_chart(ESTIMATES))["vconcat"][0]["layer"]

    assert [row["rule"] for row in bars["data"]["values"]] == ["Ours"]
    assert [row["rule"] for row in dots["data"]["values"]] == ["Ours", "Table"]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0.01, 0.99))
def test_a_curve_is_drawn_from_every_point(shares, burden):
    points = sorted((share, share) for share in shares)
    picture = TradeOffPicture([Curve("Ours", points, points[0])], burden, LABELS)

    rows = values_of(specification(trade_off_chart(picture)), "kind")

    assert [(row["x"], row["y"]) for row in rows] == points
