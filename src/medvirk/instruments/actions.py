"""Loading official wording and setting local numbers. What is not wholly right is refused whole."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from medvirk.instruments.definitions import Direction, Instrument, Scale, Wording
from medvirk.instruments.faults import Notebook
from medvirk.instruments.merging import wording_content
from medvirk.instruments.models import LocalParameters, LocalWording


@transaction.atomic
def load_wording(
    *,
    instrument: Instrument,
    wordings: Iterable[Wording],
    now: datetime,
    by: str = "",
    replace: bool = False,
) -> list[LocalWording]:
    """Store wordings that `wording_files.read_wordings` has checked: all of them or none.

    Loading the same wording again changes nothing. Another one for a language that already has one needs
    `replace`, because answers may have been given to the first; what a version ships with is never replaced.
    Raises InstrumentFaults with everything that stands in the way.
    """
    chosen = tuple(wordings)
    stored = {
        row.language: row
        for row in LocalWording.objects.select_for_update().filter(
            instrument_key=instrument.key, version=instrument.version
        )
    }
    notebook = Notebook(instrument.id)
    if not chosen:
        notebook.note("", "there is no wording to load.")
    for wording in chosen:
        there = stored.get(wording.language)
        if _is_shipped(instrument, wording.language):
            notebook.note(
                f"wording {wording.language}", "comes with Medvirk, and a version never changes its wording."
            )
        elif there and not _same(there, wording) and not replace:
            notebook.note(
                f"wording {wording.language}",
                f"another one was loaded on {there.loaded_at:%d.%m.%Y}; answers may have been given to it. "
                "Add --replace to put this one in its place.",
            )
    notebook.raise_if_any()
    return [_store(instrument, wording, stored.get(wording.language), now, by) for wording in chosen]


def _is_shipped(instrument: Instrument, language: str) -> bool:
    wording = instrument.wordings.get(language)
    return wording is not None and not wording.local


def _same(row: LocalWording, wording: Wording) -> bool:
    return (row.content, row.translator, row.licence, row.source) == (
        wording_content(wording),
        wording.translator,
        wording.licence,
        wording.source,
    )


def _store(
    instrument: Instrument, wording: Wording, row: LocalWording | None, now: datetime, by: str
) -> LocalWording:
    if row is not None and _same(row, wording):
        return row
    if row is None:
        row = LocalWording(
            instrument_key=instrument.key, version=instrument.version, language=wording.language
        )
    row.content = wording_content(wording)
    row.translator, row.licence, row.source = wording.translator, wording.licence, wording.source
    row.loaded_at, row.loaded_by = now, by
    row.save()
    return row


@transaction.atomic
def set_parameters(
    *,
    instrument: Instrument,
    scale: str,
    source: str,
    now: datetime,
    cutoff: float | None = None,
    reliable_change: float | None = None,
    level: float | None = None,
    by: str = "",
) -> LocalParameters:
    """Set a scale's cut-off and/or reliable change (points); `level` such as 0.95 belongs to the latter.

    A number that is not given stays as it is. Raises InstrumentFaults with everything that is wrong.
    """
    notebook = Notebook(instrument.id)
    if cutoff is None and reliable_change is None:
        notebook.note(f"scale {scale}", "give a cut-off, a reliable change or both.")
    _check_source(source, notebook)
    found = _scale(instrument, scale, notebook)
    if found is not None:
        _check_numbers(found, cutoff, reliable_change, level, notebook)
    notebook.raise_if_any()
    return LocalParameters.objects.create(
        instrument_key=instrument.key,
        version=instrument.version,
        scale=scale,
        cutoff=cutoff,
        reliable_change=reliable_change,
        level=level if reliable_change is not None else None,
        source=source.strip(),
        set_at=now,
        set_by=by,
    )


@transaction.atomic
def withdraw_parameters(
    *, instrument: Instrument, scale: str, source: str, now: datetime, by: str = ""
) -> LocalParameters:
    """Go back to what is shipped for a scale; `source` says why. Raises InstrumentFaults."""
    notebook = Notebook(instrument.id)
    _check_source(source, notebook)
    _scale(instrument, scale, notebook)
    notebook.raise_if_any()
    return LocalParameters.objects.create(
        instrument_key=instrument.key,
        version=instrument.version,
        scale=scale,
        source=source.strip(),
        set_at=now,
        set_by=by,
    )


def _scale(instrument: Instrument, key: str, notebook: Notebook) -> Scale | None:
    for scale in instrument.scales:
        if scale.key == key:
            return scale
    known = ", ".join(scale.key for scale in instrument.scales) or "none"
    notebook.note(f"scale {key}", f"there is no such scale; {instrument.id} has {known}.")
    return None


def _check_source(source: str, notebook: Notebook) -> None:
    if not source.strip():
        notebook.note("source", "say where the number comes from.")


def _check_numbers(
    scale: Scale, cutoff: float | None, change: float | None, level: float | None, notebook: Notebook
) -> None:
    place = f"scale {scale.key}"
    if scale.direction is Direction.NONE:
        notebook.note(place, "neither way is better on it, so it has no cut-off and no reliable change.")
    if cutoff is not None and not (math.isfinite(cutoff) and scale.low <= cutoff <= scale.high):
        notebook.note(
            place, f"the cut-off {cutoff:g} lies outside the scale, {scale.low:g} to {scale.high:g}."
        )
    if change is not None and not (math.isfinite(change) and 0 < change <= scale.high - scale.low):
        notebook.note(
            place, f"the reliable change {change:g} must be above 0 and at most {scale.high - scale.low:g}."
        )
    if level is not None and not 0 < level < 1:
        notebook.note(place, f"the level must lie between 0 and 1, such as 0.95, not {level:g}.")
