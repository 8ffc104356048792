"""`medvirk keys new | rotate | check | retire | backup`."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from medvirk.people.crypto import Keys
    from medvirk.people.keys.counting import Count


@click.group()
def keys() -> None:
    """Change the keys that hide who people are; see docs/keys.md."""


def _ready() -> Keys:
    import django
    from django.core.exceptions import ImproperlyConfigured

    from medvirk.people import crypto

    django.setup()
    try:
        return crypto.keys()
    except ImproperlyConfigured as fault:
        raise click.ClickException(str(fault)) from None


def _key_file() -> Path:
    """The key file that can be changed.

    Raises:
        ClickException: the keys come from the environment, which no command can change.
    """
    from django.conf import settings

    if os.environ.get("MEDVIRK_KEYS"):
        raise click.ClickException(
            "The keys come from MEDVIRK_KEYS, which this command cannot change. Give --out FILE, put the content of "
            "FILE where MEDVIRK_KEYS is kept, start the servers anew, and delete FILE."
        )
    path: Path = settings.KEY_FILE
    return path


def _put(text: str, out: Path | None) -> Path:
    from medvirk.people.keys import files

    try:
        if out is not None:
            files.write_new(out, text)
            return out
        path = _key_file()
        files.put_in_place(path, text)
    except FileExistsError as there:
        raise click.ClickException(
            f"{there.filename} is there already: another change of keys is under way or was stopped. "
            "If none is running, move that file away and try again."
        ) from None
    return path


OUT = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the keys to this new file instead of changing the key file.",
)


@keys.command()
@click.option("--search", is_flag=True, help="Also a new key for the hashes that people are found by.")
@OUT
def new(*, search: bool, out: Path | None) -> None:
    """Add a new first key. The older ones stay, so nothing stops."""
    from medvirk.people.keys import files

    path = _put(files.with_new_keys(_ready(), search=search), out)
    click.echo(
        f"A new key stands first in {path}. Copy the file to every machine that serves this database, and to where "
        "you keep the keys; then run `medvirk keys rotate`."
    )


@keys.command()
@click.option("--batch", default=200, show_default=True, help="Rows at a time.")
@click.option("--quiet", is_flag=True, help="Say only how it ended.")
def rotate(*, batch: int, quiet: bool) -> None:
    """Put everything under the newest keys. May be stopped at any time and run again."""
    _ready()
    from medvirk.people.keys.rotation import rotate as rotate_all

    last: dict[str, str] = {}

    def told(text: str) -> None:
        table = text.partition(":")[0]
        if not quiet and table not in last:
            click.echo(f"{table} …")
        last[table] = text

    done = rotate_all(batch=batch, told=told)
    click.echo(f"{done.changed} values are under the newest keys now.")
    _tell(done.left)
    if not done.left.is_done:
        raise SystemExit(1)


@keys.command()
def check() -> None:
    """Say how many values stand under which key, and whether older keys may go. Ends with 1 if they may not."""
    _ready()
    from medvirk.people.keys.counting import count

    found = count()
    _tell(found)
    if not found.is_done:
        raise SystemExit(1)


def _tell(found: Count) -> None:
    from medvirk.people.crypto import keys as known

    for what, counts, number in (
        ("encryption", found.encrypted, len(known().encryption)),
        ("search", found.hashed, len(known().searches)),
    ):
        for place in range(number):
            name = "newest" if place == 0 else f"older {place}"
            click.echo(f"{what} key, {name}: {counts[place]} values")
    for label, number in sorted(found.lost.items()):
        click.echo(
            f"{label}: {number} values that no key gives. Put back the key file that belongs to them, "
            "or restore them from a backup."
        )
    if found.is_older:
        click.echo("Some values stand under older keys: run `medvirk keys rotate`.")
    elif not found.lost and max(len(known().encryption), len(known().searches)) > 1:
        click.echo("Nothing stands under the older keys: `medvirk keys retire` takes them away.")


@keys.command()
@OUT
def retire(*, out: Path | None) -> None:
    """Take the older keys out of the key file, once nothing stands under them."""
    known = _ready()
    from medvirk.people.keys import files
    from medvirk.people.keys.counting import count

    if len(known.encryption) == 1 and len(known.searches) == 1:
        click.echo("There are no older keys.")
        return
    found = count()
    if not found.is_done:
        _tell(found)
        raise click.ClickException("The older keys are needed still, so they stay.")
    kept = None if out is not None else files.keep_retired(_key_file(), datetime.now().astimezone().date())
    path = _put(files.with_newest_only(known), out)
    click.echo(f"{path} holds the newest keys only.")
    if kept is not None:
        click.echo(
            f"The older ones are in {kept}: backups made until now need them. Move the file to where you keep keys, "
            "and delete it when the last of those backups is deleted."
        )


@keys.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Make the key pair of backups: the secret key goes to FILE, to be kept away from the server."""
    import pyrage

    from medvirk.people.keys import files

    identity = pyrage.x25519.Identity.generate()
    text = (
        "# Secret key of Medvirk's backups (age). Whoever has it can open them. Keep it away from the server.\n"
        f"# public key: {identity.to_public()}\n{identity}\n"
    )
    try:
        files.write_new(file, text)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already. Choose another name.") from None
    click.echo(f"The secret key is in {file}. The public key, for MEDVIRK_BACKUP_RECIPIENTS on the server:")
    click.echo(str(identity.to_public()))
