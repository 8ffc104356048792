"""Forms about signals, about what was agreed, and about the words that stand beside a signal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.actions.following import NewAgreement
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import LONGEST_SNOOZE
from medvirk.feedback.queries.support import Line
from medvirk.people.models import Staff
from medvirk.ui.forms import Checkboxes, DateInput, DesignForm
from medvirk.ui.languages import NAMES, current_language

LANGUAGES = ("nb", "nn", "en")


def _not_past(day: date | None) -> date | None:
    if day is not None and day < timezone.localdate():
        raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
    return day


class TalkForm(DesignForm):
    """We have talked about it. All of it may be left empty, but about safety: that it was talked about is enough.

    `also`: (kind, title) of what else waits in the course, which the same talk may have been about. What is asked about
    safety is talked about by itself.
    """

    marks_optional = False

    about = forms.CharField(
        label=_("What we talked about, in short"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    also = forms.MultipleChoiceField(label=_("We talked about this too"), required=False, widget=Checkboxes)
    changes = forms.MultipleChoiceField(label=_("What we change"), required=False, widget=Checkboxes)
    own = forms.CharField(label=_("Something else, in your own words"), required=False, max_length=500)
    due_on = forms.DateField(label=_("Look at it again on"), required=False, widget=DateInput)

    def __init__(self, *args, lines: Sequence[Line], also: Sequence[tuple[str, str]] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.lines = {line.key: line for line in lines}
        self.offer(also)
        self.fields["changes"].choices = [(line.key, line.said(current_language())) for line in lines]

    def offer(self, also: Sequence[tuple[str, str]]) -> None:
        """Only these can be ticked as talked about too."""
        others = [
            (kind, title) for kind, title in also if RISK not in (kind, self.prefix) and kind != self.prefix
        ]
        if others:
            self.fields["also"].choices = others
        else:
            self.fields.pop("also", None)

    def clean_due_on(self) -> date | None:
        return _not_past(self.cleaned_data["due_on"])

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if self.prefix == RISK and not (data.get("about") or data.get("changes") or data.get("own")):
            self.add_error("about", _("Write in a few words what you talked about or agreed on."))
        if data.get("due_on") and not data.get("changes") and not data.get("own"):
            self.add_error("due_on", _("Tick or write what you change, or take the day away."))
        return data

    def agreed(self) -> list[NewAgreement]:
        """What was ticked, in the words of the line as they are now, and what was written."""
        data, language = self.cleaned_data, current_language()
        chosen = [self.lines[key] for key in data["changes"]]
        agreed = [NewAgreement(line.said(language), line.choice_id, data["due_on"]) for line in chosen]
        if data["own"]:
            agreed.append(NewAgreement(data["own"], due_on=data["due_on"]))
        return agreed


class HandForm(DesignForm):
    """Hand a signal to a colleague."""

    owner = forms.ModelChoiceField(Staff.objects.none(), label=_("To whom"))

    def __init__(self, *args, colleagues: Iterable[Staff], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues
        self.fields["owner"].label_from_instance = lambda staff: staff.person.name


class SnoozeForm(DesignForm):
    """Put a signal off to a day."""

    until = forms.DateField(label=_("Until"), widget=DateInput)
    reason = forms.CharField(label=_("Why"), max_length=500)

    def clean_until(self) -> datetime:
        day, today = self.cleaned_data["until"], timezone.localdate()
        if day <= today:
            raise forms.ValidationError(_("Choose a day that is to come."))
        if day >= today + LONGEST_SNOOZE:
            raise forms.ValidationError(
                _("At most four weeks at once. It can be put off again then."),
            )
        return timezone.make_aware(datetime.combine(day, time.min))


class LookAgainForm(DesignForm):
    """A new day for what was agreed."""

    due_on = forms.DateField(label=_("New day"), widget=DateInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"].initial = timezone.localdate() + timedelta(days=14)

    def clean_due_on(self) -> date:
        return _not_past(self.cleaned_data["due_on"])


class LineForm(DesignForm):
    """A line of the short list, in three languages. One is enough; the others then show that one."""

    marks_optional = False

    def __init__(self, *args, line: Line | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for code in LANGUAGES:
            self.fields[code] = forms.CharField(
                label=NAMES[code],
                required=False,
                max_length=120,
                initial=line.words.get(code, "") if line else "",
                widget=forms.TextInput(attrs={"lang": code, "class": "ds-input"}),
            )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not any(data.get(code) for code in LANGUAGES):
            raise forms.ValidationError(_("Write the line in at least one language."))
        return data

    def words(self) -> dict[str, str]:
        return {code: self.cleaned_data[code] for code in LANGUAGES if self.cleaned_data[code]}


class GuidesForm(DesignForm):
    """The guide beside each kind of signal. `titles`, `chosen`: by kind, what it is called and what is chosen now."""

    marks_optional = False

    def __init__(
        self,
        *args,
        titles: Mapping[str, str | Promise],
        chosen: Mapping[str, uuid.UUID | None],
        documents: Sequence[tuple[uuid.UUID, str]],
        inherits: bool,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        above = _("as in the unit above") if inherits else _("none")
        options = [("", above), *((str(pk), title) for pk, title in documents)]
        for kind, title in titles.items():
            held = chosen.get(kind)
            # One that the viewer may not read, or that is no longer in use, stays until another is chosen.
            kept = [] if held is None or held in dict(documents) else [(str(held), _("another document"))]
            self.fields[kind] = forms.ChoiceField(
                label=title,
                required=False,
                choices=[*options, *kept],
                initial=str(held or ""),
                widget=forms.Select(attrs={"class": "ds-input"}),
            )

    def documents(self) -> dict[str, uuid.UUID | None]:
        """By kind, as it was chosen."""
        return {kind: uuid.UUID(told) if told else None for kind, told in self.cleaned_data.items()}
