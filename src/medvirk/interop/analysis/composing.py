"""The report of an analysis: all words, tables and pictures, in one language."""

from __future__ import annotations

from datetime import date

from django.utils import formats, translation
from django.utils.translation import gettext as _

from medvirk.interop.analysis import method, tables, words
from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.pictures import figures
from medvirk.interop.reports.report import Report, headings
from medvirk.interop.scores.options import Plan
from medvirk.interop.scores.words import measure_name


def compose(analysis: Analysis, plan: Plan, *, file_name: str, language: str, today: date) -> Report:
    """Everything that the HTML file and the PDF say."""
    with translation.override(language):
        name = measure_name(analysis.measure, language)
        return Report(
            language=language,
            title=_("How it went: %(name)s") % {"name": name},
            subtitle=_("%(file)s, analysed %(day)s with Medvirk")
            % {"file": file_name, "day": formats.date_format(today, "DATE_FORMAT")},
            headings=headings(),
            summary=words.summary(analysis),
            figures=figures(analysis, name, plan.time, language),
            results=tables.results(analysis),
            tables=tables.tables(analysis, plan.time),
            method=method.method(analysis),
            cautions=method.cautions(),
            sources=method.sources(),
        )
