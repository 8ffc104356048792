"""Who loaded a wording stands encrypted, also where it was loaded before that was so."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

from django.db import connection

from medvirk.instruments.models import LocalParameters


def test_names_in_the_clear_are_encrypted_by_the_migration(db):
    row = LocalParameters.objects.create(
        instrument_key="ors", version=1, scale="total", source="s", cutoff=25
    )
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "instruments_localparameters" SET "set_by" = %s', ["Kari Nordmann"])

    migration = import_module("medvirk.instruments.migrations.0002_names_encrypted")
    migration.encrypt_names(None, SimpleNamespace(connection=connection))

    with connection.cursor() as cursor:
        cursor.execute('SELECT "set_by" FROM "instruments_localparameters"')
        ((stored,),) = cursor.fetchall()
    assert "Kari" not in stored
    row.refresh_from_db()
    assert row.set_by == "Kari Nordmann"
