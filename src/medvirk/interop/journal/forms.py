"""What goes into a summary."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.logic.journal import JournalPart, parts_of
from medvirk.feedback.wording.journal import PARTS
from medvirk.ui.forms import Checkboxes, DesignForm

LONGEST_NOTE = 4000


class SummaryForm(DesignForm):
    """The parts, and the worker's own note."""

    marks_optional = False
    parts = forms.MultipleChoiceField(
        label=_("What goes in"),
        choices=[(part.value, words) for part, words in PARTS.items()],
        required=False,
        widget=Checkboxes(),
    )
    note = forms.CharField(
        label=_("Your own note, if it should go along"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def chosen(self) -> tuple[tuple[JournalPart, ...], str]:
        """(parts, note) of a form that was found valid."""
        return parts_of(self.cleaned_data["parts"]), self.cleaned_data["note"]
