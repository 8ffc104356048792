"""The command `medvirk signals evaluate FILE`."""

from __future__ import annotations

import json
import sys
import textwrap
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

if TYPE_CHECKING:
    from medvirk.interop.scores.options import Measure
    from medvirk.interop.signals.asked import Asked, Typed
    from medvirk.interop.signals.logic import Judgement
    from medvirk.tables import FaultList

FILES = ("signals.html", "signals.pdf", "signals.json")
COLUMNS = 100


@click.group()
def signals() -> None:
    """What in a course deserves a talk, and how often such a signal is right."""


@signals.command("evaluate")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_options(*MEASURE)
@click.option(
    "--rule", "rules", multiple=True, metavar="NAME", help="A rule to judge; may be given several times."
)
@click.option("--burden", metavar="X", help="The share of courses that may be flagged; 0.2 if not given.")
@click.option("--by", metavar="N", help="By which measurement; 3 if not given.")
@click.option("--folds", metavar="N", help="Parts that the people are divided into; 5 if not given.")
@click.option("--seed", metavar="N", help="Of the division and the resamples; 0 if not given.")
@click.option(
    "--simulate", metavar="PROCESS", help="Made-up courses instead of FILE, with the best possible rule."
)
@click.option("--people", metavar="N", help="How many made-up courses; 2000 if not given.")
@click.option("--details", is_flag=True, help="Print every sentence, and the table by measurement.")
@with_options(*RESULTS)
def evaluate(
    file: Path | None,
    *,
    time_column: str | None,
    sheet: str | None,
    rules: tuple[str, ...],
    burden: str | None,
    by: str | None,
    folds: str | None,
    seed: str | None,
    simulate: str | None,
    people: str | None,
    details: bool,
    out: Path | None,
    language: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Judge how often signals were right in a table of scores, and at what burden.

    FILE is CSV as Excel writes it, .xlsx or Parquet, with one row per person and time, as for `medvirk analyse`.
    Nothing is stored, and no database is needed. Prints a table; --out writes a page, a PDF and the numbers.
    """
    started = time.perf_counter()
    set_up()
    from django.utils import translation

    from medvirk.interop.signals.asked import Typed
    from medvirk.tables import TableFaults

    typed = Typed(rules, burden, by, folds, seed, simulate, people)
    with translation.override(language):
        refuse_unwritable(out, FILES)
        try:
            judgement, measure = _judged(file, sheet, typed, {"time": time_column, **options})
        except TableFaults as faults:
            made_up = None if simulate is None else f"--simulate {simulate}"
            tell_faults(made_up if file is None else file.name, faults)
            sys.exit(FAULTS)
        numbers = _numbers(judgement, measure, file, started)
        if out is not None:
            _write(judgement, measure, file, out=out, language=language, numbers=numbers)
        if as_json:
            click.echo(numbers)
        else:
            _print(judgement, out, details=details)


def _judged(
    file: Path | None, sheet: str | None, typed: Typed, options: dict[str, Any]
) -> tuple[Judgement, Measure | None]:
    from medvirk.interop.signals.asked import FILE_AND_PROCESS, NO_FILE, settle_asked
    from medvirk.interop.signals.logic import counted, drawn, judge
    from medvirk.stats.signals import PROCESSES
    from medvirk.tables import Fault, FaultList

    faults = FaultList()
    asked = settle_asked(typed, faults)
    if file is not None and asked.process is None:
        return _from_file(file, sheet, asked, options, faults)
    if asked.process is None:
        faults.add(Fault(None, None, None, NO_FILE, {"known": ", ".join(PROCESSES)}))
    elif any(given is not None for given in (file, sheet, *options.values())):
        faults.add(Fault(None, None, None, FILE_AND_PROCESS))
    faults.raise_if_any()
    given = drawn(asked.process or "", asked.people, asked.seed)
    return judge(given, counted(given), asked), None


def _from_file(
    file: Path, sheet: str | None, asked: Asked, options: dict[str, Any], faults: FaultList
) -> tuple[Judgement, Measure]:
    """Faults of all options are told together; then those of the rows; then those of the courses."""
    from medvirk.interop.scores.options import Options, settle
    from medvirk.interop.scores.reading import read_scores
    from medvirk.interop.signals.logic import counted, given_by, judge
    from medvirk.tables import TableFaults, read_table

    table = read_table(file, sheet=sheet)
    try:
        plan = settle(Options(**options), table.columns)
    except TableFaults as raised:
        raise TableFaults([*faults.faults, *raised.faults]) from None
    faults.raise_if_any()
    scores = read_scores(table, plan)
    given = given_by(scores, plan.measure)
    return judge(given, counted(given, scores), asked), plan.measure


def _numbers(judgement: Judgement, measure: Measure | None, file: Path | None, started: float) -> str:
    from medvirk.interop.signals.numbers import as_json

    seconds = time.perf_counter() - started
    name = None if file is None else file.name
    return json.dumps(as_json(judgement, measure, file_name=name, seconds=seconds), allow_nan=False)


def _write(
    judgement: Judgement,
    measure: Measure | None,
    file: Path | None,
    *,
    out: Path,
    language: str,
    numbers: str,
) -> None:
    """All files are made before any is written."""
    from django.utils import timezone

    from medvirk.interop.reports.report import as_html, as_pdf, save
    from medvirk.interop.signals.composing import compose

    name = None if file is None else file.name
    report = compose(judgement, measure, file_name=name, language=language, today=timezone.localdate())
    made = (as_html(report).encode(), as_pdf(report), f"{numbers}\n".encode())
    save(out, dict(zip(FILES, made, strict=True)))
    click.echo("\n".join(str(out / name) for name in FILES), err=True)


def _print(judgement: Judgement, out: Path | None, *, details: bool) -> None:
    """What fits a screen: a table of each rule, and where the rest stands; with details, all the sentences too."""
    from medvirk.interop.signals import tables, words

    before, after = (words.summary(judgement), []) if details else words.brief(judgement)
    if not details:
        after = [*after, words.more(None if out is None else out / FILES[0])]
    for sentence in before:
        click.echo(textwrap.fill(sentence, COLUMNS))
    for line in tables.compact(judgement, details=details):
        click.echo(line)
    for sentence in after:
        click.echo(textwrap.fill(sentence, COLUMNS, break_long_words=False, break_on_hyphens=False))
