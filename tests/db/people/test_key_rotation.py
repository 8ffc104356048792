"""Keys are changed while everything goes on: killed in the middle, read from beside, nobody lost."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from installation import Installation, installations

from medvirk.people import crypto
from medvirk.people.actions import update_person
from medvirk.people.identity import national_id_keys, sign_in_key
from medvirk.people.keys import files, tables
from medvirk.people.keys.command import keys
from medvirk.people.keys.counting import count
from medvirk.people.keys.rotation import rotate
from medvirk.people.matching import Criteria, matching_citizens
from medvirk.people.models import AccessEvent, Person, PersonKey, Relation, RotationProgress, User
from medvirk.people.signin import SignInNameBackend


@pytest.fixture
def renew_keys(monkeypatch) -> Callable[..., None]:
    """New first keys beside the older ones."""

    def renew(*, search: bool = True) -> None:
        monkeypatch.setenv("MEDVIRK_KEYS", files.with_new_keys(crypto.keys(), search=search))

    return renew


@pytest.fixture
def keep_newest_only(monkeypatch) -> Callable[[], None]:
    def keep() -> None:
        monkeypatch.setenv("MEDVIRK_KEYS", files.with_newest_only(crypto.keys()))

    return keep


NUMBER, PHONE = "01818512300", "90123456"


def is_found(citizen) -> list[bool]:
    """By number, by phone and by name."""
    person = Person.objects.get(pk=citizen.person_id)
    asked = [
        Criteria(national_id=NUMBER),
        Criteria(phone=PHONE),
        Criteria(given_name=person.given_name, family_name=person.family_name),
    ]
    return [citizen.pk in matching_citizens(each) for each in asked]


@pytest.fixture
def citizen(make):
    return make.citizen(details=make.details(national_id=NUMBER, phone=PHONE, email="gunn@example.org"))


def test_after_rotation_the_old_keys_are_not_needed(make, citizen, renew_keys, keep_newest_only):
    worker = make.staff(login="gunnhild.f")
    before = {
        "person": Person.objects.get(pk=citizen.person_id).name,
        "history": list(Person.history.order_by("history_id").values_list("given_name", flat=True)),
        "reason": Relation.objects.get(citizen=citizen).reason,
        "log": list(AccessEvent.objects.order_by("pk").values_list("citizen_id", "mac")),
    }
    renew_keys()

    done = rotate(batch=2)

    assert done.left.is_done
    assert done.changed > 10
    keep_newest_only()
    assert Person.objects.get(pk=citizen.person_id).name == before["person"]
    assert (
        list(Person.history.order_by("history_id").values_list("given_name", flat=True)) == before["history"]
    )
    assert Relation.objects.get(citizen=citizen).reason == before["reason"]
    assert list(AccessEvent.objects.order_by("pk").values_list("citizen_id", "mac")) == before["log"]
    assert is_found(citizen) == [True, True, True]
    assert SignInNameBackend().authenticate(None, username="gunnhild.f", password=make.password) == (
        worker.user
    )


def test_without_rotation_the_old_keys_are_needed(citizen, renew_keys, keep_newest_only):
    renew_keys()
    keep_newest_only()

    with pytest.raises(ImproperlyConfigured):
        Person.objects.get(pk=citizen.person_id)
    assert count().lost["people.Person.given_name"] == 1


def test_in_the_middle_everybody_is_found(make, citizen, renew_keys):
    """Some hashes are made with the older search key, some with the newest."""
    renew_keys()
    newer = make.citizen(details=make.details(national_id="01818512400"))
    there = set(PersonKey.objects.values_list("digest", flat=True))

    assert len(there & {national_id_keys(NUMBER)[1], national_id_keys("01818512400")[0]}) == 2
    assert is_found(citizen) == [True, True, True]
    assert newer.pk in matching_citizens(Criteria(national_id="01818512400"))


def test_in_the_middle_nobody_gets_a_number_or_sign_in_name_twice(make, citizen, renew_keys):
    from medvirk.people.logic import RefusedError

    make.staff(login="gunnhild.f")
    renew_keys()

    with pytest.raises(RefusedError):
        make.citizen(details=make.details(national_id=NUMBER))
    with pytest.raises(RefusedError):
        make.staff(login="gunnhild.f")


def test_a_row_changed_meanwhile_keeps_its_change(make, citizen, renew_keys, monkeypatch):
    """Somebody saves a person between the moment the rotation reads the row and the moment it writes it."""
    worker = make.staff()
    renew_keys()
    real_read = tables.read
    changed = []

    def read_then_somebody_saves(table, after, number):
        stored = real_read(table, after, number)
        if table.label == "people.Person" and not changed:
            changed.append(True)
            person = Person.objects.get(pk=citizen.person_id)
            person.given_name = "Gunnvor"
            person.save()
        return stored

    monkeypatch.setattr(tables, "read", read_then_somebody_saves)
    done = rotate()

    assert changed
    assert worker
    assert Person.objects.get(pk=citizen.person_id).given_name == "Gunnvor"
    assert done.left.is_done


def test_a_number_changed_meanwhile_is_found_by_the_new_one(make, citizen, renew_keys, monkeypatch):
    renew_keys()
    real_read = tables.read
    changed = []

    def read_then_somebody_saves(table, after, number):
        stored = real_read(table, after, number)
        if table.label == "people.PersonKey" and not changed:
            changed.append(True)
            details = make.details(national_id=NUMBER, phone="90999999")
            update_person(by=None, citizen=citizen, details=details)
        return stored

    monkeypatch.setattr(tables, "read", read_then_somebody_saves)
    rotate()

    assert changed
    assert citizen.pk in matching_citizens(Criteria(phone="90999999"))
    assert matching_citizens(Criteria(phone=PHONE)) == {}


def test_what_an_older_process_wrote_is_found_by_the_count_and_renewed(citizen, renew_keys, monkeypatch):
    """A server that did not know the new key yet writes a row that was done already."""
    old = os.environ["MEDVIRK_KEYS"]
    renew_keys()
    new = os.environ["MEDVIRK_KEYS"]
    real_read = tables.read
    wrote = []

    def read_and_somebody_writes(table, after, number):
        stored = real_read(table, after, number)
        if table.label == "people.User" and not wrote:
            wrote.append(True)
            monkeypatch.setenv("MEDVIRK_KEYS", old)
            Person.objects.create(given_name="Olav", family_name="Eldre")
            monkeypatch.setenv("MEDVIRK_KEYS", new)
        return stored

    monkeypatch.setattr(tables, "read", read_and_somebody_writes)

    assert rotate().left.is_done
    assert wrote


def test_a_value_that_no_key_opens_is_told_and_left(make, citizen, renew_keys):
    broken = make.citizen()
    with connection.cursor() as cursor:
        pk = tables.stored_pk(Person, str(broken.person_id))
        cursor.execute("UPDATE people_person SET given_name = 'gAAAAAnothing' WHERE id = %s", [pk])
    renew_keys()

    done = rotate()

    assert done.left.lost["people.Person.given_name"] == 1
    assert not done.left.is_older
    assert is_found(citizen) == [True, True, True]


def test_rotating_again_changes_nothing(citizen, renew_keys):
    renew_keys()
    rotate()

    assert rotate().changed == 0
    assert not RotationProgress.objects.exists()


def test_a_new_encryption_key_alone_leaves_the_hashes(citizen, renew_keys):
    before = set(PersonKey.objects.values_list("digest", flat=True))
    renew_keys(search=False)

    assert rotate().left.is_done
    assert set(PersonKey.objects.values_list("digest", flat=True)) == before


def test_nothing_encrypted_stands_outside_the_register(make, client_of, citizen):
    """A later table is never forgotten: every encrypted value of the database is in a column that is renewed."""
    worker = make.staff()
    client_of(worker).get("/")
    renewed = {
        (table.model._meta.db_table, table.model._meta.get_field(name).column)
        for table in tables.tables()
        for name in table.names
    }
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    (table, name)
                    for name, value in zip(names, row, strict=True)
                    if crypto.TOKEN_START in str(value)
                }

    assert ("people_person", "given_name") in found
    assert ("django_session", "session_data") in found
    assert found <= renewed


def test_every_hash_made_with_the_search_key_is_made_again(make, citizen, renew_keys):
    """No column holds a hash under the older search key after a rotation."""
    make.staff(login="gunnhild.f")
    old = {
        *PersonKey.objects.values_list("digest", flat=True),
        *User.objects.values_list("login_hash", flat=True),
        *AccessEvent.objects.exclude(citizen_hash="").values_list("citizen_hash", flat=True),
    }
    renew_keys()
    rotate()

    text = every_text()
    assert sign_in_key("gunnhild.f") in text
    assert [digest for digest in old if digest in text] == []


def every_text() -> str:
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


# In processes of their own.

PEOPLE = 24
LOOK = """
import json, sys, time
from medvirk.people.matching import Criteria, matching_citizens
from medvirk.people.models import Person, Relation
def look():
    missed = []
    people = {row.pk: row for row in Person.objects.filter(citizen__isnull=False).select_related("citizen")}
    for row in people.values():
        for asked in (Criteria(national_id=row.national_id), Criteria(phone=row.phone),
                      Criteria(given_name=row.given_name, family_name=row.family_name)):
            if row.citizen.pk not in matching_citizens(asked):
                missed.append(asked.phone or asked.national_id or asked.family_name)
    return people, missed
"""


@pytest.fixture(scope="module")
def another(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker
) -> Iterator[Callable[[], Installation]]:
    with (
        django_db_blocker.unblock(),
        installations(tmp_path_factory.mktemp("keys"), PEOPLE) as make_another,
    ):
        yield make_another


#: Each time a line comes in, a process of its own begins to rotate; its number and how it ended are told.
ROTATE_WHEN_TOLD = """
import os, sys
from medvirk.people.keys.rotation import rotate
print("ready", flush=True)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        rotate(batch=1)
        os._exit(0)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""


def everything(place: Installation) -> object:
    """What everybody's values read as, and who is not found."""
    return json.loads(
        place.python(
            LOOK
            + """
people, missed = look()
rows = sorted([str(r.pk), r.given_name, r.family_name, r.national_id, r.phone, r.email] for r in people.values())
reasons = sorted(r.reason for r in Relation.objects.all())
history = sorted(h.given_name for h in Person.history.all())
print(json.dumps([rows, reasons, history, missed]))
"""
        )
    )


def test_killed_again_and_again_it_goes_on_and_loses_nothing(another):
    """SIGKILL at random moments; a reader beside it finds everybody by every key at every moment."""
    place = another()
    before = everything(place)
    assert before[3] == []
    place.medvirk("keys", "new", "--search")
    rng = random.Random(20260503)
    reader = place.start_python(
        LOOK
        + """
print("reading", flush=True)
rounds = 0
import os, select
while not select.select([sys.stdin], [], [], 0)[0]:
    people, missed = look()
    assert len(people) == PEOPLE, len(people)
    assert missed == [], missed
    rounds += 1
print(rounds)
""".replace("PEOPLE", str(PEOPLE))
    )
    assert reader.stdout.readline() == "reading\n"

    rotating = place.start_python(ROTATE_WHEN_TOLD)
    assert rotating.stdout.readline() == "ready\n"
    kills = 0
    for _attempt in range(60):
        rotating.stdin.write("go\n")
        rotating.stdin.flush()
        pid = int(rotating.stdout.readline())
        time.sleep(rng.uniform(0.005, 0.06))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if rotating.stdout.readline() == "0\n":
            break
        kills += 1
    rotating.communicate()
    out = place.medvirk("keys", "rotate")

    rounds, fault = reader.communicate("stop")
    assert reader.returncode == 0, fault
    assert int(rounds) >= 2
    assert kills >= 3
    assert "older 1: 0 values" in out
    place.medvirk("keys", "retire")
    assert len(crypto.parse_keys(place.key_file.read_text()).encryption) == 1
    assert everything(place) == before


@pytest.fixture
def medvirk(db, tmp_path, settings, monkeypatch) -> Callable[..., str]:
    """`medvirk keys …` on the database of the test, with a key file of its own; what it said."""
    settings.KEY_FILE = tmp_path / "identifiers.key"
    settings.KEY_FILE.write_text(os.environ["MEDVIRK_KEYS"])
    settings.KEY_FILE.chmod(0o600)
    monkeypatch.delenv("MEDVIRK_KEYS")

    def run(*arguments: object, fails: bool = False) -> str:
        result = CliRunner().invoke(keys, [str(each) for each in arguments])
        assert result.exit_code == int(fails), result.output
        return result.output

    return run


def test_the_commands_step_by_step(citizen, medvirk, settings):
    assert "encryption key, newest:" in medvirk("check")
    assert "no older keys" in medvirk("retire")
    medvirk("new", "--search")
    assert "run `medvirk keys rotate`" in medvirk("check", fails=True)
    assert "needed still" in medvirk("retire", fails=True)
    assert len(crypto.keys().encryption) == 2
    assert settings.KEY_FILE.stat().st_mode & 0o077 == 0
    assert "encryption key, older 1: 0 values" in medvirk("rotate", "--quiet")
    assert "medvirk keys retire" in medvirk("check")
    told = medvirk("retire")
    (kept,) = settings.KEY_FILE.parent.glob("identifiers.key.until-*")
    assert kept.name in told
    assert kept.stat().st_mode & 0o077 == 0
    assert len(crypto.parse_keys(kept.read_text()).searches) == 2
    assert len(crypto.keys().encryption) == len(crypto.keys().searches) == 1
    assert is_found(citizen) == [True, True, True]


def test_keys_in_the_environment_are_written_to_a_file_of_their_own(
    citizen, medvirk, settings, tmp_path, monkeypatch
):
    monkeypatch.setenv("MEDVIRK_KEYS", settings.KEY_FILE.read_text())
    new, newest = tmp_path / "new.toml", tmp_path / "newest.toml"

    assert "--out FILE" in medvirk("new", fails=True)
    medvirk("new", "--out", new)
    monkeypatch.setenv("MEDVIRK_KEYS", new.read_text())
    medvirk("rotate")
    medvirk("retire", "--out", newest)
    monkeypatch.setenv("MEDVIRK_KEYS", newest.read_text())

    assert is_found(citizen) == [True, True, True]
    assert len(crypto.keys().encryption) == 1


def test_without_keys_the_commands_say_what_to_do(medvirk, settings):
    settings.KEY_FILE.unlink()

    assert "put back the key file" in medvirk("check", fails=True)


def test_a_running_process_knows_a_new_key_at_once(tmp_path, settings, monkeypatch):
    monkeypatch.delenv("MEDVIRK_KEYS")
    settings.KEY_FILE = tmp_path / "identifiers.key"
    crypto.make_key_file(settings.KEY_FILE)
    old = crypto.encrypt("Kari")

    files.put_in_place(settings.KEY_FILE, files.with_new_keys(crypto.keys(), search=True))

    new = crypto.encrypt("Kari")
    assert (crypto.keys().place_of(old), crypto.keys().place_of(new)) == (1, 0)
    assert crypto.decrypt(old) == "Kari"


def test_a_key_file_is_changed_whole_or_not_at_all(tmp_path):
    path = tmp_path / "identifiers.key"
    crypto.make_key_file(path)
    path.chmod(0o640)
    path.with_name("identifiers.key.new").write_text("half a fi")
    before = path.read_text()

    with pytest.raises(FileExistsError):
        files.put_in_place(path, "x")

    assert path.read_text() == before
    Path(tmp_path / "identifiers.key.new").unlink()
    files.put_in_place(path, files.with_newest_only(crypto.parse_keys(before)))
    assert path.stat().st_mode & 0o777 == 0o640
