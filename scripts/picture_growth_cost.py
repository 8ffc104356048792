"""Draws docs/pictures/growth-cost.svg and .png: seconds of a fit by number of courses, both on log scales.

`make bench` measures the points and draws it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from medvirk.ui.charts import Drawing, Size, to_png, to_svg
from medvirk.ui.charts.parts import BLUE, BROWN, GREEN, INK, RED, layer, written_out

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
TITLE = "Seconds to fit the growth model, by number of courses"
# Colour, shape and dash together, so that lines differ on grey paper too.
LOOKS = {
    "statsmodels": (RED, "triangle-up", [2, 3]),
    "R lme4": (BROWN, "square", [8, 3]),
    "mixedlm-rs": (GREEN, "diamond", [5, 2, 1, 2]),
    "Medvirk, from raw rows": (BLUE, "circle", [1, 0]),
    "Medvirk, from sums": (INK, "cross", [1, 0]),
}
Points = Mapping[str, Sequence[tuple[int, float]]]


def chart(points: Points) -> Drawing:
    """points: (number of courses, seconds) by the names in LOOKS."""
    x: dict[str, Any] = {
        "field": "people",
        "type": "quantitative",
        "title": "courses of eight scores",
        "scale": {"type": "log", "domainMin": {"expr": "left"}, "domainMax": {"expr": "right"}},
        "axis": {"values": [100, 1_000, 10_000, 100_000, 1_000_000], "format": ",d"},
    }
    y: dict[str, Any] = {
        "field": "seconds",
        "type": "quantitative",
        "title": "seconds",
        "scale": {"type": "log"},
        "axis": {"values": [10**power for power in range(-4, 4)], "format": "~g"},
    }
    layers = []
    for name, (colour, shape, dash) in LOOKS.items():
        rows = [{"people": people, "seconds": seconds} for people, seconds in sorted(points.get(name, ()))]
        if not rows:
            continue
        mark = {"type": "point", "filled": True, "size": 70, "shape": shape, "color": colour, "opacity": 1}
        line = {"type": "line", "color": colour, "strokeWidth": 2, "strokeDash": dash}
        words = {"type": "text", "align": "left", "dx": 9, "fontSize": 13, "color": colour}
        last = [{**rows[-1], "name": name}]
        layers += [
            layer(rows, line, x=x, y=y),
            layer(rows, mark, x=x, y=y),
            layer(last, words, x=x, y=y, text={"field": "name", "type": "nominal"}),
        ]
    description = "; ".join(
        f"{name}: {', '.join(f'{seconds:.2g} s for {people:,} courses' for people, seconds in sorted(line))}"
        for name, line in points.items()
    )
    content = {"width": 560, "height": 380, "layer": layers, "title": TITLE}
    return written_out(
        content, {"left": 100, "right": 1_000_000}, {"title": TITLE, "description": description}, Size.WIDE
    )


def draw(points: Points) -> None:
    """Write both files."""
    drawing = chart(points)
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / "growth-cost.svg").write_text(to_svg(drawing, "en") + "\n", encoding="utf-8")
    (PICTURES / "growth-cost.png").write_bytes(to_png(drawing, "en", scale=1.5))
