"""What workers type about who may see a record: bars, guardians, protected address, emergency, death."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.forms.people import NUMERIC, PHONE, QUIET, day, text
from medvirk.people.logic import PersonDetails
from medvirk.people.models import BarKind, GuardianKind, Protection, Staff
from medvirk.ui.forms import DesignForm, RadioSelect


def tick(label: Any, **options: Any) -> forms.BooleanField:
    return forms.BooleanField(
        label=label, required=False, widget=forms.CheckboxInput({"class": "ds-input"}), **options
    )


class KeepOutForm(DesignForm):
    worker = forms.ChoiceField(label=_("Who"), error_messages={"required": _("Choose who.")})
    kind = forms.ChoiceField(
        label=_("Why they are kept out"),
        choices=BarKind.choices,
        widget=RadioSelect,
        initial=BarKind.CITIZEN,
    )
    reason = text(
        _("In the citizen's words, if they want to say it"),
        max_length=300,
        help_text=_("Nobody owes a reason. The citizen and those who help them can read it."),
    )

    def __init__(self, *args: Any, workers: Iterable[Staff], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(each.pk): each for each in workers}
        self.fields["worker"].choices = [
            ("", _("Choose")),
            *((key, each.person.name) for key, each in self.workers.items()),
        ]


class GuardianRightsForm(DesignForm):
    """What can be changed later."""

    withheld = tick(
        _("The child does not want this person told"),
        help_text=_(
            "From the age of 12, for reasons that should be respected. Then nothing is shown to them."
        ),
    )
    covers_health = tick(
        _("The guardian's mandate covers health"),
        initial=True,
        help_text=_("For a guardian (verge): without it nothing is shown. It does not matter for a parent."),
    )
    valid_to = day(
        _("Last day"), help_text=_("Leave open if you do not know. For parents it ends at 16 by itself.")
    )


class GuardianForm(GuardianRightsForm):
    given_name = text(_("Given name"), required=True, max_length=100)
    family_name = text(_("Family name"), required=True, max_length=100)
    national_id = text(
        _("National identity number"),
        attrs=NUMERIC,
        max_length=20,
        help_text=_("Without it they cannot open the citizen's own pages."),
    )
    phone = text(_("Phone"), attrs=PHONE, max_length=30)
    kind = forms.ChoiceField(label=_("Who they are"), choices=GuardianKind.choices, widget=RadioSelect)
    valid_from = day(_("First day"), required=True)

    field_order = ["given_name", "family_name", "national_id", "phone", "kind", "withheld", "covers_health",
                   "valid_from", "valid_to"]  # fmt: skip

    def details(self) -> PersonDetails:
        names = ("given_name", "family_name", "national_id", "phone")
        return PersonDetails(**{name: self.cleaned_data[name] for name in names})


class ProtectionForm(DesignForm):
    protection = forms.ChoiceField(
        label=_("Protected address"),
        choices=[("", _("no protection")), *Protection.choices],
        required=False,
        widget=RadioSelect,
    )


class ProtectAfterSearchForm(DesignForm):
    protection = forms.ChoiceField(
        label=_("Protected address"),
        choices=Protection.choices,
        widget=RadioSelect,
        error_messages={"required": _("Choose which protection it is.")},
    )


class ContactForm(DesignForm):
    phone = text(_("Phone"), attrs=PHONE, max_length=30)
    email = forms.EmailField(label=_("E-mail"), required=False, widget=forms.EmailInput(QUIET))
    confirmed = tick(
        _("The citizen has said yes to storing this, and knows who can read it"),
        help_text=_("Must be ticked at strictly confidential address (code 6)."),
    )


class EmergencyForm(DesignForm):
    reason = text(
        _("What is the emergency?"),
        required=True,
        max_length=300,
        help_text=_("One sentence. A leader is told at once, and the citizen has the right to read it."),
        error_messages={"required": _("Say what the emergency is.")},
    )


class DeathForm(DesignForm):
    died_on = day(_("Day of death"), required=True)
