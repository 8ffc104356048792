"""What courses on a scale are judged by.

The growth model: our prior for its own instruments, plus what local courses add; how often signals were right here; and
whether the scale meets the stated criteria here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from medvirk.feedback.accuracy import NOT_YET, TOO_FEW, LocalAccuracy
from medvirk.feedback.measuring import NOT_JUDGED, LocalMeasuring
from medvirk.feedback.models import LocalNorms
from medvirk.instruments.definitions import Status
from medvirk.instruments.loader import get
from medvirk.instruments.norms import prior_norms
from medvirk.stats.growth import CannotEstimateError, FaultsError, GrowthModel, Norms, fit
from medvirk.stats.reliability import State

Key = tuple[str, int, str]


def local_rows(keys: set[Key]) -> dict[Key, LocalNorms]:
    """The local norms of these scales. One query, and none for no scale."""
    if not keys:
        return {}
    rows = LocalNorms.objects.filter(instrument_key__in={key for key, _, _ in keys})
    found = {(row.instrument_key, row.instrument_version, row.scale): row for row in rows}
    return {key: found[key] for key in keys if key in found}


@dataclass(frozen=True, eq=False)
class Basis:
    """What a course on a scale is judged by: the growth model, what ended courses here say of the signals, and how well
    the scale measures here.
    """

    model: GrowthModel | None
    accuracy: LocalAccuracy
    measuring: LocalMeasuring


def bases_for(keys: set[Key]) -> dict[Key, Basis]:
    """What courses on each scale are judged by. One query, and one more when norms were fitted since the last time.

    The JSON of a row is read once per process for each time it was fitted, for reading and fitting it takes longer than
    the rest of a page.
    """
    stamps = _stamps(keys)
    new = {key for key in keys if key not in _known or _known[key][0] != stamps.get(key)}
    rows = local_rows({key for key in new if key in stamps})
    for key in new:
        row = rows.get(key)
        _known[key] = (row.fitted_at if row else None, _basis(key, row))
    return {key: _known[key][1] for key in keys}


_known: dict[Key, tuple[datetime | None, Basis]] = {}


def _stamps(keys: set[Key]) -> dict[Key, datetime]:
    """When the local norms of these scales were fitted. One query."""
    rows = LocalNorms.objects.filter(instrument_key__in={key for key, _, _ in keys}).values_list(
        "instrument_key", "instrument_version", "scale", "fitted_at"
    )
    return {(key, version, scale): fitted_at for key, version, scale, fitted_at in rows}


def _basis(key: Key, row: LocalNorms | None) -> Basis:
    return Basis(fit_with_prior(key, row.norms if row else None), accuracy_of(row), measuring_of(row))


def accuracy_of(row: LocalNorms | None) -> LocalAccuracy:
    """What is known of the signals on a scale. Figures of another format are none until the norms are fitted anew."""
    if row is None:
        return LocalAccuracy(reason=TOO_FEW)
    try:
        return LocalAccuracy.from_dict(row.accuracy)
    except FaultsError:
        return LocalAccuracy(reason=NOT_YET)


def measuring_of(row: LocalNorms | None) -> LocalMeasuring:
    """How the scale stood against the criteria. Without a row, or in another format, it is not judged."""
    try:
        return LocalMeasuring.from_dict(row.measuring if row else None)
    except FaultsError:
        return LocalMeasuring(reason=NOT_JUDGED)


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


def in_one_line(row: LocalNorms) -> str:
    """For the one who fits the norms: how many courses, whether they are in use, and what could be judged."""
    key = (row.instrument_key, row.instrument_version, row.scale)
    basis = bases_for({key})[key]
    state = "in use" if basis.model else "not in use: too little to estimate from"
    found = basis.accuracy
    if found.kinds:
        known = f"how often signals were right is known from {found.judged} of {found.ended} ended courses"
    else:
        known = "how often signals are right is not known"
    said = [f"{known}.", *found.faults, *_mark_in_words(key, basis.measuring)]
    return f"{row}: {row.persons} courses, {state}; {' '.join(said)}"


def _mark_in_words(key: Key, found: LocalMeasuring) -> list[str]:
    """Whether the mark *not validated* stands, and why; nothing of an instrument that never carries it."""
    if get(key[0], key[1]).status is Status.VALIDATED:
        return []
    if found.meets_criteria:
        return [f"The answers to the end of {found.month} meet the stated criteria."]
    if found.verdicts:
        met = sum(each.state is State.MET for each in found.verdicts)
        return [
            f"Not validated: the answers to the end of {found.month} meet {met} of {len(found.verdicts)} criteria."
        ]
    return ["Not validated.", *(found.faults or ["How well it measures here has not been worked out."])]
