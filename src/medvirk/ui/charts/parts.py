"""Colours, axes, legends and layers that the charts share.

What is drawn while somebody waits is written out as Vega-Lite; to build the same with Altair's objects takes several
times as long as the drawing itself. Altair is imported when a chart needs it: that takes a second, which no other
command should wait for.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from medvirk.ui.charts.pictures import Band, Drawing, Numbers, Size, Specification

# Every letter on white, and every line beside its band, has a contrast of at least 4.5 to 1.
INK, QUIET, GRID = "#1b2733", "#4a5866", "#dde3e8"
BLUE, BROWN, RED, GREEN = "#00508f", "#8a3b12", "#86111f", "#0b5d3b"
BAND50, BAND80, EDGE, COURSE = "#9dc3e3", "#dcebf7", "#7fa9cf", "#6a7580"
FONT = "Arial, Liberation Sans, sans-serif"
# One look per outcome, colour and shape, so that any two differ without colour.
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "recovered": (GREEN, "triangle-up"),
    "improved": ("#23718c", "diamond"),
    "unchanged": ("#6a7580", "circle"),
    "deteriorated": (RED, "triangle-down"),
    "not_assessable": ("#7a5d00", "cross"),
}


@dataclass(frozen=True)
class Room:
    """Width of the plot in pixels, letter size in pixels, and how many letters fit on a line of it."""

    width: int
    font: int
    letters: int


ROOMS = {Size.NARROW: Room(226, 12, 34), Size.WIDE: Room(600, 13, 80)}


Picture = TypeVar("Picture")


def unchecked(make: Callable[[Picture, Size], Drawing]) -> Callable[..., Drawing]:
    """Makes the chart without Altair's check of every part, which takes longer than the drawing."""

    @wraps(make)
    def quickly(picture: Picture, size: Size = Size.WIDE) -> Drawing:
        from altair.utils.schemapi import debug_mode

        with debug_mode(False):
            return make(picture, size)

    return quickly


Layer = dict[str, Any]


def layer(rows: Sequence[Mapping[str, Any]], mark: Mapping[str, Any], **channels: Any) -> Layer:
    """One layer of a chart: its rows, its mark and what places and colours it (Vega-Lite's own words)."""
    return {"data": {"values": [dict(row) for row in rows]}, "mark": dict(mark), "encoding": channels}


def score_axis(low: float, high: float, title: str, ticks: int = 6) -> Layer:
    """The axis of a score: always the whole scale, so that a small change does not look large."""
    scale = {"domain": [low, high], "nice": False, "zero": False}
    return {
        "field": "low",
        "type": "quantitative",
        "title": title,
        "scale": scale,
        "axis": {"tickCount": ticks},
    }


def time_axis(title: str, axis: Mapping[str, Any]) -> Layer:
    """The axis of time or sessions, from `left` to `right` of `written_out`: as long as the data."""
    scale = {"domainMin": {"expr": "left"}, "domainMax": {"expr": "right"}, "nice": False, "zero": False}
    return {"field": "x", "type": "quantitative", "title": title, "scale": scale, "axis": dict(axis)}


def finished(chart: Any, labels: Mapping[str, str], size: Size) -> Drawing:
    """An Altair chart in Medvirk's look, with what is said of it to those who do not see it."""
    look = _look(ROOMS[size])
    return Drawing(chart.configure(**look), labels["title"], labels["description"])


def written_out(
    content: Mapping[str, Any], numbers: Numbers, labels: Mapping[str, str], size: Size
) -> Drawing:
    """The same for a chart that is written out as Vega-Lite. numbers: `left` and `right`, the ends of its axis of
    time, and others that the chart names in expressions."""
    chart = Specification({"config": _look(ROOMS[size]), **content}, numbers)
    return Drawing(chart, labels["title"], labels["description"])


def _look(room: Room) -> dict[str, Any]:
    axis = {
        "labelFontSize": room.font,
        "titleFontSize": room.font,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": GRID,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "titlePadding": 8,
    }
    legend = {"labelFontSize": room.font, "labelColor": INK, "labelLimit": 300, "rowPadding": 4, "offset": 10}
    title = {"fontSize": room.font, "color": INK, "fontWeight": "bold"}
    look = {"background": "white", "font": FONT, "axis": axis, "legend": legend, "title": title}
    return look | {"view": {"stroke": None}, "padding": 6}


def colour_legend(entries: Sequence[tuple[str, str]]) -> Layer:
    """One colour scale and legend for all layers of a chart. entries: (text, colour), in the order shown."""
    scale = {"domain": [text for text, _ in entries], "range": [colour for _, colour in entries]}
    look = {
        "title": None,
        "orient": "bottom",
        "direction": "vertical",
        "symbolType": "square",
        "symbolSize": 150,
    }
    return {"field": "kind", "type": "nominal", "scale": scale, "legend": look}


def band_layers(band: Band, name: str, x: Layer, y: Layer, colour: Layer) -> list[Layer]:
    """An expected band. Its edge is drawn too, so that it shows on a poor screen and on grey paper."""
    if not band:
        return []
    rows = [{"x": at, "low": low, "high": high, "kind": name} for at, low, high in band]
    upper = [{"x": at, "low": high} for at, _, high in band]
    area = {"type": "area", "clip": True, "opacity": 1}
    edge = {"type": "line", "clip": True, "color": EDGE, "strokeWidth": 0.8}
    return [
        layer(rows, area, x=x, y=y, y2={"field": "high"}, color=colour),
        layer(rows, edge, x=x, y=y),
        layer(upper, edge, x=x, y=y),
    ]


def cutoff_layers(cutoff: float | None, text: str, y: Layer, left: float) -> list[Layer]:
    """The cut-off: a dashed line with its name just above it."""
    if cutoff is None:
        return []
    rows = [{"x": left, "low": cutoff, "text": text}]
    rule = {"type": "rule", "strokeDash": [7, 4], "strokeWidth": 1.6, "color": RED}
    words = {
        "type": "text",
        "align": "left",
        "baseline": "bottom",
        "dx": 5,
        "dy": -3,
        "fontSize": 12,
        "color": RED,
    }
    place = {"field": "x", "type": "quantitative"}
    return [
        layer(rows, rule, y=y),
        layer(rows, words, x=place, y=y, text={"field": "text", "type": "nominal"}),
    ]


def wrapped(text: str, letters: int) -> list[str]:
    """The text in lines of at most so many letters: a chart does not break lines itself."""
    return textwrap.wrap(text, letters) or [""]


def data(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as Altair takes them."""
    import altair as alt

    # As a tuple, which Altair passes on; a list it would copy row by row each time a chart is combined.
    return alt.InlineData(values=tuple(dict(row) for row in rows))
