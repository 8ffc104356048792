"""Somebody has taken the database, but not the keys: they find nobody in it.

The application is used from outside as people use it; then the files of the database are searched as they lie on disk,
with the write-ahead log, for everything that was typed, in every form in which it might have been stored.
"""

from __future__ import annotations

import base64
import json
import pickle
import sqlite3
from collections.abc import Iterator

import pytest
from installation import Installation, installations

pytestmark = pytest.mark.django_db

#: What is typed below. Nothing of it may be found, in part or whole.
SECRETS = [
    "Gunnhild", "Fjellstrand", "Sjøgård", "01818512345", "41234567", "gunnhild.f@example.org", "Sov ikkje i natt",
    "Eg vil flytte heim", "astrid.arbeidersen", "gunnhild.ny", "feilskrevet.navn@example.org", "Vondt i heile kroppen",
    "Telefonen min heime", "JBSWY3DPEHPK3PXP", "Vi har ein time til deg", "Prøver å gå tur saman", "1984-03-17",
]  # fmt: skip

USE = """
import uuid
from datetime import date, datetime, timedelta
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from medvirk.people.access import viewer_for
from medvirk.people.actions import *
from medvirk.people.logic import PersonDetails
from medvirk.people.models import *

now = timezone.now()
staff = Staff.objects.get()
viewer = viewer_for(staff.user)
client = Client()
# Signing in, rightly and wrongly, leaves a session and counts in the cache.
wrong = {"login": "feilskrevet.navn@example.org", "password": "noe helt annet"}
client.post(reverse("account_login"), wrong)
client.post(reverse("account_login"), {"login": "astrid.arbeidersen", "password": "gul sykkel ved havna"})
client.force_login(staff.user, backend="medvirk.people.signin.SignInNameBackend")
client.post(reverse("people:find"), {"given_name": "Gunnhild", "family_name": "Fjellstrand"})
client.post(reverse("people:find"), {"national_id": "01818512345"})

details = PersonDetails(
    "Gunnhild", "Fjellstrand", birth_date=date(1984, 3, 17), phone="41234567", email="gunnhild.f@example.org"
)
citizen = register_citizen(by=viewer, details=details, worker=staff, team=None, reason="Eg vil flytte heim",
                           registered_on=timezone.localdate(), somebody_else=True)
numbered = PersonDetails("Gunnhild", "Sjøgård", national_id="01818512345", phone="41234567")
update_person(by=viewer, citizen=register_citizen(
    by=viewer, details=numbered, worker=staff, team=None, reason="Eg vil flytte heim",
    registered_on=timezone.localdate(), somebody_else=True), details=numbered)
register_staff(by=None, details=PersonDetails("Gunnhild", "Sjøgård"), login="gunnhild.ny",
               password="gul sykkel ved havna", grants=[], must_change_password=False)
# What is told on the next page waits in the session.
session = client.session
session["typed"] = {"name": "Gunnhild Fjellstrand", "number": "01818512345"}
session.save()
client.get(f"/people/{citizen.pk}/")

from medvirk.answers.models import Ask, Draft, Occasion, Submission, Answer
occasion = Occasion.objects.create(about=citizen, respondent=citizen.person)
Draft.objects.create(occasion=occasion, client_id=uuid.uuid4(), content="Sov ikkje i natt")
sent = Submission.objects.create(occasion=occasion, client_id=uuid.uuid4(), channel="phone",
                                 own_words="Sov ikkje i natt")
Answer.objects.create(submission=sent, instrument_key="x", instrument_version=1, language="nb",
                      values={"a": 3, "b": "Vondt i heile kroppen"})
from medvirk.messages.actions import NewMessage, queue
queue(messages=[NewMessage(citizen.person.pk, "email", "x", "gunnhild.f@example.org", "Til Gunnhild",
                           "Vi har ein time til deg", "once")], now=now)
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
adapter = get_adapter()
Authenticator.objects.create(user=staff.user, type="totp", data={
    "secret": adapter.encrypt("JBSWY3DPEHPK3PXP")})
from django.core.cache import cache
cache.set("who: Gunnhild", {"name": "Fjellstrand", "number": "01818512345"}, 600)
assert cache.get("who: Gunnhild")["name"] == "Fjellstrand"
print("used")
"""


@pytest.fixture(scope="module")
def used(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker
) -> Iterator[Installation]:
    with (
        django_db_blocker.unblock(),
        installations(tmp_path_factory.mktemp("stolen"), people=2) as another,
    ):
        place = another()
        assert place.python(USE) == "used\n"
        yield place


def forms(text: str) -> set[bytes]:
    """The ways in which a text may stand in a row: as it is, escaped, in hex, in base64 at any of three offsets."""
    plain = {
        text,
        text.casefold(),
        text.upper(),
        json.dumps(text)[1:-1],
        text.encode("unicode_escape").decode(),
    }
    raw = {each.encode() for each in plain} | {text.encode("utf-16-le"), text.encode("utf-16-be")}
    raw |= {pickle.dumps(text, protocol)[-len(text.encode()) - 2 : -2] for protocol in (2, 5)}
    found = set(raw)
    for each in raw:
        found |= {each.hex().encode(), each.hex().upper().encode()}
        for before in (b"", b"x", b"xx"):
            coded = base64.b64encode(before + each)
            # Only the signs that do not hang on what stands before and after.
            inner = coded[4 if before else 0 : -4]
            if len(inner) >= 8:
                found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {each for each in found if len(each) >= 5}


def stolen(place: Installation) -> bytes:
    """All bytes of the database, as somebody would take them."""
    if place.database:
        place.python(
            "from pathlib import Path\nfrom medvirk.config.backup import postgres\nfrom django.db import connection\n"
            "postgres._run('pg_dump', connection.settings_dict, '--inserts', '--file=dump.sql')"
        )
        return (place.folder / "dump.sql").read_bytes()
    with_log = b"".join(path.read_bytes() for path in sorted(place.folder.glob("medvirk.sqlite3*")))
    database = sqlite3.connect(place.sqlite)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return with_log + place.sqlite.read_bytes()


@pytest.fixture(scope="module")
def taken(used) -> bytes:
    return stolen(used)


@pytest.mark.parametrize("secret", SECRETS)
def test_nobody_is_found_in_a_stolen_database(taken, secret):
    low = taken.lower()

    assert [form for form in forms(secret) if form in taken or form.lower() in low] == []


def test_what_is_not_secret_is_found_so_the_search_works(taken):
    """A text that the tables hold in the clear."""
    assert any(form in taken for form in forms("practitioner"))
    assert b"people.person" in taken


def test_a_session_key_of_the_database_signs_nobody_in(used):
    told = used.python(
        """
from django.contrib.sessions.models import Session
from medvirk.people.sessions import SessionStore
rows = list(Session.objects.values_list("session_key", flat=True))
print(len(rows) > 0, [dict(SessionStore(key).items()) for key in rows if dict(SessionStore(key).items())])
"""
    )

    assert told == "True []\n"


def test_the_owner_of_the_key_reads_everything(used):
    told = used.python(
        "from medvirk.people.models import Person\nfrom medvirk.answers.models import Answer, Submission\n"
        "print(sorted({row.family_name for row in Person.objects.all()}))\n"
        "print(Submission.objects.get().own_words, Answer.objects.get().values)\n"
    )

    assert "Fjellstrand" in told
    assert "Sov ikkje i natt {'a': 3, 'b': 'Vondt i heile kroppen'}" in told


@pytest.mark.parametrize(
    "coded",
    [
        lambda text: json.dumps({"name": text}).encode(),
        lambda text: pickle.dumps({"name": text}),
        lambda text: base64.b64encode(b"12345678" + text.encode() + b"12345678"),
        lambda text: text.encode().hex().encode(),
        lambda text: text.encode("utf-16-le"),
    ],
    ids=["json", "pickle", "base64", "hex", "utf-16"],
)
def test_the_search_sees_through(coded):
    stored = coded("Gunnhild Fjellstrand")

    assert any(form in stored for form in forms("Gunnhild Fjellstrand"))
