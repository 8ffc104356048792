"""What a norms file says, as values: whose courses, of which measure, under which rules, and their sums."""

from dataclasses import dataclass
from datetime import date

from medvirk.stats.faults import FaultsError
from medvirk.stats.federation.periods import Period
from medvirk.stats.federation.protection import FEWEST_CLINICIANS, SMALLEST_CELL
from medvirk.stats.federation.selection import Counts, NothingToReleaseError, Rare, Selection
from medvirk.stats.growth.norms import Norms
from medvirk.stats.growth.timescale import SESSIONS, TimeScale

#: Counts of what was withheld are rounded to this, so that they do not tell of a few people.
ROUNDED_TO = 5


class BadNormsFileError(FaultsError):
    """A norms file that cannot be used, or files that cannot be used together."""


@dataclass(frozen=True)
class Measure:
    """What was measured: a scale of a version of an instrument, from `low` to `high` points.

    `better`: `higher`, `lower`, or `none` where neither way is better.
    """

    instrument: str
    version: int
    scale: str
    low: float
    high: float
    better: str

    def __str__(self) -> str:
        return f"{self.instrument}@{self.version} {self.scale}"


@dataclass(frozen=True)
class Part:
    """One municipality's courses of one period. `number`: the municipality's number, four digits.

    `courses`, `scores`: what is in the file, exactly. `withheld`: what is not, rounded to 5. `checksum`: of the file
    this part came in, once it is pooled.
    """

    municipality: str
    number: str
    period: Period
    made_on: date
    first_sessions: int | None
    rare: Rare
    courses: int
    scores: int
    withheld: Counts
    checksum: str = ""

    @property
    def name(self) -> str:
        return f"{self.municipality} {self.period}"


@dataclass(frozen=True, eq=False)
class Release:
    """A norms file: the sums of one or more parts. A file of one municipality has one part."""

    measure: Measure
    time_scale: TimeScale
    parts: tuple[Part, ...]
    norms: Norms


def release(
    selection: Selection,
    *,
    measure: Measure,
    municipality: str,
    number: str,
    period: Period,
    made_on: date,
    first_sessions: int | None = None,
    rare: Rare = Rare.TRIM,
    time_scale: TimeScale = SESSIONS,
) -> Release:
    """One municipality's release of what `select` let through, under the same rules.

    Raises NothingToReleaseError when nothing may leave, and BadNormsFileError for a period that is not over.
    """
    if period.last_day >= made_on:
        raise BadNormsFileError(
            [f"{period} lasts until {period.last_day:%d.%m.%Y}: a period is released when it is over."]
        )
    if selection.norms is None:
        sentence = (
            f"None of the {selection.given.courses} courses may leave: no pattern of measured sessions has "
            f"{SMALLEST_CELL} people, of {FEWEST_CLINICIANS} workers, who differ enough. "
            "Release a longer period, or wait for the next."
        )
        raise NothingToReleaseError([sentence])
    part = Part(
        municipality=municipality,
        number=number,
        period=period,
        made_on=made_on,
        first_sessions=first_sessions,
        rare=rare,
        courses=selection.norms.persons,
        scores=selection.norms.scores,
        withheld=Counts(*(ROUNDED_TO * round(count / ROUNDED_TO) for count in selection.withheld)),
    )
    return Release(measure, time_scale, (part,), selection.norms)
