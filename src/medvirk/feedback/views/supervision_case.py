"""One course in supervision: why it is there, what was agreed last time, notes and decisions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import supervision as acts
from medvirk.feedback.actions.following import end_agreement
from medvirk.feedback.forms.supervision import DecisionForm, NoteForm
from medvirk.feedback.models import SupervisionCase
from medvirk.feedback.queries.supervision import Line, agenda, case_of, note_of
from medvirk.feedback.views.course import course_context
from medvirk.feedback.views.supervision import line_context
from medvirk.feedback.wording.supervision import REFUSALS
from medvirk.people.access import Permission, needs, open_record
from medvirk.ui.languages import current_language

FOLLOW = Permission.FOLLOW_CITIZENS


def _case(request: HttpRequest, case_id: uuid.UUID) -> SupervisionCase:
    """A case of a meeting that has begun, of one of the viewer's teams, or 404."""
    found = case_of(request.viewer, case_id)
    meeting = found.supervision if found else None
    if found is None or meeting is None or meeting.begun_at is None:
        raise Http404
    if meeting.unit_id not in request.viewer.units_with(FOLLOW):
        raise Http404
    return found


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def supervision_case(request: HttpRequest, case_id: uuid.UUID) -> HttpResponse:
    """The case; what is sent is a note or a decision."""
    found = _case(request, case_id)
    open_record(request.viewer, found, "feedback.supervision")
    deciding = "decide" in request.POST
    note = NoteForm(request.POST if request.method == "POST" and not deciding else None)
    decision = DecisionForm(request.POST if deciding else None, prefix="decision")
    form = decision if deciding else note
    if request.method == "POST" and form.is_valid():
        try:
            _write(request, found, form)
        except Refused as refused:
            form.add_faults([str(REFUSALS[refused.reason])])
        else:
            return redirect("feedback:supervision_case", found.pk)
    return _page(request, found, note, decision)


def _write(request: HttpRequest, found: SupervisionCase, form: NoteForm | DecisionForm) -> None:
    text, now = form.cleaned_data["text"], timezone.now()
    if isinstance(form, DecisionForm):
        acts.decide(by=request.viewer, case=found, text=text, due_on=form.due(), now=now)
        messages.success(request, gettext("Noted. The next supervision asks how it went."))
    else:
        acts.note(by=request.viewer, case=found, text=text, now=now)
        messages.success(request, gettext("The note is kept."))


def _page(
    request: HttpRequest, found: SupervisionCase, note: NoteForm, decision: DecisionForm
) -> HttpResponse:
    meeting = found.supervision
    assert meeting is not None  # `_case`
    whole = agenda(request.viewer, meeting, now=timezone.now(), language=current_language())
    everything = [*whole.lines, *whole.off, *whole.aside]
    line = next((each for each in everything if each.row is not None and each.row.pk == found.pk), None)
    if line is None:
        raise Http404
    here = line_context(line)
    context: dict[str, Any] = here | {
        "here": here,
        "meeting": meeting,
        "case": found,
        "is_aside": line in whole.aside,
        "courses": [course_context(each) for each in line.followed],
        "note": note,
        "decision": decision,
        "next": _next(whole.lines, line),
        "mine": request.viewer.staff_id,
    }
    status = 422 if note.errors or decision.errors else 200
    return render(request, "feedback/supervision_case.html", context, status=status)


def _next(lines: tuple[Line, ...], line: Line) -> SupervisionCase | None:
    """The case after this one on the agenda."""
    place = lines.index(line) + 1 if line in lines else 0
    return lines[place].row if 0 < place < len(lines) else None


@needs(FOLLOW)
@require_POST
def note_undo(request: HttpRequest, note_id: uuid.UUID) -> HttpResponse:
    """Take back one's own note."""
    found = note_of(request.viewer, note_id)
    if found is None:
        raise Http404
    return _back(
        request,
        found.case,
        lambda: acts.take_back_note(by=request.viewer, written=found, now=timezone.now()),
        gettext("The note is taken back."),
    )


@needs(FOLLOW)
@require_POST
def agreement_end(request: HttpRequest, case_id: uuid.UUID, agreement_id: uuid.UUID) -> HttpResponse:
    """What was agreed is done, or is dropped."""
    found = _case(request, case_id)
    agreed = found.episode.agreements.filter(pk=agreement_id, case__isnull=False).first()
    if agreed is None:
        raise Http404
    done = "done" in request.POST
    return _back(
        request,
        found,
        lambda: end_agreement(by=request.viewer, agreement=agreed, done=done, on=request.viewer.today),
        gettext("Noted as done.") if done else gettext("Noted as dropped."),
    )


def _back(request: HttpRequest, found: SupervisionCase, act: Callable[[], object], said: str) -> HttpResponse:
    try:
        act()
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
    else:
        messages.success(request, said)
    return redirect("feedback:supervision_case", found.pk)
