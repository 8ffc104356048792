"""Keeping the access log whole: `medvirk log`."""

from __future__ import annotations

import click


@click.group()
def log() -> None:
    """The access log: its seals, the file outside the database, and whether it is whole."""
    import django

    django.setup()


@log.command()
def head() -> None:
    """Print the newest seal: on paper, in a ticket, anywhere that nobody here can change."""
    from medvirk.people.actions.sealing import last_link
    from medvirk.people.logic.log import Seal

    last = last_link()
    if not isinstance(last, Seal):
        raise click.ClickException("Nothing is sealed yet. `medvirk worker` seals every minute.")
    click.echo(f"{last.number} {last.mac}")
    click.echo(f"{last.total} rows, sealed {last.sealed_at:%Y-%m-%d %H:%M:%S} UTC")


@log.command()
def seal() -> None:
    """Seal at once what is not sealed yet."""
    from django.utils import timezone

    from medvirk.people.actions.sealing import seal_log

    click.echo(f"{seal_log(timezone.now())} rows sealed.")


@log.command()
@click.option(
    "--against", metavar="'NUMBER CODE'", help="Compare with what `medvirk log head` printed earlier."
)
def check(*, against: str | None) -> None:
    """Say whether the log is whole, and what is wrong and where if it is not."""
    from django.core.checks import ERROR

    from medvirk.people.log.check import messages_of
    from medvirk.people.queries.log_integrity import verify_log

    verdict = verify_log()
    found = list(messages_of(verdict))
    for message in found:
        click.echo(f"{message.msg}\n    {message.hint or ''}".rstrip(), err=True)
    wrong = any(message.level >= ERROR for message in found)
    if against:
        number, _blank, code = against.strip().partition(" ")
        if not number.isdecimal():
            raise click.ClickException(
                "--against takes a number and a code, as `medvirk log head` prints them."
            )
        wrong |= not _stands(int(number), code.strip())
    if wrong:
        raise SystemExit(1)
    click.echo(f"Whole: {verdict.rows} rows, {verdict.seals} seals.")


def _stands(number: int, code: str) -> bool:
    """Whether the seal that was printed is still there; says so if not."""
    from medvirk.people.models import LogSeal, LogStone

    if LogStone.objects.filter(up_to__gt=number).exists():
        click.echo(f"Seal {number} is among what was removed by rule: compare with a newer one.", err=True)
        return True
    if (
        LogSeal.objects.filter(number=number, mac=code).exists()
        or LogStone.objects.filter(up_to=number, last_mac=code).exists()
    ):
        return True
    click.echo(
        f"Seal {number} is not what was printed: the log was cut off or made anew since.\n"
        "    Treat it as a break-in, unless you restored an older backup.",
        err=True,
    )
    return False


@log.command()
@click.option("--reason", prompt="Why do the file outside and the database differ", help="In a sentence.")
def accept(*, reason: str) -> None:
    """After a restore from an older backup: say why the file outside differs, and go on from here."""
    from django.utils import timezone

    from medvirk.people.access import log_house
    from medvirk.people.actions.sealing import accept_outside
    from medvirk.people.models import AccessAction

    if not reason.strip():
        raise click.ClickException("Say why, in a sentence.")
    accept_outside(reason=reason.strip(), now=timezone.now())
    log_house(None, "people.log", action=AccessAction.CHANGED, basis="command line")
    click.echo("Written down in the file outside. The lines above stay there for whoever asks.")


@log.command()
def guard() -> None:
    """Put back the triggers by which the database refuses changes of the log."""
    from medvirk.people.actions.sealing import mend_guard

    mend_guard()
    click.echo("The triggers are in place.")
