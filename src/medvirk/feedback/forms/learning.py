"""Forms that staff answer for their own learning."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.instruments.definitions import Instrument
from medvirk.ui.forms import DesignForm, RadioSelect


class GuessForm(DesignForm):
    """What the meeting will be rated, before one has seen it."""

    marks_optional = False
    score = forms.FloatField(label=_("My guess"), localize=True)

    def __init__(self, *args, top: float, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["score"]
        field.widget.attrs |= {"inputmode": "decimal"}
        field.help_text = _("From 0 to %(top)g.") % {"top": top}
        field.validators += [
            forms.fields.validators.MinValueValidator(0),
            forms.fields.validators.MaxValueValidator(top),
        ]


class CheckForm(DesignForm):
    """One of our lists about practice, line by line. Lines may be skipped."""

    marks_optional = False

    def __init__(self, *args, instrument: Instrument, language: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        wording = instrument.wordings[language]
        for item in instrument.items:
            words = wording.items[item.key]
            self.fields[item.key] = forms.TypedChoiceField(
                label=words.text,
                choices=[
                    (f"{value:g}", label) for value, label in zip(item.options, words.options, strict=True)
                ],
                coerce=float,
                empty_value=None,
                required=False,
                widget=RadioSelect(attrs={"class": "ds-input"}),
            )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not self.errors and not self.marks():
            self.add_error(None, _("Nothing is answered yet."))
        return data

    def marks(self) -> dict[str, float]:
        """What was answered, by line."""
        return {key: value for key, value in self.cleaned_data.items() if value is not None}
