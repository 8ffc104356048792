"""The access log as a chain of sealed rows: writing the links, and seeing whether any is missing or altered."""

from medvirk.people.logic.log.chain import (
    Accepted,
    Mac,
    Outside,
    Ranges,
    Row,
    Seal,
    Stone,
    count_of,
    digest_of,
    event_text,
    make_seal,
    make_stone,
    parse_ranges,
    ranges_text,
)
from medvirk.people.logic.log.whole import TOLD_OF_EACH, Finding, Kind, Verdict, verify

__all__ = [
    "TOLD_OF_EACH",
    "Accepted",
    "Finding",
    "Kind",
    "Mac",
    "Outside",
    "Ranges",
    "Row",
    "Seal",
    "Stone",
    "Verdict",
    "count_of",
    "digest_of",
    "event_text",
    "make_seal",
    "make_stone",
    "parse_ranges",
    "ranges_text",
    "verify",
]
