"""The procedure for an answer about safety, line by line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.actions.risk import NewLine
from medvirk.feedback.models import RiskDays
from medvirk.feedback.models.risk import MOST_MINUTES
from medvirk.ui.forms import DesignForm

MOST_LINES = 8


class TimeInput(forms.TimeInput):
    """The browser's own clock."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class LineForm(DesignForm):
    """One line. A line in which nothing is written is no line."""

    marks_optional = False
    who = forms.CharField(
        label=_("Whom the worker calls or tells"),
        max_length=120,
        required=False,
        help_text=_("A function, not a name: “team leader”, “the emergency unit”."),
    )
    phone = forms.CharField(label=_("Phone"), max_length=30, required=False)
    days = forms.ChoiceField(label=_("Days"), choices=RiskDays.choices, initial=RiskDays.EVERY)
    begins = forms.TimeField(label=_("From"), required=False, widget=TimeInput())
    ends = forms.TimeField(
        label=_("Until"),
        required=False,
        widget=TimeInput(),
        help_text=_("Earlier than from: until the next morning. The same: all day."),
    )
    within_minutes = forms.IntegerField(
        label=_("Seen within how many minutes"),
        min_value=1,
        max_value=MOST_MINUTES,
        required=False,
    )

    @property
    def is_empty(self) -> bool:
        written = ("who", "phone", "begins", "ends", "within_minutes")
        return not any(self.cleaned_data.get(name) not in (None, "") for name in written)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.is_empty:
            for name in ("who", "begins", "ends", "within_minutes"):
                if name not in self.errors and cleaned.get(name) in (None, ""):
                    self.add_error(name, _("This line needs it too. Empty the whole line to leave it out."))
        return cleaned

    def line(self) -> NewLine:
        data = self.cleaned_data
        return NewLine(
            data["days"], data["begins"], data["ends"], data["who"], data["phone"], data["within_minutes"]
        )


LineForms = forms.formset_factory(
    LineForm, extra=0, max_num=MOST_LINES, validate_max=True, absolute_max=MOST_LINES
)
