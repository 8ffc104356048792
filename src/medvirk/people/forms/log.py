"""What is typed on the pages about the access log."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.people.access import Viewer
from medvirk.people.forms.people import SEARCHED_TEXTS, SearchForm, day, text
from medvirk.people.models import AccessAction, ReviewState
from medvirk.people.queries.log import NOBODY, LogSearch, staff_to_audit, units_to_audit
from medvirk.ui.forms import DesignForm, RadioSelect


class LogSearchForm(SearchForm):
    """What rows of the log are searched for; all of it may be left out."""

    staff = forms.ChoiceField(label=_("Worker"), required=False)
    unit = forms.ChoiceField(label=_("Unit"), required=False, help_text=_("With all units below it."))
    since = day(_("From"))
    until = day(_("To"))
    action = forms.ChoiceField(
        label=_("What was done"), required=False, choices=[("", _("Anything")), *AccessAction.choices]
    )
    emergency = forms.BooleanField(label=_("Only emergency access"), required=False)

    field_order = [
        "national_id",
        "phone",
        "given_name",
        "family_name",
        "birth_date",
        "staff",
        "unit",
        "since",
    ]

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["staff"].choices = [
            ("", _("Anybody")),
            *((str(each.pk), each.person.name) for each in staff_to_audit(viewer)),
        ]
        self.fields["unit"].choices = [
            ("", _("All units")),
            *((str(each.pk), each.name) for each in units_to_audit(viewer)),
        ]

    def clean(self) -> dict[str, Any]:
        # Unlike a search for a citizen, this may be without one.
        cleaned: dict[str, Any] = self.cleaned_data
        if any(cleaned.get(name) for name in SEARCHED_TEXTS) and self.criteria().is_empty:
            raise forms.ValidationError(
                _("For a citizen by name, type both given name and family name, exactly as registered.")
            )
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("The last day is before the first."))
        return cleaned

    def search(self) -> LogSearch:
        cleaned = self.cleaned_data
        typed = any(cleaned.get(name) for name in SEARCHED_TEXTS)
        return LogSearch(
            citizen=self.criteria() if typed else NOBODY,
            staff_id=uuid.UUID(cleaned["staff"]) if cleaned["staff"] else None,
            unit_id=uuid.UUID(cleaned["unit"]) if cleaned["unit"] else None,
            since=cleaned["since"],
            until=cleaned["until"],
            action=cleaned["action"],
            emergency=cleaned["emergency"],
        )


class SettleForm(DesignForm):
    state = forms.ChoiceField(
        label=_("What came of it"),
        widget=RadioSelect,
        choices=[
            (ReviewState.EXPLAINED, _("There was a good explanation")),
            (ReviewState.FOLLOWED_UP, _("It was followed up")),
        ],
    )
    words = text(
        _("In a sentence"),
        required=True,
        max_length=500,
        help_text=_("What you were told, or what was done. Write nothing from the record."),
    )
