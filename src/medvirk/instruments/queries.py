"""The definitions as they are used here: shipped, with the municipality's own wording and numbers.

There is nothing personal in them and everybody may see them, so these functions take no viewer.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import FloatField, JSONField, Q, TextField, Value
from django.db.models.functions import Cast

from medvirk.instruments.definitions import Instrument, Wording
from medvirk.instruments.loader import Catalogue, catalogue, find, get
from medvirk.instruments.logic import NoWording, askable
from medvirk.instruments.merging import Parameters, merge, stored_wording
from medvirk.instruments.models import LocalParameters, LocalWording

__all__ = ["NoWording", "askable", "effective", "effective_all", "effective_catalogue"]


def effective(key: str, version: int | None = None) -> Instrument:
    """One instrument, the newest version unless one is named. One query. Raises UnknownInstrument."""
    shipped = get(key, version)
    merged = _merged(
        {(shipped.key, shipped.version): shipped}, Q(instrument_key=key, version=shipped.version)
    )
    return find(merged, key, shipped.version)


def effective_all(wanted: Iterable[tuple[str, int]]) -> list[Instrument]:
    """These instruments in this order. One short query where all are used as shipped; raises UnknownInstrument."""
    local = _with_local_content()
    return [(effective if key in local else get)(key, version) for key, version in wanted]


def _with_local_content() -> frozenset[str]:
    """Keys of the instruments to which the municipality has added wording or numbers.

    Written out in SQL: it is asked at every opening and every sending of a form, and to put it together through the
    models takes twenty times as long as the database needs to answer.
    """
    tables = (LocalWording._meta.db_table, LocalParameters._meta.db_table)  # noqa: SLF001  Django's documented name
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(f"SELECT instrument_key FROM {table}" for table in tables))  # noqa: S608  our own
        return frozenset(key for (key,) in cursor.fetchall())


def effective_catalogue() -> Catalogue:
    """Every instrument by key and version. One query, however many there are."""
    return _merged(catalogue(), Q())


def _merged(shipped: Catalogue, which: Q) -> Catalogue:
    wordings: dict[tuple[str, int], list[Wording]] = {}
    settings: dict[tuple[str, int], list[Parameters]] = {}
    for key, version, at, source, content, translator, licence, *numbers in _local(which):
        if content is not None:
            wording = stored_wording(
                content, language=at, translator=translator, licence=licence, source=source
            )
            wordings.setdefault((key, version), []).append(wording)
        else:
            cutoff, change, level, _order = numbers
            settings.setdefault((key, version), []).append(Parameters(at, cutoff, change, level, source))
    return MappingProxyType(
        {
            at: merge(instrument, wordings.get(at, []), settings.get(at, []))
            for at, instrument in shipped.items()
        }
    )


def _local(which: Q) -> Iterable[tuple[Any, ...]]:
    """The municipality's wordings by language, and its numbers in the order they were given. One query for both.

    Each row: key, version, language or scale, source, content, translator, licence, cut-off, reliable change, level,
    order. Of numbers, content is None.
    """
    number, text = Cast(Value(None), FloatField()), Value("", TextField())
    wordings = LocalWording.objects.filter(which).values_list(
        "instrument_key", "version", "language", "source", "content", "translator", "licence", number, number,
        number, Value(0),
    )  # fmt: skip
    numbers = LocalParameters.objects.filter(which).values_list(
        "instrument_key", "version", "scale", "source", Value(None, JSONField()), text, text, "cutoff",
        "reliable_change", "level", "pk",
    )  # fmt: skip
    rows: Iterable[tuple[Any, ...]] = wordings.union(numbers, all=True)
    return sorted(rows, key=lambda row: (row[-1], row[2]))
