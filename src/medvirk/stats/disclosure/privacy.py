"""Differential privacy by OpenDP: a mean, a share or a count with noise that is proven to hide any one person.

Neighbouring data differ in the answer of one person: the number of people n is public. Each person gives exactly
one value. What several results on the same people cost adds up: two at epsilon 0.5 are one at epsilon 1.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    Floats,
    finite_fault,
    float_array,
    import_extra,
    positive_fault,
    told,
)

#: Below so many people the noise at epsilon 1 outweighs chance: hide the number or pool years.
FEWEST_PEOPLE = 100
#: With more, one answer can change how likely a result is by a factor of e¹⁰: no protection is left.
LARGEST_EPSILON = 10.0
ACCURACY_CONFIDENCE = 0.95


@dataclass(frozen=True)
class PrivateEstimate:
    """`value` with noise, cut to what is possible.

    `scale` is that of the Laplace noise in the unit of the value (its standard deviation is √2 · scale), and
    `accuracy` how far the noise alone takes the value from the true one in at most 5 % of draws; chance
    variation between people comes on top. Never draw again to get a nicer value: each draw costs `epsilon`.
    """

    value: float
    people: int
    epsilon: float
    scale: float
    accuracy: float


def _opendp() -> Any:
    dp = import_extra("opendp.prelude", extra="privacy", needed_for="Differential privacy")
    # OpenDP asks users to confirm by this that its proofs are vetted by people, not checked by machine.
    dp.enable_features("contrib")
    return dp


def _checked(name: str, values: ArrayLike, epsilon: float, *, lower: float, upper: float) -> Floats:
    row = float_array(name, values)
    faults = positive_fault("Epsilon", epsilon)
    if not faults and epsilon > LARGEST_EPSILON:
        faults.append(
            f"Epsilon is {epsilon:g}: above {LARGEST_EPSILON:g} it hides nobody. Around 1 is usual."
        )
    if finite_fault("lower", lower) or finite_fault("upper", upper) or lower >= upper:
        given = f"Bounds {told(lower)} and {told(upper)}"
        raise BadScoresError([*faults, f"{given}: give the least and the greatest score of the instrument."])
    if row.ndim != 1:
        faults.append(f"{name}: {row.ndim} dimension(s). Give one value for each person.")
    faults += [
        f"{name}: {row[i]:g} at position {i} must be a number from {lower:g} to {upper:g}, one for each person."
        for i in np.flatnonzero(~((row >= lower) & (row <= upper)))
        if row.ndim == 1
    ]
    if faults:
        raise BadScoresError(faults)
    if row.size < FEWEST_PEOPLE:
        raise CannotEstimateError(
            [
                f"{name}: {row.size} people; differential privacy needs {FEWEST_PEOPLE}. Hide it, or pool years."
            ]
        )
    return row


def _measurement(dp: Any, aggregate: Any, epsilon: float) -> tuple[Any, float]:
    """(measurement, scale): Laplace noise whose privacy loss, as OpenDP proves it, is at most `epsilon`."""
    scale = float(aggregate.map(1)) / epsilon
    measurement = aggregate >> dp.m.then_laplace(scale=scale)
    # The division may have rounded the scale down by a hair; the proof decides.
    while measurement.map(1) > epsilon:
        scale *= 1 + 1e-9
        measurement = aggregate >> dp.m.then_laplace(scale=scale)
    return measurement, scale


def mean_measurement(people: int, *, lower: float, upper: float, epsilon: float) -> tuple[Any, float]:
    """(OpenDP measurement, noise scale) of the mean of `people` scores between `lower` and `upper`."""
    dp = _opendp()
    domain = dp.vector_domain(dp.atom_domain(bounds=(float(lower), float(upper)), nan=False), size=people)
    one_person = (domain, dp.change_one_distance()) >> dp.t.then_metric_unbounded()
    return _measurement(dp, one_person >> dp.t.then_mean(), epsilon)


def count_measurement(people: int, *, epsilon: float) -> tuple[Any, float]:
    """(OpenDP measurement, noise scale) of how many of `people` have a mark of 1 and not 0; whole-number noise."""
    dp = _opendp()
    domain = dp.vector_domain(dp.atom_domain(bounds=(0, 1)), size=people)
    one_person = (domain, dp.change_one_distance()) >> dp.t.then_metric_unbounded()
    return _measurement(dp, one_person >> dp.t.then_sum(), epsilon)


def private_mean(scores: ArrayLike, *, lower: float, upper: float, epsilon: float) -> PrivateEstimate:
    """Mean of one score per person (n,), with a privacy loss of at most `epsilon`.

    `lower` and `upper` are the bounds of the instrument, never of the data: the least score seen is itself a
    fact about somebody.

    Raises BadScoresError for a missing score (the number of people with one would give it away: decide before
    who is counted), one outside the bounds, or an epsilon that is not above 0; CannotEstimateError with fewer than
    100 people; MissingExtraError without OpenDP.

    Source: Dwork et al. 2006, TCC: Laplace noise of scale (upper − lower) / (n · epsilon); OpenDP.
    """
    row = _checked("Scores", scores, epsilon, lower=lower, upper=upper)
    measurement, scale = mean_measurement(row.size, lower=lower, upper=upper, epsilon=epsilon)
    accuracy = float(_opendp().laplacian_scale_to_accuracy(scale, 1 - ACCURACY_CONFIDENCE))
    value = float(measurement(row.tolist()))
    return PrivateEstimate(min(max(value, lower), upper), row.size, epsilon, scale, accuracy)


def private_count(marked: ArrayLike, *, epsilon: float) -> PrivateEstimate:
    """How many of the people in `marked` (n,), each true or false, are marked; a whole number.

    Raises as `private_mean`. Source: Ghosh, Roughgarden & Sundararajan 2012, SIAM J Comput 41:1673; OpenDP.
    """
    row = _checked_marks(marked, epsilon)
    measurement, scale = count_measurement(row.size, epsilon=epsilon)
    accuracy = float(_opendp().discrete_laplacian_scale_to_accuracy(scale, 1 - ACCURACY_CONFIDENCE))
    value = int(measurement(row.astype(int).tolist()))
    return PrivateEstimate(float(min(max(value, 0), row.size)), row.size, epsilon, scale, accuracy)


def private_proportion(marked: ArrayLike, *, epsilon: float) -> PrivateEstimate:
    """The share of the people in `marked` (n,) who are marked: `private_count` / n. Raises as `private_mean`."""
    count = private_count(marked, epsilon=epsilon)
    n = count.people
    return PrivateEstimate(count.value / n, n, epsilon, count.scale / n, count.accuracy / n)


def _checked_marks(marked: ArrayLike, epsilon: float) -> Floats:
    row = _checked("Marks", marked, epsilon, lower=0, upper=1)
    if faults := [
        f"Marks: {row[i]:g} at position {i} is neither true nor false." for i in np.flatnonzero(row % 1)
    ]:
        raise BadScoresError(faults)
    return row
