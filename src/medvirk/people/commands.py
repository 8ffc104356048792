"""The first administrator: `medvirk createadmin`."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command()
@click.option("--given-name", prompt="Given name")
@click.option("--family-name", prompt="Family name")
@click.option("--sign-in-name", prompt="Sign-in name (for instance the work e-mail address)")
@click.option("--municipality", help="Name of the municipality; asked for when there are no units yet.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the password from the first line of this file instead of asking for it.",
)
@click.option("--another", is_flag=True, help="Make one more, though there is an administrator already.")
def createadmin(
    *,
    given_name: str,
    family_name: str,
    sign_in_name: str,
    municipality: str | None,
    password_file: Path | None,
    another: bool,
) -> None:
    """Make an administrator; in a new installation also the database, its keys and the first unit."""
    _prepare()
    from medvirk.people.models import Unit

    _refuse_if_there_is_one(another=another)
    if not Unit.objects.exists():
        municipality = municipality or click.prompt("Name of the municipality")
    password = _password(password_file)
    login = _register(given_name, family_name, sign_in_name, password, municipality)
    click.echo(f"Registered. Sign in as {login}; register units first, then staff.")


def _prepare() -> None:
    """Bring the database up to date; a new one gets its key file."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    from medvirk.people.crypto import make_key_file

    # What is written from here on, the database above all, is for this user alone.
    os.umask(0o077)
    django.setup()
    if not settings.KEY_FILE.exists() and not os.environ.get("MEDVIRK_KEYS"):
        make_key_file(settings.KEY_FILE)
        click.echo(
            f"Made the key file {settings.KEY_FILE}. Keep a copy apart from the database and its backups."
        )
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def _refuse_if_there_is_one(*, another: bool) -> None:
    from django.utils import timezone

    from medvirk.people.models import Grant, Role

    held = Grant.objects.on(timezone.localdate()).filter(role=Role.ADMINISTRATOR, staff__user__is_active=True)
    if held.exists() and not another:
        raise click.ClickException(
            "There is an administrator already, who can make more under Staff. "
            "If nobody can sign in any longer, run the command again with --another."
        )


def _password(password_file: Path | None) -> str:
    if password_file is None:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same once more"))
    lines = password_file.read_text(encoding="utf-8").splitlines()
    if not lines or not lines[0]:
        raise click.ClickException(f"{password_file} is empty: its first line must hold the password.")
    return lines[0]


def _register(
    given_name: str, family_name: str, sign_in_name: str, password: str, municipality: str | None
) -> str:
    from django.db import transaction
    from django.utils import timezone, translation

    from medvirk.people.actions import NewGrant, PersonDetails, RefusedError, register_staff, register_unit
    from medvirk.people.models import Role, Unit, UnitKind

    today = timezone.localdate()
    # The command line speaks English throughout.
    with translation.override("en"), transaction.atomic():
        try:
            top = Unit.objects.filter(parent=None).order_by("valid_from", "name").first() or register_unit(
                by=None, name=municipality or "", kind=UnitKind.MUNICIPALITY, valid_from=today
            )
            staff = register_staff(
                by=None,
                details=PersonDetails(given_name=given_name, family_name=family_name),
                login=sign_in_name,
                password=password,
                grants=[NewGrant(Role.ADMINISTRATOR, top, max(today, top.valid_from))],
                must_change_password=False,
            )
        except RefusedError as refused:
            raise click.ClickException("\n".join(refused.sentences)) from None
    return staff.user.login if staff.user else sign_in_name
