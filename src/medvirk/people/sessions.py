"""Sessions whose rows say nothing: the content is encrypted, and the key in the cookie is kept only as a hash.

A stolen database then shows neither who is signed in nor a key that would sign anybody in.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, IntegrityError, router, transaction
from django.utils import timezone

from medvirk.people import crypto


def row_key(session_key: str) -> str:
    """What stands in the row: the key itself is long and random, so its hash needs no key of its own."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(SessionBase):
    def load(self) -> dict[str, Any]:
        row = None
        if self.session_key:
            rows = Session.objects.filter(expire_date__gt=timezone.now())
            row = rows.filter(session_key=row_key(self.session_key)).first()
        # A row that no key opens is an ended session, not a fault: its key was retired.
        content = crypto.decrypt_if_known(row.session_data) if row else None
        if content is None:
            self._session_key = None
            return {}
        loaded: dict[str, Any] = json.loads(content)
        return loaded

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=row_key(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        content = json.dumps(self._get_session(no_load=must_create))
        row = Session(
            session_key=row_key(self._get_or_create_session_key()),
            session_data=crypto.encrypt(content),
            expire_date=self.get_expiry_date(),
        )
        using = router.db_for_write(Session, instance=row)
        try:
            with transaction.atomic(using=using):
                row.save(force_insert=must_create, force_update=not must_create, using=using)
        except IntegrityError:
            if must_create:
                raise CreateError from None
            raise
        except DatabaseError:
            if not must_create:
                raise UpdateError from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        session_key = session_key or self.session_key
        if session_key:
            Session.objects.filter(session_key=row_key(session_key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expire_date__lt=timezone.now()).delete()
