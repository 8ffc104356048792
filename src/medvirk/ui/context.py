"""What every page needs: the menu, the languages and whether this is the demo."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from medvirk.ui.hooks import Menu, menu_for
from medvirk.ui.languages import current_language


def house(request: HttpRequest) -> dict[str, object]:
    viewer = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "menu": menu_for(viewer) if viewer else Menu(),
        "languages": settings.LANGUAGES,
        "language": current_language(),
        "demo": settings.DEMO,
    }
