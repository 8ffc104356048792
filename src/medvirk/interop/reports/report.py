"""A report as one HTML file and as an accessible PDF (PDF/UA), both from the same words and pictures."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from medvirk.ui.typeset import typeset

TYPST_SOURCE = Path(__file__).with_name("report.typ")


@dataclass(frozen=True)
class TextTable:
    """A table ready to print. head: one heading per column; the first column names the rows."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Figure:
    """A picture for a desk or paper, the same for a phone, and what is said of it."""

    title: str
    caption: str
    alt: str
    wide: str
    narrow: str


@dataclass(frozen=True)
class Report:
    """The whole report in one language, in the order it is read. results: tables that stand before the pictures."""

    language: str
    title: str
    subtitle: str
    headings: dict[str, str]
    summary: Sequence[str]
    figures: Sequence[Figure]
    tables: Sequence[TextTable]
    method: Sequence[str]
    cautions: Sequence[str]
    sources: Sequence[str]
    results: Sequence[TextTable] = ()


def headings() -> dict[str, str]:
    """The headings of a report's parts, in the language that is active."""
    return {
        "summary": _("In short"),
        "figures": _("Pictures"),
        "details": _("Method and details"),
        "tables": _("Tables"),
        "method": _("How it was done"),
        "cautions": _("How not to read it"),
        "sources": _("Sources"),
    }


def unwritable(out: Path, names: Sequence[str]) -> str:
    """Why files of these names cannot be written into this folder, which need not exist yet; empty where they can."""
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if os.path.lexists(folder))
    if not there.is_dir():
        return _("“%(path)s” is not a folder. Name another one.") % {"path": there}
    if not os.access(there, os.W_OK | os.X_OK):
        told = _("You may not write in “%(path)s”. Name another folder, or ask for access to this one.")
        return told % {"path": there}
    for name in names:
        if (out / name).is_dir() or ((out / name).exists() and not os.access(out / name, os.W_OK)):
            told = _("“%(path)s” cannot be written over. Move it away, or name another folder.")
            return told % {"path": out / name}
    return ""


def as_html(report: Report) -> str:
    """One HTML file with its own style and pictures, and no script."""
    with translation.override(report.language):
        return render_to_string("interop/report.html", {"report": report})


def as_pdf(report: Report) -> bytes:
    """The same as PDF/UA-1."""
    pictures = {f"figure-{at}.svg": figure.wide.encode() for at, figure in enumerate(report.figures, start=1)}
    content = asdict(report)
    for at, figure in enumerate(content["figures"], start=1):
        figure["file"] = f"figure-{at}.svg"
        del figure["wide"], figure["narrow"]
    return typeset(TYPST_SOURCE, content, pictures=pictures)


def save(out: Path, files: Mapping[str, bytes]) -> None:
    """All files into one folder, which is made if it is not there: call it when each of them is made."""
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
