"""The course of one citizen, made to be looked at together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from medvirk.ui.charts.parts import (
    BAND50,
    BAND80,
    BLUE,
    BROWN,
    INK,
    QUIET,
    ROOMS,
    Layer,
    band_layers,
    colour_legend,
    cutoff_layers,
    layer,
    score_axis,
    time_axis,
    written_out,
)
from medvirk.ui.charts.pictures import CoursePicture, Drawing, Numbers, Size

#: The axis is at least this long, so that a first score does not stand alone between two lines.
SHORTEST = 4
#: Pixels for each number on the axis of sessions.
TICK_ROOM = 40
#: Pixels from the middle of the box of a change to where the plot may end.
BOX_HALF = 10
#: Pixels of the plot of one goal.
GOAL_HEIGHT = 52


def course_chart(picture: CoursePicture, size: Size = Size.WIDE) -> Drawing:
    """Score by session over its expected bands; below it, session by session, the scores of the meetings and then
    each goal by itself.

    Raises ValueError when there is nothing to place on the axis of sessions, neither session nor band.
    """
    room, labels = ROOMS[size], picture.labels
    places = [at for at, *_ in picture.band80] + list(picture.sessions)
    if not places:
        raise ValueError("A course needs at least one session or one point of an expected band.")
    left = min(places)
    right = max(*places, left + SHORTEST - 1)
    numbers: Numbers = {
        "left": left,
        "right": right,
        "ticks": session_ticks(left, right, room.width // TICK_ROOM),
    }
    ticks = {"format": "d", "grid": False, "values": {"expr": "ticks"}}
    met = any(value is not None for value in picture.meeting)
    x = time_axis("" if met or picture.goals else labels["session"], ticks)
    colour = _legend(picture, met=met)
    y = score_axis(picture.low, picture.high, labels["score_axis"])
    top = [
        *band_layers(picture.band80, labels.get("band80", ""), x, y, colour),
        *band_layers(picture.band50, labels.get("band50", ""), x, y, colour),
        *cutoff_layers(picture.cutoff, labels.get("cutoff", ""), y, left),
        *_change_layers(picture, x, y, (left, right, room.width)),
        *_event_layers(picture, x, y, (left, right, room.width)),
        *_series_layers(picture, picture.scores, (labels["score"], "circle"), (x, y), colour),
    ]
    upper = {"width": room.width, "height": 240, "layer": top}
    plots = [upper]
    if met:
        x = time_axis("" if picture.goals else labels["session"], ticks)
        own = score_axis(picture.meeting_low, picture.meeting_high, labels["meeting_axis"], ticks=3)
        below = _series_layers(picture, picture.meeting, (labels["meeting"], "square"), (x, own), colour)
        plots.append({"width": room.width, "height": 90, "layer": below})
    plots += _goal_plots(picture, room.width, ticks)
    if len(plots) == 1:
        return written_out(upper, numbers, labels, size)
    return written_out({"vconcat": plots, "spacing": 14}, numbers, labels, size)


def _goal_plots(picture: CoursePicture, width: int, ticks: Layer) -> list[Layer]:
    """A low plot for each goal, 0–10, named above it: several lines in one would run into each other."""
    plots = []
    for number, (name, values) in enumerate(picture.goals, start=1):
        # The numbers of the sessions stand under the last one only.
        is_last = number == len(picture.goals)
        axis = ticks if is_last else {**ticks, "labels": False}
        x = time_axis(picture.labels["session"] if is_last else "", axis)
        y = score_axis(0, 10, "", ticks=3)
        ink = {"value": INK}
        layers = _series_layers(picture, values, (name, "diamond"), (x, y), ink)
        title = {"text": name, "anchor": "start", "offset": 4}
        plots.append({"width": width, "height": GOAL_HEIGHT, "title": title, "layer": layers})
    return plots


def session_ticks(first: float, last: float, most: int) -> list[int]:
    """The session numbers to write on an axis from `first` to `last`: whole, evenly spread, at most `most` (≥ 2).

    The first one is always there. Steps of 1 and 2 count from it; longer ones (5, 10, 20, 50, 100, …) land on
    round numbers.
    """
    low, high = math.ceil(first), math.floor(last)
    for step in (factor * 10**power for power in range(9) for factor in (1, 2, 5)):
        if step < 5:
            ticks = list(range(low, high + 1, step))
        else:
            # A round number just after the first would run into it.
            ticks = [low, *(at for at in range(0, high + 1, step) if at > low + step // 2)]
        if len(ticks) <= most:
            return ticks
    raise ValueError(
        f"No numbers fit on an axis from {first:g} to {last:g} with room for {most}: give at least 2."
    )


def _legend(picture: CoursePicture, *, met: bool) -> Layer:
    labels = picture.labels
    entries = [(labels["score"], BLUE)]
    entries += [(labels["band50"], BAND50)] if picture.band50 else []
    entries += [(labels["band80"], BAND80)] if picture.band80 else []
    entries += [(labels["meeting"], BROWN)] if met else []
    return colour_legend(entries)


def _series_layers(
    picture: CoursePicture,
    values: Sequence[float | None],
    look: tuple[str, str],
    axes: tuple[Layer, Layer],
    colour: Layer,
) -> list[Layer]:
    """A line with its points; a missing value breaks the line. look: (name in the legend, shape)."""
    (name, shape), (x, y) = look, axes
    rows = [{"x": at, "low": value, "kind": name} for at, value in zip(picture.sessions, values, strict=True)]
    line = {"type": "line", "strokeWidth": 2.4, "invalid": "break-paths-show-domains"}
    dot = {"type": "point", "filled": True, "size": 75, "shape": shape, "opacity": 1}
    measured = [row for row in rows if row["low"] is not None]
    return [layer(rows, line, x=x, y=y, color=colour), layer(measured, dot, x=x, y=y, color=colour)]


def _change_layers(picture: CoursePicture, x: Layer, y: Layer, axis: tuple[float, float, int]) -> list[Layer]:
    """A dotted line with a boxed number where the help was changed; the page says what was changed.

    axis: its first and last session, and its width in pixels.
    """
    if not picture.changes:
        return []
    rows = [
        {"x": at, "low": picture.high, "text": str(number), "shift": _into_the_plot(at, *axis)}
        for number, (at, _) in enumerate(picture.changes, start=1)
    ]
    rule = {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 1.4, "color": INK}
    shift = {"expr": "datum.shift"}
    box = {
        "type": "point",
        "shape": "square",
        "filled": True,
        "size": 300,
        "color": INK,
        "opacity": 1,
        "xOffset": shift,
        "yOffset": 11,
    }
    number = {"type": "text", "color": "white", "fontWeight": "bold", "fontSize": 12, "dx": shift, "dy": 11}
    text = {"field": "text", "type": "nominal"}
    return [layer(rows, rule, x=x), layer(rows, box, x=x, y=y), layer(rows, number, x=x, y=y, text=text)]


def _event_layers(picture: CoursePicture, x: Layer, y: Layer, axis: tuple[float, float, int]) -> list[Layer]:
    """A dashed line with a ringed letter at the bottom where something happened in life. axis: as for changes."""
    if not picture.events:
        return []
    rows = [
        {"x": at, "low": picture.low, "text": letter, "shift": _into_the_plot(at, *axis)}
        for at, letter in picture.events
    ]
    rule = {"type": "rule", "strokeDash": [6, 2, 1, 2], "strokeWidth": 1.2, "color": QUIET}
    shift = {"expr": "datum.shift"}
    ring = {
        "type": "point",
        "shape": "circle",
        "filled": True,
        "size": 320,
        "fill": "white",
        "stroke": INK,
        "strokeWidth": 1.5,
        "opacity": 1,
        "xOffset": shift,
        "yOffset": -12,
    }
    letters = {"type": "text", "color": INK, "fontWeight": "bold", "fontSize": 12, "dx": shift, "dy": -12}
    text = {"field": "text", "type": "nominal"}
    return [layer(rows, rule, x=x), layer(rows, ring, x=x, y=y), layer(rows, letters, x=x, y=y, text=text)]


def _into_the_plot(at: float, left: float, right: float, width: int) -> float:
    """Pixels to move a box, so that at an end of the axis it does not cover what is written beside the plot."""
    place = (at - left) / (right - left) * width
    return min(max(place, BOX_HALF), width - BOX_HALF) - place
