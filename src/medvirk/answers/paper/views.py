"""Printing a form, and typing it in: by keyboard, twice, what differs settled one by one."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from medvirk.answers.actions import NotTaken
from medvirk.answers.hooks import place_of
from medvirk.answers.logic import Asked, Problem, State, options_of
from medvirk.answers.models import Occasion, PaperEntry, PaperForm
from medvirk.answers.paper import entering
from medvirk.answers.paper.codes import in_threes, read_code
from medvirk.answers.paper.entering import WHAT, PaperRefused
from medvirk.answers.paper.forms import CorrectionForm, FoundByCodeForm, OnceForm
from medvirk.answers.paper.printing import as_pdf, language_of
from medvirk.answers.paper.reading import MISSED, Typed, fields_of, numbered_fields, read_typing, says_nothing
from medvirk.answers.queries import asked_in
from medvirk.instruments.definitions import Format, Item
from medvirk.people.access import Permission, can, needs, open_record

FOLLOW = Permission.FOLLOW_CITIZENS

PROBLEMS = {
    MISSED: gettext_lazy("Nothing is typed here. Write a number, or - where the paper has no answer."),
    str(Problem.NOT_A_NUMBER): gettext_lazy("This is not a number. Write the number, or -."),
    str(Problem.OUTSIDE): gettext_lazy("This cannot be answered here. Look at the paper once more."),
    str(Problem.TOO_LONG): gettext_lazy("This is too long to be kept. Shorten it a little."),
}
REFUSALS = {
    "not_open": gettext_lazy(
        "Somebody has stored this, or begun anew, in the meantime. Here is how it stands now."
    ),
    "not_settled": gettext_lazy("Something still differs. Choose what the paper says."),
    "too_late": gettext_lazy(
        "It can be taken back within an hour, by the one who typed it. Write a note instead."
    ),
    "not_stored": gettext_lazy("This is not stored, so there is nothing to correct."),
}
CANNOT = {
    State.ANSWERED: gettext_lazy("This has been answered already. What is on the paper was not added."),
    State.CLOSED: gettext_lazy("This was closed before the day on the paper. Look at the date once more."),
}


@dataclass(frozen=True)
class Line:
    """One question as it is typed in."""

    name: str
    text: str
    # What can be typed, in words.
    allowed: str
    options: Sequence[tuple[str, str]]
    is_text: bool
    value: str
    fault: str


@dataclass(frozen=True)
class Difference:
    """A question that was typed in two ways."""

    name: str
    text: str
    first: str
    second: str


def _occasion(request: HttpRequest, occasion_id: uuid.UUID) -> Occasion:
    """The occasion, if the citizen is the worker's to follow; else 404, so that nothing is told of it."""
    occasion = (
        Occasion.objects.select_related("about", "respondent", "submission").filter(pk=occasion_id).first()
    )
    if occasion is None or not can(request.viewer, FOLLOW, occasion).allowed:
        raise Http404
    return occasion


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def find_paper(request: HttpRequest) -> HttpResponse:
    """Type the code of a paper. By POST, so that it stays out of histories; a code that is nobody's says no more."""
    form = FoundByCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = read_code(form.cleaned_data["code"])
        held = PaperForm.objects.select_related("occasion").filter(code=code).first() if code else None
        if held is not None and can(request.viewer, FOLLOW, held.occasion).allowed:
            return redirect("answers:paper", occasion_id=held.occasion_id)
        form.add_error(
            "code",
            gettext(
                "No form of somebody you help has this code. Look at the paper once more: each sign counts."
            ),
        )
    return render(request, "answers/paper/find.html", {"form": form}, status=422 if form.errors else 200)


@needs(FOLLOW)
@require_POST
def print_paper(request: HttpRequest, occasion_id: uuid.UUID) -> HttpResponse:
    """The form as PDF. It carries no link to answer by, only where a worker types it in."""
    occasion = _occasion(request, occasion_id)
    held = entering.printed(by=request.viewer, occasion=occasion, now=timezone.now())
    address = request.build_absolute_uri(reverse("answers:paper", args=[occasion.pk]))
    pdf = as_pdf(occasion, held, address, language_of(occasion))
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{in_threes(held.code)}.pdf"',
            "Cache-Control": "no-store",
        },
    )


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def paper(request: HttpRequest, occasion_id: uuid.UUID) -> HttpResponse:
    """Type in one paper. Which step it is follows from what is stored, so that a reload goes on where one was."""
    occasion = _occasion(request, occasion_id)
    asked = asked_in(occasion, language_of(occasion))
    entry = occasion.paper_entries.filter(undone_at__isnull=True).first()
    if request.method != "POST":
        open_record(request.viewer, occasion, WHAT)
        return _page(request, occasion, asked, entry)
    steps = {
        "first": _first, "again": _again, "settle": _settle, "anew": _anew, "undo": _undo, "correct": _correct,
    }  # fmt: skip
    step = steps.get(request.POST.get("step", ""))
    if step is None or (entry is None) != (step is _first):
        messages.warning(request, REFUSALS["not_open"])
        return redirect("answers:paper", occasion_id=occasion.pk)
    try:
        return step(request, occasion, asked, entry)
    except PaperRefused as refused:
        messages.warning(request, REFUSALS[refused.reason])
    except NotTaken as refused:
        messages.error(request, CANNOT.get(refused.state, CANNOT[State.ANSWERED]))
    return redirect("answers:paper", occasion_id=occasion.pk)


def _first(request: HttpRequest, occasion: Occasion, asked: list[Asked], entry: None) -> HttpResponse:  # noqa: ARG001
    typed, faults = read_typing(asked, request.POST, texts=True)
    once = OnceForm(request.POST, occasion=occasion)
    is_right = once.is_valid() and not faults
    if is_right and says_nothing(asked, typed, once.cleaned_data["own_words"].strip()):
        once.add_error(None, gettext("Nothing stands on this paper. Then there is nothing to store."))
        is_right = False
    if not is_right:
        return _page(request, occasion, asked, None, values=request.POST, faults=faults, once=once)
    entering.type_first(
        by=request.viewer, occasion=occasion, typed=typed, paper=once.paper(), now=timezone.now()
    )
    return redirect("answers:paper", occasion_id=occasion.pk)


def _again(request: HttpRequest, occasion: Occasion, asked: list[Asked], entry: PaperEntry) -> HttpResponse:
    typed, faults = read_typing(asked, request.POST, texts=False)
    if faults:
        return _page(request, occasion, asked, entry, values=request.POST, faults=faults)
    differ = entering.type_again(by=request.viewer, entry=entry, asked=asked, typed=typed, now=timezone.now())
    return redirect("answers:paper", occasion_id=occasion.pk) if differ else _stored(request, occasion)


def _settle(request: HttpRequest, occasion: Occasion, asked: list[Asked], entry: PaperEntry) -> HttpResponse:
    first, again = entering.typed_first(entry), entering.typed_again(entry)
    settled: Typed = {}
    for each in _differences(asked, first, again):
        chosen = request.POST.get(each.name)
        if chosen in {"first", "second"}:
            # Left empty in one of the two is a way to be typed, too.
            settled[each.name] = (first if chosen == "first" else again).get(each.name, "")
    entering.settle(by=request.viewer, entry=entry, asked=asked, settled=settled, now=timezone.now())
    return _stored(request, occasion)


def _stored(request: HttpRequest, occasion: Occasion) -> HttpResponse:
    messages.success(request, gettext("Both agree. The paper is stored."))
    return redirect("answers:paper", occasion_id=occasion.pk)


def _anew(request: HttpRequest, occasion: Occasion, asked: list[Asked], entry: PaperEntry) -> HttpResponse:  # noqa: ARG001
    entering.begin_anew(by=request.viewer, entry=entry)
    return redirect("answers:paper", occasion_id=occasion.pk)


def _undo(request: HttpRequest, occasion: Occasion, asked: list[Asked], entry: PaperEntry) -> HttpResponse:  # noqa: ARG001
    entering.undo(by=request.viewer, entry=entry, now=timezone.now())
    messages.success(
        request,
        gettext(
            "It is taken back. A signal about safety that it raised stays until somebody has seen to it."
        ),
    )
    return redirect("answers:paper", occasion_id=occasion.pk)


def _correct(request: HttpRequest, occasion: Occasion, asked: list[Asked], entry: PaperEntry) -> HttpResponse:
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, occasion, asked, entry, correction=form)
    entering.correct(by=request.viewer, entry=entry, words=form.cleaned_data["words"], now=timezone.now())
    messages.success(request, gettext("The note is kept with the answer. The score stays as it was."))
    return redirect("answers:paper", occasion_id=occasion.pk)


def _page(
    request: HttpRequest,
    occasion: Occasion,
    asked: list[Asked],
    entry: PaperEntry | None,
    *,
    values: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    once: OnceForm | None = None,
    correction: CorrectionForm | None = None,
) -> HttpResponse:
    first = entering.typed_first(entry) if entry else {}
    again = entering.typed_again(entry) if entry else {}
    context: dict[str, Any] = {
        "occasion": occasion,
        "entry": entry,
        "place": place_of(occasion),
        "answered": hasattr(occasion, "submission"),
        "parts": _parts(asked, values or {}, faults or {}, again=entry is not None),
        "faulty": bool(faults),
        "once": once or OnceForm(occasion=occasion),
        "differences": _differences(asked, first, again),
        "own_words": entering.on_paper(entry).own_words if entry else "",
        "may_undo": entry is not None and entering.may_undo(request.viewer, entry, timezone.now()),
        "correction": correction or CorrectionForm(),
        "history": occasion.paper_entries.filter(undone_at__isnull=False).order_by("begun_at"),
        "way_back": request.path,
    }
    wrong = bool(faults) or bool(once and once.errors) or bool(correction and correction.errors)
    return render(request, "answers/paper/paper.html", context, status=422 if wrong else 200)


def _parts(
    asked: list[Asked], values: Mapping[str, str], faults: Mapping[str, str], *, again: bool
) -> list[tuple[str, str, list[Line]]]:
    """(title, the citizen's own topic, lines) of each instrument; typed again are numbers only."""
    parts = []
    for each in asked:
        lines = [
            _line(each, item, name, values, faults)
            for _asked, item, name in (numbered_fields([each]) if again else fields_of([each]))
        ]
        if lines:
            title = each.instrument.title(each.language)
            parts.append((title, each.topic.words if each.topic else "", lines))
    return parts


def _line(asked: Asked, item: Item, name: str, values: Mapping[str, str], faults: Mapping[str, str]) -> Line:
    wording = asked.instrument.wordings[asked.language].items[item.key]
    options = options_of(item, wording)
    allowed = "" if options or item.low is None or item.high is None else f"{item.low:g}–{item.high:g}"
    fault = str(PROBLEMS[faults[name]]) if name in faults else ""
    is_text = item.format is Format.TEXT
    return Line(name, wording.text, allowed, options, is_text, values.get(name, ""), fault)


def _differences(asked: list[Asked], first: Typed, again: Typed) -> list[Difference]:
    """Only where the second typing is kept because it differs."""
    if not again:
        return []
    return [
        Difference(
            name,
            each.instrument.wordings[each.language].items[item.key].text,
            first.get(name, "") or gettext("no answer"),
            again.get(name, "") or gettext("no answer"),
        )
        for each, item, name in numbered_fields(asked)
        if first.get(name, "") != again.get(name, "")
    ]
