"""The answering page: open to whoever holds the link, and showing that answer and nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.answers import actions
from medvirk.answers.actions import NotTaken
from medvirk.answers.forms import TextForm
from medvirk.answers.logic import OWN_WORDS_MOST, Asked, Problem, State, line_marks, options_of
from medvirk.answers.models import Capacity, Help, Occasion, TextKey
from medvirk.answers.queries import WayIn, asked_in, notice_is_seen, way_in
from medvirk.answers.texts import Text, TextKind, own_texts, text_at, text_for, text_kind, text_kinds
from medvirk.instruments.definitions import Format, Item, ItemWording
from medvirk.people.access import Permission, for_everyone, needs
from medvirk.people.logic.units import units_above
from medvirk.people.models import Unit
from medvirk.people.queries.units import units_led
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
    # The element that says what of the citizen's own it asks about.
    about: str = ""


@dataclass(frozen=True)
class Part:
    """One instrument as the page shows it."""

    title: str
    topic: str
    topic_at: str
    intro: str
    language: str
    questions: list[SafeString]


def asked_at(occasion: Occasion) -> list[Asked]:
    """The occasion's instruments, each in the language nearest to the page's."""
    return asked_in(occasion, current_language())


def _part(asked: Asked, values: dict[str, str], faults: dict[str, str]) -> Part:
    wording = asked.instrument.wordings[asked.language]
    return Part(
        title=wording.title,
        topic=asked.topic.words if asked.topic else "",
        topic_at=_topic_at(asked),
        intro=wording.intro,
        language=asked.language,
        questions=[
            _question(asked, item, wording.items[item.key], values, faults) for item in asked.instrument.items
        ],
    )


def _question(
    asked: Asked, item: Item, wording: ItemWording, values: dict[str, str], faults: dict[str, str]
) -> SafeString:
    name = asked.field(item)
    question = Question(
        name,
        item,
        wording,
        _choices(item, wording),
        values.get(name, ""),
        faults.get(name, ""),
        _topic_at(asked),
    )
    # Only what nobody has touched is kept: the process must not remember what a person said.
    own = question.value or question.fault or asked.topic
    return _as_html(question) if own else _untouched(question)


def _topic_at(asked: Asked) -> str:
    """Where the page says what the instrument asks about: who goes from field to field hears it with each."""
    return f"topic-{asked.topic.id}" if asked.topic else ""


def _as_html(question: Question) -> SafeString:
    return render_to_string("answers/_question.html", {"question": question})


# Eleven buttons a line make a question the dearest part of the page, and it is the same for everybody.
_untouched = lru_cache(maxsize=1024)(_as_html)


def _choices(item: Item, wording: ItemWording) -> tuple[tuple[str, str], ...]:
    """(value, label) of each button; for a line, eleven of them, so that it works without script."""
    if item.format is Format.VAS:
        return tuple((mark, mark) for mark in line_marks(item))
    return tuple(options_of(item, wording))


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
    request.way_in = found
    if request.method == "POST":
        return _take(request, token, found)
    if found.state is not State.OPEN:
        return _cannot(request, found)
    notice = _notice(found)
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
        "on_own_device": found.on_own_device,
        # There from the start and for everyone: it depends neither on the network nor on what is answered.
        "crisis": _crisis(found),
        # Who answers about somebody else sees whom it is about from the one who asked them, not from a page.
        "for_another": found.occasion.capacity != Capacity.SELF,
        "by_worker": found.occasion.capacity == Capacity.WORKER,
        "helpers": Help.choices,
        "helped_by": values.get("helped_by", ""),
        "citizen_may_read": values.get("citizen_may_read", ""),
    }
    return render(request, "answers/answer.html", context, status=422 if faults else 200)


def _notice(found: WayIn) -> Text:
    """Who sees the answer and what is done with it: another thing for who answers about somebody else."""
    about_self = found.occasion.capacity == Capacity.SELF
    return text_for(TextKey.PRIVACY if about_self else TextKey.PRIVACY_OTHERS, current_language())


def _crisis(found: WayIn) -> Text:
    """Where to get help now, as the unit that asks has written it."""
    return text_at(TextKey.CRISIS, current_language(), found.occasion)


def _too_late(request: HttpRequest, found: WayIn) -> bool:
    """Something was sent to what had been answered already: it must not look as if it was taken."""
    return request.method == "POST" and found.state is State.ANSWERED


def _cannot(request: HttpRequest, found: WayIn, *, declines: bool = False) -> HttpResponse:
    """`declines`: they would rather not, so that nothing of theirs is lost by its coming too late."""
    context = {
        "state": found.state,
        "not_added": request.method == "POST" and not declines,
        "found": found,
        "for_another": found.occasion.capacity != Capacity.SELF,
        "return_to": found.link.return_to if found.in_the_room else "",
        # For everyone who comes back, whatever they answered: it must neither be lost nor tell anything.
        "crisis": _crisis(found),
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
            helped_by=request.POST.get("helped_by", ""),
            citizen_may_read=request.POST.get("citizen_may_read") == "1",
            now=timezone.now(),
        )
    except NotTaken as refusal:
        if refusal.state is not State.OPEN:
            return _cannot(request, way_in(token, now=timezone.now()) or found)
        faults = {fault.field: PROBLEMS[fault.problem]() for fault in refusal.faults}
        notice = _notice(found)
        sent = request.POST.dict()
        return _page(request, token, found, notice, client_id=str(client_id), values=sent, faults=faults)
    # Shown at once, not after a redirect: a second look at the link must not tell that this was a risk answer.
    return render(request, "answers/thanks.html", _thanks(found, at_risk=receipt.at_risk))


def _thanks(found: WayIn, *, at_risk: bool) -> dict[str, object]:
    return {
        "at_risk": at_risk,
        "crisis": _crisis(found) if at_risk else None,
        "in_the_room": found.in_the_room,
        "return_to": found.link.return_to if found.in_the_room else "",
        "for_another": found.occasion.capacity != Capacity.SELF,
        "by_worker": found.occasion.capacity == Capacity.WORKER,
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
    actions.see_notice(occasion=found.occasion, digest=_notice(found).digest)
    return redirect("answers:answer", token=token)


@for_everyone
@not_for_guessers
@require_POST
def draft(request: HttpRequest, token: str) -> HttpResponse:
    """Keep what has been touched so far. Answers 200 only when it is kept."""
    found = way_in(token, now=timezone.now())
    if found is None:
        return JsonResponse({"kept": False}, status=404)
    fields = {asked.field(item) for asked in asked_at(found.occasion) for item in asked.instrument.items}
    content = {
        name: value[:OWN_WORDS_MOST]
        for name, value in request.POST.items()
        if value and (name in fields or name in {"own_words", "helped_by", "citizen_may_read"})
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


@for_everyone
@not_for_guessers
@require_http_methods(["GET", "HEAD", "POST"])
def not_today(request: HttpRequest, token: str) -> HttpResponse:
    """They would rather not: noted, thanked, and not asked why."""
    found = way_in(token, now=timezone.now())
    if found is None:
        return render(request, "answers/no_link.html", status=404)
    request.way_in = found
    if request.method == "POST":
        try:
            actions.decline(way_in=found, now=timezone.now())
        except NotTaken:
            return _cannot(request, way_in(token, now=timezone.now()) or found, declines=True)
    # Who changes the language of the page comes back to it by looking.
    elif found.occasion.declined_at is None or found.state is not State.OPEN:
        return redirect("answers:answer", token=token)
    crisis = _crisis(found)
    context = _thanks(found, at_risk=False) | {"token": token, "crisis": crisis}
    return render(request, "answers/not_today.html", context)


@needs(Permission.EDIT_TEXTS)
@require_GET
def texts(request: HttpRequest) -> HttpResponse:
    """The municipality's own texts."""
    return render(request, "answers/texts.html", {"groups": _grouped(text_kinds())})


def _grouped(kinds: Iterable[TextKind]) -> dict[str, list[TextKind]]:
    groups: dict[str, list[TextKind]] = {}
    for kind in kinds:
        groups.setdefault(str(kind.group), []).append(kind)
    return groups


@needs(Permission.EDIT_TEXTS)
@require_http_methods(["GET", "POST"])
def edit_text(request: HttpRequest, key: str) -> HttpResponse:
    """Change one text in all languages."""
    return _edit(request, key, None)


@needs(Permission.LEAD_TEAM)
@require_GET
def unit_texts(request: HttpRequest) -> HttpResponse:
    """The texts that a unit may write itself, for each unit that one leads."""
    units = units_led(request.viewer)
    context = {"units": units, "groups": _grouped(text_kinds(by_unit=True))}
    return render(request, "answers/unit_texts.html", context)


@needs(Permission.LEAD_TEAM)
@require_http_methods(["GET", "POST"])
def edit_unit_text(request: HttpRequest, unit_id: uuid.UUID, key: str) -> HttpResponse:
    """Change one text in all languages, for one's own unit and those under it."""
    return _edit(request, key, get_object_or_404(units_led(request.viewer), pk=unit_id))


def _edit(request: HttpRequest, key: str, unit: Unit | None) -> HttpResponse:
    kind = text_kind(key)
    if kind is None or (unit is not None and not kind.by_unit):
        raise Http404
    above = () if unit is None else units_above(Unit.objects.parents_on(request.viewer.today), unit.pk)
    form = TextForm(request.POST or None, key=key, own=own_texts(key, above=above))
    back = "answers:texts" if unit is None else "answers:unit_texts"
    if request.method == "POST" and form.is_valid():
        actions.change_text(by=request.viewer, key=key, body=form.cleaned_data, now=timezone.now(), unit=unit)
        messages.success(request, gettext("The text is saved and is shown from now on."))
        return redirect(back)
    shown = text_for(key, current_language(), above=above)
    context = {"form": form, "kind": kind, "unit": unit, "shown": shown, "back": reverse(back)}
    return render(request, "answers/edit_text.html", context)
