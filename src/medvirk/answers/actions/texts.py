"""The municipality's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.answers.models import (
    OrganisationText,
)
from medvirk.answers.texts import default_text, own_texts
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.logic.units import units_above
from medvirk.people.models import Unit
from medvirk.people.queries.units import units_held


@transaction.atomic
def change_text(
    *, by: Viewer, key: str, body: Mapping[str, str], now: datetime, unit: Unit | None = None
) -> OrganisationText:
    """Set the house's own text, or that of a unit, in all languages at once; an empty language falls back.

    What is word for word what would be shown without it is not stored, so that it follows when that is bettered.

    Raises:
        PermissionDenied: the viewer may not edit texts of the house, or does not lead the unit.
    """
    if unit is None:
        if not can(by, Permission.EDIT_TEXTS).allowed:
            raise PermissionDenied
    elif unit.pk not in units_held(by, Permission.LEAD_TEAM):
        raise PermissionDenied
    above = () if unit is None else units_above(Unit.objects.parents_on(by.today), unit.parent_id)
    other = {} if unit is None else own_texts(key, above=above)
    sent = {code: "\n".join(text.split("\r\n")).strip() for code, text in body.items()}
    own = {
        code: text
        for code, text in sent.items()
        if text and text != (other.get(code) or default_text(key, code)).strip()
    }
    text, _ = OrganisationText.objects.select_for_update().update_or_create(
        key=key, unit=unit, defaults={"body": own, "updated_at": now}
    )
    return text
