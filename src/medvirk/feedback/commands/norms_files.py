"""Norms files from the command line, without a database: pool them, and say in words what one holds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from medvirk.instruments.database import WRONG_INPUT

if TYPE_CHECKING:
    from medvirk.stats.federation import Release

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def refuse(faults: Iterable[str]) -> NoReturn:
    """End the command with one fault on each line."""
    for fault in faults:
        click.echo(fault, err=True)
    raise SystemExit(WRONG_INPUT)


def save(path: Path, text: str) -> None:
    """Write the file whole or not at all; another file of that name is not touched."""
    temporary = None
    try:
        if path.exists():
            if path.read_bytes() != text.encode("utf-8"):
                refuse(
                    [f"{path} exists and holds something else. Name another file; nothing was written there."]
                )
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        # A norms file is meant for others to read, unlike what `mkstemp` is made for.
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        refuse([f"{path} cannot be written: {error.strerror}. Run the command again with another --out."])


@click.command("pool")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the pooled norms here.")
def pool_command(files: tuple[Path, ...], out: Path | None) -> None:
    """Pool norms FILES of several municipalities or periods, and fit the expected course. Needs no database."""
    from medvirk.stats.federation import BadNormsFileError, pool, write
    from medvirk.stats.federation.words import describe

    named = _read(files)
    try:
        pooled = pool(named)
    except BadNormsFileError as error:
        refuse(error.faults)
    if out is not None:
        save(out, write(pooled))
    click.echo(describe(pooled))


@click.command("show")
@click.argument("file", type=FILE)
def show_command(file: Path) -> None:
    """Check a norms FILE and say in words what it holds. Needs no database."""
    from medvirk.stats.federation.words import describe

    ((_name, found),) = _read([file])
    click.echo(describe(found))


def _read(files: Sequence[Path]) -> list[tuple[str, Release]]:
    """All of them, or all that is wrong with any."""
    from medvirk.stats.federation import BadNormsFileError, read

    found, faults = [], []
    for file in files:
        try:
            found.append((str(file), read(file.read_text(encoding="utf-8"))))
        except BadNormsFileError as error:
            faults += [f"{file}: {fault}" for fault in error.faults]
        except UnicodeDecodeError:
            faults.append(f"{file}: This is not a norms file: it is not text in UTF-8.")
        except OSError as error:
            faults.append(f"{file}: It cannot be read: {error.strerror}.")
    if faults:
        refuse(faults)
    return found
