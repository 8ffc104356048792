"""A worker's own learning: figures, guesses at the meeting score, and checks of one's practice."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions.learning import check_oneself, check_team
from medvirk.feedback.actions.learning import guess as keep_guess
from medvirk.feedback.forms.learning import CheckForm, GuessForm
from medvirk.feedback.logic.learning import OWN_CHECK, TEAM_CHECK
from medvirk.feedback.models import Moment, SelfCheck
from medvirk.feedback.queries import measure_of, session_of
from medvirk.feedback.queries.learning import line_by_line, own_checks, own_learning, team_checks
from medvirk.feedback.queries.supervision import team_of
from medvirk.feedback.wording.learning import guess_words, of_words, spread_words
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.queries import effective, effective_catalogue
from medvirk.people.access import Permission, needs
from medvirk.ui.languages import choose_language, current_language

FOLLOW = Permission.FOLLOW_CITIZENS
REFUSALS = {
    "answered": gettext_lazy("They have answered already, so a guess would not be one."),
    "guessed": gettext_lazy("You have guessed already. The first guess stands."),
    "outside": gettext_lazy("The guess lies outside the scale."),
}


@needs(FOLLOW)
@require_GET
def learning(request: HttpRequest) -> HttpResponse:
    """My own figures of the last year. There is no address by which anybody could see another's."""
    found = own_learning(request.viewer, now=timezone.now())
    context = {
        "found": found,
        "figures": [
            (gettext("Conversations with an answer about life"), of_words(found.with_outcome)),
            (gettext("Conversations with an answer about the conversation"), of_words(found.with_meeting)),
            (gettext("My signals talked about within 7 days"), of_words(found.talked)),
            (gettext("Of those talked about: moved"), of_words(found.moved)),
        ],
        "meeting": spread_words(found.meeting, found.meeting_top),
        "guesses": guess_words(found.guesses),
    }
    return render(request, "feedback/learning.html", context)


@needs(FOLLOW)
@require_POST
def guess(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Guess what the meeting will be rated, from the page of the conversation."""
    session = session_of(request.viewer, session_id)
    if session is None:
        raise Http404
    asking = next(
        (
            each
            for each in session.askings.all()
            if each.moment == Moment.AFTER
            and each.occasion.capacity == "self"
            and str(each.citizen_id) == request.POST.get("citizen", str(each.citizen_id))
        ),
        None,
    )
    episode = session.episode
    measure = measure_of(
        effective_catalogue()[episode.meeting_key, episode.meeting_version], current_language()
    )
    if asking is None or measure is None:
        raise Http404
    form = GuessForm(request.POST, top=measure.high)
    if not form.is_valid():
        messages.error(request, gettext("Write a number from 0 to %(top)g.") % {"top": measure.high})
        return redirect("feedback:conversation", session_id)
    try:
        keep_guess(
            by=request.viewer,
            asking=asking,
            score=form.cleaned_data["score"],
            top=measure.high,
            now=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
    else:
        messages.success(
            request, gettext("Your guess is kept. You find it beside the answer under “My learning”.")
        )
    return redirect("feedback:conversation", session_id)


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def own_check(request: HttpRequest) -> HttpResponse:
    """How I use feedback: answered for myself, seen by myself."""
    instrument, form = _form(request, OWN_CHECK)
    if request.method == "POST" and form.is_valid():
        check_oneself(by=request.viewer, instrument=instrument, marks=form.marks(), day=request.viewer.today)
        messages.success(request, gettext("Kept. Only you can see it."))
        return redirect("feedback:own_check")
    context = _check_context(instrument, form, list(own_checks(request.viewer)))
    return render(request, "feedback/self_check.html", context, status=422 if form.errors else 200)


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def team_check(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """How our team uses feedback: answered together, seen by the team."""
    unit = team_of(request.viewer, unit_id)
    if unit is None:
        raise Http404
    instrument, form = _form(request, TEAM_CHECK)
    if request.method == "POST" and form.is_valid():
        check_team(
            by=request.viewer, unit=unit, instrument=instrument, marks=form.marks(), day=request.viewer.today
        )
        messages.success(request, gettext("Kept. Those who help in the team can see it."))
        return redirect("feedback:team_check", unit.pk)
    context = _check_context(instrument, form, list(team_checks(request.viewer, unit))) | {"unit": unit}
    return render(request, "feedback/self_check.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, key: str) -> tuple[Instrument, CheckForm]:
    instrument = effective(key)
    # Everything may be left empty, so that an empty answer is an answer too.
    sent = request.POST if request.method == "POST" else None
    return instrument, CheckForm(sent, instrument=instrument, language=_language(instrument))


def _language(instrument: Instrument) -> str:
    return choose_language(current_language(), instrument.languages) or instrument.languages[0]


#: So many times stand beside each other, so that the table can be read on a phone.
SHOWN = 4


def _check_context(instrument: Instrument, form: CheckForm, checks: Sequence[SelfCheck]) -> dict[str, Any]:
    wording = instrument.wordings[_language(instrument)]
    shown = checks[-SHOWN:]
    answered = line_by_line(shown, [item.key for item in instrument.items])
    return {
        "form": form,
        "title": wording.title,
        "intro": wording.intro,
        "checks": shown,
        "lines": [
            (wording.items[item.key].text, [_label(instrument, item.key, mark) for mark in marks])
            for item, marks in zip(instrument.items, answered, strict=True)
        ],
    }


def _label(instrument: Instrument, key: str, mark: float | None) -> str:
    if mark is None:
        return "–"
    labels = instrument.wordings[_language(instrument)].items[key].options
    return labels[instrument.item(key).options.index(mark)]
