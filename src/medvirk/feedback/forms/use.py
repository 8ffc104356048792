"""A note of what changed in a unit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models.use import LONGEST_NOTE
from medvirk.ui.forms import DesignForm


class NoteForm(DesignForm):
    """From which of the months shown, what, and whether they are compared anew from then on."""

    marks_optional = False
    month = forms.ChoiceField(label=_("From which month"))
    words = forms.CharField(
        label=_("What changed"),
        max_length=LONGEST_NOTE,
        help_text=_("In a few words, about nobody in particular: “training”, “new premises”."),
    )
    new_limits = forms.BooleanField(
        label=_("Compare the months anew from here"),
        help_text=_("Tick it only when you know that what was usual before is not usual any more."),
        required=False,
    )

    def __init__(self, *args: Any, months: Iterable[date], **kwargs: Any) -> None:
        """months: the first days of those that are shown."""
        super().__init__(*args, **kwargs)
        newest_first = sorted(months, reverse=True)
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (each.isoformat(), date_format(each, "F Y")) for each in newest_first
        ]

    def noted(self) -> dict[str, Any]:
        """What a form that was found valid says, as `actions.use.note` takes it."""
        return self.cleaned_data | {"month": date.fromisoformat(self.cleaned_data["month"])}
