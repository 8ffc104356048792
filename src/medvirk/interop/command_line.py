"""What the commands on a file of scores have in common: their options, and how faults are told."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from medvirk.tables import TableFaults

FAULTS = 2
Command = TypeVar("Command", bound=Callable[..., Any])

#: Where the scores stand in the file, and how they are judged.
MEASURE = (
    click.option("--person", metavar="COLUMN", help="Who the row is about."),
    click.option(
        "--time", "time_column", metavar="COLUMN", help="When: a number, or a date (then weeks are counted)."
    ),
    click.option("--score", metavar="COLUMN", help="The score; or else --items."),
    click.option("--items", metavar="COLUMNS", help="The items, as A,B,C or as a run of columns A:T."),
    click.option(
        "--instrument", metavar="KEY", help="Scores the items; knows direction, range, cut-off and the like."
    ),
    click.option("--scale", metavar="KEY", help="Which of the instrument's scales; its first if not given."),
    click.option("--direction", metavar="lower|higher", help="Which way is better."),
    click.option(
        "--range", "score_range", metavar="LO,HI", help="The lowest and the highest possible score."
    ),
    click.option("--rci", metavar="X", help="The points of a reliable change (that many, or more)."),
    click.option("--sd", metavar="X", help="With --reliability: a reliable change is worked out from them."),
    click.option("--reliability", metavar="R", help="With --sd: from 0 up to, not including, 1."),
    click.option("--sheet", metavar="NAME", help="The sheet of a workbook; its first if not given."),
)
#: Where the results go.
RESULTS = (
    click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Write the report here."),
    click.option("--language", type=click.Choice(["nb", "nn", "en"]), default="nb", show_default=True),
    click.option("--json", "as_json", is_flag=True, help="Print the numbers as one JSON object."),
)


def with_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Gives a command several options; `--help` lists them in this order."""

    def give(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return give


def set_up() -> None:
    """Django for languages and templates only: no database, no key, no folder of data."""
    import django
    from django.conf import settings

    if not settings.configured:
        os.environ["DJANGO_SETTINGS_MODULE"] = "medvirk.config.settings_bare"
        django.setup()


def refuse_unwritable(out: Path | None, names: Sequence[str]) -> None:
    """Ends the program when files of these names cannot be written there: before anything is read."""
    from medvirk.interop.reports.report import unwritable

    if out is not None and (problem := unwritable(out, names)):
        click.echo(f"--out {out}: {problem}", err=True)
        raise SystemExit(FAULTS)


def tell_faults(name: str | None, faults: TableFaults) -> None:
    """Every fault on a line of its own: where, the value, what to do. name: of the file, None where none was given."""
    from django.utils.translation import gettext as _
    from django.utils.translation import ngettext

    for fault in faults.faults:
        place = [_("row %(row)s") % {"row": fault.row}] if fault.row is not None else []
        place += [_("column %(column)s") % {"column": fault.column}] if fault.column is not None else []
        place += [f"“{fault.value}”"] if fault.value is not None else []
        click.echo(": ".join(filter(None, [", ".join(place), fault.sentence(_)])), err=True)
    count = len(faults.faults)
    if name is None:
        told = ngettext(
            "%(count)s fault. Nothing was written.", "%(count)s faults. Nothing was written.", count
        )
    else:
        told = ngettext(
            "%(count)s fault in %(file)s. Nothing was written.",
            "%(count)s faults in %(file)s. Nothing was written.",
            count,
        )
    click.echo(told % {"count": count, "file": name}, err=True)
