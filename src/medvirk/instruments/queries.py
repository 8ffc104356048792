"""The definitions as they are used here: shipped, with the municipality's own wording and numbers.

There is nothing personal in them and everybody may see them, so these functions take no viewer.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from django.db import connection
from django.db.models import Q

from medvirk.instruments.definitions import Instrument
from medvirk.instruments.loader import Catalogue, catalogue, find, get
from medvirk.instruments.logic import NoWording, askable
from medvirk.instruments.merging import Parameters, merge, stored_wording
from medvirk.instruments.models import LocalParameters, LocalWording

__all__ = ["NoWording", "askable", "effective", "effective_all", "effective_catalogue"]


def effective(key: str, version: int | None = None) -> Instrument:
    """One instrument, the newest version unless one is named. Two queries. Raises UnknownInstrument."""
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
    """Every instrument by key and version. Two queries, however many there are."""
    return _merged(catalogue(), Q())


def _merged(shipped: Catalogue, which: Q) -> Catalogue:
    wordings: dict[tuple[str, int], list[LocalWording]] = {}
    for wording in LocalWording.objects.filter(which).order_by("language"):
        wordings.setdefault((wording.instrument_key, wording.version), []).append(wording)
    settings: dict[tuple[str, int], list[LocalParameters]] = {}
    for setting in LocalParameters.objects.filter(which).order_by("pk"):
        settings.setdefault((setting.instrument_key, setting.version), []).append(setting)
    return MappingProxyType(
        {
            at: merge(
                instrument,
                [
                    stored_wording(
                        row.content,
                        language=row.language,
                        translator=row.translator,
                        licence=row.licence,
                        source=row.source,
                    )
                    for row in wordings.get(at, ())
                ],
                [
                    Parameters(row.scale, row.cutoff, row.reliable_change, row.level, row.source)
                    for row in settings.get(at, ())
                ],
            )
            for at, instrument in shipped.items()
        }
    )
