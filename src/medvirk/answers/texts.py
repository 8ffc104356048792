"""The municipality's own texts, with ours where it has written none. Markdown in, clean HTML out."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from medvirk.answers.hooks import units_of
from medvirk.answers.models import Occasion, OrganisationText, TextKey
from medvirk.ui.languages import choose_language
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


@dataclass(frozen=True)
class TextKind:
    """A text that the municipality may write itself. Ours stands in `folder`, in a file per language.

    `group`: what it is listed under. `shown`: to whom, as the page where it is changed says it. `by_unit`: a unit may
    write its own too. `help`: how it is written, where it is not Markdown; `fault(text)`: a sentence on what is wrong
    with it, or "".
    """

    key: str
    label: str | Promise
    group: str | Promise
    shown: str | Promise
    folder: Path = FOLDER
    by_unit: bool = False
    help: str | Promise = ""
    fault: Callable[[str], str] | None = None


_kinds: dict[str, TextKind] = {}


def register_text(kind: TextKind) -> None:
    """Called from `AppConfig.ready` of the room that shows the text."""
    _kinds[kind.key] = kind


for _key in TextKey:
    # Where to get help is another place in another town; what is done with answers is the same in the whole house.
    _by_unit = _key == TextKey.CRISIS
    register_text(
        TextKind(_key.value, _key.label, _("To citizens"), _("As citizens see it now"), by_unit=_by_unit)
    )


def text_kinds(*, by_unit: bool = False) -> tuple[TextKind, ...]:
    """All texts there are, or those that a unit may write itself, in the order of the rooms."""
    return tuple(kind for kind in _kinds.values() if kind.by_unit or not by_unit)


def text_kind(key: str) -> TextKind | None:
    return _kinds.get(key)


@cache
def default_text(key: str, language: str) -> str:
    """Our wording, as Markdown. Read once per process."""
    return (_kinds[key].folder / f"{key}.{language}.md").read_text(encoding="utf-8")


def own_texts(key: str, *, above: Sequence[uuid.UUID] = ()) -> dict[str, str]:
    """What was written here, by language: by the nearest of the units `above` (the nearest first), else by the house.

    Languages without text are left out.
    """
    stored = OrganisationText.objects.filter(Q(unit__isnull=True) | Q(unit__in=above), key=key)
    by_unit = dict(stored.values_list("unit_id", "body"))
    return nearest_text(by_unit, above)


def nearest_text(
    by_unit: Mapping[uuid.UUID | None, Mapping[str, str]], above: Sequence[uuid.UUID]
) -> dict[str, str]:
    """Of what units and the house (None) have written of one key, what holds."""
    for unit in (*above, None):
        written = {code: text for code, text in by_unit.get(unit, {}).items() if text.strip()}
        if written:
            return written
    return {}


def text_for(key: str, language: str, *, above: Sequence[uuid.UUID] = ()) -> Text:
    """The text to show. The municipality's own wording in a near language goes before ours in the wanted one:
    our default must never contradict what the municipality has said."""
    return written(key, language, own_texts(key, above=above))


def text_at(key: str, language: str, occasion: Occasion) -> Text:
    """The text to show to who is asked here, of the unit that asks. One query where no unit has written its own."""
    return written(key, language, own_texts_at(key, occasion))


def own_texts_at(key: str, occasion: Occasion) -> dict[str, str]:
    """As `own_texts`, for the unit that asks."""
    stored = dict(OrganisationText.objects.filter(key=key).values_list("unit_id", "body"))
    above = units_of(occasion) if any(unit is not None for unit in stored) else ()
    return nearest_text(stored, above)


def written(key: str, language: str, own: Mapping[str, str]) -> Text:
    """As `text_for`, where what was written here is fetched already."""
    return _written(key, language, tuple(sorted(own.items())))


def source_of(key: str, language: str, own: Mapping[str, str]) -> tuple[str, str]:
    """(the text as it was written, the language it is in) that is shown to somebody who wants `language`."""
    chosen = choose_language(language, tuple(own)) if own else None
    language = chosen or (language if language in LANGUAGES else "en")
    return own.get(language) or default_text(key, language), language


@lru_cache(maxsize=64)
def _written(key: str, language: str, own_by_language: tuple[tuple[str, str], ...]) -> Text:
    """The same wording is turned into HTML once: every opening of an answering page shows it."""
    own = dict(own_by_language)
    wordings = {code: own.get(code) or default_text(key, code) for code in LANGUAGES}
    source, language = source_of(key, language, own)
    return Text(
        html=prose(source),
        language=language,
        digest=hashlib.sha256("\0".join(wordings.values()).encode()).hexdigest(),
    )
