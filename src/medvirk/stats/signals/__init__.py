"""What in a course deserves a talk, and how often such a signal is right.

`rules` are the signals themselves; `forecast` the chance of how a course ends; `alarms` every rule as a
number per score, so that `evaluate` can judge them alike; `processes` draws courses whose truth is known.
"""

from medvirk.stats.signals.alarms import (
    RULES,
    Forecast,
    NoChangeExpected,
    RawChange,
    Rule,
    RuleTable,
    SuddenFall,
)
from medvirk.stats.signals.best import BestPossible
from medvirk.stats.signals.cohort import Cohort, Outcome
from medvirk.stats.signals.evaluation import (
    Accuracy,
    AtMeasurement,
    Difference,
    Evaluation,
    Share,
    difference,
    evaluate,
)
from medvirk.stats.signals.forecast import EndForecast
from medvirk.stats.signals.processes import PROCESSES, Process
from medvirk.stats.signals.rules import (
    BAND,
    DESERVES_ATTENTION,
    ENOUGH_MEASUREMENTS,
    FALL_SHARE,
    HORIZON,
    PERFECT_IN_A_ROW,
    PERFECT_SHARE,
    SMALL_CHANCE,
    Signal,
    SignalKind,
    alliance_signals,
    by_attention,
    how_often_right,
    missing_signal,
    outcome_signals,
)

__all__ = [
    "BAND",
    "DESERVES_ATTENTION",
    "ENOUGH_MEASUREMENTS",
    "FALL_SHARE",
    "HORIZON",
    "PERFECT_IN_A_ROW",
    "PERFECT_SHARE",
    "PROCESSES",
    "RULES",
    "SMALL_CHANCE",
    "Accuracy",
    "AtMeasurement",
    "BestPossible",
    "Cohort",
    "Difference",
    "EndForecast",
    "Evaluation",
    "Forecast",
    "NoChangeExpected",
    "Outcome",
    "Process",
    "RawChange",
    "Rule",
    "RuleTable",
    "Share",
    "Signal",
    "SignalKind",
    "SuddenFall",
    "alliance_signals",
    "by_attention",
    "difference",
    "evaluate",
    "how_often_right",
    "missing_signal",
    "outcome_signals",
]
