"""The texts that people are asked to agree to."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.purposes import LANGUAGES, PurposeText, Wording
from medvirk.ui.forms import DesignForm

NAMES = {"nb": _("Norwegian Bokmål"), "nn": _("Norwegian Nynorsk"), "en": _("English")}
LABELS = {"title": _("Heading"), "summary": _("In one sentence"), "body": _("Text")}
LENGTHS = {"title": 80, "summary": 200, "body": 4000}


class ConsentTextForm(DesignForm):
    """Heading, summary and text in each language, filled in with what is asked now."""

    def __init__(self, *args: object, text: PurposeText, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for code in LANGUAGES:
            wording = text.wordings.get(code, Wording("", "", ""))
            for part, most in LENGTHS.items():
                widget = forms.Textarea if part == "body" else forms.TextInput
                attributes = {"lang": code, "class": "ds-input"} | ({"rows": "8"} if part == "body" else {})
                self.fields[f"{part}_{code}"] = forms.CharField(
                    label=f"{LABELS[part]} ({NAMES[code]})",
                    required=code == "nb",
                    max_length=most,
                    initial=getattr(wording, part),
                    widget=widget(attrs=attributes),
                )
        self.fields["asks_again"] = forms.BooleanField(
            label=_("Ask everybody again"),
            required=False,
            help_text=_(
                "Tick when people are asked about something else than before. Earlier yeses then no longer count. "
                "Leave it empty for clearer words about the same."
            ),
        )

    def body(self) -> dict[str, dict[str, str]]:
        """{language: {title, summary, body}}, as it was filled in."""
        return {code: {part: self.cleaned_data[f"{part}_{code}"] for part in LENGTHS} for code in LANGUAGES}
