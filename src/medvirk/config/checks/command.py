"""`medvirk check`: a sentence per fault, and an exit code for scripts."""

from __future__ import annotations

from pathlib import Path

import click

# Django's own, which ours say in one sentence with the variable to set.
SAID_BY_OURS = {
    f"security.{number}" for number in ("W004", "W008", "W009", "W012", "W016", "W018", "W020", "W025")
}
# HSTS for sub-domains and preload lists are the municipality's to decide for the whole of its name.
NOT_OURS = {"security.W005", "security.W021"}


def _need_a_database() -> None:
    """Looking must not make an empty database; one sentence says more than every check failing on its own."""
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    is_file = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if is_file and not (Path(name).exists() or "memory" in str(name)):
        raise click.ClickException(
            f"There is no database here ({name}). Make one with `medvirk createadmin`, or say with MEDVIRK_DATA or "
            "DATABASE_URL where it is."
        )


@click.command()
@click.option("--deploy", is_flag=True, help="Also: may this be put into use with real people's data?")
@click.option("--only", "only", multiple=True, metavar="NAME", help="Only this check; may be given again.")
@click.option("--names", is_flag=True, help="List the names of all checks.")
def check(*, deploy: bool, only: tuple[str, ...], names: bool) -> None:
    """Look for what is wrong in this installation. Ends with 1 when there is a fault."""
    import django
    from django.core.checks import ERROR, run_checks

    django.setup()
    import medvirk.config.checks  # noqa: F401  registers
    from medvirk.people import checkup

    if names:
        click.echo("\n".join(checkup.names()))
        return
    if strange := set(only) - set(checkup.names()):
        raise click.UsageError(
            f"There is no check {', '.join(sorted(strange))}. There are: {', '.join(checkup.names())}."
        )
    _need_a_database()
    found = checkup.look(deploy=deploy, only=only)
    if not only:
        ignored = SAID_BY_OURS | NOT_OURS
        found += [each for each in run_checks(include_deployment_checks=deploy) if each.id not in ignored]
    faults = [each for each in found if each.level >= ERROR]
    for each in sorted(found, key=lambda each: -each.level):
        click.echo(f"{'FAULT' if each.level >= ERROR else 'note '}  {each.msg}")
        if each.hint:
            click.echo(f"       {each.hint}")
    if faults:
        click.echo(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'} found.")
        raise SystemExit(1)
    click.echo("No faults found: this may be put into use." if deploy and not only else "No faults found.")
