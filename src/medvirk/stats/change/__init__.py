"""Did it help? Reliable and clinically significant change of a person, and the effect size of a group.

The default is Jacobson–Truax at 95 %: `classify`. The other methods of the literature are in the same form
(`classify_by`), and `compare` shows them side by side.
"""

from medvirk.stats.change.adjusted import AdjustedEffect, MeanEffect, adjusted_effect
from medvirk.stats.change.classification import (
    Classification,
    categories,
    classify,
    classify_by,
    count_categories,
)
from medvirk.stats.change.comparison import Comparison, MethodShares, compare
from medvirk.stats.change.cutoffs import cutoff_a, cutoff_b, cutoff_c
from medvirk.stats.change.effect import EffectSize, effect_size, effect_size_from_summary
from medvirk.stats.change.proportion import Proportion, wilson
from medvirk.stats.change.reliable import (
    Category,
    Direction,
    Method,
    ReliableChange,
    direction_of,
    is_clinical,
    judged_by,
)
from medvirk.stats.change.slope import Slopes, empirical_bayes_slope
from medvirk.stats.change.statistics import (
    Sample,
    edwards_nunnally,
    gulliksen_lord_novick,
    hageman_arrindell,
    hageman_arrindell_crossing,
    hsu_linn_lord,
    jacobson_truax,
    nunnally_kotsch,
    reliability_of_difference,
    true_score_cutoff,
)
from medvirk.stats.faults import ROUNDING

__all__ = [
    "ROUNDING",
    "AdjustedEffect",
    "Category",
    "Classification",
    "Comparison",
    "Direction",
    "EffectSize",
    "MeanEffect",
    "Method",
    "MethodShares",
    "Proportion",
    "ReliableChange",
    "Sample",
    "Slopes",
    "adjusted_effect",
    "categories",
    "classify",
    "classify_by",
    "compare",
    "count_categories",
    "cutoff_a",
    "cutoff_b",
    "cutoff_c",
    "direction_of",
    "edwards_nunnally",
    "effect_size",
    "effect_size_from_summary",
    "empirical_bayes_slope",
    "gulliksen_lord_novick",
    "hageman_arrindell",
    "hageman_arrindell_crossing",
    "hsu_linn_lord",
    "is_clinical",
    "jacobson_truax",
    "judged_by",
    "nunnally_kotsch",
    "reliability_of_difference",
    "true_score_cutoff",
    "wilson",
]
