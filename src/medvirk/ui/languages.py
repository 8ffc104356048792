"""The language of the page that is being made."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language


def current_language() -> str:
    """Code of the language in use; the house's own where none is active."""
    return get_language() or str(settings.LANGUAGE_CODE)
