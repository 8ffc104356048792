"""Invitations and reminders to answer: what a unit has decided, what a course decides otherwise, and what was sent."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.logic.reminding import LONGEST_AFTER, LONGEST_AHEAD, Kind
from medvirk.feedback.models.episodes import Asking, Episode
from medvirk.people.models import Staff, Unit


class ReminderKind(models.TextChoices):
    INVITATION = Kind.INVITATION.value, _("invitation")
    REMINDER = Kind.REMINDER.value, _("reminder")
    AFTER = Kind.AFTER.value, _("after the conversation")
    BY_HAND = Kind.BY_HAND.value, _("sent by a worker")


class ReminderPlan(models.Model):
    """What is sent to those who are asked in a unit and in the units under it that have decided nothing themselves.

    Without any, nothing is sent. Hours: before the conversation, and after it; None for no such message. `names_time`:
    the message says that there is an appointment, and when.
    """

    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="reminder_plan")
    sends = models.BooleanField(default=False)
    invite_hours = models.PositiveSmallIntegerField(null=True, blank=True, default=24)
    remind_hours = models.PositiveSmallIntegerField(null=True, blank=True, default=3)
    after_hours = models.PositiveSmallIntegerField(null=True, blank=True, default=None)
    names_time = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(invite_hours__isnull=True) | Q(invite_hours__range=(1, LONGEST_AHEAD)))
                & (Q(remind_hours__isnull=True) | Q(remind_hours__range=(1, LONGEST_AHEAD)))
                & (Q(after_hours__isnull=True) | Q(after_hours__range=(1, LONGEST_AFTER))),
                name="reminders_are_sent_within_reason",
            )
        ]

    def __str__(self) -> str:
        return str(self.unit_id)


class ReminderChoice(models.Model):
    """That messages are sent, or not, in this one course, whatever its unit has decided."""

    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, related_name="reminder_choice")
    sends = models.BooleanField()

    def __str__(self) -> str:
        return str(self.episode_id)


class Reminder(models.Model):
    """That a message about something asked was queued, or why it could not be. How it went stands with the message.

    `for_time`: when the conversation was to begin then; one that is moved makes the message wrong, and another is sent.
    `channel` is empty where there was no way to send it, and `why_not` where there was.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asking = models.ForeignKey(Asking, on_delete=models.CASCADE, related_name="reminders")
    kind = models.CharField(max_length=12, choices=ReminderKind.choices)
    for_time = models.DateTimeField()
    made_at = models.DateTimeField(default=timezone.now)
    channel = models.CharField(max_length=20, blank=True, default="")
    why_not = models.CharField(max_length=20, blank=True, default="")
    by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    called_off_at = models.DateTimeField(null=True, blank=True)
    # The conversation was moved after it was sent, so that one about the new time goes.
    outdated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["made_at"], name="reminder_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["asking", "kind"],
                condition=Q(called_off_at__isnull=True, outdated_at__isnull=True),
                name="a_kind_of_reminder_is_sent_once",
            ),
            models.CheckConstraint(
                condition=(Q(channel="") & ~Q(why_not="")) | (~Q(channel="") & Q(why_not="")),
                name="a_reminder_goes_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.BY_HAND.value, by__isnull=False)
                | (~Q(kind=Kind.BY_HAND.value) & Q(by__isnull=True)),
                name="a_reminder_by_hand_has_a_hand",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def once(self) -> str:
        """What names its message in the outbox."""
        return f"feedback.reminder:{self.pk}"
