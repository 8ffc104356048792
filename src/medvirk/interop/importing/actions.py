"""Importing a table: everything in it or nothing, and never anything twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from medvirk.answers.models import Answer, Ask, Occasion, Score, Submission
from medvirk.feedback.actions import OWN_MEETING, OWN_OUTCOME
from medvirk.feedback.models import Asking, Episode, Participation, Session
from medvirk.instruments.loader import catalogue
from medvirk.interop.importing.columns import Columns, settle_columns
from medvirk.interop.importing.courses import Frame
from medvirk.interop.importing.logic import Asked, Content, content_of
from medvirk.interop.importing.matching import Matcher
from medvirk.interop.importing.outcome import Matched
from medvirk.interop.importing.places import find_places
from medvirk.interop.importing.queries import known
from medvirk.interop.importing.reading import read_rows
from medvirk.people.models import AccessEvent, Citizen, Person, PersonKey, Relation
from medvirk.tables import Fault, Table, TableFaults

Progress = Callable[[int, int], None]

#: Each after those it points to.
WRITTEN_IN_ORDER: Final[tuple[type[Model], ...]] = (
    Person, PersonKey, Citizen, Relation, Episode, Participation, Occasion, Ask, Session, Asking, Submission,
    Answer, Score, AccessEvent,
)  # fmt: skip
WITH_HISTORY: Final = (Person, Relation, Episode, Session)
AT_ONCE: Final = 500


@dataclass(frozen=True)
class Request:
    """How a table is to be read.

    source: whose references it uses; the same references under another source are other people.
    instrument, meeting_instrument: `key` or `key@version` for rows that name none; "" for none.
    """

    source: str = "import"
    instrument: str = ""
    meeting_instrument: str = ""


@dataclass(frozen=True)
class Checked:
    """A table without faults, against the database as it is now. unused: headings that mean nothing here."""

    rows: int
    unused: tuple[str, ...]
    matched: Matched


def check_import(*, table: Table, request: Request, now: datetime) -> Checked:
    """What importing the table would do. Nothing is written.

    Raises TableFaults with every fault in the table, and everything in it that does not fit with what is
    registered.
    """
    columns, content = _read(table, request, now)
    return _checked(table, columns, content, request, now)


def commit_import(
    *, table: Table, request: Request, now: datetime, progress: Progress = lambda _done, _of: None
) -> Checked:
    """Import the table in one transaction; the same table again changes nothing.

    progress: told how many rows of the database are written, and of how many.
    Raises TableFaults as `check_import`; django.db.IntegrityError when somebody registered the
    same meanwhile. Whatever is raised, nothing is written.
    """
    columns, content = _read(table, request, now)
    with transaction.atomic():
        checked = _checked(table, columns, content, request, now)
        _write(checked.matched, reason=f"import {request.source}", now=now, progress=progress)
    return checked


def _read(table: Table, request: Request, now: datetime) -> tuple[Columns, Content]:
    columns = settle_columns(table.columns)
    rows, faults = read_rows(table, columns)
    asked = Asked(request.instrument, request.meeting_instrument, OWN_OUTCOME, OWN_MEETING)
    today = timezone.localdate(now)
    content = content_of(rows, columns, catalogue=catalogue(), asked=asked, today=today)
    return columns, Content(content.people, content.places, (*faults, *content.faults))


def _checked(table: Table, columns: Columns, content: Content, request: Request, now: datetime) -> Checked:
    there = known(content, source=request.source)
    found, faults = find_places(content.places, there, columns)
    matcher = Matcher(Frame(there, found, columns, request.source, _reason(), now))
    for person in content.people:
        matcher.person(person)
    every: list[Fault] = [*content.faults, *faults, *matcher.matched.faults]
    if every:
        raise TableFaults(every)
    return Checked(len(table.rows), columns.unused, matcher.matched)


def _reason() -> str:
    """Why the relation is there, in the language of the municipality: the citizen can read it."""
    with translation.override(settings.LANGUAGE_CODE):
        return _("Gives you help; moved here from an earlier register")


def _write(matched: Matched, *, reason: str, now: datetime, progress: Progress) -> None:
    total, done = sum(map(len, matched.rows.values())), 0
    # `index` refuses a model that has no place in the order, which would otherwise be left out in silence.
    for model in sorted(matched.rows, key=WRITTEN_IN_ORDER.index):
        rows = matched.rows[model]
        for start in range(0, len(rows), AT_ONCE):
            batch = rows[start : start + AT_ONCE]
            _create(model, batch, reason=reason, now=now)
            done += len(batch)
            progress(done, total)


def _create(model: type[Any], batch: list[Model], *, reason: str, now: datetime) -> None:
    if model in WITH_HISTORY:
        bulk_create_with_history(batch, model, default_change_reason=reason, default_date=now)
    else:
        model._default_manager.bulk_create(batch)  # noqa: SLF001 - Django's documented name
