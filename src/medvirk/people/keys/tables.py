"""Tables with encrypted or hashed columns, read and written as they stand in the database.

The ORM would decrypt on the way out and encrypt on the way in, fire the histories, and refuse to touch the access log.
Here a stored value is replaced by one that means the same, and only if it still is the value that was read: somebody
may have changed the row meanwhile.
"""

# What Django names `_meta` and `_base_manager` is documented and meant to be used.
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, models, transaction

from medvirk.people.privacy import EncryptedColumn, KeyedColumn, encrypted_columns, keyed_columns


@dataclass(frozen=True)
class Table:
    model: type[models.Model]
    encrypted: tuple[EncryptedColumn, ...]
    keyed: tuple[KeyedColumn, ...]

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def names(self) -> list[str]:
        """Fields whose stored values are read: the encrypted ones first."""
        return [each.name for each in (*self.encrypted, *self.keyed)]


def tables() -> list[Table]:
    """Every table with something that stands under a key, by label."""
    encrypted, keyed = list(encrypted_columns()), list(keyed_columns())
    found = {each.model for each in (*encrypted, *keyed) if each.model is not None}
    return [
        Table(
            model,
            tuple(each for each in encrypted if each.model is model),
            tuple(each for each in keyed if each.model is model),
        )
        for model in sorted(found, key=lambda model: model._meta.label)
    ]


@dataclass(frozen=True)
class StoredRow:
    """`values` are in the order of `Table.names`."""

    pk: Any
    values: Sequence[Any]


def column_of(model: type[models.Model], name: str) -> str:
    """The quoted column of a field."""
    return connection.ops.quote_name(str(model._meta.get_field(name).column))  # type: ignore[union-attr]


def read(table: Table, after: str, count: int) -> list[StoredRow]:
    """The next `count` rows after the primary key `after`, as they are stored."""
    meta = table.model._meta
    pk = column_of(table.model, meta.pk.name)
    columns = ", ".join(column_of(table.model, name) for name in table.names)
    where, values = "", []
    if after:
        where, values = f"WHERE {pk} > %s", [stored_pk(table.model, after)]
    # The names are those of our own models, quoted by the database's own rules.
    sql = f"SELECT {pk}, {columns} FROM {connection.ops.quote_name(meta.db_table)} {where} ORDER BY {pk} LIMIT %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, count])
        return [StoredRow(row[0], row[1:]) for row in cursor.fetchall()]


def rows(table: Table, count: int) -> Iterator[StoredRow]:
    """All rows, `count` at a time."""
    after = ""
    while batch := read(table, after, count):
        yield from batch
        after = str(batch[-1].pk)


def stored_pk(model: type[models.Model], text: str) -> Any:
    """A primary key as the database compares it."""
    field = model._meta.pk
    return field.get_db_prep_value(field.to_python(text), connection)


def replace(table: Table, name: str, row: StoredRow, new: str) -> bool:
    """Replace one stored value, if it still is what was read. False when it is not, or when the new one is taken.

    The latter is a unique hash that another row has already: then the two rows mean the same, which a person must
    settle, so nothing is changed.
    """
    old = row.values[table.names.index(name)]
    column = column_of(table.model, name)
    meta = table.model._meta
    pk = column_of(table.model, meta.pk.name)
    sql = f"UPDATE {connection.ops.quote_name(meta.db_table)} SET {column} = %s WHERE {pk} = %s AND {column} = %s"  # noqa: S608
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [new, row.pk, old])
            return bool(cursor.rowcount)
    except IntegrityError:
        return False


def instances(table: Table, batch: Sequence[StoredRow]) -> dict[str, models.Model]:
    """The same rows as the ORM reads them, with what their hashes are made of; by primary key as text."""
    related = sorted({name for each in table.keyed for name in each.related})
    found = table.model._base_manager.select_related(*related) if related else table.model._base_manager.all()
    try:
        read = list(found.filter(pk__in=[row.pk for row in batch]))
    except ImproperlyConfigured:
        # A value that no key opens: the rows beside it are read all the same.
        read = [each for row in batch for each in _readable(found, row.pk)]
    return {str(stored_pk(table.model, str(each.pk))): each for each in read}


def _readable(rows: models.QuerySet[Any], pk: Any) -> list[models.Model]:
    try:
        return list(rows.filter(pk=pk))
    except ImproperlyConfigured:
        return []
