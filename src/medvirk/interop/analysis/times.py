"""How time enters the expected course."""

from __future__ import annotations

import numpy as np

from medvirk.interop.scores.options import Transform
from medvirk.interop.scores.reading import Scores
from medvirk.stats.faults import Floats
from medvirk.stats.growth import TimeScale, TimeTransform

KNOWN_TO_NORMS = {Transform.LOG1P: TimeTransform.LOG1P, Transform.NONE: TimeTransform.IDENTITY}


def axis(scores: Scores, transform: Transform) -> Floats:
    """Time before it is transformed (rows,): since the person's first row, or for log the file's own number."""
    return scores.time if transform is Transform.LOG else scores.since_first


def transformed(scores: Scores, transform: Transform) -> Floats:
    """Time as the expected course takes it.

    log1p: log(1 + time since the person's first row). none: that time itself. log: log of the file's own
    number, such as session 1, 2, 3: time since the first would be 0 at the first, which has no logarithm.
    """
    return transformed_time(axis(scores, transform), transform)


def transformed_time(time: Floats, transform: Transform) -> Floats:
    """The transformation itself, of times since the first or, for log, of the file's own numbers above 0."""
    if transform is Transform.NONE:
        return time
    return np.log1p(time) if transform is Transform.LOG1P else np.log(time)


def time_scale(scores: Scores, transform: Transform) -> TimeScale | None:
    """What norms of these scores are counted in; None where nobody said, or for log, which norms do not know."""
    if scores.unit is None or transform not in KNOWN_TO_NORMS:
        return None
    return TimeScale(scores.unit, KNOWN_TO_NORMS[transform])
