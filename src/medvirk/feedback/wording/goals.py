"""Goals in words: numbered, so that nothing of what somebody wrote is kept in a drawing."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from medvirk.feedback.logic.goals import GoalLine
from medvirk.feedback.wording.courses import points


def name_of(number: int) -> str:
    return _("Goal %(number)d") % {"number": number}


def goals_in_words(lines: Sequence[GoalLine]) -> list[str]:
    """One sentence for each goal that has a mark."""
    return [_in_words(number, line.marked) for number, line in enumerate(lines, start=1) if line.marked]


def _in_words(number: int, marked: Sequence[float]) -> str:
    name, now = name_of(number), points(marked[-1])
    if len(marked) == 1:
        return _("%(goal)s: marked once, %(now)s of 10.") % {"goal": name, "now": now}
    return _("%(goal)s: now %(now)s of 10, the first time %(first)s.") % {
        "goal": name,
        "now": now,
        "first": points(marked[0]),
    }
