"""Reading the library. Every function takes the viewer; None is somebody who has not signed in."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from medvirk.library.logic import in_force, words_of
from medvirk.library.models import Audience, Document, Version
from medvirk.people.access import Permission, Viewer
from medvirk.people.logic.units import units_above
from medvirk.people.models import Unit
from medvirk.people.queries.units import scope_of
from medvirk.ui.languages import NAMES, choose_language, current_language, name_of


def readable(viewer: Viewer | None) -> QuerySet[Document]:
    """What the viewer may read and is in use today. At most one query beside its own."""
    holds = Version.objects.filter(document=OuterRef("pk"), valid_from__lte=_today(viewer))
    return Document.objects.filter(_for(viewer), Exists(holds), retired_at__isnull=True)


def editable(viewer: Viewer | None) -> QuerySet[Document]:
    """What the viewer looks after, also what is retired or not in force yet."""
    if viewer is None or Permission.EDIT_LIBRARY not in viewer.permissions:
        return Document.objects.none()
    return Document.objects.filter(unit__in=scope_of(viewer, Permission.EDIT_LIBRARY))


def _for(viewer: Viewer | None) -> Q:
    """Those whom the viewer belongs to: of a unit they work in or under, if it is for that unit alone."""
    if viewer is None or Permission.READ_LIBRARY not in viewer.permissions:
        return Q(audience=Audience.EVERYBODY)
    parents = Unit.objects.parents_on(viewer.today)
    mine = viewer.units_with(Permission.READ_LIBRARY)
    above = {each for unit in mine for each in units_above(parents, unit)}
    return ~Q(audience=Audience.UNIT) | Q(unit__in=above)


def _today(viewer: Viewer | None) -> date:
    return timezone.localdate() if viewer is None else viewer.today


def _all_versions(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Version]]:
    """Versions without text and file, by document. One query."""
    held: dict[uuid.UUID, list[Version]] = {}
    # The text is left out too: a list needs none of it.
    for each in Version.objects.defer("content", "body", "searched").filter(document__in=ids):
        held.setdefault(each.document_id, []).append(each)
    return held


@dataclass(frozen=True)
class Line:
    """A document as it stands in a list. `version`: the one that holds, nearest to the reader's language; where none
    holds yet, the first that will. `languages`: all it can be read in."""

    document: Document
    version: Version
    languages: tuple[str, ...]
    holds: bool


def _line(document: Document, versions: Iterable[Version], language: str, today: date) -> Line:
    versions = list(versions)
    held: Mapping[str, Version] = in_force(versions, today)
    # What is planned is shown to those who look after it, while nothing holds.
    shown = held or in_force(versions, date.max)
    # In the order of the names: nobody is shown Arabic for want of Polish where there is Bokmål.
    languages = tuple(code for code in NAMES if code in shown)
    chosen = choose_language(language, languages)
    assert chosen is not None, "a document has a version from the start"
    return Line(document, shown[chosen], languages, bool(held))


def shelf(
    viewer: Viewer | None, *, language: str, words: str = "", kind: str = "", retired: bool = False
) -> list[Line]:
    """What the viewer finds, by title. All of `words` stand in the title, the text or the tags, in whatever language
    the document has. `retired`: instead what is no longer in use, for those who look after it. Few queries, however
    many documents."""
    mine = editable(viewer).values("pk")
    if retired:
        found = Document.objects.filter(pk__in=mine, retired_at__isnull=False)
    else:
        found = Document.objects.filter(
            Q(pk__in=readable(viewer).values("pk")) | Q(pk__in=mine), retired_at__isnull=True
        )
    if kind:
        found = found.filter(kind=kind)
    documents = {each.pk: each for each in found.select_related("unit")}
    versions = _all_versions(documents)
    if wanted := words_of(words):
        versions = _with_words(viewer, documents, versions, wanted)
    lines = [_line(documents[pk], each, language, _today(viewer)) for pk, each in versions.items()]
    return sorted(lines, key=lambda each: (each.version.title.casefold(), str(each.document.pk)))


def _with_words(
    viewer: Viewer | None,
    documents: Mapping[uuid.UUID, Document],
    versions: Mapping[uuid.UUID, list[Version]],
    words: list[str],
) -> dict[uuid.UUID, list[Version]]:
    """Those of which a version that holds has all the words: what an old version said is not found. One query."""
    matching = Version.objects.filter(document__in=documents)
    for word in words:
        matching = matching.filter(Q(searched__contains=word) | Q(document__tags__contains=word))
    keys = set(matching.values_list("pk", flat=True))
    today = _today(viewer)
    found = {}
    for pk, each in versions.items():
        shown = in_force(each, today) or in_force(each, date.max)
        if any(version.pk in keys for version in shown.values()):
            found[pk] = each
    return found


@dataclass(frozen=True)
class Reading:
    """A document as somebody has opened it. `newest`: what holds in this language instead, if that is another;
    `planned`: it is not in force yet. `languages`: where else it can be read, (code, name)."""

    document: Document
    version: Version
    newest: Version | None
    planned: bool
    languages: tuple[tuple[str, str], ...]
    may_edit: bool


def opened(
    viewer: Viewer | None, document_id: uuid.UUID, *, language: str, version_id: uuid.UUID | None = None
) -> Reading | None:
    """What holds, nearest to `language`; or the version asked for. None: there is nothing for this viewer."""
    may_edit = editable(viewer).filter(pk=document_id).exists()
    visible = Document.objects.all() if may_edit else readable(viewer)
    document = visible.select_related("unit").filter(pk=document_id).first()
    if document is None:
        return None
    today = _today(viewer)
    versions = [
        each for each in Version.objects.filter(document=document) if may_edit or each.valid_from <= today
    ]
    line = _line(document, versions, language, today)
    version = line.version
    if version_id is not None:
        asked = next((each for each in versions if each.pk == version_id), None)
        if asked is None:
            return None
        version = asked
    holding = in_force(versions, today).get(version.language)
    return Reading(
        document=document,
        version=version,
        newest=holding if holding is not None and holding.pk != version.pk else None,
        planned=version.valid_from > today,
        languages=tuple((code, name_of(code)) for code in line.languages if code != version.language),
        may_edit=may_edit,
    )


@dataclass(frozen=True)
class Past:
    """A version in the history. `who` is for staff alone."""

    version: Version
    holds: bool
    planned: bool
    who: str


def history(viewer: Viewer | None, document_id: uuid.UUID) -> list[Past]:
    """Every version that the viewer may read, the newest first. Empty: there is no such document for them."""
    may_edit = editable(viewer).filter(pk=document_id).exists()
    if not (may_edit or readable(viewer).filter(pk=document_id).exists()):
        return []
    today = _today(viewer)
    found = (
        Version.objects.defer("content", "body", "searched")
        .filter(document=document_id)
        .select_related("made_by__person")
        .order_by("-valid_from", "-made_at", "language")
    )
    versions = [each for each in found if may_edit or each.valid_from <= today]
    holding = {each.pk for each in in_force(versions, today).values()}
    told = viewer is not None and Permission.READ_LIBRARY in viewer.permissions
    return [
        Past(
            each,
            each.pk in holding,
            each.valid_from > today,
            each.made_by.person.name if told and each.made_by is not None else "",
        )
        for each in versions
    ]


def file_of(version: Version) -> bytes:
    """The file of a version that `opened` gave. One query."""
    held = Version.objects.values_list("content", flat=True).get(pk=version.pk)
    return bytes(held or b"")


@dataclass(frozen=True)
class Link:
    """What other rooms show of a document: title, where it is, and the language it is really in."""

    document_id: uuid.UUID
    title: str
    address: str
    language: str


def links(viewer: Viewer | None, documents: Iterable[uuid.UUID] | None = None) -> dict[uuid.UUID, Link]:
    """Links to these documents, or to all, by document; what the viewer may not read is left out. Three queries."""
    found = readable(viewer)
    if documents is not None:
        found = found.filter(pk__in=list(documents))
    held = {each.pk: each for each in found}
    today, language = _today(viewer), current_language()
    lines = [_line(held[pk], each, language, today) for pk, each in _all_versions(held).items()]
    return {
        line.document.pk: Link(
            line.document.pk,
            line.version.title,
            reverse("library:document", args=[line.document.pk]),
            line.version.language,
        )
        for line in sorted(lines, key=lambda each: each.version.title.casefold())
    }


def link_to(document: Document, viewer: Viewer | None) -> Link | None:
    """The link to one document; None where the viewer may not read it or it is no longer in use."""
    return links(viewer, [document.pk]).get(document.pk)


def choices(viewer: Viewer | None) -> list[tuple[uuid.UUID, str]]:
    """(id, title) of all the viewer may read, by title, for a select."""
    return [(each.document_id, each.title) for each in links(viewer).values()]
