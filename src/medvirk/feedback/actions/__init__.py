"""Writing in the feedback room: one function per verb, each in a transaction of its own."""

from medvirk.feedback.actions.asking import settle
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.courses import (
    OWN_MEETING,
    OWN_OUTCOME,
    cancel_session,
    end_episode,
    note_change,
    plan_session,
    reopen_episode,
    restore_session,
    start_episode,
)
from medvirk.feedback.actions.members import add_member, remove_member
from medvirk.feedback.actions.moving import move_session
from medvirk.feedback.actions.norms import fit_norms, measured
from medvirk.feedback.actions.proxies import ask_somebody
from medvirk.feedback.actions.together import say_what_is_shown
from medvirk.feedback.queries.schedules import SAFETY, newest_version

__all__ = [
    "OWN_MEETING",
    "OWN_OUTCOME",
    "SAFETY",
    "Refused",
    "add_member",
    "ask_somebody",
    "cancel_session",
    "end_episode",
    "fit_norms",
    "measured",
    "move_session",
    "newest_version",
    "note_change",
    "plan_session",
    "remove_member",
    "reopen_episode",
    "restore_session",
    "say_what_is_shown",
    "settle",
    "start_episode",
]
