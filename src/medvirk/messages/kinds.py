"""What citizens may be sent: each kind is registered with its words, so that an administrator can read them all.

    register_citizen_kind(CitizenKind(                      # from AppConfig.ready
        "answers.reminder",
        name=_("Reminder of questions that wait"),
        subject=_("Some questions are waiting for you"),
        text=_("Some questions are waiting for you: %(link)s"),
        sms=_("Some questions are waiting for you: %(link)s"),
        facts={"link": "https://medvirk.fjordvik.no/a/" + "x" * 32},
    ))

No words say anything about health, about what kind of help it is, or who it is: others read a phone too. A test
holds every registered kind to that, in all languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise


@dataclass(frozen=True)
class CitizenKind:
    """`name` is for the administrator. `subject` and `text` make the e-mail, `sms` the text message; each may hold
    `%(fact)s` for the names in `facts`, which gives an example of each, as long as they become.

    How to stop messages is added to both. `after_no`: sent also to who has said no, for it only tells that this was
    heard; then nothing is added.
    """

    code: str
    name: str | Promise
    subject: str | Promise
    text: str | Promise
    sms: str | Promise
    facts: Mapping[str, str] = field(default_factory=dict)
    after_no: bool = False


_kinds: dict[str, CitizenKind] = {}


def register_citizen_kind(kind: CitizenKind) -> None:
    """Called from `AppConfig.ready` of the room that writes such messages.

    Raises:
        ValueError: the code is longer than a message's kind.
    """
    if not 0 < len(kind.code) <= 60:
        raise ValueError(f"The code of a kind has between 1 and 60 signs: {kind.code!r}.")
    _kinds[kind.code] = kind


def citizen_kind(code: str) -> CitizenKind | None:
    """The kind, or None for one that no room has any more, or that is not for citizens."""
    return _kinds.get(code)


def citizen_kinds() -> tuple[CitizenKind, ...]:
    return tuple(_kinds.values())
