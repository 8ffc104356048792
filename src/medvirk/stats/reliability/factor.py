"""McDonald's omega: the share of a sum's variance that one common factor accounts for.

The one-factor (congeneric) model x_j = τ_j + λ_j F + e_j is fitted by maximum likelihood. Unlike alpha, omega
does not assume that all items measure equally well; like alpha it is only meaningful if one factor fits.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from medvirk.stats.faults import BadScoresError, Floats, open_unit_fault
from medvirk.stats.reliability.consistency import complete_rows
from medvirk.stats.reliability.estimates import LEVEL, Cause, Estimate, UnknownError, z_of

# The lowest share of an item's variance that may be its own. An estimate on this edge is no solution.
LEAST_OWN_SHARE = 0.005


@dataclass(frozen=True)
class Fit:
    """How well one factor reproduces the correlations: `chi_square` on `df` degrees of freedom, and indices."""

    chi_square: float
    df: int
    cfi: float
    srmr: float
    rmsea: float


@dataclass(frozen=True)
class OneFactor:
    """A one-factor model of `n` complete rows.

    `loadings` (k,) and `own_variances` (k,) in points of the items; `standardised` (k,) are the loadings of
    items with standard deviation 1. The factor points the way in which most of the sum goes. `omega` is
    (Σλ)² / ((Σλ)² + Σψ), `omega_se` its standard error without assuming normal items. `fit` is None with
    three items, where one factor fits any data.
    """

    n: int
    loadings: Floats
    own_variances: Floats
    standardised: Floats
    omega: float
    omega_se: float
    fit: Fit | None


def one_factor(items: ArrayLike) -> OneFactor:
    """Fit one factor to the complete rows of `items` (n, k), reversed items already turned.

    Raises BadScoresError for a wrong shape or an infinite number, CannotEstimateError with fewer than three
    items or too few complete rows, an item that is the same for all, items of which some are worked out from
    others, or where the best fit leaves an item no variance of its own (a Heywood case).

    Sources: Jöreskog 1967, Psychometrika 32:443 (likelihood with the loadings profiled out); McDonald 1999,
    Test Theory (omega); Satorra & Bentler 1994 (standard errors); Bentler 1990, Psychol Bull 107:238 (CFI).
    """
    complete = complete_rows("Omega", items, least_items=3, least_rows=4)
    n, k = complete.shape
    if n <= k + 1:
        raise UnknownError(
            Cause.FEW_PEOPLE, f"Omega of {k} items needs at least {k + 2} complete rows, found {n}."
        )
    centred = complete - complete.mean(axis=0)
    covariance = centred.T @ centred / n
    sd = np.sqrt(np.diag(covariance))
    flat = np.flatnonzero(sd <= 1e-9 * max(float(sd.max()), np.finfo(float).tiny))
    if flat.size:
        places = ", ".join(str(at + 1) for at in flat)
        raise UnknownError(Cause.CONSTANT, f"Omega: item {places} is the same in all {n} complete rows.")
    correlation = covariance / np.outer(sd, sd)
    if float(np.linalg.eigvalsh(correlation)[0]) < 1e-8:
        raise UnknownError(
            Cause.NO_ONE_FACTOR, "Omega: some items follow exactly from others. Leave the doubled ones out."
        )
    own, discrepancy = _own_shares(correlation)
    standardised = _loadings(correlation, own)
    if float((standardised * sd).sum()) < 0:
        standardised = -standardised
    loadings, own_variances = standardised * sd, own * sd**2
    common = float(loadings.sum()) ** 2
    return OneFactor(
        n=n,
        loadings=loadings,
        own_variances=own_variances,
        standardised=standardised,
        omega=common / (common + float(own_variances.sum())),
        omega_se=_omega_se(centred, loadings, own_variances),
        fit=_fit(correlation, standardised, n, n * discrepancy),
    )


def _own_shares(correlation: Floats) -> tuple[Floats, float]:
    """The share of each item's variance that is its own (k,), and the discrepancy at the best fit.

    With the loadings profiled out, the discrepancy is Σ (e − log e − 1) over all but the largest eigenvalue
    of Ψ^−½ R Ψ^−½ (Jöreskog 1967).
    """

    def discrepancy(own: Floats) -> tuple[float, Floats]:
        root = np.sqrt(own)
        rest = np.linalg.eigvalsh(correlation / np.outer(root, root))[:-1]
        loadings = _loadings(correlation, own)
        slope = (loadings**2 + own - np.diag(correlation)) / own**2
        return float((rest - np.log(rest) - 1).sum()), slope

    k = len(correlation)
    start = np.clip((1 - 0.5 / k) / np.diag(np.linalg.inv(correlation)), 2 * LEAST_OWN_SHARE, 0.99)
    found = optimize.minimize(
        discrepancy,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_OWN_SHARE, 1.0)] * k,
        options={"maxiter": 2_000, "ftol": 1e-15, "gtol": 1e-9},
    )
    own = np.asarray(found.x, dtype=np.float64)
    edge = np.flatnonzero(own <= LEAST_OWN_SHARE * 1.001)
    if edge.size:
        raise UnknownError(
            Cause.NO_ONE_FACTOR,
            f"Omega: one factor would leave item {edge[0] + 1} no variance of its own, so the model does not "
            "hold. Look at the items one by one.",
        )
    if float(own.min()) >= 1 - 1e-6:
        raise UnknownError(Cause.NO_ONE_FACTOR, "Omega: the items have nothing in common.")
    return own, float(found.fun)


def _loadings(correlation: Floats, own: Floats) -> Floats:
    """The best standardised loadings (k,) given what is each item's own."""
    root = np.sqrt(own)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    return np.asarray(root * vectors[:, -1] * math.sqrt(max(float(values[-1]) - 1, 0.0)))


def _omega_se(centred: Floats, loadings: Floats, own_variances: Floats) -> float:
    """The standard error of omega by the delta method, with each row's influence instead of normal theory.

    Expected information A with elements ½ tr(Σ⁻¹ Σ_a Σ⁻¹ Σ_b); a row's influence on the parameters is
    A⁻¹ g, g_a = ½ (y' Σ_a y − mean), y = Σ⁻¹ x. Satorra & Bentler 1994; what SEM programs call robust.
    """
    precision = np.linalg.inv(np.outer(loadings, loadings) + np.diag(own_variances))
    towards = precision @ loadings
    information = np.block(
        [
            [
                precision * float(loadings @ towards) + np.outer(towards, towards),
                precision * towards[np.newaxis, :],
            ],
            [precision * towards[:, np.newaxis], precision**2 / 2],
        ]
    )
    y = centred @ precision
    pull = np.hstack([y * (y @ loadings)[:, np.newaxis], y**2 / 2])
    pull -= pull.mean(axis=0)
    total, own = float(loadings.sum()), float(own_variances.sum())
    slope = np.concatenate(
        [
            np.full(loadings.size, 2 * total * own / (total**2 + own) ** 2),
            np.full(loadings.size, -(total**2) / (total**2 + own) ** 2),
        ]
    )
    influence = pull @ np.linalg.solve(information, slope)
    return float(np.sqrt((influence**2).sum()) / len(centred))


def _fit(correlation: Floats, loadings: Floats, n: int, chi_square: float) -> Fit | None:
    k = len(loadings)
    df = k * (k - 1) // 2 - k
    if df == 0:
        return None
    beyond = max(chi_square - df, 0.0)
    of_none = -n * float(np.linalg.slogdet(correlation)[1]) - k * (k - 1) / 2
    worst = max(of_none, beyond)
    left = (correlation - np.outer(loadings, loadings))[np.tril_indices(k, -1)]
    return Fit(
        chi_square=chi_square,
        df=df,
        cfi=1 - beyond / worst if worst > 0 else 1.0,
        srmr=math.sqrt(float((left**2).sum()) / (k * (k + 1) / 2)),
        rmsea=math.sqrt(beyond / (df * n)),
    )


def omega_with_interval(model: OneFactor, *, level: float = LEVEL) -> Estimate:
    """Omega with an interval on the logit scale, which keeps its ends between 0 and 1.

    Source: Raykov & Marcoulides 2011, Introduction to Psychometric Theory. Raises BadScoresError.
    """
    if faults := open_unit_fault("The level of the interval", level):
        raise BadScoresError(faults)
    omega = model.omega
    if not 0 < omega < 1:
        return Estimate(omega, model.n)
    middle = math.log(omega / (1 - omega))
    half = z_of(level) * model.omega_se / (omega * (1 - omega))
    low, high = (1 / (1 + math.exp(-each)) for each in (middle - half, middle + half))
    return Estimate(omega, model.n, low, high)
