"""Saying yes and no per purpose, on one's own pages and in the room; and the texts that are asked."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people.access import Permission, may_tell_wish, needs
from medvirk.people.actions.consents import answer_consent, publish_consent_text
from medvirk.people.forms.consents import ConsentTextForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import Citizen, ConsentPurpose
from medvirk.people.queries.consents import (
    answers_over_time,
    current_texts,
    earlier_versions,
    purpose_counts,
    standing_of,
)
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.people.views.steps import attempt, citizen_or_404, posted
from medvirk.ui.languages import current_language


@needs(Permission.FOLLOW_CITIZENS)
def consents(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """What the citizen has agreed to; a worker writes down what is said when both are in the room."""
    held = citizen_or_404(request, citizen_id, "people.consent")
    return _page(request, held, own=False)


@needs(Permission.OWN_PAGES)
def own_consents(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """What I have agreed to."""
    held = own_citizen(request, citizen_id, "people.consent")
    return _page(request, held, own=True)


def _page(request: HttpRequest, held: Citizen, *, own: bool, status: int = 200) -> HttpResponse:
    viewer = request.viewer
    context = {
        "citizen": held,
        "own": own,
        "for_oneself": held.person_id == viewer.own_person_id,
        "decides": may_tell_wish(viewer, held).allowed,
        "standing": standing_of(viewer, held, current_language()),
        "answers": answers_over_time(viewer, held),
    }
    if own:
        return own_page(request, "people/own/consents.html", held, context, key="consents", status=status)
    return render(request, "people/consents.html", context, status=status)


@needs(Permission.FOLLOW_CITIZENS)
@require_POST
def consent_answer(request: HttpRequest, citizen_id: uuid.UUID, purpose: str) -> HttpResponse:
    held = citizen_or_404(request, citizen_id, "people.consent")
    return _answer(request, held, purpose, own=False)


@needs(Permission.OWN_PAGES)
@require_POST
def own_consent_answer(request: HttpRequest, citizen_id: uuid.UUID, purpose: str) -> HttpResponse:
    return _answer(request, own_citizen(request, citizen_id, "people.consent"), purpose, own=True)


def _answer(request: HttpRequest, held: Citizen, purpose: str, *, own: bool) -> HttpResponse:
    if purpose not in ConsentPurpose.values:
        raise Http404
    version = request.POST.get("version", "")
    if request.POST.get("yes") not in {"1", "0"}:
        messages.error(request, _("Choose yes or no."))
        return _page(request, held, own=own, status=422)
    try:
        given = answer_consent(
            by=request.viewer,
            citizen=held,
            purpose=purpose,
            yes=request.POST["yes"] == "1",
            # What is no number is no version that there is; the action says what to do.
            version=int(version) if version.isascii() and version.isdecimal() else 0,
            language=request.POST.get("language", ""),
        )
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
        return _page(request, held, own=own, status=422)
    except PermissionDenied:
        raise Http404 from None
    messages.success(
        request,
        _("Noted: yes. It can be taken back at any time, here.")
        if given.yes
        else _("Noted: no. It holds from now."),
    )
    return redirect("people:own_consents" if own else "people:consents", held.pk)


@needs(Permission.EDIT_TEXTS)
def consent_texts(request: HttpRequest) -> HttpResponse:
    """What people are asked to agree to, and how many have answered what."""
    return render(request, "people/consent_texts.html", {"counts": purpose_counts(request.viewer)})


@needs(Permission.EDIT_TEXTS)
def consent_text(request: HttpRequest, purpose: str) -> HttpResponse:
    """Write and publish a new version of one of them."""
    if purpose not in ConsentPurpose.values:
        raise Http404
    current = current_texts()[purpose]
    form = ConsentTextForm(posted(request), text=current)
    if request.method == "POST" and attempt(
        form,
        lambda: publish_consent_text(
            by=request.viewer,
            purpose=purpose,
            body=form.body(),
            asks_again=form.cleaned_data["asks_again"],
            now=timezone.now(),
        ),
    ):
        messages.success(request, _("Published. It is what people are asked from now on."))
        return redirect("people:consent_texts")
    language, wording = current.in_language(current_language())
    return render(request, "people/consent_text.html", {
        "form": form, "label": ConsentPurpose(purpose).label, "current": current, "language": language,
        "wording": wording, "earlier": earlier_versions(request.viewer, purpose),
    })  # fmt: skip
