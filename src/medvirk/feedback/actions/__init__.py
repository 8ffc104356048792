"""Writing in the feedback room: one function per verb, each in a transaction of its own."""

from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.courses import (
    OWN_MEETING,
    OWN_OUTCOME,
    SAFETY,
    cancel_session,
    end_episode,
    newest_version,
    note_change,
    plan_session,
    reopen_episode,
    restore_session,
    start_episode,
)
from medvirk.feedback.actions.norms import fit_norms, measured

__all__ = [
    "OWN_MEETING",
    "OWN_OUTCOME",
    "SAFETY",
    "Refused",
    "cancel_session",
    "end_episode",
    "fit_norms",
    "measured",
    "newest_version",
    "note_change",
    "plan_session",
    "reopen_episode",
    "restore_session",
    "start_episode",
]
