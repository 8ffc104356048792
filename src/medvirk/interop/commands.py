"""Commands for data from outside. The work is imported when a command runs, so that `--help` is quick."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medvirk.interop.importing.command import import_file

if TYPE_CHECKING:
    from medvirk.interop.analysis.logic import Analysis
    from medvirk.interop.analysis.options import Plan
    from medvirk.tables import TableFaults

__all__ = ["analyse", "import_file"]

FAULTS = 2


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--person", metavar="COLUMN", help="Who the row is about.")
@click.option(
    "--time", "time_column", metavar="COLUMN", help="When: a number, or a date (then weeks are counted)."
)
@click.option("--score", metavar="COLUMN", help="The score; or else --items.")
@click.option("--items", metavar="COLUMNS", help="The items, as A,B,C or as a run of columns A:T.")
@click.option(
    "--instrument", metavar="KEY", help="Scores the items; knows direction, range, cut-off and the like."
)
@click.option("--scale", metavar="KEY", help="Which of the instrument's scales; its first if not given.")
@click.option("--direction", metavar="lower|higher", help="Which way is better.")
@click.option("--range", "score_range", metavar="LO,HI", help="The lowest and the highest possible score.")
@click.option("--cutoff", metavar="X", help="Where the clinical side begins.")
@click.option("--rci", metavar="X", help="The points of a reliable change (that many, or more).")
@click.option("--sd", metavar="X", help="With --reliability: a reliable change is worked out from them.")
@click.option("--reliability", metavar="R", help="With --sd: from 0 up to, not including, 1.")
@click.option(
    "--transform", metavar="log1p|log|none", help="How time enters the expected course; log1p if not given."
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; its first if not given.")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--language", type=click.Choice(["nb", "nn", "en"]), default="nb", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as one JSON object.")
def analyse(
    file: Path,
    *,
    time_column: str | None,
    sheet: str | None,
    out: Path | None,
    language: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Analyse a table of scores: change, effect, expected course, and a report.

    FILE is CSV as Excel writes it, or .xlsx, with one row per person and time. Nothing is stored, and no
    database is needed. Without --out and --json, a summary in words is printed.
    """
    started = time.perf_counter()
    _set_up()
    from django.utils import translation

    from medvirk.interop.analysis import words
    from medvirk.interop.analysis.numbers import as_json as numbers_of
    from medvirk.interop.analysis.options import Options
    from medvirk.interop.analysis.report import unwritable
    from medvirk.tables import TableFaults

    with translation.override(language):
        if out is not None and (problem := unwritable(out)):
            click.echo(f"--out {out}: {problem}", err=True)
            sys.exit(FAULTS)
        try:
            analysis, plan = _analysis(file, sheet, Options(time=time_column, **options))
        except TableFaults as faults:
            _tell(file, faults)
            sys.exit(FAULTS)
        if out is not None:
            _write(analysis, plan, file, out, language)
        if as_json:
            seconds = time.perf_counter() - started
            click.echo(
                json.dumps(numbers_of(analysis, file_name=file.name, seconds=seconds), allow_nan=False)
            )
        elif out is None:
            click.echo("\n\n".join(words.summary(analysis)))


def _set_up() -> None:
    """Django for languages and templates only: no database, no key, no folder of data."""
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ["DJANGO_SETTINGS_MODULE"] = "medvirk.config.settings_bare"
        django.setup()


def _analysis(file: Path, sheet: str | None, options: Any) -> tuple[Analysis, Plan]:
    from medvirk.interop.analysis.logic import analyse as analyse_scores
    from medvirk.interop.analysis.options import settle
    from medvirk.interop.analysis.reading import read_scores
    from medvirk.tables import read_table

    table = read_table(file, sheet=sheet)
    plan = settle(options, table.columns)
    return analyse_scores(read_scores(table, plan), plan), plan


def _write(analysis: Analysis, plan: Plan, file: Path, out: Path, language: str) -> None:
    """Both files are made before either is written."""
    from django.utils import timezone

    from medvirk.interop.analysis.report import as_html, as_pdf, compose

    report = compose(analysis, plan, file_name=file.name, language=language, today=timezone.localdate())
    html, pdf = as_html(report), as_pdf(report)
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.html").write_text(html, encoding="utf-8")
    (out / "report.pdf").write_bytes(pdf)
    click.echo(f"{out / 'report.html'}\n{out / 'report.pdf'}", err=True)


def _tell(file: Path, faults: TableFaults) -> None:
    """Every fault on a line of its own: where, the value, what to do."""
    from django.utils.translation import gettext as _
    from django.utils.translation import ngettext

    for fault in faults.faults:
        place = [_("row %(row)s") % {"row": fault.row}] if fault.row is not None else []
        place += [_("column %(column)s") % {"column": fault.column}] if fault.column is not None else []
        place += [f"“{fault.value}”"] if fault.value is not None else []
        click.echo(": ".join(filter(None, [", ".join(place), fault.sentence(_)])), err=True)
    count = len(faults.faults)
    told = ngettext(
        "%(count)s fault in %(file)s. Nothing was written.",
        "%(count)s faults in %(file)s. Nothing was written.",
        count,
    )
    click.echo(told % {"count": count, "file": file.name}, err=True)
