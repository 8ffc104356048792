"""Which registered citizens a number or a name belongs to.

No access is decided here: `queries` and `actions` do that.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q

from medvirk.people.identity import name_keys, national_id_keys, phone_keys
from medvirk.people.models import KeyKind, PersonKey


class MatchedBy(StrEnum):
    """The strongest first."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    NAME_AND_BIRTH_DATE = "name_and_birth_date"
    NAME = "name"


def strongest(matched: frozenset[MatchedBy]) -> MatchedBy:
    """The surest of the ways in which somebody matched."""
    return next(each for each in MatchedBy if each in matched)


@dataclass(frozen=True)
class Criteria:
    """What is searched for, all of it exact. Empty text and None are not searched for."""

    national_id: str = ""
    phone: str = ""
    given_name: str = ""
    family_name: str = ""
    birth_date: date | None = None

    @property
    def has_name(self) -> bool:
        return bool(self.given_name.strip() and self.family_name.strip())

    @property
    def is_empty(self) -> bool:
        return not (self.national_id.strip() or self.phone.strip() or self.has_name)


def matching_citizens(criteria: Criteria) -> dict[uuid.UUID, frozenset[MatchedBy]]:
    """Ids of the citizens that match any of the criteria, and by what. One query for each kind of key.

    A name with a birth date matches those born that day, and, by `NAME` only, those whose birth date is
    not known.
    """
    found: dict[uuid.UUID, set[MatchedBy]] = {}
    for citizen, matched in _matches(criteria):
        found.setdefault(citizen, set()).add(matched)
    return {citizen: frozenset(matched) for citizen, matched in found.items()}


def _matches(criteria: Criteria) -> Iterator[tuple[uuid.UUID, MatchedBy]]:
    if criteria.national_id.strip():
        for key in _keys(KeyKind.NATIONAL_ID, national_id_keys(criteria.national_id)):
            yield _citizen_of(key), MatchedBy.NATIONAL_ID
    if criteria.phone.strip():
        for key in _keys(KeyKind.PHONE, phone_keys(criteria.phone)):
            yield _citizen_of(key), MatchedBy.PHONE
    if criteria.has_name:
        for key in _keys(KeyKind.NAME, name_keys(criteria.given_name, criteria.family_name)):
            born = key.person.birth_date
            if criteria.birth_date is not None and born == criteria.birth_date:
                yield _citizen_of(key), MatchedBy.NAME_AND_BIRTH_DATE
            elif criteria.birth_date is None or born is None:
                yield _citizen_of(key), MatchedBy.NAME


def _citizen_of(key: PersonKey) -> uuid.UUID:
    """Whom a key finds: what a record merged away was known by leads to the kept one."""
    return (key.person.merged_into or key.person).citizen.pk


def _keys(kind: KeyKind, digests: list[str]) -> Iterator[PersonKey]:
    rows = PersonKey.objects.filter(kind=kind, digest__in=digests).filter(
        Q(person__merged_into=None, person__citizen__isnull=False)
        | Q(person__merged_into__citizen__isnull=False)
    )
    return iter(rows.select_related("person__citizen", "person__merged_into__citizen"))
