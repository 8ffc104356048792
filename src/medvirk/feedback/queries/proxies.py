"""What others have said about a citizen, and who can be asked. Theirs, and never part of the citizen's course."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from medvirk.answers.models import Capacity, Occasion
from medvirk.answers.queries import Given, given_at
from medvirk.feedback.models import Asking, Episode
from medvirk.feedback.queries.courses import measure_of
from medvirk.feedback.queries.fetching import episodes
from medvirk.instruments.queries import effective
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.logic import age_on, guardian_rights
from medvirk.people.models import Citizen, Guardianship, Person


@dataclass(frozen=True)
class SaidByAnother:
    """Somebody was asked how they see it: who, when, by what right, and what they answered so far.

    `level`: their total on the form of the course, in points of its scale; None where there is none. `given` is None
    until they have answered.
    """

    occasion_id: uuid.UUID
    session_id: uuid.UUID
    who: str
    capacity: str
    asked_at: datetime
    basis: str
    closed: bool
    level: float | None
    given: Given | None
    may_read: bool


def said_by_others(viewer: Viewer, episode: Episode, citizen: Citizen) -> list[SaidByAnother]:
    """In order of time; for a worker to whom the course and the citizen are open. Five queries however many."""
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return []
    found = _askings(episode, citizen).filter(session__episode__in=episodes(viewer))
    given = given_at(viewer, [each.occasion_id for each in found])
    measure = measure_of(effective(episode.outcome_key, episode.outcome_version), "nb")
    where = (measure.instrument, measure.scale) if measure else ("", "")
    return [_said(each, given.get(each.occasion_id), where) for each in found]


def _said(asking: Asking, given: Given | None, where: tuple[str, str]) -> SaidByAnother:
    occasion = asking.occasion
    proxy = getattr(occasion, "proxy_asking", None)
    return SaidByAnother(
        occasion_id=occasion.pk,
        session_id=asking.session_id,
        who=occasion.respondent.name,
        capacity=occasion.get_capacity_display(),
        asked_at=occasion.created_at,
        basis=proxy.get_basis_display() if proxy else "",
        closed=occasion.closes_at is not None,
        level=given.value(*where) if given else None,
        given=given,
        may_read=given is not None and occasion.submission.citizen_may_read,
    )


def _askings(episode: Episode, citizen: Citizen) -> QuerySet[Asking]:
    others = Asking.objects.filter(session__episode=episode, citizen=citizen)
    others = others.exclude(occasion__capacity=Capacity.SELF)
    return others.select_related(
        "occasion__respondent", "occasion__proxy_asking", "occasion__submission"
    ).order_by("session__starts_at", "pk")


@dataclass(frozen=True)
class AskedAnother:
    """What the citizen reads of it: that somebody was asked, when, and - if that one lets them - what was said."""

    capacity: str
    asked_at: datetime
    answered: bool
    own_words: str
    level: float | None


def others_asked(viewer: Viewer, episode: Episode, citizen: Citizen) -> list[AskedAnother]:
    """For the citizen, or a parent or guardian who may see their pages. Two queries however many, and the catalogue."""
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return []
    found = list(_askings(episode, citizen))
    if not found:
        return []
    # Read for the house: own pages show nothing of others by themselves, and here each has let them.
    open_ids = [
        each.occasion_id
        for each in found
        if hasattr(each.occasion, "submission") and each.occasion.submission.citizen_may_read
    ]
    given = given_at(None, open_ids)
    measure = measure_of(effective(episode.outcome_key, episode.outcome_version), "nb")
    where = (measure.instrument, measure.scale) if measure else None
    return [_asked(each, given.get(each.occasion_id), where) for each in found]


def _asked(asking: Asking, given: Given | None, where: tuple[str, str] | None) -> AskedAnother:
    return AskedAnother(
        capacity=asking.occasion.get_capacity_display(),
        asked_at=asking.occasion.created_at,
        answered=hasattr(asking.occasion, "submission"),
        own_words=given.own_words if given else "",
        level=given.value(*where) if given and where else None,
    )


def people_to_ask(viewer: Viewer, citizen: Citizen) -> tuple[list[Person], bool]:
    """Parents and guardians who may know, and who was asked before; and whether one of the former decides.

    A parent whom the child does not want told is not among them: to ask is to tell.
    """
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return [], False
    age = age_on(citizen.person.birth_date, viewer.today)
    held = Guardianship.objects.on(viewer.today).filter(citizen=citizen).select_related("guardian")
    rights = [
        (
            each.guardian,
            guardian_rights(each.kind, age=age, withheld=each.withheld, covers_health=each.covers_health),
        )
        for each in held.order_by("pk")
    ]
    unseeing = {person.pk for person, may in rights if not may.sees}
    known = {person.pk: person for person, may in rights if may.sees}
    before = Occasion.objects.filter(about=citizen, capacity=Capacity.KIN).exclude(
        respondent=F("about__person")
    )
    for each in before.select_related("respondent").order_by("created_at"):
        if each.respondent_id not in unseeing:
            known.setdefault(each.respondent_id, each.respondent)
    return list(known.values()), any(may.sees and may.decides for _, may in rights)
