"""What is due, worked out anew each time it is asked for; nothing is changed here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, can
from medvirk.people.keeping import partings, tidyings
from medvirk.people.logic.retention import RULES, Means, PlanLine, RetentionRule, cutoff, months_of
from medvirk.people.models import Citizen, Erasure, RetentionPeriod, RetentionRun

#: Citizens whose last entries are looked up in one go.
BATCH = 500


@dataclass(frozen=True)
class DueLine:
    """One kind of rows, or the records of citizens, and how many of them are due."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class RuleReport:
    """A class of tables: the rule, the months in force, and what is due by it on the day of the report."""

    rule: RetentionRule
    months: int | None
    own: bool
    due: tuple[DueLine, ...]


def months_in_force() -> dict[str, int | None]:
    """Months by class. One query."""
    own = dict(RetentionPeriod.objects.values_list("rule", "months"))
    return {key: months_of(rule, own.get(key)) for key, rule in RULES.items()}


def retention_report(viewer: Viewer | None, today: date) -> list[RuleReport]:
    """Every class with what is due today; counts only, nobody is named. `viewer` of None is the command line."""
    if viewer is not None and Permission.MANAGE_RETENTION not in viewer.permissions:
        return []
    own = set(RetentionPeriod.objects.values_list("rule", flat=True))
    months = months_in_force()
    return [
        RuleReport(rule, months[key], key in own, tuple(_due_lines(key, months[key], today)))
        for key, rule in RULES.items()
    ]


def _due_lines(rule: str, months: int | None, today: date) -> Iterator[DueLine]:
    if months is None:
        return
    before = cutoff(months, today)
    if rule == "journal":
        yield DueLine("people.citizens", _("citizens"), sum(1 for _each in citizens_due(before)))
    for tidying in tidyings():
        if tidying.retention == rule:
            yield DueLine(tidying.key, str(tidying.label), tidying.due(before).count())


def citizens_due(before: date, *, only: uuid.UUID | None = None) -> Iterator[uuid.UUID]:
    """Citizens whose last entry in any room was before the day, and about whose erasure nothing is being decided.

    only: ask about this citizen alone.
    """
    waiting = Erasure.objects.filter(done_at__isnull=True, declined_at__isnull=True).values("citizen_id")
    asked = Citizen.objects.all() if only is None else Citizen.objects.filter(pk=only)
    ids = list(
        # What was merged into somebody goes with them.
        asked.filter(erased_at__isnull=True, registered_at__date__lt=before, person__merged_into__isnull=True)
        .exclude(pk__in=waiting)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        last: dict[uuid.UUID, date] = {}
        for parting in partings():
            for citizen, day in parting.last_entries(batch).items():
                last[citizen] = max(day, last.get(citizen, day))
        yield from (each for each in batch if last.get(each, date.min) < before)


def runs(viewer: Viewer) -> QuerySet[RetentionRun]:
    """Reports that were made, the newest first."""
    if Permission.MANAGE_RETENTION not in viewer.permissions:
        return RetentionRun.objects.none()
    return RetentionRun.objects.select_related("made_by__person", "approved_by__person")


def erasures_to_decide(viewer: Viewer) -> QuerySet[Erasure]:
    """Erasures that somebody proposed; for those who approve them. They name nobody."""
    if Permission.MANAGE_RETENTION not in viewer.permissions:
        return Erasure.objects.none()
    return Erasure.objects.filter(approved_at__isnull=True, declined_at__isnull=True).select_related(
        "proposed_by__person"
    )


def erasure_plan(viewer: Viewer | None, citizen: Citizen) -> list[PlanLine]:
    """What would happen to each kind of rows of this citizen; empty for who may not open the record."""
    if viewer is not None and not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return []
    return [line for parting in reversed(partings()) for line in parting.plan(citizen) if line.count]


def totals(lines: list[PlanLine]) -> Mapping[str, int]:
    """How many rows are deleted, emptied and kept."""
    return {means.value: sum(line.count for line in lines if line.means is means) for means in Means}


def waiting_erasure(citizen: Citizen) -> Erasure | None:
    """The erasure of this citizen that is proposed and not decided."""
    return citizen.erasures.filter(done_at__isnull=True, declined_at__isnull=True).first()
