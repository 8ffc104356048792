"""How long what is kept, and proposing to erase somebody."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.logic.retention import MOST_MONTHS, ErasureBasis, RetentionRule
from medvirk.ui.forms import DesignForm, RadioSelect


class MonthsForm(DesignForm):
    months = forms.IntegerField(
        label=_("Months"), required=False, help_text=_("Leave it empty to go back to our number.")
    )

    def __init__(self, *args: object, rule: RetentionRule, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["months"].widget.attrs |= {"min": rule.least, "max": MOST_MONTHS}


class ErasureForm(DesignForm):
    basis = forms.ChoiceField(
        label=_("Why"),
        widget=RadioSelect,
        choices=[
            (
                ErasureBasis.MISTAKE.value,
                _("Registered by mistake: no help was given and nothing was answered"),
            ),
            (ErasureBasis.DECISION.value, _("There is a decision on erasure (helsepersonelloven § 43)")),
        ],
    )
    reason = forms.CharField(
        label=_("Reason, and which decision"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Without the citizen's name. It is deleted when the citizen is erased."),
    )
