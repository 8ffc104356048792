"""The expected course: norms that are sums, a mixed model fitted from them, and forecasts with bands.

Score = β0 + β1·t + b0 + b1·t + e, with (b0, b1) ~ N(0, G) between people and e ~ N(0, σ²) between
measurements, fitted by REML. `t` is already transformed; Medvirk uses log1p(time since the first
measurement). Source: Laird & Ware 1982, Biometrics 38:963; the log of the session is what Finch, Lambert &
Schaalje 2001 (Clin Psychol Psychother 8:231) used.

    norms = Norms.from_scores(person=person, t=np.log1p(weeks), score=score) + last_years_norms
    model = fit(norms)
    mean, sd = model.predict([0.0], [18.0], np.log1p([1, 2, 3]))

`grouped` lets level and pace depend on department or kind of help, `diagnostics` holds the model against courses it
has not seen, `posterior` and `chances` answer for many people at once.
"""

from medvirk.stats.faults import BadScoresError, CannotEstimateError, FaultsError
from medvirk.stats.growth.grouped import GroupedModel, GroupedNorms, fit_groups
from medvirk.stats.growth.model import GrowthModel, UnusableModelError
from medvirk.stats.growth.norms import BadNormsError, Norms, Pattern
from medvirk.stats.growth.reml import fit
from medvirk.stats.growth.timescale import TimeScale, TimeScaleError, TimeTransform, TimeUnit
from medvirk.stats.growth.uncertainty import Parameters

__all__ = [
    "BadNormsError",
    "BadScoresError",
    "CannotEstimateError",
    "FaultsError",
    "GroupedModel",
    "GroupedNorms",
    "GrowthModel",
    "Norms",
    "Parameters",
    "Pattern",
    "TimeScale",
    "TimeScaleError",
    "TimeTransform",
    "TimeUnit",
    "UnusableModelError",
    "fit",
    "fit_groups",
]
