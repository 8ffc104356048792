"""Reading in the feedback room. Every function takes the viewer and returns only what that viewer may see."""

from medvirk.feedback.queries.courses import (
    ORDER,
    Catalogue,
    Followed,
    caseload,
    follow,
    just_begun,
    mark_of,
    measure_of,
    session_of,
)
from medvirk.feedback.queries.fetching import (
    NOT_CANCELLED_OR_ANSWERED,
    UNREAD,
    Fetched,
    episodes,
    fetch,
    fetch_one,
)

__all__ = [
    "NOT_CANCELLED_OR_ANSWERED",
    "ORDER",
    "UNREAD",
    "Catalogue",
    "Fetched",
    "Followed",
    "caseload",
    "episodes",
    "fetch",
    "fetch_one",
    "follow",
    "just_begun",
    "mark_of",
    "measure_of",
    "session_of",
]
