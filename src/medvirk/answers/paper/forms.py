"""What is typed from a paper once only, and a note on what was typed wrongly."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.answers.logic import OWN_WORDS_MOST
from medvirk.answers.models import Capacity, Help, Occasion
from medvirk.answers.paper.entering import OnPaper
from medvirk.ui.forms import DateInput, DesignForm


class FoundByCodeForm(DesignForm):
    """The code on the paper."""

    code = forms.CharField(
        label=_("The code on the paper"),
        max_length=20,
        help_text=_("Six signs, such as ABC-DEF."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class OnceForm(DesignForm):
    """Beside the answers: the day, own words, who was there."""

    filled_on = forms.DateField(label=_("Filled in on"), widget=DateInput)
    own_words = forms.CharField(
        label=_("Own words, as they stand there"),
        required=False,
        max_length=OWN_WORDS_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    helped_by = forms.ChoiceField(
        label=_("Who helped to answer?"), choices=[("", _("Nobody")), *Help.choices], required=False
    )
    citizen_may_read = forms.BooleanField(
        label=_("There is a cross at: the one I answer about may read this"), required=False
    )

    def __init__(self, *args: Any, occasion: Occasion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.occasion = occasion
        self.fields["filled_on"].initial = timezone.localdate()
        if occasion.capacity == Capacity.SELF:
            del self.fields["citizen_may_read"]

    def clean_filled_on(self) -> date:
        day: date = self.cleaned_data["filled_on"]
        first = timezone.localdate(min(self.occasion.created_at, self.occasion.opens_at))
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Look at the date on the paper."))
        if day < first:
            raise forms.ValidationError(
                _(
                    "This form was made on %(day)s, so it cannot have been filled in before. "
                    "Look at the date once more."
                ),
                params={"day": first.strftime("%d.%m.%Y")},
            )
        return day

    def paper(self) -> OnPaper:
        return OnPaper(
            self.cleaned_data["filled_on"],
            self.cleaned_data["own_words"],
            self.cleaned_data["helped_by"],
            self.cleaned_data.get("citizen_may_read", False),
        )


class CorrectionForm(DesignForm):
    """What is wrong in what was stored."""

    words = forms.CharField(
        label=_("What is wrong, and what does the paper say?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
