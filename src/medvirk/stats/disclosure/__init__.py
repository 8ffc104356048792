"""Disclosure control: numbers that say something about a service and nothing about one person in it.

table = protect_table([[3, 30], [40, 50]])           # Hidden where a number would give someone away
if not differencing(last_release, table): ...        # and nothing to be had by subtraction
shown(mean, people=42, clinicians=5, rule=BETWEEN)   # the value, or Hidden with the reason
round_table(counts, rounding=Rounding.BASE_5)
private_mean(scores, lower=0, upper=40, epsilon=1.0) # from 100 people; extra medvirk[privacy]
"""

from medvirk.stats.disclosure.differencing import Exposure, Found, differencing
from medvirk.stats.disclosure.hidden import BETWEEN, WITHIN, Hidden, Reason, SmallestCell, shown
from medvirk.stats.disclosure.privacy import PrivateEstimate, private_count, private_mean, private_proportion
from medvirk.stats.disclosure.rounding import RoundedTable, Rounding, round_counts, round_table
from medvirk.stats.disclosure.tables import ProtectedTable, protect_table

__all__ = [
    "BETWEEN",
    "WITHIN",
    "Exposure",
    "Found",
    "Hidden",
    "PrivateEstimate",
    "ProtectedTable",
    "Reason",
    "RoundedTable",
    "Rounding",
    "SmallestCell",
    "differencing",
    "private_count",
    "private_mean",
    "private_proportion",
    "protect_table",
    "round_counts",
    "round_table",
    "shown",
]
