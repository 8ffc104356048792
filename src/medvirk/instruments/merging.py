"""Putting together a shipped definition and what the municipality has added to it: pure, without database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from medvirk.instruments.definitions import (
    Confidence,
    CutOff,
    Direction,
    Instrument,
    ItemWording,
    ReliableChangeFact,
    Scale,
    Wording,
)


@dataclass(frozen=True, slots=True)
class Parameters:
    """One setting of a scale's numbers, in points; None is not given. Neither takes back all before."""

    scale: str
    cutoff: float | None
    reliable_change: float | None
    level: float | None
    source: str


def merge(instrument: Instrument, wordings: Iterable[Wording], settings: Iterable[Parameters]) -> Instrument:
    """The definition as it is used here. `settings` come oldest first; shipped wording is never replaced."""
    by_scale: dict[str, list[Parameters]] = {}
    for setting in settings:
        by_scale.setdefault(setting.scale, []).append(setting)
    local = {wording.language: wording for wording in wordings}
    return replace(
        instrument,
        wordings={**local, **instrument.wordings},
        scales=tuple(_with_settings(scale, by_scale.get(scale.key, ())) for scale in instrument.scales),
    )


def _with_settings(scale: Scale, settings: Iterable[Parameters]) -> Scale:
    cutoff: CutOff | None = None
    change: ReliableChangeFact | None = None
    for setting in settings:
        if setting.cutoff is None and setting.reliable_change is None:
            cutoff = change = None
        if setting.cutoff is not None:
            # The customary reading: at or above is clinical where lower is better, only below where higher
            # is.
            inclusive = scale.direction is Direction.LOWER
            cutoff = CutOff(setting.cutoff, inclusive, setting.source, Confidence.LOCAL)
        if setting.reliable_change is not None:
            change = ReliableChangeFact(
                setting.reliable_change, True, setting.source, Confidence.LOCAL, level=setting.level
            )
    return replace(
        scale,
        cutoffs=((cutoff,) if cutoff else ()) + scale.cutoffs,
        reliable_changes=((change,) if change else ()) + scale.reliable_changes,
    )


def wording_content(wording: Wording) -> dict[str, Any]:
    """The part of a wording that is stored as one JSON value."""
    items = {key: {**asdict(item), "options": list(item.options)} for key, item in wording.items.items()}
    return {"title": wording.title, "intro": wording.intro, "items": items}


def stored_wording(
    content: Mapping[str, Any], *, language: str, translator: str, licence: str, source: str
) -> Wording:
    """The wording from its stored JSON value, which was checked when it was loaded."""
    items = {
        key: ItemWording(
            text=item["text"], low=item["low"], high=item["high"], options=tuple(item["options"])
        )
        for key, item in content["items"].items()
    }
    return Wording(
        language=language,
        title=content["title"],
        intro=content["intro"],
        items=items,
        translator=translator,
        licence=licence,
        source=source,
        local=True,
    )
