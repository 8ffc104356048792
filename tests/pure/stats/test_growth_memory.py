"""Summing up many rows in chunks: the same sums as at once, and little memory beside the rows."""

import tracemalloc

import numpy as np
import pytest

from medvirk.stats.growth import BadScoresError, Norms, grouping

SMALL = 64


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(grouping, "CHUNK", SMALL)


def rows_of(lengths, seed=3):
    """Courses at a few common times, in the order of people; scores as they come from a scale."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(len(lengths)), lengths)
    t = np.log1p(np.concatenate([np.sort(rng.choice(9, size=m, replace=False)) for m in lengths]))
    return {"person": person, "t": t, "score": rng.integers(0, 400, size=t.size) / 10}


def lengths(people, seed=4):
    return np.random.default_rng(seed).integers(1, 9, size=people)


def mixed_up(rows, seed=5):
    order = np.random.default_rng(seed).permutation(rows["t"].size)
    return {name: column[order] for name, column in rows.items()}


def assert_same_sums(found, expected):
    assert found.persons == expected.persons
    assert [(each.times, each.persons) for each in found.patterns] == [
        (each.times, each.persons) for each in expected.patterns
    ]
    for name in ("sum_zy", "sum_zyyz", "sum_yy"):
        sums = [[getattr(each, name) for each in norms.patterns] for norms in (found, expected)]
        np.testing.assert_allclose(*sums, rtol=1e-12)


@pytest.mark.parametrize("order", [lambda rows: rows, mixed_up], ids=["in order", "any order"])
@pytest.mark.parametrize("people", [1, 40, 500])
def test_chunks_give_the_sums_of_all_at_once(monkeypatch, order, people):
    rows = order(rows_of(lengths(people)))
    at_once = Norms.from_scores(**rows)

    monkeypatch.setattr(grouping, "CHUNK", SMALL)

    assert_same_sums(Norms.from_scores(**rows), at_once)


KEYS = {
    "small": lambda person: person.astype(np.int16),
    "spread": lambda person: (person - 250) * 2**53,
    "huge": lambda person: np.uint64(2**64 - 1) - person.astype(np.uint64) * np.uint64(2**54),
    "fractions": lambda person: (person - 100) / 7,
    "text": lambda person: np.array([f"c{each}" for each in person]),
    "objects": lambda person: np.array([each if each % 2 else str(each) for each in person], dtype=object),
}


@pytest.mark.parametrize("key", KEYS)
def test_persons_may_be_any_key(small_chunks, key):
    rows = rows_of(lengths(500))
    plain = Norms.from_scores(**rows)

    assert_same_sums(Norms.from_scores(**mixed_up(rows | {"person": KEYS[key](rows["person"])})), plain)


@pytest.mark.parametrize("order", [lambda rows: rows, mixed_up], ids=["in order", "any order"])
def test_every_course_is_whole_in_one_chunk(small_chunks, order):
    # Each score tells whose it is and when it was measured, so that no row can change places unseen.
    rows = rows_of(lengths(500))
    rows["score"] = rows["person"] * 1000.0 + np.expm1(rows["t"])

    found = list(grouping.chunks(**order(rows)))

    assert len(found) > 10
    courses = [
        tuple(course) for part in found for course in np.split(part.score, part.start[1:])
    ]  # fmt: skip
    whole = np.split(rows["score"], np.flatnonzero(np.diff(rows["person"])) + 1)
    assert sorted(courses) == [tuple(course) for course in whole]
    for part in found:
        np.testing.assert_allclose(part.score % 1000, np.expm1(part.t))


def test_no_chunk_is_much_larger_than_asked_for(small_chunks):
    rows = rows_of(lengths(500))

    assert max(part.t.size for part in grouping.chunks(**rows)) < SMALL + 8
    assert max(part.t.size for part in grouping.chunks(**mixed_up(rows))) < 3 * SMALL


def test_a_person_larger_than_a_chunk_stays_whole(small_chunks):
    t = np.arange(500.0)

    norms = Norms.from_scores(person=np.zeros(500), t=t[::-1], score=t)

    assert norms.patterns[0].times == tuple(t)
    assert norms.persons == 1


def test_courses_are_all_in_one_whatever_the_size_of_a_chunk(small_chunks):
    rows = rows_of(lengths(500))

    whole = grouping.courses(**mixed_up(rows))

    np.testing.assert_array_equal(whole.t, rows["t"])
    np.testing.assert_array_equal(whole.score, rows["score"])


def test_faults_of_all_chunks_are_named_at_once(small_chunks):
    rows = rows_of([8] * 100)
    # Rows 16 to 23 are of person 2, rows 720 to 727 of person 90.
    for row in (17, 721, 722):
        rows["t"][row] = rows["t"][row - 1]
    rows["score"][300] = np.nan

    with pytest.raises(BadScoresError) as raised:
        Norms.from_scores(**mixed_up(rows))

    missing, twice = raised.value.faults
    assert missing.startswith("Score missing or infinite in 1 of 800 rows")
    assert twice.startswith("3 score(s) share person and time with another, the first of person 2 at t = ")


def test_the_same_person_without_a_name_is_no_duplicate(small_chunks):
    person = np.repeat(np.arange(100.0), 2)
    person[40:60] = np.nan

    with pytest.raises(BadScoresError) as raised:
        Norms.from_scores(person=person, t=np.tile([0.0, 1.0], 100), score=np.ones(200))

    assert [fault.split(",")[0] for fault in raised.value.faults] == ["Person missing in 20 of 200 rows"]


def test_patterns_are_told_apart_across_chunks(small_chunks):
    # No two people share a time, so that every course is a pattern and chunks have nothing in common.
    rows = rows_of([4] * 300)
    rows["t"] = rows["t"] + rows["person"] / 1e6

    assert Norms.from_scores(**mixed_up(rows)).count.tolist() == [1] * 300


def peak_share(rows):
    """The highest memory taken while summing up, as a share of the rows' own."""
    tracemalloc.start()
    try:
        Norms.from_scores(**rows)
        return tracemalloc.get_traced_memory()[1] / sum(column.nbytes for column in rows.values())
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def many():
    people = 50_000
    t = np.log1p(np.tile(np.arange(8.0), people))
    score = np.random.default_rng(6).normal(20, 5, size=t.size)
    return {"person": np.repeat(np.arange(people), 8), "t": t, "score": score}


def test_little_memory_is_needed_beside_the_rows(monkeypatch, many):
    monkeypatch.setattr(grouping, "CHUNK", 2**13)
    own_times = many | {"t": many["t"] + np.random.default_rng(8).uniform(0, 0.05, many["t"].size)}

    # All in all, rows included, the budget is three times the rows; these leave some of it to the fit.
    assert peak_share(many) < 0.3
    assert peak_share(mixed_up(many)) < 1
    assert peak_share(own_times) < 2
