"""`medvirk backup FILE` and `medvirk restore FILE`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from medvirk.config.backup.archive import Manifest

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
IDENTITY = click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file with the secret key of backups, made by `medvirk keys backup`.",
)


def _tell(manifest: Manifest) -> None:
    rows = sum(table.rows for table in manifest.tables.values())
    click.echo(f"Made {manifest.made_at}: {len(manifest.tables)} tables, {rows} rows.")


@click.command()
@FILE
@click.option("--recipient", multiple=True, help="Public key (age1…) of who may open it; may be given again.")
@click.option("--verify", is_flag=True, help="Try FILE: restore it into a place of its own and compare all.")
@IDENTITY
def backup(file: Path, *, recipient: tuple[str, ...], verify: bool, identity: Path | None) -> None:
    """Write an encrypted backup to FILE while the server runs; the keys of identifiers are never in it."""
    import django

    django.setup()
    from medvirk.config.backup import archive, whole
    from medvirk.people.access import log_house
    from medvirk.people.checkup import backup_mark
    from medvirk.people.models import AccessAction

    try:
        if verify:
            if identity is None:
                raise click.UsageError(
                    "To try a backup, its secret key is needed: --identity FILE. It should not lie on the server, "
                    "so do it on another machine."
                )
            manifest = whole.verify(file, archive.identities(identity))
            click.echo("It restores, and every table is what it was.")
        else:
            given = (
                list(recipient) or os.environ.get("MEDVIRK_BACKUP_RECIPIENTS", "").replace(",", " ").split()
            )
            readers = archive.recipients(given)
            # A backup is a copy of every record: whoever reads the log, in the backup too, sees that it was made.
            log_house(None, "people.backup", action=AccessAction.EXPORTED, basis="command line")
            manifest = whole.make(file, readers)
            backup_mark().touch()
            click.echo(f"Written: {file}.")
    except archive.BackupError as fault:
        raise click.ClickException(str(fault)) from None
    _tell(manifest)


@click.command()
@FILE
@IDENTITY
@click.option("--to", type=click.Path(file_okay=False, path_type=Path), help="Into this folder (SQLite).")
@click.option("--replace", is_flag=True, help="In the place of the database that is there; stop the server.")
def restore(file: Path, *, identity: Path | None, to: Path | None, replace: bool) -> None:
    """Put the backup FILE back. All of it or nothing; a database that is there is kept, unless --replace."""
    import django

    os.umask(0o077)
    django.setup()
    from medvirk.config.backup import archive, whole

    if identity is None:
        raise click.UsageError("To open a backup, its secret key is needed: --identity FILE.")
    try:
        manifest = whole.put_back(file, archive.identities(identity), folder=to, replace=replace)
    except archive.BackupError as fault:
        raise click.ClickException(str(fault)) from None
    _tell(manifest)
    if not whole.opens_with_keys_at_hand(manifest):
        click.echo(
            "The keys of identifiers here are not those of this database: put the key file that was in use when the "
            "backup was made in its place (docs/keys.md). Until then no name can be read."
        )
