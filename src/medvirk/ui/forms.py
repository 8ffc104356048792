"""Forms as the design system draws them."""

from __future__ import annotations

from django import forms


class DateInput(forms.DateInput):
    """The browser's own date picker. It speaks ISO dates only, whatever the language."""

    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DesignForm(forms.Form):
    """Gives each input its class. What is optional is said by `ui/_field.html`; `ui/_form.html` draws it all."""

    # The browser would stop at the first empty field; the page after sending shows all faults at once.
    use_required_attribute = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, forms.HiddenInput):
                field.widget.attrs.setdefault("class", "ds-input")

    def add_faults(self, sentences: list[str]) -> None:
        """Show what an action refused above the fields."""
        for sentence in sentences:
            self.add_error(None, sentence)
