"""The science room: how scores change, what course to expect, what deserves a talk. Only numpy and scipy.

From a notebook: `from medvirk import stats`, then `stats.change`, `stats.growth`, `stats.outcomes`, `stats.signals`,
`stats.reliability`, `stats.control` (charts over time, before and after, length of courses), `stats.disclosure`
(what may be published) and `stats.federation` (norms that municipalities share).
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medvirk.stats import change, control, disclosure, federation, growth, outcomes, reliability, signals

__all__ = [
    "change",
    "control",
    "disclosure",
    "federation",
    "growth",
    "outcomes",
    "reliability",
    "signals",
]


def __getattr__(name: str) -> ModuleType:
    """Each part is imported when it is first asked for, so that a web worker carries only what it uses."""
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
