"""What is asked when: in a unit, and in one course of help."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import schedules as actions
from medvirk.feedback.actions.ending import ask_last_measure
from medvirk.feedback.forms.schedules import LineForm
from medvirk.feedback.logic.schedules import Line, When, ahead
from medvirk.feedback.models import Episode, Schedule
from medvirk.feedback.queries import Fetched
from medvirk.feedback.queries.goals import goals_of
from medvirk.feedback.queries.risk import units_to_set
from medvirk.feedback.queries.schedules import choosable, held_today, plan_of, schedule_of_unit
from medvirk.feedback.views.around import opened
from medvirk.feedback.views.courses import REFUSALS as COURSE_REFUSALS
from medvirk.feedback.wording.schedules import forms_of, listed, rule_in_words, titles_of
from medvirk.people.access import Permission, Viewer, needs
from medvirk.people.models import Citizen, Unit
from medvirk.ui.languages import current_language

REFUSALS = {
    "no_wording": gettext_lazy("Its wording is not loaded here, so nobody can be asked it yet."),
    "no_number": gettext_lazy("Write a number from 1 to 60: how many conversations, or how many months."),
    "said_already": gettext_lazy("That stands in the plan already."),
    "too_many": gettext_lazy("There are twelve lines already. Take one away before you add another."),
}


@needs(Permission.SET_PROCEDURES)
@require_GET
def unit_schedules(request: HttpRequest) -> HttpResponse:
    """The units whose plan the viewer may change."""
    units = units_to_set(request.viewer)
    own = set(Schedule.objects.filter(unit__in=units).values_list("unit_id", flat=True))
    rows = [{"unit": unit, "own": unit.pk in own} for unit in units]
    return render(request, "feedback/unit_schedules.html", {"rows": rows})


@needs(Permission.SET_PROCEDURES)
@require_http_methods(["GET", "POST"])
def unit_schedule(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """What courses that start in this unit from now on are asked."""
    unit = next((each for each in units_to_set(request.viewer) if each.pk == unit_id), None)
    if unit is None:
        raise Http404
    form = _changed(request, unit)
    if form is None:
        return redirect("feedback:unit_schedule", unit_id=unit.pk)
    schedule = schedule_of_unit(unit.pk, request.viewer.today)
    inherited = schedule if schedule and schedule.unit_id != unit.pk else None
    context = _lines(schedule) | _choices(form) | {"unit": unit, "inherited": inherited}
    return render(request, "feedback/unit_schedule.html", context, status=422 if form.errors else 200)


def _changed(request: HttpRequest, of: Unit | Episode) -> LineForm | None:
    """Do what was sent; None when it is done, else the form to show."""
    do = request.POST.get("do") if request.method == "POST" else None
    if do is None:
        return LineForm()
    by, now = request.viewer, timezone.now()
    if do == "remove":
        number = request.POST.get("line", "")
        if number.isdecimal() and actions.remove_line(by=by, of=of, line_id=int(number[:12]), now=now):
            messages.success(request, gettext("It is taken out of the plan."))
    elif do == "ease":
        actions.set_easing(by=by, of=of, eases="eases" in request.POST, now=now)
        messages.success(request, gettext("The plan is saved."))
    elif do == "safety" and isinstance(of, Episode):
        actions.set_safety(by=by, episode=of, asks="safety" in request.POST, now=now)
        messages.success(request, gettext("The plan is saved."))
    elif do == "unit" and isinstance(of, Episode):
        actions.take_the_units_plan(by=by, episode=of, now=now)
        messages.success(request, gettext("This course follows the plan of the unit as it is today."))
    else:
        return _added(request, of)
    return None


def _added(request: HttpRequest, of: Unit | Episode) -> LineForm | None:
    form = LineForm(request.POST)
    if form.is_valid():
        try:
            actions.add_line(by=request.viewer, of=of, line=form.line(), now=timezone.now())
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("It stands in the plan."))
            return None
    return form


def _lines(schedule: Schedule | None) -> dict[str, Any]:
    rows = list(schedule.lines.all()) if schedule else []
    as_lines = [
        Line((row.instrument_key, row.instrument_version), row.moment, When(row.rule), row.number)
        for row in rows
    ]
    titles = titles_of(line.form for line in as_lines)
    return {
        "lines": [
            {"id": row.pk, "title": titles[line.form], "rule": rule_in_words(line)}
            for row, line in zip(rows, as_lines, strict=True)
        ],
        "eases": schedule is not None and schedule.eases,
    }


def _choices(form: LineForm) -> dict[str, Any]:
    _askable, lacking = choosable()
    return {"form": form, "lacking": [each.title(current_language()) for each in lacking]}


@needs(Permission.FOLLOW_CITIZENS)
@require_http_methods(["GET", "POST"])
def episode_schedule(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """What this course is asked, and how that looks for the next conversations."""
    found, citizen = opened(request, episode_id, "feedback.schedule")
    form = _changed(request, found.episode)
    if form is None:
        return redirect("feedback:episode_schedule", episode_id=episode_id)
    schedule = Schedule.objects.filter(episode=found.episode).prefetch_related("lines").first()
    context = _lines(schedule) | _choices(form) | _preview(request.viewer, found, citizen)
    context |= {"episode": found.episode, "citizen": citizen}
    return render(request, "feedback/episode_schedule.html", context, status=422 if form.errors else 200)


def _preview(viewer: Viewer, found: Fetched, citizen: Citizen) -> dict[str, Any]:
    now = timezone.now()
    plan = plan_of(found.episode)
    held = held_today(plan, found.episode, citizen, now)
    planned = [
        timezone.localdate(each.starts_at)
        for each in found.sessions
        if each.cancelled_at is None and each.starts_at > now
    ]
    coming = ahead(plan, held, planned, viewer.today)
    goals = goals_of(citizen, found.episode).filter(reached_on=None, dropped_on=None).count()
    principal = {plan.outcome, plan.meeting, *((plan.safety,) if plan.safety else ())}
    titles = titles_of(forms_of(coming) | principal)
    rows = [
        {
            "number": each.number,
            "day": each.day,
            "planned": each.planned,
            "before": listed(each.before, titles, goals=goals if plan.outcome in each.before else 0),
            "after": listed(each.after, titles),
        }
        for each in coming
    ]
    return {
        "coming": rows,
        "outcome": titles[plan.outcome],
        "meeting": titles[plan.meeting],
        "safety": plan.safety is not None,
        "still": held.still,
    }


@needs(Permission.FOLLOW_CITIZENS)
@require_POST
def last_measure(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Ask what is asked at the end, around the next conversation or one that begins now."""
    found, _citizen = opened(request, episode_id, "feedback.session")
    try:
        session = ask_last_measure(by=request.viewer, episode=found.episode, now=timezone.now())
    except Refused as refused:
        messages.error(request, COURSE_REFUSALS[refused.reason])
        return redirect("feedback:episode", episode_id=episode_id)
    messages.success(request, gettext("What is asked at the end is asked around this conversation."))
    return redirect("feedback:conversation", session_id=session.pk)
