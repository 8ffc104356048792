"""What a form says of a field that was left empty: what to do, in the reader's language."""

from __future__ import annotations

from django import forms
from django.utils.translation import override

from medvirk.ui.forms import DesignForm


class Asking(DesignForm):
    words = forms.CharField()
    day = forms.DateField()
    at = forms.DateTimeField()
    one = forms.ChoiceField(choices=[("a", "A")])
    own = forms.CharField(error_messages={"required": "Si hvorfor."})


def test_an_empty_field_says_what_to_do():
    with override("nb"):
        faults = {name: [str(each) for each in told] for name, told in Asking({}).errors.items()}

    assert faults == {
        "words": ["Skriv noe her."],
        "day": ["Velg en dag."],
        "at": ["Velg en dag og et klokkeslett."],
        "one": ["Velg en av dem."],
        "own": ["Si hvorfor."],
    }
