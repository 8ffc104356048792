"""The definitions of NHS Talking Therapies, person by person, and their shares."""

import numpy as np
import pytest

from medvirk.stats.change import Direction, ReliableChange, effect_size
from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.outcomes import CATEGORIES, GAD7, PHQ9, Measure, Outcome, paired_outcomes
from medvirk.stats.outcomes.measures import asked, held

RECOVERY, IMPROVEMENT = Outcome.RECOVERY, Outcome.RELIABLE_IMPROVEMENT
DETERIORATION, RELIABLE_RECOVERY = Outcome.RELIABLE_DETERIORATION, Outcome.RELIABLE_RECOVERY


@pytest.mark.parametrize(
    ("phq", "gad", "case", "came_true"),
    [
        # Case on both, well on both, both falls reliable.
        ((15, 5), (12, 4), True, {RECOVERY, IMPROVEMENT, RELIABLE_RECOVERY}),
        # Case on one is a case; PHQ-9 at 10 and GAD-7 at 8 are cases.
        ((10, 4), (7, 7), True, {RECOVERY, IMPROVEMENT, RELIABLE_RECOVERY}),
        ((9, 3), (8, 7), True, {RECOVERY, IMPROVEMENT, RELIABLE_RECOVERY}),
        ((9, 3), (7, 7), False, {IMPROVEMENT}),
        # Recovery without a reliable fall: 5 and 3 points.
        ((12, 7), (10, 7), True, {RECOVERY}),
        # Still a case on one.
        ((20, 5), (12, 8), True, {IMPROVEMENT}),
        # A reliable fall on one and a reliable rise (4) on the other: neither better nor worse.
        ((20, 5), (3, 7), True, {RECOVERY}),
        # A rise of 3 on the other is not reliable.
        ((20, 5), (3, 6), True, {RECOVERY, IMPROVEMENT, RELIABLE_RECOVERY}),
        ((10, 16), (8, 8), True, {DETERIORATION}),
        ((10, 15), (8, 11), True, set()),
    ],
)
def test_two_measures_person_by_person(phq, gad, case, came_true):
    first, last = np.array([[phq[0]], [gad[0]]], dtype=float), np.array([[phq[1]], [gad[1]]], dtype=float)

    assert asked(RECOVERY, [PHQ9, GAD7], first).tolist() == [case]
    assert asked(IMPROVEMENT, [PHQ9, GAD7], first).tolist() == [True]
    found = {
        outcome
        for outcome in (RECOVERY, IMPROVEMENT, DETERIORATION, RELIABLE_RECOVERY)
        if held(outcome, [PHQ9, GAD7], first, last).item()
    }
    assert found == came_true


def test_shares_of_finished_courses():
    phq_first = [15, 15, 9, 20, 15, np.nan, 15]
    phq_last = [5, 12, 3, np.nan, 25, 5, 5]
    gad_first = [5, 9, 5, 10, 5, 10, 5]
    gad_last = [5, 9, 5, 4, 5, 5, 5]
    attended = [2, 5, 8, 4, 6, 3, 1]  # the last course is not finished

    found = paired_outcomes([PHQ9, GAD7], [phq_first, gad_first], [phq_last, gad_last], attended=attended)

    assert (found.courses, found.finished) == (7, 6)
    assert found.completion == pytest.approx(4 / 6)
    recovery, improvement = found.proportions[RECOVERY], found.proportions[IMPROVEMENT]
    # Cases at the start with all scores: persons 1, 2 and 5; missing: 4 (no end) and 6 (no start).
    assert (recovery.numerator, recovery.denominator, recovery.missing) == (1, 3, 2 / 5)
    assert recovery.interval == pytest.approx((0.0615, 0.7923), abs=5e-5)
    assert (improvement.numerator, improvement.denominator, improvement.missing) == (2, 4, 2 / 6)
    assert found.proportions[RELIABLE_RECOVERY].numerator == 1
    assert found.proportions[RELIABLE_RECOVERY].denominator == 3
    assert found.proportions[DETERIORATION].numerator == 1


def test_categories_of_one_measure_add_up():
    found = paired_outcomes(
        [PHQ9], [[20, 20, 20, 20, 5]], [[5, 14, 19, 26, np.nan]], outcomes=CATEGORIES
    ).proportions

    assert [found[outcome].value for outcome in CATEGORIES] == [0.25] * 4
    assert found[Outcome.RECOVERED].missing == 0.2


def test_without_a_case_recovery_is_not_a_share():
    found = paired_outcomes([PHQ9], [[5, 6, 7]], [[5, 6, 1]])

    assert found.proportions[RECOVERY] is None
    assert found.proportions[IMPROVEMENT].numerator == 1


def test_other_measures_are_data():
    wellbeing = Measure("own", Direction.HIGHER, ReliableChange(10), cutoff=50)

    found = paired_outcomes([wellbeing], [[40, 49, 50]], [[60, 55, 70]])

    assert found.proportions[RELIABLE_RECOVERY].numerator == 1
    assert found.proportions[RECOVERY].denominator == 2


@pytest.mark.parametrize(
    ("measures", "first", "last", "outcomes", "message"),
    [
        ([PHQ9, GAD7], [[1], [2]], [[1], [2]], [Outcome.RECOVERED], "a category is of one measure"),
        ([], [], [], [RECOVERY], "0 measures"),
        ([PHQ9], [[1, 2]], [[1]], [RECOVERY], "one list of equal length per measure"),
        ([PHQ9, GAD7], [[1]], [[1]], [RECOVERY], "one list of equal length per measure"),
        ([PHQ9], [[np.inf]], [[1]], [RECOVERY], "infinite"),
        (
            [Measure("own", Direction.LOWER, ReliableChange(6))],
            [[1]],
            [[1]],
            [RECOVERY],
            "own: there is no cut-off",
        ),
    ],
)
def test_what_cannot_be_told_is_named(measures, first, last, outcomes, message):
    with pytest.raises(BadScoresError, match=message):
        paired_outcomes(measures, first, last, outcomes=outcomes)


@pytest.mark.parametrize("attended", [[2, 3], [2, 3, -1], [2, 3, 1.5], [2, 3, None]])
def test_contacts_are_whole_numbers_one_per_course(attended):
    with pytest.raises(BadScoresError, match="Attended contacts"):
        paired_outcomes([PHQ9], [[10, 11, 12]], [[1, 2, 3]], attended=attended)


def test_no_finished_course_cannot_be_estimated():
    with pytest.raises(CannotEstimateError, match="None of the 2 courses is finished"):
        paired_outcomes([PHQ9], [[10, 11]], [[1, 2]], attended=[0, 1])


def test_a_measure_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        Measure("own", Direction.LOWER, ReliableChange(6), cutoff=np.inf, low=10, high=0, step=0)

    assert len(raised.value.faults) == 3


def test_filled_in_scores_are_made_possible():
    assert PHQ9.possible(np.array([-3.0, 9.4, 9.6, 30.0])).tolist() == [0, 9, 10, 27]
    halves = Measure("own", Direction.LOWER, ReliableChange(1), low=1, step=0.5)
    assert halves.possible(np.array([0.0, 1.3, 99.0])).tolist() == [1, 1.5, 99]
    assert Measure("own", Direction.LOWER, ReliableChange(1)).possible(np.array([0.123])).tolist() == [0.123]


def test_thresholds_are_those_of_the_programme():
    assert (PHQ9.cutoff, PHQ9.rci.value, GAD7.cutoff, GAD7.rci.value) == (10, 6, 8, 4)
    assert effect_size([10, 12, 15], [4, 9, 5], direction=PHQ9.direction).d > 0
