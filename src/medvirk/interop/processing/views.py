"""The page on privacy that everybody can read, and the documents for those who answer for it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from medvirk.answers.texts import text_for
from medvirk.interop.processing.facts import gather
from medvirk.interop.processing.files import FORMATS, fill_in
from medvirk.interop.processing.making import DOCUMENTS, make_document, missing
from medvirk.interop.processing.notice import notice
from medvirk.people.access import Permission, for_everyone, needs
from medvirk.ui.languages import current_language


@for_everyone
@require_safe
def notice_page(request: HttpRequest) -> HttpResponse:
    """The municipality's own words, then what holds here in plain ones. Nobody's data."""
    return render(request, "interop/privacy/notice.html", {
        "text": text_for("privacy", current_language()), "sections": notice(gather(timezone.now())),
    })  # fmt: skip


@needs(Permission.MANAGE_RETENTION)
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """The documents, and what is missing here."""
    return render(request, "interop/privacy/documents.html", {
        "documents": [(key, title, about) for key, (_make, title, about) in DOCUMENTS.items()],
        "missing": missing(now=timezone.now()),
    })  # fmt: skip


@needs(Permission.MANAGE_RETENTION)
@require_safe
def document(request: HttpRequest, key: str) -> HttpResponse:
    """One document as a page."""
    if key not in DOCUMENTS:
        raise Http404
    made = make_document(key, now=timezone.now(), language=current_language())
    return render(request, "interop/privacy/document.html", {"document": made, "fill_in": fill_in()})


@needs(Permission.MANAGE_RETENTION)
@require_safe
def document_file(request: HttpRequest, key: str, kind: str) -> HttpResponse:  # noqa: ARG001
    """One document as a file, in the language of the page."""
    if key not in DOCUMENTS or kind not in FORMATS:
        raise Http404
    now = timezone.now()
    make, content_type = FORMATS[kind]
    content = make(make_document(key, now=now, language=current_language()))
    name = f"{key}-{timezone.localdate(now).isoformat()}.{kind}"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
