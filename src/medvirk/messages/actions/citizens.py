"""Writing to citizens, and hearing that they want no more of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from medvirk.messages.actions.outbox import NewMessage, queue
from medvirk.messages.channels import channels
from medvirk.messages.kinds import CitizenKind, citizen_kind
from medvirk.messages.logic import Letter
from medvirk.messages.logic.sms import sms_number
from medvirk.messages.models import Message
from medvirk.people.actions.consents import take_back
from medvirk.people.identity import phone_key, phone_keys
from medvirk.people.models import Citizen, ConsentPurpose, ConsentWay, KeyKind, Person, PersonKey
from medvirk.people.queries.consents import agreeing

SMS, EMAIL = "sms", "email"
#: So many at a time when many are written to: a query holds only so many ids.
BATCH = 500
STOPPED = "messages.stopped"
SIGNED_AS = "medvirk.messages.stop"


class WhyNot(StrEnum):
    """Why somebody is not written to."""

    NO_CONSENT = "no consent"
    NO_ADDRESS = "no address"
    NO_CHANNEL = "no channel"
    NO_LONGER_HERE = "no longer here"


@dataclass(frozen=True)
class Written:
    """By which channel somebody is written to, or why not; one of the two is empty."""

    channel: str = ""
    why_not: WhyNot | None = None


@dataclass(frozen=True)
class CitizenLetter:
    """What one citizen is to be sent. `kind` is registered (`kinds`), `facts` fill in its words; `once`, of codes and
    row ids, names the message in `cancel` and `delivery_of`, and makes that it is sent once however often it is
    written. `channels`: those that may be used, the best first. `tells_how_to_stop`: whether a text message ends with
    that; an e-mail always does."""

    citizen: Citizen
    kind: str
    facts: Mapping[str, str] = field(default_factory=dict)
    once: str = ""
    due_at: datetime | None = None
    expires_at: datetime | None = None
    channels: tuple[str, ...] = (SMS, EMAIL)
    waits_for_day: bool = True
    tells_how_to_stop: bool = True


def write_to_citizen(*, letter: CitizenLetter, now: datetime) -> Written:
    """As `write_to_citizens`, for one."""
    return write_to_citizens(letters=[letter], now=now)[letter.once]


def write_to_citizens(*, letters: Iterable[CitizenLetter], now: datetime) -> dict[str, Written]:
    """Queue messages to citizens in their own languages, inside the caller's transaction; by `once`, what came of each.

    Each goes by the first of its channels that is set up and by which the citizen can be reached: text messages to a
    mobile number, else e-mail. Only who has said yes to messages is written to, and that is looked at once more when
    it is sent; whoever has died or was erased is not. A protected address is no hindrance: it is used, never shown.
    As many queries for one as for 500.

    Raises:
        LookupError: no room has registered the kind.
        ValueError: `once` is missing.
        KeyError: a fact that its words need is missing.
    """
    asked = {letter.once: letter for letter in letters}
    if "" in asked:
        raise ValueError("A message to a citizen is named by `once`.")
    in_order = list(asked.values())
    told: dict[str, Written] = {}
    for start in range(0, len(in_order), BATCH):
        told |= _write(in_order[start : start + BATCH], now)
    return told


def _write(letters: list[CitizenLetter], now: datetime) -> dict[str, Written]:
    ids = {letter.citizen.pk for letter in letters}
    readable = ("phone", "email", "language", "died_on")
    # Read anew, with what is needed of the person only: the caller may have fetched less, or more.
    citizens = (
        Citizen.objects.filter(pk__in=ids)
        .select_related("person")
        .only("person", "erased_at", *(f"person__{name}" for name in readable))
        .in_bulk()
    )
    yes = agreeing(ConsentPurpose.CONTACT).filter(citizen__in=ids)
    willing = set(yes.values_list("citizen_id", flat=True))
    set_up = {channel.code for channel in channels() if channel.is_set_up()}
    told, new = {}, []
    for letter in letters:
        citizen = citizens[letter.citizen.pk]
        written = _way_to(citizen, letter, set_up, says_yes=citizen.pk in willing)
        told[letter.once] = written
        if written.channel:
            new.append(_composed(letter, citizen.person, written.channel))
    queue(messages=new, now=now)
    return told


def _way_to(citizen: Citizen, letter: CitizenLetter, set_up: set[str], *, says_yes: bool) -> Written:
    if citizen.erased_at is not None or citizen.person.died_on is not None:
        return Written(why_not=WhyNot.NO_LONGER_HERE)
    if not says_yes:
        return Written(why_not=WhyNot.NO_CONSENT)
    reachable = [channel for channel in letter.channels if _address(citizen.person, channel)]
    for channel in reachable:
        if channel in set_up:
            return Written(channel)
    return Written(why_not=WhyNot.NO_CHANNEL if reachable else WhyNot.NO_ADDRESS)


def has_address(person: Person) -> bool:
    """A number or an e-mail address is known that could be written to."""
    return any(_address(person, channel) for channel in (SMS, EMAIL))


def _address(person: Person, channel: str) -> str:
    """Where somebody is reached by a channel; empty where they are not."""
    if channel == SMS:
        return (sms_number(person.phone) if person.phone else None) or ""
    if channel == EMAIL:
        return person.email if "@" in parseaddr(person.email)[1] else ""
    return ""


def _composed(letter: CitizenLetter, person: Person, channel: str) -> NewMessage:
    kind = citizen_kind(letter.kind)
    if kind is None:
        raise LookupError(f"No room has registered the kind of message {letter.kind}.")
    with override(person.language):
        stop = stop_link(person.pk) if letter.tells_how_to_stop or channel != SMS else None
        subject, body = words_to_citizen(kind, letter.facts, channel, stop_link=stop)
    return NewMessage(
        recipient_id=person.pk,
        channel=channel,
        kind=kind.code,
        # Read when it is sent: a number that is given up may be somebody else's by then.
        address="",
        subject=subject,
        body=body,
        once=letter.once,
        due_at=letter.due_at,
        expires_at=letter.expires_at,
        waits_for_day=letter.waits_for_day,
    )


def words_to_citizen(
    kind: CitizenKind, facts: Mapping[str, str], channel: str, *, stop_link: str | None
) -> tuple[str, str]:
    """(subject, text) in the language in force, with how to stop messages; without, where `stop_link` is None.

    Raises:
        KeyError: a fact is missing.
    """
    if channel == SMS:
        text = str(kind.sms) % facts
        if kind.after_no or stop_link is None:
            return "", text
        return "", f"{text}\n{_how_to_stop(stop_link)}"
    silent = kind.after_no or stop_link is None
    parts = [
        str(kind.text) % facts,
        "" if silent else _("If you want no more messages from us: %(link)s") % {"link": stop_link},
        _("This message was sent by Medvirk. It cannot be answered."),
    ]
    return str(kind.subject) % facts, "\n\n".join(filter(None, parts)) + "\n"


def _how_to_stop(stop_link: str) -> str:
    gateway = settings.SMS_GATEWAY
    # Only where an answer gets through to us; a sender that is a name cannot be answered.
    if gateway is not None and gateway.can_be_answered and settings.SMS_WEBHOOK_SECRETS:
        return _("Reply STOPP to get no more messages.")
    return _("No more messages: %(link)s") % {"link": stop_link}


def stop_token(person_id: uuid.UUID) -> str:
    """What shows that a link was made here for this person. It runs out never: a no is welcome at any time."""
    return Signer(salt=SIGNED_AS).sign(person_id.hex)


def stop_link(person_id: uuid.UUID) -> str:
    return f"{settings.ADDRESS}{reverse('messages:stop', args=[stop_token(person_id)])}"


def letter_of(message: Message) -> Letter:
    """What a channel is handed. The address of a citizen is the one they have now; empty if there is none."""
    kind = citizen_kind(message.kind)
    if kind is None:
        return Letter(message.pk, message.address, message.subject, message.body)
    return Letter(
        message.pk,
        _address(message.recipient, message.channel),
        message.subject,
        message.body,
        stop_url="" if kind.after_no else stop_link(message.recipient_id),
    )


@transaction.atomic
def stop_by_phone(*, number: str, now: datetime) -> int:
    """Somebody wrote the stop word from this number: whoever has it as theirs has said no to messages.

    Gives how many that were; nothing is kept of a number that nobody has. One text message confirms it, once a day.
    """
    keys = PersonKey.objects.filter(kind=KeyKind.PHONE, digest__in=phone_keys(number))
    theirs = _citizens_of(keys.values_list("person_id", flat=True))
    stopped = [
        each
        for each in theirs
        if take_back(citizen=each, purpose=ConsentPurpose.CONTACT, way=ConsentWay.SMS, now=now)
    ]
    if stopped:
        _confirm(stopped[0], number, now)
    return len(stopped)


def _confirm(citizen: Citizen, number: str, now: datetime) -> None:
    kind = citizen_kind(STOPPED)
    if kind is None:
        raise LookupError(f"The kind of message {STOPPED} is not registered.")
    with override(citizen.person.language):
        _subject, body = words_to_citizen(kind, {}, SMS, stop_link="")
    answer = NewMessage(
        recipient_id=citizen.person_id,
        channel=SMS,
        kind=STOPPED,
        address="",
        subject="",
        body=body,
        once=f"{STOPPED}:{phone_key(number)}:{timezone.localdate(now)}",
        # They have the phone in their hand.
        waits_for_day=False,
    )
    queue(messages=[answer], now=now)


@transaction.atomic
def stop_by_link(*, token: str, now: datetime) -> bool:
    """Whoever got the link wants no more messages. False where the link is none of ours; done already is as good."""
    try:
        person_id = uuid.UUID(hex=Signer(salt=SIGNED_AS).unsign(token))
    except (BadSignature, ValueError):
        return False
    for citizen in _citizens_of([person_id]):
        take_back(citizen=citizen, purpose=ConsentPurpose.CONTACT, way=ConsentWay.LINK, now=now)
    return True


def is_stop_token(token: str) -> bool:
    """Was the link made here?"""
    try:
        Signer(salt=SIGNED_AS).unsign(token)
    except BadSignature:
        return False
    return True


def _citizens_of(person_ids: Iterable[uuid.UUID]) -> list[Citizen]:
    """The citizens whom these persons are; for an entry that was put together with another, that other."""
    ids = list(person_ids)
    meant = Q(person__in=ids) | Q(person__in=Person.objects.filter(pk__in=ids).values("merged_into"))
    living_on = Citizen.objects.filter(meant, erased_at=None, person__merged_into=None)
    return list(living_on.select_related("person").order_by("pk"))
