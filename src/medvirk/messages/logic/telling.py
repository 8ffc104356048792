"""Words that would tell whoever else reads a phone about somebody's health, or about the help they get."""

from __future__ import annotations

import re
from functools import cache

#: Parts of words, in small letters, in the languages of the interface.
TELLING = (
    "helse", "psyk", "rus", "behandl", "terapi", "diagnos", "symptom", "sykdom", "sjukdom", "lege", "pasient",
    "klinikk", "selvmord", "sjølvmord", "krise", "angst", "depre", "medisin", "avhengig", "alkohol",
    "bedring", "recovery", "skjema", "kartlegg", "skåre", "time hos", "health", "mental", "addict", "drug",
    "treatment", "therap", "illness", "disease", "doctor", "patient", "clinic", "suicid", "crisis", "anxi",
    "medic", "alcohol", "questionnaire", "score", "appointment with",
)  # fmt: skip
#: A part as short as these stands in many harmless words too: it counts where a word begins.
SHORT = 4


@cache
def _pattern(part: str) -> re.Pattern[str]:
    begin = r"\b" if len(part) <= SHORT else r"\w*"
    return re.compile(rf"{begin}{re.escape(part)}\w*", re.IGNORECASE)


def telling_word(text: str) -> str:
    """The first word of a text, as it stands there, that tells of health; empty where none does."""
    found = (_pattern(part).search(text) for part in TELLING)
    first = min((each for each in found if each), key=lambda each: each.start(), default=None)
    return first[0] if first else ""
