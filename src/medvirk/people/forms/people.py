"""What is typed on the pages about people. Deciding whether it can be done is left to the actions."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.access import Viewer
from medvirk.people.logic import ROLE_DESCRIPTIONS, PersonDetails
from medvirk.people.matching import Criteria
from medvirk.people.models import Person, Role, Staff, Unit, UnitKind
from medvirk.people.queries import teams_to_choose, workers_to_choose
from medvirk.ui.forms import DateInput, DesignForm, RadioSelect

# Browsers must not offer the last citizen's name to whoever types next.
QUIET = {"autocomplete": "off"}
NUMERIC = {"autocomplete": "off", "inputmode": "numeric"}
PHONE = {"autocomplete": "off", "inputmode": "tel"}
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]


def text(label: Any, *, required: bool = False, attrs: dict[str, str] | None = None, **options: Any) -> Any:
    return forms.CharField(
        label=label, required=required, widget=forms.TextInput(attrs=attrs or QUIET), **options
    )


def day(label: Any, *, required: bool = False, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, required=required, widget=DateInput(QUIET), **options)


def reason() -> forms.CharField:
    return text(
        _("Why"),
        required=True,
        max_length=300,
        help_text=_("One sentence in words the citizen would understand. They have the right to read it."),
    )


class UnitForm(DesignForm):
    name = text(_("Name"), required=True, max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=UnitKind.choices)
    parent = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Belongs under"),
        required=False,
        empty_label=_("Nothing: it stands at the top"),
    )
    valid_from = day(_("First day"), required=True)

    def __init__(self, *args: Any, parents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = parents


class LastDayForm(DesignForm):
    last_day = day(_("Last day"), required=True, help_text=_("It still counts on this day."))


class DetailsForm(DesignForm):
    """Who somebody is and how to reach them."""

    given_name = text(_("Given name"), required=True, max_length=100)
    family_name = text(_("Family name"), required=True, max_length=100)
    phone = text(_("Phone"), attrs=PHONE, max_length=30)
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(QUIET))

    def details(self, *, keep: Person | None = None) -> PersonDetails:
        """What was typed; what the form does not ask for is kept from `keep`."""
        names = [field.name for field in fields(PersonDetails)]
        kept = {name: getattr(keep, name) for name in names} if keep else {}
        typed = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return PersonDetails(**{**kept, **typed})


class CitizenDetailsForm(DetailsForm):
    national_id = text(
        _("National identity number"), attrs=NUMERIC, max_length=20, help_text=_("11 digits. D-numbers too.")
    )
    birth_date = day(_("Date of birth"), help_text=_("Not needed when the number is given."))
    language = forms.ChoiceField(label=_("Language the citizen prefers"), choices=LANGUAGES, initial="nb")

    field_order = ["national_id", "given_name", "family_name", "birth_date", "phone", "email", "language"]

    @staticmethod
    def initial_of(person: Person) -> dict[str, Any]:
        return {name: getattr(person, name) for name in CitizenDetailsForm.field_order}


class SearchForm(DesignForm):
    """What a citizen is searched by. All of it is exact: nobody can leaf through a list of names."""

    marks_optional = False
    national_id = text(_("National identity number"), attrs=NUMERIC, max_length=20)
    phone = text(_("Phone"), attrs=PHONE, max_length=30)
    given_name = text(_("Given name"), max_length=100)
    family_name = text(_("Family name"), max_length=100)
    birth_date = day(_("Date of birth"), help_text=_("Together with the name."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self.criteria().is_empty:
            raise forms.ValidationError(
                _("Type a national identity number, or a phone number, or both given name and family name.")
            )
        return cleaned

    def criteria(self) -> Criteria:
        return Criteria(
            **{name: self.cleaned_data.get(name) or "" for name in SEARCHED_TEXTS},
            birth_date=self.cleaned_data.get("birth_date"),
        )


SEARCHED_TEXTS = ("national_id", "phone", "given_name", "family_name")


class TeamForm(DesignForm):
    """A team, for those who do not follow citizens themselves; for others the field is left out."""

    team = forms.ModelChoiceField(
        Unit.objects.none(), label=_("Team that will help"), empty_label=_("Choose a team")
    )

    def __init__(self, *args: Any, viewer: Viewer, needs_team: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_team:
            self.fields["team"].queryset = teams_to_choose(viewer)
        else:
            del self.fields["team"]


class StartAfterSearchForm(TeamForm):
    reason = reason()


class NewCitizenForm(TeamForm, CitizenDetailsForm):
    reason = reason()
    somebody_else = forms.BooleanField(
        label=_("I have checked: this is somebody else"), required=False, widget=forms.HiddenInput
    )

    field_order = [*CitizenDetailsForm.field_order, "team", "reason", "somebody_else"]

    def ask_whether_somebody_else(self, sentences: list[str]) -> None:
        """Show the possible duplicate, and the box that confirms."""
        self.fields["somebody_else"].widget = forms.CheckboxInput()
        self.add_faults(sentences)


class RelationForm(DesignForm):
    worker = forms.ChoiceField(label=_("Worker"), required=False)
    team = forms.ModelChoiceField(
        Unit.objects.none(),
        label=_("Or team"),
        required=False,
        empty_label=_("No team"),
        help_text=_("Everybody in the team who follows citizens can then open the record."),
    )
    reason = reason()
    valid_from = day(_("First day"), required=True)
    valid_to = day(_("Last day"), help_text=_("Leave open if you do not know."))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers: dict[str, Staff] = {str(each.pk): each for each in workers_to_choose(viewer)}
        self.fields["worker"].choices = [
            ("", _("No single worker")),
            *((key, each.person.name) for key, each in self.workers.items()),
        ]
        self.fields["team"].queryset = teams_to_choose(viewer)


class PasswordForm(DesignForm):
    password = forms.CharField(
        label=_("First password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=_(
            "At least 12 signs; some words in a row are good. It must be changed at the first sign-in."
        ),
    )


class GrantForm(DesignForm):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, widget=RadioSelect)
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Where"), empty_label=_("Choose a unit"))
    valid_from = day(_("First day"), required=True)
    valid_to = day(_("Last day"), help_text=_("Leave open if you do not know."))

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units
        # The description says what one gives away.
        self.fields["role"].choices = [(role, _described(role)) for role in Role]


def _described(role: Role) -> str:
    return f"{str(role.label).capitalize()}. {ROLE_DESCRIPTIONS[role]}"


class StaffForm(DetailsForm):
    title = text(_("Job title"), max_length=100)


class JobAccountForm(DesignForm):
    name = text(
        _("Sign-in name of the job account"),
        required=True,
        max_length=254,
        help_text=_("As the person signs in to the employer's other systems, often the work e-mail address."),
        attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )


class NewStaffForm(GrantForm, PasswordForm, StaffForm):
    login = text(
        _("Sign-in name"),
        required=True,
        max_length=64,
        help_text=_("For instance the work e-mail address. It cannot be changed later."),
        attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )

    field_order = ["given_name", "family_name", "title", "phone", "email", "role", "unit", "valid_from",
                   "valid_to", "login", "password"]  # fmt: skip
