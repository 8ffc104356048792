"""A share month by month, with its centre line and limits: what is ordinary variation, and what is not."""

from __future__ import annotations

from medvirk.ui.charts.parts import BLUE, GRID, INK, QUIET, RED, ROOMS, Layer, layer, written_out
from medvirk.ui.charts.pictures import ControlPicture, Drawing, Size


def control_chart(picture: ControlPicture, size: Size = Size.WIDE) -> Drawing:
    """Points joined where months follow each other, limits in steps; what breaks a rule is a red diamond."""
    room, labels = ROOMS[size], picture.labels
    x = _months(picture, size)
    y: Layer = {
        "field": "share",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1], "gridColor": GRID},
    }
    content = {
        "width": room.width,
        "height": 220,
        "layer": [*_limits(picture, x, y), *_notes(picture, x), *_points(picture, x, y)],
    }
    return written_out(content, {}, labels, size)


def _months(picture: ControlPicture, size: Size) -> Layer:
    names = list(picture.months)
    # On a phone every eighth month has room for its name, on a desk every third.
    step = 8 if size is Size.NARROW else 3
    shown = [name for at, name in enumerate(names) if (len(names) - 1 - at) % step == 0]
    axis = {"values": shown, "labelAngle": 0, "title": None}
    return {"field": "month", "type": "ordinal", "sort": None, "scale": {"domain": names}, "axis": axis}


def _limits(picture: ControlPicture, x: Layer, y: Layer) -> list[Layer]:
    def line(values: object, dash: list[int], colour: str) -> Layer:
        rows = [
            {"month": month, "share": value}
            for month, value in zip(picture.months, values, strict=True)  # type: ignore[call-overload]
            if value is not None
        ]
        mark = {
            "type": "line",
            "interpolate": "step",
            "strokeDash": dash,
            "color": colour,
            "strokeWidth": 1.4,
        }
        return layer(rows, mark, x=x, y=y)

    return [
        line(picture.centre, [1, 0], QUIET),
        line(picture.lower, [5, 4], QUIET),
        line(picture.upper, [5, 4], QUIET),
    ]


def _notes(picture: ControlPicture, x: Layer) -> list[Layer]:
    """A thin upright line where something was changed, with its letter at the top."""
    rows = [{"month": picture.months[place], "letter": letter} for place, letter in picture.notes]
    if not rows:
        return []
    rule = {"type": "rule", "color": INK, "strokeWidth": 1, "strokeDash": [2, 3]}
    name = {"type": "text", "color": INK, "fontWeight": "bold", "baseline": "top", "align": "left", "dx": 3}
    top: Layer = {"value": 2}
    return [layer(rows, rule, x=x), layer(rows, name, x=x, y=top, text={"field": "letter"})]


def _points(picture: ControlPicture, x: Layer, y: Layer) -> list[Layer]:
    rows = [
        {"month": month, "share": share, "unusual": at in picture.unusual}
        for at, (month, share) in enumerate(zip(picture.months, picture.shares, strict=True))
    ]
    ordinary = [row for row in rows if row["share"] is not None and not row["unusual"]]
    unusual = [row for row in rows if row["share"] is not None and row["unusual"]]
    # A month that is not shown breaks the line: nobody knows where it would have been.
    joined = {"type": "line", "color": BLUE, "strokeWidth": 2, "invalid": "break-paths-filter-domains"}
    dot = {"type": "point", "filled": True, "size": 55, "opacity": 1, "color": BLUE}
    diamond = {
        "type": "point",
        "filled": True,
        "size": 130,
        "opacity": 1,
        "color": RED,
        "shape": "diamond",
        "stroke": INK,
        "strokeWidth": 0.6,
    }
    return [layer(rows, joined, x=x, y=y), layer(ordinary, dot, x=x, y=y), layer(unusual, diamond, x=x, y=y)]
