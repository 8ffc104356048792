"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations

OPEN_RECORDS = {
    "people:citizen",
    "people:citizen_change",
    "people:relation_new",
    "people:relation_end",
    "people:merge_propose",
    "people:request",
    "people:request_seen",
    "people:citizen_access",
    "people:bar_new",
    "people:bar_lift",
    "people:share_new",
    "people:share_change",
    "people:share_stop",
    "people:guardian_new",
    "people:guardian_change",
    "people:contact",
    "people:death_new",
    "people:consents",
    "people:consent_answer",
    "people:citizen_log",
}


def over_time(world) -> dict[str, object]:
    """A planned change of a unit, two records to compare, and two that were put together."""
    from datetime import timedelta

    from medvirk.people.actions.merging import merge_persons
    from medvirk.people.actions.succession import move_unit

    unit = world.owner.grants.get().unit
    today = world.make.viewer(world.owner).today
    moved = move_unit(by=None, unit=unit, day=today + timedelta(days=9), name=unit.name, parent=None)
    second, duplicate = world.make.citizen().person, world.make.citizen().person
    merge = merge_persons(by=None, kept=second, duplicate=duplicate)
    return {
        "reorganisation_id": moved.pk,
        "first_id": world.citizen.person_id,
        "second_id": second.pk,
        "merge_id": merge.pk,
    }


def examples(world) -> dict[str, object]:
    grant = world.owner.grants.get()
    return {
        "citizen_id": world.citizen.pk,
        "relation_id": world.citizen.relations.get().pk,
        "staff_id": world.owner.pk,
        "grant_id": grant.pk,
        "provider": "citizens",
        "unit_id": grant.unit_id,
        **over_time(world),
        **own_pages(world),
        **access(world),
        **letting_go(world),
        "pattern_id": unusual_opening(world).pk,
    }


def unusual_opening(world):
    """A pattern in the log of the owner, whom a leader above reviews."""
    from django.utils import timezone

    from medvirk.people.models import UnusualOpening

    now = timezone.now()
    return UnusualOpening.objects.create(
        day=now.date(), kind="colleague", staff=world.owner, records=1, first_at=now, last_at=now
    )


def letting_go(world) -> dict[str, object]:
    """What people are asked, a rule of what is kept, a report, and a proposal to erase somebody."""
    from medvirk.people.models import Erasure, RetentionRun

    return {
        "purpose": "research",
        "rule": "journal",
        "run_id": RetentionRun.objects.create(report={"journal": {"people.citizens": 1}}).pk,
        "erasure_id": Erasure.objects.create(
            citizen=world.make.citizen(),
            basis="mistake",
            reason="Registrert to ganger",
            proposed_by=world.owner,
        ).pk,
    }


def access(world) -> dict[str, object]:
    """A parent, somebody who shares with the partner, an emergency that is over, and a death that was a mistake."""
    from medvirk.people.models import Death, Guardianship, Person, Relation

    citizen, make = world.citizen, world.make
    parent = Person.objects.create(given_name="Forelder", family_name="Prøvesen")
    guardianship = Guardianship.objects.create(
        citizen=citizen, guardian=parent, kind="parent", valid_from=make.long_ago
    )
    sharing = {"relation_id": citizen.relations.get(basis="consent").pk}
    today = make.viewer(world.owner).today
    emergency = Relation.objects.create(
        citizen=citizen, staff=world.owner, basis="emergency", reason="Ringte om natten", valid_from=today,
        valid_to=today, ends_at=citizen.registered_at,
    )  # fmt: skip
    death = Death.objects.create(citizen=make.citizen(worker=world.owner), closed={"relations": []})
    return {
        "guardianship_id": guardianship.pk,
        "people:share_change": sharing,
        "people:share_stop": sharing,
        "people:emergency_end": {"relation_id": emergency.pk},
        "people:emergency_look": {"relation_id": emergency.pk},
        "death_id": death.pk,
    }


def own_pages(world) -> dict[str, object]:
    """What the citizen's own pages hold: something shared, somebody kept out, something asked for.

    Called last: from here on the citizen has two relations.
    """
    from django.utils import timezone

    from medvirk.people.models import Bar, CitizenRequest, Relation

    citizen, make = world.citizen, world.make
    shared = Relation.objects.create(
        citizen=citizen, staff=make.staff("partner"), basis="consent", opens_all=False,
        parts=["people.contact"], valid_from=make.long_ago,
    )  # fmt: skip
    bar = Bar.objects.create(citizen=citizen, staff=make.staff(), kind="citizen")
    asked = CitizenRequest.objects.create(
        citizen=citizen, asked_by=citizen.person, kind="correct", text="Det stemmer ikke",
        due_on=timezone.localdate(),
    )  # fmt: skip
    of_sharing = {"citizen_id": citizen.pk, "relation_id": shared.pk}
    return {
        "people:own_sharing_change": of_sharing,
        "people:own_sharing_stop": of_sharing,
        "bar_id": bar.pk,
        "request_id": asked.pk,
    }
