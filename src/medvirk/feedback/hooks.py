"""Where rooms below put a way to a page of theirs on the pages of a conversation and of a course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode


@dataclass(frozen=True)
class CourseLink:
    """`url_name` takes "sessions" or "episodes" and an id; `?citizen=` says which of those who take part is meant.

    `list_url_name`: the page of all conversations that are not in the record yet.
    """

    label: str | Promise
    url_name: str
    list_url_name: str


_links: list[CourseLink] = []


def register_course_link(link: CourseLink) -> None:
    """Called from `AppConfig.ready` of the room that owns the page."""
    if link not in _links:
        _links.append(link)


def course_links(of: str, key: Any, citizen: Any) -> list[tuple[str, str]]:
    """(label, address) for the pages; `of` is "sessions" or "episodes"."""
    about = urlencode({"citizen": citizen})
    return [(str(each.label), f"{reverse(each.url_name, args=[of, key])}?{about}") for each in _links]


def waiting_lists() -> list[str]:
    """The addresses of what is not in the record yet."""
    return [reverse(each.list_url_name) for each in _links]
