"""Forms about who takes part and who else answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.answers.models import Help
from medvirk.feedback.models import EpisodeKind, ProxyBasis
from medvirk.people.models import Person
from medvirk.ui.forms import DateInput, DesignForm, RadioSelect

TOGETHER = [choice for choice in EpisodeKind.choices if choice[0] != EpisodeKind.INDIVIDUAL]


class JoinForm(DesignForm):
    """Let one more take part. Whom is chosen by the button of what the search found."""

    citizen = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("The course of help is for a"), choices=TOGETHER)
    since = forms.DateField(label=_("Takes part from"), widget=DateInput)


class LeaveForm(DesignForm):
    """Somebody takes part no more."""

    citizen = forms.UUIDField(widget=forms.HiddenInput)
    until = forms.DateField(label=_("Last day"), widget=DateInput)


class HelpForm(DesignForm):
    """Who was there when it was answered."""

    helped_by = forms.ChoiceField(
        label=_("Who was there?"), choices=[("", _("Nobody")), *Help.choices], required=False
    )


class ProxyForm(DesignForm):
    """Ask somebody close how they see it."""

    # The names are needed for somebody else, and for nobody who is known.
    marks_optional = False

    person = forms.ChoiceField(label=_("Who"), widget=RadioSelect)
    given_name = forms.CharField(label=_("Given name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Family name"), max_length=100, required=False)
    basis = forms.ChoiceField(label=_("By what right"), widget=RadioSelect)

    NEW = "new"

    def __init__(self, *args: Any, known: list[Person], parents_decide: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(each.pk): each for each in known}
        choices = [(key, each.name) for key, each in self.known.items()]
        self.fields["person"].choices = [*choices, (self.NEW, _("Somebody else"))]
        self.fields["person"].initial = choices[0][0] if choices else self.NEW
        self.fields["given_name"].help_text = _(
            "Only for somebody else: given name and family name. Nothing else is registered."
        )
        basis = [(ProxyBasis.CITIZEN.value, _("The citizen has said yes, to me"))]
        if parents_decide:
            basis.append((ProxyBasis.PARENT.value, _("A parent or guardian decides, and has said yes")))
        self.fields["basis"].choices = basis

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        named = cleaned.get("given_name") and cleaned.get("family_name")
        if cleaned.get("person") == self.NEW and not named:
            self.add_error("given_name", _("Write both given name and family name."))
        return cleaned

    def chosen(self) -> Person | tuple[str, str]:
        """A person who is known, or the name of a new one."""
        data = self.cleaned_data
        return self.known.get(data["person"]) or (data["given_name"], data["family_name"])
