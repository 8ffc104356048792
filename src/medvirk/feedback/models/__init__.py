"""The tables of the feedback room: courses of help and what is followed up in them."""

from medvirk.feedback.models.board import (
    MOST_CONTACTS,
    BoardColumn,
    BoardLook,
    BoardMove,
    BoardTask,
    ColumnKey,
    CrisisPlan,
    PlanWish,
)
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
from medvirk.feedback.models.goals import Goal, LifeEvent
from medvirk.feedback.models.journal import JournalChoice, JournalSummary
from medvirk.feedback.models.norms import LocalNorms, NormsRelease
from medvirk.feedback.models.pauses import MeasuringPause, PauseReason
from medvirk.feedback.models.reminding import Reminder, ReminderChoice, ReminderKind, ReminderPlan
from medvirk.feedback.models.risk import RiskDays, RiskLine
from medvirk.feedback.models.schedules import Rule, Schedule, ScheduleLine
from medvirk.feedback.models.signals import (
    Agreement,
    ChangeChoice,
    Signal,
    SignalGuide,
    SignalStep,
    StepKind,
)
from medvirk.feedback.models.supervision import (
    MeetingGuess,
    SelfCheck,
    Supervision,
    SupervisionCase,
    SupervisionNote,
)
from medvirk.feedback.models.together import ProxyAsking, ProxyBasis, Showing, ShownPart
from medvirk.feedback.models.use import UseNote

__all__ = [
    "MOST_CONTACTS",
    "Agreement",
    "Asking",
    "BoardColumn",
    "BoardLook",
    "BoardMove",
    "BoardTask",
    "ChangeChoice",
    "ColumnKey",
    "CrisisPlan",
    "Ending",
    "Episode",
    "EpisodeKind",
    "EpisodeMove",
    "Goal",
    "JournalChoice",
    "JournalSummary",
    "LifeEvent",
    "LocalNorms",
    "MeasuringPause",
    "MeetingGuess",
    "Moment",
    "NormsRelease",
    "Participation",
    "PauseReason",
    "PlanWish",
    "ProxyAsking",
    "ProxyBasis",
    "Reminder",
    "ReminderChoice",
    "ReminderKind",
    "ReminderPlan",
    "RiskDays",
    "RiskLine",
    "Rule",
    "Schedule",
    "ScheduleLine",
    "SelfCheck",
    "Session",
    "Showing",
    "ShownPart",
    "Signal",
    "SignalGuide",
    "SignalStep",
    "StepKind",
    "Supervision",
    "SupervisionCase",
    "SupervisionNote",
    "UseNote",
]
