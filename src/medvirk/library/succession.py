"""How documents follow when units are merged or divided."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import ngettext

from medvirk.library.models import Document, DocumentMove
from medvirk.people.following import UnitRow, UnitRows
from medvirk.people.models import Reorganisation, Unit


def _with_unit_on(day: date) -> QuerySet[Document]:
    """With `unit_then`: who will look after each document on `day`, as far as it is planned."""
    planned = DocumentMove.objects.filter(document=OuterRef("pk"), day__lte=day).order_by("-day", "-pk")
    then = Coalesce(Subquery(planned.values("unit_id")[:1]), "unit_id", output_field=UUIDField())
    return Document.objects.annotate(unit_then=then)


def _running(units: Collection[uuid.UUID], day: date) -> list[UnitRow]:
    """Retired ones too: they may be taken into use again."""
    found = _with_unit_on(day).filter(unit_then__in=list(units)).order_by("pk")
    return [UnitRow(str(key), unit) for key, unit in found.values_list("pk", "unit_then")]


def _move(reorganisation: Reorganisation, targets: Mapping[str, Unit], today: date) -> None:
    DocumentMove.objects.bulk_create(
        DocumentMove(
            document_id=uuid.UUID(key), day=reorganisation.day, unit=unit, reorganisation=reorganisation
        )
        for key, unit in targets.items()
    )
    _show_units_of(today)


def _show_units_of(today: date) -> None:
    for move in DocumentMove.objects.filter(day__lte=today).order_by("day", "pk"):
        document = Document.objects.select_for_update().get(pk=move.document_id)
        document.unit_id = move.unit_id
        document.save()
        move.delete()


def show_todays_units(now: datetime) -> None:
    """Let each document stand in the unit that looks after it today. A duty: nothing is done where nothing is due."""
    with transaction.atomic():
        _show_units_of(timezone.localdate(now))


def _undo(reorganisation: Reorganisation) -> None:
    DocumentMove.objects.filter(reorganisation=reorganisation).delete()


def _count(count: int) -> str:
    return ngettext("%(count)d document in the library", "%(count)d documents in the library", count) % {
        "count": count
    }


DOCUMENTS = UnitRows("library.document", _count, _running, _move, _undo)
