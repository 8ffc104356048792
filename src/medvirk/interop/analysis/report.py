"""The report as one HTML file and as an accessible PDF (PDF/UA), both from the same words and pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import formats, translation
from django.utils.translation import gettext as _

from medvirk.interop.analysis import method, words
from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.options import Plan
from medvirk.interop.analysis.pictures import Figure, figures
from medvirk.interop.analysis.words import TextTable

REPORT_FILES = ("report.html", "report.pdf")
TYPST_SOURCE = Path(__file__).with_name("report.typ")


@dataclass(frozen=True)
class Report:
    """The whole report in one language, in the order it is read."""

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


def compose(analysis: Analysis, plan: Plan, *, file_name: str, language: str, today: date) -> Report:
    """All words, tables and pictures, in one language."""
    with translation.override(language):
        name = words.measure_name(analysis, language)
        return Report(
            language=language,
            title=_("How it went: %(name)s") % {"name": name},
            subtitle=_("%(file)s, analysed %(day)s with Medvirk")
            % {"file": file_name, "day": formats.date_format(today, "DATE_FORMAT")},
            headings={
                "summary": _("In short"),
                "figures": _("Pictures"),
                "tables": _("Tables"),
                "method": _("How it was done"),
                "cautions": _("How not to read it"),
                "sources": _("Sources"),
            },
            summary=words.summary(analysis),
            figures=figures(analysis, name, plan.time, language),
            tables=words.tables(analysis, plan.time),
            method=method.method(analysis),
            cautions=method.cautions(),
            sources=method.sources(),
        )


def unwritable(out: Path) -> str:
    """Why the report cannot be written into this folder, which need not exist yet; empty where it can."""
    there = next(folder for folder in (out.absolute(), *out.absolute().parents) if os.path.lexists(folder))
    if not there.is_dir():
        return _("“%(path)s” is not a folder. Name another one.") % {"path": there}
    if not os.access(there, os.W_OK | os.X_OK):
        told = _("You may not write in “%(path)s”. Name another folder, or ask for access to this one.")
        return told % {"path": there}
    for name in REPORT_FILES:
        if (out / name).is_dir() or ((out / name).exists() and not os.access(out / name, os.W_OK)):
            told = _("“%(path)s” cannot be written over. Move it away, or name another folder.")
            return told % {"path": out / name}
    return ""


def as_html(report: Report) -> str:
    """One HTML file with its own style and pictures, and no script."""
    with translation.override(report.language):
        return render_to_string("interop/analysis/report.html", {"report": report})


def as_pdf(report: Report) -> bytes:
    """The same as PDF/UA-1; typst refuses to make it if something in it is not accessible."""
    import typst

    pictures = {f"figure-{at}.svg": figure.wide for at, figure in enumerate(report.figures, start=1)}
    content = asdict(report)
    for at, figure in enumerate(content["figures"], start=1):
        figure["file"] = f"figure-{at}.svg"
        del figure["wide"], figure["narrow"]
    files = {
        "main.typ": TYPST_SOURCE.read_text(encoding="utf-8"),
        "report.json": json.dumps(content),
    } | pictures
    # The fonts that come with typst: the same look on every machine.
    pdf: bytes = typst.compile(
        {name: text.encode() for name, text in files.items()},  # type: ignore[call-overload] # its stub lacks this
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
    )
    return pdf
