"""What has changed in Fjordvik over time: two teams that became one, and somebody who was registered twice."""

from __future__ import annotations

from datetime import date, timedelta

from medvirk.people.actions import PersonDetails, register_citizen, register_unit
from medvirk.people.actions.succession import NewUnit, merge_units
from medvirk.people.models import Citizen, Grant, Relation, Role, Staff, Unit, UnitKind

TEAMS = ("Team Brygga", "Team Åsen")
MERGED = "Team Brygga og Åsen"
#: How many citizens each team had.
EACH = 6
TWICE = "Registrert på nytt da hun ringte"


def change_over_time(*, today: date, department: Unit) -> None:
    """Let two teams of a department become one some weeks ago, and register one of its citizens once more."""
    begun = department.valid_from
    teams = [
        register_unit(by=None, name=name, kind=UnitKind.TEAM, parent=department, valid_from=begun)
        for name in TEAMS
    ]
    workers = list(
        Staff.objects.filter(grants__unit=department, grants__role=Role.PRACTITIONER).order_by("pk")[:2]
    )
    citizens = list(Citizen.objects.filter(relations__unit=department).order_by("pk").distinct()[: 2 * EACH])
    for number, team in enumerate(teams):
        Grant.objects.create(staff=workers[number], role=Role.PRACTITIONER, unit=team, valid_from=begun)
        for citizen in citizens[number::2]:
            Relation.objects.create(citizen=citizen, unit=team, reason="Teamet rundt deg", valid_from=begun)
    merge_units(
        by=None,
        units=teams,
        into=NewUnit(MERGED, UnitKind.TEAM, department),
        day=today - timedelta(days=45),
    )
    person = citizens[0].person
    register_citizen(
        by=None,
        details=PersonDetails(
            given_name=person.given_name,
            family_name=person.family_name,
            birth_date=person.birth_date,
            phone="+4759999998",
        ),
        worker=workers[1],
        reason=TWICE,
        registered_on=today - timedelta(days=3),
        somebody_else=True,
    )
