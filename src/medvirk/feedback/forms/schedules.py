"""Forms for what is asked when."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.logic.schedules import NUMBERED, Line, When
from medvirk.feedback.models import Moment, Rule
from medvirk.feedback.queries.schedules import choosable
from medvirk.ui.forms import DesignForm, RadioSelect
from medvirk.ui.languages import current_language


class LineForm(DesignForm):
    """One more questionnaire, and when."""

    form_id = forms.ChoiceField(label=_("Questionnaire"))
    moment = forms.ChoiceField(
        label=_("Before or after?"), choices=Moment.choices, widget=RadioSelect, initial=Moment.BEFORE
    )
    when = forms.ChoiceField(label=_("When?"), choices=Rule.choices, widget=RadioSelect, initial=Rule.START)
    number = forms.IntegerField(
        label=_("How many?"),
        required=False,
        min_value=1,
        max_value=60,
        help_text=_("From one time to the next, in conversations; or from the start, in months."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        askable, _lacking = choosable()
        self.fields["form_id"].choices = [(each.id, each.title(current_language())) for each in askable]

    def clean(self):
        data = super().clean()
        if (
            data.get("when") in set(map(str, NUMBERED))
            and not data.get("number")
            and "number" not in self.errors
        ):
            self.add_error("number", _("Write a number: how many conversations, or how many months."))
        return data

    def line(self) -> Line:
        """What was chosen, as the rules take it."""
        data = self.cleaned_data
        key, version = data["form_id"].split("@")
        return Line((key, int(version)), data["moment"], When(data["when"]), data.get("number") or 0)
