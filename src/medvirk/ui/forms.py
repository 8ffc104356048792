"""Forms as the design system draws them."""

from __future__ import annotations

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DateInput(forms.DateInput):
    """The browser's own date picker. It speaks ISO dates only, whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class RadioSelect(forms.RadioSelect):
    """Radio buttons with the label beside each."""

    template_name = "ui/_radios.html"
    option_template_name = "django/forms/widgets/input.html"


class Checkboxes(forms.CheckboxSelectMultiple):
    """Several things to tick, with the label beside each."""

    template_name = "ui/_radios.html"
    option_template_name = "django/forms/widgets/input.html"


class DesignForm(forms.Form):
    """Gives each input its class; `ui/_form.html` draws it and says what is optional."""

    # The browser would stop at the first empty field; the page after sending shows all faults at once.
    use_required_attribute = False
    # False where any one field will do, so that "optional" on each would mislead.
    marks_optional = True

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput):
                field.widget.attrs.setdefault("class", "ds-input")
            if field.error_messages["required"] is forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _what_is_missing(field)

    def add_faults(self, sentences: list[str]) -> None:
        """Show what an action refused above the fields."""
        for sentence in sentences:
            self.add_error(None, sentence)


#: What to do about a field that was left empty; the first that fits.
EMPTY: tuple[tuple[type[forms.Field], str | Promise], ...] = (
    (forms.BooleanField, _("Tick here to go on.")),
    (forms.ChoiceField, _("Choose one.")),
    (forms.DateTimeField, _("Choose a day and a time.")),
    (forms.DateField, _("Choose a day.")),
    (forms.TimeField, _("Write a time.")),
    (forms.FileField, _("Choose a file.")),
    (forms.IntegerField, _("Write a number.")),
    (forms.Field, _("Write something here.")),
)


def _what_is_missing(field: forms.Field) -> str | Promise:
    return next(words for kind, words in EMPTY if isinstance(field, kind))
