"""The outbox, the notices in the house, and when recurring work was done."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Person


class State(models.TextChoices):
    WAITING = "waiting", _("waiting to be sent")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    DELIVERED = "delivered", _("delivered")
    UNDELIVERED = "undelivered", _("sent, but did not arrive")
    FILED = "filed", _("not sent: nothing to send it by is set up, so it was written to a file")
    FAILED = "failed", _("given up")
    EXPIRED = "expired", _("no longer wanted: too late")
    CANCELLED = "cancelled", _("called off")


#: A worker may take these up once they are due.
OPEN = (State.WAITING, State.CLAIMED)
#: What became of it is reported from outside.
REPORTED = (State.DELIVERED, State.UNDELIVERED)
#: These have left the house, or the demo's outbox.
GONE = (State.SENT, State.FILED, *REPORTED)


class Message(models.Model):
    """One message to one person through one channel.

    While a worker holds it, `lease` is that worker's token and `due_at` is when the lease is over, so that a row is
    always taken up again by asking what is due. Address and text are emptied as soon as they are of no more use; a
    message to a citizen (`kinds`) never has an address here: it is read from the person when the message is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="outbox")
    channel = models.CharField(max_length=20)
    kind = models.CharField(max_length=60)
    address = EncryptedTextField(blank=True, default="")
    subject = EncryptedTextField(blank=True, default="")
    body = EncryptedTextField(blank=True, default="")
    # Codes and row ids only: the same message queued twice is stored once.
    once_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Not at night: it may sound in somebody's pocket.
    waits_for_day = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    lease = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    # What the gateway calls it, by which it can be asked after there.
    reference = models.CharField(max_length=100, blank=True, default="")
    last_error = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN), name="message_due"),
            # What a worker takes next: what does not wait for the day first, then the oldest.
            models.Index(
                fields=["channel", "waits_for_day", "due_at"],
                condition=Q(state__in=OPEN),
                name="message_next",
            ),
            models.Index(fields=["-created_at"], name="message_newest"),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="message_by_reference"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["once_key"], name="message_is_queued_once"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.CLAIMED, lease__isnull=False)
                | (~Q(state=State.CLAIMED) & Q(lease__isnull=True)),
                name="message_is_claimed_with_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=GONE, sent_at__isnull=False)
                | (~Q(state__in=GONE) & Q(sent_at__isnull=True)),
                name="message_has_a_time_once_sent",
            ),
            models.CheckConstraint(
                condition=Q(state__in=REPORTED, reported_at__isnull=False)
                | (~Q(state__in=REPORTED) & Q(reported_at__isnull=True)),
                name="message_has_a_time_once_reported",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="message_lasts_for_a_while"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Notice(models.Model):
    """Something that a person should know of, on the page Messages. Its words are made from the kind when shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    # JSON of what the words are filled in with.
    facts = EncryptedTextField(blank=True, default="")
    once_key = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["recipient", "-created_at"], name="notice_newest")]
        constraints = [models.UniqueConstraint(fields=["once_key"], name="notice_is_given_once")]

    def __str__(self) -> str:
        return str(self.id)


class DutyState(models.Model):
    """When a recurring piece of work is due, and how it went. As with a message, `due_at` of a running one is when its
    lease is over."""

    name = models.CharField(primary_key=True, max_length=60)
    due_at = models.DateTimeField()
    lease = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True, default="")

    def __str__(self) -> str:
        return self.name
