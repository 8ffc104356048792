"""A document in words, before it is a page, a PDF or Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """`head` has one heading per column; the first column names the rows."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """Read in this order. `boxes` say what only the municipality can fill in; they are empty in every format."""

    title: str
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()
    table: Table | None = None
    boxes: Sequence[str] = ()


@dataclass(frozen=True)
class Document:
    """Plain text throughout: no markup of any kind."""

    language: str
    title: str
    subtitle: str
    sections: Sequence[Section]
