"""A sealed log is tampered with a thousand times at random, and each time it shows."""

from __future__ import annotations

import hashlib
import hmac
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from medvirk.people.logic.log import (
    Accepted,
    Kind,
    Outside,
    Row,
    Seal,
    Stone,
    event_text,
    make_seal,
    make_stone,
    parse_ranges,
    ranges_text,
    verify,
)

START = datetime(2026, 5, 3, 8, tzinfo=UTC)
CITIZENS = [f"citizen-{number}" for number in range(6)]
WORKERS = [f"worker-{number}" for number in range(4)]


def mac(kind: str, text: str) -> str:
    return hmac.new(b"the key", f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


def guessed(kind: str, text: str) -> str:
    return hmac.new(b"a guess", f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Fields:
    """The columns of a row of the log, as they stand in the database."""

    id: int
    nonce: str
    at: datetime
    actor: str
    citizen: str
    action: str
    what: str
    basis: str
    mac: str = ""
    citizen_hash: str = ""

    def text(self) -> str:
        return event_text(self.nonce, self.at, self.actor, self.citizen, self.action, self.what, self.basis)

    def row(self) -> Row:
        found = self.citizen_hash == f"hash of {self.citizen}"
        return Row(self.id, self.at, self.text(), self.mac, found)


@dataclass
class Log:
    rows: list[Fields]
    seals: list[Seal]
    stones: list[Stone]
    outside: list[Seal | Accepted] | None

    def verdict(self):
        return verify(
            rows=(each.row() for each in sorted(self.rows, key=lambda each: each.id)),
            seals=sorted(self.seals, key=lambda each: each.number),
            stones=self.stones,
            outside=Outside(self.outside),
            mac=mac,
        )


def written(chance: random.Random, row_id: int, at: datetime) -> Fields:
    bare = Fields(
        id=row_id,
        nonce=f"{chance.getrandbits(128):032x}",
        at=at,
        actor=chance.choice(WORKERS),
        citizen=chance.choice(CITIZENS),
        action=chance.choice(["opened", "changed"]),
        what=chance.choice(["people.person", "feedback.session"]),
        basis=chance.choice(["service:own", "service:team", "emergency:own"]),
    )
    return replace(bare, mac=mac("access event", bare.text()), citizen_hash=f"hash of {bare.citizen}")


def sealed_log(chance: random.Random) -> Log:
    """Some seals over rows whose ids have holes and come late, as on a busy PostgreSQL; at times old ones removed."""
    log = Log([], [], [], [])
    free, late, at = 1, list[int](), START
    for _number in range(chance.randint(3, 6)):
        ids, late = late, []
        for _row in range(chance.randint(1, 7)):
            lot = chance.random()
            if lot < 0.15:
                late.append(free)
            elif lot > 0.08 + 0.15 or not ids:
                ids.append(free)
            free += 1
        if not ids:
            ids.append(free)
            free += 1
        ids.sort()
        rows = [written(chance, row_id, at + timedelta(seconds=number)) for number, row_id in enumerate(ids)]
        at += timedelta(minutes=1)
        previous = log.seals[-1] if log.seals else None
        seal = make_seal(previous=previous, ids=ids, macs=[each.mac for each in rows], now=at, mac=mac)
        log.rows += rows
        log.seals.append(seal)
        log.outside.append(seal)
    if chance.random() < 0.3:
        remove_oldest(log, at)
    return log


def remove_oldest(log: Log, now: datetime) -> None:
    last = log.seals[0]
    gone = {each for pair in parse_ranges(last.ids) for each in range(pair[0], pair[1] + 1)}
    log.stones.append(make_stone(last=last, last_id=max(gone), rule="ten years", now=now, mac=mac))
    log.rows = [each for each in log.rows if each.id not in gone]
    del log.seals[0]


def delete_one(log, chance):
    log.rows.remove(chance.choice(log.rows))


def delete_some(log, chance):
    for each in chance.sample(log.rows, min(len(log.rows), chance.randint(2, 5))):
        log.rows.remove(each)


def delete_all(log, chance):
    log.rows.clear()


def delete_the_newest(log, chance):
    log.rows.remove(max(log.rows, key=lambda each: each.id))


def delete_all_of_a_citizen(log, chance):
    citizen = chance.choice(log.rows).citizen
    log.rows = [each for each in log.rows if each.citizen != citizen]


def change_a_column(log, chance):
    at = chance.randrange(len(log.rows))
    row = log.rows[at]
    change = chance.choice(
        [
            {"actor": f"{row.actor}x"},
            {"citizen": f"{row.citizen}x", "citizen_hash": f"hash of {row.citizen}x"},
            {"action": f"{row.action}x"},
            {"what": f"{row.what}x"},
            {"basis": f"{row.basis}x"},
            {"nonce": f"{row.nonce}0"},
            {"mac": guessed("access event", row.text())},
            {"mac": ""},
            {"citizen_hash": "hash of somebody"},
        ]
    )
    log.rows[at] = replace(row, **change)


def date_it_anew(log, chance):
    at = chance.randrange(len(log.rows))
    row = log.rows[at]
    log.rows[at] = replace(row, at=row.at + timedelta(microseconds=chance.choice([-1, 1, 10**6, 10**12])))


def move_between_citizens(log, chance):
    at = chance.randrange(len(log.rows))
    row = log.rows[at]
    other = chance.choice([each for each in CITIZENS if each != row.citizen])
    log.rows[at] = replace(row, citizen=other, citizen_hash=f"hash of {other}")


def swap_two(log, chance):
    one, other = chance.sample(range(len(log.rows)), 2)
    first, second = log.rows[one], log.rows[other]
    log.rows[one], log.rows[other] = replace(first, id=second.id), replace(second, id=first.id)


def swap_codes(log, chance):
    one, other = chance.sample(range(len(log.rows)), 2)
    first, second = log.rows[one], log.rows[other]
    log.rows[one], log.rows[other] = replace(first, mac=second.mac), replace(second, mac=first.mac)


def copy_to_the_end(log, chance):
    log.rows.append(replace(chance.choice(log.rows), id=max(each.id for each in log.rows) + 1))


def copy_over_another(log, chance):
    one, other = chance.sample(range(len(log.rows)), 2)
    log.rows[other] = replace(log.rows[one], id=log.rows[other].id)


def move_to_another_id(log, chance):
    at = chance.randrange(len(log.rows))
    log.rows[at] = replace(log.rows[at], id=max(each.id for each in log.rows) + chance.randint(1, 9))


def insert_forged(log, chance):
    taken = {each.id for each in log.rows}
    row_id = chance.choice([each for each in range(1, max(taken) + 9) if each not in taken])
    forged = written(chance, row_id, START)
    log.rows.append(replace(forged, mac=guessed("access event", forged.text())))


def change_a_seal(log, chance):
    at = chance.randrange(len(log.seals))
    seal = log.seals[at]
    change = chance.choice(
        [
            {"ids": ranges_text([*range(1, seal.rows + 1)]) + ",999"},
            {"ids": "not ids"},
            {"rows": seal.rows + 1},
            {"total": seal.total - 1},
            {"digest": hashlib.sha256(b"").hexdigest()},
            {"sealed_at": seal.sealed_at - timedelta(days=1)},
            {"mac": guessed("log seal", seal.text(""))},
        ]
    )
    log.seals[at] = replace(seal, **change)


def delete_a_seal(log, chance):
    log.seals.remove(chance.choice(log.seals))


def delete_the_last_seal_with_its_rows(log, chance):
    seal = log.seals.pop()
    named = {each for pair in parse_ranges(seal.ids) for each in range(pair[0], pair[1] + 1)}
    log.rows = [each for each in log.rows if each.id not in named]


def delete_everything_in_the_database(log, chance):
    log.rows, log.seals, log.stones = [], [], []


def seal_anew_with_a_guessed_key(log, chance):
    """Whoever can write everything in the database, and not the file outside, makes the whole chain anew."""
    log.rows.remove(chance.choice(log.rows))
    ids = sorted(each.id for each in log.rows) or [1]
    log.seals = [make_seal(previous=None, ids=ids, macs=[], now=START, mac=guessed)]


def cover_up_with_a_stone(log, chance):
    """Pretend that old rows were removed by rule."""
    last = log.seals[0]
    bare = Stone(last.number, 99, last.total, last.mac, START, "a rule", "")
    log.stones.append(replace(bare, mac=guessed("log stone", bare.text())))
    del log.seals[0]
    named = {each for pair in parse_ranges(last.ids) for each in range(pair[0], pair[1] + 1)}
    log.rows = [each for each in log.rows if each.id not in named]


def cut_off_the_file(log, chance):
    log.outside = log.outside[: chance.randrange(len(log.outside))]


def take_the_file_away(log, chance):
    log.outside = None


def change_a_line_of_the_file(log, chance):
    lines = [each.number for each in log.seals]
    at = next(
        at
        for at, each in enumerate(log.outside)
        if each.number == chance.choice(lines) or at + 1 == len(lines)
    )
    line = log.outside[at]
    log.outside[at] = replace(line, mac=guessed("log seal", line.text("")))


def the_file_of_another_house(log, chance):
    log.outside = sealed_log(random.Random(chance.random())).outside


def accept_with_a_guessed_key(log, chance):
    delete_the_newest(log, chance)
    bare = Accepted(99, START, "All is well", "")
    log.outside.append(replace(bare, mac=guessed("log accepted", bare.text())))


TAMPERINGS = [
    delete_one, delete_some, delete_all, delete_the_newest, delete_all_of_a_citizen, change_a_column, date_it_anew,
    move_between_citizens, swap_two, swap_codes, copy_to_the_end, copy_over_another, move_to_another_id,
    insert_forged, change_a_seal, delete_a_seal, delete_the_last_seal_with_its_rows,
    delete_everything_in_the_database, seal_anew_with_a_guessed_key, cover_up_with_a_stone, cut_off_the_file,
    take_the_file_away, change_a_line_of_the_file, the_file_of_another_house, accept_with_a_guessed_key,
]  # fmt: skip
EACH = 40


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda each: each.__name__)
def test_every_tampering_shows(tampering):
    missed = []
    for seed in range(EACH):
        chance = random.Random(f"{tampering.__name__} {seed}")
        log = sealed_log(chance)
        tampering(log, chance)
        if log.verdict().is_whole:
            missed.append(seed)

    assert missed == []


def test_there_are_a_thousand():
    assert len(TAMPERINGS) * EACH >= 1000


def test_nothing_is_said_of_what_nobody_touched():
    wrong = [
        (seed, verdict.findings)
        for seed in range(200)
        if not (verdict := sealed_log(random.Random(f"untouched {seed}")).verdict()).is_whole
    ]

    assert wrong == []


def test_what_happens_after_the_last_seal_is_no_fault():
    log = sealed_log(random.Random(1))
    log.rows.append(written(random.Random(2), 500, START + timedelta(hours=1)))

    verdict = log.verdict()

    assert verdict.is_whole
    assert verdict.oldest_unsealed == START + timedelta(hours=1)


def test_a_row_cut_off_before_it_is_sealed_is_not_found():
    """What cannot be found is stated, and is at most a minute's rows."""
    log = sealed_log(random.Random(1))

    assert log.verdict().is_whole


def kinds(log: Log) -> set[Kind]:
    return {each.kind for each in log.verdict().findings}


def test_where_is_said():
    log = sealed_log(random.Random(3))
    row = log.rows[2]
    log.rows[2] = replace(row, basis="service:own, they say")

    (finding,) = log.verdict().findings

    assert (finding.kind, finding.where, finding.since) == (Kind.ALTERED, str(row.id), row.at)


def test_removed_rows_are_told_as_ranges():
    log = sealed_log(random.Random(3))
    first, last = parse_ranges(max((each.ids for each in log.seals), key=len))[0]
    log.rows = [each for each in log.rows if not first <= each.id <= last]

    told = [each.where for each in log.verdict().findings if each.kind is Kind.REMOVED]

    assert told == [f"{first}-{last}" if last > first else str(first)]


def test_an_older_backup_is_told_as_what_it_is():
    log = sealed_log(random.Random(4))
    delete_the_last_seal_with_its_rows(log, random.Random(4))

    assert kinds(log) == {Kind.OLDER}


def test_the_wrong_key_is_told_once():
    log = sealed_log(random.Random(5))
    verdict = verify(
        rows=[each.row() for each in log.rows],
        seals=log.seals,
        stones=log.stones,
        outside=Outside(log.outside),
        mac=guessed,
    )

    assert [each.kind for each in verdict.findings] == [Kind.WRONG_KEY]


def test_a_crash_between_the_file_and_the_database_is_told_as_such():
    log = sealed_log(random.Random(6))
    log.seals.pop()

    assert kinds(log) == {Kind.INTERRUPTED}


def test_after_an_accepted_restore_the_two_are_compared_anew():
    log = sealed_log(random.Random(7))
    delete_the_last_seal_with_its_rows(log, random.Random(7))
    bare = Accepted(log.seals[-1].number, START + timedelta(days=1), "Restored after the fire", "")
    log.outside.append(replace(bare, mac=mac("log accepted", bare.text())))
    whole = log.verdict().is_whole
    row = written(random.Random(8), max(each.id for each in log.rows) + 1, START + timedelta(days=2))
    log.rows.append(row)
    seal = make_seal(previous=log.seals[-1], ids=[row.id], macs=[row.mac], now=row.at, mac=mac)
    log.seals.append(seal)
    behind = kinds(log)
    log.outside.append(seal)

    assert whole
    assert behind == {Kind.HEAD_BEHIND}
    assert log.verdict().is_whole


def test_many_findings_of_a_kind_are_counted():
    chance = random.Random(9)
    rows = [written(chance, row_id, START) for row_id in range(1, 60)]
    seal = make_seal(
        previous=None, ids=[each.id for each in rows], macs=[each.mac for each in rows], now=START, mac=mac
    )
    log = Log([replace(each, basis="x") if each.id > 9 else each for each in rows], [seal], [], [seal])

    findings = log.verdict().findings

    assert len(findings) == 21
    assert findings[-1].more == 30
