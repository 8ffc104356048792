"""The library: the shelf, a document, its versions, and writing."""

from __future__ import annotations

import uuid
from io import BytesIO

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from medvirk.library import actions, queries
from medvirk.library.forms import AboutForm, NewDocumentForm, SearchForm, VersionForm
from medvirk.library.logic import BY_ENDING, MOST_BYTES
from medvirk.library.models import Audience, Document, Kind
from medvirk.people.access import Permission, Viewer, for_everyone, needs
from medvirk.people.queries.units import units_in_scope
from medvirk.people.views.steps import attempt, posted
from medvirk.ui.languages import current_language
from medvirk.ui.uploads import takes_file

ON_A_PAGE = 25


@for_everyone
@require_GET
def shelf(request: HttpRequest) -> HttpResponse:
    """What there is to read, found by words and kind."""
    viewer = _viewer(request)
    may_edit = viewer is not None and Permission.EDIT_LIBRARY in viewer.permissions
    retired = may_edit and request.GET.get("show") == "retired"
    form = SearchForm(request.GET or None)
    wanted = form.cleaned_data if form.is_valid() else {}
    lines = queries.shelf(viewer, language=current_language(), retired=retired, **wanted)
    page = Paginator(lines, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "library/shelf.html", {
        "form": form, "page": page, "wanted": wanted, "searched": any(wanted.values()), "retired": retired,
        "may_edit": may_edit, "asked": _kept(request), "everybody": Audience.EVERYBODY,
    })  # fmt: skip


def _viewer(request: HttpRequest) -> Viewer | None:
    """None for somebody who has not signed in, for whom the request holds something that is only empty."""
    return request.viewer or None


def _kept(request: HttpRequest) -> str:
    """What was asked for, to go on to the next page with."""
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()


@for_everyone
@require_GET
def document(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """What holds today, nearest to the reader's language or to `?language=`."""
    return _read(request, document_id, request.GET.get("language") or current_language(), None)


@for_everyone
@require_GET
def version(request: HttpRequest, document_id: uuid.UUID, version_id: uuid.UUID) -> HttpResponse:
    """One version, with a word on it if it is not the one that holds."""
    return _read(request, document_id, current_language(), version_id)


def _read(
    request: HttpRequest, document_id: uuid.UUID, language: str, version_id: uuid.UUID | None
) -> HttpResponse:
    reading = _reading_or_404(request, document_id, language, version_id)
    return render(request, "library/document.html", {
        "reading": reading, "document": reading.document, "version": reading.version,
        "file": BY_ENDING.get(reading.version.file_type), "wanted_language": language,
        "by_language": version_id is None,
    })  # fmt: skip


def _reading_or_404(
    request: HttpRequest, document_id: uuid.UUID, language: str, version_id: uuid.UUID | None
) -> queries.Reading:
    found = queries.opened(_viewer(request), document_id, language=language, version_id=version_id)
    if found is None:
        raise Http404
    return found


@for_everyone
@require_GET
def file(request: HttpRequest, document_id: uuid.UUID, version_id: uuid.UUID) -> FileResponse:
    """The file of a version, to keep: no browser shows it as a page of ours."""
    held = _reading_or_404(request, document_id, current_language(), version_id).version
    if not held.file_type:
        raise Http404
    kind = BY_ENDING[held.file_type]
    return FileResponse(
        BytesIO(queries.file_of(held)),
        as_attachment=True,
        filename=f"{held.title}.{kind.ending}",
        content_type=kind.media_type,
        headers={"X-Content-Type-Options": "nosniff"},
    )


@for_everyone
@require_GET
def versions(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """Every version there has been, the newest first."""
    reading = _reading_or_404(request, document_id, current_language(), None)
    past = queries.history(_viewer(request), document_id)
    return render(request, "library/versions.html", {"reading": reading, "past": past})


@takes_file(most_bytes=MOST_BYTES)
@needs(Permission.EDIT_LIBRARY)
def new(request: HttpRequest) -> HttpResponse:
    """A document with its first version."""
    viewer = request.viewer
    units = units_in_scope(viewer, Permission.EDIT_LIBRARY)
    initial = {
        "kind": Kind.GUIDE, "audience": Audience.STAFF, "language": current_language(),
        "valid_from": viewer.today, "unit": next(iter(viewer.units_with(Permission.EDIT_LIBRARY)), None),
    }  # fmt: skip
    form = NewDocumentForm(posted(request), request.FILES or None, units=units, initial=initial)

    def act() -> Document:
        about = {name: form.cleaned_data[name] for name in ("kind", "audience", "unit", "tags")}
        return actions.add_document(by=viewer, version=form.version(), now=timezone.now(), **about)

    if request.method == "POST" and (made := attempt(form, act)):
        messages.success(request, _("It is in the library."))
        return redirect("library:document", made.pk)
    return render(request, "library/form.html", {
        "form": form, "heading": _("New document"), "button": _("Put it in the library"),
    })  # fmt: skip


@takes_file(most_bytes=MOST_BYTES)
@needs(Permission.EDIT_LIBRARY)
def new_version(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """A new version; what is there is in the form already."""
    viewer = request.viewer
    reading = _editable_or_refused(request, document_id)
    held = reading.version
    initial = {
        "language": request.GET.get("language") or held.language, "title": held.title, "body": held.body,
        "valid_from": viewer.today,
    }  # fmt: skip
    form = VersionForm(posted(request), request.FILES or None, initial=initial)
    if request.method == "POST" and attempt(
        form,
        lambda: actions.add_version(
            by=viewer, document=reading.document, version=form.version(), now=timezone.now()
        ),
    ):
        messages.success(request, _("The new version is in the library. Those before it can still be read."))
        return redirect("library:versions", document_id)
    return render(request, "library/form.html", {
        "form": form, "heading": _("New version"), "button": _("Put it in the library"), "reading": reading,
    })  # fmt: skip


@needs(Permission.EDIT_LIBRARY)
def edit(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """What the document is, whom it is for, who looks after it; and taking it out of use."""
    viewer = request.viewer
    reading = _editable_or_refused(request, document_id)
    held = reading.document
    initial = {name: getattr(held, name) for name in ("kind", "audience", "unit", "tags")}
    form = AboutForm(posted(request), units=units_in_scope(viewer, Permission.EDIT_LIBRARY), initial=initial)
    if request.method == "POST" and attempt(
        form, lambda: actions.change_document(by=viewer, document=held, **form.cleaned_data)
    ):
        messages.success(request, _("Saved."))
        return redirect("library:document", document_id)
    return render(request, "library/form.html", {
        "form": form, "heading": _("About the document"), "button": _("Save"), "reading": reading,
    })  # fmt: skip


@needs(Permission.EDIT_LIBRARY)
@require_POST
def retire(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """Take a document out of use, or into use again with `restore`."""
    held = _editable_or_refused(request, document_id).document
    if "restore" in request.POST:
        actions.restore(by=request.viewer, document=held)
        messages.success(request, _("The document is in use again."))
    else:
        actions.retire(by=request.viewer, document=held, now=timezone.now())
        messages.success(
            request, _("The document is no longer in use. It is kept, and you can take it back.")
        )
    return redirect("library:document", document_id)


def _editable_or_refused(request: HttpRequest, document_id: uuid.UUID) -> queries.Reading:
    """
    Raises:
        Http404: the viewer may not even read it.
        PermissionDenied: it is for others to change.
    """
    language = request.GET.get("language") or current_language()
    reading = _reading_or_404(request, document_id, language, None)
    if not reading.may_edit:
        raise PermissionDenied
    return reading
