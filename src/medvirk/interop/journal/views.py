"""For the journal: choose what goes into a summary, copy it or take it as a file, and say when it is in the record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.feedback import queries
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import journal as acts
from medvirk.feedback.logic.journal import JournalPart, parts_of
from medvirk.feedback.models import JournalSummary
from medvirk.feedback.queries import journal as held
from medvirk.feedback.wording.journal import PARTS
from medvirk.interop.journal.content import Gathered, Of, citizens_open, gather
from medvirk.interop.journal.document import as_fhir
from medvirk.interop.journal.files import as_pdf
from medvirk.interop.journal.forms import SummaryForm
from medvirk.interop.journal.words import as_text, in_words
from medvirk.people.access import Permission, log_listing, logs_if_shown, needs, open_record
from medvirk.people.models import Citizen, Staff
from medvirk.ui.languages import current_language

FOLLOW = Permission.FOLLOW_CITIZENS
SESSIONS, EPISODES = "sessions", "episodes"
TYPES = {"pdf": "application/pdf", "fhir": "application/fhir+json"}
NAMES = {"pdf": gettext_lazy("summary-%(day)s.pdf"), "fhir": gettext_lazy("summary-%(day)s.fhir.json")}
#: What the press on "Copy" asks for: nothing comes back, and the log has a row.
COPIED = "copied"


@needs(FOLLOW)
@require_GET
def waiting_list(request: HttpRequest) -> HttpResponse:
    """The viewer's own conversations that are not in the record system yet."""
    rows = held.waiting(request.viewer, now=timezone.now())
    log_listing(request.viewer, {row.citizen.pk for row in rows}, acts.WHAT)
    return render(request, "interop/journal/waiting.html", {"rows": rows, "where": where()})


@dataclass(frozen=True)
class Opened:
    """What the address names, found and let in."""

    of: Of
    citizens: list[Citizen]
    key: uuid.UUID

    @property
    def kind(self) -> str:
        return EPISODES if self.of.session is None else SESSIONS

    def address(self, name: str, **more: str) -> str:
        place = reverse(f"journal:{name}", kwargs={"of": self.kind, "key": self.key, **more})
        return f"{place}?{urlencode({'citizen': self.of.citizen.pk})}"


def _opened(request: HttpRequest, of: str, key: uuid.UUID) -> Opened:
    """The course or the conversation, and the one of those who take part that is named; else the first.

    Raises:
        Http404: it is not the viewer's to see, or nothing of that citizen is.
    """
    mine = queries.episodes(request.viewer)
    if of not in (SESSIONS, EPISODES):
        raise Http404
    found = queries.fetch_one(mine.filter(sessions=key) if of == SESSIONS else mine.filter(pk=key))
    if found is None:
        raise Http404
    session = found.session(key) if of == SESSIONS else None
    citizens = citizens_open(request.viewer, found)
    named = request.POST.get("citizen") or request.GET.get("citizen")
    chosen = [each for each in citizens if named in (None, "", str(each.pk))]
    if not chosen or (of == SESSIONS and session is None):
        raise Http404
    if request.method == "POST":
        logs_if_shown(request, chosen[0], acts.WHAT, FOLLOW)
    else:
        open_record(request.viewer, chosen[0], acts.WHAT)
    return Opened(Of(found, chosen[0], session), citizens, key)


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def summary(request: HttpRequest, of: str, key: uuid.UUID) -> HttpResponse:
    """What goes in, and how it reads. Sending the form changes nothing: it shows what was ticked."""
    opened = _opened(request, of, key)
    gathered = _gather(request, opened)
    rows = held.summaries(request.viewer, opened.of.found.episode, opened.of.citizen)
    form = SummaryForm(request.POST or None, initial=_initial(request, opened, rows))
    parts, note = _chosen(form)
    said = in_words(gathered, parts, note)
    text = as_text(said)
    told = {section.code for section in said.sections}
    context = {
        "opened": opened,
        "form": form,
        "text": text,
        "shown": acts.digest_of(text),
        "lines": text.count("\n") + 3,
        "empty": not parts and not note.strip(),
        # A part that was ticked and is not there must not look as if it were forgotten.
        "silent": [PARTS[part] for part in parts if str(part) not in told],
    }
    if request.htmx:
        return render(request, "interop/journal/_text.html", context)
    context |= {
        "episode": opened.of.found.episode,
        "session": opened.of.session,
        "citizen": opened.of.citizen,
        "others": [each for each in opened.citizens if each != opened.of.citizen],
        "together": gathered.together,
        "where": where(),
        "taken": [_taken(each, gathered) for each in _of_this(rows, opened) if each.taken_over_at],
        "addresses": {
            "show": opened.address("summary"),
            "pdf": opened.address("file", kind="pdf"),
            "fhir": opened.address("file", kind="fhir"),
            "copied": opened.address("file", kind=COPIED),
            "taken": opened.address("taken"),
            "undo": opened.address("undo"),
        },
    }
    return render(request, "interop/journal/summary.html", context, status=422 if form.errors else 200)


def where() -> str:
    """What the municipality calls its record system."""
    return settings.RECORD_SYSTEM or gettext("the record system")


def _gather(request: HttpRequest, opened: Opened) -> Gathered:
    return gather(request.viewer, opened.of, now=timezone.now(), language=current_language())


def _of_this(rows: Any, opened: Opened) -> list[JournalSummary]:
    session = opened.of.session.pk if opened.of.session else None
    return [each for each in rows if each.session_id == session]


def _initial(request: HttpRequest, opened: Opened, rows: Any) -> dict[str, Any]:
    """The summary the viewer works on, else what they ticked the last time. Own words are always ticked anew."""
    mine = (
        each
        for each in _of_this(rows, opened)
        if each.taken_over_at is None and each.made_by_id == request.viewer.staff_id
    )
    draft = next(mine, None)
    ticked = parts_of(draft.parts) if draft else held.parts_ticked(request.viewer)
    return {
        "parts": [part.value for part in ticked if part is not JournalPart.OWN_WORDS],
        "note": draft.note if draft else "",
    }


def _chosen(form: SummaryForm) -> tuple[tuple[JournalPart, ...], str]:
    if form.is_bound:
        return form.chosen() if form.is_valid() else ((), "")
    return parts_of(form.initial["parts"]), str(form.initial["note"])


def _taken(each: JournalSummary, gathered: Gathered) -> dict[str, Any]:
    """`changed`: the same parts would read differently today."""
    with translation.override(each.language):
        now_reads = as_text(in_words(gathered, parts_of(each.parts), each.note))
    return {"summary": each, "changed": acts.digest_of(now_reads) != each.text_digest}


def _back(opened: Opened) -> HttpResponseRedirect:
    return redirect(opened.address("summary"))


def _made(request: HttpRequest, opened: Opened) -> tuple[Gathered, acts.Chosen] | None:
    """What was ticked, as it is to leave the house; None where nothing was."""
    form = SummaryForm(request.POST)
    if not form.is_valid():
        return None
    parts, note = form.chosen()
    if not parts and not note.strip():
        return None
    gathered = _gather(request, opened)
    text = as_text(in_words(gathered, parts, note))
    of = opened.of
    return gathered, acts.Chosen(
        of.found.episode, of.citizen, of.session, parts, current_language(), text, note
    )


@needs(FOLLOW)
@require_POST
def file(request: HttpRequest, of: str, key: uuid.UUID, kind: str) -> HttpResponse:
    """The chosen parts as a file, made while one waits and kept nowhere; or only that they were copied."""
    if kind not in (*TYPES, COPIED):
        raise Http404
    opened = _opened(request, of, key)
    made = _made(request, opened)
    if made is None:
        return _nothing_chosen(request, opened)
    gathered, chosen = made
    now = timezone.now()
    acts.export(by=request.viewer, chosen=chosen, now=now)
    if kind == COPIED:
        return HttpResponse(status=204)
    said = in_words(gathered, chosen.parts, chosen.note)
    author = Staff.objects.select_related("person").get(pk=request.viewer.staff_id)
    if kind == "pdf":
        content = as_pdf(said, chosen.citizen, made_by=author.person.name, now=now, language=chosen.language)
    else:
        content = as_fhir(
            request.viewer, gathered, said, chosen.parts, author=author, now=now, language=chosen.language
        )
    response = HttpResponse(content, content_type=TYPES[kind])
    name = NAMES[kind] % {"day": timezone.localdate(now).isoformat()}
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _nothing_chosen(request: HttpRequest, opened: Opened) -> HttpResponse:
    messages.error(
        request, gettext("Nothing was ticked, so there is nothing to take over. Tick what goes in.")
    )
    return _back(opened)


@needs(FOLLOW)
@require_POST
def taken(request: HttpRequest, of: str, key: uuid.UUID) -> HttpResponse:
    """It stands in the record system now."""
    opened = _opened(request, of, key)
    made = _made(request, opened)
    if made is None:
        return _nothing_chosen(request, opened)
    # What stands in the record system is what was shown, and not what has come since.
    if request.POST.get("shown") not in (None, acts.digest_of(made[1].text)):
        messages.error(
            request,
            gettext(
                "The summary reads otherwise now than what was shown. Look once more; here it is as it reads."
            ),
        )
        return summary(request, of, key)
    acts.take_over(by=request.viewer, chosen=made[1], where=settings.RECORD_SYSTEM, now=timezone.now())
    messages.success(request, gettext("Noted: it stands in %(where)s.") % {"where": where()})
    return _back(opened)


@needs(FOLLOW)
@require_POST
def undo(request: HttpRequest, of: str, key: uuid.UUID) -> HttpResponse:
    """It does not stand there after all."""
    opened = _opened(request, of, key)
    rows = held.summaries(request.viewer, opened.of.found.episode, opened.of.citizen)
    known = next((e for e in _of_this(rows, opened) if str(e.pk) == request.POST.get("summary")), None)
    try:
        if known is None:
            raise Refused("not_taken_over")
        acts.undo(by=request.viewer, summary=known)
    except Refused:
        messages.info(request, gettext("It was undone already."))
    else:
        messages.success(request, gettext("Undone: it is not in %(where)s yet.") % {"where": where()})
    return _back(opened)
