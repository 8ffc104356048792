"""Pages of signals: the list, one signal with its history, and what is done with it, also from the conversation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import following as acts
from medvirk.feedback.actions.raising import evaluate
from medvirk.feedback.forms.signals import HandForm, LookAgainForm, SnoozeForm, TalkForm
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Standing, Step, allowed, standing_of
from medvirk.feedback.models import Participation, Session, Signal
from medvirk.feedback.queries.signals import (
    MOST_SETTLED,
    agreement_of,
    agreements_to_look_at,
    colleagues,
    lying,
    signal_of,
    trails,
)
from medvirk.feedback.queries.support import support_now
from medvirk.feedback.views.courses import conversation_with, session_or_404
from medvirk.feedback.views.signal_cards import prompts
from medvirk.feedback.wording.courses import SIGNALS
from medvirk.feedback.wording.signals import STANDINGS, due_words, reason_of_kind, step_words, title_of_kind
from medvirk.library.queries import links
from medvirk.people.access import Permission, log_listing, needs, open_record
from medvirk.ui.languages import current_language

FOLLOW = Permission.FOLLOW_CITIZENS
SHOW = ("open", "overdue", "all")
REFUSALS = {
    "not_now": gettext_lazy(
        "Somebody has done something with this in the meantime. Here is how it stands now."
    ),
    "cannot_own": gettext_lazy("This colleague may not open the record, so cannot take it. Choose another."),
    "another_is_open": gettext_lazy("The same has come up again since, and is open already."),
    "too_soon": gettext_lazy("This day has passed. Choose a later day."),
    "too_long": gettext_lazy("At most four weeks at once. It can be put off again then."),
    "no_reason": gettext_lazy("Write why, so that those who come after understand it."),
}


@needs(FOLLOW)
@require_GET
def signals(request: HttpRequest) -> HttpResponse:
    """My signals; for those who lead a team, first what is overdue in it; and agreements to look at again."""
    now, show = timezone.now(), request.GET.get("show", "open")
    show = show if show in SHOW else "open"
    mine, team = lying(request.viewer, now=now, only_overdue=show == "overdue", settled=show == "all")
    agreements = list(agreements_to_look_at(request.viewer, today=request.viewer.today))
    seen = {each.signal.citizen_id for each in (*mine, *team) if each.signal is not None}
    log_listing(request.viewer, seen, "feedback.signal")
    log_listing(request.viewer, {pk for each in agreements for pk in each.record_of()}, "feedback.change")
    context = {
        "show": show,
        "mine": [_line(each) for each in mine],
        "most": MOST_SETTLED if show == "all" and len(mine) >= MOST_SETTLED else None,
        "team": [_line(each) for each in team],
        "leads": Permission.LEAD_TEAM in request.viewer.permissions,
        "agreements": [(each, LookAgainForm(prefix=str(each.pk))) for each in agreements],
    }
    return render(request, "feedback/signals.html", context)


def _line(each) -> dict[str, object]:
    if not (held := each.signal):
        return {"each": each}
    line = {
        "each": each,
        "title": title_of_kind(held.kind, by_another=held.said_by_another_only()),
        "standing": STANDINGS[each.standing],
    }
    if each.standing is Standing.WAITING:
        line["due"] = due_words(held.kind, held.due_at, is_seen=held.is_seen(), now=timezone.now())
    return line


def _signal(request: HttpRequest, signal_id: uuid.UUID) -> Signal:
    found = signal_of(request.viewer, signal_id)
    if found is None:
        raise Http404
    return found


@needs(FOLLOW)
@require_GET
def signal(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """One signal: its history, and what can be done with it now."""
    found = _signal(request, signal_id)
    open_record(request.viewer, found, "feedback.signal")
    return _page(request, found)


def _page(request: HttpRequest, found: Signal, *, status: int = 200, **bound) -> HttpResponse:
    now, unit = timezone.now(), found.episode.unit_id
    steps = list(found.steps.select_related("by__person", "owner__person"))
    standing = standing_of([each.taken for each in steps], due_at=found.due_at, now=now)
    possible = allowed(standing, found.kind, running=found.episode.ended_on is None)
    held = trails(request.viewer, found, found.episode)
    guide = held.support.guide_for(found.kind, unit)
    forms = {
        Step.TALKED: ("talk", TalkForm, {"lines": held.support.changes_for(unit), "prefix": found.kind}),
        Step.ASSIGNED: ("hand", HandForm, {"colleagues": colleagues(found, now=now)}),
        Step.SNOOZED: ("snooze", SnoozeForm, {}),
    }
    context = {
        "signal": found,
        "citizen": found.citizen,
        "title": title_of_kind(found.kind, by_another=found.said_by_another_only()),
        "reason": reason_of_kind(found.kind, by_another=found.said_by_another_only()),
        "standing": STANDINGS[standing],
        "steps": [(each, step_words(each)) for each in steps],
        "agreements": found.agreements.all(),
        "can_see": Step.SEEN in possible and found.kind == RISK,
        "can_reopen": Step.REOPENED in possible,
        "is_mine": found.owner_id == request.viewer.staff_id,
        "forms": {
            name: bound.get(name) or form(**more)
            for step, (name, form, more) in forms.items()
            # What was said about safety is seen to though the course has ended.
            if step in possible and (found.episode.ended_on is None or found.kind == RISK)
        },
        "prompts": prompts(held, found.kind, unit),
        "risk": held.support.risk_for(unit, current_language(), now) if found.kind == RISK else None,
        "seen": next((each.seen for each in held.signals if each.id == found.pk), ()),
        "guide": links(request.viewer, [guide]).get(guide) if guide else None,
    }
    if status != 200:
        context["way_back"] = reverse("feedback:signal", args=[found.pk])
    return render(request, "feedback/signal.html", context, status=status)


def _did(request: HttpRequest, act: Callable[[], object], done: str) -> bool:
    """Do it and say so; or say why not."""
    try:
        act()
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
        return False
    messages.success(request, done)
    return True


def _back(request: HttpRequest, found: Signal) -> HttpResponse:
    """To the conversation it was done from, if it was one of the same course; else to the signal."""
    session_id = request.POST.get("session", "")
    session = next((each for each in found.episode.sessions.all() if str(each.pk) == session_id), None)
    if session is not None:
        return _to_conversation(session, found)
    return redirect("feedback:signal", signal_id=found.pk)


def _to_conversation(session: Session, found: Signal) -> HttpResponse:
    address = reverse("feedback:conversation", args=[session.pk])
    return redirect(f"{address}?citizen={found.citizen_id}#signals-heading")


@needs(FOLLOW)
@require_POST
def see(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """I have seen it."""
    found = _signal(request, signal_id)
    _did(request, lambda: acts.see(by=request.viewer, signal=found, now=timezone.now()), gettext("Noted."))
    return _back(request, found)


@needs(FOLLOW)
@require_POST
def talk(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """We have talked about it."""
    found = _signal(request, signal_id)
    lines = support_now(request.viewer.today).changes_for(found.episode.unit_id)
    form = TalkForm(request.POST, prefix=found.kind, lines=lines)
    if not form.is_valid():
        open_record(request.viewer, found, "feedback.signal")
        return _page(request, found, status=422, talk=form)
    _talked(request, found, form, None)
    return redirect("feedback:signal", signal_id=found.pk)


def _talked(request: HttpRequest, found: Signal, form: TalkForm, session: Session | None) -> None:
    agreed = form.agreed()
    done = (
        gettext("Noted, with what you agreed. The next measures will show whether it moved.")
        if agreed
        else gettext("Noted. The next measures will show whether it moved.")
    )
    _did(
        request,
        lambda: acts.talk(
            by=request.viewer,
            signal=found,
            about=form.cleaned_data["about"],
            agreed=agreed,
            session=session,
            now=timezone.now(),
        ),
        done,
    )


@needs(FOLLOW)
@require_POST
def hand(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """Hand it to a colleague, who is told."""
    found = _signal(request, signal_id)
    form = HandForm(request.POST, colleagues=colleagues(found, now=timezone.now()))
    if not form.is_valid():
        open_record(request.viewer, found, "feedback.signal")
        return _page(request, found, status=422, hand=form)
    owner = form.cleaned_data["owner"]
    done = gettext("Handed to %(name)s, who gets a message about it.") % {"name": owner.person.name}
    _did(
        request,
        lambda: acts.assign(by=request.viewer, signal=found, owner=owner, now=timezone.now()),
        done,
    )
    return redirect("feedback:signal", signal_id=found.pk)


@needs(FOLLOW)
@require_POST
def snooze(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """Put it off to a day, with a reason."""
    found = _signal(request, signal_id)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        open_record(request.viewer, found, "feedback.signal")
        return _page(request, found, status=422, snooze=form)
    data = form.cleaned_data
    _did(
        request,
        lambda: acts.snooze(by=request.viewer, signal=found, now=timezone.now(), **data),
        gettext("Put off."),
    )
    return redirect("feedback:signal", signal_id=found.pk)


@needs(FOLLOW)
@require_POST
def reopen(request: HttpRequest, signal_id: uuid.UUID) -> HttpResponse:
    """It was a slip: it was not talked about, and nothing was agreed."""
    found = _signal(request, signal_id)
    _did(
        request,
        lambda: acts.reopen(by=request.viewer, signal=found, now=timezone.now()),
        gettext("Undone. It waits to be talked about."),
    )
    return _back(request, found)


def _raised(request: HttpRequest, session: Session, kind: str) -> Signal | None:
    """The signal of this kind that waits in the course, worked out first: the page may be quicker than the worker.

    None where it is over, or nobody's to see.
    """
    part = _part(request, session)
    if part is None or kind not in SIGNALS:
        raise Http404
    evaluate(participation_id=part.pk, now=timezone.now())
    return _waiting(request, part, kind)


def _part(request: HttpRequest, session: Session) -> Participation | None:
    """Of the one who is named, else of the first who takes part."""
    chosen = request.POST.get("citizen")
    taking_part = Participation.objects.filter(episode=session.episode_id).order_by("pk")
    return next((each for each in taking_part if chosen in (None, "", str(each.citizen_id))), None)


def _waiting(request: HttpRequest, part: Participation, kind: str) -> Signal | None:
    held = Signal.objects.filter(
        episode=part.episode_id, citizen=part.citizen_id, kind=kind, settled_at__isnull=True
    ).first()
    return signal_of(request.viewer, held.pk) if held else None


@needs(FOLLOW)
@require_POST
def talk_here(request: HttpRequest, session_id: uuid.UUID, signal_kind: str) -> HttpResponse:
    """We have talked about it, said on the page of the conversation."""
    session = session_or_404(request, session_id)
    lines = support_now(request.viewer.today).changes_for(session.episode.unit_id)
    others = [(kind, str(title)) for kind, (title, _reason) in SIGNALS.items()]
    form = TalkForm(request.POST, prefix=signal_kind, lines=lines, also=others)
    if not form.is_valid():
        return conversation_with(request, session_id, talk=form)
    found = _raised(request, session, signal_kind)
    if found is None:
        messages.error(request, REFUSALS["not_now"])
        return redirect("feedback:conversation", session_id=session_id)
    _talked(request, found, form, session)
    _talked_too(request, session, form)
    return _to_conversation(session, found)


def _talked_too(request: HttpRequest, session: Session, form: TalkForm) -> None:
    """The same talk was about these too; what was agreed stands with the one it was noted at."""
    part = _part(request, session)
    for kind in form.cleaned_data.get("also", ()):
        found = part and _waiting(request, part, kind)
        # Over, or talked about by somebody else, since the page was opened: nothing is left to note.
        if found:
            with suppress(Refused):
                acts.talk(
                    by=request.viewer,
                    signal=found,
                    about=form.cleaned_data["about"],
                    session=session,
                    now=timezone.now(),
                )


@needs(FOLLOW)
@require_POST
def open_here(request: HttpRequest, session_id: uuid.UUID, signal_kind: str) -> HttpResponse:
    """To the page of a signal that the worker has not raised yet: it is raised first."""
    session = session_or_404(request, session_id)
    found = _raised(request, session, signal_kind)
    if found is None:
        messages.error(request, REFUSALS["not_now"])
        return redirect("feedback:conversation", session_id=session_id)
    return redirect("feedback:signal", signal_id=found.pk)


@needs(FOLLOW)
@require_GET
def guide(request: HttpRequest, session_id: uuid.UUID, signal_kind: str) -> HttpResponse:
    """On to the guide in the library that stands beside this kind of signal in the unit."""
    session = session_or_404(request, session_id)
    chosen = support_now(request.viewer.today).guide_for(signal_kind, session.episode.unit_id)
    link = links(request.viewer, [chosen]).get(chosen) if chosen else None
    if link is None:
        messages.info(request, gettext("No guide stands beside this signal yet. Here is the library."))
        return redirect("library:shelf")
    return redirect(link.address)


@needs(FOLLOW)
@require_POST
def agreement(request: HttpRequest, agreement_id: uuid.UUID) -> HttpResponse:
    """What was agreed is done, dropped, or looked at again on another day."""
    found = agreement_of(request.viewer, agreement_id)
    if found is None:
        raise Http404
    today = request.viewer.today
    what = request.POST.get("what")
    if what in {"done", "dropped"}:
        _did(
            request,
            lambda: acts.end_agreement(by=request.viewer, agreement=found, done=what == "done", on=today),
            gettext("Noted."),
        )
        return redirect("feedback:signals")
    form = LookAgainForm(request.POST, prefix=str(found.pk))
    if not form.is_valid():
        for faults in form.errors.values():
            messages.error(request, faults[0])
        return redirect("feedback:signals")
    day = form.cleaned_data["due_on"]
    _did(
        request,
        lambda: acts.look_again_on(by=request.viewer, agreement=found, day=day, today=today),
        gettext("A new day is set."),
    )
    return redirect("feedback:signals")
