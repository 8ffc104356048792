"""What the charts show: numbers, and texts that are already translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Size(StrEnum):
    """How much room a picture has: a phone of 320 pixels, or a desk and paper."""

    NARROW = "narrow"
    WIDE = "wide"


Band = tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class CoursePicture:
    """One citizen's course.

    sessions, scores, meeting: one element per session; None is a session without that measure.
    low, high: the ends of the score's scale. meeting_low, meeting_high: those of the meeting's scale.
    band50, band80: the expected course as (x, lower, upper). cutoff: None where there is none.
    changes: (x, what was changed in the help); numbered on the picture, so list them by number beside it.
    events: (x, letter) of what happened in life; list them by letter beside it.
    goals: (its short name, how near it was at each session, 0–10), each drawn by itself below.
    labels: texts by name: title, description, session, score and meeting (legend), score_axis and
    meeting_axis, cutoff, band50, band80.
    """

    sessions: Sequence[float]
    scores: Sequence[float | None]
    low: float
    high: float
    labels: Mapping[str, str]
    band50: Band = ()
    band80: Band = ()
    cutoff: float | None = None
    meeting: Sequence[float | None] = ()
    meeting_low: float = 0.0
    meeting_high: float = 50.0
    changes: Sequence[tuple[float, str]] = ()
    events: Sequence[tuple[float, str]] = ()
    goals: Sequence[tuple[str, Sequence[float | None]]] = ()


@dataclass(frozen=True)
class FirstLastPicture:
    """First score against last: one point per person.

    outcome: the key in OUTCOMES of each person. legend: outcome → its text, in the order shown.
    reliable: points of change that measurement error seldom makes; drawn as a grey band round no change.
    labels: title, description, first, last, cutoff.
    """

    first: Sequence[float]
    last: Sequence[float]
    outcome: Sequence[str]
    low: float
    high: float
    reliable: float
    labels: Mapping[str, str]
    legend: Mapping[str, str]
    cutoff: float | None = None


@dataclass(frozen=True)
class Move:
    """One bar: the people of a starting group with one outcome. share: 0–1 of the group. text: at its end."""

    group: str
    outcome: str
    name: str
    share: float
    text: str


@dataclass(frozen=True)
class MovesPicture:
    """Who moved where: bars of outcomes, one panel per starting group. labels: title, description."""

    moves: Sequence[Move]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class CoursesPicture:
    """Many courses behind the expected one.

    courses: per person the (time, score) that were measured. mean: (x, y) of the expected course.
    observed: (x, mean score) at the common times.
    labels: title, description, time, score, course, mean, band50, band80, observed, cutoff.
    """

    courses: Sequence[Sequence[tuple[float, float]]]
    low: float
    high: float
    labels: Mapping[str, str]
    mean: Sequence[tuple[float, float]] = ()
    band50: Band = ()
    band80: Band = ()
    observed: Sequence[tuple[float, float]] = ()
    cutoff: float | None = None


@dataclass(frozen=True)
class Curve:
    """A rule for raising flags: `points` are (share of courses flagged, sensitivity), both 0–1, in ascending order.

    chosen: the point at the burden. own: the point at the rule's own threshold; None where it has none.
    best: drawn as what no rule can pass.
    """

    name: str
    points: Sequence[tuple[float, float]]
    chosen: tuple[float, float]
    own: tuple[float, float] | None = None
    best: bool = False


@dataclass(frozen=True)
class TradeOffPicture:
    """How many are found, against how many are flagged. burden: the share of courses that may be flagged.

    labels: title, description, flagged, found, burden, chance, chosen, own.
    """

    curves: Sequence[Curve]
    burden: float
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Estimate:
    """A share (0–1) with its interval, of one rule at one place along the axis; low, high: None without one."""

    rule: str
    place: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class EstimatesPicture:
    """One panel per measure: its heading, and the estimates in it. places, rules: in the order shown.

    labels: title, description, place.
    """

    panels: Sequence[tuple[str, Sequence[Estimate]]]
    places: Sequence[str]
    rules: Sequence[str]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class ControlPicture:
    """A share (0–1) month by month; None where it is not shown.

    months: a name for each, oldest first. centre, lower, upper: the lines of each month. unusual: places (from 0) of
    those that break a rule. labels: title, description. notes: (place, letter) of what was changed from a month on.
    """

    months: Sequence[str]
    shares: Sequence[float | None]
    centre: Sequence[float | None]
    lower: Sequence[float | None]
    upper: Sequence[float | None]
    unusual: frozenset[int]
    labels: Mapping[str, str]
    notes: Sequence[tuple[int, str]] = ()


#: A number, or a list of numbers, by the name that expressions use.
Numbers = Mapping[str, float | Sequence[float]]


@dataclass(frozen=True)
class Specification:
    """A chart written out as Vega-Lite. numbers: those that it names in expressions."""

    content: Mapping[str, Any]
    numbers: Numbers

    def to_dict(self, *, validate: bool = True) -> dict[str, Any]:
        """As an Altair chart gives it. Raises jsonschema.ValidationError where it breaks Vega-Lite's schema."""
        params = [{"name": name, "value": number} for name, number in self.numbers.items()]
        whole = {**self.content, "params": params}
        if validate:
            from altair.utils.schemapi import validate_jsonschema
            from altair.vegalite import load_schema

            validate_jsonschema(whole, load_schema())
        return whole


@dataclass(frozen=True)
class Drawing:
    """An Altair chart, or one written out, with what a reader who does not see it is told."""

    chart: Any
    title: str
    description: str
