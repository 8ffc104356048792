"""Somebody else is asked how they see it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from medvirk.answers.actions import ask, close, open_again
from medvirk.answers.models import Capacity, Occasion
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.models import Asking, Episode, Moment, ProxyAsking, ProxyBasis, Session
from medvirk.feedback.queries.proxies import people_to_ask
from medvirk.feedback.queries.schedules import plan_at_age, plan_of
from medvirk.instruments.queries import effective
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.actions.persons import create_person
from medvirk.people.logic import PersonDetails, checked_details
from medvirk.people.models import AccessAction, Citizen, Person, Staff


@transaction.atomic
def ask_somebody(
    *,
    by: Viewer,
    session: Session,
    citizen: Citizen,
    whom: Person | tuple[str, str] | None,
    basis: str,
    now: datetime,
) -> Occasion:
    """Ask somebody close to the citizen (a person, or the name of a new one) how they see it; None: the worker.

    Asked is the form of the course, and the question about safety where it can be put about somebody else. An
    earlier question to the same person at this conversation that was not answered is the one that is used again, also
    after it was closed; a name that waits for its answer already is the same person, so that a page sent twice asks
    once.

    Raises:
        PermissionDenied: the course or the citizen is not open to the viewer.
        Refused: `ended_already`, `cancelled`, `not_there`; `no_right`, nobody has said yes who can; `not_to_be_told`,
            the child does not want this parent told; `answered_already`.
        people.logic.RefusedError: the name cannot be one.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, session)
    if (
        not decision.allowed
        or by.staff_id is None
        or not can(by, Permission.FOLLOW_CITIZENS, citizen).allowed
    ):
        raise PermissionDenied
    episode = Episode.objects.select_for_update().get(pk=session.episode_id)
    _takes_answers(episode, session, citizen)
    capacity, respondent = _who(by, session, citizen, whom, basis)
    right = ProxyBasis.WORKER if whom is None else ProxyBasis(basis)
    log_access(by, [citizen.pk], "feedback.proxy", action=AccessAction.CREATED, basis=decision.reason)
    earlier = _asked_before(session, citizen, respondent, capacity)
    if earlier is not None:
        if earlier.closes_at is not None:
            _ask_again(by, earlier, right, now)
        return earlier
    plan = plan_at_age(plan_of(episode), citizen, timezone.localdate(session.starts_at))
    forms = [plan.outcome]
    # Asked about themselves they would answer for themselves, and it would stand in somebody else's record.
    if plan.safety and effective(*plan.safety).proxy_wordings:
        forms.append(plan.safety)
    occasion = ask(
        by=by, about=citizen, respondent=respondent, instruments=forms, opens_at=now, capacity=capacity
    )
    Asking.objects.create(session=session, citizen=citizen, moment=Moment.BEFORE, occasion=occasion)
    ProxyAsking.objects.create(occasion=occasion, basis=right, noted_by_id=by.staff_id, noted_at=now)
    return occasion


def _asked_before(
    session: Session, citizen: Citizen, respondent: Person, capacity: Capacity
) -> Occasion | None:
    """The question to the same person that has no answer yet, also if it was closed."""
    asking = (
        Asking.objects.filter(session=session, citizen=citizen)
        .filter(occasion__respondent=respondent, occasion__capacity=capacity)
        .select_related("occasion__submission")
        .first()
    )
    if asking is None:
        return None
    if hasattr(asking.occasion, "submission"):
        raise Refused("answered_already")
    return asking.occasion


def _ask_again(by: Viewer, occasion: Occasion, right: ProxyBasis, now: datetime) -> None:
    """They were not to be asked any more, and now they are: by the right that holds now."""
    open_again(by=by, occasions=Occasion.objects.filter(pk=occasion.pk))
    occasion.closes_at = None
    ProxyAsking.objects.filter(occasion=occasion).update(basis=right, noted_by=by.staff_id, noted_at=now)


def _takes_answers(episode: Episode, session: Session, citizen: Citizen) -> None:
    if episode.ended_on is not None:
        raise Refused("ended_already")
    if session.cancelled_at is not None:
        raise Refused("cancelled")
    part = episode.participations.filter(citizen=citizen).first()
    if part is None or not part.on(timezone.localdate(session.starts_at)):
        raise Refused("not_there")


def _who(
    by: Viewer, session: Session, citizen: Citizen, whom: Person | tuple[str, str] | None, basis: str
) -> tuple[Capacity, Person]:
    if whom is None:
        assert by.staff_id is not None  # seen to by who lets in
        worker = Staff.objects.select_related("person").get(pk=by.staff_id)
        return Capacity.WORKER, worker.person
    known, parents_decide = people_to_ask(by, citizen)
    if ProxyBasis(basis) == ProxyBasis.WORKER or (
        ProxyBasis(basis) == ProxyBasis.PARENT and not parents_decide
    ):
        raise Refused("no_right")
    if isinstance(whom, Person):
        if whom.pk not in {each.pk for each in known}:
            raise Refused("not_to_be_told")
        return Capacity.KIN, whom
    given, family = whom
    details = checked_details(PersonDetails(given_name=given, family_name=family), today=by.today)
    same = _of_that_name(session, citizen, details, {each.pk for each in known})
    return Capacity.KIN, same or create_person(details)


def _of_that_name(
    session: Session, citizen: Citizen, details: PersonDetails, known: Collection[uuid.UUID]
) -> Person | None:
    """Who was asked by this name at this conversation and has not answered. Names are encrypted: told apart here."""
    asked = Person.objects.filter(
        pk__in=known,
        occasions__asking__session=session,
        occasions__about=citizen,
        occasions__capacity=Capacity.KIN,
        occasions__submission__isnull=True,
    )
    wanted = _folded(details.given_name, details.family_name)
    return next((each for each in asked if _folded(each.given_name, each.family_name) == wanted), None)


def _folded(given: str, family: str) -> tuple[str, str]:
    return given.strip().casefold(), family.strip().casefold()


@transaction.atomic
def withdraw_question(*, by: Viewer, occasion: Occasion, now: datetime) -> None:
    """Somebody shall not be asked after all; what was answered stays.

    Raises:
        PermissionDenied: the citizen is not open to the viewer.
    """
    close(by=by, occasions=Occasion.objects.filter(pk=occasion.pk).exclude(capacity=Capacity.SELF), now=now)
    log_access(
        by, [occasion.about_id], "feedback.proxy", action=AccessAction.CHANGED, basis="proxy:withdrawn"
    )
