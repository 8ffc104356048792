"""How well a questionnaire measures here: aggregates over the whole house, never about a person.

The pages work it out when they are opened. The mark beside a curve reads what the night kept of it (`LocalMeasuring`).

One answer per person counts, the first; the retest takes pairs by a stated rule. The data end with the last
month: the numbers of a month stand still, so nobody can look before and after an answer and work it out.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from medvirk.answers.models import Answer
from medvirk.feedback.accuracy import CANNOT, UNESTIMABLE
from medvirk.instruments.definitions import Instrument, Method, Scale, Status
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Permission, Viewer
from medvirk.stats.faults import BadScoresError
from medvirk.stats.reliability import (
    Criterion,
    Description,
    RetestPairs,
    State,
    Verdict,
    describe,
    judge,
    meets_all,
    retest_pairs,
)

#: Below so many people nothing is shown but that they are too few.
FEWEST = 10
FORMAT = "medvirk-measuring-1"
#: Why there are no verdicts, besides `CANNOT`.
TOO_FEW_PEOPLE, NOT_JUDGED = "too_few_people", "not_judged"
Key = tuple[str, int]
DAY = 86_400.0


@dataclass(frozen=True)
class InUse:
    """An instrument that has been answered. `people` is None where they are too few to say how many."""

    instrument: Instrument
    people: int | None
    validated_elsewhere: bool
    meets_criteria: bool


@dataclass(frozen=True)
class Measured:
    """How well an instrument's main scale measured in `people` people until `until` (that day included).

    `description` is None where they are too few, and `verdicts` is then empty. `first_day` and `last_day` are
    those of the first and the last answer that counts.
    """

    instrument: Instrument
    scale: Scale
    people: int
    until: date
    first_day: date | None = None
    last_day: date | None = None
    description: Description | None = None
    verdicts: tuple[Verdict, ...] = ()

    @property
    def meets_criteria(self) -> bool:
        return meets_all(self.verdicts)


@dataclass(frozen=True)
class LocalMeasuring:
    """How an instrument's main scale stood against every criterion, for answers to the end of `month` (as 2026-02).

    `reason`: why there are no verdicts, else empty; `faults`: the same as sentences for the one who fits the norms.
    """

    month: str = ""
    verdicts: tuple[Verdict, ...] = ()
    reason: str = ""
    faults: tuple[str, ...] = ()

    @property
    def meets_criteria(self) -> bool:
        return meets_all(self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """For JSON. `meets_all` is for those who read the row elsewhere; here it follows from the verdicts."""
        return {
            "format": FORMAT,
            "month": self.month,
            "verdicts": [
                {
                    "criterion": str(each.criterion),
                    "state": str(each.state),
                    "value": _finite(each.value),
                    "second": _finite(each.second),
                    "n": int(each.n),
                }
                for each in self.verdicts
            ],
            "meets_all": self.meets_criteria,
            "reason": self.reason,
            "faults": list(self.faults),
        }

    @classmethod
    def from_dict(cls, data: object) -> LocalMeasuring:
        """Read what `to_dict` wrote. Raises BadScoresError for anything else, as verdicts of an older format."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadScoresError([f'These are no verdicts on a scale: "format" must be "{FORMAT}".'])
        try:
            return cls(
                month=str(data["month"]),
                verdicts=tuple(
                    Verdict(
                        criterion=Criterion(each["criterion"]),
                        state=State(each["state"]),
                        value=each["value"],
                        n=int(each["n"]),
                        second=each["second"],
                    )
                    for each in data["verdicts"]
                ),
                reason=str(data["reason"]),
                faults=tuple(data["faults"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadScoresError(
                [f"These verdicts on a scale are damaged ({error}). Fit the norms anew."]
            ) from error


def _finite(value: float | None) -> float | None:
    """JSON knows no other numbers."""
    return float(value) if value is not None and math.isfinite(value) else None


@dataclass
class _Gathered:
    """The first answer of each person and all scores of one instrument's main scale."""

    answers: list[tuple[int, datetime, Mapping[str, object]]] = field(default_factory=list)
    scores: dict[int, float | None] = field(default_factory=dict)
    series: dict[tuple[uuid.UUID, datetime], float | None] = field(default_factory=dict)


def month_start(now: datetime) -> datetime:
    """Where the month of `now` begins in the house's own time: answers before it count."""
    return timezone.make_aware(datetime.combine(timezone.localdate(now).replace(day=1), time.min))


def instruments_in_use(viewer: Viewer, *, now: datetime) -> list[InUse]:
    """Every scored instrument that somebody has answered, the most used first. Five queries."""
    _let_in(viewer)
    until, catalogue = month_start(now), effective_catalogue()
    counted = (
        _answers(until)
        .values("instrument_key", "instrument_version")
        .annotate(people=Count("submission__occasion__about", distinct=True))
    )
    people = {(row["instrument_key"], row["instrument_version"]): row["people"] for row in counted}
    known = {key: catalogue[key] for key in people if key in catalogue and catalogue[key].main_scale}
    meeting = _meeting_criteria([each for each in known.values() if not _validated_elsewhere(each)], until)
    rows = [
        InUse(
            instrument=instrument,
            people=people[key] if people[key] >= FEWEST else None,
            validated_elsewhere=_validated_elsewhere(instrument),
            meets_criteria=key in meeting,
        )
        for key, instrument in known.items()
    ]
    return sorted(rows, key=lambda row: (-(row.people or 0), row.instrument.key, row.instrument.version))


def measuring(viewer: Viewer, key: str, version: int, *, now: datetime) -> Measured | None:
    """How well this instrument measures here, or None if there is none such that is scored. Four queries."""
    _let_in(viewer)
    instrument = effective_catalogue().get((key, version))
    if instrument is None or instrument.main_scale is None:
        return None
    until = month_start(now)
    return _measured(instrument, _gather([instrument], until)[key, version], until)


def judged_here(instrument: Instrument, *, now: datetime) -> LocalMeasuring:
    """How this scored instrument stands against the criteria; what cannot be judged says why, nothing is raised.

    Two queries over all answers to it, so for the night and not for pages. It tells nothing about anybody and takes
    no viewer.
    """
    until = month_start(now)
    month = f"{timezone.localdate(until - timedelta(seconds=1)):%Y-%m}"
    gathered = _gather([instrument], until)[instrument.key, instrument.version]
    try:
        found = _measured(instrument, gathered, until)
    except UNESTIMABLE as error:
        return LocalMeasuring(month, reason=CANNOT, faults=(str(error),))
    if found.description is None:
        fault = f"Fewer than {FEWEST} people have answered it before this month."
        return LocalMeasuring(month, reason=TOO_FEW_PEOPLE, faults=(fault,))
    return LocalMeasuring(month, found.verdicts)


def _let_in(viewer: Viewer) -> None:
    if Permission.SEE_MEASURING not in viewer.permissions:
        raise PermissionDenied


def _validated_elsewhere(instrument: Instrument) -> bool:
    return instrument.status is Status.VALIDATED


def _meeting_criteria(instruments: Iterable[Instrument], until: datetime) -> set[Key]:
    """Those whose answers here meet every criterion. Two queries."""
    scored = [each for each in instruments if each.main_scale]
    gathered = _gather(scored, until) if scored else {}
    return {
        (each.key, each.version)
        for each in scored
        if _measured(each, gathered[each.key, each.version], until).meets_criteria
    }


def _answers(until: datetime) -> QuerySet[Answer]:
    """What people said about themselves before `until`. A total that was imported without answers has no items."""
    return Answer.objects.filter(
        submission__submitted_at__lt=until,
        submission__occasion__respondent=F("submission__occasion__about__person"),
    ).exclude(values={})


def _gather(instruments: Iterable[Instrument], until: datetime) -> dict[Key, _Gathered]:
    """What counts for these instruments. Two queries however many."""
    scales = {
        (each.key, each.version): each.main_scale.key for each in instruments if each.main_scale is not None
    }
    found = {key: _Gathered() for key in scales}
    wanted = _answers(until).filter(instrument_key__in={key for key, _ in scales})
    order = ("submission__submitted_at", "pk")
    first = wanted.annotate(
        place=Window(
            RowNumber(),
            partition_by=[F("submission__occasion__about"), F("instrument_key"), F("instrument_version")],
            order_by=order,
        )
    ).filter(place=1)
    for key, version, pk, at, values in first.values_list(
        "instrument_key", "instrument_version", "pk", "submission__submitted_at", "values"
    ):
        if (key, version) in found:
            found[key, version].answers.append((pk, at, values))
    # From the answers to their scores, not scores whose answer is among them: PostgreSQL can take minutes over that.
    rows = wanted.filter(scores__scale__in=set(scales.values())).order_by(*order)
    for key, version, scale, pk, about, at, value in rows.values_list(
        "instrument_key",
        "instrument_version",
        "scores__scale",
        "pk",
        "submission__occasion__about_id",
        "submission__submitted_at",
        "scores__value",
    ):
        if scales.get((key, version)) == scale:
            found[key, version].scores[pk] = value
            # Two answers at one moment are one measurement that was entered twice: the first counts.
            found[key, version].series.setdefault((about, at), value)
    return found


def _measured(instrument: Instrument, gathered: _Gathered, until: datetime) -> Measured:
    scale = instrument.main_scale
    assert scale is not None  # the callers choose scored instruments
    people, last = len(gathered.answers), timezone.localdate(until - timedelta(seconds=1))
    if people < FEWEST:
        return Measured(instrument, scale, people, last)
    table, low, high = _items(instrument, scale, [values for _, _, values in gathered.answers])
    description = describe(
        table,
        lowest=low,
        highest=high,
        keys=scale.items,
        scores=np.array([gathered.scores.get(pk) for pk, _, _ in gathered.answers], dtype=float),
        ends=(scale.low, scale.high),
        pairs=_pairs(gathered),
    )
    moments = [at for _, at, _ in gathered.answers] + [at for _, at in gathered.series]
    return Measured(
        instrument=instrument,
        scale=scale,
        people=people,
        until=last,
        first_day=timezone.localdate(min(moments)),
        last_day=timezone.localdate(max(moments)),
        description=description,
        verdicts=judge(description),
    )


def _items(
    instrument: Instrument, scale: Scale, answers: list[Mapping[str, object]]
) -> tuple[np.ndarray, list[float], list[float]]:
    """The answers as they go into the score: (people, items), and the ends of each item."""
    items = [instrument.item(key) for key in scale.items]
    table = np.array([[_number(values.get(item.key)) for item in items] for values in answers])
    low = np.array([math.nan if item.low is None else item.low for item in items])
    high = np.array([math.nan if item.high is None else item.high for item in items])
    turned = np.isin(scale.items, scale.reversed)
    table = np.where(turned, low + high - table, table)
    if scale.method is Method.WEIGHTED:
        weights = np.array(scale.weights)
        table, low, high = table * weights, low * weights, high * weights
    return table, np.minimum(low, high).tolist(), np.maximum(low, high).tolist()


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _pairs(gathered: _Gathered) -> RetestPairs:
    index = {person: at for at, person in enumerate({person for person, _ in gathered.series})}
    return retest_pairs(
        [index[person] for person, _ in gathered.series],
        [at.timestamp() / DAY for _, at in gathered.series],
        np.array(list(gathered.series.values()), dtype=float),
    )
