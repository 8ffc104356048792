"""What stands beside a signal: the short list of changes, prompts, and the guide, as a unit has them.

All of it is words about nobody, so these take no viewer. It is kept in memory until something of it changes: `stamp`
tells that within a query that is asked anyway.
"""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value

from medvirk.answers.models import OrganisationText
from medvirk.answers.texts import Text, nearest_text, written
from medvirk.feedback.logic.risk import Line as RiskHours
from medvirk.feedback.logic.risk import line_at
from medvirk.feedback.logic.support import RISK_TEXT, TOPICS, topics_of
from medvirk.feedback.models import ChangeChoice, RiskLine, SignalGuide
from medvirk.feedback.queries.risk import Procedures, procedures_on
from medvirk.people.logic.units import units_above
from medvirk.people.models import Unit, UnitPlace, UnitSuccession
from medvirk.ui.languages import choose_language

OURS = Path(__file__).parent.parent / "data" / "changes.toml"


@dataclass(frozen=True)
class Line:
    """A line of the short list. `key` stays the same as long as the line does; `choice_id` is None for one of ours."""

    key: str
    words: Mapping[str, str]
    choice_id: int | None = None

    def said(self, language: str) -> str:
        """The line in the language nearest to this one."""
        written_in = tuple(code for code, text in self.words.items() if text.strip())
        chosen = choose_language(language, written_in)
        return self.words[chosen].strip() if chosen else ""


@cache
def our_lines() -> tuple[Line, ...]:
    """Our own list, which holds where nobody has written another."""
    lines = tomllib.loads(OURS.read_text(encoding="utf-8"))["line"]
    return tuple(Line(f"ours-{number}", words) for number, words in enumerate(lines, start=1))


Stamp = tuple[Any, ...]


def stamp_columns() -> dict[str, Subquery]:
    """Columns for a query that is asked anyway; their values together are the `stamp` of what is kept in memory."""

    def newest(rows: QuerySet[Any], column: str) -> Subquery:
        return Subquery(rows.order_by(f"-{column}").values(column)[:1])

    def count(rows: QuerySet[Any]) -> Subquery:
        return Subquery(
            rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
        )

    return {
        "stamp_texts": newest(OrganisationText.objects.all(), "updated_at"),
        "stamp_lines": newest(ChangeChoice.objects.all(), "changed_at"),
        "stamp_guides": newest(SignalGuide.objects.all(), "changed_at"),
        "stamp_places": newest(UnitPlace.objects.all(), "pk"),
        "stamp_units": count(Unit.objects.all()),
        "stamp_carried_on": newest(UnitSuccession.objects.all(), "pk"),
        # Lines are replaced by newer ones; the count tells that some were only taken away.
        "stamp_risk": newest(RiskLine.objects.all(), "changed_at"),
        "stamp_risk_lines": count(RiskLine.objects.all()),
    }


@dataclass(frozen=True)
class Risk:
    """The procedure for an answer about safety. `line`: who sees to it at this hour; None where nobody has it, or
    nothing is `decided`.
    """

    decided: bool
    line: RiskHours | None
    text: Text

    @property
    def minutes(self) -> int:
        """Within how many it is to be seen."""
        return int(self.line.within.total_seconds() // 60) if self.line else 0


@dataclass(frozen=True)
class Support:
    """All that units and the house (None) have written, and what each unit stands under."""

    parents: Mapping[uuid.UUID, uuid.UUID | None]
    lines: Mapping[uuid.UUID | None, tuple[Line, ...]]
    texts: Mapping[str, Mapping[uuid.UUID | None, Mapping[str, str]]]
    guides: Mapping[str, Mapping[uuid.UUID | None, uuid.UUID]]
    procedures: Procedures

    def changes_for(self, unit: uuid.UUID | None) -> tuple[Line, ...]:
        """The short list that holds in a unit: its own, else that of the nearest unit above, of the house, or ours."""
        for each in (*units_above(self.parents, unit), None):
            if self.lines.get(each):
                return self.lines[each]
        return our_lines()

    def prompts_for(self, kind: str, unit: uuid.UUID, language: str) -> list[tuple[str, Text]]:
        """(key, text) of the prompts for a kind of signal."""
        above = units_above(self.parents, unit)
        return [
            (key, written(key, language, nearest_text(self.texts.get(key, {}), above)))
            for key in topics_of(kind)
        ]

    def risk_for(self, unit: uuid.UUID, language: str, now: datetime) -> Risk:
        """What to do beside an answer about safety in a unit, at this hour."""
        lines = self.procedures.of(unit).lines
        own = nearest_text(self.texts.get(RISK_TEXT, {}), units_above(self.parents, unit))
        return Risk(bool(lines), line_at(lines, now), written(RISK_TEXT, language, own))

    def guide_for(self, kind: str, unit: uuid.UUID | None) -> uuid.UUID | None:
        """The document that is the guide for a kind of signal, or None."""
        chosen = self.guides.get(kind, {})
        for each in (*units_above(self.parents, unit), None):
            if each in chosen:
                return chosen[each]
        return None


def support_now(day: date) -> Support:
    """As it stands. Seven queries."""
    return _read(day)


def support_of(stamp: Stamp, day: date) -> Support:
    """As it stood when the stamp was read. No query where nothing has changed since the last time."""
    return _load(stamp, day)


@lru_cache(maxsize=4)
def _load(_stamp: Stamp, day: date) -> Support:
    return _read(day)


def _read(day: date) -> Support:
    lines: dict[uuid.UUID | None, tuple[Line, ...]] = {}
    for row in ChangeChoice.objects.filter(retired_at__isnull=True):
        lines[row.unit_id] = (*lines.get(row.unit_id, ()), Line(f"line-{row.pk}", row.words, row.pk))
    texts: dict[str, dict[uuid.UUID | None, Mapping[str, str]]] = {}
    for text in OrganisationText.objects.filter(key__in=(*TOPICS, RISK_TEXT)):
        texts.setdefault(text.key, {})[text.unit_id] = text.body
    guides: dict[str, dict[uuid.UUID | None, uuid.UUID]] = {}
    for guide in SignalGuide.objects.all():
        if guide.document_id is not None:
            guides.setdefault(guide.kind, {})[guide.unit_id] = guide.document_id
    return Support(Unit.objects.parents_on(day), lines, texts, guides, procedures_on(day))
