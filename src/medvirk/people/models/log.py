"""Who opened what: rows that are only ever added, and the seals that show that none is missing or changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, NoReturn, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.people import crypto
from medvirk.people.fields import EncryptedTextField, EncryptedUUIDField
from medvirk.people.identity import access_key, access_keys
from medvirk.people.logic.log import event_text


class AccessAction(models.TextChoices):
    OPENED = "opened", _("opened")
    SEARCHED = "searched", _("searched for")
    CREATED = "created", _("registered")
    CHANGED = "changed", _("changed")
    EXPORTED = "exported", _("exported")
    LISTED = "log_read", _("read the access log about")
    TRIED = "tried", _("tried to open, and was refused")


class ActorKind(models.TextChoices):
    """In what capacity somebody opened a record."""

    STAFF = "staff", _("somebody who works here")
    PERSON = "person", _("the citizen, a parent or a guardian")
    SYSTEM = "system", _("the command line or a task")


class AddOnlyQuerySet(models.QuerySet["AccessEvent"]):
    """Rows are added, each with its code, and read; nothing else."""

    def about(self, citizen_ids: Iterable[uuid.UUID]) -> Self:
        """Rows about any of these citizens, also while search keys are being changed."""
        return self.filter(
            citizen_hash__in=[key for each in citizen_ids for key in access_keys("citizen", each)]
        )

    def by(self, actor_ids: Iterable[uuid.UUID | None]) -> Self:
        """Rows of any of these workers or persons."""
        return self.filter(actor_hash__in=[key for each in actor_ids for key in access_keys("actor", each)])

    def bulk_create(self, objs: Iterable[AccessEvent], *args: Any, **kwargs: Any) -> list[AccessEvent]:
        rows = list(objs)
        for each in rows:
            each.stamp()
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never changed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("An access event is never deleted.")


class AccessEvent(models.Model):
    """One opening of a citizen's record. Rows are only ever added.

    No foreign keys: the log outlives what it tells about. `what` is a code (`people.person`,
    `feedback.session`), shown in plain words; `basis` says why access was given, also whether it was an emergency.
    Without a citizen it is about the whole house: a backup, a look in the log.
    `mac` is a code of the plain text of all the rest, made with a key outside the database, so that no row can be
    written or changed by somebody who has only the database. The two ids may be encrypted anew, and their
    hashes made anew, when keys are changed; triggers in the database refuse every other change.
    """

    at = models.DateTimeField(default=timezone.now)
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices, default=ActorKind.SYSTEM)
    actor_id = EncryptedUUIDField(blank=True, default="")
    actor_hash = models.CharField(max_length=64, blank=True, default="")
    citizen_id = EncryptedUUIDField(blank=True, default="")
    citizen_hash = models.CharField(max_length=64, blank=True, default="")
    action = models.CharField(max_length=20, choices=AccessAction.choices)
    what = models.CharField(max_length=60)
    basis = models.CharField(max_length=200)
    mac = models.CharField(max_length=64, unique=True)

    objects = AddOnlyQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["citizen_hash", "-at"], name="access_event_by_citizen"),
            models.Index(fields=["actor_hash", "-at"], name="access_event_by_actor"),
            models.Index(fields=["at"], name="access_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.what}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An access event is never changed.")
        self.stamp()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never deleted.")

    @property
    def is_emergency(self) -> bool:
        return self.basis.startswith("emergency")

    def stamp(self) -> None:
        """Set what is worked out from the rest: the hashes to find it by, and its code."""
        self.actor_hash = hash_of("actor", self.actor_id)
        self.citizen_hash = hash_of("citizen", self.citizen_id)
        self.mac = crypto.lasting_hash("access event", self.text())

    def text(self) -> str:
        """All that the code covers."""
        ids = (str(self.actor_id or ""), str(self.citizen_id or ""))
        plain = (str(self.actor_kind), str(self.action), self.what, self.basis)
        return event_text(str(self.nonce), self.at, *ids, *plain)


def hash_of(whose: str, record_id: object) -> str:
    """By what a row is found; empty where there is nobody."""
    return access_key(whose, record_id) if record_id else ""


class LogSeal(models.Model):
    """Names exactly which rows there were: a link in a chain, each with the code of the one before.

    `ids` are ranges ("17-40,42"); `total` counts all rows ever sealed. `digest` is of the rows' own codes.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    ids = models.TextField()
    rows = models.PositiveIntegerField()
    total = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    mac = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["sealed_at"], name="log_seal_by_time")]

    def __str__(self) -> str:
        return str(self.number)


class LogStone(models.Model):
    """Where old rows were removed by rule: what was there stays proven, and the chain goes on from here.

    It stands for all seals to `up_to`; `last_mac` is the code of the last of them, `last_id` the highest row.
    """

    up_to = models.PositiveBigIntegerField(primary_key=True)
    last_id = models.PositiveBigIntegerField()
    total = models.PositiveBigIntegerField()
    last_mac = models.CharField(max_length=64)
    removed_at = models.DateTimeField()
    rule = models.CharField(max_length=100)
    mac = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.up_to)


class PatternKind(models.TextChoices):
    """What may be worth a question. None of them says that anything was wrong."""

    OTHER_UNITS = "other_units", _("Many records of citizens who get help elsewhere")
    NO_CONTACT = "no_contact", _("Started a relation themselves and read, with no conversation planned")
    SAME_NAME = "same_name", _("Same family name or same phone as the citizen")
    AT_NIGHT = "at_night", _("Many records at night")
    REFUSED = "refused", _("Tried to open a record that is closed to them")
    SEARCHES = "searches", _("Searched for many people by name")
    ENDED = "ended", _("Opened records long after the help had ended")
    COLLEAGUE = "colleague", _("Opened the record of somebody who works here")


class ReviewState(models.TextChoices):
    OPEN = "open", _("not looked at yet")
    EXPLAINED = "explained", _("explained")
    FOLLOWED_UP = "followed_up", _("followed up")


class UnusualOpening(models.Model):
    """A pattern in the access log that somebody should look at: one worker, one day, one pattern."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    day = models.DateField()
    kind = models.CharField(max_length=20, choices=PatternKind.choices)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    records = models.PositiveIntegerField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=ReviewState.choices, default=ReviewState.OPEN)
    words = EncryptedTextField(blank=True, default="")
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.ForeignKey(
        "people.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-day", "kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["day", "kind", "staff"], name="a_pattern_once_a_day_and_worker"),
            models.CheckConstraint(
                condition=models.Q(state="open", looked_at__isnull=True, looked_by__isnull=True)
                | (~models.Q(state="open") & models.Q(looked_at__isnull=False, looked_by__isnull=False)),
                name="what_was_looked_at_says_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
