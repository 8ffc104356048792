"""The growth model in use for a scale: our prior for its own instruments, plus what local courses add."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from medvirk.feedback.models import LocalNorms
from medvirk.instruments.loader import get
from medvirk.instruments.norms import prior_norms
from medvirk.stats.growth import CannotEstimateError, GrowthModel, Norms, fit

Key = tuple[str, int, str]


def local_rows(keys: set[Key]) -> dict[Key, LocalNorms]:
    """The local norms of these scales. One query."""
    rows = LocalNorms.objects.filter(instrument_key__in={key for key, _, _ in keys})
    found = {(row.instrument_key, row.instrument_version, row.scale): row for row in rows}
    return {key: found[key] for key in keys if key in found}


def models_for(keys: set[Key]) -> dict[Key, GrowthModel | None]:
    """The model of each scale, or None where there is neither a prior nor enough local courses. One query."""
    rows = local_rows(keys)
    return {
        key: _model(key, rows[key].fitted_at.isoformat() if key in rows else "", rows.get(key))
        for key in keys
    }


_fitted: dict[Key, tuple[str, GrowthModel | None]] = {}


def _model(key: Key, stamp: str, row: LocalNorms | None) -> GrowthModel | None:
    """Fitted once per process for each state of the local norms; a fit takes some milliseconds."""
    known = _fitted.get(key)
    if known is None or known[0] != stamp:
        known = _fitted[key] = (stamp, fit_with_prior(key, row.norms if row else None))
    return known[1]


def fit_with_prior(key: Key, local: dict[str, Any] | None) -> GrowthModel | None:
    """Pool the prior and the local sums and fit; None if that cannot be estimated or is singular."""
    norms = _prior(*key[:2]) if _is_main_scale(key) else None
    if local is not None:
        own = Norms.from_dict(local)
        norms = own if norms is None else norms + own
    if norms is None:
        return None
    try:
        model = fit(norms)
    except CannotEstimateError:
        return None
    return model if model.usable else None


@lru_cache
def _prior(key: str, version: int) -> Norms | None:
    return prior_norms(key, version)


def _is_main_scale(key: Key) -> bool:
    main = get(key[0], key[1]).main_scale
    return main is not None and main.key == key[2]
