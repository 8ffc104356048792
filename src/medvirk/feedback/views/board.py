"""The team's board: columns, one card, the day, and the morning meeting."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import board as acts
from medvirk.feedback.forms.board import ColumnForms, MoveForm, TaskForm, as_initial
from medvirk.feedback.logic.board import Column
from medvirk.feedback.queries.board import (
    Board,
    Card,
    board_of,
    card_of,
    columns_of,
    moves_of,
    shared_boards,
    task_of,
    workers_for,
)
from medvirk.feedback.queries.supervision import team_of, teams
from medvirk.feedback.wording.board import REFUSALS, column_name, contacts_words, met_words
from medvirk.feedback.wording.signals import title_on_card
from medvirk.people.access import Permission, log_listing, needs, open_record
from medvirk.people.models import Unit

FOLLOW = Permission.FOLLOW_CITIZENS


@needs(FOLLOW)
@require_GET
def boards(request: HttpRequest) -> HttpResponse:
    """The boards of my teams; with one team, that board."""
    mine = list(teams(request.viewer))
    if len(mine) == 1:
        return redirect("feedback:board", mine[0].pk)
    return render(request, "feedback/boards.html", {"units": mine})


def _team(request: HttpRequest, unit_id: uuid.UUID) -> Unit:
    unit = team_of(request.viewer, unit_id)
    if unit is None:
        raise Http404
    return unit


def _board(request: HttpRequest, unit: Unit) -> Board:
    """The board, logged once a day for each citizen on it."""
    found = board_of(request.viewer, unit, now=timezone.now())
    log_listing(request.viewer, {one.pk for card in found.cards for one in card.citizens}, "feedback.board")
    return found


@needs(FOLLOW)
@require_GET
def board(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Every running course of the team that I may open, in the column where it stands."""
    unit = _team(request, unit_id)
    found = _board(request, unit)
    columns = [
        {
            "name": column_name(column),
            "contacts": contacts_words(column.contacts),
            "cards": [_card(card, found, request) for card in cards],
        }
        for column, cards in found.columns
    ]
    return render(
        request, "feedback/board.html", {"unit": unit, "columns": columns, "count": len(found.cards)}
    )


def _card(card: Card, found: Board, request: HttpRequest) -> dict[str, Any]:
    last = len(found.columns) - 1
    return {
        "card": card,
        "names": ", ".join(each.person.name for each in card.citizens),
        "contacts": contacts_words(card.contacts),
        "met": met_words(card.met),
        "signals": [(kind, title_on_card(kind, card.risk_said_by)) for kind in card.signals],
        "late": len(card.late(request.viewer.today)),
        "closer": card.column - 1 if card.column > 0 else None,
        "rarer": card.column + 1 if card.column < last else None,
        "column": column_name(found.columns[card.column][0]),
    }


@needs(FOLLOW)
@require_GET
def today(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """The conversations of today by the hour, and the tasks of today and those that are late."""
    unit = _team(request, unit_id)
    found = _board(request, unit)
    day = request.viewer.today
    talks = sorted(
        ((at, _card(card, found, request)) for card in found.cards for at in card.today),
        key=lambda each: each[0],
    )
    due = [(task, _card(card, found, request)) for card in found.cards for task in card.due(day)]
    done = [(task, _card(card, found, request)) for card in found.cards for task in card.done_today]
    context = {
        "unit": unit,
        "day": day,
        "talks": talks,
        "tasks": sorted(due, key=lambda each: each[0].due_on),
        "done": done,
    }
    return render(request, "feedback/board_today.html", context)


@needs(FOLLOW)
@require_GET
def morning(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """The team goes through everybody: one press for each."""
    unit = _team(request, unit_id)
    found = _board(request, unit)
    cards = [_card(card, found, request) for card in found.cards]
    context = {
        "unit": unit,
        "day": request.viewer.today,
        "waiting": [each for each in cards if each["card"].looked_at is None],
        "looked": [each for each in cards if each["card"].looked_at is not None],
        "count": len(cards),
    }
    return render(request, "feedback/board_morning.html", context)


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Name the columns of the team's board."""
    unit = _team(request, unit_id)
    held = columns_of(unit.pk)
    initial = as_initial([(each, column_name(each)) for each in held])
    forms = ColumnForms(request.POST or None, initial=initial)
    if request.method == "POST" and forms.is_valid():
        chosen, starts_in = forms.columns()
        acts.set_columns(
            by=request.viewer, unit=unit, columns=_own_names(chosen), starts_in=starts_in, now=timezone.now()
        )
        messages.success(request, gettext("The columns are saved."))
        return redirect("feedback:board", unit.pk)
    status = 422 if forms.is_bound else 200
    return render(request, "feedback/board_columns.html", {"unit": unit, "forms": forms}, status=status)


def _own_names(chosen: list[acts.NewColumn]) -> list[acts.NewColumn]:
    """A name that is ours is kept as ours, so that it follows the language of whoever reads it."""
    return [
        acts.NewColumn(
            ""
            if each.key and each.name == column_name(Column(each.key, "", None, starts_here=False))
            else each.name,
            each.contacts,
            each.key,
            each.id,
        )
        for each in chosen
    ]


def _found(request: HttpRequest, episode_id: uuid.UUID, now: datetime) -> tuple[Card, tuple[Column, ...]]:
    found = card_of(request.viewer, episode_id, now=now)
    if found is None:
        raise Http404
    return found


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def card(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """One course on the board: move it, give tasks, and where it has stood."""
    now = timezone.now()
    found, held = _found(request, episode_id, now)
    open_record(request.viewer, found.episode, "feedback.board")
    tasking = "task" in request.POST
    names = [column_name(each) for each in held]
    moving = MoveForm(
        request.POST if request.method == "POST" and not tasking else None,
        columns=names,
        initial={"to": _preselected(request, found, len(held))},
    )
    workers = workers_for(found.episode, now=now)
    task = TaskForm(
        request.POST if tasking else None,
        workers=workers,
        prefix="task",
        initial={"who": str(request.viewer.staff_id), "due_on": request.viewer.today},
    )
    form = task if tasking else moving
    if request.method == "POST" and form.is_valid():
        try:
            _do(request, found, form, now)
        except Refused as refused:
            form.add_faults([str(REFUSALS[refused.reason])])
        else:
            return redirect("feedback:board_card", episode_id)
    context = {
        "card": found,
        "names": ", ".join(each.person.name for each in found.citizens),
        "column": names[found.column],
        "contacts": contacts_words(found.contacts),
        "met": met_words(found.met),
        "moves": [
            (each, column_name(_as_column(each.column))) for each in moves_of(request.viewer, found.episode)
        ],
        "moving": moving,
        "task": task,
        "here": request.path,
    }
    status = 422 if moving.errors or task.errors else 200
    return render(request, "feedback/board_card.html", context, status=status)


def _as_column(row: Any) -> Column:
    return Column(row.key, row.name, row.contacts, row.starts_here, row.pk)


def _preselected(request: HttpRequest, found: Card, count: int) -> int:
    wanted = request.GET.get("to", "")
    return int(wanted) if re.fullmatch("[0-9]{1,3}", wanted) and int(wanted) < count else found.column


def _do(request: HttpRequest, found: Card, form: MoveForm | TaskForm, now: datetime) -> None:
    data = form.cleaned_data
    if isinstance(form, MoveForm):
        acts.move(
            by=request.viewer,
            episode=found.episode,
            to=data["to"],
            reason=data["reason"],
            contacts=data["contacts"],
            now=now,
        )
        messages.success(request, gettext("Moved."))
        return
    acts.give_task(
        by=request.viewer,
        episode=found.episode,
        text=data["text"],
        who=form.workers[data["who"]],
        due_on=data["due_on"],
        now=now,
    )
    messages.success(request, gettext("The task is given."))


def _back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """To the page the button stood on, which the form names."""
    wanted = request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return redirect(wanted if own else otherwise)


@needs(FOLLOW)
@require_POST
def look(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Looked at today; pressed with `undo`, not."""
    now = timezone.now()
    found, _columns = _found(request, episode_id, now)
    act = acts.unlook if "undo" in request.POST else acts.look
    act(by=request.viewer, episode=found.episode, now=now)
    return _back(request, reverse("feedback:board_morning", args=[found.episode.unit_id]))


TASK_ACTS: dict[str, tuple[Callable[..., None], bool]] = {
    "done": (acts.do_task, True),
    "undo": (acts.undo_task, False),
    "drop": (acts.drop_task, True),
}


@needs(FOLLOW)
@require_POST
def task(request: HttpRequest, task_id: uuid.UUID) -> HttpResponse:
    """A task is done, is not done after all, or is not needed."""
    found = task_of(request.viewer, task_id)
    if found is None:
        raise Http404
    act, timed = TASK_ACTS[next((name for name in TASK_ACTS if name in request.POST), "done")]
    try:
        act(by=request.viewer, task=found, **({"now": timezone.now()} if timed else {}))
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
    return _back(request, reverse("feedback:board_card", args=[found.episode_id]))


@needs(Permission.SEE_SHARED)
@require_GET
def shared_board(request: HttpRequest) -> HttpResponse:
    """To a partner: the plan and the tasks of those who share just that with them."""
    rows = shared_boards(request.viewer, today=request.viewer.today)
    log_listing(request.viewer, [each.citizen.pk for each in rows], "feedback.board", basis="consent")
    return render(request, "feedback/shared_boards.html", {"rows": rows})
