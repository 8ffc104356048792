"""The page of a judgement: all words, tables and pictures, in one language."""

from __future__ import annotations

from datetime import date

from django.utils import formats, translation
from django.utils.translation import gettext as _

from medvirk.interop.reports.report import Report, headings
from medvirk.interop.scores.options import Measure
from medvirk.interop.scores.words import measure_name
from medvirk.interop.signals import method, words
from medvirk.interop.signals.logic import Judgement
from medvirk.interop.signals.pictures import figures
from medvirk.interop.signals.tables import tables


def compose(
    judgement: Judgement, measure: Measure | None, *, file_name: str | None, language: str, today: date
) -> Report:
    """Everything that the HTML file and the PDF say. measure, file_name: None for made-up courses."""
    with translation.override(language):
        name = _("made-up courses") if measure is None else measure_name(measure, language)
        day = formats.date_format(today, "DATE_FORMAT")
        facts = {"file": file_name or judgement.asked.process or "", "day": day}
        return Report(
            language=language,
            title=_("How often the signals were right: %(name)s") % {"name": name},
            subtitle=_("%(file)s, judged %(day)s with Medvirk") % facts,
            headings=headings(),
            summary=words.summary(judgement),
            figures=figures(judgement, language),
            tables=tables(judgement),
            method=method.method(judgement, measure),
            cautions=method.cautions(),
            sources=method.sources(),
        )
