"""What is sent to those who are asked."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.logic.reminding import LONGEST_AFTER, LONGEST_AHEAD, Plan
from medvirk.ui.forms import DesignForm


class PlanForm(DesignForm):
    """What is sent in a unit."""

    marks_optional = False

    sends = forms.BooleanField(label=_("Send invitations and reminders here"), required=False)
    invite_hours = forms.IntegerField(
        label=_("Invitation: hours before the conversation"),
        required=False,
        min_value=1,
        max_value=LONGEST_AHEAD,
        help_text=_("Empty: no invitation is sent."),
    )
    remind_hours = forms.IntegerField(
        label=_("Reminder: hours before the conversation"),
        required=False,
        min_value=1,
        max_value=LONGEST_AHEAD,
        help_text=_("Only to those who have not answered. Empty: no reminder is sent."),
    )
    after_hours = forms.IntegerField(
        label=_("The form about the conversation: hours after it"),
        required=False,
        min_value=1,
        max_value=LONGEST_AFTER,
        help_text=_(
            "Once, and only to those who did not answer in the room. A conversation is taken to last an hour. "
            "Empty: it is not sent. One is usual."
        ),
    )
    names_time = forms.BooleanField(
        label=_("The message says that there is an appointment, and when"), required=False
    )

    def clean(self):
        data = super().clean()
        invite, remind = data.get("invite_hours"), data.get("remind_hours")
        if invite and remind and remind >= invite:
            self.add_error("remind_hours", _("The reminder comes after the invitation: write fewer hours."))
        if data.get("sends") and not self.errors and not (invite or remind or data.get("after_hours")):
            self.add_error("sends", _("Write hours for at least one message, or take the tick away."))
        return data

    def plan(self) -> Plan:
        """What was chosen, as the rules take it."""
        return Plan(**self.cleaned_data)
