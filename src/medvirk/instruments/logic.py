"""Scoring and what follows from it: pure, without database and without Django.

An unanswered item is None (or absent, or NaN in an array) and never counts as 0: a score that cannot be
worked out is None, with the reason and the items that lack an answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.instruments.definitions import (
    AlertKind,
    AlertRule,
    Band,
    Condition,
    CutOff,
    Format,
    Instrument,
    Item,
    ReliableChangeFact,
    Scale,
    Wording,
)
from medvirk.instruments.scoring import Floats, Integers, scores, settled

if TYPE_CHECKING:
    from medvirk.stats.change import ReliableChange

Answer = float | str | None
# Sheets scored at a time: their answers fit into the processor's cache, and what is worked out on the way stays
# small however many sheets there are.
BLOCK = 16384


class MissingReason(StrEnum):
    """Why there is no score."""

    NOTHING_ANSWERED = "nothing_answered"
    NOT_ALL_ANSWERED = "not_all_answered"
    TOO_FEW_ANSWERED = "too_few_answered"


@dataclass(frozen=True, slots=True)
class Score:
    """One scale's result, in points of the scale.

    `value` is None exactly when `missing_reason` is set; `missing` names the items that lack an answer, not
    those that the form let the person skip; `answered` of `of` do not lack one. `band` and `cutoff` are those
    that hold for this value and this person, None where there is none.
    """

    scale: str
    value: float | None
    missing_reason: MissingReason | None
    answered: int
    of: int
    missing: tuple[str, ...] = ()
    band: Band | None = None
    cutoff: CutOff | None = None


@dataclass(frozen=True, slots=True)
class SheetScores:
    """One scale's results for n answer sheets, as Score has them for one.

    value: (n,) points, NaN where there is no score. missing: (n,) how many items lack an answer, for
    `missing_reason`. band: (n,) index in the scale's bands, -1 where there is none. cutoff: (n,) index in the
    scale's cut-offs, -1 where none holds for that person.
    """

    value: Floats
    missing: Integers
    band: Integers
    cutoff: Integers


@dataclass(frozen=True, slots=True)
class Alert:
    """An answer that someone must see."""

    rule: AlertRule
    value: float

    @property
    def item(self) -> str:
        return self.rule.item

    @property
    def kind(self) -> AlertKind:
        return self.rule.kind


class ValueProblem(StrEnum):
    """What is wrong with an answer."""

    UNKNOWN_ITEM = "unknown_item"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_TEXT = "not_a_text"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class ValueFault:
    """One value that the item cannot have. `row` counts from 0 in a table and is None for a single answer."""

    item: str
    value: object
    problem: ValueProblem
    allowed: str
    row: int | None = None

    def __str__(self) -> str:
        place = f"item {self.item}" if self.row is None else f"row {self.row}, item {self.item}"
        said = {
            ValueProblem.UNKNOWN_ITEM: "there is no such item; the items are",
            ValueProblem.NOT_A_NUMBER: "is not a number; allowed is",
            ValueProblem.NOT_A_TEXT: "must be",
            ValueProblem.OUTSIDE: "is not a possible answer; allowed is",
        }[self.problem]
        value = "" if self.problem is ValueProblem.UNKNOWN_ITEM else f"{self.value!r} "
        return f"{place}: {value}{said} {self.allowed}."


class ScoringFault(ValueError):
    """Answers that their items cannot have. `faults` holds all of them; the message has one per line."""

    def __init__(self, faults: Iterable[ValueFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class NoWording(LookupError):
    """An instrument cannot be asked in a language. The message says which command loads the wording."""

    def __init__(self, instrument: Instrument, language: str) -> None:
        self.instrument = instrument
        self.language = language
        there = f" It has {', '.join(instrument.languages)}." if instrument.languages else ""
        super().__init__(
            f"{instrument.name} ({instrument.id}) has no wording in {language!r}, so it cannot be asked."
            f"{there} Load the official wording with: {self.command}"
        )

    @property
    def command(self) -> str:
        return f"medvirk instruments wording {self.instrument.key} FILE --language {self.language}"


def askable(instrument: Instrument, language: str) -> Wording:
    """The wording to ask with. Raises NoWording when there is none in exactly this language."""
    wording = instrument.wordings.get(language)
    if wording is None:
        raise NoWording(instrument, language)
    return wording


def allowed_answers(item: Item) -> str:
    """What the item can be answered with, for the reader of a fault: `0, 1, 2, 3` or `from 0 to 10`."""
    if item.format is Format.TEXT:
        return "a text"
    if item.options:
        return ", ".join(f"{option:g}" for option in item.options)
    return f"a number from {item.low:g} to {item.high:g}"


def score(
    instrument: Instrument,
    values: Mapping[str, Answer],
    facts: Mapping[str, str | float] | None = None,
) -> dict[str, Score]:
    """Every scale's score by scale key, from answers by item key; None or absent is unanswered.

    `facts` are stated facts about the person (such as sex or age in years) on which a cut-off may depend.
    Raises ScoringFault with every answer that its item cannot have.
    """
    check_answers(instrument, values)
    return {scale.key: _score(instrument, scale, values, facts or {}) for scale in instrument.scales}


def _score(
    instrument: Instrument, scale: Scale, values: Mapping[str, Answer], facts: Mapping[str, str | float]
) -> Score:
    keys = [*scale.items, *(skip.item for skip in scale.skips)]
    given = {
        key: np.array([math.nan if (answer := values.get(key)) is None else float(answer)]) for key in keys
    }
    columns = settled(scale, given)
    missing = tuple(key for key in scale.items if math.isnan(columns[key][0]))
    found = float(scores(instrument, scale, columns)[0][0])
    value = None if math.isnan(found) else found
    return Score(
        scale=scale.key,
        value=value,
        missing_reason=missing_reason(scale, len(missing)),
        answered=len(scale.items) - len(missing),
        of=len(scale.items),
        missing=missing,
        band=None if value is None else band_for(scale, value),
        cutoff=cutoff_for(scale, facts),
    )


def missing_reason(scale: Scale, missing: int) -> MissingReason | None:
    """Why the scale has no score when so many of its items are unanswered; None if it has one."""
    if missing <= scale.missing_allowed:
        return None
    if missing == len(scale.items):
        return MissingReason.NOTHING_ANSWERED
    return MissingReason.TOO_FEW_ANSWERED if scale.missing_allowed else MissingReason.NOT_ALL_ANSWERED


def score_table(instrument: Instrument, scale: str, values: ArrayLike, item_keys: Sequence[str]) -> Floats:
    """One scale for many people at once.

    `values` is (n, k), one row per answer and one column per key in `item_keys`, NaN for unanswered; columns
    that the scale does not use are ignored. Returns (n,), NaN where there is no score. Beside its arguments
    it takes no more memory than the result and a block of rows.
    Raises ScoringFault with every value that its item cannot have (rows counted from 0), ValueError when the
    shape or the columns do not fit, KeyError when there is no such scale.
    """
    chosen = instrument.scale(scale)
    table, places = _table(values, item_keys)
    lacking = [key for key in chosen.items if key not in places]
    if lacking:
        raise ValueError(
            f"The columns lack {', '.join(lacking)}; the scale {scale!r} needs {', '.join(chosen.items)}, each once."
        )
    ((found, _missing),) = _score_blocks(instrument, (chosen,), table, places)
    return found


def score_sheets(
    instrument: Instrument,
    values: ArrayLike,
    item_keys: Sequence[str],
    facts: Mapping[str, Sequence[str | float | None] | NDArray[np.generic]] | None = None,
) -> dict[str, SheetScores]:
    """Every scale of many answer sheets, by scale key: for each row what `score` says of it, but much faster.

    `values` is (n, k), one row per sheet and one column per key in `item_keys`, NaN for unanswered; items
    without a column are unanswered, columns that no scale uses are ignored. `facts` holds one value per sheet
    for each stated fact, None or NaN where nobody stated it.
    Raises ScoringFault with every value that its item cannot have (rows counted from 0), ValueError when the
    shape, the columns or the facts do not fit.
    """
    table, places = _table(values, item_keys)
    n = len(table)
    short = [f"{fact} has {len(column)}" for fact, column in (facts or {}).items() if len(column) != n]
    if short:
        raise ValueError(f"There are {n} sheets, but the fact {', the fact '.join(short)} values.")
    found = _score_blocks(instrument, instrument.scales, table, places)
    return {
        scale.key: SheetScores(value, missing, _bands(scale, value), _cutoffs(scale, facts or {}, n))
        for scale, (value, missing) in zip(instrument.scales, found, strict=True)
    }


def _table(values: ArrayLike, item_keys: Sequence[str]) -> tuple[Floats, dict[str, int]]:
    """The answers as an array, and where each item's column is."""
    table = np.asarray(values, dtype=np.float64)
    k = len(item_keys)
    if table.ndim != 2 or table.shape[1] != k:
        raise ValueError(f"The values have shape {table.shape}; with {k} items it must be (n, {k}).")
    if len(set(item_keys)) < k:
        raise ValueError("The columns name the same item twice; give each item one column.")
    return table, {key: at for at, key in enumerate(item_keys)}


def _score_blocks(
    instrument: Instrument, scales: Sequence[Scale], table: Floats, places: Mapping[str, int]
) -> list[tuple[Floats, Integers]]:
    """(n,) scores and (n,) numbers of missing items, for each scale."""
    n = len(table)
    used = {key for scale in scales for key in (*scale.items, *(skip.item for skip in scale.skips))}
    results = [(np.empty(n), np.empty(n, dtype=np.int64)) for _ in scales]
    faults: list[ValueFault] = []
    for start in range(0, n, BLOCK):
        rows = table[start : start + BLOCK]
        nothing = np.full(len(rows), np.nan)
        block = {key: rows[:, places[key]] if key in places else nothing for key in used}
        for key, column in block.items():
            faults += _column_faults(instrument.item(key), column, start)
        if faults:
            continue
        for scale, (points, missing) in zip(scales, results, strict=True):
            here = slice(start, start + len(rows))
            points[here], missing[here] = scores(instrument, scale, settled(scale, block))
    if faults:
        order = list(places)
        raise ScoringFault(sorted(faults, key=lambda fault: (fault.row or 0, order.index(fault.item))))
    return results


def _column_faults(item: Item, column: Floats, start: int) -> Iterable[ValueFault]:
    wrong = ~(np.isnan(column) | _possible(item, column))
    for row in np.flatnonzero(wrong):
        value = float(column[row])
        yield ValueFault(item.key, value, ValueProblem.OUTSIDE, allowed_answers(item), start + int(row))


def _possible(item: Item, values: Floats) -> NDArray[np.bool_]:
    if item.options:
        return np.isin(values, item.options)
    low = -np.inf if item.low is None else item.low
    high = np.inf if item.high is None else item.high
    return (values >= low) & (values <= high)


def check_answers(instrument: Instrument, values: Mapping[str, Answer]) -> None:
    """Raises ScoringFault with every answer that its item cannot have."""
    items = {item.key: item for item in instrument.items}
    faults = []
    for key, value in values.items():
        if key not in items:
            faults.append(ValueFault(key, value, ValueProblem.UNKNOWN_ITEM, ", ".join(items)))
        elif value is not None and (problem := _problem(items[key], value)):
            faults.append(ValueFault(key, value, problem, allowed_answers(items[key])))
    if faults:
        raise ScoringFault(faults)


def _problem(item: Item, value: float | str) -> ValueProblem | None:
    if item.format is Format.TEXT:
        return None if isinstance(value, str) else ValueProblem.NOT_A_TEXT
    if isinstance(value, str) or not math.isfinite(value):
        return ValueProblem.NOT_A_NUMBER
    return None if _possible(item, np.array(float(value))) else ValueProblem.OUTSIDE


def reliable_change(fact: ReliableChangeFact) -> ReliableChange:
    """The fact as the science room reckons with it."""
    from medvirk.stats.change import ReliableChange

    return ReliableChange(
        fact.value,
        fact.level,
        sd=fact.sd,
        reliability=fact.reliability,
        source=fact.source,
        inclusive=fact.inclusive,
    )


def band_for(scale: Scale, value: float) -> Band | None:
    """The band that the value lies in; None where the scale has no bands."""
    bands = scale.banding.bands if scale.banding else ()
    return next((band for band in reversed(bands) if value >= band.start), None)


def cutoff_for(scale: Scale, facts: Mapping[str, str | float] | None = None) -> CutOff | None:
    """The first cut-off whose conditions the stated facts meet; None where there is none.

    A cut-off that depends on a fact nobody stated does not hold.
    """
    stated = facts or {}
    return next((cutoff for cutoff in scale.cutoffs if all(_met(each, stated) for each in cutoff.when)), None)


def _met(condition: Condition, facts: Mapping[str, str | float]) -> bool:
    stated = facts.get(condition.fact)
    if condition.equals is not None:
        return stated == condition.equals
    if stated is None or isinstance(stated, str):
        return False
    above = condition.at_least is None or stated >= condition.at_least
    return above and (condition.at_most is None or stated <= condition.at_most)


def _bands(scale: Scale, value: Floats) -> Integers:
    """`band_for` for many: the index of the band, -1 where there is none."""
    if scale.banding is None:
        return np.full(len(value), -1, dtype=np.int64)
    starts = [band.start for band in scale.banding.bands]
    found = np.searchsorted(starts, value, side="right").astype(np.int64) - 1
    return np.where(np.isnan(value), -1, found)


def _cutoffs(
    scale: Scale, facts: Mapping[str, Sequence[str | float | None] | NDArray[np.generic]], n: int
) -> Integers:
    """`cutoff_for` for many: the index of the first cut-off that holds, -1 where there is none."""
    found = np.full(n, -1, dtype=np.int64)
    for at in reversed(range(len(scale.cutoffs))):
        met = np.ones(n, dtype=bool)
        for condition in scale.cutoffs[at].when:
            # The few different values are judged once each, by the same rule as a single one.
            stated = list(facts.get(condition.fact, ()))
            verdicts = {
                value: _met(condition, {} if value is None else {condition.fact: value})
                for value in set(stated)
            }
            met &= (
                np.fromiter((verdicts[value] for value in stated), dtype=bool, count=n) if stated else False
            )
        found[met] = at
    return found


def alerts(instrument: Instrument, values: Mapping[str, Answer]) -> tuple[Alert, ...]:
    """The answers that someone must see, in the order of the rules. Raises ScoringFault."""
    check_answers(instrument, values)
    found = []
    for rule in instrument.alerts:
        value = values.get(rule.item)
        if value is not None and not isinstance(value, str) and value >= rule.at_least:
            found.append(Alert(rule, float(value)))
    return tuple(found)
