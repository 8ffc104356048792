"""Forms of the team's board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.actions.board import LONGEST_PLAN, LONGEST_REASON, LONGEST_TASK, NewColumn
from medvirk.feedback.logic.board import Column
from medvirk.feedback.models import MOST_CONTACTS
from medvirk.people.models import Staff
from medvirk.ui.forms import DateInput, DesignForm, RadioSelect

MOST_COLUMNS = 6


def _contacts(help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(
        label=_("Times a week"),
        min_value=0,
        max_value=MOST_CONTACTS,
        required=False,
        localize=True,
        help_text=help_text,
    )


class MoveForm(DesignForm):
    """Let a course stand in another column."""

    to = forms.TypedChoiceField(label=_("Column"), coerce=int, widget=RadioSelect())
    reason = forms.CharField(
        label=_("Why"), max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2})
    )
    contacts = _contacts(_("Leave it empty for what the column says."))

    def __init__(self, *args, columns: Sequence[str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = list(enumerate(columns))


class TaskForm(DesignForm):
    """Who does what by when."""

    text = forms.CharField(label=_("What"), max_length=LONGEST_TASK)
    who = forms.ChoiceField(label=_("Who"))
    due_on = forms.DateField(label=_("By when"), widget=DateInput())

    def __init__(self, *args, workers: Iterable[Staff], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.workers = {str(each.pk): each for each in workers}
        self.fields["who"].choices = [(key, each.person.name) for key, each in self.workers.items()]


class ColumnForm(DesignForm):
    """One column. Without a name it is none."""

    marks_optional = False
    id = forms.IntegerField(required=False, widget=forms.HiddenInput())
    key = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput())
    name = forms.CharField(label=_("Name"), max_length=40, required=False)
    contacts = _contacts()
    starts_here = forms.BooleanField(label=_("Courses begin here"), required=False)

    def column(self) -> NewColumn:
        data = self.cleaned_data
        return NewColumn(data["name"], data["contacts"], data["key"], data["id"])


class _Columns(forms.BaseFormSet):  # type: ignore[type-arg]
    """The columns from the closest help to the rarest: one of them is where courses begin."""

    def clean(self) -> None:
        if any(self.errors):
            return
        starts = [form for form in self.named() if form.cleaned_data["starts_here"]]
        if not self.named():
            raise forms.ValidationError(_("A board needs at least one column."))
        if len(starts) != 1:
            raise forms.ValidationError(_("Choose one column in which courses begin."))

    def named(self) -> list[ColumnForm]:
        return [form for form in self.forms if form.cleaned_data.get("name", "").strip()]

    def columns(self) -> tuple[list[NewColumn], int]:
        """The columns, and the number of the one in which courses begin."""
        named = self.named()
        starts_in = next(number for number, form in enumerate(named) if form.cleaned_data["starts_here"])
        return [form.column() for form in named], starts_in


ColumnForms = forms.formset_factory(
    ColumnForm, formset=_Columns, extra=0, max_num=MOST_COLUMNS, validate_max=True, absolute_max=MOST_COLUMNS
)


def as_initial(columns: Sequence[tuple[Column, str]]) -> list[dict[str, Any]]:
    """Columns with their names as they are shown, and one empty line to add another."""
    held: list[dict[str, Any]] = [
        {
            "id": column.id,
            "key": column.key,
            "name": name,
            "contacts": column.contacts,
            "starts_here": column.starts_here,
        }
        for column, name in columns
    ]
    return [*held, {}] if len(held) < MOST_COLUMNS else held


class PlanForm(DesignForm):
    """A crisis plan, written with the citizen."""

    marks_optional = False
    signs = forms.CharField(
        label=_("Early signs: what I, or others, notice first"),
        max_length=LONGEST_PLAN,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    helps = forms.CharField(
        label=_("What helps, and what does not"),
        max_length=LONGEST_PLAN,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    calls = forms.CharField(
        label=_("Whom to call, in which order"),
        max_length=LONGEST_PLAN,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    with_citizen = forms.BooleanField(
        label=_("We wrote it together"),
        required=False,
        initial=True,
        help_text=_("If not, the plan says so, and why should stand in it."),
    )
    # When the writer saw what stood there: nothing that came later is put aside unseen.
    opened_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not self.errors and not any(data.get(name, "").strip() for name in ("signs", "helps", "calls")):
            self.add_error(None, _("Nothing is written yet."))
        return data


class PlanWishForm(DesignForm):
    """What a citizen wants changed in their plan."""

    text = forms.CharField(
        label=_("What should be different?"),
        max_length=LONGEST_PLAN,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
