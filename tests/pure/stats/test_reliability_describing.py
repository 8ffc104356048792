"""Everything about one scale at once, and the stated criteria."""

from dataclasses import replace

import numpy as np
import pytest

from medvirk.stats.faults import BadScoresError
from medvirk.stats.reliability import (
    SOURCES,
    Cause,
    Criterion,
    State,
    cronbach_alpha,
    describe,
    judge,
    meets_all,
    one_factor,
    retest_pairs,
    split_half,
)


def answers(people: int, *, loading: float = 0.8, seed: int = 5) -> np.ndarray:
    """Five marks from 0 to 10 by one factor."""
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(people, 1))
    noise = rng.normal(size=(people, 5)) * np.sqrt(1 - loading**2)
    return np.clip(np.round(5 + 2 * (loading * common + noise), 1), 0, 10)


def pairs(people: int, *, error: float = 2.0, seed: int = 6):
    rng = np.random.default_rng(seed)
    true = rng.normal(25, 8, people)
    both = np.tile(true, 2) + rng.normal(scale=error, size=2 * people)
    return retest_pairs(np.tile(np.arange(people), 2), np.repeat([0, 7], people), both)


def test_gathers_what_the_parts_give():
    items = answers(150)
    items[0, 2] = np.nan
    found = describe(items, lowest=0, highest=10, keys=list("abcde"), pairs=pairs(60))

    assert (found.n, found.k, found.complete, found.scored) == (150, 5, 149, 149)
    assert found.missing_share == pytest.approx(1 / 750)
    assert found.alpha.value == cronbach_alpha(items)
    assert found.omega.value == one_factor(items).omega == found.reliability
    assert found.halves == split_half(items)
    assert found.sd == pytest.approx(items[1:].sum(axis=1).std(ddof=1))
    assert found.sem == pytest.approx(found.sd * (1 - found.omega.value) ** 0.5)
    assert [item.key for item in found.items] == list("abcde")
    assert found.items[2].answered == 149
    assert found.items[2].missing_share == pytest.approx(1 / 150)
    assert found.items[0].loading == pytest.approx(one_factor(items).standardised[0])
    assert found.retest.icc.n == 60


def test_the_ends_of_scale_and_items_are_counted():
    items = np.array([[0, 0], [3, 3], [3, 3], [1, 3], [None, 3]], dtype=float)
    found = describe(items, lowest=0, highest=3)

    assert (found.floor.value, found.ceiling.value, found.floor.n) == (0.25, 0.5, 4)
    assert found.items[0].floor_share == 0.25
    assert found.items[1].ceiling_share == 0.8


def test_a_score_that_is_no_sum_brings_its_own_ends():
    items = answers(30)
    scores = items.mean(axis=1) * 10
    scores[:3] = 100.0
    found = describe(items, lowest=0, highest=10, scores=scores, ends=(0, 100))

    assert found.ceiling.value == pytest.approx(0.1)
    assert found.mean.value == pytest.approx(scores.mean())
    half = 2.0452296 * scores.std(ddof=1) / np.sqrt(30)  # t of 29 degrees of freedom
    assert (found.mean.low, found.mean.high) == pytest.approx((scores.mean() - half, scores.mean() + half))


@pytest.mark.parametrize(
    ("items", "omega", "alpha"),
    [
        (np.empty((0, 5)), Cause.FEW_PEOPLE, Cause.FEW_PEOPLE),
        (answers(1), Cause.FEW_PEOPLE, Cause.FEW_PEOPLE),
        (answers(30)[:, :1], Cause.FEW_ITEMS, Cause.FEW_ITEMS),
        (answers(30)[:, :2], Cause.FEW_ITEMS, None),
        (np.full((30, 5), 4.0), Cause.CONSTANT, Cause.CONSTANT),
        (np.full((30, 5), np.nan), Cause.FEW_PEOPLE, Cause.FEW_PEOPLE),
        (np.empty((30, 0)), Cause.FEW_ITEMS, Cause.FEW_ITEMS),
    ],
)
def test_what_cannot_be_estimated_is_none_with_a_reason(items, omega, alpha):
    found = describe(items, lowest=0, highest=10)

    assert (found.omega.cause, found.alpha.cause) == (omega, alpha)
    assert found.omega.value is None
    assert found.omega.reason
    assert (found.sem is None) == (alpha is not None)
    assert not meets_all(judge(found))


@pytest.mark.parametrize("rows", [2, 3, 9])
def test_a_handful_of_rows_gives_no_coefficient(rows):
    found = describe(answers(rows), lowest=0, highest=10)

    assert (found.alpha.cause, found.omega.cause, found.halves_cause) == (Cause.FEW_PEOPLE,) * 3
    assert found.alpha.reason == f"Alpha needs at least 10 complete rows, found {rows} of {rows}."
    assert (
        found.reliability is found.sem is found.reliability_used is found.one_factor is found.halves is None
    )
    assert {(item.item_total, item.alpha_without, item.loading) for item in found.items} == {(None,) * 3}


def test_ten_rows_are_enough_for_alpha_and_the_error_of_a_score():
    items = answers(10)
    found = describe(items, lowest=0, highest=10)

    assert found.alpha.value == cronbach_alpha(items)
    assert found.sem is not None


def test_names_every_fault_at_once():
    items = answers(10)
    items[3, 1], items[4, 2] = 11, -2

    with pytest.raises(BadScoresError) as raised:
        describe(items, lowest=0, highest=10, scores=[1, 2], ends=(0, 50))

    assert len(raised.value.faults) == 3
    assert "Item 2: 1 answer(s) outside 0 to 10, the first in row 4" in raised.value.faults[0]


@pytest.mark.parametrize(
    "more",
    [
        {"lowest": [0, 0]},
        {"lowest": np.nan},
        {"lowest": 10},
        {"keys": ["a"] * 5},
        {"keys": ["a"]},
        {"scores": [1.0] * 10},
        {"ends": (0, 50)},
        {"scores": [np.inf] * 10, "ends": (0, 50)},
    ],
)
def test_refuses_what_does_not_fit(more):
    with pytest.raises(BadScoresError):
        describe(answers(10), **{"lowest": 0, "highest": 10, **more})


# the criteria


def verdicts(people: int = 150, retests: int = 60, **more) -> dict[Criterion, State]:
    found = describe(answers(people, **more), lowest=0, highest=10, pairs=pairs(retests))
    return {each.criterion: each.state for each in judge(found)}


def test_a_good_scale_with_enough_people_meets_all():
    assert set(verdicts().values()) == {State.MET}
    assert meets_all(judge(describe(answers(150), lowest=0, highest=10, pairs=pairs(60))))


def test_with_99_people_nothing_but_the_retest_is_known():
    states = verdicts(people=99)

    known = {criterion for criterion, state in states.items() if state is not State.NOT_KNOWN}
    assert known == {Criterion.PAIRS, Criterion.RETEST}
    assert verdicts(people=100)[Criterion.ANSWERS] is State.MET


def test_with_49_pairs_the_retest_is_not_known():
    states = verdicts(retests=49)

    assert states[Criterion.PAIRS] is states[Criterion.RETEST] is State.NOT_KNOWN
    assert states[Criterion.OMEGA] is State.MET


def test_items_that_hang_loosely_together_are_not_enough():
    states = verdicts(loading=0.4)

    assert states[Criterion.OMEGA] is states[Criterion.ALPHA] is State.NOT_MET
    assert states[Criterion.OMEGA_LOWER] is State.NOT_MET


def test_items_that_say_the_same_are_too_much():
    assert verdicts(loading=0.99)[Criterion.OMEGA] is State.NOT_MET


def test_two_factors_are_not_one():
    two = np.hstack([answers(200, seed=1)[:, :3], answers(200, seed=2)[:, :3]])

    found = {each.criterion: each for each in judge(describe(two, lowest=0, highest=10))}

    assert found[Criterion.ONE_FACTOR].state is State.NOT_MET


@pytest.mark.parametrize("poor", [{"cfi": 0.94}, {"srmr": 0.09}])
def test_both_indices_of_fit_must_hold(poor):
    found = describe(answers(150), lowest=0, highest=10)
    model = replace(found.one_factor, fit=replace(found.one_factor.fit, **poor))

    states = {each.criterion: each.state for each in judge(replace(found, one_factor=model))}

    assert states[Criterion.ONE_FACTOR] is State.NOT_MET


def test_one_item_against_the_others_is_told():
    items = answers(200)
    items[:, 4] = 10 - items[:, 4]

    found = {each.criterion: each for each in judge(describe(items, lowest=0, highest=10))}

    assert found[Criterion.ITEM_TOTAL].state is State.NOT_MET
    assert found[Criterion.ITEM_TOTAL].value < 0


def test_a_ceiling_is_told():
    found = describe(np.clip(answers(200) + 6, 0, 10), lowest=0, highest=10)
    states = {each.criterion: each.state for each in judge(found)}

    assert states[Criterion.CEILING] is State.NOT_MET
    assert states[Criterion.FLOOR] is State.MET


def test_people_who_answer_anew_each_time_fail_the_retest():
    found = describe(answers(150), lowest=0, highest=10, pairs=pairs(60, error=20.0))
    states = {each.criterion: each.state for each in judge(found)}

    assert states[Criterion.RETEST] is State.NOT_MET


def test_without_retest_not_all_is_known():
    assert not meets_all(judge(describe(answers(150), lowest=0, highest=10)))


def test_a_part_of_the_criteria_is_not_all():
    met = judge(describe(answers(150), lowest=0, highest=10, pairs=pairs(60)))

    assert not meets_all(met[:-1])
    assert not meets_all([*met[:-1], replace(met[-1], state=State.NOT_KNOWN)])


def test_every_criterion_says_where_it_is_from():
    assert set(SOURCES) == set(Criterion)
