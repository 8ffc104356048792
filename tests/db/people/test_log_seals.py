"""The access log in a real database: sealing, tampering by raw SQL, and what the database itself refuses."""

from __future__ import annotations

import fcntl
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from medvirk.people.actions import sealing
from medvirk.people.actions.sealing import accept_outside, remove_sealed, seal_log
from medvirk.people.log import guard, head
from medvirk.people.logic.log import Kind, parse_ranges
from medvirk.people.models import AccessAction, AccessEvent, LogSeal, LogStone
from medvirk.people.queries import log_integrity
from medvirk.people.queries.log_integrity import verify_log

EVENTS, SEALS = "people_accessevent", "people_logseal"
MINUTE = timedelta(minutes=1)


def look(make, worker, citizens, times=1):
    from medvirk.people.access import log_access

    for _time in range(times):
        log_access(
            make.viewer(worker),
            [each.pk for each in citizens],
            "people.person",
            action=AccessAction.OPENED,
            basis="service:own",
        )


@pytest.fixture
def log(make):
    """Four seals over the openings of two workers and two citizens."""
    workers = [make.staff(), make.staff()]
    citizens = [make.citizen(worker=workers[0]), make.citizen(worker=workers[1])]
    for number in range(4):
        look(make, workers[number % 2], citizens, times=2)
        seal_log(timezone.now() + number * MINUTE)
    return citizens


def kinds() -> set[Kind]:
    return {each.kind for each in verify_log().findings}


def _others_may_seal() -> bool:
    with head.head_path().with_name(f"{head.head_path().name}.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def run(*statements: str) -> None:
    """What somebody does who owns the database: first the triggers go, at last they come back."""
    guard.drop(connection)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    guard.create(connection)


def test_a_log_that_nobody_touched_is_whole(log):
    verdict = verify_log()

    assert verdict.is_whole
    assert (verdict.seals, verdict.sealed, verdict.rows) == (4, 18, 18)
    assert verdict.oldest_unsealed is None


def test_sealing_again_changes_nothing(log):
    assert seal_log(timezone.now()) == 0
    assert LogSeal.objects.count() == 4


COLUMNS = {
    "id": "id + 1000",
    "at": "'2020-01-01 00:00:00+00'",
    "nonce": "'00000000000000000000000000000000'",
    "actor_kind": "'system'",
    "actor_id": "(SELECT actor_id FROM people_accessevent WHERE id = 8)",
    "actor_hash": "''",
    "citizen_id": "(SELECT citizen_id FROM people_accessevent WHERE id = 6)",
    "citizen_hash": "(SELECT citizen_hash FROM people_accessevent WHERE id = 6)",
    "action": "'searched'",
    "what": "'people.relation'",
    "basis": "'service:team'",
    "mac": "'ab'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_is_found(log, column):
    first = AccessEvent.objects.earliest("pk").pk
    value = COLUMNS[column].replace("id = 8", f"id = {first + 8}").replace("id = 6", f"id = {first + 6}")
    run(f"UPDATE {EVENTS} SET {column} = {value} WHERE id = {first + 3}")

    assert kinds() & {Kind.ALTERED, Kind.HIDDEN, Kind.REMOVED, Kind.REPLACED}


def test_every_column_is_tried():
    assert set(COLUMNS) == {each.column for each in AccessEvent._meta.concrete_fields}


TAMPERINGS = {
    "one is deleted": f"DELETE FROM {EVENTS} WHERE id = %(some)s",
    "all are deleted": f"DELETE FROM {EVENTS}",
    "the newest is deleted": f"DELETE FROM {EVENTS} WHERE id = %(last)s",
    "all of a citizen are deleted": f"DELETE FROM {EVENTS} WHERE citizen_hash = "
    f"(SELECT citizen_hash FROM {EVENTS} WHERE id = %(some)s)",
    "moved to another citizen": f"UPDATE {EVENTS} SET citizen_id = (SELECT citizen_id FROM {EVENTS} WHERE id = "
    f"%(other)s), citizen_hash = (SELECT citizen_hash FROM {EVENTS} WHERE id = %(other)s) WHERE id = %(some)s",
    "hidden from the citizen": f"UPDATE {EVENTS} SET citizen_id = '', citizen_hash = '' WHERE id = %(some)s",
    "two change places": (
        f"UPDATE {EVENTS} SET id = -1 WHERE id = %(some)s",
        f"UPDATE {EVENTS} SET id = %(some)s WHERE id = %(other)s",
        f"UPDATE {EVENTS} SET id = %(other)s WHERE id = -1",
    ),
    "one is forged": f"INSERT INTO {EVENTS} (at, nonce, actor_kind, actor_id, actor_hash, citizen_id, citizen_hash, "
    "action, what, basis, mac) SELECT at, '0123456789abcdef0123456789abcdef', actor_kind, actor_id, actor_hash, "
    f"citizen_id, citizen_hash, action, what, basis, 'a guess' FROM {EVENTS} WHERE id = %(some)s",
    "a seal is deleted": f"DELETE FROM {SEALS} WHERE number = 2",
    "the last seal is deleted": f"DELETE FROM {SEALS} WHERE number = 4",
    "all seals are deleted": f"DELETE FROM {SEALS}",
    "the last seal goes with its rows": (
        f"DELETE FROM {EVENTS} WHERE id > %(last)s - 4",
        f"DELETE FROM {SEALS} WHERE number = 4",
    ),
    "everything is deleted": (f"DELETE FROM {EVENTS}", f"DELETE FROM {SEALS}"),
    "a seal names fewer": f"UPDATE {SEALS} SET ids = '1', rows = 1 WHERE number = 3",
    "a seal names nonsense": f"UPDATE {SEALS} SET ids = 'x' WHERE number = 3",
    "a seal has another total": f"UPDATE {SEALS} SET total = total - 1 WHERE number = 3",
    "a seal is dated anew": f"UPDATE {SEALS} SET sealed_at = '2020-01-01 00:00:00+00' WHERE number = 3",
    "a stone is forged": "INSERT INTO people_logstone (up_to, last_id, total, last_mac, removed_at, rule, mac) "
    f"SELECT number, 9, total, mac, sealed_at, 'ten years', 'a guess' FROM {SEALS} WHERE number = 1",
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_by_sql_is_found(log, name):
    given = TAMPERINGS[name]
    ids = list(AccessEvent.objects.order_by("pk").values_list("pk", flat=True))
    places = {"some": ids[3], "other": ids[8], "last": ids[-1]}
    run(*(each % places for each in ([given] if isinstance(given, str) else given)))

    assert not verify_log().is_whole


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="PostgreSQL takes no nonsense in a column of times"
)
@pytest.mark.parametrize("value", ["'soon'", "''", "7", "x'00ff'"])
def test_nonsense_in_a_column_is_found_and_stops_nothing(log, value):
    run(f"UPDATE {EVENTS} SET at = {value}, nonce = {value} WHERE id = 3", f"UPDATE {SEALS} SET total = 'x'")

    assert {Kind.ALTERED, Kind.SEAL_ALTERED} <= kinds()


def test_a_copy_of_a_row_is_refused_by_the_database(log):
    with pytest.raises(DatabaseError), transaction.atomic():
        run(
            f"INSERT INTO {EVENTS} (at, nonce, actor_kind, actor_id, actor_hash, citizen_id, citizen_hash, action, "
            f"what, basis, mac) SELECT at, nonce, actor_kind, actor_id, actor_hash, citizen_id, citizen_hash, "
            f"action, what, basis, mac FROM {EVENTS}"
        )


class TestTheFileOutside:
    def test_it_is_whole_and_names_nobody(self, log):
        lines = head.read().lines

        assert [each.number for each in lines] == [1, 2, 3, 4]
        assert str(log[0].pk) not in head.head_path().read_text()
        assert head.head_path().stat().st_mode & 0o077 == 0

    def test_an_older_copy_put_back_is_found(self, log, make):
        older = head.head_path().with_suffix(".older")
        shutil.copy(head.head_path(), older)
        look(make, make.staff(), log)
        seal_log(timezone.now())
        shutil.copy(older, head.head_path())

        assert kinds() == {Kind.HEAD_BEHIND}

    def test_taken_away_it_is_missed(self, log):
        head.head_path().unlink()

        assert kinds() == {Kind.NO_HEAD}

    @pytest.mark.parametrize("cut", [1, 30, 400])
    def test_cut_off_in_the_middle_of_a_line(self, log, cut):
        content = head.head_path().read_bytes()
        head.head_path().write_bytes(content[:-cut])

        assert kinds() == {Kind.HEAD_BEHIND}

    def test_a_line_that_is_no_line(self, log):
        with head.head_path().open("a") as file:
            file.write('{"seal": 5}\n')

        assert kinds() == {Kind.HEAD_ALTERED}

    def test_a_line_after_one_that_was_cut_off_stands_alone(self, log, make):
        path = head.head_path()
        path.write_bytes(path.read_bytes() + b'{"seal": 5, "at')
        look(make, make.staff(), log)
        seal_log(timezone.now())

        assert [each.number for each in head.read().lines] == [1, 2, 3, 4, 5]

    def test_when_it_cannot_be_written_nothing_is_sealed(self, log, make, settings, tmp_path):
        look(make, make.staff(), log)
        (tmp_path / "a file").touch()
        settings.LOG_HEAD = tmp_path / "a file" / "head"

        with pytest.raises(OSError, match="a file"):
            seal_log(timezone.now())

        assert LogSeal.objects.count() == 4

    def test_a_crash_before_the_database_has_it_is_made_good(self, log, make, monkeypatch):
        look(make, make.staff(), log)

        def crash(_seal):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(sealing, "_keep", crash)
            with pytest.raises(KeyboardInterrupt), transaction.atomic():
                seal_log(timezone.now())
        between = kinds()
        look(make, make.staff(), log)
        seal_log(timezone.now())

        assert between == {Kind.INTERRUPTED}
        assert verify_log().is_whole
        assert [each.number for each in head.read().lines] == [1, 2, 3, 4, 5, 6]

    def test_a_restore_from_an_older_backup_is_told_and_can_be_accepted(self, log, make):
        """The database goes back by one seal and its rows; the file outside does not."""
        rows = AccessEvent.objects.order_by("pk")
        run(f"DELETE FROM {EVENTS} WHERE id > {rows.last().pk - 4}", f"DELETE FROM {SEALS} WHERE number = 4")
        before = kinds()
        accept_outside(reason="Disk failure; backup of the night", now=timezone.now())
        after = kinds()
        look(make, make.staff(), log)
        seal_log(timezone.now())

        assert before == {Kind.OLDER}
        assert after == set()
        assert verify_log().is_whole


class TestWhatTheDatabaseRefuses:
    @pytest.mark.parametrize("table", [EVENTS, SEALS])
    def test_deleting(self, log, table):
        with (
            pytest.raises(DatabaseError, match="only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {table}")

    @pytest.mark.parametrize(
        "column", sorted(set(COLUMNS) - {"actor_id", "actor_hash", "citizen_id", "citizen_hash"})
    )
    def test_changing(self, log, column):
        with (
            pytest.raises(DatabaseError, match="only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {EVENTS} SET {column} = {column}")

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
    @pytest.mark.parametrize("table", [EVENTS, SEALS, "people_logstone"])
    def test_emptying(self, log, table):
        with (
            pytest.raises(DatabaseError, match="only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"TRUNCATE {table} CASCADE")

    def test_every_trigger_is_missed(self, log):
        for name in guard.names(connection.vendor):
            table = name.rpartition("_")[0]
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TRIGGER {name}{on}")
            assert guard.missing(connection) == [name]
            sealing.mend_guard()

    def test_ids_can_be_encrypted_anew_and_the_code_still_fits(self, log):
        for row in AccessEvent.objects.all():
            AccessEvent._base_manager.filter(pk=row.pk).update(
                citizen_id=row.citizen_id, actor_id=row.actor_id
            )

        assert verify_log().is_whole

    def test_missing_triggers_are_told_and_put_back(self, log):
        guard.drop(connection)
        gone = kinds()
        sealing.mend_guard()

        assert gone == {Kind.UNGUARDED}
        assert verify_log().is_whole


class TestOldRows:
    def test_whole_seals_go_and_the_chain_goes_on(self, log, make):
        seals = list(LogSeal.objects.order_by("number"))

        gone = remove_sealed(before=seals[2].sealed_at, rule="ten years", now=timezone.now())

        assert gone == sum(each.rows for each in seals[:2])
        assert list(LogSeal.objects.values_list("number", flat=True)) == [3, 4]
        assert verify_log().is_whole
        look(make, make.staff(), log)
        seal_log(timezone.now() + 9 * MINUTE)
        assert verify_log().is_whole

    @pytest.mark.parametrize("tampered", [False, True])
    def test_what_goes_while_the_log_is_read_is_no_fault_and_hides_none(self, log, monkeypatch, tampered):
        third, read, readings = LogSeal.objects.get(pk=3), log_integrity._rows, []

        def rows():
            readings.append(_others_may_seal())
            if len(readings) == 1:
                remove_sealed(before=third.sealed_at, rule="ten years", now=timezone.now())
                if tampered:
                    run(f"UPDATE {EVENTS} SET basis = 'x' WHERE id = {parse_ranges(third.ids)[0][0]}")
            return read()

        monkeypatch.setattr(log_integrity, "_rows", rows)

        assert kinds() == ({Kind.ALTERED} if tampered else set())
        # The second reading is the last, for nobody can remove anything in the midst of it.
        assert readings == [True, False]

    def test_a_log_that_is_not_whole_is_read_once(self, log, monkeypatch):
        run(f"DELETE FROM {EVENTS} WHERE id = {AccessEvent.objects.order_by('pk')[3].pk}")
        read, readings = log_integrity._rows, []
        monkeypatch.setattr(log_integrity, "_rows", lambda: readings.append(1) or read())

        assert Kind.REMOVED in kinds()
        assert readings == [1]

    def test_the_newest_seal_stays(self, log):
        remove_sealed(before=timezone.now() + timedelta(days=1), rule="ten years", now=timezone.now())

        assert list(LogSeal.objects.values_list("number", flat=True)) == [4]
        assert verify_log().is_whole

    def test_with_nothing_old_there_is_no_stone(self, log):
        assert remove_sealed(before=timezone.now() - timedelta(days=1), rule="x", now=timezone.now()) == 0
        assert not LogStone.objects.exists()

    def test_after_a_stone_later_rows_are_still_guarded(self, log):
        remove_sealed(before=LogSeal.objects.get(pk=3).sealed_at, rule="ten years", now=timezone.now())

        with (
            pytest.raises(DatabaseError, match="only added to"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"DELETE FROM {EVENTS}")


def test_a_row_that_comes_late_into_a_hole_is_sealed(log, make):
    """On PostgreSQL a transaction that began before may end after the seal; its row has a lower number."""
    look(make, make.staff(), log)
    late = AccessEvent.objects.order_by("-pk")[1]
    run(f"DELETE FROM {EVENTS} WHERE id = {late.pk}")
    seal_log(timezone.now())
    AccessEvent.objects.bulk_create([late])

    assert seal_log(timezone.now()) == 1
    assert parse_ranges(LogSeal.objects.latest("number").ids) == ((late.pk, late.pk),)
    assert verify_log().is_whole


@pytest.fixture
def server_with_threads(transactional_db):
    """Threads with connections of their own, each with transactions that really end."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets only one write at a time, so nothing comes late")

    def run_there(work):
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        yield lambda work: pool.submit(run_there, work)


def test_rows_of_a_transaction_that_ends_after_the_seal_are_sealed_by_the_next(server_with_threads, make):
    worker, written, sealed = make.staff(), threading.Event(), threading.Event()
    citizens = [make.citizen(worker=worker)]
    seal_log(timezone.now())

    def slow():
        with transaction.atomic():
            look(make, worker, citizens, times=2)
            written.set()
            assert sealed.wait(30)

    late = server_with_threads(slow)
    assert written.wait(30)
    look(make, worker, citizens)
    assert seal_log(timezone.now()) == 1
    sealed.set()
    late.result()

    assert verify_log().oldest_unsealed is not None
    assert seal_log(timezone.now()) == 2
    (first, last) = parse_ranges(LogSeal.objects.latest("number").ids)[0]
    assert last < AccessEvent.objects.latest("pk").pk
    assert (last - first, verify_log().is_whole) == (1, True)


def test_many_who_write_and_seal_at_once_seal_each_row_once(server_with_threads, make):
    worker = make.staff()
    citizens = [make.citizen(worker=worker)]
    together = threading.Barrier(4)

    def write():
        together.wait(30)
        for _time in range(15):
            look(make, worker, citizens)
        return 0

    def seal():
        together.wait(30)
        return sum(seal_log(timezone.now()) for _time in range(15))

    working = [server_with_threads(each) for each in (write, seal, write, seal)]
    sealed = sum(each.result() for each in working) + seal_log(timezone.now())

    verdict = verify_log()
    assert verdict.is_whole
    assert verdict.sealed == verdict.rows == sealed == AccessEvent.objects.count()
    assert LogSeal.objects.count() > 2


def test_big_lots_are_sealed_in_parts(log, make, monkeypatch):
    monkeypatch.setattr(sealing, "AT_ONCE", 3)
    look(make, make.staff(), log, times=4)

    assert seal_log(timezone.now()) == 8
    assert list(LogSeal.objects.order_by("number").values_list("rows", flat=True))[-3:] == [3, 3, 2]


def test_with_another_key_it_is_the_key_that_is_told(log, monkeypatch):
    from cryptography.fernet import Fernet

    other = f'encryption = ["{Fernet.generate_key().decode()}"]\nsearch = "{"cd" * 32}"'
    monkeypatch.setenv("MEDVIRK_KEYS", other)

    assert kinds() == {Kind.WRONG_KEY}


@pytest.mark.parametrize("rows", [1, 3])
def test_sealing_takes_the_same_queries_however_many_rows(log, make, rows, django_assert_max_num_queries):
    look(make, make.staff(), log, times=rows)

    with django_assert_max_num_queries(16):
        seal_log(timezone.now())
