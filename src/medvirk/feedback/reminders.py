"""Ties invitations and reminders to the outbox, the texts, the worker and what happens around answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _


def register() -> None:
    """Called when the room is ready."""
    from medvirk.answers.hooks import when_answered, when_closed
    from medvirk.feedback.actions.reminding import call_off, on_answer, send_due
    from medvirk.feedback.wording.reminding import citizen_kinds
    from medvirk.messages.kinds import register_citizen_kind
    from medvirk.people.access import Permission
    from medvirk.people.duties import register_duty
    from medvirk.people.hooks import register_part_name
    from medvirk.ui.hooks import MenuEntry, register_menu_entry

    when_answered(on_answer)
    when_closed(call_off)
    for kind in citizen_kinds():
        register_citizen_kind(kind)
    register_texts()
    register_duty(
        "feedback.reminders",
        _("invites and reminds those who have not answered"),
        every=timedelta(minutes=1),
        run=send_due,
    )
    register_part_name(
        "feedback.waiting", _("who has not answered, in a list"), own=_("whether you have answered")
    )
    register_part_name("feedback.reminder", _("messages to answer"), own=_("messages to you to answer"))
    register_menu_entry(
        MenuEntry(_("Invitations and reminders"), "feedback:reminder_units", 73, Permission.SET_PROCEDURES)
    )


def register_texts() -> None:
    """What messages say: ours, until the house or a unit writes its own."""
    from medvirk.answers.texts import TextKind, register_text
    from medvirk.feedback.queries.reminder_texts import AFTER, BARE, INVITATION, REMINDER
    from medvirk.feedback.wording.reminding import text_fault

    for key, label in (
        (INVITATION, _("message before a conversation: the invitation")),
        (REMINDER, _("message before a conversation: the reminder")),
        (AFTER, _("message after a conversation")),
        (BARE, _("message that names no appointment")),
    ):
        register_text(
            TextKind(
                key,
                label,
                _("Messages to citizens"),
                _("As it is sent now"),
                Path(__file__).parent / "texts",
                by_unit=True,
                help=_(
                    "Put {link} where the link to the questions goes, and {when} for the weekday and time. "
                    "Say nothing about health, nor about who helps: others read a phone too."
                ),
                fault=text_fault,
            )
        )
