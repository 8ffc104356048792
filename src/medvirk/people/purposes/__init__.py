"""What people are asked to agree to, as versioned data: `data/<purpose>@<version>.toml`, in each language.

Care is not among them: it rests on the law, and nobody is asked to agree to it. A municipality's own versions stand
in the database (`ConsentText`) and go before ours.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "data"
LANGUAGES = ("nb", "nn", "en")
PARTS = ("title", "summary", "body")


@dataclass(frozen=True)
class Wording:
    """What somebody reads before they answer. `body` is Markdown."""

    title: str
    summary: str
    body: str


@dataclass(frozen=True)
class PurposeText:
    """One version of what is asked, in every language it is written in.

    `asks_again`: whoever said yes to an earlier version is asked anew, and their yes no longer counts.
    """

    purpose: str
    version: int
    wordings: Mapping[str, Wording]
    asks_again: bool = False

    def in_language(self, language: str) -> tuple[str, Wording]:
        """(language, wording): in the wanted language, else Bokmål, else the first there is."""
        for code in (language, *LANGUAGES):
            if code in self.wordings:
                return code, self.wordings[code]
        return next(iter(self.wordings.items()))

    @property
    def digest(self) -> str:
        """Of all its wordings: what exactly was agreed to can be shown later."""
        parts = [
            f"{code}\0{each.title}\0{each.summary}\0{each.body}"
            for code, each in sorted(self.wordings.items())
        ]
        return hashlib.sha256("\0\0".join(parts).encode()).hexdigest()


def wordings_of(body: Mapping[str, Mapping[str, str]]) -> dict[str, Wording]:
    """Wordings from {language: {title, summary, body}}; a language without a title is left out."""
    return {
        code: Wording(*(parts.get(name, "").strip() for name in PARTS))
        for code, parts in body.items()
        if parts.get("title", "").strip()
    }


@cache
def shipped() -> Mapping[str, PurposeText]:
    """Our newest version of each, by purpose. Read once per process."""
    found: dict[str, PurposeText] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        text = PurposeText(
            content["key"],
            content["version"],
            wordings_of({code: content[code] for code in LANGUAGES}),
            content.get("asks_again", False),
        )
        if text.purpose not in found or found[text.purpose].version < text.version:
            found[text.purpose] = text
    return found
