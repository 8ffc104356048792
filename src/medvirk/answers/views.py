"""The answering page: open to whoever holds the link, and showing that answer and nothing else."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from functools import lru_cache

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.answers import actions
from medvirk.answers.actions import Asked, NotTaken
from medvirk.answers.forms import TextForm
from medvirk.answers.logic import OWN_WORDS_MOST, Problem, State, choose_language, field_name
from medvirk.answers.models import Occasion, TextKey
from medvirk.answers.queries import WayIn, asked_instruments, notice_is_seen, way_in
from medvirk.answers.texts import Text, text_for
from medvirk.instruments.definitions import Format, Instrument, Item, ItemWording
from medvirk.people.access import Permission, for_everyone, needs
from medvirk.people.signin.limits import not_for_guessers
from medvirk.ui.languages import current_language

#: Words for the states in which one cannot answer.
STATUS = {State.ANSWERED: 200, State.NOT_YET: 200, State.CLOSED: 410, State.EXPIRED: 410, State.REVOKED: 410}


@dataclass(frozen=True)
class Question:
    """One item as the page shows it."""

    name: str
    item: Item
    wording: ItemWording
    choices: tuple[tuple[str, str], ...]
    value: str
    fault: str


@dataclass(frozen=True)
class Part:
    """One instrument as the page shows it."""

    title: str
    intro: str
    language: str
    questions: list[SafeString]


def asked_at(occasion: Occasion) -> list[Asked]:
    """The occasion's instruments, each in the language nearest to the page's."""
    shown = []
    for instrument in asked_instruments(occasion):
        language = choose_language(current_language(), instrument.languages)
        if language is not None:
            shown.append(Asked(instrument, language))
    return shown


def _part(asked: Asked, values: dict[str, str], faults: dict[str, str]) -> Part:
    wording = asked.instrument.wordings[asked.language]
    return Part(
        title=wording.title,
        intro=wording.intro,
        language=asked.language,
        questions=[
            _question(asked.instrument, item, wording.items[item.key], values, faults)
            for item in asked.instrument.items
        ],
    )


def _question(
    instrument: Instrument, item: Item, wording: ItemWording, values: dict[str, str], faults: dict[str, str]
) -> SafeString:
    name = field_name(instrument, item)
    question = Question(
        name, item, wording, _choices(item, wording), values.get(name, ""), faults.get(name, "")
    )
    # Only what nobody has touched is kept: the process must not remember what a person said.
    return _as_html(question) if question.value or question.fault else _untouched(question)


def _as_html(question: Question) -> SafeString:
    return render_to_string("answers/_question.html", {"question": question})


# Eleven buttons a line make a question the dearest part of the page, and it is the same for everybody.
_untouched = lru_cache(maxsize=1024)(_as_html)


def _choices(item: Item, wording: ItemWording) -> tuple[tuple[str, str], ...]:
    """(value, label) of each button; for a line, eleven of them, so that it works without script."""
    if item.format is Format.VAS:
        low, high = item.low or 0.0, item.high or 10.0
        marks = [low + (high - low) * step / 10 for step in range(11)]
        return tuple((f"{mark:g}", f"{mark:g}") for mark in marks)
    if item.format is Format.LIKERT:
        return tuple(
            (f"{value:g}", label) for value, label in zip(item.options, wording.options, strict=True)
        )
    if item.format is Format.YESNO:
        return ("1", gettext("Yes")), ("0", gettext("No"))
    return ()


PROBLEMS = {
    Problem.NOT_A_NUMBER: lambda: gettext(
        "This is not a number. Choose a place on the line, or leave it empty."
    ),
    Problem.OUTSIDE: lambda: gettext(
        "This lies outside what can be answered here. Choose again, or leave it empty."
    ),
    Problem.TOO_LONG: lambda: gettext("This is too long to be kept. Shorten it a little."),
    Problem.NOTHING: lambda: gettext("Nothing is answered yet. Answer what you like, then send."),
}


@for_everyone
@not_for_guessers
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Ask (GET) and take what is sent (POST)."""
    found = way_in(token, now=timezone.now())
    if found is None:
        return render(request, "answers/no_link.html", status=404)
    if request.method == "POST":
        return _take(request, token, found)
    if found.state is not State.OPEN:
        return _cannot(request, found)
    notice = text_for(TextKey.PRIVACY, current_language())
    if not notice_is_seen(found.occasion, notice.digest):
        return render(request, "answers/notice.html", {"token": token, "notice": notice})
    client_id, values = _draft(found)
    return _page(request, token, found, notice, client_id=client_id, values=values)


def _draft(found: WayIn) -> tuple[str, dict[str, str]]:
    """(client id, values by field name) of what was kept earlier, or a new id and nothing."""
    draft = getattr(found.occasion, "draft", None)
    return (str(draft.client_id), json.loads(draft.content)) if draft else (str(uuid.uuid4()), {})


def _page(
    request: HttpRequest,
    token: str,
    found: WayIn,
    notice: Text,
    *,
    client_id: str,
    values: dict[str, str],
    faults: dict[str, str] | None = None,
) -> HttpResponse:
    parts = [_part(asked, values, faults or {}) for asked in asked_at(found.occasion)]
    context = {
        "token": token,
        "parts": parts,
        "client_id": client_id,
        "own_words": values.get("own_words", ""),
        "own_words_most": OWN_WORDS_MOST,
        "resumed": bool(values) and not faults,
        "faults": faults,
        "nothing": (faults or {}).get(""),
        "own_words_fault": (faults or {}).get("own_words"),
        "in_the_room": found.in_the_room,
        "notice": notice,
    }
    return render(request, "answers/answer.html", context, status=422 if faults else 200)


def _too_late(request: HttpRequest, found: WayIn) -> bool:
    """Something was sent to what had been answered already: it must not look as if it was taken."""
    return request.method == "POST" and found.state is State.ANSWERED


def _cannot(request: HttpRequest, found: WayIn) -> HttpResponse:
    context = {
        "state": found.state,
        "found": found,
        "return_to": found.link.return_to if found.in_the_room else "",
        # For everyone who comes back, whatever they answered: it must neither be lost nor tell anything.
        "crisis": text_for(TextKey.CRISIS, current_language()) if found.state is State.ANSWERED else None,
    }
    return render(
        request,
        "answers/closed.html",
        context,
        status=409 if _too_late(request, found) else STATUS[found.state],
    )


def _client_id(raw: str | None) -> uuid.UUID:
    """The sender's own id; a missing or broken one is replaced, since it must not cost the person the answer."""
    try:
        return uuid.UUID(raw or "")
    except ValueError:
        return uuid.uuid4()


def _take(request: HttpRequest, token: str, found: WayIn) -> HttpResponse:
    client_id = _client_id(request.POST.get("client_id"))
    try:
        receipt = actions.submit(
            way_in=found,
            asked=asked_at(found.occasion),
            client_id=client_id,
            sent=request.POST,
            own_words=request.POST.get("own_words", ""),
            now=timezone.now(),
        )
    except NotTaken as refusal:
        if refusal.state is not State.OPEN:
            return _cannot(request, way_in(token, now=timezone.now()) or found)
        faults = {fault.field: PROBLEMS[fault.problem]() for fault in refusal.faults}
        notice = text_for(TextKey.PRIVACY, current_language())
        sent = request.POST.dict()
        return _page(request, token, found, notice, client_id=str(client_id), values=sent, faults=faults)
    # Shown at once, not after a redirect: a second look at the link must not tell that this was a risk answer.
    return render(request, "answers/thanks.html", _thanks(found, at_risk=receipt.at_risk))


def _thanks(found: WayIn, *, at_risk: bool) -> dict[str, object]:
    return {
        "at_risk": at_risk,
        "crisis": text_for(TextKey.CRISIS, current_language()) if at_risk else None,
        "in_the_room": found.in_the_room,
        "return_to": found.link.return_to if found.in_the_room else "",
    }


@for_everyone
@not_for_guessers
@require_POST
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """The privacy notice has been shown: go on to the questions."""
    found = way_in(token, now=timezone.now())
    if found is None:
        return render(request, "answers/no_link.html", status=404)
    if found.state is not State.OPEN:
        return redirect("answers:answer", token=token)
    actions.see_notice(occasion=found.occasion, digest=text_for(TextKey.PRIVACY, current_language()).digest)
    return redirect("answers:answer", token=token)


@for_everyone
@not_for_guessers
@require_POST
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Keep what has been touched so far. Answers 200 only when it is kept."""
    found = way_in(token, now=timezone.now())
    if found is None:
        return JsonResponse({"kept": False}, status=404)
    fields = {
        field_name(asked.instrument, item)
        for asked in asked_at(found.occasion)
        for item in asked.instrument.items
    }
    content = {
        name: value[:OWN_WORDS_MOST]
        for name, value in request.POST.items()
        if value and (name in fields or name == "own_words")
    }
    try:
        actions.save_draft(
            way_in=found,
            client_id=_client_id(request.POST.get("client_id")),
            content=content,
            now=timezone.now(),
        )
    except NotTaken as refusal:
        return JsonResponse({"kept": False, "state": refusal.state}, status=409)
    return JsonResponse({"kept": True})


@needs(Permission.EDIT_TEXTS)
@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """The municipality's own texts."""
    return render(request, "answers/texts.html", {"texts": TextKey.choices})


@needs(Permission.EDIT_TEXTS)
@require_http_methods(["GET", "POST"])
def edit_text(request: HttpRequest, key: str) -> HttpResponse:
    """Change one text in all languages."""
    if key not in TextKey.values:
        return render(request, "404.html", status=404)
    form = TextForm(request.POST or None, key=key)
    if request.method == "POST" and form.is_valid():
        actions.change_text(by=request.viewer, key=key, body=form.cleaned_data, now=timezone.now())
        messages.success(request, gettext("The text is saved and is shown from now on."))
        return redirect("answers:texts")
    shown = text_for(key, current_language())
    return render(
        request, "answers/edit_text.html", {"form": form, "label": TextKey(key).label, "shown": shown}
    )
