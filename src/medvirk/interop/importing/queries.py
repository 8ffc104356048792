"""What the database knows already about what a table says.

The command line stands outside the roles, so there is no viewer: whoever may run it may read the database.
The number of queries depends on the number of rows only through `AT_ONCE`.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Prefetch, QuerySet

from medvirk.answers.models import Submission
from medvirk.feedback.models import Asking, Episode, EpisodeKind, Participation, Session
from medvirk.interop.importing.keys import person_id
from medvirk.interop.importing.logic import Content
from medvirk.people.identity import name_keys, national_id_keys, sign_in_keys
from medvirk.people.models import Citizen, KeyKind, Person, PersonKey, Relation, Staff, Unit

Value = TypeVar("Value", bound=Hashable)
Row = TypeVar("Row", bound=Model)

#: SQLite takes some thousand values in one query at most.
AT_ONCE = 500


@dataclass(frozen=True)
class Known:
    """Rows by what the table knows of them.

    units: by name. staff: by key of the sign-in name. persons: by id. numbered: by key of the national
    identity number. alike: citizens' persons by key of the name. citizens: by person. episodes: those of one
    person, by citizen. sessions: by episode. submissions: by occasion. relations: by citizen.
    """

    units: Mapping[str, Sequence[Unit]]
    staff: Mapping[str, Staff]
    persons: Mapping[uuid.UUID, Person]
    numbered: Mapping[str, Person]
    alike: Mapping[str, Sequence[Person]]
    citizens: Mapping[uuid.UUID, Citizen]
    episodes: Mapping[uuid.UUID, Sequence[Episode]]
    sessions: Mapping[uuid.UUID, Sequence[Session]]
    submissions: Mapping[uuid.UUID, Submission]
    relations: Mapping[uuid.UUID, Sequence[Relation]]


def known(content: Content, *, source: str) -> Known:
    """Everything that the people and places of a table may meet."""
    # Whoever was registered twice is found under either record, and is the kept one.
    rows = _in(Person.objects.select_related("merged_into"), "pk", _ids(content, source))
    persons = {row.pk: row.merged_into or row for row in rows}
    numbers = _newest(national_id_keys(n) for person in content.people if (n := person.details.national_id))
    numbered = {
        numbers[key.digest]: key.person.merged_into or key.person
        for key in _keys(KeyKind.NATIONAL_ID, numbers)
    }
    reached = {*(person.pk for person in persons.values()), *(person.pk for person in numbered.values())}
    citizens = {row.person_id: row for row in _in(Citizen.objects.all(), "person", reached)}
    held = {row.pk for row in citizens.values()}
    episodes = _episodes(held)
    sessions = list(_in(_sessions(), "episode", {row.pk for _, row in episodes}))
    occasions = {asked.occasion_id for row in sessions for asked in row.askings.all()}
    answered = Submission.objects.prefetch_related("answers__scores")
    return Known(
        units=_grouped((unit.name, unit) for unit in Unit.objects.order_by("name", "valid_from")),
        staff=_staff(content),
        persons=persons,
        numbered=numbered,
        alike=_alike(content),
        citizens=citizens,
        episodes=_grouped(episodes),
        sessions=_grouped((row.episode_id, row) for row in sessions),
        submissions={row.occasion_id: row for row in _in(answered, "occasion", occasions)},
        relations=_grouped((row.citizen_id, row) for row in _in(Relation.objects.all(), "citizen", held)),
    )


def _ids(content: Content, source: str) -> set[uuid.UUID]:
    return {person_id(source, person.ref) for person in content.people}


def _newest(every_key: Iterable[list[str]]) -> dict[str, str]:
    """From each hash of something, also those under older search keys, to its hash under the newest."""
    return {digest: digests[0] for digests in every_key for digest in digests}


def _keys(kind: KeyKind, digests: Iterable[str]) -> Iterator[PersonKey]:
    rows = PersonKey.objects.filter(kind=kind).select_related("person__merged_into")
    return _in(rows, "digest", set(digests))


def _alike(content: Content) -> dict[str, list[Person]]:
    names = _newest(name_keys(each.details.given_name, each.details.family_name) for each in content.people)
    rows = PersonKey.objects.filter(
        kind=KeyKind.NAME, person__citizen__isnull=False, person__merged_into=None
    )
    found = _in(rows.select_related("person"), "digest", names)
    return _grouped((names[key.digest], key.person) for key in found)


def _staff(content: Content) -> dict[str, Staff]:
    logins = _newest(sign_in_keys(place.worker) for place in content.places if place.worker)
    rows = Staff.objects.select_related("user")
    return {logins[row.user.login_hash]: row for row in _in(rows, "user__login_hash", logins) if row.user}


def _sessions() -> QuerySet[Session]:
    return Session.objects.prefetch_related(Prefetch("askings", Asking.objects.select_related("occasion")))


def _episodes(citizens: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, Episode]]:
    alone = Participation.objects.filter(episode__kind=EpisodeKind.INDIVIDUAL).select_related("episode")
    return [(row.citizen_id, row.episode) for row in _in(alone, "citizen", citizens)]


def _in(rows: QuerySet[Row], field: str, values: Collection[Any]) -> Iterator[Row]:
    """Rows whose field is one of the values, a bounded number of values at a time."""
    chosen = sorted(values)
    for start in range(0, len(chosen), AT_ONCE):
        yield from rows.filter(**{f"{field}__in": chosen[start : start + AT_ONCE]})


def _grouped(pairs: Iterable[tuple[Value, Row]]) -> dict[Value, list[Row]]:
    groups: defaultdict[Value, list[Row]] = defaultdict(list)
    for key, row in pairs:
        groups[key].append(row)
    return dict(groups)
