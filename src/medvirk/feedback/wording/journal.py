"""The parts of a summary for the record, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from medvirk.feedback.logic.journal import JournalPart

PARTS: dict[JournalPart, Promise] = {
    JournalPart.CONTACT: gettext_lazy("Day and kind of contact"),
    JournalPart.SCORES: gettext_lazy("Scores and change"),
    JournalPart.EXPECTED: gettext_lazy("The expected course"),
    JournalPart.SIGNALS: gettext_lazy("Signals, and what was agreed"),
    JournalPart.GOALS: gettext_lazy("Own goals"),
    JournalPart.EVENTS: gettext_lazy("Life events"),
    JournalPart.OWN_WORDS: gettext_lazy("The citizen's own words"),
    JournalPart.SAFETY: gettext_lazy("The question about safety, and what was done"),
    JournalPart.NEXT: gettext_lazy("Next conversation"),
}
