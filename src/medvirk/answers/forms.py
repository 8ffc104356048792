"""Forms of the answers room."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.answers.texts import LANGUAGES, default_text, text_kind

NAMES = {"nb": _("Norwegian Bokmål"), "nn": _("Norwegian Nynorsk"), "en": _("English")}


class TextForm(forms.Form):
    """A text as it is written here, one box per language. An empty box means that what stands above it is shown.

    `own`: what holds here already, by language.
    """

    def __init__(self, *args, key: str, own: Mapping[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.key = key
        for code in LANGUAGES:
            self.fields[code] = forms.CharField(
                label=NAMES[code],
                required=False,
                max_length=5000,
                initial=own.get(code) or default_text(key, code),
                widget=forms.Textarea(attrs={"rows": 10, "lang": code, "class": "ds-input"}),
            )

    def clean(self):
        data = super().clean()
        kind = text_kind(self.key)
        for code in LANGUAGES if kind and kind.fault else ():
            if data.get(code) and (fault := kind.fault(data[code])):
                self.add_error(code, fault)
        return data
