"""Instruments told in plain text for the command line. English only: it is for those who run Medvirk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from medvirk.instruments.definitions import (
    CONFIDENCE_MEANING,
    Condition,
    Confidence,
    CutOff,
    Direction,
    Format,
    Instrument,
    Item,
    ReliableChangeFact,
    Scale,
    Status,
    Wording,
    in_language,
)
from medvirk.instruments.logic import allowed_answers

BETTER = {
    Direction.HIGHER: "higher is better",
    Direction.LOWER: "lower is better",
    Direction.NONE: "neither way is better",
}


def overview(instruments: Iterable[Instrument]) -> str:
    """One line per instrument, in columns."""
    rows = [("key", "version", "title", "items", "wording", "status", "licence")]
    rows += [
        (
            each.key,
            str(each.version),
            each.name,
            str(len(each.items)),
            " ".join(each.languages) or "none",
            _status(each),
            f"{each.licence.category} {each.licence.terms if len(each.licence.terms) < 20 else ''}".strip(),
        )
        for each in sorted(instruments, key=lambda each: (each.key, each.version))
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def describe(instrument: Instrument, language: str, *, with_wording: bool = True) -> str:
    """Everything about one instrument, every number with its source and how well it is known."""
    lines = [
        f"{instrument.name} ({instrument.id}), {_status(instrument)}",
        in_language(instrument.about, language),
        f"Source: {instrument.source} [{instrument.confidence}]",
        *_licence(instrument),
    ]
    if instrument.notes:
        lines.append(f"Note: {instrument.notes}")
    lines += _codes("Codes", instrument.codes)
    lines += ["", f"Items: {len(instrument.items)}"]
    lines += [f"  {_item(item, instrument)}" for item in instrument.items]
    for alert in instrument.alerts:
        lines.append(
            f"  An answer of {alert.at_least:g} or more to {alert.item} must be seen ({alert.kind})."
        )
        lines.append(f"    {alert.source}")
    for scale in instrument.scales:
        lines += ["", *_scale(scale, language)]
    if not instrument.scales:
        lines += ["", "No score."]
    lines += ["", *_wordings(instrument)]
    if with_wording and language in instrument.wordings:
        lines += ["", *_wording(instrument, instrument.wordings[language])]
    return "\n".join([*lines, "", *_legend()])


def _status(instrument: Instrument) -> str:
    return "validated" if instrument.status is Status.VALIDATED else "not validated"


def _licence(instrument: Instrument) -> Iterator[str]:
    licence = instrument.licence
    yield f"Licence: {licence.terms}. Class {licence.category}. Owner: {licence.owner}"
    if licence.source:
        yield f"  {licence.source}"


def _codes(what: str, codes: Mapping[str, str]) -> list[str]:
    if not codes:
        return []
    return [f"{what}: " + ", ".join(f"{system.upper()} {code}" for system, code in codes.items())]


def _item(item: Item, instrument: Instrument) -> str:
    scored = any(item.key in scale.items for scale in instrument.scales)
    unit = f" {item.unit}" if item.unit else ""
    step = f", slider in steps of {item.step:g}" if item.step else ""
    answers = allowed_answers(item) if item.format is not Format.YESNO else "no 0, yes 1"
    return f"{item.key}: {item.format}, {answers}{unit}{step}{'' if scored else ' (not scored)'}"


def _scale(scale: Scale, language: str) -> Iterator[str]:
    factor = f" times {scale.multiply:g}" if scale.multiply != 1 else ""
    ends = f"{scale.low:g} to {scale.high:g}"
    yield f"Scale {scale.key}: {in_language(scale.title, language)}"
    yield f"  {scale.method} of {len(scale.items)} items{factor}, {ends}, {BETTER[scale.direction]}"
    if scale.weights:
        yield "  Weights: " + ", ".join(
            f"{key} {weight:g}" for key, weight in zip(scale.items, scale.weights, strict=True)
        )
    if scale.reversed:
        yield f"  Turned round first: {', '.join(scale.reversed)}"
    yield (
        f"  At most {scale.missing_allowed} unanswered; the others stand for them in proportion"
        if scale.missing_allowed
        else "  All items must be answered"
    )
    for skip in scale.skips:
        items = ", ".join(skip.items)
        left_out = "are left out" if skip.drops else "may be left unanswered"
        yield f"  When {skip.item} is {skip.equals:g}, {items} {left_out} and count as {skip.counts_as:g}"
        yield f"    {skip.source}"
    yield from _codes("  Codes", scale.codes)
    yield from _numbers(scale, language)


def _numbers(scale: Scale, language: str) -> Iterator[str]:
    for cutoff in scale.cutoffs:
        yield f"  Cut-off: {_cutoff(cutoff, scale, language)}"
        yield f"    {cutoff.source} [{cutoff.confidence}]"
    if not scale.cutoffs:
        yield "  Cut-off: none"
    for change in scale.reliable_changes:
        yield f"  Reliable change: {_change(change)}"
        yield f"    {change.source} [{change.confidence}]"
    if not scale.reliable_changes:
        yield "  Reliable change: none"
    if scale.banding:
        yield f"  Bands: {scale.banding.source} [{scale.banding.confidence}]"
        for band in scale.banding.bands:
            yield f"    from {band.start:g}: {in_language(band.label, language)}"
    for evidence in scale.evidence:
        found = f"{evidence.kind}: {evidence.value:g} ({evidence.sample})"
        yield f"  {found}; {evidence.source} [{evidence.confidence}]"


def _cutoff(cutoff: CutOff, scale: Scale, language: str) -> str:
    side = "below" if scale.direction is Direction.HIGHER else "above"
    bound = f"{cutoff.value:g} and {side}" if cutoff.inclusive else f"{side} {cutoff.value:g}"
    meaning = in_language(cutoff.meaning, language)
    when = " and ".join(map(_condition, cutoff.when))
    return bound + (f", {meaning}" if meaning else "") + (f", when {when}" if when else "")


def _condition(condition: Condition) -> str:
    if condition.equals is not None:
        return f"{condition.fact} is {condition.equals}"
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", condition.at_least), ("at most", condition.at_most))
        if bound is not None
    ]
    return f"{condition.fact} is {' and '.join(bounds)}"


def _change(change: ReliableChangeFact) -> str:
    said = [
        f"{name} {value:g}"
        for name, value in (("level", change.level), ("SD", change.sd), ("reliability", change.reliability))
        if value is not None
    ]
    amount = f"{change.value:g} points or more" if change.inclusive else f"more than {change.value:g} points"
    return amount + (f" ({', '.join(said)})" if said else "")


def _wordings(instrument: Instrument) -> Iterator[str]:
    for wording in instrument.wordings.values():
        origin = "loaded here" if wording.local else "comes with Medvirk"
        yield f"Wording {wording.language}: {wording.title} ({origin})"
        yield f"  {wording.translator}; {wording.licence}"
    if not instrument.wordings:
        yield "Wording: none, so it can be scored and imported but not asked. Load the official wording with"
        yield f"  medvirk instruments wording {instrument.key} FILE --language nb"


def _wording(instrument: Instrument, wording: Wording) -> Iterator[str]:
    yield f"{wording.title} ({wording.language})"
    if wording.intro:
        yield f"  {wording.intro}"
    for item in instrument.items:
        words = wording.items[item.key]
        yield f"  {item.key}. {words.text}"
        if words.low or words.high:
            yield f"     {words.low} ... {words.high}"
        if words.options:
            values = zip(item.options, words.options, strict=True)
            yield "     " + " / ".join(f"{value:g} {label}" for value, label in values)


def _legend() -> Iterator[str]:
    yield "How well a number is known:"
    for confidence in Confidence:
        yield f"  [{confidence}] {CONFIDENCE_MEANING[confidence]}"
