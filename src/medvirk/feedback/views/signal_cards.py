"""The signals of a course as the conversation shows them: whose, by when, what was done before, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from medvirk.answers.texts import Text, text_kind
from medvirk.feedback.forms.signals import TalkForm
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Standing, Step, allowed
from medvirk.feedback.queries import Fetched, Followed
from medvirk.feedback.queries.signals import Trail, Trails, trails
from medvirk.feedback.queries.support import Risk
from medvirk.feedback.wording.signals import done_before, reason_of_kind, title_of_kind, whose_and_when
from medvirk.ui.languages import current_language


@dataclass(frozen=True)
class Card:
    """What stands beneath a signal. `trail`: its row, which a new signal gets within seconds."""

    trail: Trail | None
    standing: Standing | None
    whose: str
    before: list[str]
    form: TalkForm | None
    prompts: list[tuple[str, Text]]
    has_guide: bool
    # Only of an answer about safety: what to do at this hour, and whether it can be said that one has seen it.
    risk: Risk | None = None
    can_see: bool = False

    @property
    def is_talked(self) -> bool:
        return self.standing is Standing.TALKED


def signal_cards(
    request: HttpRequest,
    found: Fetched,
    followed: Followed,
    shown: list[dict[str, Any]],
    bound: TalkForm | None,
) -> list[dict[str, Any]]:
    """`shown` (from `course_context`) with a card each; after them those that wait still though no norm says so now.

    `bound`: a form that was sent with faults, shown again at its own signal.
    """
    held, now = trails(request.viewer, found, found.episode), timezone.now()
    kinds = {each["kind"] for each in shown}
    waiting = {
        each.kind: each.by_another
        for each in held.signals
        if each.citizen_id == followed.citizen.pk and each.standing(now).is_open and each.kind not in kinds
    }
    rest = [
        {
            "kind": kind,
            "title": title_of_kind(kind, by_another=by_another),
            "reason": reason_of_kind(kind, by_another=by_another),
        }
        for kind, by_another in sorted(waiting.items())
    ]
    every = [*shown, *rest]
    titles = [(each["kind"], each["title"]) for each in every]
    waiting = [each for each in titles if _waits(held, followed, each[0], now)]
    return [
        each | {"card": card_of(held, followed, each["kind"], bound=bound, waiting=waiting)} for each in every
    ]


def card_of(
    held: Trails,
    followed: Followed,
    kind: str,
    *,
    bound: TalkForm | None,
    waiting: list[tuple[str, str]],
) -> Card:
    """One card. `waiting`: (kind, title) of all on the page that nobody has talked about."""
    episode, support, now = followed.episode, held.support, timezone.now()
    same = held.of(followed.citizen.pk, kind)
    # What is over is history; what waits, or was just talked about, is the signal on the page.
    current = next((e for e in same if e.standing(now).is_open), None)
    if current is None and same and same[-1].standing(now) is Standing.TALKED:
        current = same[-1]
    standing = current.standing(now) if current else None
    form = None
    if episode.ended_on is None and (standing is None or standing.is_open):
        if bound is not None and bound.prefix == kind:
            form = bound
            form.offer(waiting)
        else:
            form = TalkForm(prefix=kind, lines=support.changes_for(episode.unit_id), also=waiting)
    earlier = [each for each in same if each is not current]
    now_talked = [current] if current and standing is Standing.TALKED else []
    return Card(
        trail=current,
        standing=standing,
        whose=whose_and_when(current, now) if current else "",
        before=done_before([*earlier, *now_talked], now),
        form=form,
        prompts=prompts(held, kind, episode.unit_id),
        has_guide=support.guide_for(kind, episode.unit_id) is not None,
        risk=support.risk_for(episode.unit_id, current_language(), now) if kind == RISK else None,
        can_see=kind == RISK
        and standing is not None
        and not current.seen
        and Step.SEEN in allowed(standing, kind),
    )


def _waits(held: Trails, followed: Followed, kind: str, now: datetime) -> bool:
    """Nobody has talked about it yet."""
    same = held.of(followed.citizen.pk, kind)
    return not same or any(each.standing(now).is_open for each in same)


def prompts(held: Trails, kind: str, unit_id: Any) -> list[tuple[str, Text]]:
    """(title, text) of the prompts beside a kind of signal."""
    found = held.support.prompts_for(kind, unit_id, current_language())
    return [(_title(key), text) for key, text in found]


def _title(key: str) -> str:
    kind = text_kind(key)
    return str(kind.label) if kind else ""
