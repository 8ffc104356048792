"""How often a signal was right here: worked out from ended courses, and kept as JSON beside the local norms.

A course under way has no result yet, so it is not judged. What is judged is what a worker is shown: where two signals
say the same and only one is shown (`logic.signals_of`), the other is silent here too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from medvirk.feedback.logic import Measure, Outlook
from medvirk.stats.change import ROUNDING, Direction, ReliableChange
from medvirk.stats.faults import BadScoresError, FaultsError
from medvirk.stats.signals import (
    Cohort,
    EndForecast,
    Evaluation,
    Forecast,
    NoChangeExpected,
    Outcome,
    RawChange,
    Rule,
    RuleTable,
    Share,
    SignalKind,
    SuddenFall,
    evaluate,
)
from medvirk.stats.signals.alarms import Worry
from medvirk.stats.signals.evaluation import FEWEST_COURSES

FORMAT = "medvirk-accuracy-1"
#: The share of courses a team can talk about by the third measurement: the threshold of the forecast follows from it.
BURDEN, BY = 0.20, 3
SCORES_TO_BE_JUDGED = 3

#: Why nothing is known. The last one: the figures are of another format, or were never worked out.
TOO_FEW, NO_LIMIT, CANNOT, NOT_YET = "too_few_courses", "no_reliable_change", "cannot_be_estimated", "not_yet"

#: The signals that foretell how a course ends, and the ending that makes each of them right.
FORETELLS: dict[str, Outcome] = {
    SignalKind.WORSE_EXPECTED: Outcome.DETERIORATED,
    SignalKind.NOT_ON_TRACK: Outcome.DETERIORATED,
    SignalKind.DETERIORATED: Outcome.DETERIORATED,
    SignalKind.SUDDEN_FALL: Outcome.DETERIORATED,
    SignalKind.NO_CHANGE_EXPECTED: Outcome.NOT_IMPROVED,
}

Row = tuple[str, int, float]
#: What a scale may lack; the others are worked out all the same.
UNESTIMABLE = (FaultsError, np.linalg.LinAlgError, ArithmeticError)


class Scores(TypedDict):
    """What `evaluate` and `Cohort.from_scores` are given: one element per score, and the scale."""

    person: NDArray[np.str_]
    session: NDArray[np.int64]
    score: NDArray[np.float64]
    direction: Direction
    rci: ReliableChange
    low: float
    high: float


@dataclass(frozen=True)
class KindAccuracy:
    """How one kind of signal did, on ended courses with three scores or more.

    `flagged`: of all, those with such a signal while a later score came. `right`: of these, those that ended as
    foretold; `otherwise`: of those without the signal, those that ended so all the same; `base_rate`: of all.
    `sensitivity`: of those that ended so, those with the signal. `right_at`: by measurement number, of the signals
    at exactly that one.
    """

    outcome: Outcome
    threshold: float
    flagged: Share
    right: Share
    otherwise: Share
    base_rate: Share
    sensitivity: Share
    right_at: Mapping[int, Share]


@dataclass(frozen=True)
class LocalAccuracy:
    """What ended courses here say of the signals on one scale.

    `ended`: courses with a score; `judged`: those of them with three scores or more. `kinds`: by kind of signal, those
    that could be judged; `reason`: why nothing could, else empty; `faults`: the same as sentences for the one who runs
    the command. `outlook`: the forecast that a worker's signal rests on, None while it cannot be learnt.
    """

    ended: int = 0
    judged: int = 0
    reason: str = ""
    faults: tuple[str, ...] = ()
    kinds: Mapping[str, KindAccuracy] = field(default_factory=dict)
    outlook: Outlook | None = None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        outlook = self.outlook
        return {
            "format": FORMAT,
            "ended": self.ended,
            "judged": self.judged,
            "reason": self.reason,
            "faults": list(self.faults),
            "kinds": {kind: asdict(found) for kind, found in self.kinds.items()},
            "forecast": outlook.forecast.to_dict() if outlook else None,
            "worrying": outlook.worrying if outlook else None,
        }

    @classmethod
    def from_dict(cls, data: object) -> LocalAccuracy:
        """Read what `to_dict` wrote. Raises BadScoresError for anything else, as figures of an older format."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadScoresError([f'These are no figures of signals: "format" must be "{FORMAT}".'])
        try:
            outlook = None
            if data["forecast"] is not None:
                outlook = Outlook(EndForecast.from_dict(data["forecast"]), float(data["worrying"]))
            return cls(
                ended=int(data["ended"]),
                judged=int(data["judged"]),
                reason=str(data["reason"]),
                faults=tuple(data["faults"]),
                kinds={kind: _kind_from(found) for kind, found in data["kinds"].items()},
                outlook=outlook,
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise BadScoresError(
                [f"These figures of signals are damaged ({error}). Fit the norms anew."]
            ) from error


def _kind_from(data: Mapping[str, Any]) -> KindAccuracy:
    shares = ("flagged", "right", "otherwise", "base_rate", "sensitivity")
    return KindAccuracy(
        outcome=Outcome(data["outcome"]),
        threshold=float(data["threshold"]),
        right_at={int(number): Share(**share) for number, share in data["right_at"].items()},
        **{name: Share(**data[name]) for name in shares},
    )


@dataclass(frozen=True)
class Shown:
    """A rule as a worker meets it: without the flags of which another signal says the same (`hidden`, rows)."""

    rule: Rule
    hidden: Callable[[Cohort], NDArray[np.bool_]]
    threshold: float | None

    @property
    def name(self) -> str:
        return self.rule.name

    def learn(self, cohort: Cohort) -> Worry:
        worry = self.rule.learn(cohort)
        return lambda others: np.where(self.hidden(others), -np.inf, worry(others))


def limit_of(rci: ReliableChange) -> float:
    """The smallest change that `rci.reached_by` calls reliable, as the threshold from which upwards a rule flags."""
    return rci.value - ROUNDING if rci.inclusive else math.nextafter(rci.value + ROUNDING, math.inf)


def shown_rules(rci: ReliableChange, worrying: float | None) -> dict[str, Rule]:
    """Each kind of signal as a rule with its own threshold; `worse_expected` only where one was chosen."""
    limit = limit_of(rci)
    rules: dict[str, Rule] = {
        SignalKind.DETERIORATED: RawChange(threshold=limit),
        # At the second score it is left out beside *deteriorated*, which says the same.
        SignalKind.SUDDEN_FALL: Shown(SuddenFall(), lambda cohort: cohort.number == 2, limit),
        SignalKind.NOT_ON_TRACK: RuleTable(),
        SignalKind.NO_CHANGE_EXPECTED: NoChangeExpected(),
    }
    if worrying is not None:
        rules[SignalKind.WORSE_EXPECTED] = Shown(Forecast(), _not_told, worrying)
    return rules


def _not_told(cohort: Cohort) -> NDArray[np.bool_]:
    """Who is reliably worse already is shown as *deteriorated*."""
    return cohort.rci.reached_by(cohort.loss)


def judge(rows: Sequence[Row], measure: Measure) -> LocalAccuracy:
    """Learn the forecast and judge every kind of signal on these ended courses.

    `rows`: (course, number of the session from the first measured one, score). What cannot be estimated is left out
    with its reason; nothing is raised for it.
    """
    scores: dict[str, int] = {}
    for course, _number, _score in rows:
        scores[course] = scores.get(course, 0) + 1
    ended, judged = len(scores), sum(count >= SCORES_TO_BE_JUDGED for count in scores.values())
    if measure.rci is None:
        fault = "The scale has no limit for a reliable change, so no course can be called better or worse."
        return LocalAccuracy(ended, judged, NO_LIMIT, (fault,))
    if judged < FEWEST_COURSES:
        fault = f"Judging a signal takes {FEWEST_COURSES} ended courses of three scores, found {judged}."
        return LocalAccuracy(ended, judged, TOO_FEW, (fault,))
    person, number, score = zip(*rows, strict=True)
    scores_of = Scores(
        person=np.array(person),
        session=np.array(number),
        score=np.array(score),
        direction=measure.direction,
        rci=measure.rci,
        low=measure.low,
        high=measure.high,
    )
    faults: list[str] = []
    outlook = None
    try:
        outlook = _outlook(scores_of)
    except UNESTIMABLE as error:
        faults.append(str(error))
    kinds = {}
    for kind, rule in shown_rules(measure.rci, outlook.worrying if outlook else None).items():
        try:
            kinds[str(kind)] = _kind(evaluate(**scores_of, rule=rule), FORETELLS[kind])
        except UNESTIMABLE as error:
            faults.append(str(error))
    told = tuple(dict.fromkeys(faults))
    return LocalAccuracy(ended, judged, "" if kinds else CANNOT, told, kinds, outlook)


def _outlook(scores: Scores) -> Outlook | None:
    """The forecast learnt from all ended courses, with a threshold chosen on forecasts of people held out."""
    chosen = evaluate(**scores, rule=Forecast(), burden=BURDEN, by=BY)
    if not math.isfinite(chosen.threshold):
        return None  # so many have the same chance that no threshold keeps to the burden
    return Outlook(EndForecast.learnt_from(Cohort.from_scores(**scores)), chosen.threshold)


def _kind(found: Evaluation, outcome: Outcome) -> KindAccuracy:
    whole = found.whole.accuracy[outcome]
    return KindAccuracy(
        outcome=outcome,
        threshold=found.threshold,
        flagged=found.whole.flagged_courses,
        right=whole.ppv,
        otherwise=_rest(whole.npv),
        base_rate=whole.base_rate,
        sensitivity=whole.sensitivity,
        right_at={row.measurement: row.right[outcome] for row in found.sessions},
    )


def _rest(share: Share) -> Share:
    """The share of those who are left."""
    return Share(
        count=share.of - share.count,
        of=share.of,
        value=None if share.value is None else 1 - share.value,
        low=None if share.high is None else 1 - share.high,
        high=None if share.low is None else 1 - share.low,
    )
