"""Forms of the feedback room."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models import Ending, Episode, EpisodeKind
from medvirk.feedback.queries import measure_of
from medvirk.instruments.ages import for_age
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Permission, Viewer, roles_with
from medvirk.people.logic import age_on
from medvirk.people.models import Bar, Citizen, Grant, Staff, Unit
from medvirk.ui.forms import DateInput, DesignForm, RadioSelect
from medvirk.ui.languages import current_language


def _choices(instruments: list[Instrument]) -> list[tuple[str, str]]:
    return [(instrument.id, instrument.title(current_language())) for instrument in instruments]


def _askable() -> list[Instrument]:
    """Instruments with wording and a score to follow: what one can choose to measure by."""
    usable = [i for i in effective_catalogue().values() if i.wordings and measure_of(i, "nb") is not None]
    return sorted(usable, key=lambda instrument: (instrument.key != "life-now", instrument.key))


def _for_age(instruments: list[Instrument], age: int | None) -> list[Instrument]:
    """Of forms that have versions by age only the one that is asked at this age; the others as they are."""
    return [each for each in instruments if for_age(each, age, instruments) == each]


def split(instrument_id: str) -> tuple[str, int]:
    """`key@version` → (key, version)."""
    key, version = instrument_id.split("@")
    return key, int(version)


class EpisodeForm(DesignForm):
    """Start a course of help. What most will choose is chosen already."""

    started_on = forms.DateField(label=_("Starts"), widget=DateInput)
    kind = forms.ChoiceField(
        label=_("For"),
        choices=EpisodeKind.choices,
        initial=EpisodeKind.INDIVIDUAL,
        help_text=_("With several people you add the others on the next page. Each answers alone."),
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label=_("Unit"))
    responsible = forms.ModelChoiceField(Staff.objects.none(), label=_("Responsible"))
    outcome = forms.ChoiceField(
        label=_("Before each conversation"), help_text=_("How life is. This gives the curve.")
    )
    meeting = forms.ChoiceField(label=_("After each conversation"), help_text=_("How the conversation was."))
    asks_safety = forms.BooleanField(
        label=_("Also ask one question about safety before each conversation"), required=False, initial=True
    )

    def __init__(self, *args, viewer: Viewer, citizen: Citizen, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = viewer.today
        units = viewer.units_with(Permission.FOLLOW_CITIZENS)
        self.fields["unit"].queryset = Unit.objects.on(today).filter(pk__in=units)
        helping = roles_with(Permission.FOLLOW_CITIZENS)
        colleagues = Grant.objects.on(today).filter(unit_id__in=units, role__in=helping).values("staff_id")
        kept_out = Bar.objects.at(viewer.now).filter(citizen=citizen).values("staff_id")
        self.fields["responsible"].queryset = (
            Staff.objects.filter(pk__in=colleagues).exclude(pk__in=kept_out).select_related("person")
        )
        self.fields["responsible"].label_from_instance = lambda staff: staff.person.name
        instruments = _for_age(_askable(), age_on(citizen.person.birth_date, today))
        if citizen.person.birth_date is None and any(each.family for each in instruments):
            self.fields["outcome"].help_text = _(
                "How life is. This gives the curve. The date of birth is not registered, so the forms for adults stand "
                "here; register it to be offered those for children."
            )
        meeting = [i for i in instruments if i.key in MEETING_FORMS]
        self.fields["outcome"].choices = _choices([i for i in instruments if i.key not in MEETING_FORMS])
        self.fields["meeting"].choices = _choices(meeting)
        self.fields["started_on"].initial = today
        self.fields["responsible"].initial = viewer.staff_id
        self.fields["unit"].initial = self.fields["unit"].queryset.first()


FRIDAY = 5
#: Forms about the meeting itself; the others are about life.
MEETING_FORMS = frozenset({"this-meeting", "srs", "csrs"})


class EndForm(DesignForm):
    """End a course of help."""

    ended_on = forms.DateField(label=_("Ended"), widget=DateInput)
    ending = forms.ChoiceField(
        label=_("How did it end?"),
        # A death is registered on the page about the person, and ends the course by itself.
        choices=[each for each in Ending.choices if each[0] != Ending.DEATH],
        widget=RadioSelect,
    )

    def __init__(self, *args, episode: Episode, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.episode = episode
        self.fields["ended_on"].initial = timezone.localdate()

    def clean_ended_on(self):
        day = self.cleaned_data["ended_on"]
        if day < self.episode.started_on:
            raise forms.ValidationError(
                _("It started on %(day)s, so it cannot end before that."),
                params={"day": self.episode.started_on.strftime("%d.%m.%Y")},
            )
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Write the day it ended."))
        return day


class SessionForm(DesignForm):
    """Plan a conversation."""

    starts_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M"],
    )

    def __init__(self, *args, started_on: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.started_on = started_on
        self.fields["starts_at"].initial = likely_time(timezone.localtime())

    def clean_starts_at(self):
        when = self.cleaned_data["starts_at"]
        if when.date() < self.started_on:
            raise forms.ValidationError(
                _("The course of help started on %(day)s. Write a day after that."),
                params={"day": self.started_on.strftime("%d.%m.%Y")},
            )
        if when > timezone.now() + timedelta(days=730):
            raise forms.ValidationError(_("That is more than two years ahead. Is the year right?"))
        return when


def likely_time(now: datetime) -> datetime:
    """A week from now, at ten on a working day."""
    day = now + timedelta(days=7)
    if day.isoweekday() > FRIDAY:
        day += timedelta(days=8 - day.isoweekday())
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


class ChangeForm(DesignForm):
    """What the two of them do differently from now on."""

    text = forms.CharField(
        label=_("In short, in words you both agree on"),
        max_length=500,
        help_text=_("It becomes a mark on the curve."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    due_on = forms.DateField(label=_("Look at it again on"), required=False, widget=DateInput)

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        return day
