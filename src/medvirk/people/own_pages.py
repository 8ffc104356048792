"""The citizen's own pages that this room has, what they are called in the log, and what is due about requests."""

from __future__ import annotations

from datetime import time, timedelta

from django.utils.translation import gettext_lazy as _

from medvirk.people import hooks, own_data
from medvirk.people.access import Permission
from medvirk.people.actions.requests import tell_overdue
from medvirk.people.duties import register_duty
from medvirk.people.panels import requests_panel
from medvirk.ui.hooks import MenuEntry, register_menu_entry

PAGES = (
    hooks.OwnPage(
        "sharing", _("My sharing"), _("Who can open my record, and whom I keep out"), "people:own_sharing", 20
    ),
    hooks.OwnPage(
        "consents", _("What I have agreed to"), _("Say yes or no, and change your mind"), "people:own_consents", 30
    ),
    hooks.OwnPage(
        "log", _("Who has looked"), _("Each time somebody opens my record, and why"), "people:own_log", 40
    ),
    hooks.OwnPage(
        "requests", _("Ask or correct"), _("When something is wrong, or you wonder"), "people:own_requests", 60
    ),
)  # fmt: skip
#: To the workers, and to the citizen.
PARTS = {
    "people.own": (_("the citizen's own pages"), _("your own pages")),
    "people.own_sharing": (_("the citizen's own page about sharing"), _("who can open your record")),
    "people.own_log": (_("the citizen's own page about who has looked"), _("who has looked")),
    "people.request": (_("what the citizen has asked for"), _("what you have asked for")),
}
OVERDUE = hooks.NoticeKind(
    code="people.overdue_request",
    subject=_("An answer to a citizen is overdue"),
    text=_("A citizen of your team has waited more than a month for an answer. Sign in to see where."),
    url_name="people:requests",
)


def register() -> None:
    """Called when the room is ready."""
    own_data.register()
    register_menu_entry(MenuEntry(_("My pages"), "people:own", 5, Permission.OWN_PAGES))
    register_menu_entry(MenuEntry(_("Requests"), "people:requests", 30, Permission.FOLLOW_CITIZENS))
    for page in PAGES:
        hooks.register_own_page(page)
    for what, (name, own) in PARTS.items():
        hooks.register_part_name(what, name, own=own)
    hooks.register_person_panel(hooks.PersonPanel("people/_requests_panel.html", requests_panel, order=20))
    hooks.register_notice_kind(OVERDUE)
    register_duty(
        "people.overdue_requests",
        _("tells workers of requests that wait for an answer"),
        every=timedelta(days=1),
        at=time(6, 30),
        run=tell_overdue,
    )
