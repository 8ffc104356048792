"""Model fields that are encrypted at rest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models.lookups import Exact

from medvirk.people import crypto


class EqualsEmpty(Exact):  # type: ignore[type-arg]
    """`field=""`: the one question that encrypted text can answer."""

    def get_prep_lookup(self) -> str:
        if self.rhs != "":
            name = getattr(self.lhs.output_field, "name", "")
            raise TypeError(f"{name} is encrypted and cannot be searched with `exact`: use PersonKey.")
        return ""


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that stands encrypted in the database. It cannot be filtered on: that is what `PersonKey` is for.

    Empty text is stored as empty, so that "not known" shows without a key.
    """

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        prepared = super().get_db_prep_save(value, connection)
        return crypto.encrypt(prepared) if prepared else prepared

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:  # noqa: ARG002
        return crypto.decrypt(value) if value else value

    @staticmethod
    def renew(stored: str) -> str:
        """What stands in the database, under the first key (`people.rotation`)."""
        return crypto.renew(stored)

    @staticmethod
    def tokens(stored: str) -> Iterator[str]:
        """Every encrypted piece of what stands in the database."""
        if stored:
            yield stored

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        if lookup_name == "exact":
            return EqualsEmpty
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


class EncryptedUUIDField(EncryptedTextField):
    """An id, encrypted, so that nobody without the key sees which rows are about the same person."""

    def to_python(self, value: Any) -> UUID | None:
        if value in (None, ""):
            return None
        return value if isinstance(value, UUID) else UUID(value)

    def get_prep_value(self, value: Any) -> str:
        parsed = self.to_python(value)
        return str(parsed) if parsed else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return self.to_python(super().from_db_value(value, expression, connection))


class EncryptedTextsJSONField(models.JSONField):
    """JSON in which every text is encrypted; keys and numbers stand in the clear, so that they can be counted.

    For answers: what was ticked is a number, what was written may name somebody.
    """

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, dict | list | str):
            value = crypto.over_texts(value, crypto.encrypt)
        return super().get_db_prep_save(value, connection)

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return crypto.over_texts(super().from_db_value(value, expression, connection), crypto.decrypt)

    @staticmethod
    def renew(stored: str) -> str:
        return crypto.renew_json(stored)

    @staticmethod
    def tokens(stored: str) -> Iterator[str]:
        return crypto.tokens_in_json(stored)
