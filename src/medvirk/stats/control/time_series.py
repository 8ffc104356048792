"""Interrupted time series: level and slope before and after a change, with intervals that know of autocorrelation.

Months resemble their neighbours, so ordinary least squares gives intervals that are too narrow. Coverage of
95 % intervals for the change of level, change in the middle, errors AR(1), 800 to 1,500 draws each:

    points  AR(1)   least squares   Newey-West   AR(1) by REML
        24    0.3             .87          .79             .92
        24    0.6             .76          .73             .91
        48    0.3             .87          .85             .95
        48    0.6             .72          .77             .91
        96    0.6             .69          .80             .92

So AR(1) by REML is the default. Newey-West, which assumes no form of the errors, is there for long series.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import t as student_t

from medvirk.stats.control.rules import DocumentedChange, change_faults, checked_series, sides
from medvirk.stats.faults import (
    LARGEST,
    BadScoresError,
    CannotEstimateError,
    Floats,
    import_extra,
    member,
    open_unit_fault,
    whole_fault,
)

#: The least EPOC (Cochrane) accepts on each side, and what one should aim at with monthly points.
FEWEST_EACH_SIDE = 3
ADVISED_EACH_SIDE = 12
#: The intervals use the t distribution; with 1 degree of freedom they say nothing.
FEWEST_DEGREES_OF_FREEDOM = 2


class Errors(StrEnum):
    """How the errors of neighbouring months hang together."""

    #: Each remembers the last: e(t) = ρ·e(t−1) + noise, ρ by REML, coefficients by generalised least squares.
    AR1 = "ar1"
    #: No form assumed: ordinary least squares with Newey-West standard errors. For some 100 points and more.
    NEWEY_WEST = "newey_west"


class Caution(StrEnum):
    """Why the result must be read with care."""

    #: Fewer than 12 measured points on a side of a change.
    SHORT = "short"
    #: What the model leaves over still remembers its past (Ljung-Box p < 0.05): do not lean on the intervals.
    AUTOCORRELATED = "autocorrelated"
    #: Missing months: autocorrelation is not tested.
    GAPS = "gaps"
    #: The points lie on the lines exactly, so the intervals have no width and mean nothing.
    EXACT = "exact"


@dataclass(frozen=True)
class Estimate:
    """A value in the unit of the series (per month for a slope), its standard error, interval and p-value.

    `p` is None when the standard error is 0.
    """

    value: float
    se: float
    low: float
    high: float
    p: float | None


@dataclass(frozen=True)
class ChangeEffect:
    """`level`: the jump at the change, against the line before. `slope`: what is added to each month's step."""

    change: DocumentedChange
    level: Estimate
    slope: Estimate


@dataclass(frozen=True)
class Effect:
    """Fitted minus the line before the first change carried on, at point `at`: all changes together."""

    at: int
    effect: Estimate


@dataclass(frozen=True)
class InterruptedSeries:
    """`fitted` and `counterfactual` (the line before the first change carried on) have one element per point.

    `rho` is the autocorrelation of AR(1) errors (None for Newey-West), `lag` the number of lags of Newey-West
    (None for AR(1)). `durbin_watson` (2 = no autocorrelation) is that of ordinary residuals, `ljung_box_p` that
    of what the chosen model leaves over; both None with gaps or an exact fit.
    """

    start_level: Estimate
    start_slope: Estimate
    changes: tuple[ChangeEffect, ...]
    effects: tuple[Effect, ...]
    fitted: Floats
    counterfactual: Floats
    durbin_watson: float | None
    ljung_box_p: float | None
    rho: float | None
    lag: int | None
    measured: int
    degrees_of_freedom: int
    cautions: tuple[Caution, ...]


class _Fit(NamedTuple):
    """`left_over` are the residuals that ought to be noise, of the measured points."""

    coefficients: Floats
    covariance: Floats
    left_over: Floats
    rho: float | None
    lag: int | None


class _Inference(NamedTuple):
    fit: _Fit
    degrees_of_freedom: int
    confidence: float

    def estimate(self, weights: Floats) -> Estimate:
        """The weighted sum of the coefficients."""
        value = float(weights @ self.fit.coefficients)
        se = float(np.sqrt(max(float(weights @ self.fit.covariance @ weights), 0.0)))
        half = float(student_t.ppf((1 + self.confidence) / 2, self.degrees_of_freedom)) * se
        p = 2 * float(student_t.sf(abs(value) / se, self.degrees_of_freedom)) if se > 0 else None
        return Estimate(value, se, value - half, value + half, p)


def newey_west_lag(measured: int) -> int:
    """floor(4·(n/100)^(2/9)), at least 1. Source: Newey & West 1994, Review of Economic Studies 61:631.

    Raises BadScoresError unless `measured` is a whole number from 1.
    """
    if faults := whole_fault("The number of measured points", measured, least=1):
        raise BadScoresError(faults)
    return max(1, int(4 * (measured / 100) ** (2 / 9)))


def _design(length: int, changes: Sequence[DocumentedChange], period: int | None, harmonics: int) -> Floats:
    """Columns: 1, t, then a level and a slope per change, then a sine and a cosine per harmonic."""
    t = np.arange(length, dtype=np.float64)
    columns = [np.ones(length), t]
    for change in changes:
        after = (t >= change.at).astype(np.float64)
        columns += [after, (t - change.at) * after]
    if period is not None:
        for k in range(1, harmonics + 1):
            columns += [np.sin(2 * np.pi * k * t / period), np.cos(2 * np.pi * k * t / period)]
    return np.column_stack(columns)


def _argument_faults(
    length: int,
    *,
    changes: Sequence[DocumentedChange],
    effects_at: Sequence[int],
    season: tuple[int, int] | None,
    lag: tuple[Errors, int | None],
) -> list[str]:
    faults = change_faults(changes, length)
    if not changes:
        faults.append("No change is given: an interrupted series needs at least one.")
    if faults:
        return faults
    first = min(change.at for change in changes)
    faults += [
        f"Effect at point {at}: it must lie from the first change, {first}, to the last point, {length - 1}."
        for at in effects_at
        if whole_fault("at", at, least=first, most=length - 1)
    ]
    period, harmonics = season or (12, 1)
    if (
        whole_fault("period", period, least=2)
        or whole_fault("harmonics", harmonics, least=1)
        or 2 * harmonics >= period
    ):
        faults.append(
            f"A season of {period} points with {harmonics} harmonics: give from 1 to fewer than half the points."
        )
    errors, lags = lag
    if lags is not None and (whole_fault("lag", lags, most=length - 1) or errors is not Errors.NEWEY_WEST):
        faults.append(
            f"The lag is {lags}: it must be a whole number from 0 to {length - 1}, and belongs to Newey-West only."
        )
    return faults


def _data_faults(
    series: Floats, changes: Sequence[DocumentedChange], X: Floats, period: int | None
) -> list[str]:
    """Why these points cannot carry the model."""
    measured = ~np.isnan(series)
    faults = []
    for start, stop in sides(series.size, changes):
        if (count := int(measured[start:stop].sum())) < FEWEST_EACH_SIDE:
            faults.append(
                f"Points {start} to {stop - 1}: {count} measured; each side of a change needs at least "
                f"{FEWEST_EACH_SIDE}, better {ADVISED_EACH_SIDE}."
            )
    if period is not None and measured.sum() < 2 * period:
        faults.append(f"A season of {period} needs at least two whole rounds, found {measured.sum()} points.")
    if not faults and (left := int(measured.sum()) - X.shape[1]) < FEWEST_DEGREES_OF_FREEDOM:
        faults.append(
            f"{measured.sum()} points for {X.shape[1]} coefficients leave {left} degrees of freedom; at least "
            f"{FEWEST_DEGREES_OF_FREEDOM} are needed. Measure longer or leave out a change or the season."
        )
    if not faults and np.ptp(series[measured]) < 1 / LARGEST:
        faults.append(
            f"All {measured.sum()} values are the same: there is no variation to judge a change by."
        )
    if not faults and np.linalg.matrix_rank(X[measured]) < X.shape[1]:
        faults.append("The measured points cannot tell the coefficients apart: too many months are missing.")
    return faults


def _regression() -> Any:
    return import_extra(
        "statsmodels.regression.linear_model", extra="science", needed_for="The interrupted time series"
    )


def _newey_west(series: Floats, X: Floats, lag: int) -> _Fit:
    """OLS with the Newey-West covariance, Bartlett weights and the factor n / (n − k).

    A missing month becomes a row of zeros. It adds nothing to any sum but keeps its neighbours two months
    apart, so the lags stay true (the amplitude-modulated estimator of Datta & Du 2012).
    """
    measured = ~np.isnan(series)
    n, k = int(measured.sum()), X.shape[1]
    result = (
        _regression()
        .OLS(np.where(measured, series, 0.0), np.where(measured[:, None], X, 0.0))
        .fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False})
    )
    covariance = np.asarray(result.cov_params(), dtype=np.float64) * n / (n - k)
    return _Fit(np.asarray(result.params), covariance, np.asarray(result.resid)[measured], None, lag)


def _ar1_correlation(rho: float, apart: Floats) -> Floats:
    return np.asarray(np.sign(rho) ** apart * np.abs(rho) ** apart, dtype=np.float64)


def _reml_criterion(rho: float, y: Floats, X: Floats, apart: Floats) -> float:
    """−2 · restricted log-likelihood of ρ, the variance and the coefficients profiled out, but a constant."""
    root = np.linalg.cholesky(_ar1_correlation(rho, apart))
    white_X, white_y = np.linalg.solve(root, X), np.linalg.solve(root, y)
    q, r = np.linalg.qr(white_X)
    left = white_y - q @ (q.T @ white_y)
    log_determinants = 2 * np.log(np.diag(root)).sum() + 2 * np.log(np.abs(np.diag(r))).sum()
    return float((y.size - X.shape[1]) * np.log(left @ left) + log_determinants)


def _ar1(series: Floats, X: Floats, *, exact: bool) -> _Fit:
    """Generalised least squares with errors whose correlation is ρ^(months apart), so gaps need no filling."""
    measured = ~np.isnan(series)
    at = np.flatnonzero(measured).astype(np.float64)
    apart = np.abs(at[:, None] - at)
    y, rows = series[measured], X[measured]
    rho = 0.0
    if not exact:
        found = minimize_scalar(
            _reml_criterion, bounds=(-0.98, 0.98), args=(y, rows, apart), method="bounded"
        )
        rho = float(found.x)
    result = _regression().GLS(y, rows, sigma=_ar1_correlation(rho, apart)).fit()
    covariance = np.asarray(result.cov_params(), dtype=np.float64)
    return _Fit(np.asarray(result.params), covariance, np.asarray(result.wresid), rho, None)


def _ordinary_residuals(series: Floats, X: Floats) -> Floats:
    """Residuals of least squares, of the measured points."""
    y, rows = series[~np.isnan(series)], X[~np.isnan(series)]
    return np.asarray(y - rows @ np.linalg.lstsq(rows, y, rcond=None)[0])


def _fitted(series: Floats, X: Floats, errors: Errors, lag: int | None) -> tuple[_Fit, bool]:
    """(the fit, whether the points lie on the lines exactly); an exact fit has no covariance."""
    residuals = _ordinary_residuals(series, X)
    exact = bool(np.max(np.abs(residuals)) < 1e-9 * np.nanmax(np.abs(series)))
    if errors is Errors.AR1:
        fit = _ar1(series, X, exact=exact)
    else:
        fit = _newey_west(series, X, newey_west_lag(residuals.size) if lag is None else lag)
    if exact:  # What is left over is the rounding of the computer.
        fit = fit._replace(covariance=np.zeros_like(fit.covariance))
    return fit, exact


def _ljung_box(fit: _Fit) -> float:
    """p of the Ljung-Box test over min(10, n // 5) lags, one degree of freedom less when ρ was estimated."""
    diagnostic = import_extra(
        "statsmodels.stats.diagnostic", extra="science", needed_for="The test of autocorrelation"
    )
    estimated = int(fit.rho is not None)
    lags = max(1 + estimated, min(10, fit.left_over.size // 5))
    table = diagnostic.acorr_ljungbox(fit.left_over, lags=[lags], model_df=estimated)
    return float(table["lb_pvalue"].iloc[0])


def _durbin_watson(series: Floats, X: Floats) -> float:
    residuals = _ordinary_residuals(series, X)
    return float((np.diff(residuals) ** 2).sum() / (residuals**2).sum())


def _cautions(
    series: Floats, changes: Sequence[DocumentedChange], *, exact: bool, p: float | None
) -> tuple[Caution, ...]:
    measured = ~np.isnan(series)
    given = {
        Caution.SHORT: min(measured[slice(*side)].sum() for side in sides(series.size, changes))
        < ADVISED_EACH_SIDE,
        Caution.AUTOCORRELATED: p is not None and p < 0.05,
        Caution.GAPS: not measured.all(),
        Caution.EXACT: exact,
    }
    return tuple(caution for caution, holds in given.items() if holds)


def _parts(
    inference: _Inference, X: Floats, changes: Sequence[DocumentedChange], effects_at: Sequence[int]
) -> dict[str, Any]:
    """The fields of the result that are sums of coefficients."""
    after = np.zeros(X.shape[1])
    after[2 : 2 + 2 * len(changes)] = 1
    unit = np.eye(X.shape[1])
    estimate, coefficients = inference.estimate, inference.fit.coefficients
    return {
        "start_level": estimate(unit[0]),
        "start_slope": estimate(unit[1]),
        "changes": tuple(
            ChangeEffect(change, estimate(unit[2 + 2 * i]), estimate(unit[3 + 2 * i]))
            for i, change in enumerate(changes)
        ),
        "effects": tuple(Effect(at, estimate(X[at] * after)) for at in effects_at),
        "fitted": X @ coefficients,
        "counterfactual": (X * (1 - after)) @ coefficients,
    }


def interrupted_time_series(
    values: Sequence[float | None] | Floats,
    *,
    changes: Sequence[DocumentedChange],
    effects_at: Sequence[int] = (),
    period: int | None = None,
    harmonics: int = 1,
    errors: Errors = Errors.AR1,
    lag: int | None = None,
    confidence: float = 0.95,
) -> InterruptedSeries:
    """Segmented regression of one value per month, in order of time, evenly spaced; None or NaN is missing.

    y = β0 + β1·t + Σ [β2·D + β3·(t − T0)·D] + e with D = 1 from T0 on, for each change at point T0; t is 0 at
    the first point. `period` (12 for months) adds a season of `harmonics` sine waves. `errors` says how
    autocorrelation is handled; `lag` is for Newey-West only, by default `newey_west_lag`. Intervals use t with
    n − k degrees of freedom.

    Raises BadScoresError for what cannot be, CannotEstimateError with fewer than 3 measured points on a side,
    too few degrees of freedom or no variation, MissingExtraError without statsmodels.

    Source: Wagner et al. 2002, J Clin Pharm Ther 27:299; Turner et al. 2021, BMC Med Res Methodol 21:181.
    """
    series, errors = checked_series("Values", values), member(Errors, "errors", errors)
    faults = open_unit_fault("The confidence", confidence) + _argument_faults(
        series.size,
        changes=changes,
        effects_at=effects_at,
        season=None if period is None else (period, harmonics),
        lag=(errors, lag),
    )
    if faults:
        raise BadScoresError(faults)
    X = _design(series.size, changes, period, harmonics)
    if faults := _data_faults(series, changes, X, period):
        raise CannotEstimateError(faults)
    fit, exact = _fitted(series, X, errors, lag)
    whole = not np.isnan(series).any()
    ljung_box_p = _ljung_box(fit) if whole and not exact else None
    inference = _Inference(fit, fit.left_over.size - X.shape[1], confidence)
    return InterruptedSeries(
        **_parts(inference, X, changes, effects_at),
        durbin_watson=_durbin_watson(series, X) if whole and not exact else None,
        ljung_box_p=ljung_box_p,
        rho=fit.rho,
        lag=fit.lag,
        measured=fit.left_over.size,
        degrees_of_freedom=inference.degrees_of_freedom,
        cautions=_cautions(series, changes, exact=exact, p=ljung_box_p),
    )
