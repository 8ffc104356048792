import django.utils.timezone
import uuid

import django.db.models.deletion
from django.db import migrations, models

import medvirk.people.fields
from medvirk.people import crypto
from medvirk.people.log import guard as triggers
from medvirk.people.identity import access_key
from medvirk.people.logic.log import event_text

ACTIONS = [
    ("opened", "opened"),
    ("searched", "searched for"),
    ("created", "registered"),
    ("changed", "changed"),
    ("exported", "exported"),
    ("log_read", "read the access log about"),
    ("tried", "tried to open, and was refused"),
]


def fill(apps, schema_editor):
    """Rows of before: their ids are encrypted, and each gets its code."""
    events = apps.get_model("people", "AccessEvent").objects
    for row in events.iterator(chunk_size=1000):
        actor, citizen = (str(each) if each else "" for each in (row.actor_id, row.citizen_id))
        row.nonce = uuid.uuid4()
        row.actor_kind = "staff" if actor else "system"
        row.actor_sealed, row.actor_hash = row.actor_id or "", access_key("actor", actor) if actor else ""
        row.citizen_sealed, row.citizen_hash = row.citizen_id, access_key("citizen", citizen)
        plain = (row.actor_kind, row.action, row.what, row.basis)
        row.mac = crypto.lasting_hash(
            "access event", event_text(str(row.nonce), row.at, actor, citizen, *plain)
        )
        row.save()


def guard(apps, schema_editor):
    triggers.create(schema_editor.connection)


def unguard(apps, schema_editor):
    triggers.drop(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0004_units_and_persons_over_time"),
    ]

    operations = [
        migrations.AddField("accessevent", "nonce", models.UUIDField(default=uuid.uuid4, editable=False)),
        migrations.AddField(
            "accessevent",
            "actor_kind",
            models.CharField(
                choices=[
                    ("staff", "somebody who works here"),
                    ("person", "the citizen, a parent or a guardian"),
                    ("system", "the command line or a task"),
                ],
                default="system",
                max_length=10,
            ),
        ),
        migrations.AddField("accessevent", "actor_hash", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("accessevent", "citizen_hash", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("accessevent", "mac", models.CharField(default="", max_length=64)),
        migrations.AddField(
            "accessevent", "actor_sealed", medvirk.people.fields.EncryptedUUIDField(blank=True, default="")
        ),
        migrations.AddField(
            "accessevent", "citizen_sealed", medvirk.people.fields.EncryptedUUIDField(blank=True, default="")
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.RemoveIndex("accessevent", name="access_event_by_citizen"),
        migrations.RemoveField("accessevent", "actor_id"),
        migrations.RemoveField("accessevent", "citizen_id"),
        migrations.RenameField("accessevent", "actor_sealed", "actor_id"),
        migrations.RenameField("accessevent", "citizen_sealed", "citizen_id"),
        migrations.AlterField("accessevent", "mac", models.CharField(max_length=64, unique=True)),
        migrations.AlterField("accessevent", "action", models.CharField(choices=ACTIONS, max_length=20)),
        migrations.AddIndex(
            "accessevent", models.Index(fields=["citizen_hash", "-at"], name="access_event_by_citizen")
        ),
        migrations.AddIndex(
            "accessevent", models.Index(fields=["actor_hash", "-at"], name="access_event_by_actor")
        ),
        migrations.AddIndex("accessevent", models.Index(fields=["at"], name="access_event_by_time")),
        migrations.CreateModel(
            name="LogSeal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("ids", models.TextField()),
                ("rows", models.PositiveIntegerField()),
                ("total", models.PositiveBigIntegerField()),
                ("digest", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("mac", models.CharField(max_length=64)),
            ],
            options={"indexes": [models.Index(fields=["sealed_at"], name="log_seal_by_time")]},
        ),
        migrations.CreateModel(
            name="LogStone",
            fields=[
                ("up_to", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("last_id", models.PositiveBigIntegerField()),
                ("total", models.PositiveBigIntegerField()),
                ("last_mac", models.CharField(max_length=64)),
                ("removed_at", models.DateTimeField()),
                ("rule", models.CharField(max_length=100)),
                ("mac", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="UnusualOpening",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("other_units", "Many records of citizens who get help elsewhere"),
                            ("no_contact", "Started a relation themselves and read, with no conversation planned"),
                            ("same_name", "Same family name or same phone as the citizen"),
                            ("at_night", "Many records at night"),
                            ("refused", "Tried to open a record that is closed to them"),
                            ("searches", "Searched for many people by name"),
                            ("ended", "Opened records long after the help had ended"),
                            ("colleague", "Opened the record of somebody who works here"),
                        ],
                        max_length=20,
                    ),
                ),
                ("records", models.PositiveIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "not looked at yet"),
                            ("explained", "explained"),
                            ("followed_up", "followed up"),
                        ],
                        default="open",
                        max_length=20,
                    ),
                ),
                ("words", medvirk.people.fields.EncryptedTextField(blank=True, default="")),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "looked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.staff",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.staff"
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "kind", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["day", "kind", "staff"], name="a_pattern_once_a_day_and_worker"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "open"), ("looked_at__isnull", True), ("looked_by__isnull", True)
                        )
                        | models.Q(
                            models.Q(("state", "open"), _negated=True),
                            ("looked_at__isnull", False),
                            ("looked_by__isnull", False),
                        ),
                        name="what_was_looked_at_says_by_whom_and_when",
                    ),
                ],
            },
        ),
        migrations.RunPython(guard, unguard, elidable=False),
    ]
