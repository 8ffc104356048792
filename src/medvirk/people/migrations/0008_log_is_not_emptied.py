"""On PostgreSQL a table can be emptied without its rows being looked at: a trigger of its own refuses that too."""

from __future__ import annotations

from django.db import migrations

from medvirk.people.log import guard


def create(_apps, schema_editor):
    guard.create(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("people", "0007_retention")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
