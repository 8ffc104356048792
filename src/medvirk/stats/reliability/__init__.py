"""How exactly an instrument measures: consistency, retest, the error of one score, and stated criteria.

`describe` gathers all of it from one table of answers; `judge` holds it against `Criteria`.
"""

from medvirk.stats.measurement_error import local_reliable_change, standard_error_of_measurement
from medvirk.stats.reliability.consistency import (
    ItemsAgainstRest,
    SplitHalf,
    alpha_with_interval,
    cronbach_alpha,
    items_against_rest,
    split_half,
    step_up,
)
from medvirk.stats.reliability.criteria import SOURCES, Criteria, Criterion, State, Verdict, judge, meets_all
from medvirk.stats.reliability.describing import Description, ItemStatistics, describe
from medvirk.stats.reliability.estimates import Cause, Estimate, UnknownError, share_of
from medvirk.stats.reliability.factor import Fit, OneFactor, omega_with_interval, one_factor
from medvirk.stats.reliability.repeated import (
    Retest,
    RetestPairs,
    intraclass_correlation,
    pearson,
    retest,
    retest_pairs,
)

__all__ = [
    "SOURCES",
    "Cause",
    "Criteria",
    "Criterion",
    "Description",
    "Estimate",
    "Fit",
    "ItemStatistics",
    "ItemsAgainstRest",
    "OneFactor",
    "Retest",
    "RetestPairs",
    "SplitHalf",
    "State",
    "UnknownError",
    "Verdict",
    "alpha_with_interval",
    "cronbach_alpha",
    "describe",
    "intraclass_correlation",
    "items_against_rest",
    "judge",
    "local_reliable_change",
    "meets_all",
    "omega_with_interval",
    "one_factor",
    "pearson",
    "retest",
    "retest_pairs",
    "share_of",
    "split_half",
    "standard_error_of_measurement",
    "step_up",
]
