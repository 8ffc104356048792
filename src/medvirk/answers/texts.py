"""The municipality's own texts, with ours where it has written none. Markdown in, clean HTML out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.utils.safestring import SafeString

from medvirk.answers.logic import choose_language
from medvirk.answers.models import OrganisationText
from medvirk.ui.prose import prose

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("nb", "nn", "en")


@dataclass(frozen=True)
class Text:
    """`html` is safe to show; `language` is the language it is really in.

    `digest` changes with the wording in any language, but not with the language it is read in: who changes the
    language has seen the text.
    """

    html: SafeString
    language: str
    digest: str


@cache
def default_text(key: str, language: str) -> str:
    """Our wording, as Markdown. Read once per process."""
    return (FOLDER / f"{key}.{language}.md").read_text(encoding="utf-8")


def own_texts(key: str) -> dict[str, str]:
    """What the municipality has written, by language; languages without text are left out."""
    stored = OrganisationText.objects.filter(key=key, unit=None).values_list("body", flat=True)
    return {code: text for body in stored for code, text in body.items() if text.strip()}


def text_for(key: str, language: str) -> Text:
    """The text to show. The municipality's own wording in a near language goes before ours in the wanted one:
    our default must never contradict what the municipality has said."""
    return _written(key, language, tuple(sorted(own_texts(key).items())))


@lru_cache(maxsize=64)
def _written(key: str, language: str, own_by_language: tuple[tuple[str, str], ...]) -> Text:
    """The same wording is turned into HTML once: every opening of an answering page shows it."""
    own = dict(own_by_language)
    chosen = choose_language(language, tuple(own)) if own else None
    language = chosen or (language if language in LANGUAGES else "en")
    wordings = {code: own.get(code) or default_text(key, code) for code in LANGUAGES}
    source = own.get(language) or default_text(key, language)
    return Text(
        html=prose(source),
        language=language,
        digest=hashlib.sha256("\0".join(wordings.values()).encode()).hexdigest(),
    )
