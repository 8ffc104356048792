"""How this room lets go of a citizen, and which of its rows go by themselves."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.people.keeping import Parting, Tidying, register_parting, register_tidying
from medvirk.people.logic.retention import Means, PlanLine
from medvirk.people.models import (
    Bar,
    Citizen,
    CitizenRequest,
    Consent,
    Death,
    EmergencyReview,
    Guardianship,
    Person,
    PersonKey,
    PersonMerge,
    Relation,
    SuspectedDuplicate,
    User,
)

#: Tables of this room that are about one citizen and go with them, with the changes that were kept of them.
ABOUT = (Bar, Guardianship, Consent, CitizenRequest, Death)
LAW_KEEPS = _("The law keeps records of help until their time is over.")


def register() -> None:
    register_tidying(Tidying("people.consents", _("answers that have ended"), "consent", consents_due))
    register_tidying(Tidying("people.accounts", _("own accounts nobody uses"), "account", accounts_due))
    register_parting(Parting("people", last_entries, plan, part))


def last_entries(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, date]:
    """A relation without a last day is in force for as long as there are days. What somebody asked for is an entry."""
    relations = (
        Relation.objects.filter(citizen__in=ids)
        .values("citizen_id")
        .annotate(last=Max(Coalesce("valid_to", date.max)))
    )
    requests = (
        CitizenRequest.objects.filter(citizen__in=ids)
        .values("citizen_id")
        .annotate(last=Max(Coalesce("answered_at", "sent_at")))
    )
    last: dict[uuid.UUID, date] = {row["citizen_id"]: row["last"] for row in relations}
    for row in requests:
        asked = timezone.localdate(row["last"])
        last[row["citizen_id"]] = max(asked, last.get(row["citizen_id"], asked))
    return last


def plan(citizen: Citizen) -> Iterator[PlanLine]:
    yield PlanLine(_("name, national identity number, birth date and contact"), 1, Means.EMPTY)
    yield PlanLine(_("keys to find the person by"), citizen.person.keys.count(), Means.DELETE)
    yield PlanLine(_("service relations and sharing"), citizen.relations.count(), Means.DELETE)
    others = sum(model.objects.filter(citizen=citizen).count() for model in ABOUT)
    yield PlanLine(
        _("answers to what was asked, requests, barred workers, parents and guardians"), others, Means.DELETE
    )
    yield PlanLine(_("the citizen's own way to sign in"), _own_accounts(citizen).count(), Means.DELETE)


def part(citizen: Citizen, now: datetime) -> None:
    """Relations and all that says who it was go; the citizen stays as a row that can be counted."""
    EmergencyReview.objects.filter(relation__citizen=citizen).delete()
    for model in (*ABOUT, Relation):
        _delete_with_changes(model, model.objects.filter(citizen=citizen))
    person = Person.objects.get(pk=citizen.person_id)
    SuspectedDuplicate.objects.filter(Q(first=person) | Q(second=person)).delete()
    persons = [person, *_merged_into(person)]
    # The journal of a merge holds the names of both, and could put them apart again.
    PersonMerge.objects.filter(Q(kept__in=persons) | Q(duplicate__in=persons)).delete()
    for each in persons:
        _empty(each)
    for row in Citizen.objects.filter(person__in=persons):
        Citizen.objects.filter(pk=row.pk).update(registered_at=month_of(row.registered_at), erased_at=now)


def _merged_into(person: Person) -> list[Person]:
    """Everybody who was found to be the same as this person, also by way of another."""
    found: list[Person] = []
    waiting = [person]
    while waiting:
        nearest = list(Person.objects.filter(merged_into__in=waiting))
        found += nearest
        waiting = nearest
    return found


def month_of(moment: datetime, place: int = 0) -> datetime:
    """Noon on the first of its month, and `place` seconds: the order is kept, the day is not."""
    local = timezone.localtime(moment).replace(day=1, hour=12, minute=0, second=0, microsecond=0)
    return local + timedelta(seconds=place)


def free_the_person(citizen: Citizen) -> None:
    """Somebody who also works here, or is somebody's guardian, goes on under their name; the citizen does not.

    Done before any room lets go, so that each of them finds the citizen apart from who it was.
    """
    person = citizen.person
    if not (hasattr(person, "staff") or person.guardianships.exclude(citizen=citizen).exists()):
        return
    nobody = Person.objects.create(given_name="", family_name="")
    nobody.history.all().delete()
    # What was merged into the citizen's person was about the citizen, and goes with them.
    Person.objects.filter(merged_into=person).update(merged_into=nobody)
    PersonMerge.objects.filter(kept=person).update(kept=nobody)
    citizen.person = nobody
    citizen.save(update_fields=["person"])


def _own_accounts(citizen: Citizen) -> QuerySet[User]:
    if citizen.person.guardianships.exclude(citizen=citizen).exists():
        return User.objects.none()
    return User.objects.filter(person=citizen.person_id)


def _empty(person: Person) -> None:
    User.objects.filter(person=person).delete()
    PersonKey.objects.filter(person=person).delete()
    person.history.all().delete()
    # Not by `save`: that would keep the change, with what it was before.
    Person.objects.filter(pk=person.pk).update(
        given_name="", family_name="", national_id="", birth_date="", phone="", email="", language="nb",
        protection="", died_on=None, created_at=month_of(person.created_at),
    )  # fmt: skip


def _delete_with_changes(model: type[models.Model], rows: QuerySet) -> None:  # type: ignore[type-arg]
    ids = list(rows.values_list("pk", flat=True))
    rows.delete()
    if hasattr(model, "history"):
        model.history.filter(id__in=ids).delete()


def consents_due(before: date) -> QuerySet[Consent]:
    """Answers that ended before the day. Those in force stay."""
    return Consent.objects.filter(ended_at__date__lt=before)


def accounts_due(before: date) -> QuerySet[User]:
    """Citizens' own accounts that nobody has used since before the day; workers' accounts are never among them."""
    unused = Q(last_login__date__lt=before) | Q(last_login__isnull=True, created_at__date__lt=before)
    return User.objects.filter(unused, person__isnull=False)
