"""What an instrument is: frozen values, read from data files and never changed afterwards.

Units: a score is in points of its scale; ages are in years; a level such as 0.95 is a two-sided probability.
Texts for several languages are mappings from a language code (`nb`, `nn`, `en`, ...) to the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Format(StrEnum):
    """How an item is answered. All but text give a number; yes is 1 and no is 0."""

    VAS = "vas"
    LIKERT = "likert"
    NUMBER = "number"
    YESNO = "yesno"
    TEXT = "text"


class Method(StrEnum):
    """How the answers become one number. Weighted is the sum of weight times answer."""

    SUM = "sum"
    MEAN = "mean"
    WEIGHTED = "weighted"


class Direction(StrEnum):
    """Which way is better. None: neither, the number only describes."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"


class Status(StrEnum):
    VALIDATED = "validated"
    NOT_VALIDATED = "not_validated"


class Confidence(StrEnum):
    """How well a number is known; shown wherever the number is used."""

    VERIFIED = "V"
    SECONDARY = "V2"
    RECALLED_HIGH = "R+"
    RECALLED = "R"
    RECALLED_LOW = "R?"
    COMPUTED = "C"
    GUESS = "guess"
    LOCAL = "local"


CONFIDENCE_MEANING: Mapping[Confidence, str] = {
    Confidence.VERIFIED: "verified in the original source",
    Confidence.SECONDARY: "seen in a secondary source only",
    Confidence.RECALLED_HIGH: "well known in the literature, not checked against the source",
    Confidence.RECALLED: "from the literature, not checked against the source",
    Confidence.RECALLED_LOW: "uncertain: check it before use",
    Confidence.COMPUTED: "computed from the standard deviation and the reliability given",
    Confidence.GUESS: "a guess until local data give a better number",
    Confidence.LOCAL: "set by the municipality",
}


class LicenceClass(StrEnum):
    """May the wording be handed on?

    A: yes. A*: as a separate pack under its own licence. B: ask the owner first. C: no, the licence-holder
    supplies it.
    """

    FREE = "A"
    SEPARATE = "A*"
    ASK = "B"
    CLOSED = "C"


class AlertKind(StrEnum):
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    `low` and `high` bound the answer (both ends included). `step` is the finest a slider offers; a mark on a
    line may lie anywhere between the ends, so it does not limit what counts as an answer. `options` are the
    values of a Likert item in the order in which they are shown. `codes` name the question in public
    terminologies.
    """

    key: str
    format: Format
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    options: tuple[float, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def numeric(self) -> bool:
        return self.format is not Format.TEXT


@dataclass(frozen=True, slots=True)
class Condition:
    """One demand on a stated fact: equal to a text, or within bounds (both included)."""

    fact: str
    equals: str | None = None
    at_least: float | None = None
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class CutOff:
    """Where the clinical range begins. `inclusive`: the value itself lies in the clinical range.

    It counts only for people who meet every condition in `when`.
    """

    value: float
    inclusive: bool
    source: str
    confidence: Confidence
    meaning: Mapping[str, str] = field(default_factory=dict)
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """A named part of the scale, from `start` (included) up to the next band's start."""

    start: float
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Banding:
    """The bands of a scale in rising order, and who drew them."""

    bands: tuple[Band, ...]
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class ReliableChangeFact:
    """The smallest change, in points, that is hardly chance.

    `inclusive`: a change of exactly `value` counts. `level` is the share of unchanged people within it; `sd`
    (points) and `reliability` (0 to 1) say what it was worked out from, None where the source does not say.
    """

    value: float
    inclusive: bool
    source: str
    confidence: Confidence
    level: float | None = None
    sd: float | None = None
    reliability: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One published number about a scale: alpha, retest, mean, sd or the like, and in whom it was found."""

    kind: str
    value: float
    sample: str
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Skip:
    """Items that need no answer once `item` was answered `equals`: they count as the answer `counts_as`.

    So a form is scored whose first answer sends people past the following questions. `drops` is for a form
    that leaves the items out of the score altogether: then what was answered to them is not used either.
    """

    item: str
    equals: float
    items: tuple[str, ...]
    counts_as: float
    drops: bool
    source: str


@dataclass(frozen=True, slots=True)
class Scale:
    """How some of the items become one score.

    `skips` come first, then `reversed`, which names the items whose answers are turned round
    (low + high - answer). `weights` stands beside `items` and is used by the weighted sum only. `multiply` is
    applied last. `missing_allowed` is how many items may be unanswered; the rest then stands for them in
    proportion. `low` and `high` are the ends
    of the score. The first cut-off that fits a person and the first reliable change are the ones that are
    used; further ones inform.
    """

    key: str
    title: Mapping[str, str]
    method: Method
    items: tuple[str, ...]
    direction: Direction
    low: float
    high: float
    reversed: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    multiply: float = 1.0
    missing_allowed: int = 0
    skips: tuple[Skip, ...] = ()
    decimals: int = 0
    banding: Banding | None = None
    cutoffs: tuple[CutOff, ...] = ()
    reliable_changes: tuple[ReliableChangeFact, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def reliable_change(self) -> ReliableChangeFact | None:
        return self.reliable_changes[0] if self.reliable_changes else None


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An answer of at least `at_least` to `item` must be seen by someone."""

    item: str
    at_least: float
    kind: AlertKind
    source: str


@dataclass(frozen=True, slots=True)
class Licence:
    """Who owns the instrument. `terms` is an SPDX name or the owner's position in our words."""

    terms: str
    owner: str
    category: LicenceClass
    wording_may_ship: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class ItemWording:
    """What is shown for one item. `options` are the labels of the item's options, in the same order."""

    text: str
    low: str = ""
    high: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """All that is shown in one language, with who translated it and by what right it is used."""

    language: str
    title: str
    intro: str
    items: Mapping[str, ItemWording]
    translator: str
    licence: str
    source: str
    local: bool = False


@dataclass(frozen=True, slots=True)
class AgeBand:
    """For whom a version is meant: ages in whole years, both ends included. Without `high` it has no upper end."""

    low: int
    high: int | None = None

    def holds(self, age: int) -> bool:
        return self.low <= age and (self.high is None or age <= self.high)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of one instrument. Without wording it can be scored, but not asked."""

    key: str
    version: int
    name: str
    about: Mapping[str, str]
    status: Status
    source: str
    confidence: Confidence
    licence: Licence
    items: tuple[Item, ...]
    scales: tuple[Scale, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    wordings: Mapping[str, Wording] = field(default_factory=dict)
    # The same questions put to somebody who answers about another, as they see it.
    proxy_wordings: Mapping[str, Wording] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    # Forms of one family ask the same of people of different ages; their scores are never compared.
    family: str = ""
    age: AgeBand | None = None

    @property
    def id(self) -> str:
        return f"{self.key}@{self.version}"

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.wordings)

    def as_another_sees_it(self) -> Instrument:
        """With the wording for one who answers about somebody else; as it is where there is none."""
        return replace(self, wordings=self.proxy_wordings) if self.proxy_wordings else self

    @property
    def main_scale(self) -> Scale | None:
        """The scale that is shown first; None where nothing is scored."""
        return self.scales[0] if self.scales else None

    def item(self, key: str) -> Item:
        """The item of that key. Raises KeyError naming the instrument's items."""
        for item in self.items:
            if item.key == key:
                return item
        raise KeyError(f"{self.id} has no item {key!r}; it has {', '.join(item.key for item in self.items)}.")

    def scale(self, key: str) -> Scale:
        """The scale of that key. Raises KeyError naming the instrument's scales."""
        for scale in self.scales:
            if scale.key == key:
                return scale
        known = ", ".join(scale.key for scale in self.scales) or "none"
        raise KeyError(f"{self.id} has no scale {key!r}; it has {known}.")

    def title(self, language: str) -> str:
        """The title in that language, or the name where there is no wording in it."""
        wording = self.wordings.get(language)
        return wording.title if wording else self.name


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in that language, else the other Norwegian, then English, then any; "" if there is none."""
    nearest = {"nn": ("nb",), "nb": ("nn",)}.get(language, ())
    for candidate in (language, *nearest, "en", *texts):
        if candidate in texts:
            return texts[candidate]
    return ""
