"""Commands of the feedback room: `medvirk norms fit | export | pool | show`."""

from __future__ import annotations

from pathlib import Path

import click

from medvirk.feedback.commands.norms_files import pool_command, refuse, save, show_command
from medvirk.instruments.database import use_database


@click.group()
def norms() -> None:
    """The sums that the expected course rests on, and the files in which municipalities share them."""


norms.add_command(pool_command)
norms.add_command(show_command)


@norms.command("fit")
def fit_command() -> None:
    """Work out the local norms anew, and how often signals were right here. Run it every night."""
    use_database()
    from django.utils import timezone

    from medvirk.feedback.actions import fit_norms
    from medvirk.feedback.norms.basis import in_one_line

    rows = fit_norms(now=timezone.now())
    if not rows:
        click.echo("No courses yet: the expected course rests on the prior alone.")
    for row in rows:
        click.echo(in_one_line(row))


@norms.command("export")
@click.option("--instrument", "key", required=True, metavar="KEY", help="The outcome whose norms to share.")
@click.option("--version", type=int, help="Its version; the newest if left out.")
@click.option("--period", "period_text", required=True, metavar="PERIOD", help="2025, 2025-H1 or 2025-H2.")
@click.option("--number", required=True, help="The municipality's number, four digits; always the same.")
@click.option("--municipality", metavar="NAME", help="Its name; that of the one registered, if left out.")
@click.option("--first-sessions", type=click.IntRange(min=2), help="Only this many sessions of each course.")
@click.option(
    "--rare",
    type=click.Choice(["trim", "withhold"]),
    default="trim",
    show_default=True,
    help="Cut rare courses back to a common beginning, or leave them out.",
)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write."
)
def export_command(
    *,
    key: str,
    version: int | None,
    period_text: str,
    number: str,
    municipality: str | None,
    first_sessions: int | None,
    rare: str,
    out: Path,
) -> None:
    """Write the norms of courses that ended in PERIOD into a file for other municipalities.

    Sums over ten people or more, nothing else. A period is released once: asked again, the same file is written.
    """
    use_database()
    from django.utils import timezone

    from medvirk.feedback.norms.releasing import Rules, release_norms
    from medvirk.instruments.loader import UnknownInstrument
    from medvirk.instruments.queries import effective
    from medvirk.stats.faults import FaultsError
    from medvirk.stats.federation import Period, Rare

    if not (number.isascii() and number.isdigit() and len(number) == 4):
        refuse([f"--number {number}: a municipality's number has four digits, as 4601."])
    try:
        made = release_norms(
            instrument=effective(key, version),
            period=Period.parse(period_text),
            municipality=(municipality or "").strip() or _municipality(),
            rules=Rules(number, first_sessions, Rare(rare)),
            now=timezone.now(),
        )
    except UnknownInstrument as error:
        refuse([str(error)])
    except FaultsError as error:
        refuse(error.faults)
    # Registered first: a file that nobody remembers could not be protected against a second one.
    save(out, made.row.text)
    told = "was released before; the same file is written" if made.again else "released"
    click.echo(f"{made.row}: {told}: {out}")
    if made.waiting:
        click.echo(
            f"{made.waiting} courses are not in it (late, rare, or a second one of the same person). "
            "They wait for the next period."
        )


def _municipality() -> str:
    """The name of the one municipality there is."""
    from medvirk.people.models import Unit, UnitKind

    names = list(Unit.objects.filter(kind=UnitKind.MUNICIPALITY).values_list("name", flat=True))
    if len(names) != 1:
        found = ", ".join(names) or "none"
        refuse([f"Say whose norms they are, with --municipality NAME (registered municipalities: {found})."])
    return names[0]
