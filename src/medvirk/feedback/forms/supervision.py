"""Forms about a team's supervision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.actions.supervision import LONGEST_NOTE, LONGEST_WISH
from medvirk.people.models import Staff
from medvirk.ui.forms import Checkboxes, DateInput, DesignForm


class SupervisionForm(DesignForm):
    """Plan a team's next supervision."""

    day = forms.DateField(label=_("Day"), widget=DateInput())


class PresentForm(DesignForm):
    """Who is there. What one of them may not hear of is set aside."""

    present = forms.MultipleChoiceField(
        label=_("Who is here"),
        widget=Checkboxes(),
        help_text=_("Courses that one of these may not hear about are set aside."),
        error_messages={"required": _("Say who is there.")},
    )

    def __init__(self, *args, team: Iterable[Staff], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.team = {str(each.pk): each for each in team}
        self.fields["present"].choices = [(key, each.person.name) for key, each in self.team.items()]

    def chosen(self) -> list[Staff]:
        return [self.team[key] for key in self.cleaned_data["present"]]


class WishForm(DesignForm):
    """Take a course up in the next supervision."""

    words = forms.CharField(
        label=_("What do you want help to think about?"),
        max_length=LONGEST_WISH,
        help_text=_("One sentence. The citizen can read it if they ask for their record."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class NoteForm(DesignForm):
    """What was said about a course."""

    text = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, widget=forms.Textarea(attrs={"rows": 4}))


class DecisionForm(DesignForm):
    """What the team agreed about a course."""

    text = forms.CharField(
        label=_("What we agreed"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    due_on = forms.DateField(label=_("Look at it again on"), required=False, widget=DateInput())

    def due(self) -> date | None:
        found: date | None = self.cleaned_data["due_on"]
        return found
