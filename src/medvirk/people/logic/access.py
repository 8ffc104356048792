"""Who may do what with whose record: one pure decision on plain facts.

What the facts are and how they are fetched stands in `people.access`; here is only the rule.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Need(StrEnum):
    """In what capacity a record is opened."""

    CARE = "care"
    """A worker who gives help: all of the record."""
    SHARED = "shared"
    """A partner: the parts that the citizen shared with them."""
    OWN = "own"
    """The citizen, or a parent or guardian as far as they may see."""


@dataclass(frozen=True)
class Tie:
    """A relation in force to the viewer (`own`) or to a team of theirs.

    `needs`: in which capacities it counts. Of a team's relation, those the viewer has in that very team: who is a
    partner there and gives help elsewhere does not get a whole record by it. Emergency access says when it ends.
    """

    basis: str
    own: bool
    opens_all: bool = True
    parts: frozenset[str] = frozenset()
    needs: frozenset[Need] = frozenset({Need.CARE, Need.SHARED})
    ends_at: datetime | None = None
    relation_id: uuid.UUID | None = None


@dataclass(frozen=True)
class CitizenFacts:
    """What stands between a viewer and one citizen, now.

    `is_self`: the worker is this citizen. `barred`: the citizen does not want them, or they are close.
    `own_account`: the citizen themselves has signed in. `guardian_sees`, `guardian_decides`: the one who has signed in
    is a parent or guardian who may see it, or decide, at the citizen's age.
    """

    citizen_id: uuid.UUID
    ties: tuple[Tie, ...] = ()
    is_self: bool = False
    barred: bool = False
    dead: bool = False
    own_account: bool = False
    guardian_sees: bool = False
    guardian_decides: bool = False


@dataclass(frozen=True)
class Decision:
    """`reason` is a code for the log (`service:own`), or, when not allowed, says why in plain English."""

    allowed: bool
    reason: str


NO_ROLE = Decision(False, "no role of yours gives this")
BY_ROLE = Decision(True, "by role")
OWN_RECORD = Decision(False, "one's own record is not opened as a worker")
BARRED = Decision(False, "barred from this record")
NO_RELATION = Decision(False, "no service relation in force")
NOT_SHARED = Decision(False, "the citizen has not shared this part")
NOT_YOURS = Decision(False, "not your own record")
NOT_THEIRS_TO_SAY = Decision(False, "sees, and does not decide")
CLOSED = Decision(False, "closed after death")


def decide(need: Need, record: Collection[CitizenFacts], part: str | None = None) -> Decision:
    """May somebody who holds the permission open this record?

    A record of several citizens (couple, family, group) opens by a tie to any one of them, and is closed by a bar
    against any one of them. A strong reason is told before a weak one, so that the log says the truth.
    """
    if need is Need.OWN:
        return _own(record)
    if any(each.is_self for each in record):
        return OWN_RECORD
    if any(each.barred for each in record):
        return BARRED
    ties = [tie for each in record for tie in each.ties if need in tie.needs]
    if need is Need.SHARED:
        return _strongest(tie for tie in ties if _shares(tie, part)) or NOT_SHARED
    return _strongest(tie for tie in ties if tie.opens_all) or NO_RELATION


def _own(record: Collection[CitizenFacts]) -> Decision:
    # What several people share is nobody's own: their own pages show their own part.
    if len(record) != 1:
        return NOT_YOURS
    (citizen,) = record
    if not (citizen.own_account or citizen.guardian_sees):
        return NOT_YOURS
    if citizen.dead:
        return CLOSED
    return Decision(True, "own:self" if citizen.own_account else "own:guardian")


def _shares(tie: Tie, part: str | None) -> bool:
    if tie.basis != "consent":
        return False
    return tie.opens_all or (bool(tie.parts) if part is None else part in tie.parts)


#: Which relation is named in the log when several open the same record.
STRENGTH = {"service": 0, "consent": 1, "emergency": 2}


def _strongest(ties: Iterable[Tie]) -> Decision | None:
    """Service before consent before emergency; one's own before a team's."""
    tie = min(ties, key=lambda each: (STRENGTH[each.basis], not each.own), default=None)
    if tie is None:
        return None
    return Decision(True, f"{tie.basis}:{'own' if tie.own else 'team'}")


#: How long emergency access lasts.
EMERGENCY_LASTS = timedelta(minutes=60)


def emergency_in_use(facts: CitizenFacts) -> Tie | None:
    """The emergency access that alone opens this record, if it does."""
    if facts.is_self or facts.barred:
        return None
    ties = [tie for tie in facts.ties if tie.opens_all and Need.CARE in tie.needs]
    return ties[0] if ties and all(tie.basis == "emergency" for tie in ties) else None


#: Ages of pasient- og brukerrettighetsloven §§ 3-4 and 4-3.
HEARD = 12
MAJORITY_IN_HEALTH = 16


def age_on(born: date | None, day: date) -> int | None:
    """Age in whole years; None where the birth date is not known."""
    if born is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@dataclass(frozen=True)
class GuardianRights:
    """What a parent or guardian may do, and why in the words of the law."""

    sees: bool
    decides: bool
    reason: str


def guardian_rights(kind: str, *, age: int | None, withheld: bool, covers_health: bool) -> GuardianRights:
    """What the law gives a parent or guardian at the citizen's age in whole years.

    Pasient- og brukerrettighetsloven: from 16 a person decides about their own health (§ 4-3) and parents are not
    told; from 12 to 15 parents are not told what the child does not want told for reasons that should be respected
    (§ 3-4) and still decide (§ 4-4); under 12 they are told and decide. A guardian (verge, vergemålsloven)
    sees what the mandate covers, at any age. An age that is not known gives a parent nothing: nobody is let in by a
    gap in what we know.
    """
    if kind == "guardian":
        return GuardianRights(
            covers_health, covers_health, "mandate" if covers_health else "no mandate for health"
        )
    if age is None:
        return GuardianRights(sees=False, decides=False, reason="age not known")
    if age >= MAJORITY_IN_HEALTH:
        return GuardianRights(sees=False, decides=False, reason="16 or older")
    if age >= HEARD and withheld:
        return GuardianRights(sees=False, decides=True, reason="the child does not want it told")
    return GuardianRights(sees=True, decides=True, reason="parent of a child under 16")
