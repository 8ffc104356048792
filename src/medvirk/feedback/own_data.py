"""What this room holds about a citizen, as the citizen gets it out: courses of help, conversations, changes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q
from django.utils.translation import gettext, gettext_lazy

from medvirk.feedback.logic.journal import parts_of
from medvirk.feedback.models import (
    Agreement,
    Episode,
    EpisodeMove,
    Goal,
    JournalSummary,
    MeasuringPause,
    Participation,
    ProxyAsking,
    ScheduleLine,
    Session,
    Showing,
    Signal,
    SignalStep,
)
from medvirk.feedback.own import own_episodes
from medvirk.feedback.queries.goals import events_of, goals_in
from medvirk.feedback.wording.courses import SIGNALS as SIGNAL_WORDS
from medvirk.feedback.wording.journal import PARTS as JOURNAL_PARTS
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
    # What was noted in a conversation with several people is about all of them: it is nobody's alone to take along,
    # unless it was agreed about one's own signal.
    own = own_episodes(viewer, citizen)
    alone = own.annotate(people=Count("participations__episode__participations"))
    mine = [each.pk for each in alone if each.people == 1]
    found = Agreement.objects.filter(
        Q(episode__in=mine) | Q(signal__citizen=citizen, episode__in=own)
    ).select_related("noted_by__person")
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
            "what": _what_came_up(each),
            "steps": Shown(steps, "; ".join(_in_a_line(step) for step in steps)),
        }


def _what_came_up(signal: Signal) -> Shown:
    """What others answered is theirs: that it raised a signal is told, and not what it said."""
    if signal.said_by_another_only():
        return coded("other", gettext("something that somebody else answered"))
    return coded(signal.kind, str(SIGNAL_WORDS[signal.kind][0]))


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


PAUSES: Fields = {
    "since": gettext_lazy("From"),
    "until": gettext_lazy("Until and with"),
    "reason": gettext_lazy("Reason"),
    "words": gettext_lazy("In own words"),
    "set_by": gettext_lazy("Set by"),
    "lifted_at": gettext_lazy("Ended before its day"),
    "lifted_by": gettext_lazy("Ended by"),
}


def _pauses(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = MeasuringPause.objects.filter(citizen=citizen, episode__in=own_episodes(viewer, citizen))
    for each in mine.select_related("set_by", "lifted_by"):
        yield {
            "since": day(each.since),
            "until": day(each.until),
            "reason": coded(each.reason, each.get_reason_display()),
            "words": each.words,
            "set_by": each.set_by.name,
            "lifted_at": moment(each.lifted_at),
            "lifted_by": each.lifted_by.name if each.lifted_by else "",
        }


GOALS: Fields = {
    "words": gettext_lazy("In own words"),
    "set_on": gettext_lazy("Set"),
    "set_by": gettext_lazy("Set by"),
    "reached_on": gettext_lazy("Reached"),
    "dropped_on": gettext_lazy("No longer a goal"),
}


def _goals(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in goals_in(viewer, citizen).select_related("set_by"):
        yield {
            "words": each.words,
            "set_on": day(each.set_on),
            "set_by": each.set_by.name,
            "reached_on": day(each.reached_on),
            "dropped_on": day(each.dropped_on),
        }


EVENTS: Fields = {
    "day": gettext_lazy("Day"),
    "words": gettext_lazy("What happened"),
    "noted_by": gettext_lazy("Noted by"),
}


def _events(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in events_of(viewer, citizen).select_related("noted_by"):
        yield {"day": day(each.day), "words": each.words, "noted_by": each.noted_by.name}


JOURNAL: Fields = {
    "about": gettext_lazy("The conversation; empty for the whole course"),
    "made_at": gettext_lazy("Made"),
    "made_by": gettext_lazy("Made by"),
    "parts": gettext_lazy("What it says"),
    "note": gettext_lazy("The worker's note"),
    "taken_over_at": gettext_lazy("Said to stand in the record system"),
    "taken_over_by": gettext_lazy("Said by"),
    "where": gettext_lazy("Which record system"),
}


def _journal(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = JournalSummary.objects.filter(citizen=citizen, episode__in=own_episodes(viewer, citizen))
    for each in mine.select_related("made_by__person", "taken_over_by__person", "session"):
        yield {
            "about": moment(each.session.starts_at if each.session else None),
            "made_at": moment(each.made_at),
            "made_by": each.made_by.person.name,
            "parts": coded(
                " ".join(each.parts), ", ".join(str(JOURNAL_PARTS[part]) for part in parts_of(each.parts))
            ),
            "note": each.note,
            "taken_over_at": moment(each.taken_over_at),
            "taken_over_by": each.taken_over_by.person.name if each.taken_over_by else "",
            "where": each.taken_over_where,
        }


SCHEDULES: Fields = {
    "form": gettext_lazy("Questionnaire"),
    "when": gettext_lazy("When"),
    "episode_from": gettext_lazy("In the course of help that began"),
}


def _schedules(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = own_episodes(viewer, citizen)
    rows = ScheduleLine.objects.filter(schedule__episode__in=mine).select_related("schedule__episode")
    for each in rows.order_by("pk"):
        yield {
            "form": f"{each.instrument_key}@{each.instrument_version}",
            "when": coded(
                each.rule,
                f"{each.get_moment_display()}, {each.get_rule_display()} {each.number or ''}".strip(),
            ),
            "episode_from": day(each.schedule.episode.started_on),
        }


SHOWN: Fields = {
    "said_at": gettext_lazy("When"),
    "part": gettext_lazy("What"),
    "yes": gettext_lazy("Shown to the others who take part"),
    "said_by": gettext_lazy("Told to"),
}


def _showings(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = Showing.objects.filter(citizen=citizen, episode__in=own_episodes(viewer, citizen))
    for each in mine.select_related("said_by__person"):
        yield {
            "said_at": moment(each.said_at),
            "part": coded(each.part, each.get_part_display()),
            "yes": each.yes,
            "said_by": each.said_by.person.name if each.said_by else "",
        }


OTHERS: Fields = {
    "asked_at": gettext_lazy("When"),
    "capacity": gettext_lazy("Who was asked how they see it"),
    "basis": gettext_lazy("By what right"),
    "own_words": gettext_lazy("What they let me read"),
}


def _others(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    mine = ProxyAsking.objects.filter(
        occasion__about=citizen, occasion__asking__session__episode__in=own_episodes(viewer, citizen)
    )
    for each in mine.select_related("occasion__submission").order_by("noted_at", "pk"):
        sent = getattr(each.occasion, "submission", None)
        yield {
            "asked_at": moment(each.noted_at),
            "capacity": coded(each.occasion.capacity, each.occasion.get_capacity_display()),
            "basis": coded(each.basis, each.get_basis_display()),
            "own_words": sent.own_words if sent and sent.citizen_may_read else "",
        }


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
    yield from changes_of(
        Participation.history.filter(citizen=citizen, episode__in=mine),
        {"since": gettext_lazy("Takes part from"), "until": gettext_lazy("Takes part until")},
    )
    yield from changes_of(
        Goal.history.filter(id__in=goals_in(viewer, citizen).values("pk")),
        {name: GOALS[name] for name in ("words", "reached_on", "dropped_on")},
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
            ("pauses", gettext_lazy("Pauses in what I am asked"), PAUSES, {"MeasuringPause"}, _pauses),
            ("goals", gettext_lazy("My goals"), GOALS, {"Goal"}, _goals),
            ("events", gettext_lazy("What happened in my life"), EVENTS, {"LifeEvent"}, _events),
            ("schedules", gettext_lazy("What I am asked when"), SCHEDULES, {"Schedule", "ScheduleLine"}, _schedules),
            ("showings", gettext_lazy("What I show those who take part with me"), SHOWN, {"Showing"}, _showings),
            ("others", gettext_lazy("Others who were asked how they see it"), OTHERS, {"ProxyAsking"}, _others),
            ("journal", gettext_lazy("Summaries for the municipality's own record system"), JOURNAL,
             {"JournalSummary"}, _journal),
            ("history", gettext_lazy("What was changed about the courses of help"), HISTORY,
             {"HistoricalEpisode", "HistoricalSession", "HistoricalParticipation", "HistoricalGoal"}, _history),
        )
    ):  # fmt: skip
        tables = frozenset(f"feedback.{model}" for model in models)
        register_own_data(OwnData(f"feedback.{key}", title, 30 + order, fields, tables, collect))
    sums = "sums over ten or more people; nobody can be told from them"
    leave_out("feedback.NormsRelease", sums)
    leave_out("feedback.Reminder", "each message stands under what was sent to me")
    leave_out(
        "feedback.ReminderChoice", "whether messages are sent in a course of help; each that was is shown"
    )
    leave_out("feedback.NormsRelease_episodes", "that a course is counted in such sums")
