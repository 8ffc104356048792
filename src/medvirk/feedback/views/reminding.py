"""Who has not answered, and what is sent to them."""

from __future__ import annotations

import uuid
from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.answers.actions import NotTaken, decline_for
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import reminding as actions
from medvirk.feedback.forms.reminding import PlanForm
from medvirk.feedback.logic.reminding import Kind
from medvirk.feedback.models import Asking, ReminderKind
from medvirk.feedback.queries import reminding as queries
from medvirk.feedback.queries.reminder_texts import texts_written
from medvirk.feedback.queries.reminding import Plans, Waiting
from medvirk.feedback.views.around import opened
from medvirk.feedback.wording.reminding import (
    WHY_NOT,
    coming_in_words,
    preview,
    sent_in_words,
    short_time,
    text_sizes,
)
from medvirk.messages.actions import has_address
from medvirk.people.access import Permission, log_access, log_listing, logs_if_shown, needs
from medvirk.people.models import AccessAction, Unit
from medvirk.people.queries.units import unit_in_scope, units_in_scope

FOLLOW = Permission.FOLLOW_CITIZENS
REFUSALS = {
    "no_consent": gettext_lazy(
        "Nothing was sent: they have not said yes to messages. Ask them when you meet."
    ),
    "settled": gettext_lazy("Nothing was sent: it is answered or closed by now."),
    "sent_by_hand": gettext_lazy("Nothing was sent: you have sent one about this conversation already."),
    "too_soon": gettext_lazy("Nothing was sent: it is asked after the conversation."),
    "begun": gettext_lazy("Nothing was sent: it would not arrive before the conversation begins."),
}


@needs(FOLLOW)
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Conversations around today, and who has not answered. The one place that shows it."""
    now, whole_team = timezone.now(), request.GET.get("show") == "team"
    found = queries.who_waits(request.viewer, now=now, quiet=settings.QUIET_HOURS, whole_team=whole_team)
    log_listing(request.viewer, [each.citizen.pk for each in found], "feedback.waiting")
    rows = [_row(each, now) for each in found]
    days = [(day, list(some)) for day, some in groupby(rows, lambda row: timezone.localdate(row["at"]))]
    today = request.viewer.today
    by_now = [row for row in rows if timezone.localdate(row["at"]) <= today]
    context = {
        "days": days,
        "today": today,
        "whole_team": whole_team,
        "answered": sum(row["state"] == "answered" for row in by_now),
        "n": len(by_now),
        "later": len(rows) - len(by_now),
    }
    return render(request, "feedback/waiting.html", context)


def _row(each: Waiting, now) -> dict[str, Any]:
    main, still = each.of(now), each.open_at(now)
    agrees = main is not None and not main.facts.unreachable
    # What would be tried cannot go: it is not promised.
    nowhere = agrees and not has_address(each.citizen.person)
    wanted = still is not None and not still.facts.declined
    return {
        "each": each,
        "at": each.session.starts_at,
        "begun": each.session.starts_at <= now,
        "state": _state(each, main),
        "after": each.after.facts if each.after and each.session.starts_at <= now else None,
        "open": still,
        "moment": still.asking.moment if still else "",
        "sent": [(ReminderKind(one.reminder.kind).label, sent_in_words(one)) for one in each.sent],
        "coming": [] if nowhere else [coming_in_words(one, now) for one in each.coming[:1]],
        "no_address": nowhere and wanted,
        "no_consent": "" if agrees or not still or each.sent else WHY_NOT["no consent"],
        "can_send": agrees and wanted and not nowhere and Kind.BY_HAND not in _gone(still),
    }


def _gone(about) -> set[str]:
    return {each.kind for each in about.reminders if each.channel and each.outdated_at is None}


def _state(each: Waiting, main) -> str:
    if main is not None and main.facts.answered:
        return "answered"
    if each.paused:
        return "paused"
    if main is None or main.facts.closed:
        return "not_asked"
    return "declined" if main.facts.declined else "waiting"


def _asking(request: HttpRequest, asking_id: int) -> Asking:
    found = queries.asking_of(request.viewer, asking_id)
    if found is None:
        raise Http404
    return found


def _back(request: HttpRequest) -> HttpResponse:
    team = "?show=team" if request.POST.get("show") == "team" else ""
    return redirect(f"{reverse('feedback:waiting')}{team}")


@needs(FOLLOW)
@require_POST
def send_now(request: HttpRequest, asking_id: int) -> HttpResponse:
    """Send a message now, or in the morning."""
    asking, now = _asking(request, asking_id), timezone.now()
    try:
        sent, goes = actions.send_now(by=request.viewer, asking=asking, now=now)
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
        return _back(request)
    if sent.why_not:
        messages.error(request, WHY_NOT.get(sent.why_not, WHY_NOT["no longer here"]))
    elif goes > now:
        messages.success(
            request,
            gettext("It is night. The message goes %(when)s.") % {"when": short_time(goes)},
        )
    else:
        messages.success(request, gettext("The message goes within a minute. This page shows how it went."))
    return _back(request)


@needs(FOLLOW)
@require_POST
def rather_not(request: HttpRequest, asking_id: int) -> HttpResponse:
    """They have said that they would rather not today."""
    asking = _asking(request, asking_id)
    log_access(
        request.viewer, [asking.citizen_id], "feedback.session", action=AccessAction.CHANGED, basis="relation"
    )
    try:
        decline_for(by=request.viewer, occasion=asking.occasion, now=timezone.now())
    except NotTaken:
        messages.error(request, gettext("Nothing was changed: it is answered or closed by now."))
    else:
        messages.success(request, gettext("Noted. They are not reminded of it."))
    return _back(request)


def _plans(day: date) -> Plans:
    return queries.plans_on(day)


@needs(Permission.SET_PROCEDURES)
@require_GET
def reminder_units(request: HttpRequest) -> HttpResponse:
    """The units that the viewer may decide for, and what is sent in each."""
    plans = _plans(request.viewer.today)
    units = units_in_scope(request.viewer, Permission.SET_PROCEDURES).order_by("name")
    rows = [
        {"unit": unit, "plan": plans.of_unit(unit.pk), "own": plans.decided_in(unit.pk) == unit.pk}
        for unit in units
    ]
    return render(request, "feedback/reminder_units.html", {"rows": rows})


@needs(Permission.SET_PROCEDURES)
@require_http_methods(["GET", "POST"])
def reminder_unit(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """What is sent in one unit, with the messages as they read in every language."""
    unit = unit_in_scope(request.viewer, Permission.SET_PROCEDURES, unit_id)
    if unit is None:
        raise Http404
    plans = _plans(request.viewer.today)
    plan = plans.of_unit(unit.pk)
    if request.method == "POST" and "follow" in request.POST:
        actions.follow_the_unit_above(by=request.viewer, unit=unit)
        messages.success(request, gettext("The unit follows the unit above it."))
        return redirect("feedback:reminder_unit", unit_id=unit.pk)
    initial = {name: getattr(plan, name) for name in PlanForm.base_fields}
    form = PlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        actions.decide(by=request.viewer, unit=unit, plan=form.plan())
        messages.success(request, gettext("It is saved and holds from now on."))
        return redirect("feedback:reminder_unit", unit_id=unit.pk)
    context = _unit_context(unit, plans) | {"form": form}
    return render(request, "feedback/reminder_unit.html", context, status=422 if form.errors else 200)


def _unit_context(unit: Unit, plans: Plans) -> dict[str, Any]:
    plan, written = plans.of_unit(unit.pk), texts_written()
    above = plans.above(unit.pk)
    shown = [
        (
            code,
            name,
            [
                (ReminderKind(kind).label, text, *text_sizes(text, code))
                for kind, text in preview(code, plan, written=written, above=above)
            ],
        )
        for code, name in settings.LANGUAGES
    ]
    return {
        "unit": unit,
        "plan": plan,
        "own": plans.decided_in(unit.pk) == unit.pk,
        "above": plans.decided_in(unit.pk) is not None,
        "shown": shown,
    }


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def episode_reminders(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Whether messages are sent in this one course of help."""
    found, citizen = opened(request, episode_id, "feedback.reminder")
    if request.method == "POST":
        chosen = {"on": True, "off": False, "unit": None}
        if request.POST.get("sends") in chosen:
            actions.choose_for_course(
                by=request.viewer, episode=found.episode, sends=chosen[request.POST["sends"]]
            )
            messages.success(request, gettext("It is saved."))
            return redirect("feedback:episode", episode_id=found.episode.pk)
        logs_if_shown(request, found, "feedback.reminder", FOLLOW)
    plans = _plans(request.viewer.today)
    own = plans.by_episode.get(found.episode.pk)
    context = {
        "episode": found.episode,
        "citizen": citizen,
        "chosen": "unit" if own is None else "on" if own else "off",
        "unit_sends": plans.of_unit(found.episode.unit_id).sends,
    }
    return render(request, "feedback/episode_reminders.html", context)
