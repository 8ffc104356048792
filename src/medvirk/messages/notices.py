"""How a notice of another room reaches a person: on the page Messages always, and by e-mail where one is known."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from email.utils import parseaddr

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from medvirk.messages.actions import NewMessage, queue, tell
from medvirk.people.hooks import Notice, NoticeKind
from medvirk.people.models import Person


def take(kind: NoticeKind, notice: Notice) -> None:
    """Store the notice and queue its e-mails (`people.hooks.NoticeTaker`).

    Raises:
        KeyError: a fact that its words need is missing.
    """
    now = timezone.now()
    once = f"{notice.kind}:{notice.once or uuid.uuid4()}"
    persons = list(Person.objects.filter(pk__in=list(notice.person_ids)))
    tell(persons=persons, kind=notice.kind, facts=notice.facts, once=once, now=now)
    letters = []
    for person in persons:
        with override(person.language):
            subject, body = words_of(kind, notice.facts)
            farewell = _("This message was sent by Medvirk. It cannot be answered.")
            letter = NewMessage(
                recipient_id=person.pk,
                channel="email",
                kind=notice.kind,
                address=person.email,
                subject=subject,
                body=f"{body}\n\n{address_of(kind)}\n\n{farewell}\n",
                once=f"{once}:email:{person.pk}",
                # It goes to an address at work, and may be urgent.
                waits_for_day=False,
            )
        if "@" in parseaddr(person.email)[1]:
            letters.append(letter)
    queue(messages=letters, now=now)


def words_of(kind: NoticeKind, facts: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text in the language in force.

    Raises:
        KeyError: a fact is missing.
    """
    return str(kind.subject) % facts, str(kind.text) % facts


def path_of(kind: NoticeKind) -> str:
    """The page to go to; the start page where it no longer exists."""
    try:
        return reverse(kind.url_name)
    except NoReverseMatch:
        return reverse("start")


def address_of(kind: NoticeKind) -> str:
    """The page's whole address, for outside the house."""
    return f"{settings.ADDRESS}{path_of(kind)}"
