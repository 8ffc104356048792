"""A document as a file: Markdown for a document system, one HTML file, and PDF/UA."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from medvirk.interop.processing.document import Document, Section, Table
from medvirk.ui.typeset import typeset

TYPST_SOURCE = Path(__file__).with_name("document.typ")
#: What Markdown, and the HTML that may stand in it, would take for more than text.
_SIGNS = re.compile(r"([\\`*_\[\]<>#|&])")


def as_markdown(document: Document) -> bytes:
    """CommonMark with tables, UTF-8."""
    return ("\n".join(_lines(document)).strip() + "\n").encode()


def _lines(document: Document) -> Iterator[str]:
    yield from (f"# {_plain(document.title)}", "", _plain(document.subtitle), "")
    for section in document.sections:
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {_plain(section.title)}", "")
    for paragraph in section.paragraphs:
        yield from (_plain(paragraph), "")
    for point in section.points:
        yield f"* {_plain(point)}"
    if section.points:
        yield ""
    if section.table:
        yield from _table(section.table)
    for box in section.boxes:
        yield from (f"> **{_plain(fill_in())}** {_plain(box)}", ">", "> …", "")


def _table(table: Table) -> Iterator[str]:
    yield from (f"**{_plain(table.caption)}**", "")
    for row in (table.head, ["---"] * len(table.head), *table.rows):
        yield f"| {' | '.join(_plain(cell) for cell in row)} |"
    yield ""


def _plain(text: str) -> str:
    """Text that stays text: names of units and services are the municipality's own words."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def fill_in() -> str:
    """What stands before what only the municipality can say."""
    return _("Fill in:")


def as_html(document: Document) -> bytes:
    """One HTML file with its own style, and no script."""
    content = {"document": document, "fill_in": fill_in()}
    return render_to_string("interop/privacy/report.html", content).encode()


def as_pdf(document: Document) -> bytes:
    """The same as PDF/UA-1."""
    content = asdict(document) | {"fill_in": fill_in(), "contents": _("What is in it")}
    return typeset(TYPST_SOURCE, content)


#: How a file of this kind is made, and what it is called on the web.
FORMATS: dict[str, tuple[Callable[[Document], bytes], str]] = {
    "pdf": (as_pdf, "application/pdf"),
    "md": (as_markdown, "text/markdown; charset=utf-8"),
    "html": (as_html, "text/html; charset=utf-8"),
}
