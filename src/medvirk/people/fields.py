"""Model fields that are encrypted at rest."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models

from medvirk.people import crypto


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that stands encrypted in the database. It cannot be filtered on: that is what `PersonKey` is for.

    Empty text is stored as empty, so that "not known" shows without a key.
    """

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        prepared = super().get_db_prep_save(value, connection)
        return crypto.encrypt(prepared) if prepared else prepared

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:  # noqa: ARG002
        return crypto.decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise TypeError(
            f"{self.name} is encrypted and cannot be searched with `{lookup_name}`: use PersonKey."
        )


class EncryptedDateField(EncryptedTextField):
    """A date, encrypted as its ISO text."""

    def to_python(self, value: Any) -> date | None:
        if value in (None, ""):
            return None
        return value if isinstance(value, date) else date.fromisoformat(value)

    def get_prep_value(self, value: Any) -> str:
        parsed = self.to_python(value)
        return parsed.isoformat() if parsed else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return self.to_python(super().from_db_value(value, expression, connection))
