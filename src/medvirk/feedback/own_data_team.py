"""What a citizen gets out of what their team does together: supervision, the board, the crisis plan.

Notes from supervision are staff's working notes, and part of the record all the same: whoever asks for their record
gets them. What is about several who take part together is nobody's alone to take along.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db.models import Count
from django.utils.translation import gettext_lazy

from medvirk.feedback.logic.board import Column
from medvirk.feedback.logic.supervision import read_back
from medvirk.feedback.models import BoardLook, BoardMove, BoardTask, CrisisPlan, PlanWish, SupervisionCase
from medvirk.feedback.own import own_episodes
from medvirk.feedback.wording.board import column_name
from medvirk.feedback.wording.supervision import reason_title
from medvirk.people.access import Viewer
from medvirk.people.hooks import OwnData, Shown, leave_out, register_own_data
from medvirk.people.models import Citizen
from medvirk.people.own_data import Fields, Row, coded, day, moment

SUPERVISION: Fields = {
    "day": gettext_lazy("Day"),
    "why": gettext_lazy("Why"),
    "asked": gettext_lazy("What somebody wanted to take up"),
    "asked_by": gettext_lazy("Who wanted to"),
    "notes": gettext_lazy("The team's working notes"),
}


def _alone(viewer: Viewer, citizen: Citizen) -> list[uuid.UUID]:
    """Courses with nobody else in them."""
    mine = own_episodes(viewer, citizen).annotate(people=Count("participations__episode__participations"))
    return [each.pk for each in mine if each.people == 1]


def _supervision(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    cases = SupervisionCase.objects.filter(episode__in=_alone(viewer, citizen), supervision__isnull=False)
    for each in (
        cases.select_related("supervision", "asked_by__person")
        .prefetch_related("notes__written_by__person")
        .order_by("supervision__day", "pk")
    ):
        notes = [
            {"at": one.written_at.isoformat(), "by": one.written_by.person.name, "text": one.text}
            for one in each.notes.all()
            if one.undone_at is None
        ]
        why = [reason_title(one) for one in read_back(each.why)]
        yield {
            "day": day(each.supervision.day if each.supervision else None),
            "why": Shown(why, "; ".join(why)),
            "asked": each.asked,
            "asked_by": each.asked_by.person.name if each.asked_by else "",
            "notes": Shown(notes, "; ".join(f"{one['by']}: {one['text']}" for one in notes)),
        }


MOVES: Fields = {
    "day": gettext_lazy("From"),
    "column": gettext_lazy("Column"),
    "reason": gettext_lazy("Why"),
    "moved_by": gettext_lazy("Moved by"),
}


def _moves(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    found = BoardMove.objects.filter(episode__in=_alone(viewer, citizen))
    for each in found.select_related("column", "moved_by__person"):
        name = column_name(Column(each.column.key, each.column.name, None, starts_here=False))
        yield {
            "day": day(each.day),
            "column": name,
            "reason": each.reason,
            "moved_by": each.moved_by.person.name,
        }


TASKS: Fields = {
    "text": gettext_lazy("What"),
    "who": gettext_lazy("Who"),
    "due_on": gettext_lazy("By when"),
    "done_at": gettext_lazy("Done"),
}


def _tasks(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    found = BoardTask.objects.filter(episode__in=_alone(viewer, citizen), dropped_at__isnull=True)
    for each in found.select_related("who__person"):
        yield {
            "text": each.text,
            "who": each.who.person.name,
            "due_on": day(each.due_on),
            "done_at": moment(each.done_at),
        }


LOOKS: Fields = {"day": gettext_lazy("Day"), "looked_by": gettext_lazy("Noted by")}


def _looks(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    found = BoardLook.objects.filter(episode__in=_alone(viewer, citizen)).select_related("looked_by__person")
    for each in found.order_by("day", "pk"):
        yield {"day": day(each.day), "looked_by": each.looked_by.person.name}


PLANS: Fields = {
    "written_at": gettext_lazy("Written"),
    "written_by": gettext_lazy("Written by"),
    "signs": gettext_lazy("Early signs"),
    "helps": gettext_lazy("What helps, and what does not"),
    "calls": gettext_lazy("Whom to call"),
    "with_citizen": gettext_lazy("Written together"),
}


def _plans(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in CrisisPlan.objects.filter(citizen=citizen).select_related("written_by__person"):
        yield {
            "written_at": moment(each.written_at),
            "written_by": each.written_by.person.name,
            "signs": each.signs,
            "helps": each.helps,
            "calls": each.calls,
            "with_citizen": coded(
                str(each.with_citizen), str(gettext_lazy("yes") if each.with_citizen else gettext_lazy("no"))
            ),
        }


WISHES: Fields = {
    "text": gettext_lazy("What should be different"),
    "wished_at": gettext_lazy("Sent"),
    "wished_by": gettext_lazy("Sent by"),
    "seen_at": gettext_lazy("Answered by a new version"),
}


def _wishes(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in PlanWish.objects.filter(citizen=citizen).select_related("wished_by"):
        yield {
            "text": each.text,
            "wished_at": moment(each.wished_at),
            "wished_by": each.wished_by.name,
            "seen_at": moment(each.seen_at),
        }


def register() -> None:
    """Called when the room is ready."""
    for order, (key, title, fields, models, collect) in enumerate(
        (
            ("supervision", gettext_lazy("My courses of help in the team's supervision"), SUPERVISION,
             {"SupervisionCase", "SupervisionNote"}, _supervision),
            ("board_moves", gettext_lazy("Where I have stood on the team's board"), MOVES, {"BoardMove"}, _moves),
            ("board_tasks", gettext_lazy("What somebody should do for me"), TASKS, {"BoardTask"}, _tasks),
            ("board_looks", gettext_lazy("When the team went through my course of help"), LOOKS, {"BoardLook"}, _looks),
            ("crisis_plans", gettext_lazy("My crisis plan, every version"), PLANS, {"CrisisPlan"}, _plans),
            ("plan_wishes", gettext_lazy("What I wanted changed in my crisis plan"), WISHES, {"PlanWish"}, _wishes),
        )
    ):  # fmt: skip
        tables = frozenset(f"feedback.{model}" for model in models)
        register_own_data(OwnData(f"feedback.{key}", title, 46 + order, fields, tables, collect))
    leave_out(
        "feedback.MeetingGuess",
        "what a worker thought of their own conversation, for their own learning only",
    )
