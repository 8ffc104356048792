"""Who opened what: rows that are only ever added."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccessAction(models.TextChoices):
    OPENED = "opened", _("opened")
    SEARCHED = "searched", _("searched for")
    CREATED = "created", _("registered")
    CHANGED = "changed", _("changed")
    EXPORTED = "exported", _("exported")


class AddOnlyQuerySet(models.QuerySet["AccessEvent"]):
    """Rows are added and read; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never changed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("An access event is never deleted.")


class AccessEvent(models.Model):
    """One opening of a citizen's record. Rows are only ever added.

    No foreign keys: the log outlives what it tells about. `what` is a code (`people.person`,
    `feedback.session`), shown in plain words; `basis` says why access was given.
    """

    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    citizen_id = models.UUIDField()
    action = models.CharField(max_length=20, choices=AccessAction.choices)
    what = models.CharField(max_length=60)
    basis = models.CharField(max_length=200)

    objects = AddOnlyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["citizen_id", "-at"], name="access_event_by_citizen")]

    def __str__(self) -> str:
        return f"{self.action} {self.what}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An access event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never deleted.")
