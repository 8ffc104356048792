"""From a chart to an SVG element that a page, a report and a screen reader can use."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

from medvirk.ui.charts.parts import BLUE
from medvirk.ui.charts.pictures import Drawing, Specification

SVG = "http://www.w3.org/2000/svg"
NUMBER_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
    "no": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", ""]},
}


def sparkline_svg(values: Sequence[float | None], low: float, high: float, label: str = "") -> str:
    """A course one line high: `values` in order, None leaves a gap, the last one has a dot.

    low, high: the ends of the scale, drawn over the whole height. label: what is read aloud; without it the
    picture is hidden from those who hear the page, because the same is said in words beside it.
    """
    width, height, edge = 96.0, 28.0, 4.0
    step = (width - 2 * edge) / max(len(values) - 1, 1)
    span = (high - low) or 1.0
    points = [
        None
        if value is None
        else (edge + at * step, edge + (height - 2 * edge) * (1 - (min(max(value, low), high) - low) / span))
        for at, value in enumerate(values)
    ]
    seen = [point for point in points if point is not None]
    strokes = "".join(
        f'<path d="M{a[0]:.1f} {a[1]:.1f}L{b[0]:.1f} {b[1]:.1f}"/>' for a, b in pairwise(points) if a and b
    )
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.4"/>' for x, y in seen[:-1])
    last = f'<circle cx="{seen[-1][0]:.1f}" cy="{seen[-1][1]:.1f}" r="3.2"/>' if seen else ""
    spoken = f'role="img" aria-label="{html.escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg xmlns="{SVG}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
        f" {spoken}>"
        f'<g fill="none" stroke="{BLUE}" stroke-width="1.8" stroke-linecap="round">{strokes}</g>'
        f'<g fill="{BLUE}">{dots}{last}</g></svg>'
    )


def to_svg(drawing: Drawing, language: str = "nb") -> str:
    """The picture as an SVG element with title and description; the same drawing gives the same text."""
    formats = NUMBER_FORMATS["en" if language.startswith("en") else "no"]
    return _accessible(_drawn(drawing.chart, dict(formats)), drawing.title, drawing.description)


def _drawn(chart: Any, formats: dict[str, Any]) -> str:
    """The SVG as the drawing library gives it. Specifications are handed over as text: as nested dictionaries they
    take about as long again."""
    import vl_convert

    if not isinstance(chart, Specification):
        specification = json.dumps(chart.to_dict(validate=False))
        return str(vl_convert.vegalite_to_svg(specification, format_locale=formats))
    rows: dict[str, Any] = {}
    vega = json.loads(_compiled(json.dumps(_without_rows(chart.content, rows)), tuple(chart.numbers)))
    for source in vega["data"]:
        if source["name"] in rows:
            source["values"] = rows[source["name"]]
    for signal in vega.get("signals", ()):
        if signal["name"] in chart.numbers:
            signal["value"] = chart.numbers[signal["name"]]
    return str(vl_convert.vega_to_svg(json.dumps(vega), format_locale=formats))


def _without_rows(part: Any, rows: dict[str, Any]) -> Any:
    """The same specification with a name in the place of each layer's rows, which are put into `rows`."""
    if isinstance(part, Mapping):
        if part.keys() == {"values"}:
            name = f"rows{len(rows)}"
            rows[name] = part["values"]
            return {"name": name}
        return {key: _without_rows(value, rows) for key, value in part.items()}
    if isinstance(part, list):
        return [_without_rows(value, rows) for value in part]
    return part


@lru_cache(maxsize=128)
def _compiled(shape: str, numbers: tuple[str, ...]) -> str:
    """Vega of a Vega-Lite chart without its rows and numbers. Courses differ in little else, and this is nearly half
    of the work of a drawing, so it is done once for each shape of chart."""
    import vl_convert

    params = [{"name": name, "value": 0} for name in numbers]
    return json.dumps(vl_convert.vegalite_to_vega(json.dumps({**json.loads(shape), "params": params})))


def warm_up() -> None:
    """Draw something small: the first drawing of a process starts the drawing library, which takes about a second."""
    import vl_convert

    vl_convert.vegalite_to_svg({"mark": "point", "data": {"values": []}})


def to_png(drawing: Drawing, language: str = "nb", scale: float = 2.0) -> bytes:
    """The picture as PNG, for places that take no SVG. scale: pixels per unit of the SVG."""
    import vl_convert

    png: bytes = vl_convert.svg_to_png(to_svg(drawing, language), scale=scale)
    return png


def _accessible(raw: str, title: str, description: str) -> str:
    """The SVG as one picture with a name, instead of hundreds of marks that are read aloud in English."""
    # Prefixes by content: several pictures share a page, and the drawing library counts its names on.
    prefix = "c" + hashlib.sha256(re.sub(r"clip\d+", "", title + description + raw).encode()).hexdigest()[:10]
    ET.register_namespace("", SVG)
    root = ET.fromstring(raw)  # noqa: S314 - made by our own drawing library
    names = {
        old: f"{prefix}-{at}" for at, old in enumerate(element.get("id") for element in root.iter()) if old
    }
    renamed = names | {f"url(#{old})": f"url(#{new})" for old, new in names.items()}
    for element in root.iter():
        for name in [
            name for name in element.attrib if name.startswith("aria-") or name in {"role", "class"}
        ]:
            del element.attrib[name]
        for declaration in filter(None, (element.attrib.pop("style", "")).split(";")):
            name, _, value = declaration.partition(":")
            element.set(name.strip(), value.strip())
        for name, value in element.attrib.items():
            if value in renamed:
                element.set(name, renamed[value])
    heading, words = ET.Element(f"{{{SVG}}}title"), ET.Element(f"{{{SVG}}}desc")
    heading.text, words.text = title, description
    heading.set("id", f"{prefix}-title")
    words.set("id", f"{prefix}-desc")
    root.insert(0, heading)
    root.insert(1, words)
    root.set("role", "img")
    root.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    return ET.tostring(root, encoding="unicode")
