"""How often signals are right: what is found against what is flagged, and shares with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from medvirk.ui.charts.parts import (
    BLUE,
    BROWN,
    GREEN,
    INK,
    QUIET,
    RED,
    ROOMS,
    Layer,
    layer,
    wrapped,
    written_out,
)
from medvirk.ui.charts.pictures import Curve, Drawing, Estimate, EstimatesPicture, Size, TradeOffPicture

Look = tuple[str, tuple[int, ...], str]
# Colour, dashes and shape, so that any two rules differ without colour.
LOOKS: Sequence[Look] = (
    (BLUE, (1, 0), "circle"),
    (BROWN, (9, 4), "square"),
    ("#5d6874", (2, 3), "triangle-up"),
    (RED, (10, 3, 2, 3), "diamond"),
    (GREEN, (5, 2), "cross"),
    ("#7a5d00", (1, 2), "triangle-down"),
)
BEST: Look = (INK, (14, 4), "stroke")


def trade_off_chart(picture: TradeOffPicture, size: Size = Size.WIDE) -> Drawing:
    """Share of courses flagged along, sensitivity up; one line per rule, and where each of them stands."""
    room, labels = ROOMS[size], picture.labels
    side = min(room.width, 470)
    x, y = _share_axis("x", labels["flagged"]), _share_axis("y", labels["found"])
    looks = _looks(picture.curves)
    colour, dash = _legend(looks)
    rows = [
        {"x": flagged, "y": found, "kind": curve.name}
        for curve in picture.curves
        for flagged, found in curve.points
    ]
    # Between two thresholds there is none, so the line goes in steps.
    line = {"type": "line", "interpolate": "step-after", "strokeWidth": 2.2, "clip": True}
    layers = [
        *_references(picture, x, y),
        layer(rows, line, x=x, y=y, color=colour, strokeDash=dash),
        *_stands(picture, looks, x, y),
    ]
    return written_out({"width": side, "height": side, "layer": layers}, {}, labels, size)


def _share_axis(field: str, title: str | None) -> Layer:
    scale = {"domain": [0, 1], "nice": False}
    axis = {"format": ".0%", "values": [0, 0.25, 0.5, 0.75, 1]}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": axis}


def _looks(curves: Sequence[Curve]) -> dict[str, Look]:
    """The look of each curve by its name; the best possible one is black."""
    ordinary = iter(LOOKS)
    return {curve.name: BEST if curve.best else next(ordinary) for curve in curves}


def _legend(looks: Mapping[str, Look]) -> tuple[Layer, Layer]:
    """Colour and dashes as one legend of short lines."""
    names = list(looks)
    key = {
        "title": None,
        "orient": "bottom",
        "direction": "vertical",
        "symbolType": "stroke",
        "symbolSize": 700,
    }
    field = {"field": "kind", "type": "nominal", "sort": None, "legend": {**key, "symbolStrokeWidth": 2.4}}
    colours = {"domain": names, "range": [colour for colour, _dashes, _shape in looks.values()]}
    dashes = {"domain": names, "range": [list(dashes) for _colour, dashes, _shape in looks.values()]}
    return {**field, "scale": colours}, {**field, "scale": dashes}


def _references(picture: TradeOffPicture, x: Layer, y: Layer) -> list[Layer]:
    """What flags drawn by lot would find, and the burden."""
    labels = picture.labels
    lot = {"type": "line", "color": QUIET, "strokeWidth": 1}
    rule = {"type": "rule", "color": INK, "strokeWidth": 1, "strokeDash": [3, 3]}
    words = {"type": "text", "fontSize": 12, "baseline": "bottom"}
    text = {"field": "text", "type": "nominal"}
    chance = [{"x": 0.98, "y": 0.9, "text": labels["chance"]}]
    burden = [{"x": picture.burden, "y": 0.0, "text": labels["burden"]}]
    # On the side with more room.
    side = {"align": "left", "dx": 5} if picture.burden < 0.6 else {"align": "right", "dx": -5}
    return [
        layer([{"x": 0, "y": 0}, {"x": 1, "y": 1}], lot, x=x, y=y),
        layer(chance, {**words, "align": "right", "baseline": "top", "color": QUIET}, x=x, y=y, text=text),
        layer(burden, rule, x=x),
        layer(burden, {**words, **side, "dy": -5, "color": INK}, x=x, y=y, text=text),
    ]


def _stands(picture: TradeOffPicture, looks: Mapping[str, Look], x: Layer, y: Layer) -> list[Layer]:
    """The point of each rule at the burden, and at its own threshold."""
    kinds = {"chosen": (picture.labels["chosen"], "circle"), "own": (picture.labels["own"], "diamond")}
    rows = [
        {"x": point[0], "y": point[1], "colour": looks[curve.name][0], "point": kinds[kind][0]}
        for curve in picture.curves
        for kind, point in (("chosen", curve.chosen), ("own", curve.own))
        if point is not None
    ]
    shown = [(name, shape) for name, shape in kinds.values() if any(row["point"] == name for row in rows)]
    scale = {"domain": [name for name, _shape in shown], "range": [shape for _name, shape in shown]}
    key = {
        "title": None,
        "orient": "bottom",
        "direction": "vertical",
        "symbolFillColor": INK,
        "symbolSize": 90,
    }
    shape = {"field": "point", "type": "nominal", "scale": scale, "legend": {**key, "symbolStrokeWidth": 0}}
    fill = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    mark = {"type": "point", "filled": True, "size": 120, "opacity": 1, "stroke": "white", "strokeWidth": 1}
    return [layer(rows, mark, x=x, y=y, shape=shape, fill=fill)]


def estimates_chart(picture: EstimatesPicture, size: Size = Size.WIDE) -> Drawing:
    """Panels one above the other: a mark per rule and place, with its interval as a line."""
    room = ROOMS[size]
    panels = [
        {
            "title": {"text": wrapped(heading, room.letters), "anchor": "start", "offset": 6},
            "width": room.width,
            "height": 150,
            "layer": _estimate_layers(picture, estimates, last=at == len(picture.panels) - 1),
        }
        for at, (heading, estimates) in enumerate(picture.panels)
    ]
    return written_out({"vconcat": panels, "spacing": 18}, {}, picture.labels, size)


def _estimate_layers(picture: EstimatesPicture, estimates: Sequence[Estimate], *, last: bool) -> list[Layer]:
    """The axis is named under the last panel only; the panels share their legend."""
    rules, labels = list(picture.rules), picture.labels
    key = {"title": None, "orient": "bottom", "direction": "vertical", "symbolSize": 90}
    field = {"field": "rule", "type": "nominal", "sort": None, "legend": key}
    colour = {**field, "scale": {"domain": rules, "range": [look[0] for look in LOOKS[: len(rules)]]}}
    shape = {**field, "scale": {"domain": rules, "range": [look[2] for look in LOOKS[: len(rules)]]}}
    scale = {"domain": list(picture.places), "paddingInner": 0.35}
    title = labels["place"] if last else None
    place = {"field": "place", "type": "nominal", "sort": None, "title": title, "scale": scale}
    place["axis"] = {"labelAngle": 0}
    beside = {"field": "rule", "type": "nominal", "sort": None, "scale": {"domain": rules}}
    rows = [
        {"place": each.place, "rule": each.rule, "value": each.value, "low": each.low, "high": each.high}
        for each in estimates
    ]
    spread = [row for row in rows if row["low"] is not None]
    y, ends = _share_axis("value", None), _share_axis("low", None)
    bar = {"type": "rule", "strokeWidth": 2}
    dot = {"type": "point", "filled": True, "size": 70, "opacity": 1}
    return [
        layer(spread, bar, x=place, xOffset=beside, y=ends, y2={"field": "high"}, color=colour),
        layer(rows, dot, x=place, xOffset=beside, y=y, color=colour, shape=shape),
    ]
