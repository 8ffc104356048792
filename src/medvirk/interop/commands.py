"""Commands for data from outside. The work is imported when a command runs, so that `--help` is quick."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from medvirk.interop.command_line import (
    FAULTS,
    MEASURE,
    RESULTS,
    refuse_unwritable,
    set_up,
    tell_faults,
    with_options,
)
from medvirk.interop.importing.command import import_file

if TYPE_CHECKING:
    from medvirk.interop.analysis.logic import Analysis
    from medvirk.interop.scores.options import Plan

__all__ = ["analyse", "import_file"]

REPORT_FILES = ("report.html", "report.pdf")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_options(*MEASURE)
@click.option("--cutoff", metavar="X", help="Where the clinical side begins.")
@click.option(
    "--transform", metavar="log1p|log|none", help="How time enters the expected course; log1p if not given."
)
@click.option(
    "--time-unit", metavar="sessions|days|weeks|months", help="What time is counted in; weeks for dates."
)
@click.option(
    "--end", metavar="X", help="When courses were to end, in that unit; when most do, if not given."
)
@click.option("--window", metavar="Y", help="With --end: a score up to Y before or after is an end score.")
@click.option(
    "--group", "groups", multiple=True, metavar="COLUMN", help="Level and pace by group; may be repeated."
)
@with_options(*RESULTS)
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

    FILE is CSV as Excel writes it, .xlsx or Parquet, with one row per person and time. Nothing is stored, and no
    database is needed. Without --out and --json, a summary in words is printed.
    """
    started = time.perf_counter()
    set_up()
    from django.utils import translation

    from medvirk.interop.analysis import words
    from medvirk.interop.analysis.numbers import as_json as numbers_of
    from medvirk.interop.scores.options import Options
    from medvirk.tables import TableFaults

    with translation.override(language):
        refuse_unwritable(out, REPORT_FILES)
        try:
            analysis, plan = _analysis(file, sheet, Options(time=time_column, **options))
        except TableFaults as faults:
            tell_faults(file.name, faults)
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


def _analysis(file: Path, sheet: str | None, options: Any) -> tuple[Analysis, Plan]:
    from medvirk.interop.analysis.logic import analyse as analyse_scores
    from medvirk.interop.scores.options import settle
    from medvirk.interop.scores.reading import read_scores
    from medvirk.tables import read_table

    table = read_table(file, sheet=sheet)
    plan = settle(options, table.columns)
    return analyse_scores(read_scores(table, plan), plan), plan


def _write(analysis: Analysis, plan: Plan, file: Path, out: Path, language: str) -> None:
    """Both files are made before either is written."""
    from django.utils import timezone

    from medvirk.interop.analysis.composing import compose
    from medvirk.interop.reports.report import as_html, as_pdf, save

    report = compose(analysis, plan, file_name=file.name, language=language, today=timezone.localdate())
    save(out, {"report.html": as_html(report).encode(), "report.pdf": as_pdf(report)})
    click.echo("\n".join(str(out / name) for name in REPORT_FILES), err=True)
