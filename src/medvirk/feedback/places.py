"""Where an answer is looked at, for the room that takes it in (`answers.hooks`)."""

from __future__ import annotations

from django.urls import reverse

from medvirk.answers.models import Occasion
from medvirk.feedback.models import Asking


def conversation_of(occasion: Occasion) -> str:
    """The conversation that the occasion was asked around, with the one it is about; "" where it was around none."""
    asking = Asking.objects.filter(occasion=occasion).first()
    if asking is None:
        return ""
    return f"{reverse('feedback:conversation', args=[asking.session_id])}?citizen={asking.citizen_id}"
