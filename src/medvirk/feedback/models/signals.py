"""Signals that were raised, every step that was taken with them, and what was agreed.

What a signal's state is follows from its steps and the time (`logic.following`); no row holds it.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.answers.models import Capacity
from medvirk.feedback.logic.following import Step, Taken
from medvirk.feedback.models.episodes import Episode, Session
from medvirk.library.models import Document
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Citizen, Staff, Unit


class Signal(models.Model):
    """Something about a course that two people should talk about, raised by what was answered at a conversation.

    The same kind that shows again while this one is not talked about is this one still (a step says so); after it has
    been, it is a new one. `owner` is never empty: somebody always answers for it. `due_at` is when it should have been
    talked about (one about safety: seen); `tell_at`, from then on, when a leader is told next.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="signals")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="signals")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="signals")
    kind = models.CharField(max_length=40)
    raised_at = models.DateTimeField()
    # The outcome score at that conversation, for seeing later whether it moved; None where there was none.
    score = models.FloatField(null=True, blank=True)
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="signals")
    due_at = models.DateTimeField()
    tell_at = models.DateTimeField()
    # When it was talked about, was gone by itself, or its course ended; None while it asks for something.
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["tell_at"], condition=Q(settled_at__isnull=True), name="signal_to_tell"),
            models.Index(fields=["episode", "citizen"], name="signal_by_course"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "citizen", "kind"], name="a_conversation_raises_a_signal_once"
            ),
            models.UniqueConstraint(
                fields=["episode", "citizen", "kind"],
                condition=Q(settled_at__isnull=True),
                name="one_signal_of_a_kind_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})

    def is_seen(self) -> bool:
        """Since it last showed: each new answer about safety has to be seen anew."""
        told = {StepKind.RAISED, StepKind.AGAIN, StepKind.SEEN}
        last = max(
            (each for each in self.steps.all() if each.kind in told),
            key=lambda each: (each.at, each.pk),
            default=None,
        )
        return last is not None and last.kind == StepKind.SEEN

    def said_by_another_only(self) -> bool:
        """An answer about safety that the citizen has not given themselves: only others have, about them."""
        shown = [each for each in self.steps.all() if each.kind in {StepKind.RAISED, StepKind.AGAIN}]
        return bool(shown) and all(each.said_by for each in shown)


class StepKind(models.TextChoices):
    RAISED = "raised", _("came up")
    AGAIN = "again", _("showed again")
    SEEN = "seen", _("was seen")
    ASSIGNED = "assigned", _("was handed to somebody")
    SNOOZED = "snoozed", _("was put off")
    OVERDUE = "overdue", _("was told to the team leader")
    TALKED = "talked", _("was talked about")
    MOVED = "moved", _("the next measure showed that it moved")
    NOT_MOVED = "not_moved", _("the next measure showed that it had not moved")
    GONE = "gone", _("was gone before anybody talked about it")
    ENDED = "ended", _("the course of help ended")
    REOPENED = "reopened", _("was opened again")


class SignalStep(models.Model):
    """One step in the life of a signal. Rows are only ever added."""

    signal = models.ForeignKey(Signal, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    at = models.DateTimeField(default=timezone.now)
    # None: the house itself, from what was answered or from the time.
    by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # To whom (assigned), until when (put off), at which conversation (again, moved), the score there.
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True, blank=True)
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True, blank=True)
    # What was talked about, or why it was put off.
    text = EncryptedTextField(blank=True, default="")
    # An answer about safety that somebody else gave about the citizen; empty where they gave it themselves.
    said_by = models.CharField(max_length=10, choices=Capacity.choices, blank=True, default="")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["signal", "at"], name="signal_step_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="snoozed") | Q(until__isnull=False), name="what_is_put_off_has_a_day"
            ),
            models.CheckConstraint(
                condition=~Q(kind="assigned") | Q(owner__isnull=False),
                name="what_is_handed_over_has_an_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.signal_id}"

    @property
    def taken(self) -> Taken:
        """The step as the rules take it."""
        return Taken(Step(self.kind), self.at, self.until, self.session_id)


class ChangeChoice(models.Model):
    """One line of the short list of what can be changed, as a unit has written it. Old lines stay for what used them.

    `words`: by language. Without a unit: the whole house's own list, which replaces ours.
    """

    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="change_choices"
    )
    words = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    retired_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.pk)


class SignalGuide(models.Model):
    """The guide in the library beside a kind of signal, in a unit and those under it; without a unit, in the house.

    Without a document it is left to the unit above.
    """

    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="signal_guides"
    )
    kind = models.CharField(max_length=40)
    document = models.ForeignKey(Document, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind"], name="one_guide_of_a_kind_in_a_unit"),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(unit__isnull=True), name="one_guide_of_a_kind_in_the_house"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class AgreementManager(models.Manager["Agreement"]):
    """What was taken back as a slip was never agreed."""

    def get_queryset(self) -> models.QuerySet[Agreement]:
        return super().get_queryset().filter(undone_at__isnull=True)


class Agreement(models.Model):
    """What was agreed: in a conversation, after a signal, or in supervision. With a conversation, a mark on the curve.

    `text` holds what was written or the words of the chosen line as they stood then, so that it reads the same for
    ever. `due_on`: the day to look at it again; `done_on` and `dropped_on`: how it ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="agreements")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    signal = models.ForeignKey(
        Signal, null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    choice = models.ForeignKey(
        ChangeChoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The case it was agreed in, where it was the team that agreed it among themselves.
    case = models.ForeignKey(
        "feedback.SupervisionCase", null=True, blank=True, on_delete=models.PROTECT, related_name="agreements"
    )
    text = EncryptedTextField()
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    dropped_on = models.DateField(null=True, blank=True)
    # Taken back as a slip, together with the talk it was agreed in. Kept, and shown nowhere.
    undone_at = models.DateTimeField(null=True, blank=True)
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    objects = AgreementManager()
    everything: models.Manager[Agreement] = models.Manager()

    class Meta:
        ordering = ["noted_at"]
        indexes = [models.Index(fields=["episode", "noted_at"], name="agreement_by_course")]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(dropped_on__isnull=True),
                name="an_agreement_is_not_both_done_and_dropped",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.episode.record_of()
