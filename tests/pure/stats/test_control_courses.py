"""Length of courses by Kaplan-Meier."""

import sys

import numpy as np
import pytest

from medvirk.stats.control import course_length, course_length_by_unit, durations
from medvirk.stats.disclosure import Hidden, Reason
from medvirk.stats.faults import BadScoresError, CannotEstimateError, MissingExtraError

# Remission times under 6-MP (Freireich et al. 1963), the table of most textbooks: weeks, 1 = ended.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]


def test_the_curve_of_the_textbook():
    found = course_length(WEEKS, ENDED, at=[0, 6, 10, 23, 40])

    assert found.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert found.share == pytest.approx([0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5)
    assert (found.courses, found.ended) == (21, 9)
    # The bounds of the median are where the bounds of the curve, by the formula below, first reach one half.
    assert (found.median, found.median_low, found.median_high) == (23, 13, None)
    at_10 = found.still_open[2]
    assert (at_10.share, at_10.low, at_10.high) == pytest.approx((0.753, 0.503, 0.889), abs=5e-4)
    assert [s.at_risk for s in found.still_open] == [21, 21, 15, 6, 0]
    assert (found.still_open[0].share, found.still_open[0].low) == (1, None)
    assert found.still_open[4].share is None


def test_interval_by_greenwood_on_the_log_minus_log_scale():
    found = course_length(WEEKS, ENDED, at=[7])

    share = 18 / 21 * 16 / 17
    spread = np.sqrt(3 / (21 * 18) + 1 / (17 * 16)) / abs(np.log(share))
    assert found.still_open[0].low == pytest.approx(share ** np.exp(1.959964 * spread))
    assert found.still_open[0].high == pytest.approx(share ** np.exp(-1.959964 * spread))


def test_late_entry_by_hand():
    length = [5, 8, 10, 12, 12, 15, 20, 20, 25, 30]
    ended = [1, 1, 0, 1, 1, 0, 1, 0, 1, 0]
    entry = [0, 0, 0, 0, 8, 6, 10, 0, 14, 12]

    found = course_length(length, ended, entry=entry)

    # At 8 the one who enters at 8 is not followed yet, nor at 12 the one who enters at 12.
    assert found.at_risk.tolist() == [5, 5, 5, 4, 2]
    assert found.share == pytest.approx([0.8, 0.64, 0.384, 0.288, 0.144])


def test_when_all_have_ended_none_is_open_afterwards():
    found = course_length(range(1, 11), [True] * 10, at=[10, 99])

    assert [s.share for s in found.still_open] == [0, 0]
    assert found.median == 5


def test_a_median_that_is_not_reached_is_none():
    found = course_length([3] * 3 + [20] * 9, [1] * 3 + [0] * 9)

    assert found.median is None


def test_durations_from_dates():
    days, ended = durations(
        ["2026-01-01", "2026-01-01", "2026-03-01"], ["2026-01-31", None, "2026-07-01"], as_of="2026-03-31"
    )

    assert days.tolist() == [30, 89, 30]
    assert ended.tolist() == [True, False, False]


def test_durations_name_every_impossible_course():
    with pytest.raises(BadScoresError) as raised:
        durations([None, "2026-02-02", "2026-09-01"], [None, "2026-01-01", None], as_of="2026-03-31")

    assert len(raised.value.faults) == 3
    with pytest.raises(BadScoresError, match="must be dates"):
        durations(["in May"], [None], as_of="2026-03-31")


def test_small_units_are_hidden_and_the_others_are_as_if_alone():
    unit = ["A"] * 21 + ["B"] * 9 + ["C"] * 10

    found = course_length_by_unit(WEEKS + [4] * 19, ENDED + [1] * 9 + [0] * 10, unit)

    assert list(found) == ["A", "B", "C"]
    assert found["A"].median == 23
    assert found["B"] == Hidden(Reason.TOO_FEW_PEOPLE)
    assert found["C"] == Hidden(Reason.CANNOT_ESTIMATE)


def test_the_rule_for_units_can_be_stricter_but_not_looser():
    unit = ["A"] * 21

    assert course_length_by_unit(WEEKS, ENDED, unit, fewest=30) == {"A": Hidden(Reason.TOO_FEW_PEOPLE)}
    with pytest.raises(BadScoresError, match="at least 10"):
        course_length_by_unit(WEEKS, ENDED, unit, fewest=2)
    with pytest.raises(BadScoresError, match="1 units for 21"):
        course_length_by_unit(WEEKS, ENDED, ["A"])


def test_every_impossible_course_is_named():
    length = [5, np.nan, np.inf, -1, *range(6, 14)]
    ended = [2, *[1] * 11]

    with pytest.raises(BadScoresError) as raised:
        course_length(length, ended)
    assert len(raised.value.faults) >= 4
    with pytest.raises(BadScoresError, match="Course 0: entry 7 must lie"):
        course_length([7] * 10, [1] * 10, entry=[7, *[0] * 9])
    with pytest.raises(BadScoresError, match="3 durations, 2 endings"):
        course_length([1, 2, 3], [1, 0])


@pytest.mark.parametrize(
    ("length", "ended", "entry", "message"),
    [
        ([], [], None, "found 0"),
        ([5], [1], None, "found 1"),
        ([5] * 12, [0] * 12, None, "None of the 12 courses has ended"),
        ([2, *[9] * 11], [1] * 12, [0, *[3] * 11], "At 2 everybody followed so far"),
    ],
)
def test_what_cannot_be_estimated_is_named(length, ended, entry, message):
    with pytest.raises(CannotEstimateError, match=message):
        course_length(length, ended, entry=entry)


def test_without_lifelines_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "lifelines", None)

    with pytest.raises(MissingExtraError, match=r"medvirk\[science\]"):
        course_length(WEEKS, ENDED)
