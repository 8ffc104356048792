"""What this room holds about a citizen, as the citizen gets it out: what was sent to them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy

from medvirk.people.access import Viewer
from medvirk.people.hooks import OwnData, leave_out, register_own_data
from medvirk.people.models import Citizen
from medvirk.people.own_data import Fields, Row, coded, moment
from medvirk.people.queries.own import hides_place

FIELDS: Fields = {
    "created_at": gettext_lazy("Written"),
    "sent_at": gettext_lazy("Sent"),
    "channel": gettext_lazy("Sent by"),
    "kind": gettext_lazy("Kind"),
    "address": gettext_lazy("Sent to"),
    "subject": gettext_lazy("Subject"),
    "body": gettext_lazy("Text"),
    "state": gettext_lazy("How it went"),
}


def _messages(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    secret = hides_place(viewer, citizen)
    for each in citizen.person.outbox.order_by("created_at", "pk"):
        yield {
            "created_at": moment(each.created_at),
            "sent_at": moment(each.sent_at),
            "channel": each.channel,
            "kind": each.kind,
            "address": "" if secret else each.address,
            "subject": each.subject,
            "body": each.body,
            "state": coded(each.state, each.get_state_display()),
        }


def register() -> None:
    """Called when the room is ready."""
    title = gettext_lazy("What was sent to me")
    register_own_data(
        OwnData("messages.messages", title, 25, FIELDS, frozenset({"outbox.Message"}), _messages)
    )
    leave_out("outbox.Notice", "what somebody is told in the house as a worker; citizens get none")
