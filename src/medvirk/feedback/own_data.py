"""What this room holds about a citizen, as the citizen gets it out: courses of help, conversations, changes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.utils.translation import gettext_lazy

from medvirk.feedback.models import Agreement, Episode, EpisodeMove, Session, Signal, SignalStep
from medvirk.feedback.own import own_episodes
from medvirk.feedback.wording.courses import SIGNALS as SIGNAL_WORDS
from medvirk.people.access import Viewer
from medvirk.people.hooks import OwnData, Shown, leave_out, register_own_data
from medvirk.people.models import Citizen
from medvirk.people.own_data import Fields, Row, changes_of, coded, day, moment
from medvirk.people.queries.own import hides_place

EPISODES: Fields = {
    "kind": gettext_lazy("Kind"),
    "unit": gettext_lazy("Unit"),
    "responsible": gettext_lazy("Responsible"),
    "started_on": gettext_lazy("First day"),
    "ended_on": gettext_lazy("Last day"),
    "ending": gettext_lazy("How it ended"),
    "before": gettext_lazy("Form before a conversation"),
    "after": gettext_lazy("Form after a conversation"),
}


def _episodes(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    secret = hides_place(viewer, citizen)
    for each in own_episodes(viewer, citizen).select_related("unit", "responsible__person"):
        yield {
            "kind": coded(each.kind, each.get_kind_display()),
            "unit": "" if secret else each.unit.name,
            "responsible": each.responsible.person.name,
            "started_on": day(each.started_on),
            "ended_on": day(each.ended_on),
            "ending": coded(each.ending, each.get_ending_display()),
            "before": f"{each.outcome_key}@{each.outcome_version}",
            "after": f"{each.meeting_key}@{each.meeting_version}",
        }


MOVES: Fields = {
    "day": gettext_lazy("From"),
    "unit": gettext_lazy("Unit"),
    "episode_from": gettext_lazy("In the course of help that began"),
}


def _moves(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    secret = hides_place(viewer, citizen)
    mine = own_episodes(viewer, citizen)
    moves = EpisodeMove.objects.filter(episode__in=mine, reorganisation__isnull=False)
    for each in moves.select_related("unit", "episode").order_by("day", "pk"):
        yield {
            "day": day(each.day),
            "unit": "" if secret else each.unit.name,
            "episode_from": day(each.episode.started_on),
        }


SESSIONS: Fields = {
    "starts_at": gettext_lazy("Begins"),
    "cancelled_at": gettext_lazy("Cancelled"),
    "episode_from": gettext_lazy("In the course of help that began"),
}


def _sessions(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = own_episodes(viewer, citizen)
    for each in (
        Session.objects.filter(episode__in=mine).select_related("episode").order_by("starts_at", "pk")
    ):
        yield {
            "starts_at": moment(each.starts_at),
            "cancelled_at": moment(each.cancelled_at),
            "episode_from": day(each.episode.started_on),
        }


CHANGES: Fields = {
    "noted_at": gettext_lazy("Noted"),
    "text": gettext_lazy("What was changed"),
    "noted_by": gettext_lazy("Noted by"),
}


def _changes(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    # What was noted in a conversation with several people is about all of them: it is nobody's alone to take along.
    alone = own_episodes(viewer, citizen).annotate(people=Count("participations__episode__participations"))
    mine = [each.pk for each in alone if each.people == 1]
    found = Agreement.objects.filter(episode__in=mine).select_related("noted_by__person")
    for each in found.order_by("noted_at", "pk"):
        yield {"noted_at": moment(each.noted_at), "text": each.text, "noted_by": each.noted_by.person.name}


SIGNALS: Fields = {
    "raised_at": gettext_lazy("Came up"),
    "what": gettext_lazy("What"),
    "steps": gettext_lazy("What was done with it"),
}


def _signals(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = Signal.objects.filter(citizen=citizen, episode__in=own_episodes(viewer, citizen))
    for each in mine.prefetch_related("steps__by__person", "steps__owner__person").order_by(
        "raised_at", "pk"
    ):
        steps = [_signal_step(step) for step in each.steps.all()]
        yield {
            "raised_at": moment(each.raised_at),
            "what": coded(each.kind, str(SIGNAL_WORDS[each.kind][0])),
            "steps": Shown(steps, "; ".join(_in_a_line(step) for step in steps)),
        }


def _signal_step(step: SignalStep) -> dict[str, str]:
    return {
        "at": step.at.isoformat(),
        "what": step.get_kind_display(),
        "by": step.by.person.name if step.by else "",
        "owner": step.owner.person.name if step.owner else "",
        "text": step.text,
    }


def _in_a_line(step: dict[str, str]) -> str:
    return " ".join(each for each in (step["what"], step["by"], step["text"]) if each)


HISTORY: Fields = {
    "at": gettext_lazy("When"),
    "what": gettext_lazy("What"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("After"),
}


def _history(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = own_episodes(viewer, citizen)
    yield from changes_of(
        Episode.history.filter(id__in=mine.values("pk")),
        {name: EPISODES[name] for name in ("started_on", "ended_on", "ending")},
    )
    yield from changes_of(
        Session.history.filter(episode_id__in=mine.values("pk")),
        {name: SESSIONS[name] for name in ("starts_at", "cancelled_at")},
    )


def register() -> None:
    """Called when the room is ready."""
    for order, (key, title, fields, models, collect) in enumerate(
        (
            ("episodes", gettext_lazy("Courses of help"), EPISODES, {"Episode", "Participation"}, _episodes),
            ("moves", gettext_lazy("When the help moved to another unit"), MOVES, {"EpisodeMove"}, _moves),
            ("sessions", gettext_lazy("Conversations"), SESSIONS, {"Session", "Asking"}, _sessions),
            ("changes", gettext_lazy("What we changed in the help"), CHANGES, {"Agreement"}, _changes),
            ("signals", gettext_lazy("Signals in my courses of help"), SIGNALS, {"Signal", "SignalStep"}, _signals),
            ("history", gettext_lazy("What was changed about the courses of help"), HISTORY,
             {"HistoricalEpisode", "HistoricalSession"}, _history),
        )
    ):  # fmt: skip
        tables = frozenset(f"feedback.{model}" for model in models)
        register_own_data(OwnData(f"feedback.{key}", title, 30 + order, fields, tables, collect))
    sums = "sums over ten or more people; nobody can be told from them"
    leave_out("feedback.NormsRelease", sums)
    leave_out("feedback.NormsRelease_episodes", "that a course is counted in such sums")
