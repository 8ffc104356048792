"""Writing the library: one function per verb. `by` is the viewer; None is the command line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from medvirk.library.logic import NewVersion, checked, in_force, tags_of, words_of
from medvirk.library.models import Audience, Document, Kind, Version
from medvirk.people.access import Permission, Viewer
from medvirk.people.actions.checks import require_scope, today_of
from medvirk.people.logic import RefusedError
from medvirk.people.models import Unit


@transaction.atomic
def add_document(
    *,
    by: Viewer | None,
    kind: Kind | str,
    audience: Audience | str,
    unit: Unit,
    tags: str,
    version: NewVersion,
    now: datetime,
) -> Document:
    """Put a document on the shelf, with its first version.

    Raises:
        RefusedError: something is wrong with the version; every fault at once.
        PermissionDenied: the unit is not one for which they write.
    """
    require_scope(by, Permission.EDIT_LIBRARY, {unit.pk})
    document = Document.objects.create(
        kind=Kind(kind), audience=Audience(audience), unit=unit, tags=tags_of(tags), created_at=now
    )
    _add(by, document, version, now)
    return document


@transaction.atomic
def add_version(*, by: Viewer | None, document: Document, version: NewVersion, now: datetime) -> Version:
    """Add a version in one language. Those before it stay readable.

    Raises:
        RefusedError: something is wrong with it, or the document is retired.
        PermissionDenied: the document is not one they look after.
    """
    held = _locked(by, document)
    if held.retired_at is not None:
        raise RefusedError([_("The document is no longer in use. Take it into use again first.")])
    return _add(by, held, version, now)


def _add(by: Viewer | None, document: Document, new: NewVersion, now: datetime) -> Version:
    others = list(document.versions.filter(language=new.language))
    cleaned, kind = checked(new, before=in_force(others, today_of(by)).get(new.language))
    return Version.objects.create(
        document=document,
        language=cleaned.language,
        number=1 + max((each.number for each in others), default=0),
        title=cleaned.title,
        body=cleaned.body,
        file_type=kind.ending if kind else "",
        file_size=len(cleaned.content) if kind and cleaned.content else 0,
        content=cleaned.content if kind else None,
        searched=" ".join(words_of(f"{cleaned.title} {cleaned.body}")),
        note=cleaned.note,
        valid_from=cleaned.valid_from,
        made_at=now,
        made_by_id=by.staff_id if by else None,
    )


@transaction.atomic
def change_document(
    *,
    by: Viewer | None,
    document: Document,
    kind: Kind | str,
    audience: Audience | str,
    unit: Unit,
    tags: str,
) -> Document:
    """Say anew what the document is, whom it is for and who looks after it. What it says is not touched.

    Raises:
        PermissionDenied: the document, or the unit it goes to, is not theirs.
    """
    held = _locked(by, document)
    require_scope(by, Permission.EDIT_LIBRARY, {unit.pk})
    if held.unit_id != unit.pk:
        # Where it was to go on the day of a merger concerned the unit it had.
        held.moves.all().delete()
    held.kind, held.audience, held.unit, held.tags = Kind(kind), Audience(audience), unit, tags_of(tags)
    held.save()
    return held


@transaction.atomic
def retire(*, by: Viewer | None, document: Document, now: datetime) -> None:
    """Take it off the shelf. Nothing is deleted.

    Raises:
        PermissionDenied: the document is not one they look after.
    """
    held = _locked(by, document)
    if held.retired_at is None:
        held.retired_at = now
        held.save()


@transaction.atomic
def restore(*, by: Viewer | None, document: Document) -> None:
    """Put it back on the shelf.

    Raises:
        PermissionDenied: the document is not one they look after.
    """
    held = _locked(by, document)
    if held.retired_at is not None:
        held.retired_at = None
        held.save()


def _locked(by: Viewer | None, document: Document) -> Document:
    held = Document.objects.select_for_update().get(pk=document.pk)
    require_scope(by, Permission.EDIT_LIBRARY, {held.unit_id})
    return held
