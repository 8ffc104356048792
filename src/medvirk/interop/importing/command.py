"""The command `medvirk import FILE`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from medvirk.interop.importing.actions import Checked, Request
    from medvirk.tables import TableFaults

FAULTS = 2
#: The history of every row tells the source, and has room for 100 signs.
LONGEST_SOURCE = 60


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--commit", is_flag=True, help="Write. Without it, only told what would be written.")
@click.option(
    "--source", default="import", show_default=True, help="Whose references the column `person` holds."
)
@click.option("--instrument", default="", metavar="KEY", help="For rows that name none: KEY or KEY@VERSION.")
@click.option(
    "--meeting-instrument", default="", metavar="KEY", help="The same, for the answers about the meeting."
)
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook; its first if not given.")
def import_file(
    file: Path, *, commit: bool, source: str, instrument: str, meeting_instrument: str, sheet: str | None
) -> None:
    """Import people, episodes, sessions and answers from one table.

    FILE is CSV as Excel writes it, or .xlsx, with one row per person and conversation; the columns are
    described in docs/import.md. Nothing is written without --commit, and then everything or nothing. The same
    file again changes nothing.
    """
    import django

    django.setup()
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError
    from django.utils import translation

    from medvirk.interop.importing.actions import Request
    from medvirk.tables import TableFaults

    if not 0 < len(source.strip()) <= LONGEST_SOURCE:
        raise click.UsageError(f"--source needs a name of at most {LONGEST_SOURCE} signs.")
    request = Request(source.strip(), instrument, meeting_instrument)
    # The command line speaks English throughout.
    with translation.override("en"):
        try:
            checked = _run(file, sheet, request, commit=commit)
        except TableFaults as faults:
            _tell_faults(file, faults)
            sys.exit(FAULTS)
        except ImproperlyConfigured as error:
            raise click.ClickException(str(error)) from None
        except DatabaseError as error:
            raise click.ClickException(
                f"The database refused: {error}. Nothing was written. Somebody may have registered the same "
                "at the same moment: try again. If a table is lacking: medvirk manage migrate."
            ) from None
    _tell(file, checked, commit=commit)


def _run(file: Path, sheet: str | None, request: Request, *, commit: bool) -> Checked:
    from django.utils import timezone

    from medvirk.interop.importing.actions import check_import, commit_import
    from medvirk.tables import read_table

    table = read_table(file, sheet=sheet)
    click.echo(f"Checking {len(table.rows)} rows …", err=True)
    if not commit:
        return check_import(table=table, request=request, now=timezone.now())
    with _bar() as progress:
        return commit_import(table=table, request=request, now=timezone.now(), progress=progress)


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """A progress bar from the first row written on; on the error stream, so that the other stays plain."""
    with ExitStack() as stack:
        bars: list[Any] = []

        def progress(done: int, total: int) -> None:
            if not bars:
                bar = click.progressbar(length=total, label="Writing", file=sys.stderr)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].pos)

        yield progress


def _tell_faults(file: Path, faults: TableFaults) -> None:
    for fault in faults.faults:
        click.echo(str(fault), err=True)
    count = len(faults.faults)
    click.echo(
        f"{count} {'fault' if count == 1 else 'faults'} in {file.name}. Nothing was written.", err=True
    )


def _tell(file: Path, checked: Checked, *, commit: bool) -> None:
    from medvirk.interop.importing.columns import listed

    matched = checked.matched
    click.echo(f"{file.name}: {checked.rows} {'row' if checked.rows == 1 else 'rows'}")
    click.echo(f"{'':10}{'new':>10}{'there already':>16}")
    for name in ("people", "episodes", "sessions", "answers"):
        tally = getattr(matched, name)
        click.echo(f"{name:10}{tally.new:>10}{tally.there:>16}")
    if checked.unused:
        click.echo(f"Columns not used: {listed(checked.unused)}.")
    if matched.changes_nothing:
        click.echo("Everything is there already; nothing was changed.")
    elif commit:
        click.echo("Written.")
    else:
        click.echo("Nothing was written. Add --commit to write it.")
