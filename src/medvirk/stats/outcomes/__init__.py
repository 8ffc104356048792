"""What became of everyone whose course has ended, also of those who stopped answering.

    data = FinishedCourses.of(course=person, end=weeks, series=[Series(PHQ9, who, t, score)])
    print(estimate(data)[Outcome.RELIABLE_RECOVERY])

`estimate` and `estimate_effect` give complete case, last observation carried forward and growth model side by side;
`outcomes.estimates` says why the choice matters. `paired_outcomes` is for tables of first and last scores.
"""

from medvirk.stats.outcomes.courses import FinishedCourses, Series
from medvirk.stats.outcomes.estimates import Estimate, Estimates, estimate, estimate_effect
from medvirk.stats.outcomes.imputation import Pooled, rubin
from medvirk.stats.outcomes.measures import CATEGORIES, GAD7, PHQ9, TALKING_THERAPIES, Measure, Outcome
from medvirk.stats.outcomes.paired import PairedOutcomes, paired_outcomes

__all__ = [
    "CATEGORIES",
    "GAD7",
    "PHQ9",
    "TALKING_THERAPIES",
    "Estimate",
    "Estimates",
    "FinishedCourses",
    "Measure",
    "Outcome",
    "PairedOutcomes",
    "Pooled",
    "Series",
    "estimate",
    "estimate_effect",
    "paired_outcomes",
    "rubin",
]
