"""Forms for pausing what is asked."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.logic.pauses import LONGEST, USUAL
from medvirk.feedback.models import PauseReason
from medvirk.ui.forms import DateInput, DesignForm, RadioSelect


class UntilForm(DesignForm):
    """The last day of a pause: never without one, and not too far away."""

    until = forms.DateField(
        label=_("Until and with"), widget=DateInput, help_text=_("At most 90 days. It can be made longer.")
    )
    words = forms.CharField(
        label=_("In own words"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = timezone.localdate() + USUAL

    def clean_until(self):
        day, today = self.cleaned_data["until"], timezone.localdate()
        if day < today:
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        if day > today + LONGEST:
            raise forms.ValidationError(
                _("That is more than 90 days ahead. Choose %(day)s or earlier; it can be made longer then."),
                params={"day": (today + LONGEST).strftime("%d.%m.%Y")},
            )
        return day


class PauseForm(UntilForm):
    """A worker sets a pause."""

    reason = forms.ChoiceField(
        label=_("Why?"), choices=PauseReason.choices, widget=RadioSelect, initial=PauseReason.WISH
    )
    field_order = ["reason", "until", "words"]


class OwnPauseForm(UntilForm):
    """Citizens set one themselves; they need not say why."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = _("Those who help you can read it.")
