"""One person registered twice: found, compared, put together, taken apart."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people.access import Permission, log_listing, needs
from medvirk.people.actions.merging import (
    CHOOSABLE,
    agree_to_merge,
    later_merges,
    merge_persons,
    undo_merge,
)
from medvirk.people.actions.suspecting import (
    decline_putting_together,
    propose_merge,
    propose_putting_together,
    say_different,
)
from medvirk.people.forms.over_time import DETAIL_LABELS, ProposeMergeForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import AccessAction, Citizen, Person
from medvirk.people.queries import merging
from medvirk.people.views.steps import attempt, citizen_or_404, posted

#: Shown as *the same* or *different* only, where the address of one of them is protected.
CONTACT = {"phone", "email"}


@needs(Permission.MERGE_PERSONS)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one person, and what has been put together."""
    viewer = request.viewer
    found = merging.candidates(viewer)
    held = list(merging.merges(viewer)[:50])
    shown = [pk for pair in found for pk in (pair.first_id, pair.second_id)]
    shown += [pk for merge in held for pk in (merge.kept_id, merge.duplicate_id)]
    citizens = Citizen.objects.filter(person__in=shown).values_list("pk", flat=True)
    log_listing(viewer, citizens, "people.merge", basis="twice")
    return render(request, "people/over_time/duplicates.html", {
        "pairs": found, "merges": held, "here": merging.merges_here(viewer),
    })  # fmt: skip


@needs(Permission.MERGE_PERSONS)
def merge(request: HttpRequest, first_id: uuid.UUID, second_id: uuid.UUID) -> HttpResponse:
    """Two records side by side; the one in front is kept. One proposes here, another agrees here."""
    viewer = request.viewer
    pair = merging.pair_to_merge(viewer, first_id, second_id)
    if pair is None:
        raise Http404
    kept, duplicate = pair
    refused: list[str] = []
    if request.method == "POST":
        try:
            return redirect(*_decide(request, kept, duplicate))
        except RefusedError as fault:
            refused = fault.sentences
    proposal = merging.proposed_merge(viewer, kept.pk, duplicate.pk)
    if proposal is not None and proposal.kept_id != kept.pk:
        kept, duplicate = duplicate, kept
    _log_pair(request, kept, duplicate)
    return render(request, "people/over_time/merge_persons.html", {
        "kept": kept, "duplicate": duplicate, "refused": refused,
        "details": _compared(kept, duplicate), "proposal": proposal,
        "own_proposal": proposal is not None and proposal.merge_proposed_by_id == viewer.staff_id,
        "alone": proposal is None and not merging.others_who_merge(viewer).exists(),
        "counts": merging.counted(viewer, kept, duplicate),
        "gains": merging.gains(viewer, kept, duplicate),
        "losses": merging.losses(viewer, kept, duplicate),
    })  # fmt: skip


def _decide(request: HttpRequest, kept: Person, duplicate: Person) -> tuple[Any, ...]:
    """Propose, agree, decline, or do it where there is no other to ask; gives where to go then.

    Raises:
        RefusedError: it cannot be done, or what was proposed is decided already.
    """
    viewer, sent = request.viewer, request.POST
    if {"agree", "decline"} & sent.keys():
        proposal = merging.proposed_merge(viewer, kept.pk, duplicate.pk)
        if proposal is None:
            raise RefusedError([_("This is decided already.")])
        if "decline" in sent:
            decline_putting_together(by=viewer, suspicion=proposal)
            messages.success(
                request, _("The two records stay apart. Whether they are one person is still open.")
            )
            return ("people:duplicates",)
        made = agree_to_merge(by=viewer, suspicion=proposal)
    else:
        take = [name for name in CHOOSABLE if sent.get(name) == "other"]
        if merging.others_who_merge(viewer).exists():
            propose_putting_together(by=viewer, kept=kept, duplicate=duplicate, take=take)
            messages.success(
                request, _("Proposed. Another administrator has to agree before anything is changed.")
            )
            return ("people:duplicates",)
        made = merge_persons(by=viewer, kept=kept, duplicate=duplicate, take=take)
    messages.success(request, _("The two records are one now. It can be taken apart again here."))
    return "people:merged", made.pk


@needs(Permission.MERGE_PERSONS)
@require_POST
def merge_not(request: HttpRequest, first_id: uuid.UUID, second_id: uuid.UUID) -> HttpResponse:
    """They are two people."""
    pair = merging.pair_to_merge(request.viewer, first_id, second_id)
    if pair is None:
        raise Http404
    say_different(by=request.viewer, one=pair[0], other=pair[1])
    messages.success(request, _("Noted: they are two people. They will not come up again."))
    return redirect("people:duplicates")


@needs(Permission.MERGE_PERSONS)
def merged(request: HttpRequest, merge_id: uuid.UUID) -> HttpResponse:
    """What was put together, and how it is taken apart."""
    held = get_object_or_404(merging.merges(request.viewer), pk=merge_id)
    if request.method == "POST":
        try:
            undo_merge(by=request.viewer, merge=held)
        except RefusedError as refused:
            for sentence in refused.sentences:
                messages.error(request, sentence)
            return redirect("people:merged", held.pk)
        messages.success(request, _("Taken apart. Each record has what it had before."))
        return redirect("people:duplicates")
    _log_pair(request, held.kept, held.duplicate)
    return render(request, "people/over_time/merged.html", {
        "held": held, "moved": held.moves.count(), "later": later_merges(held).exists(),
    })  # fmt: skip


@needs(Permission.FOLLOW_CITIZENS)
def merge_propose(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """A worker says that a citizen is registered once more."""
    held = citizen_or_404(request, citizen_id, "people.person")
    form = ProposeMergeForm(posted(request))

    def act() -> Any:
        return propose_merge(
            by=request.viewer, citizen=held, criteria=form.criteria(), reason=form.cleaned_data["reason"]
        )

    if request.method == "POST" and attempt(form, act):
        messages.success(request, _("The administrator is asked to look at it."))
        return redirect("people:citizen", held.pk)
    return render(request, "people/form.html", {
        "form": form, "heading": _("Registered twice?"), "who": held.person.name, "back": "people:citizen",
        "back_id": held.pk, "button": _("Ask the administrator"),
        "lead": _("Write what the other record is known by. You are not told whose it is."),
    })  # fmt: skip


def _compared(kept: Person, duplicate: Person) -> list[dict[str, Any]]:
    """Each detail of both, and whether one has to choose."""
    hidden = CONTACT if kept.protection or duplicate.protection else set()
    return [
        {
            "name": name,
            "label": label,
            "kept": getattr(kept, name),
            "other": getattr(duplicate, name),
            "differ": bool(
                getattr(kept, name)
                and getattr(duplicate, name)
                and getattr(kept, name) != getattr(duplicate, name)
            ),
            "hidden": name in hidden,
        }
        for name, label in DETAIL_LABELS.items()
    ]


def _log_pair(request: HttpRequest, *people: Person) -> None:
    citizens = Citizen.objects.filter(person__in=people).values_list("pk", flat=True)
    log_listing(request.viewer, citizens, "people.merge", action=AccessAction.OPENED, basis="twice")
