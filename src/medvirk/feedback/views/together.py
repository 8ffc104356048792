"""Who answers around a conversation: who helped, who else is asked, and what those who take part show each other."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.answers.actions import NotTaken, make_link, note_help
from medvirk.answers.models import Capacity, Channel, Occasion, Submission
from medvirk.feedback import actions, queries
from medvirk.feedback.actions.proxies import withdraw_question
from medvirk.feedback.forms.members import HelpForm, ProxyForm
from medvirk.feedback.models import Episode, Moment, Session, ShownPart
from medvirk.feedback.own import own_episodes
from medvirk.feedback.pictures import course_picture, drawn
from medvirk.feedback.queries import Fetched, Followed, session_of
from medvirk.feedback.queries.proxies import people_to_ask, said_by_others
from medvirk.feedback.queries.together import Said, agreed_about, said_by_member, shows
from medvirk.feedback.views.around import opened
from medvirk.feedback.wording.courses import in_words, points
from medvirk.people.access import Permission, log_access, may_tell_wish, needs
from medvirk.people.logic import RefusedError
from medvirk.people.models import AccessAction, Citizen
from medvirk.people.views.own_steps import own_citizen
from medvirk.ui.charts import Size
from medvirk.ui.languages import current_language

FOLLOW = Permission.FOLLOW_CITIZENS
REFUSALS = {
    "ended_already": gettext_lazy("This course of help has ended, so nobody is asked any more."),
    "cancelled": gettext_lazy("This conversation is cancelled, so nobody is asked."),
    "not_there": gettext_lazy("They take no part in this course of help."),
    "no_right": gettext_lazy("Nobody who can say yes to this has done so. Ask the citizen first."),
    "not_to_be_told": gettext_lazy("This person cannot be asked. Choose another, or write a name."),
    "answered_already": gettext_lazy("They have answered for this conversation already."),
    "not_asked_now": gettext_lazy("They are not asked any more. You can ask again."),
}


def _opened(request: HttpRequest, session_id: uuid.UUID, what: str) -> tuple[Session, Fetched, Citizen]:
    session = session_of(request.viewer, session_id)
    if session is None:
        raise Http404
    found, citizen = opened(request, session.episode_id, what)
    return session, found, citizen


def _place(name: str, session: Session, citizen: Citizen) -> str:
    return f"{reverse(f'feedback:{name}', args=[session.pk])}?citizen={citizen.pk}"


@needs(FOLLOW)
@require_GET
def who_answers(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """All about who answers for one citizen at one conversation."""
    session, found, citizen = _opened(request, session_id, "feedback.session")
    others = said_by_others(request.viewer, found.episode, citizen)
    current = [each for each in found.citizens if found.takes_part(each.pk, request.viewer.today)]
    context = {
        "session": session,
        "episode": found.episode,
        "citizen": citizen,
        "moments": _moments(session, citizen),
        "others": others,
        "risky": [each for each in others if each.given and each.given.at_risk],
        "shown": _rows(said_by_member(request.viewer, found.episode), citizen)
        if len(found.citizens) > 1
        else [],
        "several": len(current) > 1,
        "back": _place("conversation", session, citizen),
    }
    return render(request, "feedback/who_answers.html", context)


def _moments(session: Session, citizen: Citizen) -> list[dict[str, Any]]:
    """What the citizen is asked themselves, before and after."""
    own = [
        each
        for each in session.askings.all()
        if each.citizen_id == citizen.pk and each.occasion.capacity == Capacity.SELF
    ]
    sent = {
        each.occasion_id: each
        for each in Submission.objects.filter(occasion__in=[each.occasion_id for each in own])
    }
    return [
        {
            "asking": each,
            "sent": sent.get(each.occasion_id),
            "form": HelpForm(
                initial={"helped_by": sent[each.occasion_id].helped_by}, auto_id=f"id_{each.moment}_%s"
            )
            if each.occasion_id in sent
            else None,
        }
        for each in sorted(own, key=lambda each: list(Moment).index(Moment(each.moment)))
    ]


def _rows(said: Said, citizen: Citizen) -> list[dict[str, Any]]:
    return [
        {"part": part.value, "label": part.label, "said": said.get((citizen.pk, part.value))}
        for part in ShownPart
    ]


@needs(FOLLOW)
@require_POST
def help_noted(request: HttpRequest, session_id: uuid.UUID, moment: str) -> HttpResponse:
    """Note, or correct, who was there when the citizen answered."""
    session, _found, citizen = _opened(request, session_id, "feedback.session")
    form = HelpForm(request.POST)
    if moment not in Moment.values or not form.is_valid():
        raise Http404
    try:
        occasion = session.asks(moment, citizen.pk)
    except LookupError:
        raise Http404 from None
    sent = Submission.objects.select_related("occasion").filter(occasion=occasion).first()
    if sent is None:
        messages.warning(request, gettext("Nothing has been answered yet, so there is nothing to note."))
        return redirect(_place("who_answers", session, citizen))
    note_help(by=request.viewer, submission=sent, helped_by=form.cleaned_data["helped_by"])
    log_access(
        request.viewer, [citizen.pk], "feedback.session", action=AccessAction.CHANGED, basis="help:noted"
    )
    messages.success(request, gettext("It is noted."))
    return redirect(_place("who_answers", session, citizen))


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def ask_another(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Ask somebody close how they see it. The reply to asking is the page with their code."""
    session, _found, citizen = _opened(request, session_id, "feedback.proxy")
    known, parents_decide = people_to_ask(request.viewer, citizen)
    form = ProxyForm(request.POST or None, known=known, parents_decide=parents_decide)
    status = 200
    if request.method == "POST":
        try:
            if form.is_valid():
                occasion = actions.ask_somebody(
                    by=request.viewer, session=session, citizen=citizen, whom=form.chosen(),
                    basis=form.cleaned_data["basis"], now=timezone.now(),
                )  # fmt: skip
                return _code(request, session, citizen, occasion)
        except actions.Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        except RefusedError as refused:
            form.add_faults(refused.sentences)
        status = 422
    context = {
        "form": form,
        "citizen": citizen,
        "session": session,
        "back": _place("who_answers", session, citizen),
    }
    return render(request, "feedback/ask_another.html", context, status=status)


def _code(request: HttpRequest, session: Session, citizen: Citizen, occasion: Occasion) -> HttpResponse:
    """A code and a link for whoever was asked. Shown in the reply itself: the token is kept nowhere."""
    token = make_link(by=request.viewer, occasion=occasion, channel=Channel.PHONE, now=timezone.now())
    link = request.build_absolute_uri(reverse("answers:answer", args=[token]))
    code = segno.make(link, error="m").svg_inline(omitsize=True, border=1, svgclass=None, lineclass=None)
    context = {
        "session": session,
        "who": occasion.respondent.name,
        "link": link,
        "code": mark_safe(code),  # noqa: S308  made by segno from our own address
        "mark": queries.mark_of(request.viewer, session),
        "way_back": _place("who_answers", session, citizen),
        "for_another": True,
    }
    return render(request, "feedback/phone.html", context)


@needs(FOLLOW)
@require_POST
def answer_as_worker(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The worker fills in how they see it themselves."""
    session, _found, citizen = _opened(request, session_id, "feedback.proxy")
    place = _place("who_answers", session, citizen)
    try:
        occasion = actions.ask_somebody(
            by=request.viewer, session=session, citizen=citizen, whom=None, basis="worker", now=timezone.now()
        )
    except actions.Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
        return redirect(place)
    token = make_link(
        by=request.viewer, occasion=occasion, channel=Channel.SCREEN, now=timezone.now(), return_to=place
    )
    return redirect("answers:answer", token=token)


@needs(FOLLOW)
@require_POST
def another_again(request: HttpRequest, session_id: uuid.UUID, occasion_id: uuid.UUID) -> HttpResponse:
    """A new code for somebody who was asked; or, with `withdraw`, they are not asked after all."""
    session, found, citizen = _opened(request, session_id, "feedback.proxy")
    asked = [each for some in found.asked.values() for each in some if each.occasion_id == occasion_id]
    if not asked or asked[0].capacity == Capacity.SELF or asked[0].citizen_id != citizen.pk:
        raise Http404
    occasion = Occasion.objects.select_related("respondent", "submission").get(pk=occasion_id)
    if hasattr(occasion, "submission"):
        messages.warning(request, REFUSALS["answered_already"])
        return redirect(_place("who_answers", session, citizen))
    if "withdraw" in request.POST:
        withdraw_question(by=request.viewer, occasion=occasion, now=timezone.now())
        messages.success(request, gettext("They are not asked any more."))
        return redirect(_place("who_answers", session, citizen))
    try:
        return _code(request, session, citizen, occasion)
    except NotTaken:
        messages.error(request, REFUSALS[_why_closed(session, found)])
        return redirect(_place("who_answers", session, citizen))


def _why_closed(session: Session, found: Fetched) -> str:
    if found.episode.ended_on is not None:
        return "ended_already"
    return "cancelled" if session.cancelled_at is not None else "not_asked_now"


@needs(FOLLOW)
@require_GET
def together(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """What those who take part have said that they show each other, and nothing else: it is for all to look at."""
    session, found, _citizen = _opened(request, session_id, "feedback.together")
    day = timezone.localdate(session.starts_at)
    current = {
        each.pk
        for each in found.citizens
        if found.takes_part(each.pk, day) and found.takes_part(each.pk, request.viewer.today)
    }
    said = said_by_member(request.viewer, found.episode)
    curves = shows(said, ShownPart.CURVE, current)
    courses = queries.follow(
        request.viewer,
        [found],
        now=timezone.now(),
        language=current_language(),
        until=found.session(session_id),
    )
    agreed = agreed_about(request.viewer, found.episode, shows(said, ShownPart.AGREED, current))
    shown = [
        {
            "citizen": each.citizen,
            "agreed": agreed.get(each.citizen.pk, []),
            **(_curve(each) if each.citizen.pk in curves else {}),
        }
        for each in courses
        if each.citizen.pk in curves or each.citizen.pk in agreed
    ]
    # One who shows a curve that does not exist yet looks like one who shows nothing.
    context = {
        "shown": [each for each in shown if each.get("wide") or each["agreed"]],
        "session": session,
        "episode": found.episode,
    }
    return render(request, "feedback/together.html", context)


def _curve(followed: Followed) -> dict[str, Any]:
    """The scores alone: nothing of safety, of own words, of the meeting or of what was changed."""
    bare = tuple(replace(each, changes=(), meeting=None, goals={}) for each in followed.course.points)
    course = replace(followed.course, meeting_measure=None, points=bare)
    if not course.measured:
        return {}
    words = in_words(course, None)
    picture = course_picture(course, None, words)
    return {
        "title": course.measure.title,
        "words": words,
        "wide": drawn(picture, Size.WIDE),
        "narrow": drawn(picture, Size.NARROW),
        "latest": points(course.measured[-1].outcome or 0.0),
    }


def _say(request: HttpRequest, episode: Episode, citizen: Citizen) -> None:
    part = request.POST.get("part", "")
    if part not in ShownPart.values:
        messages.warning(request, gettext("Choose what it is about."))
        return
    try:
        actions.say_what_is_shown(
            by=request.viewer, episode=episode, citizen=citizen, part=part,
            yes=request.POST.get("yes") == "1", now=timezone.now(),
        )  # fmt: skip
    except actions.Refused:
        raise Http404 from None
    messages.success(request, gettext("It is noted, and holds from now."))


@needs(FOLLOW)
@require_POST
def say_showing(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """A citizen told the worker yes or no."""
    session, found, citizen = _opened(request, session_id, "feedback.together")
    _say(request, found.episode, citizen)
    return redirect(_place("who_answers", session, citizen))


@needs(Permission.OWN_PAGES)
@require_POST
def own_showing(request: HttpRequest, citizen_id: uuid.UUID, episode_id: uuid.UUID) -> HttpResponse:
    """The citizen says yes or no on their own pages."""
    citizen = own_citizen(request, citizen_id, "feedback.together")
    episode = get_object_or_404(own_episodes(request.viewer, citizen), pk=episode_id)
    if not may_tell_wish(request.viewer, citizen).allowed:
        raise Http404
    _say(request, episode, citizen)
    return redirect("feedback:own_episode", citizen_id=citizen.pk, episode_id=episode.pk)
