"""`medvirk instruments`: see what can be asked, check definitions, load official wording, set local numbers.

Listing and checking read files only. Showing adds what the database of the settings in use holds; loading and
setting write to it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import NoReturn

import click

from medvirk.instruments import norms
from medvirk.instruments.database import WRONG_INPUT, use_database
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.describing import describe, overview
from medvirk.instruments.faults import Fault, InstrumentFaults
from medvirk.instruments.loader import SHIPPED, UnknownInstrument, catalogue, get, load_file

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# One that is not there is a fault among the others.
FILE_OR_FOLDER = click.Path(path_type=Path)


@click.group()
def instruments() -> None:
    """What can be asked: definitions, official wording, local cut-offs."""


@instruments.command("list")
def list_command() -> None:
    """Every instrument that comes with Medvirk."""
    click.echo(overview(catalogue().values()))


@instruments.command()
@click.argument("key")
@click.option("--version", type=int, help="Which version; the newest if left out.")
@click.option("--language", default="en", show_default=True, help="Language of titles and wording.")
def show(key: str, version: int | None, language: str) -> None:
    """All that is known about the instrument KEY, with sources, and what was loaded and set here."""
    instrument, note = _as_used_here(_instrument(key, version))
    click.echo(describe(instrument, language))
    if note:
        click.echo(f"\n{note}")


@instruments.command()
@click.argument("paths", nargs=-1, type=FILE_OR_FOLDER)
def check(paths: tuple[Path, ...]) -> None:
    """Check definition files or folders of them; without PATHS all that comes with Medvirk."""
    files: list[Path] = []
    faults: list[Fault] = []
    for path in paths or (SHIPPED,):
        found = _definition_files(path)
        files += found
        if not path.exists():
            faults.append(Fault(str(path), "", "there is no such file or folder."))
        elif not found:
            faults.append(Fault(str(path), "", "holds no .toml file to check."))
        faults += _faults_in(found, load_file)
    if not paths:
        faults += _faults_in(_definition_files(norms.FOLDER), norms.load_prior)
    if faults:
        _refuse(faults, outcome="")
    click.echo(f"{len(files)} {'definition' if len(files) == 1 else 'definitions'} checked, no faults.")


def _faults_in(files: Iterable[Path], load: Callable[[Path], object]) -> list[Fault]:
    faults: list[Fault] = []
    for file in files:
        try:
            load(file)
        except InstrumentFaults as error:
            faults += error.faults
    return faults


def _definition_files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.toml"))
    return [path] if path.exists() else []


@instruments.command()
@click.argument("key")
@click.argument("file", type=FILE)
@click.option("--version", type=int, help="Which version of the instrument; the newest if left out.")
@click.option("--language", help="nb, nn, en, ...: needed for a table, chooses one language of a TOML file.")
@click.option("--translator", default="", help="Who translated it.")
@click.option("--licence", default="", help="By what right you use it.")
@click.option("--source", default="", help="Where you have it from.")
@click.option("--by", default="", help="Who loads it, for the record.")
@click.option(
    "--by-order", is_flag=True, help="The questions of a FHIR Questionnaire stand in the order of the items."
)
@click.option("--replace", is_flag=True, help="Put it in place of one loaded earlier for the same language.")
def wording(
    *,
    key: str,
    file: Path,
    version: int | None,
    language: str | None,
    translator: str,
    licence: str,
    source: str,
    by: str,
    by_order: bool,
    replace: bool,
) -> None:
    """Load the official wording of KEY from FILE: TOML, a CSV or .xlsx table, or a FHIR R4 Questionnaire (.json).

    A table has the columns item, text, low, high and one column per option value: option_0, option_1, ...
    Further rows may have title, intro or options in the column item; the row options holds labels for all
    items.

    A Questionnaire brings its language, translations, copyright and publisher. Its questions are known by
    linkId (the item's key) or LOINC code, and its answers by the extension ordinalValue.
    """
    use_database()
    from django.utils import timezone

    from medvirk.instruments.actions import load_wording
    from medvirk.instruments.wording_files import read_wordings

    instrument = _instrument(key, version)
    try:
        wordings = read_wordings(
            file,
            instrument,
            language=language,
            translator=translator,
            licence=licence,
            source=source,
            by_order=by_order,
        )
        load_wording(instrument=instrument, wordings=wordings, now=timezone.now(), by=by, replace=replace)
    except InstrumentFaults as error:
        _refuse(error.faults)
    click.echo(f"{instrument.name} can now be asked in {', '.join(each.language for each in wordings)}.")


@instruments.command()
@click.argument("key")
@click.option("--version", type=int, help="Which version of the instrument; the newest if left out.")
@click.option("--scale", default="total", show_default=True, help="Which scale.")
@click.option("--cutoff", type=float, help="Where the clinical range begins.")
@click.option("--reliable-change", type=float, help="The smallest change that is hardly chance, in points.")
@click.option("--level", type=float, default=0.95, show_default=True, help="Level of the reliable change.")
@click.option("--source", required=True, help="Where the numbers come from, or why they are withdrawn.")
@click.option("--by", default="", help="Who sets them, for the record.")
@click.option("--withdraw", is_flag=True, help="Go back to what comes with Medvirk.")
def parameters(
    *,
    key: str,
    version: int | None,
    scale: str,
    cutoff: float | None,
    reliable_change: float | None,
    level: float,
    source: str,
    by: str,
    withdraw: bool,
) -> None:
    """Set the cut-off and the reliable change of KEY for this municipality."""
    if withdraw and (cutoff is not None or reliable_change is not None):
        raise click.UsageError("Give numbers, or --withdraw, but not both.")
    use_database()
    from django.utils import timezone

    from medvirk.instruments.actions import set_parameters, withdraw_parameters
    from medvirk.instruments.queries import effective

    instrument = _instrument(key, version)
    now = timezone.now()
    try:
        if withdraw:
            withdraw_parameters(instrument=instrument, scale=scale, source=source, now=now, by=by)
        else:
            set_parameters(
                instrument=instrument,
                scale=scale,
                cutoff=cutoff,
                reliable_change=reliable_change,
                level=level,
                source=source,
                now=now,
                by=by,
            )
    except InstrumentFaults as error:
        _refuse(error.faults)
    click.echo(describe(effective(instrument.key, instrument.version), "en", with_wording=False))


def _instrument(key: str, version: int | None) -> Instrument:
    try:
        return get(key, version)
    except UnknownInstrument as error:
        click.echo(str(error), err=True)
        raise SystemExit(WRONG_INPUT) from None


def _as_used_here(shipped: Instrument) -> tuple[Instrument, str]:
    """The instrument with local wording and numbers; without a database as shipped, and a sentence that says so."""
    reason = io.StringIO()
    try:
        with redirect_stderr(reason):
            use_database()
    except SystemExit:
        told = "Shown as it comes with Medvirk: wording and numbers of your own, if any, are not known."
        return shipped, f"{told} {reason.getvalue().strip()}"
    from medvirk.instruments.queries import effective

    return effective(shipped.key, shipped.version), ""


def _refuse(faults: Sequence[Fault], outcome: str = "; nothing was changed") -> NoReturn:
    for fault in faults:
        click.echo(str(fault), err=True)
    click.echo(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}{outcome}.", err=True)
    raise SystemExit(WRONG_INPUT)
