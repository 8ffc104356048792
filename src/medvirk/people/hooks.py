"""Where rooms below take part in the pages about a person, and in telling staff members something."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medvirk.people.access import Viewer
from medvirk.people.models import Citizen, ConsentPurpose


@dataclass(frozen=True)
class PersonPanel:
    """A part of a citizen's page that a room below owns.

    `context(viewer, citizen)` gives what `template` shows; the page has opened and logged the record already.
    """

    template: str
    context: Callable[[Viewer, Citizen], Mapping[str, Any]]
    order: int


_panels: list[PersonPanel] = []


def register_person_panel(panel: PersonPanel) -> None:
    """Called from `AppConfig.ready` of the room that owns the panel."""
    if panel not in _panels:
        _panels.append(panel)
        _panels.sort(key=lambda each: each.order)


def panels() -> tuple[PersonPanel, ...]:
    return tuple(_panels)


@dataclass(frozen=True)
class SharedPart:
    """A part of a record that the citizen can share with a partner. `label` is what they tick.

    `context(viewer, citizen)` gives what `template` shows; the page has asked `can(…, part=code)` and logged it.
    """

    code: str
    label: str | Promise
    template: str
    context: Callable[[Viewer, Citizen], Mapping[str, Any]]


_shared_parts: dict[str, SharedPart] = {}


def register_shared_part(part: SharedPart) -> None:
    """Called from `AppConfig.ready` of the room that owns the part."""
    _shared_parts[part.code] = part
    # What the citizen ticked is what the log calls it, unless the room has words of its own for that.
    _parts.setdefault(part.code, part.label)


def shared_parts() -> tuple[SharedPart, ...]:
    """What can be shared, in the order of the rooms."""
    return tuple(_shared_parts.values())


@dataclass(frozen=True)
class Closing:
    """What a room closes when a citizen has died, and opens again if that was a mistake.

    `close(citizen_id, now)` gives what it closed, as JSON holds it; `reopen(citizen_id, closed, now)` takes it back.
    """

    code: str
    close: Callable[[uuid.UUID, datetime], Any]
    reopen: Callable[[uuid.UUID, Any, datetime], None]


_closings: dict[str, Closing] = {}


def on_closing(closing: Closing) -> None:
    """Called from `AppConfig.ready` of the room that has something to close."""
    _closings[closing.code] = closing


def closings() -> tuple[Closing, ...]:
    return tuple(_closings.values())


_parts: dict[str, str | Promise] = {
    "people.person": _("who the citizen is, and contact details"),
    "people.relation": _("service relations"),
    "people.sharing": _("what is shared with a partner"),
    "people.bar": _("who is kept out of the record"),
    "people.contact": _("contact details of somebody with a protected address"),
    "people.death": _("that a death is registered"),
    "people.emergency": _("that emergency access was used"),
    "people.guardian": _("parents and guardians"),
    "people.protection": _("protected address"),
    "people.shared": _("what the citizen has shared"),
    "people.consent": _("what the citizen has agreed to"),
    "people.search": _("whether the citizen is registered"),
}


_own_parts: dict[str, str | Promise] = {
    "people.person": _("who you are, and how to reach you"),
    "people.relation": _("who is in contact with you"),
    "people.sharing": _("what you share with a partner"),
    "people.bar": _("whom you keep out"),
    "people.contact": _("how to reach you, though your address is protected"),
    "people.guardian": _("your parents and guardians"),
    "people.protection": _("that your address is protected"),
    "people.shared": _("what you have shared"),
    "people.consent": _("what you have agreed to"),
}


def register_part_name(what: str, name: str | Promise, *, own: str | Promise | None = None) -> None:
    """Say in plain words what an `AccessEvent.what` of a room below means, e.g. "feedback.session".

    `own` says the same to the citizen: "your answers".
    """
    _parts[what] = name
    if own is not None:
        _own_parts[what] = own


def own_name_of_part(what: str) -> str:
    """As `name_of_part`, spoken to the citizen where a room has given words for that."""
    return str(_own_parts[what]) if what in _own_parts else name_of_part(what)


def name_of_part(what: str) -> str:
    """The plain words; the code itself where no room has given any, so that the log hides nothing."""
    return str(_parts.get(what, what))


@dataclass(frozen=True)
class NoticeKind:
    """What staff can be told, in words that name no citizen: they leave the house by e-mail.

    `text` may hold `%(fact)s` for each of the notice's facts. `url_name` is the page to go to, without arguments.
    """

    code: str
    subject: str | Promise
    text: str | Promise
    url_name: str = "start"


@dataclass(frozen=True)
class Notice:
    """Tell these persons something, each in their own language. `facts` fill in the words and hold nothing about a
    citizen; `once`, of codes and row ids, makes that the same thing is told once however often it is given."""

    kind: str
    person_ids: Collection[uuid.UUID]
    facts: Mapping[str, str] = field(default_factory=dict)
    once: str = ""


NoticeTaker = Callable[[NoticeKind, Notice], None]

_kinds: dict[str, NoticeKind] = {}
_takers: list[NoticeTaker] = []


def register_notice_kind(kind: NoticeKind) -> None:
    """Called from `AppConfig.ready` of the room that gives such notices."""
    _kinds[kind.code] = kind


def notice_kind(code: str) -> NoticeKind | None:
    """The kind, or None for one that no room has any more."""
    return _kinds.get(code)


def register_notice_taker(taker: NoticeTaker) -> None:
    """Called from `AppConfig.ready` of a room that brings notices to people."""
    if taker not in _takers:
        _takers.append(taker)


def give_notice(notice: Notice) -> None:
    """Tell somebody, inside the caller's transaction: if that is rolled back, nobody is told.

    Raises:
        LookupError: no room has registered this kind.
        KeyError: a fact that its words need is missing.
    """
    kind = _kinds.get(notice.kind)
    if kind is None:
        raise LookupError(f"No room has registered the kind of notice {notice.kind}.")
    for taker in _takers:
        taker(kind, notice)


@dataclass(frozen=True)
class OwnPage:
    """One of the pages that citizens have about themselves. `url_name` takes the `citizen_id`.

    `about` says in one line what is there. The address declares `Permission.OWN_PAGES` and opens with
    `people.views.own.own_citizen`.
    """

    key: str
    label: str | Promise
    about: str | Promise
    url_name: str
    order: int


_own_pages: list[OwnPage] = []


def register_own_page(page: OwnPage) -> None:
    """Called from `AppConfig.ready` of the room that owns the page."""
    if page not in _own_pages:
        _own_pages.append(page)
        _own_pages.sort(key=lambda each: each.order)


def own_pages() -> tuple[OwnPage, ...]:
    return tuple(_own_pages)


Plain = str | int | float | bool | list[Any] | dict[str, Any] | None


@dataclass(frozen=True)
class Shown:
    """A value whose words on paper are not the value itself: a code, a moment, a list."""

    value: Plain
    words: str


@dataclass(frozen=True)
class OwnData:
    """One kind of thing that the house holds about a citizen, as the citizen gets it out.

    `fields` names each field and says in plain words what it is: the words stand in the file too. `collect(viewer,
    citizen)` gives rows with exactly these fields; whether the viewer may have them is settled before. `models` are
    the tables it comes from ("people.Relation"): a test demands that each table about a citizen is in one of these,
    or left out with a reason (`leave_out`).
    """

    key: str
    title: str | Promise
    order: int
    fields: Mapping[str, str | Promise]
    models: frozenset[str]
    collect: Callable[[Viewer, Citizen], Iterable[Mapping[str, Plain | Shown]]]


_own_data: list[OwnData] = []
_left_out: dict[str, str] = {}


def register_own_data(data: OwnData) -> None:
    """Called from `AppConfig.ready` of the room that holds it."""
    if data not in _own_data:
        _own_data.append(data)
        _own_data.sort(key=lambda each: each.order)


def own_data() -> tuple[OwnData, ...]:
    return tuple(_own_data)


def leave_out(model: str, reason: str) -> None:
    """A table about citizens that is not in what they get out, and why not."""
    _left_out[model] = reason


def left_out() -> Mapping[str, str]:
    return dict(_left_out)


Withdraw = Callable[[Citizen, Viewer], object]
_withdrawals: dict[ConsentPurpose, list[Withdraw]] = {}


def on_withdrawal(purpose: ConsentPurpose, act: Withdraw) -> None:
    """Called from `AppConfig.ready`: `act(citizen, by)` is done in the transaction in which somebody says no."""
    acts = _withdrawals.setdefault(purpose, [])
    if act not in acts:
        acts.append(act)


def withdraw(purpose: ConsentPurpose, citizen: Citizen, by: Viewer) -> None:
    """Let every room do what a no to `purpose` means there."""
    for act in _withdrawals.get(purpose, ()):
        act(citizen, by)
