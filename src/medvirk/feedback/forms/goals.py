"""Forms for goals and life events."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.ui.forms import DateInput, DesignForm

LONGEST = 200


class GoalForm(DesignForm):
    """A goal in the citizen's own words. It is read on the answering page as it stands here."""

    prefix = "goal"
    words = forms.CharField(
        label=_("A goal, in own words"),
        max_length=LONGEST,
        help_text=_("Short and concrete is easiest to answer about."),
    )


class EventForm(DesignForm):
    """Something that happened in life."""

    prefix = "event"
    day = forms.DateField(label=_("Day"), widget=DateInput)
    words = forms.CharField(label=_("What happened"), max_length=LONGEST)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate()

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Write the day it happened."))
        return day
