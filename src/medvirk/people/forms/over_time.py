"""What is typed to merge, divide and move units, and to put two records of one person together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.actions.succession import NewUnit
from medvirk.people.forms.people import SearchForm, day, text
from medvirk.people.models import Unit, UnitKind
from medvirk.ui.forms import Checkboxes, DesignForm

MOST_NEW_UNITS = 8


def _with_kind(unit: Unit) -> str:
    above = f", {unit.parent.name}" if unit.parent else ""
    return f"{unit.name} ({unit.get_kind_display()}{above})"


class MergeForm(DesignForm):
    """Which units, into which, from when."""

    marks_optional = False
    units = forms.ModelMultipleChoiceField(Unit.objects.none(), label=_("Units to merge"), widget=Checkboxes)
    into = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Which unit goes on?"),
        required=False,
        empty_label=_("A new one, named below"),
        help_text=_("Choose one of those above, or let a new unit begin."),
    )
    name = text(_("Name of the new unit"), max_length=200, help_text=_("Only where a new unit begins."))
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices, initial=UnitKind.TEAM)
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Belongs under"),
        required=False,
        empty_label=_("Nothing: it stands at the top"),
    )
    day = day(
        _("First day of the new structure"),
        required=True,
        help_text=_("A day to come, or one of the last two months."),
    )
    same_named = forms.BooleanField(
        label=_("Also merge departments of the same name that stand under them"), required=False
    )

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("units", "into", "parent"):
            self.fields[name].queryset = units.select_related("parent")
            self.fields[name].label_from_instance = _with_kind

    def target(self) -> Unit | NewUnit:
        cleaned = self.cleaned_data
        return cleaned["into"] or NewUnit(cleaned["name"], cleaned["kind"], cleaned["parent"])


class SplitForm(DesignForm):
    """Into what, from when."""

    names = forms.CharField(
        label=_("New units, one a line"),
        widget=forms.Textarea({"rows": 4, "autocomplete": "off"}),
        max_length=2000,
    )
    goes_on = forms.BooleanField(
        label=_("The unit itself goes on as one of them"),
        required=False,
    )
    day = day(
        _("First day of the new structure"),
        required=True,
        help_text=_("A day to come, or one of the last two months."),
    )

    def clean_names(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["names"].splitlines() if line.strip()]
        if len(names) > MOST_NEW_UNITS or any(len(name) > 200 for name in names):
            raise forms.ValidationError(
                _("Write at most %(count)d names, each of at most 200 signs."),
                params={"count": MOST_NEW_UNITS},
            )
        return names

    def targets(self, unit: Unit) -> list[Unit | NewUnit]:
        new: list[Unit | NewUnit] = [
            NewUnit(name, unit.kind, unit.parent) for name in self.cleaned_data["names"]
        ]
        return [unit, *new] if self.cleaned_data["goes_on"] else new


class MoveForm(DesignForm):
    """A new name, a new place, from a day."""

    name = text(_("Name"), required=True, max_length=200)
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Belongs under"),
        required=False,
        empty_label=_("Nothing: it stands at the top"),
    )
    day = day(_("From"), required=True, help_text=_("A day to come, or one of the last two months."))

    def __init__(self, *args: Any, parents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = parents


class ProposeMergeForm(SearchForm):
    """How the other record is known, and why it is thought to be the same person."""

    reason = text(
        _("Why do you think so?"),
        required=True,
        max_length=300,
        help_text=_("The administrator reads it. Nothing about health is needed."),
    )


#: The details that can be taken from the other record, by name.
DETAIL_LABELS = {
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "birth_date": _("Date of birth"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "language": _("Language"),
}
