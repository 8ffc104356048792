"""What stands beside a signal: which prompts belong to which kind."""

from __future__ import annotations

from medvirk.feedback.logic.courses import RISK

#: The keys of the texts (`feedback/texts/<key>.<language>.md`).
ALLIANCE, MOTIVATION, SUPPORT, EVENTS, GOAL, COLLEAGUE = (
    "talk-alliance",
    "talk-motivation",
    "talk-support",
    "talk-events",
    "talk-goal",
    "talk-colleague",
)
TOPICS = (ALLIANCE, MOTIVATION, SUPPORT, EVENTS, GOAL, COLLEAGUE)
#: What to do beside an answer about safety; it is shown at once, not among things to choose from.
RISK_TEXT = "risk"


def topics_of(kind: str) -> tuple[str, ...]:
    """The prompts for a kind of signal, in the order in which they are worth asking.

    Beside an answer about safety stands the municipality's own procedure, and nothing to choose from.
    """
    if kind == RISK:
        return (COLLEAGUE,)
    if kind == "missing_measure":
        return (ALLIANCE, COLLEAGUE)
    if kind.startswith("alliance"):
        return (ALLIANCE, GOAL, COLLEAGUE)
    if kind == "sudden_fall":
        return (EVENTS, SUPPORT, ALLIANCE, COLLEAGUE)
    return (ALLIANCE, GOAL, MOTIVATION, SUPPORT, EVENTS, COLLEAGUE)
