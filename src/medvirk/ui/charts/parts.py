"""Colours, axes, legends and layers that the charts share.

Altair is imported when a chart is made: it takes a second, which no other command should wait for.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from medvirk.ui.charts.pictures import Band, Drawing, Size

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


def score_axis(low: float, high: float, title: str, ticks: int = 6) -> Any:
    """The axis of a score: always the whole scale, so that a small change does not look large."""
    import altair as alt

    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    return alt.Y("low:Q", title=title, scale=scale, axis=alt.Axis(tickCount=ticks))


def time_axis(left: float, right: float, title: str, axis: Any) -> Any:
    """The axis of time or sessions, as long as the data."""
    import altair as alt

    return alt.X("x:Q", title=title, scale=alt.Scale(domain=[left, right], nice=False), axis=axis)


def finished(chart: Any, labels: Mapping[str, str], size: Size) -> Drawing:
    """The chart in Medvirk's look, with what is said of it to those who do not see it."""
    room = ROOMS[size]
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
    configured = chart.configure(
        background="white", font=FONT, axis=axis, legend=legend, title=title, view={"stroke": None}, padding=6
    )
    return Drawing(configured, labels["title"], labels["description"])


def colour_legend(entries: Sequence[tuple[str, str]]) -> Any:
    """One colour scale and legend for all layers of a chart. entries: (text, colour), in the order shown."""
    import altair as alt

    scale = alt.Scale(domain=[text for text, _ in entries], range=[colour for _, colour in entries])
    look = alt.Legend(title=None, orient="bottom", direction="vertical", symbolType="square", symbolSize=150)
    return alt.Color("kind:N", scale=scale, legend=look)


def band_layers(band: Band, name: str, x: Any, y: Any, colour: Any) -> list[Any]:
    """An expected band. Its edge is drawn too, so that it shows on a poor screen and on grey paper."""
    import altair as alt

    if not band:
        return []
    rows = [{"x": at, "low": low, "high": high, "kind": name} for at, low, high in band]
    base = alt.Chart(data(rows))
    edge = base.mark_line(clip=True, color=EDGE, strokeWidth=0.8)
    area = base.mark_area(clip=True, opacity=1).encode(x=x, y=y, y2="high:Q", color=colour)
    upper = [{"x": at, "low": high} for at, _, high in band]
    return [area, edge.encode(x=x, y=y), edge.properties(data=data(upper)).encode(x=x, y=y)]


def cutoff_layers(cutoff: float | None, text: str, y: Any, left: float) -> list[Any]:
    """The cut-off: a dashed line with its name just above it."""
    import altair as alt

    if cutoff is None:
        return []
    base = alt.Chart(data([{"x": left, "low": cutoff, "text": text}]))
    rule = base.mark_rule(strokeDash=[7, 4], strokeWidth=1.6, color=RED).encode(y=y)
    words = base.mark_text(align="left", baseline="bottom", dx=5, dy=-3, fontSize=12, color=RED)
    return [rule, words.encode(x="x:Q", y=y, text="text:N")]


def wrapped(text: str, letters: int) -> list[str]:
    """The text in lines of at most so many letters: a chart does not break lines itself."""
    return textwrap.wrap(text, letters) or [""]


def data(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as Altair takes them."""
    import altair as alt

    # As a tuple, which Altair passes on; a list it would copy row by row each time a chart is combined.
    return alt.InlineData(values=tuple(dict(row) for row in rows))
