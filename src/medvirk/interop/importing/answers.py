"""What was answered before or after one conversation, scored by the rules of its instrument. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from medvirk.answers.logic import OWN_WORDS_MOST
from medvirk.instruments.definitions import Format, Instrument
from medvirk.instruments.logic import (
    Alert,
    Score,
    ScoringFault,
    alerts,
    allowed_answers,
    check_answers,
    score,
)
from medvirk.interop.importing.columns import Columns, Field
from medvirk.interop.importing.reading import Row
from medvirk.tables import Fault

#: How far a stated score may lie from the one its items give, in points: spreadsheets round to one decimal.
ROUNDING = 0.05

OUTSIDE = "The score must lie from %(low)s to %(high)s. Correct it, or leave the cell empty."
NOT_ALLOWED = "This is not an answer to the question: allowed is %(allowed)s. Correct it, or leave it empty."
NO_SUCH_ITEM = "%(instrument)s has %(count)s questions only. Name another instrument, or empty the cell."
FREE_TEXT = "This question is answered in words, and is not imported. Empty the cell."
DISAGREE = (
    "The answers in this row give %(items)s. Correct the answers or the score, or leave the score empty."
)
NO_SCORE = "The answers in this row are too few for a score. Fill them in, or leave the score or them empty."
TOO_LONG = "The text has %(count)s signs; there is room for %(most)s. Shorten it."


@dataclass(frozen=True, slots=True)
class Said:
    """One sending: answers to one instrument, and own words.

    values: answers by item key; empty where only a score was given. scores: those to store; a score that
    came without its items counts none of them as answered. heading, shown: where the file says it, for a
    fault.
    """

    instrument: Instrument
    values: Mapping[str, float]
    scores: tuple[Score, ...]
    alerts: tuple[Alert, ...]
    own_words: str
    heading: str
    shown: str

    @property
    def main_value(self) -> float | None:
        """The score of the instrument's first scale; None where there is none."""
        scale = self.instrument.main_scale
        return next((each.value for each in self.scores if scale and each.scale == scale.key), None)


@dataclass(frozen=True, slots=True)
class Part:
    """The cells of a row that belong to one moment."""

    number: int
    score: float | None
    items: Mapping[int, float]
    own_words: str
    score_heading: str
    item_headings: Mapping[int, str]
    words_heading: str
    faults: list[Fault] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        return self.score is None and not self.items and not self.own_words

    def fault(self, heading: str, value: object, problem: str, **facts: str | int | float) -> None:
        text = f"{value:g}" if isinstance(value, float) else str(value)
        self.faults.append(Fault(self.number, heading, text, problem, facts))


def before_part(row: Row, columns: Columns) -> Part:
    return Part(
        row.number,
        row.score,
        row.items,
        row.own_words,
        columns.heading(Field.SCORE),
        columns.items,
        columns.heading(Field.OWN_WORDS),
    )


def after_part(row: Row, columns: Columns) -> Part:
    return Part(
        row.number,
        row.meeting_score,
        row.meeting_items,
        "",
        columns.heading(Field.MEETING_SCORE),
        columns.meeting_items,
        "",
    )


def said(part: Part, instrument: Instrument) -> tuple[Said | None, list[Fault]]:
    """What the cells say, and every fault in them; None where they are empty or faulty."""
    if part.empty:
        return None, []
    if len(part.own_words) > OWN_WORDS_MOST:
        part.fault(
            part.words_heading, part.own_words[:40] + "…", TOO_LONG,
            count=len(part.own_words), most=OWN_WORDS_MOST,
        )  # fmt: skip
    values = _values(part, instrument)
    _check_stated(part, instrument)
    if part.faults:
        return None, part.faults
    scores = _scores(part, instrument, values)
    if part.faults:
        return None, part.faults
    heading, told = _place(part)
    return Said(instrument, values, scores, alerts(instrument, values), part.own_words, heading, told), []


def _values(part: Part, instrument: Instrument) -> dict[str, float]:
    """Answers by item key, each checked."""
    values: dict[str, float] = {}
    for number, value in part.items.items():
        heading = part.item_headings[number]
        if number > len(instrument.items):
            part.fault(heading, value, NO_SUCH_ITEM, instrument=instrument.key, count=len(instrument.items))
        elif instrument.items[number - 1].format is Format.TEXT:
            part.fault(heading, value, FREE_TEXT)
        else:
            values[instrument.items[number - 1].key] = value
    headings = {item.key: part.item_headings.get(at) for at, item in enumerate(instrument.items, start=1)}
    for item in _wrong(instrument, values):
        allowed = allowed_answers(instrument.item(item))
        part.fault(str(headings[item]), values[item], NOT_ALLOWED, allowed=allowed)
    return values


def _wrong(instrument: Instrument, values: Mapping[str, float]) -> list[str]:
    """Keys of the items that cannot be answered so."""
    try:
        check_answers(instrument, values)
    except ScoringFault as found:
        return [fault.item for fault in found.faults]
    return []


def _check_stated(part: Part, instrument: Instrument) -> None:
    scale = instrument.main_scale
    if part.score is not None and scale is not None and not scale.low <= part.score <= scale.high:
        part.fault(part.score_heading, part.score, OUTSIDE, low=f"{scale.low:g}", high=f"{scale.high:g}")


def _scores(part: Part, instrument: Instrument, values: Mapping[str, float]) -> tuple[Score, ...]:
    """Scores from the answers; from the score column only where there are no answers."""
    scale = instrument.main_scale
    if values or part.score is None or scale is None:
        found = score(instrument, values)
        if part.score is not None and scale is not None:
            _compare(part, found[scale.key])
        return tuple(found.values())
    return (Score(scale.key, part.score, None, answered=0, of=len(scale.items)),)


def _compare(part: Part, found: Score) -> None:
    if found.value is None:
        part.fault(part.score_heading, part.score, NO_SCORE)
    elif part.score is not None and abs(found.value - part.score) > ROUNDING:
        part.fault(part.score_heading, part.score, DISAGREE, items=f"{found.value:g}")


def _place(part: Part) -> tuple[str, str]:
    """The heading and value that stand for the whole."""
    if part.score is not None:
        return part.score_heading, f"{part.score:g}"
    if part.items:
        answered = _joined(f"{part.items[number]:g}" for number in sorted(part.items))
        return _joined(part.item_headings[number] for number in sorted(part.items)), answered
    return part.words_heading, part.own_words[:40]


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(texts)
