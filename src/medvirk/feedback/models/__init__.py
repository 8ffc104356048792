"""The tables of the feedback room: courses of help and what is followed up in them."""

from medvirk.feedback.models.episodes import (
    Asking,
    Ending,
    Episode,
    EpisodeKind,
    EpisodeMove,
    Moment,
    Participation,
    Session,
)
from medvirk.feedback.models.norms import LocalNorms, NormsRelease
from medvirk.feedback.models.signals import Agreement, ChangeChoice, Signal, SignalStep, StepKind

__all__ = [
    "Agreement",
    "Asking",
    "ChangeChoice",
    "Ending",
    "Episode",
    "EpisodeKind",
    "EpisodeMove",
    "LocalNorms",
    "Moment",
    "NormsRelease",
    "Participation",
    "Session",
    "Signal",
    "SignalStep",
    "StepKind",
]
