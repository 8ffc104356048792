"""Where the functional range begins: the cut-offs a, b and c of Jacobson & Truax 1991."""

from medvirk.stats.change.reliable import Direction, direction_of
from medvirk.stats.faults import BadScoresError, finite_fault, positive_fault


def cutoff_a(mean_clinical: float, sd_clinical: float, *, direction: Direction) -> float:
    """Two standard deviations from the clinical mean, towards better. For when only clinical norms exist."""
    _check((mean_clinical,), (sd_clinical,))
    return mean_clinical + direction_of(direction).sign * 2 * sd_clinical


def cutoff_b(mean_functional: float, sd_functional: float, *, direction: Direction) -> float:
    """Two standard deviations (of the functional group) from the functional mean, towards worse."""
    _check((mean_functional,), (sd_functional,))
    return mean_functional - direction_of(direction).sign * 2 * sd_functional


def cutoff_c(mean_clinical: float, sd_clinical: float, mean_functional: float, sd_functional: float) -> float:
    """Where a score is as many standard deviations from either mean. For when the groups overlap."""
    _check((mean_clinical, mean_functional), (sd_clinical, sd_functional))
    weighted = sd_clinical * mean_functional + sd_functional * mean_clinical
    return weighted / (sd_clinical + sd_functional)


def _check(means: tuple[float, ...], sds: tuple[float, ...]) -> None:
    faults = [fault for mean in means for fault in finite_fault("The mean", mean)]
    faults += [fault for sd in sds for fault in positive_fault("The standard deviation", sd)]
    if faults:
        raise BadScoresError(faults)
