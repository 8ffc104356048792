"""docs/benchmarks.md as parts that are measured by themselves, each with its own date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MARK = re.compile(r"^<!-- part: ([a-z]+) -->\n", re.MULTILINE)


def parts(text: str) -> dict[str, str]:
    """The parts of a written document by name; what stands before the first is left out."""
    _, *found = MARK.split(text)
    return {name: content.strip() for name, content in zip(found[::2], found[1::2], strict=True)}


def document(head: str, content: Mapping[str, str], order: Sequence[str]) -> str:
    """The whole document, its parts in this order; parts that were never measured are left out."""
    marked = [f"<!-- part: {name} -->\n{content[name].strip()}" for name in order if name in content]
    return "\n\n".join([head.strip(), *marked]) + "\n"
