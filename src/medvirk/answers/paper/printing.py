"""The form as PDF/UA: large lines of ten centimetres, no name, a code that leads a worker to where it is typed in."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import segno
from django.utils.translation import gettext as _
from django.utils.translation import override

from medvirk.answers.logic import Asked, line_marks, options_of
from medvirk.answers.models import Capacity, Help, Occasion, PaperForm, TextKey
from medvirk.answers.paper.codes import in_threes
from medvirk.answers.queries import asked_in
from medvirk.answers.texts import LANGUAGES, default_text, own_texts_at
from medvirk.instruments.definitions import Format, Item, ItemWording
from medvirk.ui.languages import choose_language
from medvirk.ui.typeset import typeset

TYPST_SOURCE = Path(__file__).with_name("form.typ")
_MARKDOWN_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def language_of(occasion: Occasion) -> str:
    """The language of whoever answers, as far as the interface speaks it."""
    return choose_language(occasion.respondent.language, LANGUAGES) or LANGUAGES[0]


def as_pdf(occasion: Occasion, printed: PaperForm, address: str, language: str) -> bytes:
    """The form in that language. `address`: where a signed-in worker types it in; it stands in the QR code."""
    asked = asked_in(occasion, language)
    with override(language):
        content = _content(occasion, asked, printed, language)
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", border=1, xmldecl=False)
    return typeset(TYPST_SOURCE, content, pictures={"code.svg": drawn.getvalue()})


def _content(occasion: Occasion, asked: Sequence[Asked], printed: PaperForm, language: str) -> dict[str, Any]:
    about_another = occasion.capacity != Capacity.SELF
    code = in_threes(printed.code)
    intro = [
        _(
            "Put a mark where it fits. Skip what you do not want to answer. Do not write any name on the paper."
        )
    ]
    if about_another:
        intro.insert(0, _("You answer as you see it, not for the other."))
    return {
        "title": asked[0].instrument.title(asked[0].language) if asked else _("Your answer"),
        "language": language,
        "intro": intro,
        "filled_on": _("Filled in on (date):"),
        "code": code,
        "code_alt": _("A code for the one who types this in"),
        "code_words": _("No name on it. Code: %(code)s") % {"code": code},
        "parts": [_part(each) for each in asked],
        "own_words": _("Is there something you want to say in your own words?"),
        "helped": _("Did somebody help you to answer?"),
        "helpers": [_("No"), *(str(label) for _value, label in Help.choices)],
        "may_read": _("The one I answer about may read this.") if about_another else "",
        "help": _crisis(occasion, language),
        "foot": [
            _("Nobody sees this paper before you hand it in. It is typed in by the one you hand it to.")
        ],
    }


def _crisis(occasion: Occasion, language: str) -> list[str]:
    """Where to get help, as text: the municipality's own words in a near language, else ours."""
    own = own_texts_at(TextKey.CRISIS, occasion)
    chosen = choose_language(language, tuple(own)) if own else None
    source = own[chosen] if chosen else default_text(TextKey.CRISIS, language)
    plain = _MARKDOWN_LINK.sub(r"\1", source).replace("**", "").replace("#", "")
    lines = [line.strip().removeprefix("- ").removeprefix("* ") for line in plain.splitlines()]
    return [line for line in lines if line]


def _part(asked: Asked) -> dict[str, Any]:
    wording = asked.instrument.wordings[asked.language]
    return {
        "title": wording.title,
        "topic": asked.topic.words if asked.topic else "",
        "intro": wording.intro,
        # Where to get help stands on the same sheet as the question that one may need it after.
        "alerts": bool(asked.instrument.alerts),
        "items": [_item(item, wording.items[item.key]) for item in asked.instrument.items],
    }


def _item(item: Item, wording: ItemWording) -> dict[str, Any]:
    return {
        "format": item.format.value,
        "text": wording.text,
        "low": wording.low,
        "high": wording.high,
        "marks": line_marks(item) if item.format is Format.VAS else [],
        "options": [{"value": value, "label": label} for value, label in options_of(item, wording)],
    }
