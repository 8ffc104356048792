"""Reading definitions from `data/<key>@<version>.toml`, each wholly checked before anything uses it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from medvirk.instruments.checks import check_instrument
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.faults import Fault, InstrumentFaults, Notebook
from medvirk.instruments.parsing import parse_instrument
from medvirk.instruments.reading import Table

SHIPPED = Path(__file__).resolve().parent / "data"
FILE_NAME = re.compile(r"(?P<key>[a-z][a-z0-9-]*)@(?P<version>[1-9][0-9]*)")

Catalogue = Mapping[tuple[str, int], Instrument]


class UnknownInstrument(LookupError):
    """No instrument has that key and version; the message names those there are."""


def read_toml(path: Path) -> dict[str, object]:
    """The tables of a TOML file, with or without a byte order mark. Raises InstrumentFaults."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}."
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8."
    except tomllib.TOMLDecodeError as error:
        problem = f"is not valid TOML: {error}."
    raise InstrumentFaults([Fault(path.name, "", problem)])


def load_file(path: Path) -> Instrument:
    """One definition. Raises InstrumentFaults with every fault in the file."""
    notebook = Notebook(path.name)
    instrument = parse_instrument(Table(read_toml(path), "", notebook))
    check_instrument(instrument, notebook)
    named = FILE_NAME.fullmatch(path.name.removesuffix(".toml"))
    if named is None:
        notebook.note("", "the file must be named <key>@<version>.toml, such as life-now@1.toml.")
    elif path.name != f"{instrument.id}.toml":
        notebook.note("", f"the file holds {instrument.id}; its name says {named[0]}.")
    notebook.raise_if_any()
    return instrument


def load_folder(folder: Path) -> Catalogue:
    """Every definition in a folder, by key and version. Raises InstrumentFaults with those of all files."""
    found: dict[tuple[str, int], Instrument] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml")):
        try:
            instrument = load_file(path)
        except InstrumentFaults as error:
            faults.extend(error.faults)
        else:
            found[instrument.key, instrument.version] = instrument
    if faults:
        raise InstrumentFaults(faults)
    return MappingProxyType(found)


@cache
def catalogue() -> Catalogue:
    """The shipped definitions, read once per process."""
    return load_folder(SHIPPED)


def get(key: str, version: int | None = None) -> Instrument:
    """A shipped definition, the newest unless a version is named. Raises UnknownInstrument."""
    return find(catalogue(), key, version)


def find(instruments: Catalogue, key: str, version: int | None = None) -> Instrument:
    """The instrument in a catalogue, the newest unless a version is named. Raises UnknownInstrument."""
    versions = [number for (name, number) in instruments if name == key]
    if not versions:
        known = ", ".join(sorted({name for name, _ in instruments}))
        raise UnknownInstrument(f"There is no instrument {key!r}. There are: {known}.")
    chosen = max(versions) if version is None else version
    if chosen not in versions:
        there = ", ".join(map(str, sorted(versions)))
        raise UnknownInstrument(f"{key} has no version {chosen}. There are: {there}.")
    return instruments[key, chosen]
