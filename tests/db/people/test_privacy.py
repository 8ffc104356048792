"""What identifies people is never in the clear, and the log only grows."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models

from medvirk.people import crypto
from medvirk.people.actions import update_person
from medvirk.people.models import AccessEvent, Person, PersonKey

SECRETS = [
    "Gunnhild",
    "Fjellstrand",
    "01818512300",
    "90123456",
    "gunnhild@example.org",
    "gunnhild.f",
    "help with sleep",
]


def every_text_in_the_database() -> str:
    """All values of all tables, history and sessions included."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found).casefold()


def test_nothing_that_identifies_stands_in_the_clear(make):
    details = make.details(
        given_name="Gunnhild",
        family_name="Fjellstrand",
        national_id="01818512300",
        phone="90123456",
        email="gunnhild@example.org",
    )
    worker = make.staff(
        login="gunnhild.f", details=make.details(given_name="Gunnhild", family_name="Fjellstrand")
    )
    citizen = make.citizen(worker=worker, details=details)
    update_person(by=make.viewer(worker), citizen=citizen, details=details)

    content = every_text_in_the_database()

    assert Person.history.filter(id=citizen.person_id).count() == 2
    assert [secret for secret in SECRETS if secret.casefold() in content] == []
    assert "command line" in content  # a plain text is found, so the search works


def test_what_was_encrypted_is_read_back(make):
    details = make.details(given_name="Gunnhild", national_id="01818512300", phone="90123456")

    person = Person.objects.get(pk=make.citizen(details=details).person_id)

    assert (person.given_name, person.national_id, person.phone) == ("Gunnhild", "01818512300", "+4790123456")


def test_the_same_text_is_never_encrypted_alike():
    assert crypto.encrypt("Kari") != crypto.encrypt("Kari")


@pytest.mark.parametrize("lookup", ["exact", "icontains", "in"])
def test_encrypted_fields_cannot_be_filtered_on(db, lookup):
    with pytest.raises(TypeError, match="PersonKey"):
        Person.objects.filter(**{f"given_name__{lookup}": "Kari"}).exists()


def test_the_key_of_another_database_is_named_as_the_fault(make, monkeypatch):
    from cryptography.fernet import Fernet

    citizen = make.citizen()
    other = f'encryption = ["{Fernet.generate_key().decode()}"]\nsearch = "{"cd" * 32}"'
    monkeypatch.setenv("MEDVIRK_KEYS", other)

    with pytest.raises(ImproperlyConfigured, match="belongs to another database"):
        Person.objects.get(pk=citizen.person_id)


@pytest.mark.parametrize("text", ["", "encryption = []", 'encryption = ["x"]\nsearch = "ab"', "not toml ["])
def test_a_broken_key_file_is_named_as_the_fault_without_showing_it(text):
    with pytest.raises(ImproperlyConfigured, match="cannot be read") as fault:
        crypto.parse_keys(text)

    assert text == "" or text not in str(fault.value)


def test_a_missing_key_file_says_what_to_do(settings, tmp_path, monkeypatch):
    monkeypatch.delenv("MEDVIRK_KEYS")
    settings.KEY_FILE = tmp_path / "gone.key"

    with pytest.raises(ImproperlyConfigured, match="createadmin"):
        crypto.encrypt("Kari")


def test_a_key_file_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "new" / "identifiers.key"

    crypto.make_key_file(path)

    assert path.stat().st_mode & 0o077 == 0
    assert len(crypto.parse_keys(path.read_text()).search) == 32
    with pytest.raises(FileExistsError):
        crypto.make_key_file(path)


@pytest.fixture
def event(make) -> AccessEvent:
    make.citizen()
    return AccessEvent.objects.get()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda event: event.save(),
        lambda event: event.delete(),
        lambda event: AccessEvent.objects.filter(pk=event.pk).update(basis="x"),
        lambda event: AccessEvent.objects.filter(pk=event.pk).delete(),
        lambda event: AccessEvent.objects.bulk_update([event], ["basis"]),
        lambda event: AccessEvent(pk=event.pk, citizen_id=event.citizen_id).delete(),
    ],
    ids=["save", "delete", "update", "delete many", "bulk update", "delete a copy"],
)
def test_the_access_log_is_only_added_to(event, attempt):
    with pytest.raises(TypeError, match="never"):
        attempt(event)

    assert AccessEvent.objects.get().basis == "command line"


def test_every_text_of_a_person_is_encrypted():
    """A new field with who somebody is must not slip in unencrypted."""
    from medvirk.people.fields import EncryptedTextField

    plain = {"id", "language", "created_at", "protection", "died_on", "merged_into"}
    fields = {field.name: field for field in Person._meta.get_fields() if isinstance(field, models.Field)}

    assert {name for name, field in fields.items() if not isinstance(field, EncryptedTextField)} == plain
    history = apps.get_model("people", "HistoricalPerson")
    assert all(isinstance(history._meta.get_field(name), EncryptedTextField) for name in set(fields) - plain)


def test_keys_of_two_databases_differ(make, monkeypatch):
    make.citizen(details=make.details(phone="90123456"))
    here = set(PersonKey.objects.values_list("digest", flat=True))

    monkeypatch.setenv("MEDVIRK_KEYS", f'encryption = ["{"A" * 43}="]\nsearch = "{"cd" * 32}"')
    from medvirk.people.identity import phone_key

    assert phone_key("90123456") not in here
