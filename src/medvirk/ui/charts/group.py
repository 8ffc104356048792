"""Many people in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from medvirk.ui.charts.parts import (
    BAND50,
    BAND80,
    BLUE,
    BROWN,
    COURSE,
    INK,
    OUTCOMES,
    QUIET,
    RED,
    ROOMS,
    Layer,
    band_layers,
    colour_legend,
    cutoff_layers,
    data,
    finished,
    layer,
    score_axis,
    time_axis,
    unchecked,
    wrapped,
    written_out,
)
from medvirk.ui.charts.pictures import CoursesPicture, Drawing, FirstLastPicture, Move, MovesPicture, Size


@unchecked
def first_last_chart(picture: FirstLastPicture, size: Size = Size.WIDE) -> Drawing:
    """First score along, last score up; in the grey band the change may be measurement error."""
    import altair as alt

    room = ROOMS[size]
    side = min(room.width, 440)
    scale = alt.Scale(domain=[picture.low, picture.high], nice=False, zero=False)
    x = alt.X("first:Q", title=picture.labels["first"], scale=scale, axis=alt.Axis(grid=False))
    y = alt.Y("last:Q", title=picture.labels["last"], scale=scale, axis=alt.Axis(grid=False))
    points = [
        {"first": first, "last": last, "outcome": picture.legend[outcome]}
        for first, last, outcome in zip(picture.first, picture.last, picture.outcome, strict=True)
    ]
    names, looks = list(picture.legend.values()), [OUTCOMES[key] for key in picture.legend]
    colours = alt.Scale(domain=names, range=[colour for colour, _ in looks])
    shapes = alt.Scale(domain=names, range=[shape for _, shape in looks])
    legend = alt.Legend(title=None, orient="bottom", direction="vertical", symbolSize=90)
    dots = alt.Chart(data(points)).mark_point(filled=True, size=42 if size is Size.WIDE else 24, opacity=0.75)
    dots = dots.encode(
        x=x,
        y=y,
        color=alt.Color("outcome:N", scale=colours, legend=legend),
        shape=alt.Shape("outcome:N", scale=shapes, legend=legend),
    )
    layers = alt.layer(*_reliable_layers(picture, x, y), *_cutoff_cross(picture, x, y), dots)
    return finished(layers.properties(width=side, height=side), picture.labels, size)


def _reliable_layers(picture: FirstLastPicture, x: Any, y: Any) -> list[Any]:
    """The band of changes that measurement error can make, and in it the line of no change."""
    import altair as alt

    low, high, reliable = picture.low, picture.high, picture.reliable
    corners = sorted({low, high, *(at for at in (low + reliable, high - reliable) if low < at < high)})
    rows = [{"first": at, "last": max(at - reliable, low), "top": min(at + reliable, high)} for at in corners]
    ends = [{"first": low, "last": low}, {"first": high, "last": high}]
    return [
        alt.Chart(data(rows)).mark_area(color="#e6eaee", opacity=1).encode(x=x, y=y, y2="top:Q"),
        alt.Chart(data(ends)).mark_line(color=QUIET, strokeWidth=1).encode(x=x, y=y),
    ]


def _cutoff_cross(picture: FirstLastPicture, x: Any, y: Any) -> list[Any]:
    """The cut-off on both axes: it parts those who crossed it from those who did not."""
    import altair as alt

    if picture.cutoff is None:
        return []
    dashed = alt.Chart(data([{"first": picture.cutoff, "last": picture.cutoff}]))
    dashed = dashed.mark_rule(strokeDash=[7, 4], strokeWidth=1.4, color=RED)
    edge = alt.Chart(
        data([{"first": picture.high, "last": picture.cutoff, "text": picture.labels["cutoff"]}])
    )
    words = edge.mark_text(align="right", baseline="bottom", dx=-4, dy=-3, fontSize=12, color=RED)
    return [dashed.encode(x=x), dashed.encode(y=y), words.encode(x=x, y=y, text="text:N")]


@unchecked
def moves_chart(picture: MovesPicture, size: Size = Size.WIDE) -> Drawing:
    """One bar per outcome with its number, in one panel per starting group."""
    import altair as alt

    widest = max((move.share for move in picture.moves), default=1.0) or 1.0
    panels = []
    for group in dict.fromkeys(move.group for move in picture.moves):
        moves = [move for move in picture.moves if move.group == group]
        heading = alt.Title(wrapped(group, ROOMS[size].letters), anchor="start", frame="bounds", offset=6)
        panel = _bars_under_words(moves, widest) if size is Size.NARROW else _bars_beside_words(moves, widest)
        panels.append(panel.properties(title=heading))
    return finished(alt.vconcat(*panels, spacing=16), picture.labels, size)


def _bars_beside_words(moves: Sequence[Move], widest: float) -> Any:
    """The name before the bar, the number after it."""
    import altair as alt

    room, names = ROOMS[Size.WIDE], 170
    axis = alt.Axis(ticks=False, domain=False, labelLimit=names, minExtent=names, maxExtent=names)
    # Room for the number beyond the longest bar.
    reach = alt.Scale(domain=[0, widest * 1.4], nice=False)
    base = alt.Chart(_move_data(moves)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=axis),
        x=alt.X("share:Q", title=None, axis=None, scale=reach),
    )
    bars = base.mark_bar(height=15).encode(color=alt.Color("colour:N", scale=None))
    words = base.mark_text(align="left", dx=5, fontSize=room.font, fill=INK).encode(text="text:N")
    return (bars + words).properties(width=room.width + 50 - names, height=alt.Step(24))


def _bars_under_words(moves: Sequence[Move], widest: float) -> Any:
    """Name and number on a line of their own above the bar: a phone has no room beside it."""
    import altair as alt

    room = ROOMS[Size.NARROW]
    y = alt.Y("name:N", sort=None, title=None, axis=None)
    base = alt.Chart(_move_data(moves)).encode(y=y)
    share = alt.X("share:Q", title=None, axis=None, scale=alt.Scale(domain=[0, widest], nice=False))
    bars = base.mark_bar(height=11, yOffset=9).encode(x=share, color=alt.Color("colour:N", scale=None))
    words = base.mark_text(align="left", x=0, dy=-6, fontSize=room.font, fill=INK).encode(text="both:N")
    return (bars + words).properties(width=room.width + 40, height=alt.Step(40))


def _move_data(moves: Sequence[Move]) -> Any:
    return data(
        [
            {
                "name": move.name,
                "share": move.share,
                "text": move.text,
                "both": f"{move.name}: {move.text}",
                "colour": OUTCOMES[move.outcome][0],
            }
            for move in moves
        ]
    )


def courses_chart(picture: CoursesPicture, size: Size = Size.WIDE) -> Drawing:
    """Every course as a thin line over the bands of the expected one, with its mean."""
    room, labels = ROOMS[size], picture.labels
    times = [at for course in picture.courses for at, _ in course] + [at for at, _ in picture.mean]
    left, right = min(times, default=0.0), max(times, default=1.0)
    x = time_axis(labels["time"], {"grid": False, "tickCount": room.width // 50})
    y = score_axis(picture.low, picture.high, labels["score"])
    colour = _courses_legend(picture)
    rows = [
        {"x": at, "low": score, "who": who, "kind": labels["course"]}
        for who, course in enumerate(picture.courses)
        for at, score in course
    ]
    thin = {"type": "line", "strokeWidth": 0.8, "opacity": 0.35, "clip": True}
    layers = [
        *band_layers(picture.band80, labels.get("band80", ""), x, y, colour),
        *band_layers(picture.band50, labels.get("band50", ""), x, y, colour),
        layer(rows, thin, x=x, y=y, color=colour, detail={"field": "who", "type": "nominal"}),
    ]
    if picture.mean:
        mean = [{"x": at, "low": score, "kind": labels["mean"]} for at, score in picture.mean]
        layers.append(layer(mean, {"type": "line", "strokeWidth": 3.2}, x=x, y=y, color=colour))
    if picture.observed:
        dots = [{"x": at, "low": score, "kind": labels["observed"]} for at, score in picture.observed]
        mark = {"type": "point", "filled": True, "size": 90, "shape": "diamond", "opacity": 1}
        layers.append(layer(dots, mark, x=x, y=y, color=colour))
    layers += cutoff_layers(picture.cutoff, labels.get("cutoff", ""), y, left)
    content = {"width": room.width, "height": 320, "layer": layers}
    return written_out(content, {"left": left, "right": right}, labels, size)


def _courses_legend(picture: CoursesPicture) -> Layer:
    labels = picture.labels
    entries = [(labels["mean"], BLUE)] if picture.mean else []
    entries += [(labels["observed"], BROWN)] if picture.observed else []
    entries += [(labels["band50"], BAND50)] if picture.band50 else []
    entries += [(labels["band80"], BAND80)] if picture.band80 else []
    return colour_legend([*entries, (labels["course"], COURSE)])
