"""Norms by group (department, kind of help), and a growth model whose level and pace depend on the group.

Each combination of the factors' values is a group with norms of its own, so sums add group by group, as plain
norms do. Fixed effects are the main effects of each factor on the level and on the pace, in treatment coding: the
difference to a stated reference. People differ by the same G and σ² in every group.

    norms = GroupedNorms.from_scores(person=person, t=t, score=score, groups={"department": department})
    model = fit_groups(norms, reference={"department": "north"})
    model.for_group({"department": "south"}).band([0.0], [18.0], np.log1p([1, 2, 3]), coverage=0.8)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import BadScoresError, FaultsError, Floats, float_array, keys_array
from medvirk.stats.growth.grouping import courses
from medvirk.stats.growth.likelihood import Design
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.growth.norms import BadNormsError, Norms
from medvirk.stats.growth.reml import estimate
from medvirk.stats.growth.timescale import SESSIONS, TimeScale

FORMAT = "medvirk-grouped-norms-1"
Group = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GroupedNorms:
    """Norms of each group: `groups` maps the values of the `factors`, in their order, to the group's norms.

    Raises BadNormsError for no factor or group, a factor named twice, a group that does not have one value per
    factor, and TimeScaleError for groups on different time scales.
    """

    factors: tuple[str, ...]
    groups: Mapping[Group, Norms]

    def __post_init__(self) -> None:
        faults = []
        if not self.factors or len(set(self.factors)) < len(self.factors):
            faults.append(
                f"The factors are {', '.join(self.factors) or 'none'}: give at least one, each once."
            )
        if not self.groups:
            faults.append("There is no group. Give at least one.")
        faults += [
            f"The group {group!r} must have one value, not empty, for each of {', '.join(self.factors)}."
            for group in self.groups
            if len(group) != len(self.factors) or not all(group)
        ]
        if faults:
            raise BadNormsError(faults)
        object.__setattr__(self, "groups", dict(sorted(self.groups.items())))
        for norms in self.groups.values():
            self.time_scale.require_same(norms.time_scale)

    @classmethod
    def from_scores(
        cls,
        *,
        person: ArrayLike,
        t: ArrayLike,
        score: ArrayLike,
        groups: Mapping[str, ArrayLike],
        time_scale: TimeScale = SESSIONS,
    ) -> Self:
        """Sum up scores as `Norms.from_scores` does; `groups` has one list per factor, one element per score.

        A person belongs to one group throughout. Raises BadScoresError with all faults at once.
        """
        people = keys_array("person", person)
        values = {factor: keys_array(f"groups: {factor}", column) for factor, column in groups.items()}
        if faults := _group_faults(people, values):
            raise BadScoresError(faults)
        times, scores = float_array("t", t), float_array("score", score)
        if not people.size or not people.size == times.size == scores.size:
            courses(people, times, scores)  # raises, in its own words
        combination, keys = _combinations(values)
        try:
            found = {}
            for number, key in enumerate(keys):
                here = combination == number
                found[key] = Norms.from_scores(
                    person=people[here], t=times[here], score=scores[here], time_scale=time_scale
                )
        except BadScoresError:
            # The same faults, with positions in the whole lists.
            courses(people, times, scores)
            raise
        return cls(tuple(values), found)

    @property
    def time_scale(self) -> TimeScale:
        """The time scale of all groups."""
        return next(iter(self.groups.values())).time_scale

    @property
    def persons(self) -> int:
        """Number of courses."""
        return sum(norms.persons for norms in self.groups.values())

    @property
    def scores(self) -> int:
        """Number of scores."""
        return sum(norms.scores for norms in self.groups.values())

    def levels(self, factor: str) -> tuple[str, ...]:
        """The values of a factor in alphabetical order. Raises BadNormsError for an unknown one."""
        if factor not in self.factors:
            raise BadNormsError([f"There is no factor {factor!r}; there are {', '.join(self.factors)}."])
        place = self.factors.index(factor)
        return tuple(sorted({group[place] for group in self.groups}))

    def pooled(self) -> Norms:
        """All groups together."""
        return reduce(Norms.__add__, self.groups.values())

    def by(self, *factors: str) -> "GroupedNorms":
        """The same by these factors only, pooled over the others. Raises BadNormsError for an unknown one."""
        for factor in factors:
            self.levels(factor)
        places = [self.factors.index(factor) for factor in factors]
        return GroupedNorms(
            factors,
            _added((tuple(group[at] for at in places), norms) for group, norms in self.groups.items()),
        )

    def combined(self) -> "GroupedNorms":
        """The combination of all factors as one factor: each group gets a level and pace of its own."""
        return GroupedNorms(
            (" × ".join(self.factors),), {(" × ".join(group),): norms for group, norms in self.groups.items()}
        )

    def __add__(self, other: object) -> "GroupedNorms":
        """Pool group by group. Raises BadNormsError for other factors, TimeScaleError for another time scale."""
        if not isinstance(other, GroupedNorms):
            return NotImplemented
        if set(self.factors) != set(other.factors):
            told = f"These are grouped by {', '.join(self.factors)} and by {', '.join(other.factors)}."
            raise BadNormsError(
                [f"{told} Only norms by the same factors can be added; pool the others by `by`."]
            )
        same_order = other.by(*self.factors)
        return GroupedNorms(self.factors, _added((*self.groups.items(), *same_order.groups.items())))

    def __radd__(self, other: object) -> "GroupedNorms":
        """0 + norms, so that `sum(list_of_norms)` works."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the factors, and for each group its values and the norms as `Norms.to_dict` gives them."""
        return {
            "format": FORMAT,
            "factors": list(self.factors),
            "groups": [
                {"values": list(group), "norms": norms.to_dict()} for group, norms in self.groups.items()
            ],
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` wrote. Raises BadNormsError with all faults at once, each naming its group."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadNormsError([f'This is not a table of grouped norms: "format" must be "{FORMAT}".'])
        factors, rows = data.get("factors"), data.get("groups")
        if not isinstance(factors, list) or not _texts(factors) or not isinstance(rows, list):
            raise BadNormsError(['"factors" must be a list of names and "groups" a list.'])
        found: list[tuple[Group, Norms]] = []
        faults: list[str] = []
        for number, row in enumerate(rows, start=1):
            if not isinstance(row, dict) or not _texts(row.get("values")):
                faults.append(
                    f'Group {number}: it must be an object with "values", a list of texts, and "norms".'
                )
                continue
            try:
                found.append((tuple(row["values"]), Norms.from_dict(row.get("norms"))))
            except FaultsError as error:
                faults += [f"Group {number}: {fault}" for fault in error.faults]
        if faults:
            raise BadNormsError(faults)
        return cls(tuple(factors), _added(found))


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(text, str) and text for text in value)


def _added(groups: Any) -> dict[Group, Norms]:
    """Groups with the same values added up."""
    found: dict[Group, Norms] = {}
    for group, norms in groups:
        found[group] = found[group] + norms if group in found else norms
    return found


def _group_faults(people: NDArray[Any], values: Mapping[str, NDArray[Any]]) -> list[str]:
    if not values:
        return ["groups is empty: name at least one factor with one value per score, or use Norms."]
    faults = []
    for factor, column in values.items():
        if column.shape != people.shape or people.ndim != 1:
            faults.append(f"groups: {factor} {column.shape} must have one value per score, {people.shape}.")
            continue
        given = column.tolist()
        empty = np.array([value is None or value == "" or value != value for value in given], dtype=bool)  # noqa: PLR0124
        if empty.any():
            faults.append(
                f"groups: {factor} is missing in {empty.sum()} of {empty.size} rows, the first at position "
                f"{empty.argmax()}. Leave those rows out or give them a value."
            )
    if faults or not people.size:
        return faults
    whose = np.unique(people if people.dtype.kind in "iuf" else people.astype(str), return_inverse=True)[1]
    for factor, column in values.items():
        _, code = np.unique(_text(column), return_inverse=True)
        some = np.zeros(whose.max() + 1, dtype=np.int64)
        some[whose] = code
        moved = some[whose] != code
        if moved.any():
            count = np.unique(whose[moved]).size
            faults.append(
                f"groups: {factor} changes within {count} of {some.size} people, the first being "
                f"{people[moved.argmax()]}. A person belongs to one group: use the value at the first score."
            )
    return faults


def _text(column: NDArray[Any]) -> NDArray[Any]:
    return column if column.dtype.kind == "U" else column.astype(str)


def _combinations(values: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.int64], list[Group]]:
    """The number of each row's combination of values, and the combinations."""
    levels, codes = zip(
        *(np.unique(_text(column), return_inverse=True) for column in values.values()), strict=True
    )
    sizes = [level.size for level in levels]
    present, combination = np.unique(np.ravel_multi_index(codes, sizes), return_inverse=True)
    places = zip(*np.unravel_index(present, sizes), strict=True)
    keys = [tuple(str(level[at]) for level, at in zip(levels, place, strict=True)) for place in places]
    return combination, keys


class Term(NamedTuple):
    """One fixed effect: on the "level" or the "pace", of the reference group or of one value of a factor."""

    on: str
    factor: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.on}, {self.factor} = {self.value}" if self.factor else self.on

    def holds(self, group: Mapping[str, str]) -> bool:
        """Whether a group has this effect."""
        return not self.factor or group[self.factor] == self.value


@dataclass(frozen=True, eq=False)
class GroupedModel:
    """A growth model whose level and pace depend on the group; G and σ² are common to all.

    `terms` (p,) are the fixed effects: the reference group's level (points at t = 0) and pace (points per unit of
    t), and what each other value of a factor adds. `beta`, `se` (p,) and `beta_cov` (p, p) belong to them. The
    first of each factor's `levels` is its reference. The rest is as in `GrowthModel`.
    """

    levels: Mapping[str, tuple[str, ...]]
    terms: tuple[Term, ...]
    beta: Floats
    beta_cov: Floats
    G: Floats
    sigma2: float
    variance_cov: Floats | None
    loglik: float
    converged: bool
    singular: bool
    message: str
    persons: int
    scores: int
    time_scale: TimeScale

    @property
    def names(self) -> tuple[str, ...]:
        """The fixed effects in words."""
        return tuple(str(term) for term in self.terms)

    @property
    def se(self) -> Floats:
        """Standard errors (p,) of `beta`, the variances taken as known (as lme4's)."""
        return np.sqrt(np.diag(self.beta_cov))

    def for_group(self, group: Mapping[str, str]) -> GrowthModel:
        """The model of one group, for forecasts: a value for every factor, also of a combination nobody is in.

        `persons` and `scores` are those of all groups, on which G and σ² rest. Raises BadScoresError with all
        faults at once.
        """
        faults = [f"group: there is no factor {factor!r}." for factor in group if factor not in self.levels]
        faults += [
            f"group: {factor} is {group.get(factor)!r}; it must be one of {', '.join(values)}."
            for factor, values in self.levels.items()
            if group.get(factor) not in values
        ]
        if faults:
            raise BadScoresError(faults)
        C = _effects(self.terms, group)
        return GrowthModel(
            beta=C @ self.beta,
            beta_cov=C @ self.beta_cov @ C.T,
            G=self.G,
            sigma2=self.sigma2,
            variance_cov=self.variance_cov,
            loglik=self.loglik,
            converged=self.converged,
            singular=self.singular,
            message=self.message,
            persons=self.persons,
            scores=self.scores,
            time_scale=self.time_scale,
        )


def _effects(terms: Sequence[Term], group: Mapping[str, str]) -> Floats:
    """C (2, p): what the fixed effects come to as the level and the pace of a group."""
    return np.array(
        [[float(term.on == on and term.holds(group)) for term in terms] for on in ("level", "pace")]
    )


def fit_groups(
    norms: GroupedNorms,
    *,
    reference: Mapping[str, str] | None = None,
    level: Sequence[str] | None = None,
    pace: Sequence[str] | None = None,
) -> GroupedModel:
    """Estimate the effects of the factors on level and pace by REML, from sums.

    `level`, `pace`: the factors that act on each, all unless named. `reference`: the value each factor is compared
    with, the alphabetically first unless named (as in R). With all factors this is lme4's
    `score ~ (a + b) * t + (t | person)`; interactions of factors by `fit_groups(norms.combined())`. The cost
    depends on the number of patterns, not of people.

    Raises BadNormsError for an unknown factor or value, and CannotEstimateError as `reml.fit`, and for effects
    that cannot be told apart (a factor that always goes with another, a group without a score after the first),
    each by its name.
    """
    acting = {
        "level": norms.factors if level is None else list(level),
        "pace": norms.factors if pace is None else list(pace),
    }
    levels = _levels(norms, reference or {}, [*acting["level"], *acting["pace"]])
    terms: list[Term] = []
    for on, factors in acting.items():
        terms.append(Term(on))
        terms += [
            Term(on, factor, value) for factor in dict.fromkeys(factors) for value in levels[factor][1:]
        ]
    groups = [dict(zip(norms.factors, group, strict=True)) for group in norms.groups]
    design = Design(
        names=tuple(map(str, terms)),
        C=np.array([_effects(terms, group) for group in groups]),
        pace=terms.index(Term("pace")),
    )
    found = estimate(list(norms.groups.values()), design)
    return GroupedModel(levels=levels, terms=tuple(terms), time_scale=norms.time_scale, **found._asdict())


def _levels(
    norms: GroupedNorms, reference: Mapping[str, str], acting: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """The values of each factor, its reference first. Raises BadNormsError for unknown factors and values."""
    faults = [
        f"There is no factor {factor!r}; there are {', '.join(norms.factors)}."
        for factor in dict.fromkeys([*reference, *acting])
        if factor not in norms.factors
    ]
    levels = {}
    for factor in norms.factors:
        values = norms.levels(factor)
        first = reference.get(factor, values[0])
        if first not in values:
            faults.append(f"The reference of {factor} is {first!r}; it must be one of {', '.join(values)}.")
        levels[factor] = (first, *(value for value in values if value != first))
    if faults:
        raise BadNormsError(faults)
    return levels
