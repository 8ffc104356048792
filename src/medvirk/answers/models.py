"""Who is asked what, when and how, and what they said."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.people.fields import EncryptedTextField, EncryptedTextsJSONField
from medvirk.people.models import Citizen, Person, Staff, Unit


class Channel(models.TextChoices):
    PHONE = "phone", _("own phone")
    MESSAGE = "message", _("a link sent to them")
    SCREEN = "screen", _("the worker's screen, handed over")
    TABLET = "tablet", _("a tablet in the waiting room")
    PAPER = "paper", _("on paper")
    IMPORT = "import", _("imported")


class Capacity(models.TextChoices):
    """As whom somebody answers. What others say about a citizen is kept apart from what the citizen says."""

    SELF = "self", _("the citizen")
    KIN = "kin", _("somebody close to the citizen")
    WORKER = "worker", _("a worker")


class Help(models.TextChoices):
    """Who was there when it was answered: it can colour an answer, so it is told with it."""

    INTERPRETER = "interpreter", _("an interpreter")
    CLOSE = "close", _("somebody close")
    WORKER = "worker", _("a worker")


class Occasion(models.Model):
    """Somebody is asked something about a citizen, within a time. Rooms below point here; it knows none of them.

    `declined_at`: they would rather not. That is an answer of its own, and does not close the door: a submission may
    still come. `closed_for`: what closed it, in a code of the room that did, so that undoing that opens this and
    nothing else; empty where nothing is to open it by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    about = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="occasions")
    respondent = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="occasions")
    opens_at = models.DateTimeField(default=timezone.now)
    capacity = models.CharField(max_length=10, choices=Capacity.choices, default=Capacity.SELF)
    closes_at = models.DateTimeField(null=True, blank=True)
    closed_for = models.CharField(max_length=12, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["about", "opens_at"], name="occasion_by_citizen")]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="occasion_closes_after_it_opens",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.about_id})


class Ask(models.Model):
    """One instrument, in one version, that an occasion asks.

    One that asks about something of the citizen's own (a goal) has that thing's id and words: it may then be asked
    once for each.
    """

    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, related_name="asks")
    position = models.PositiveSmallIntegerField()
    instrument_key = models.CharField(max_length=60)
    instrument_version = models.PositiveSmallIntegerField()
    topic_id = models.UUIDField(null=True, blank=True)
    topic = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["occasion", "instrument_key"],
                condition=Q(topic_id__isnull=True),
                name="an_occasion_asks_an_instrument_once",
            ),
            models.UniqueConstraint(
                fields=["occasion", "instrument_key", "topic_id"], name="an_occasion_asks_about_a_topic_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.instrument_version}"


class AnswerLink(models.Model):
    """A way in to one occasion. Only the hash of its token is kept, so a stolen database opens nothing."""

    occasion = models.ForeignKey(Occasion, on_delete=models.CASCADE, related_name="links")
    token_hash = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # Where the handed-over screen goes back to; a path in this house, set by the room that made the occasion.
    return_to = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="link_expires_after_it_is_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.occasion_id}"


class TabletCode(models.Model):
    """A code that opens one occasion on a tablet in the waiting room. Used, or replaced by a newer one, it is gone."""

    occasion = models.OneToOneField(Occasion, on_delete=models.CASCADE, related_name="tablet_code")
    code_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="tablet_code_expires_after_it_is_made"
            )
        ]

    def __str__(self) -> str:
        return str(self.occasion_id)


class PaperForm(models.Model):
    """That an occasion was printed, and the short code on the paper. The code alone opens nothing: it is looked up by
    a worker to whom the record is open."""

    occasion = models.OneToOneField(Occasion, on_delete=models.CASCADE, related_name="paper_form")
    code = models.CharField(max_length=8, unique=True)
    printed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.code


class PaperEntry(models.Model):
    """What stood on a paper, typed by a worker: once, then once more, and stored when both agree.

    `typed`: what was typed first and, once stored, what was stored. `again`: what was typed the second time, while
    differences are being settled. One that was undone stays as history, without the answer and what was typed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occasion = models.ForeignKey(Occasion, on_delete=models.PROTECT, related_name="paper_entries")
    filled_on = models.DateField()
    typed = EncryptedTextField()
    again = EncryptedTextField(blank=True, default="")
    begun_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # What is wrong in it, found out too late to undo it.
    correction = EncryptedTextField(blank=True, default="")
    corrected_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["occasion"],
                condition=Q(undone_at__isnull=True),
                name="one_paper_at_a_time_for_an_occasion",
            ),
            models.CheckConstraint(
                condition=Q(entered_at__isnull=True, entered_by__isnull=True)
                | Q(entered_at__isnull=False, entered_by__isnull=False),
                name="an_entered_paper_has_somebody_who_entered_it",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.occasion.record_of()


class Draft(models.Model):
    """What somebody has touched but not sent: it survives a dead phone, and is gone once sent."""

    occasion = models.OneToOneField(Occasion, on_delete=models.CASCADE, related_name="draft")
    client_id = models.UUIDField()
    content = EncryptedTextField()
    updated_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.occasion_id)


class Submission(models.Model):
    """One sending: all answers of an occasion at once. The client-made id makes sending twice store once."""

    occasion = models.OneToOneField(Occasion, on_delete=models.PROTECT, related_name="submission")
    client_id = models.UUIDField(unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    submitted_at = models.DateTimeField(default=timezone.now)
    own_words = EncryptedTextField(blank=True, default="")
    # Who was there; empty where nobody was, or nobody said so.
    helped_by = models.CharField(max_length=12, choices=Help.choices, blank=True, default="")
    # Somebody else answered, and lets the citizen read it.
    citizen_may_read = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["submitted_at"], name="submission_by_time")]

    def __str__(self) -> str:
        return str(self.client_id)


class Answer(models.Model):
    """What was said to one instrument: as it was asked, in the language in which it was shown.

    `topic` are the citizen's own words that it was asked about, as they stood then.
    """

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="answers")
    instrument_key = models.CharField(max_length=60)
    instrument_version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=20)
    topic_id = models.UUIDField(null=True, blank=True)
    topic = EncryptedTextField(blank=True, default="")
    # {item key: number or text}; an item that was not answered is not there. Texts are encrypted.
    values = EncryptedTextsJSONField(default=dict)
    # [{"item": …, "kind": "risk"}] by the instrument's own alert rules at the time of sending.
    alerts = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "instrument_key"],
                condition=Q(topic_id__isnull=True),
                name="one_answer_per_instrument_and_sending",
            ),
            models.UniqueConstraint(
                fields=["submission", "instrument_key", "topic_id"], name="one_answer_per_topic_and_sending"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.instrument_version}"


class Score(models.Model):
    """A score as it was worked out when the answer was given; never worked out anew in silence."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="scores")
    scale = models.CharField(max_length=60)
    value = models.FloatField(null=True)
    missing_reason = models.CharField(max_length=60, blank=True)
    answered = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "scale"], name="one_score_per_scale"),
            models.CheckConstraint(
                condition=Q(value__isnull=False, missing_reason="")
                | (Q(value__isnull=True) & ~Q(missing_reason="")),
                name="a_missing_score_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.scale


class TextKey(models.TextChoices):
    PRIVACY = "privacy", _("privacy notice before the first answer")
    PRIVACY_OTHERS = "privacy-others", _("privacy notice to who answers about somebody else")
    CRISIS = "crisis", _("where to get help now")


class OrganisationText(models.Model):
    """The municipality's own text, per language, as Markdown: of a unit and those under it, or of the house (None).

    `key`: of a `texts.TextKind`, which any room may register.
    """

    key = models.CharField(max_length=40)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="organisation_texts"
    )
    body = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "key"], name="one_text_of_a_key_in_a_unit"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(unit__isnull=True), name="one_text_of_a_key_in_the_house"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class NoticeSeen(models.Model):
    """This person has been shown this wording of the privacy notice; a changed wording is shown anew."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="notices_seen")
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "digest"], name="a_notice_is_seen_once")]

    def __str__(self) -> str:
        return str(self.seen_at)
