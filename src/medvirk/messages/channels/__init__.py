"""The ways out of the house. Other rooms and packages may register more: `register_channel(Channel)`.

    class Pigeons:
        code = "pigeon"
        name = _("pigeon")

        def is_set_up(self) -> bool: …
        def session(self) -> AbstractContextManager[Send]: …     # one connection for many messages

What `session()` gives is called with one `Letter` at a time and says what state the message is in then: `SENT`, or
`FILED` where it could only be kept; with `Taken`, also what the other side calls it. It raises `logic.NotSent` for what
was not taken; nothing that it raises or logs holds an address or a text. `Letter.id` is the same at every attempt: hand
it on where the other side can drop a double.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from django.utils.functional import Promise

from medvirk.messages.logic import Letter
from medvirk.messages.models import State


@dataclass(frozen=True)
class Taken:
    """`reference`: what the other side calls the message, by which it can be asked after there."""

    state: State
    reference: str = ""


Send = Callable[[Letter], State | Taken]


class Channel(Protocol):
    code: str
    name: str | Promise

    def is_set_up(self) -> bool:
        """May messages be taken up now? Until then they wait, and run out at last."""

    def session(self) -> AbstractContextManager[Send]:
        """Ready to send; what it holds open is closed at the end."""


_channels: dict[str, Channel] = {}


def register_channel(channel: Channel) -> None:
    """Called from `AppConfig.ready` of the room that owns the channel."""
    _channels[channel.code] = channel


def channels() -> tuple[Channel, ...]:
    return tuple(_channels.values())
