"""The science room: how scores change, what course to expect, what deserves a talk. Only numpy and scipy.

From a notebook: `from medvirk import stats`, then `stats.change`, `stats.growth`, `stats.signals`,
`stats.reliability`.
"""

from medvirk.stats import change, growth, reliability, signals

__all__ = ["change", "growth", "reliability", "signals"]
