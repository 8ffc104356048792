"""What a command on a file of scores was asked for, checked as a whole against the headings of the table."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from medvirk.instruments.definitions import Instrument, Scale
from medvirk.instruments.loader import UnknownInstrument, catalogue, get
from medvirk.instruments.logic import cutoff_for, reliable_change
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.growth import TimeUnit
from medvirk.tables import Fault, FaultList, gettext_noop


class Transform(StrEnum):
    """How time enters the expected course; `logic.transformed` says what each does."""

    LOG1P = "log1p"
    LOG = "log"
    NONE = "none"


class Origin(StrEnum):
    """Where a cut-off or a reliable change comes from."""

    OPTION = "option"
    INSTRUMENT = "instrument"
    OWN_DATA = "own_data"


@dataclass(frozen=True)
class Options:
    """The options as they were typed; None is not given."""

    person: str | None = None
    time: str | None = None
    score: str | None = None
    items: str | None = None
    instrument: str | None = None
    scale: str | None = None
    direction: str | None = None
    score_range: str | None = None
    cutoff: str | None = None
    rci: str | None = None
    sd: str | None = None
    reliability: str | None = None
    transform: str | None = None
    time_unit: str | None = None
    end: str | None = None
    window: str | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """What is measured and how it is judged, in points of the score.

    cutoff: None where there is none. rci: None where only the file's own first scores may give one.
    instrument, scale: None where the score has no instrument.
    """

    name: str
    direction: Direction
    low: float
    high: float
    cutoff: float | None
    cutoff_origin: Origin | None
    rci: ReliableChange | None
    rci_origin: Origin
    instrument: Instrument | None = None
    scale: Scale | None = None


@dataclass(frozen=True)
class Plan:
    """What to read and how: either `score` names a column, or `items` names several.

    time_unit: what time is counted in, None where nobody said. end, window: when courses were planned to end,
    and how far from it a score still is an end score, in that unit. groups: columns that tell people apart.
    """

    person: str
    time: str
    score: str | None
    items: tuple[str, ...]
    measure: Measure
    transform: Transform
    time_unit: TimeUnit | None = None
    end: float | None = None
    window: float | None = None
    groups: tuple[str, ...] = ()

    @property
    def score_name(self) -> str:
        """The column of the score, or the run of its items, as a reader of faults knows it."""
        return self.score if self.score is not None else f"{self.items[0]} … {self.items[-1]}"


# An instrument can also have no better way.
DIRECTIONS = {direction.value: direction for direction in Direction}

NEEDED = gettext_noop("%(option)s is needed: name the column that holds it.")
UNKNOWN_COLUMN = gettext_noop("%(option)s: the file has no such column. It has: %(columns)s.")
NEAR_COLUMN = gettext_noop("%(option)s: the file has no such column. Did you mean %(columns)s?")
SAME_COLUMN = gettext_noop("The same column is named for several things. Name one column for each.")
NO_SCORE = gettext_noop("Say where the scores are: --score COLUMN, or --items A,B,C or --items FIRST:LAST.")
TWO_SCORES = gettext_noop("--score and --items cannot be used together. Choose one of them.")
BACKWARDS = gettext_noop("--items: the last column of the run stands before the first. Turn them round.")
NOT_A_NUMBER = gettext_noop("%(option)s must be a number, such as 9.5.")
NOT_POSITIVE = gettext_noop("%(option)s must be above 0.")
NOT_A_RANGE = gettext_noop("--range must be two numbers, the lower first, such as 0,60.")
NOT_A_SHARE = gettext_noop("--reliability must be from 0 up to, but not including, 1.")
NOT_ONE_OF = gettext_noop("%(option)s must be one of: %(choices)s.")
OUTSIDE_RANGE = gettext_noop("--cutoff must lie within the range of the score, %(low)s to %(high)s.")
NO_INSTRUMENT = gettext_noop("There is no such instrument. There are: %(known)s.")
NO_SCALE = gettext_noop("--scale: %(instrument)s has no such scale. It has: %(known)s.")
NOT_SCORED = gettext_noop("%(instrument)s has no scale, so it cannot be analysed as a score.")
SCALE_ALONE = gettext_noop("--scale belongs to --instrument. Name the instrument, or leave out --scale.")
CONTRADICTS = gettext_noop(
    "%(option)s says something else than %(instrument)s, which has %(stated)s. Leave it out."
)
NEEDS_DIRECTION = gettext_noop(
    "Say which way is better: --direction lower or --direction higher, or --instrument KEY."
)
NEEDS_RANGE = gettext_noop("Say which scores are possible: --range LO,HI, or --instrument KEY.")
ITEM_COUNT = gettext_noop(
    "--items names %(found)s columns; %(instrument)s has %(needed)s items. Name all, in order."
)
RCI_TWICE = gettext_noop("Give either --rci, or --sd and --reliability, not both.")
SD_ALONE = gettext_noop("--sd and --reliability belong together. Give both, or neither.")
BELOW_ZERO = gettext_noop("%(option)s must be 0 or above.")
WINDOW_ALONE = gettext_noop("--window belongs to --end. Say when the courses ended, or leave out --window.")
UNIT_OF_LOG = gettext_noop(
    "--time-unit goes with --transform log1p or none. With log, time is the file's own number and has no unit."
)


def settle(options: Options, columns: Sequence[str]) -> Plan:
    """What the options mean for a table with these headings. Raises TableFaults with all faults at once."""
    faults = FaultList()
    person = _column("--person", options.person, columns, faults)
    time = _column("--time", options.time, columns, faults)
    score, items = _score_columns(options, columns, faults)
    groups = [_column("--group", name, columns, faults) for name in options.groups]
    named = [name for name in (options.person, options.time, options.score, *groups) if name is not None]
    for name in sorted({name for name in [*named, *items] if [*named, *items].count(name) > 1}):
        faults.add(Fault(None, name, None, SAME_COLUMN))
    instrument, scale = _instrument(options, faults)
    if instrument is not None and items and len(items) != len(instrument.items):
        facts: dict[str, str | int] = {
            "found": len(items),
            "instrument": instrument.name,
            "needed": len(instrument.items),
        }
        faults.add(Fault(None, None, options.items, ITEM_COUNT, facts))
    transform = choice("--transform", options.transform or Transform.LOG1P, list(Transform), faults)
    unit = _time_unit(options, transform, faults)
    end, window = _end(options, faults)
    measure = _measure(options, instrument, scale, faults)
    faults.raise_if_any()
    return Plan(
        person, time, score, items, measure, Transform(transform),
        time_unit=unit, end=end, window=window, groups=tuple(groups),
    )  # fmt: skip


def _time_unit(options: Options, transform: str, faults: FaultList) -> TimeUnit | None:
    if options.time_unit is None:
        return None
    if transform == Transform.LOG:
        faults.add(Fault(None, None, options.time_unit, UNIT_OF_LOG))
    return TimeUnit(choice("--time-unit", options.time_unit, list(TimeUnit), faults))


def _end(options: Options, faults: FaultList) -> tuple[float | None, float | None]:
    """When the courses ended and how near to it counts."""
    end, window = number("--end", options.end, faults), number("--window", options.window, faults)
    if end is not None and end <= 0:
        faults.add(Fault(None, None, options.end, NOT_POSITIVE, {"option": "--end"}))
    if window is not None and window < 0:
        faults.add(Fault(None, None, options.window, BELOW_ZERO, {"option": "--window"}))
    if options.window is not None and options.end is None:
        faults.add(Fault(None, None, options.window, WINDOW_ALONE))
    return end, window


def _column(option: str, name: str | None, columns: Sequence[str], faults: FaultList) -> str:
    """A column that is in the table; otherwise a fault, with the name as it was typed."""
    if name is None:
        faults.add(Fault(None, None, None, NEEDED, {"option": option}))
        return ""
    if name not in columns:
        folded = {column.casefold(): column for column in columns}
        near = difflib.get_close_matches(name.casefold(), folded, n=3, cutoff=0.6)
        told = ", ".join(folded[match] for match in near) if near else _listed(columns)
        faults.add(
            Fault(
                None, None, name, NEAR_COLUMN if near else UNKNOWN_COLUMN, {"option": option, "columns": told}
            )
        )
    return name


def _listed(columns: Sequence[str], most: int = 30) -> str:
    return ", ".join(columns[:most]) + (", …" if len(columns) > most else "")


def _score_columns(
    options: Options, columns: Sequence[str], faults: FaultList
) -> tuple[str | None, tuple[str, ...]]:
    if options.score is None and options.items is None:
        faults.add(Fault(None, None, None, NO_SCORE))
    if options.score is not None and options.items is not None:
        faults.add(Fault(None, None, None, TWO_SCORES))
    score = None if options.score is None else _column("--score", options.score, columns, faults)
    items: list[str] = []
    for part in [] if options.items is None else [part.strip() for part in options.items.split(",")]:
        items += _run(part, columns, faults)
    return score, tuple(items)


def _run(part: str, columns: Sequence[str], faults: FaultList) -> list[str]:
    """`A` is one column, `A:C` all columns from A to C in the order of the file."""
    if part in columns or ":" not in part:
        return [_column("--items", part, columns, faults)]
    ends = [_column("--items", end.strip(), columns, faults) for end in part.split(":", 1)]
    if any(end not in columns for end in ends):
        return ends
    start, stop = (columns.index(end) for end in ends)
    if stop < start:
        faults.add(Fault(None, None, part, BACKWARDS))
    return list(columns[start : stop + 1])


def number(option: str, text: str | None, faults: FaultList) -> float | None:
    """A number with a decimal point or a decimal comma."""
    if text is None:
        return None
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        faults.add(Fault(None, None, text, NOT_A_NUMBER, {"option": option}))
        return None
    return value


def choice(option: str, text: str, choices: Sequence[str], faults: FaultList) -> str:
    if text in list(choices):
        return text
    faults.add(Fault(None, None, text, NOT_ONE_OF, {"option": option, "choices": ", ".join(choices)}))
    return choices[0]


def _instrument(options: Options, faults: FaultList) -> tuple[Instrument | None, Scale | None]:
    if options.instrument is None:
        if options.scale is not None:
            faults.add(Fault(None, None, options.scale, SCALE_ALONE))
        return None, None
    key, _, version = options.instrument.partition("@")
    try:
        instrument = get(key, int(version) if version else None)
    except (UnknownInstrument, ValueError):
        known = ", ".join(sorted({name for name, _ in catalogue()}))
        faults.add(Fault(None, None, options.instrument, NO_INSTRUMENT, {"known": known}))
        return None, None
    if instrument.main_scale is None:
        faults.add(Fault(None, None, options.instrument, NOT_SCORED, {"instrument": instrument.name}))
    if options.scale is None or instrument.main_scale is None:
        return instrument, instrument.main_scale
    found = next((scale for scale in instrument.scales if scale.key == options.scale), None)
    if found is None:
        facts = {"instrument": instrument.name, "known": ", ".join(scale.key for scale in instrument.scales)}
        faults.add(Fault(None, None, options.scale, NO_SCALE, facts))
    return instrument, found


def _measure(
    options: Options, instrument: Instrument | None, scale: Scale | None, faults: FaultList
) -> Measure:
    direction = _direction(options, instrument, scale, faults)
    low, high = _range(options, instrument, scale, faults)
    cutoff = number("--cutoff", options.cutoff, faults)
    cutoff_origin = None if cutoff is None else Origin.OPTION
    if cutoff is not None and not low <= cutoff <= high:
        faults.add(Fault(None, None, options.cutoff, OUTSIDE_RANGE, {"low": f"{low:g}", "high": f"{high:g}"}))
    if cutoff is None and scale is not None and (known := cutoff_for(scale)) is not None:
        cutoff, cutoff_origin = known.value, Origin.INSTRUMENT
    rci, rci_origin = _reliable_change(options, scale, faults)
    name = options.score or "" if instrument is None else instrument.name
    return Measure(name, direction, low, high, cutoff, cutoff_origin, rci, rci_origin, instrument, scale)


def _direction(
    options: Options, instrument: Instrument | None, scale: Scale | None, faults: FaultList
) -> Direction:
    stated = None if scale is None else DIRECTIONS.get(scale.direction.value)
    if options.direction is None:
        # An unknown instrument is a fault already; its direction would have been known.
        if stated is None and (options.instrument is None or scale is not None):
            faults.add(Fault(None, None, None, NEEDS_DIRECTION))
        return stated or Direction.HIGHER
    given = Direction(choice("--direction", options.direction, list(Direction), faults))
    if stated is not None and instrument is not None and given is not stated:
        facts = {"option": "--direction", "instrument": instrument.name, "stated": stated.value}
        faults.add(Fault(None, None, options.direction, CONTRADICTS, facts))
    return given


def _range(
    options: Options, instrument: Instrument | None, scale: Scale | None, faults: FaultList
) -> tuple[float, float]:
    """The possible scores; without bounds where they are a fault, so that nothing else is blamed for it."""
    if options.score_range is None:
        if scale is not None:
            return scale.low, scale.high
        if options.instrument is None:
            faults.add(Fault(None, None, None, NEEDS_RANGE))
        return -math.inf, math.inf
    try:
        low, high = (float(end) for end in options.score_range.split(","))
    except ValueError:
        low, high = math.nan, math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        faults.add(Fault(None, None, options.score_range, NOT_A_RANGE))
        return -math.inf, math.inf
    if scale is not None and instrument is not None and (low, high) != (scale.low, scale.high):
        facts = {
            "option": "--range",
            "instrument": instrument.name,
            "stated": f"{scale.low:g},{scale.high:g}",
        }
        faults.add(Fault(None, None, options.score_range, CONTRADICTS, facts))
    return low, high


def _reliable_change(
    options: Options, scale: Scale | None, faults: FaultList
) -> tuple[ReliableChange | None, Origin]:
    """From the options, else from the instrument, else None: from the items of the file, if it has any."""
    rci = number("--rci", options.rci, faults)
    sd = number("--sd", options.sd, faults)
    reliability = number("--reliability", options.reliability, faults)
    for option, text, value in (("--rci", options.rci, rci), ("--sd", options.sd, sd)):
        if value is not None and value <= 0:
            faults.add(Fault(None, None, text, NOT_POSITIVE, {"option": option}))
    if reliability is not None and not 0 <= reliability < 1:
        faults.add(Fault(None, None, options.reliability, NOT_A_SHARE))
    if options.rci is not None and (options.sd is not None or options.reliability is not None):
        faults.add(Fault(None, None, None, RCI_TWICE))
    elif (options.sd is None) != (options.reliability is None):
        faults.add(Fault(None, None, None, SD_ALONE))
    if rci is not None and rci > 0:
        return ReliableChange(rci, source="--rci"), Origin.OPTION
    if sd is not None and sd > 0 and reliability is not None and 0 <= reliability < 1:
        return ReliableChange.from_sd(sd, reliability, source="--sd, --reliability"), Origin.OPTION
    if scale is not None and (known := scale.reliable_change) is not None:
        return reliable_change(known), Origin.INSTRUMENT
    return None, Origin.OWN_DATA
