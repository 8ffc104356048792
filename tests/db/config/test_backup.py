"""Backup and restore for real: other processes, writes going on, pages opened afterwards, and files that are wrong."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from django.db import connection
from installation import Installation, installations

from medvirk.config.backup import archive, sqlite
from medvirk.config.backup.archive import Manifest, TableSum

# The installations are copies of the database of the tests, which is made for tests with this mark only.
pytestmark = pytest.mark.django_db

PEOPLE = 5


@pytest.fixture(scope="module")
def another(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker
) -> Iterator[Callable[[], Installation]]:
    with (
        django_db_blocker.unblock(),
        installations(tmp_path_factory.mktemp("backup"), PEOPLE) as make_another,
    ):
        yield make_another


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "backup.key"
    path.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    return path


def public(key: Path) -> str:
    return str(pyrage.x25519.Identity.from_str(key.read_text().strip()).to_public())


@pytest.fixture
def place(another) -> Installation:
    return another()


@pytest.fixture
def backup(place, key, tmp_path) -> Path:
    file = tmp_path / "medvirk.backup"
    (place.folder / "access-log.head").write_text('{"seal": 1}\n')
    place.medvirk("backup", file, "--recipient", public(key))
    return file


NAMES = """
import json
from medvirk.people.models import Person
print(json.dumps(sorted(row.name for row in Person.objects.all())))
"""
PAGES = """
from django.test import Client
from medvirk.people.models import Citizen, Person, Staff
client = Client()
client.force_login(Staff.objects.get().user, backend="medvirk.people.signin.SignInNameBackend")
for citizen in Citizen.objects.select_related("person"):
    page = client.get(f"/people/{citizen.pk}/", follow=True)
    print(page.status_code, citizen.person.family_name in page.content.decode())
"""


def names(place: Installation) -> list[str]:
    return json.loads(place.python(NAMES))


def content(place: Installation) -> object:
    """Everything that is stored, table by table."""
    return json.loads(
        place.python(
            """
import json
from medvirk.config.backup import postgres, sqlite
from django.conf import settings
from django.db import connection
if connection.vendor == "sqlite":
    found = sqlite.sums(settings.DATA / "medvirk.sqlite3")
else:
    found = postgres.sums()
print(json.dumps({name: [each.rows, each.sum] for name, each in found.items()}))
"""
        )
    )


def empty(another) -> Installation:
    """A place to restore into: no database, but the keys of identifiers, kept apart as they should be."""
    fresh = another()
    if fresh.database:
        fresh.python(
            "from django.db import connection\n"
            "connection.cursor().execute('DROP SCHEMA public CASCADE; CREATE SCHEMA public')"
        )
    fresh.sqlite.unlink(missing_ok=True)
    return fresh


def test_a_backup_restores_and_its_pages_open(another, place, backup, key):
    before = content(place)
    fresh = empty(another)

    told = fresh.medvirk("restore", backup, "--identity", key)

    assert "The keys of identifiers here are not" not in told
    assert content(fresh) == before
    assert len(names(fresh)) == PEOPLE + 1
    assert (fresh.folder / "access-log.head").read_text() == '{"seal": 1}\n'
    assert fresh.python(PAGES).splitlines() == ["200 True"] * PEOPLE


def test_the_backup_shows_nothing_and_holds_no_key(place, backup, key, tmp_path):
    written = backup.read_bytes()
    secret = place.key_file.read_text()
    keys = [line.split('"')[1].encode() for line in secret.splitlines() if '"' in line]

    assert b"SQLite format" not in written
    assert b"person" not in written
    folder = tmp_path / "opened"
    folder.mkdir()
    archive.read(backup, folder, archive.identities(key))
    inside = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [each for each in keys if each in inside] == []
    assert (place.folder / "secret.key").read_bytes() not in inside
    assert b"Fornavn1" not in inside
    assert backup.stat().st_mode & 0o077 == 0


def test_it_is_tried_by_restoring(place, backup, key):
    assert "every table is what it was" in place.medvirk("backup", "--verify", backup, "--identity", key)


def test_nothing_is_left_behind(place, backup):
    assert list(place.folder.glob(".backup-*")) == []
    assert list(backup.parent.glob("*.part")) == []


def test_a_backup_of_one_moment_while_others_write(another, place, key, tmp_path):
    """Each write changes two rows together; no backup has the one without the other."""
    writer = place.start_python(
        """
import select, sys
from django.db import transaction
from medvirk.people.models import Person
first, second = Person.objects.order_by("pk")[:2]
print("writing", flush=True)
number = 0
while not select.select([sys.stdin], [], [], 0)[0]:
    number += 1
    with transaction.atomic():
        for person in (first, second):
            person.phone = f"+47{number:08d}"
            person.save()
print(number)
"""
    )
    assert writer.stdout.readline() == "writing\n"
    for number in range(3):
        place.medvirk("backup", tmp_path / f"{number}.backup", "--recipient", public(key))
    written, fault = writer.communicate("stop")
    assert writer.returncode == 0, fault
    assert int(written) > 10

    for number in range(3):
        fresh = empty(another)
        fresh.medvirk("restore", tmp_path / f"{number}.backup", "--identity", key)
        told = fresh.python(
            "from medvirk.people.models import Person\n"
            "a, b = Person.objects.order_by('pk')[:2]\n"
            "print(a.phone == b.phone, a.history.count() == b.history.count(), a.history.count() > 1)"
        )
        assert told.split() == ["True", "True", "True"]


def test_a_database_that_is_there_is_kept(another, backup, key):
    other = another()
    before = content(other)
    (other.folder / "access-log.head").write_text("as it was")

    told = other.medvirk("restore", backup, "--identity", key, fails=True)

    assert "--replace" in told
    assert content(other) == before
    assert (other.folder / "access-log.head").read_text() == "as it was"


def test_with_replace_it_takes_the_place(another, place, backup, key):
    other = another()
    other.python("from medvirk.people.models import Person\nPerson.objects.first().save()")
    assert content(other) != content(place)

    other.medvirk("restore", backup, "--identity", key, "--replace")

    assert content(other) == content(place)
    assert names(other) == names(place)


def damaged(kind: str, file: Path, key: Path) -> None:
    whole = file.read_bytes()
    middle = len(whole) // 2
    if kind == "cut off":
        file.write_bytes(whole[:-1000])
    elif kind == "cut off in the header":
        file.write_bytes(whole[:60])
    elif kind == "altered":
        file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "longer":
        file.write_bytes(whole + b"more")
    elif kind == "something else":
        file.write_text("Dear municipality, here is your backup.")
    else:
        key.write_text(f"{pyrage.x25519.Identity.generate()}\n")


@pytest.mark.parametrize(
    "kind",
    ["cut off", "cut off in the header", "altered", "empty", "longer", "something else", "another key"],
)
def test_a_wrong_file_changes_nothing(place, backup, key, kind):
    before = content(place)
    damaged(kind, backup, key)

    told = place.medvirk("restore", backup, "--identity", key, "--replace", fails=True)

    assert "cannot be opened" in told
    assert "Traceback" not in told
    assert content(place) == before
    assert list(place.folder.glob(".backup-*")) == []


def repacked(backup: Path, key: Path, tmp_path: Path, change: Callable[[dict, Path], None]) -> Path:
    """The same backup with something changed inside, encrypted anew: what no seal of the file can show."""
    folder = tmp_path / "inside"
    folder.mkdir()
    keys = archive.identities(key)
    manifest = archive.read(backup, folder, keys)
    stated = {**vars(manifest), "tables": dict(manifest.tables)}
    change(stated, folder)
    new = tmp_path / "changed.backup"
    files = {name: folder / name for name in manifest.files}
    archive.write(new, Manifest(**stated), files, [each.to_public() for each in keys])
    return new


def other_sum(stated: dict, folder: Path) -> None:
    rows = stated["tables"]["people_person"].rows
    stated["tables"]["people_person"] = TableSum(rows, "0")


def newer_format(stated: dict, folder: Path) -> None:
    stated["format"] = archive.FORMAT + 1


def newer_migration(stated: dict, folder: Path) -> None:
    stated["migrations"] = [*stated["migrations"], "people.9999_from_tomorrow"]


def other_content(stated: dict, folder: Path) -> None:
    with (folder / "database").open("ab") as file:
        file.write(b"x")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (other_sum, "people_person"),
        (newer_format, "newer Medvirk"),
        (newer_migration, "newer Medvirk"),
        (other_content, "damaged"),
    ],
)
def test_content_that_is_not_what_was_stated_changes_nothing(place, backup, key, tmp_path, change, part):
    before = content(place)
    new = repacked(backup, key, tmp_path, change)

    told = place.medvirk("restore", new, "--identity", key, "--replace", fails=True)

    assert part in told
    assert content(place) == before


def test_the_keys_of_another_database_are_told(another, backup, key):
    fresh = empty(another)
    fresh.key_file.unlink()
    fresh.python("from django.conf import settings\nfrom medvirk.people.crypto import make_key_file\n"
                 "make_key_file(settings.KEY_FILE)")  # fmt: skip

    assert "are not those of this database" in fresh.medvirk("restore", backup, "--identity", key)


def test_what_is_missing_is_said(place, backup, key, tmp_path):
    assert "medvirk keys backup" in place.medvirk("backup", tmp_path / "x", fails=True)
    assert "Not an age public key" in place.medvirk(
        "backup", tmp_path / "x", "--recipient", "age1", fails=True
    )
    assert "is there already" in place.medvirk("backup", backup, "--recipient", public(key), fails=True)
    assert "--identity" in place.medvirk("restore", backup, fails=True)
    assert "no secret key" in place.medvirk("restore", backup, "--identity", backup, fails=True)
    assert "is not there" in place.medvirk("restore", tmp_path / "no", "--identity", key, fails=True)


def test_the_key_pair_of_backups_is_made_by_a_command(place, tmp_path):
    out = place.medvirk("keys", "backup", tmp_path / "pair")
    (told,) = [line for line in out.splitlines() if line.startswith("age1")]

    assert (tmp_path / "pair").stat().st_mode & 0o077 == 0
    assert "is there already" in place.medvirk("keys", "backup", tmp_path / "pair", fails=True)
    place.environment["MEDVIRK_BACKUP_RECIPIENTS"] = told
    place.medvirk("backup", tmp_path / "b")
    place.medvirk("backup", "--verify", tmp_path / "b", "--identity", tmp_path / "pair")


def test_a_full_disk_leaves_no_backup(key, tmp_path):
    """/dev/full takes nothing: the fault must come out, also where the library keeps it to itself."""
    manifest = Manifest(1, "", "", "sqlite", [], {}, {}, "")
    readers = archive.recipients([public(key)])

    with Path("/dev/full").open("wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        archive._encrypt_archive(full, manifest, {"database": Path(sys.executable).resolve()}, readers)


class TestSqlite:
    @pytest.fixture(autouse=True)
    def only_sqlite(self):
        if connection.vendor != "sqlite":
            pytest.skip("about the SQLite file itself")

    def test_into_another_folder_beside_a_running_installation(self, place, backup, key, tmp_path):
        before = content(place)

        place.medvirk("restore", backup, "--identity", key, "--to", tmp_path / "elsewhere")

        assert content(place) == before
        moved = Installation(tmp_path / "elsewhere")
        shutil.copy(place.key_file, moved.key_file)
        assert names(moved) == names(place)

    def test_a_database_in_use_is_not_replaced(self, place, backup, key):
        user = place.start_python(
            "from django.db import transaction\nfrom medvirk.people.models import Person\n"
            "with transaction.atomic():\n"
            "    Person.objects.first().save()\n    print('in use', flush=True)\n    input()\n"
        )
        assert user.stdout.readline() == "in use\n"

        told = place.medvirk("restore", backup, "--identity", key, "--replace", fails=True)

        _out, fault = user.communicate("go on\n")
        assert user.returncode == 0, fault
        assert "Stop the server" in told
        assert len(names(place)) == PEOPLE + 1

    def test_a_log_of_the_old_database_is_never_read_into_the_new(self, another, place, backup, key):
        """A process was killed and left its write-ahead log behind."""
        other = another()
        writer = other.start_python(
            "from medvirk.people.models import Person\nPerson.objects.first().save()\n"
            "print('saved', flush=True)\ninput()\n"
        )
        assert writer.stdout.readline() == "saved\n"
        writer.kill()
        writer.communicate()
        assert (other.folder / "medvirk.sqlite3-wal").stat().st_size

        other.medvirk("restore", backup, "--identity", key, "--replace")

        assert content(other) == content(place)

    def test_killed_in_the_middle_of_restoring_there_is_the_old_or_the_new(self, another, place, backup, key):
        other = another()
        other.python("from medvirk.people.models import Person\nPerson.objects.first().save()")
        old, new = content(other), content(place)
        for delay in (0.3, 0.6, 0.8, 0.9, 1.0, 1.2):
            process = other.start("restore", backup, "--identity", key, "--replace")
            time.sleep(delay)
            process.kill()
            process.communicate()
            assert content(other) in (old, new)
        other.medvirk("restore", backup, "--identity", key, "--replace")
        assert content(other) == new
        assert list(other.folder.glob(".backup-*")) == []

    def test_what_was_deleted_is_not_in_the_copy(self, tmp_path):
        path = tmp_path / "a.sqlite3"
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA secure_delete=OFF")
            database.execute("CREATE TABLE note (text)")
            database.execute("INSERT INTO note VALUES ('a name long gone')")
            database.commit()
            database.execute("DELETE FROM note")
        database.close()
        assert b"long gone" in path.read_bytes()

        sqlite.copy(path, tmp_path / "b.sqlite3")

        assert b"long gone" not in (tmp_path / "b.sqlite3").read_bytes()

    def test_the_sum_of_a_table_sees_every_change_but_not_the_order(self, tmp_path):
        def summed(*rows: tuple[object, object]) -> TableSum:
            path = tmp_path / "a.sqlite3"
            path.unlink(missing_ok=True)
            database = sqlite3.connect(path)
            database.execute("CREATE TABLE t (a, b)")
            database.executemany("INSERT INTO t VALUES (?, ?)", rows)
            database.commit()
            database.close()
            return sqlite.sums(path)["t"]

        base = summed((1, "x"), (2, None))
        assert base == summed((2, None), (1, "x"))
        for other in ([(1, "x")], [(1, "x"), (2, "")], [(1, "y"), (2, None)], [("1", "x"), (2, None)]):
            assert summed(*other) != base
