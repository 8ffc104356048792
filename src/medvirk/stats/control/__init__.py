"""Is it the usual variation, did the change do something, how long do courses last?

    chart = xmr_chart(waiting_days, changes=[DocumentedChange(12, "second intake team")])
    runs_analysis(waiting_days); p_chart(no_shows, appointments, laney=True)
    interrupted_time_series(waiting_days, changes=[DocumentedChange(12, "second intake team")], effects_at=[18])
    course_length(*durations(start, end, as_of="2026-06-30"), at=[90, 180])

Charts of units and services over time, never of workers. The last two need the extra medvirk[science].
"""

from medvirk.stats.control.courses import (
    CourseLength,
    StillOpen,
    course_length,
    course_length_by_unit,
    durations,
)
from medvirk.stats.control.proportions import PChart, p_chart
from medvirk.stats.control.rules import ControlSignal, DocumentedChange, Phase, Rule, Side
from medvirk.stats.control.runs import RunsAnalysis, runs_analysis, runs_limits
from medvirk.stats.control.time_series import (
    Caution,
    ChangeEffect,
    Effect,
    Errors,
    Estimate,
    InterruptedSeries,
    interrupted_time_series,
    newey_west_lag,
)
from medvirk.stats.control.xmr import XmrChart, xmr_chart

__all__ = [
    "Caution",
    "ChangeEffect",
    "ControlSignal",
    "CourseLength",
    "DocumentedChange",
    "Effect",
    "Errors",
    "Estimate",
    "InterruptedSeries",
    "PChart",
    "Phase",
    "Rule",
    "RunsAnalysis",
    "Side",
    "StillOpen",
    "XmrChart",
    "course_length",
    "course_length_by_unit",
    "durations",
    "interrupted_time_series",
    "newey_west_lag",
    "p_chart",
    "runs_analysis",
    "runs_limits",
    "xmr_chart",
]
