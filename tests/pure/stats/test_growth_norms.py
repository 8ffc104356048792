"""Norms: summing up, adding, storing, and everything that cannot be summed up."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medvirk.stats.growth import BadNormsError, BadScoresError, Norms, grouping


def test_the_seven_sums_by_hand():
    norms = Norms.from_scores(person=["b", "a", "b", "c", "a"], t=[1, 0, 0, 0, 1], score=[4, 1, 3, 9, 2])

    single, pair = norms.patterns

    assert (norms.persons, norms.scores) == (3, 5)
    assert (single.times, single.persons, single.sum_zy, single.sum_yy) == ((0.0,), 1, (9.0, 0.0), 81.0)
    assert (pair.times, pair.persons) == ((0.0, 1.0), 2)
    assert pair.sum_zy == (10.0, 6.0)  # (1 + 2) + (3 + 4), 2 + 4
    assert pair.sum_zyyz == (58.0, 34.0, 20.0)  # 3² + 7², 3·2 + 7·4, 2² + 4²
    assert pair.sum_yy == 30.0


@pytest.mark.parametrize(
    "names",
    [
        [3, 1, 2],
        [-(2**62), 2**62, 0],  # too far apart to be counted off
        np.array([2**63 + 5, 2**63 + 4, 1], dtype=np.uint64),
        [0.5, 1.5, 0.25],
        ["kari", "ola", "per"],
    ],
)
def test_people_can_have_any_key_and_rows_any_order(names):
    person = np.repeat(np.asarray(names), 4)
    t, score = np.tile([0.0, 1.0, 2.0, 4.0], 3), np.arange(12.0) ** 1.5
    order = np.random.default_rng(4).permutation(12)

    sorted_rows = Norms.from_scores(person=np.repeat([1, 2, 3], 4), t=t, score=score)
    shuffled = Norms.from_scores(person=person[order], t=t[order], score=score[order])

    assert shuffled.persons == 3
    (found,), (expected,) = shuffled.patterns, sorted_rows.patterns
    assert found.times == expected.times
    assert found.sum_zyyz == pytest.approx(expected.sum_zyyz)
    assert found.sum_yy == pytest.approx(expected.sum_yy)


def test_minus_zero_is_zero():
    norms = Norms.from_scores(person=[1, 1, 2, 2], t=[0.0, 1.0, -0.0, 1.0], score=[1, 2, 3, 4])

    assert len(norms.patterns) == 1


def test_times_that_share_a_fingerprint_are_told_apart(monkeypatch):
    spread = grouping._mix

    def collide_once(t, salt):
        return np.zeros(t.size, dtype=np.uint64) if salt == 0 else spread(t, salt)

    monkeypatch.setattr(grouping, "_mix", collide_once)

    norms = Norms.from_scores(person=[1, 1, 2, 2, 3], t=[0, 1, 0, 2, 0], score=[1, 2, 3, 4, 5])

    assert [pattern.times for pattern in norms.patterns] == [(0.0,), (0.0, 1.0), (0.0, 2.0)]


def test_a_course_that_another_begins_with_is_told_apart(monkeypatch):
    spread = grouping._mix

    def ignore_later_times_once(t, salt):
        return np.where(t == 0, np.uint64(5), np.uint64(0)) if salt == 0 else spread(t, salt)

    monkeypatch.setattr(grouping, "_mix", ignore_later_times_once)

    norms = Norms.from_scores(person=[1, 2, 3, 3], t=[0, 1, 0, 1], score=[1, 2, 3, 4])

    assert [pattern.times for pattern in norms.patterns] == [(0.0,), (1.0,), (0.0, 1.0)]


def test_times_out_of_order_are_refused_rather_than_searched_for_ever():
    with pytest.raises(BadScoresError, match="must ascend"):
        grouping.group_by_times(np.array([0.0, 1.0, 1.0, 0.0]), np.array([2, 2]))


def drawn_norms(seed):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 5, size=rng.integers(1, 8))
    t = np.concatenate([np.sort(rng.choice(6, size=m, replace=False)) for m in lengths])
    person = np.repeat(np.arange(lengths.size), lengths)
    return Norms.from_scores(person=person, t=np.log1p(t), score=rng.integers(0, 40, size=t.size))


norms = st.integers(0, 2**32 - 1).map(drawn_norms)


def assert_close(left, right):
    assert len(left.patterns) == len(right.patterns)
    for one, other in zip(left.patterns, right.patterns, strict=True):
        assert (one.times, one.persons) == (other.times, other.persons)
        assert one.sum_zy == pytest.approx(other.sum_zy)
        assert one.sum_zyyz == pytest.approx(other.sum_zyyz)
        assert one.sum_yy == pytest.approx(other.sum_yy)


@settings(max_examples=50, deadline=None)
@given(norms, norms, norms)
def test_adding_is_commutative_and_associative(a, b, c):
    assert (a + b).to_dict() == (b + a).to_dict()
    assert_close((a + b) + c, a + (b + c))
    assert_close(sum([a, b, c]), a + b + c)


@settings(max_examples=50, deadline=None)
@given(norms)
def test_stored_norms_come_back_as_they_were(a):
    stored = json.loads(json.dumps(a.to_dict()))

    assert Norms.from_dict(stored).to_dict() == a.to_dict()


def test_stored_patterns_with_the_same_times_are_pooled():
    a = drawn_norms(5)
    stored = a.to_dict()
    stored["patterns"] = stored["patterns"] * 2

    assert_close(Norms.from_dict(stored), a + a)


def test_only_norms_can_be_added():
    with pytest.raises(TypeError):
        drawn_norms(1) + 5
    with pytest.raises(TypeError):
        5 + drawn_norms(1)


def test_every_bad_row_is_named_at_once():
    with pytest.raises(BadScoresError) as raised:
        Norms.from_scores(
            person=["a", None, "b", "b", "c", ""],
            t=[0, 0, 1, 1, np.inf, 2],
            score=[1, 2, 3, 4, np.nan, 6],
        )

    assert [fault.split(".")[0] for fault in raised.value.faults] == [
        "Person missing in 2 of 6 rows, the first at position 1",
        "T missing or infinite in 1 of 6 rows, the first at position 4",
        "Score missing or infinite in 1 of 6 rows, the first at position 4",
        "1 score(s) share person and time with another, the first of person b at t = 1",
    ]


def test_a_missing_number_is_no_person():
    with pytest.raises(BadScoresError, match="Person missing in 1 of 3 rows, the first at position 1"):
        Norms.from_scores(person=[1, np.nan, 2], t=[0, 0, 0], score=[1, 2, 3])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"person": [], "t": [], "score": []}, "There are no scores"),
        ({"person": [1, 2], "t": [0], "score": [1, 2]}, "give three lists of equal length"),
        ({"person": [[1]], "t": [[0]], "score": [[1]]}, "give three lists of equal length"),
        ({"person": [1], "t": [0], "score": ["high"]}, "score: every element must be a number"),
    ],
)
def test_rows_that_are_no_rows_are_refused(rows, message):
    with pytest.raises(BadScoresError, match=message):
        Norms.from_scores(**rows)


def test_a_prior_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        Norms.from_model(beta=[1], G=[[1, 2], [2, 1]], sigma2=0, t=[0, 0, np.nan], persons=2)

    assert [fault.split()[0] for fault in raised.value.faults] == ["sigma2", "beta", "G", "t", "persons"]


def test_a_prior_refuses_a_lopsided_G():
    with pytest.raises(BadScoresError, match="symmetric 2 × 2"):
        Norms.from_model(beta=[1, 2], G=[[1, 0.5], [0, 1]], sigma2=1, t=[0, 1, 2], persons=5)


GOOD = {"times": [0, 1], "persons": 2, "sum_zy": [10, 6], "sum_zyyz": [58, 34, 20], "sum_yy": 30}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"times": []}, '"times" must be a list of finite numbers'),
        ({"times": [1, 0]}, '"times" must ascend'),
        ({"times": [0, True]}, '"times" must be a list of finite numbers'),
        ({"persons": 2.5}, '"persons" must be a whole number'),
        ({"persons": 0}, '"persons" must be a whole number'),
        ({"sum_zy": [1]}, '"sum_zy" must have 2 numbers, it has 1'),
        ({"sum_zyyz": [58, "34", 20]}, '"sum_zyyz" must be a list of finite numbers'),
        ({"sum_yy": float("inf")}, '"sum_yy" must be a finite number'),
        ({"sum_yy": 20}, '"sum_yy" is too small'),
        ({"sum_zy": [100, 6]}, '"sum_zyyz" is too small'),
        ({"sum_zyyz": [58, 60, 20]}, '"sum_zyyz" is too small'),
    ],
)
def test_a_stored_pattern_that_cannot_be_is_refused(wrong, message):
    stored = {"format": "medvirk-norms-1", "patterns": [GOOD, GOOD | wrong]}

    with pytest.raises(BadNormsError, match=f"Pattern 2: {message}"):
        Norms.from_dict(stored)


def test_a_stored_table_names_every_fault_at_once():
    stored = {"format": "medvirk-norms-1", "patterns": ["x", GOOD | {"persons": 0, "sum_yy": None}, GOOD]}

    with pytest.raises(BadNormsError) as raised:
        Norms.from_dict(stored)

    assert [fault[:10] for fault in raised.value.faults] == ["Pattern 1:", "Pattern 2:", "Pattern 2:"]


@pytest.mark.parametrize(
    "stored", [None, [], {"format": "other"}, {"format": "medvirk-norms-1", "patterns": []}]
)
def test_what_is_no_table_of_norms_is_refused(stored):
    with pytest.raises(BadNormsError):
        Norms.from_dict(stored)
