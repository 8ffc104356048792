"""What is typed on the citizen's own pages, and in the answers to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.forms.people import day
from medvirk.people.hooks import OwnPage, SharedPart, shared_parts
from medvirk.people.models import Outcome, RequestKind, Staff, Unit
from medvirk.ui.forms import Checkboxes, DesignForm, RadioSelect

QUIET_TEXT = {"autocomplete": "off", "rows": "6"}
#: How long one shares with somebody unless another day is chosen: long enough to be of use, and it ends by itself.
USUAL_SHARING = timedelta(days=90)


class RequestForm(DesignForm):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=RequestKind.choices,
        widget=RadioSelect,
        error_messages={"required": _("Choose what it is.")},
    )
    about = forms.ChoiceField(label=_("Where did you see it?"), required=False)
    text = forms.CharField(
        label=_("In your own words"),
        max_length=4000,
        widget=forms.Textarea(QUIET_TEXT),
        help_text=_("What is wrong, and how should it be? Those who help you read this."),
        error_messages={"required": _("Write what is wrong or what you wonder about.")},
    )

    def __init__(self, *args: Any, pages: Iterable[OwnPage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [
            ("", _("somewhere else, or I do not know")),
            *((page.key, page.label) for page in pages),
        ]


class AnswerForm(DesignForm):
    outcome = forms.ChoiceField(
        label=_("What came of it?"),
        choices=[
            (Outcome.DONE, _("Done: corrected, deleted or explained")),
            (Outcome.REFUSED, _("Not done: the citizen gets the reason, and how to complain")),
        ],
        widget=RadioSelect,
        error_messages={"required": _("Choose what came of it.")},
    )
    answer = forms.CharField(
        label=_("Answer to the citizen"),
        max_length=4000,
        widget=forms.Textarea(QUIET_TEXT),
        help_text=_("Plain words. Where nothing is changed, say why."),
        error_messages={"required": _("Write an answer. Where nothing is changed, say why.")},
    )


def _parts(parts: Iterable[SharedPart]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("What they may see"),
        choices=[(each.code, each.label) for each in parts],
        widget=Checkboxes({"class": "ds-input"}),
        error_messages={"required": _("Tick at least one part to share.")},
    )


class OwnSharingForm(DesignForm):
    """What is shared, and until when."""

    last_day = day(_("Last day"), required=True, help_text=_("It ends by itself after this day."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parts"] = _parts(shared_parts())
        self.order_fields(["partner", "parts", "last_day", "reason"])


class NewSharingForm(OwnSharingForm):
    """With whom, too: one of those whom a citizen can share with."""

    partner = forms.ChoiceField(
        label=_("With whom"), error_messages={"required": _("Choose whom to share with.")}
    )
    reason = forms.CharField(
        label=_("What it is for, in your words"),
        required=False,
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("They can read it."),
    )

    def __init__(
        self, *args: Any, staff: Iterable[Staff], units: Iterable[Unit], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.found: dict[str, dict[str, Staff | Unit]] = {
            **{f"unit:{each.pk}": {"unit": each} for each in units},
            **{f"staff:{each.pk}": {"staff": each} for each in staff},
        }
        named = [
            (key, each["unit"].name if "unit" in each else each["staff"].person.name)
            for key, each in self.found.items()
        ]
        self.fields["partner"].choices = [("", _("Choose")), *sorted(named, key=lambda each: str(each[1]))]
        self.fields["last_day"].initial = today + USUAL_SHARING

    def chosen(self) -> dict[str, Staff | Unit]:
        """`{"staff": …}` or `{"unit": …}`, as `share_with` takes it."""
        return self.found[self.cleaned_data["partner"]]


class BarForm(DesignForm):
    worker = forms.ChoiceField(label=_("Who should not see it"), required=False)
    name = forms.CharField(
        label=_("Or somebody else who works here: the whole name"),
        required=False,
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("Write it exactly. It is found only as it is registered."),
    )
    reason = forms.CharField(
        label=_("Why, if you want to say it"),
        required=False,
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=_("You owe nobody a reason. Those who help you can read what you write."),
    )
    understood = forms.BooleanField(
        label=_("I know that this person cannot help me while it holds"),
        error_messages={"required": _("Tick this if it is what you want.")},
        widget=forms.CheckboxInput({"class": "ds-input"}),
    )

    def __init__(self, *args: Any, workers: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(each.pk): each for each in workers}
        self.fields["worker"].choices = [
            ("", _("Choose")),
            *((key, each.person.name) for key, each in self.workers.items()),
        ]

    def clean(self) -> dict[str, Any]:
        """One of the two, not both and not neither."""
        cleaned = super().clean() or {}
        if bool(cleaned.get("worker")) == bool(cleaned.get("name", "").strip()) and not self.errors:
            self.add_error(None, _("Choose one person from the list, or write one name."))
        return cleaned
