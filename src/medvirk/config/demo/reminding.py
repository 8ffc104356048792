"""The first department sends invitations and reminders; some of those shown first have said yes to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from medvirk.config.demo.hours import at
from medvirk.feedback.actions import plan_session
from medvirk.feedback.actions.reminding import decide
from medvirk.feedback.logic.reminding import Plan
from medvirk.feedback.models import Episode
from medvirk.people.access import viewer_for
from medvirk.people.actions.consents import answer_consent
from medvirk.people.identity import keys_of
from medvirk.people.models import ConsentPurpose, KeyKind, Person, PersonKey, Staff, Unit
from medvirk.people.queries.consents import current_texts

#: Days from today and hours of the conversations that are planned, one for each course.
PLANNED = ((1, 10), (1, 13), (2, 9), (3, 14), (1, 9), (2, 11))
#: So many of those have said yes, and of these the last has no address that is known.
WILLING = 5


def send_reminders(*, now: datetime, leader: Staff, worker: Staff, unit: Unit) -> None:
    """Decide it, ask some, plan some conversations. What is due is sent by the worker, into files."""
    decider, by = viewer_for(leader.user, now), viewer_for(worker.user, now)
    assert decider is not None
    assert by is not None
    decide(by=decider, unit=unit, plan=Plan(sends=True))
    text = current_texts()[ConsentPurpose.CONTACT]
    running = Episode.objects.filter(unit=unit, responsible=worker, ended_on=None, kind="individual")
    chosen = running.order_by("-started_on", "pk")[: len(PLANNED)]
    for number, (episode, (days, hour)) in enumerate(zip(chosen, PLANNED, strict=False)):
        day = timezone.localdate(now) + timedelta(days=days)
        plan_session(by=by, episode=episode, starts_at=at(day, hour), now=now)
        citizen = episode.citizens.select_related("person").get()
        if number < WILLING:
            answer_consent(
                by=by,
                citizen=citizen,
                purpose=ConsentPurpose.CONTACT,
                yes=True,
                version=text.version,
                language="nb",
            )
        if number < WILLING - 1:
            give_email(citizen.person, number)


def give_email(person: Person, number: int) -> None:
    """One that leads nowhere (RFC 2606)."""
    person.email = f"innbygger{number + 1}@fjordvik.example"
    person.save(update_fields=["email"])
    known = keys_of(given_name="", family_name="", national_id="", phone="", email=person.email)
    digest = next(digest for kind, digest in known if kind == KeyKind.EMAIL)
    PersonKey.objects.update_or_create(person=person, kind=KeyKind.EMAIL, defaults={"digest": digest})
