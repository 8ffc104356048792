"""The language of the page that is being made, and what languages are called by those who read them."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def current_language() -> str:
    """Code of the language in use; the house's own where none is active."""
    return get_language() or str(settings.LANGUAGE_CODE)


def choose_language(wanted: str, available: tuple[str, ...]) -> str | None:
    """The language to show: the wanted one, else the nearest (the other Norwegian, then English, then any)."""
    nearest = {"nn": ("nb",), "nb": ("nn",)}.get(wanted, ())
    return next((code for code in (wanted, *nearest, "en", *available) if code in available), None)


#: Languages that something can be written in, called as their readers call them: ours first, the rest by their code.
#: Wider than what the interface speaks.
NAMES = {
    "nb": "Bokmål", "nn": "Nynorsk", "en": "English",
    "am": "አማርኛ", "ar": "العربية", "ckb": "کوردیی ناوەندی", "de": "Deutsch", "es": "Español", "et": "Eesti",
    "fa": "فارسی", "fi": "Suomi", "fkv": "Kvääni", "fr": "Français", "kmr": "Kurmancî", "lt": "Lietuvių",
    "lv": "Latviešu", "my": "မြန်မာ", "om": "Afaan Oromoo", "pl": "Polski", "prs": "دری", "ps": "پښتو",
    "ro": "Română", "ru": "Русский", "se": "Davvisámegiella", "sma": "Åarjelsaemien", "smj": "Julevsáme",
    "so": "Soomaali", "sw": "Kiswahili", "th": "ไทย", "ti": "ትግርኛ", "tl": "Tagalog", "tr": "Türkçe",
    "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh-hans": "简体中文",
}  # fmt: skip
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "prs", "ps", "ur"})


def name_of(language: str) -> str:
    return NAMES.get(language, language)


def direction_of(language: str) -> str:
    """The value of `dir` for text in the language."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
