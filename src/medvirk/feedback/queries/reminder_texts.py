"""The texts of invitations and reminders: what units have written, else ours, in the language of the receiver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from medvirk.answers.models import OrganisationText
from medvirk.answers.texts import nearest_text, source_of
from medvirk.feedback.logic.reminding import Kind, filled

INVITATION, REMINDER, AFTER, BARE = (
    "message-invitation", "message-reminder", "message-after", "message-bare",
)  # fmt: skip
Written = Mapping[str, Mapping[UUID | None, Mapping[str, str]]]


def text_key(kind: Kind, *, before: bool, names_time: bool) -> str:
    """Which text a message is made of."""
    if not names_time:
        return BARE
    if kind is Kind.AFTER or not before:
        return AFTER
    return REMINDER if kind is Kind.REMINDER else INVITATION


def when_in_words(moment: datetime) -> str:
    """A weekday and a time of day, in the language in force: no message goes a week ahead."""
    local = timezone.localtime(moment)
    return gettext("%(day)s at %(time)s") % {
        "day": date_format(local, "l"),
        "time": date_format(local, "H:i"),
    }


def text_of(
    key: str, language: str, *, written: Written, above: Sequence[UUID], starts_at: datetime, link: str
) -> str:
    """The text of a message in the language nearest to that of the receiver, and first who sends it."""
    text, really = source_of(key, language, nearest_text(written.get(key, {}), above))
    with override(really):
        said = filled(text, link=link, when=when_in_words(starts_at))
    return f"{settings.MESSAGE_SENDER}: {said}" if settings.MESSAGE_SENDER else said


def texts_written() -> Written:
    """What units and the house (None) have written themselves of the texts of messages: by key, unit and language."""
    found: dict[str, dict[UUID | None, Mapping[str, str]]] = {}
    rows = OrganisationText.objects.filter(key__startswith="message-")
    for key, unit, body in rows.values_list("key", "unit_id", "body"):
        found.setdefault(key, {})[unit] = body
    return found
