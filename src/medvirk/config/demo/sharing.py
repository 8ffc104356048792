"""Who may see what in Fjordvik: a partner, a child with parents, somebody kept out, an emergency, a hidden address."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.utils import timezone

from medvirk.config.demo import cast
from medvirk.people.actions import bar_worker, register_citizen, register_guardian, set_protection, share_with
from medvirk.people.identity import sign_in_key
from medvirk.people.logic import EMERGENCY_LASTS, PersonDetails
from medvirk.people.models import (
    Basis,
    Citizen,
    Grant,
    GuardianKind,
    Person,
    Protection,
    Relation,
    Role,
    Staff,
    Unit,
    UnitKind,
    User,
)

DAY = timedelta(days=1)
SHARED_PARTS = ("feedback.agreements", "feedback.board", "feedback.next")


def tie_and_close(*, now: datetime, worker: Staff, colleague: Staff, outsider: Staff) -> None:
    """`worker` is the one shown first; `colleague` is of the same department, `outsider` of another."""
    today = timezone.localdate(now)
    mine = Citizen.objects.filter(relations__staff=worker).select_related("person")
    first = mine.get(person__own_user__isnull=False)
    second, third, fourth = mine.exclude(pk=first.pk).order_by("pk")[:3]
    share_with(
        by=None, citizen=first, staff=make_partner(today), parts=SHARED_PARTS, last_day=today + 60 * DAY,
        reason="Så vi slipper å fortelle det samme to ganger",
    )  # fmt: skip
    bar_worker(by=None, citizen=second, worker=colleague, reason="Vi kjenner hverandre fra før")
    set_protection(by=None, citizen=third, protection=Protection.STRICT)
    make_child(worker, today)
    past_emergency(fourth, outsider, now - 3 * DAY)


def make_partner(today: date) -> Staff:
    """An adviser at NAV, who can be tried."""
    given, family = cast.PARTNER
    login = ".".join(cast.PARTNER)
    user = User(login=login, login_hash=sign_in_key(login))
    user.set_unusable_password()
    user.save()
    adviser = Staff.objects.create(
        person=Person.objects.create(given_name=given, family_name=family), user=user, title="veileder"
    )
    office = Unit.objects.create(
        id=uuid.uuid5(user.pk, "office"),
        name="NAV Fjordvik",
        kind=UnitKind.SERVICE,
        valid_from=today - 365 * DAY,
    )
    Grant.objects.create(staff=adviser, role=Role.PARTNER, unit=office, valid_from=office.valid_from)
    return adviser


def make_child(worker: Staff, today: date) -> None:
    """A child of 13 with two parents; one of them the child does not want told."""
    born = today - timedelta(days=13 * 366)
    child = register_citizen(
        by=None,
        details=PersonDetails(
            given_name="Tiril", family_name="Strandvollen", birth_date=born,
            national_id=cast.synthetic_national_id(born, 97001),
        ),
        worker=worker, reason="Skolen og du ba om noen å snakke med", registered_on=today - 40 * DAY,
    )  # fmt: skip
    for number, (given, withheld) in enumerate((("Siv", False), ("Stian", True))):
        birth = today - timedelta(days=(40 + number) * 366)
        register_guardian(
            by=None,
            citizen=child,
            details=PersonDetails(
                given_name=given, family_name="Strandvollen",
                national_id=cast.synthetic_national_id(birth, 97002 + number),
            ),
            kind=GuardianKind.PARENT, withheld=withheld, valid_from=born,
        )  # fmt: skip


def past_emergency(citizen: Citizen, outsider: Staff, at: datetime) -> None:
    """Somebody of another department opened a record one night; a leader has not looked at it yet."""
    ends_at = at + EMERGENCY_LASTS
    Relation.objects.create(
        citizen=citizen,
        staff=outsider,
        basis=Basis.EMERGENCY,
        reason="Ringte vakttelefonen og sa at det var fare for livet",
        valid_from=timezone.localdate(at),
        valid_to=timezone.localdate(ends_at),
        ends_at=ends_at,
    )
