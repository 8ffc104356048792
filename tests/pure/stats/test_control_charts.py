"""XmR, p- and p′-charts and Anhøj's runs rules."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats.control import (
    ControlSignal,
    DocumentedChange,
    Rule,
    Side,
    p_chart,
    runs_analysis,
    runs_limits,
    xmr_chart,
)
from medvirk.stats.faults import BadScoresError, CannotEstimateError

MONTHS = [52, 55, 49, 51, 58, 54, 50, 53, 57, 52, 48, 55]
QUIET = [10, 12] * 6


def test_xmr_limits_of_the_published_vector():
    chart = xmr_chart(MONTHS)

    assert chart.centre == pytest.approx(np.full(12, 52.8333), abs=5e-5)
    assert np.nanmean(chart.moving_range) == pytest.approx(4.4545, abs=5e-5)
    assert (chart.lower[0], chart.upper[0]) == pytest.approx((40.98, 64.68), abs=5e-3)
    assert chart.moving_range_limit[0] == pytest.approx(3.267 * 4.4545, abs=5e-3)
    assert np.isnan(chart.moving_range[0])
    assert chart.signals == ()
    assert not chart.phases[0].temporary


def test_a_freak_point_is_found_and_its_moving_ranges_do_not_widen_the_limits():
    freak = [10, 12, 10, 12, 10, 12, 40, 12, 10, 12, 10, 12]

    screened, plain = xmr_chart(freak), xmr_chart(freak, screen=False)

    # Ranges: nine of 2 and two of 28, which lie above 3.267 · 74/11.
    assert screened.screened == (6, 7)
    assert screened.upper[0] == pytest.approx(13.5 + 2.66 * 2)
    assert plain.screened == ()
    assert plain.upper[0] == pytest.approx(13.5 + 2.66 * 74 / 11)
    assert ControlSignal(Rule.OUTSIDE_LIMITS, Side.ABOVE, (6,)) in screened.signals
    assert ControlSignal(Rule.MOVING_RANGE, Side.ABOVE, (6,)) in screened.signals


def rules_of(values, **more):
    return [(s.rule, s.side, s.positions) for s in xmr_chart(values, **more).signals]


def test_seven_on_one_side_are_a_signal_and_six_are_not():
    up, down = [11, 12, 11, 12, 11, 12], [9, 8, 9, 8, 9, 8]

    assert (Rule.ONE_SIDE, Side.ABOVE, tuple(range(7))) in rules_of([*up, 11, 9, 8, 9, 8, 9, 8, 9])
    assert not [r for r in rules_of([*up, *down]) if r[0] is Rule.ONE_SIDE]


def test_seven_rising_points_are_a_trend_and_six_are_not():
    before = [14, 10, 15, 9, 16]

    assert (Rule.TREND, Side.RISING, tuple(range(5, 12))) in rules_of([*before, 9, 10, 11, 12, 13, 14, 15, 9])
    assert (Rule.TREND, Side.FALLING, tuple(range(7))) in rules_of([16, 15, 14, 13, 12, 11, 9, 16, 10, 15])
    assert not [r for r in rules_of([*before, 9, 10, 11, 12, 13, 14, 9]) if r[0] is Rule.TREND]


def test_two_of_three_in_the_outer_third_on_the_same_side():
    values = [*QUIET, 16, 11, 16, *QUIET]
    chart = xmr_chart(values)
    sigma = (chart.upper[0] - chart.centre[0]) / 3

    assert 2 < (16 - chart.centre[0]) / sigma < 3
    assert (Rule.TWO_OF_THREE, Side.ABOVE, (12, 14)) in rules_of(values)
    assert not [r for r in rules_of([*QUIET, 16, 11, 6, *QUIET]) if r[0] is Rule.TWO_OF_THREE]
    assert not [r for r in rules_of([*QUIET, 16, None, 16, *QUIET]) if r[0] is Rule.TWO_OF_THREE]


def test_a_gap_is_no_zero_and_ends_runs_trends_and_windows():
    whole = [11, 12, 11, 12, 11, 12, 11, 9, 8, 9, 8, 9, 8, 9]
    gap = [*whole[:3], None, *whole[4:]]

    chart = xmr_chart(gap)

    assert np.isnan(chart.moving_range[3:5]).all()
    assert chart.phases[0].measured == 13
    assert chart.centre[0] == pytest.approx(np.mean([v for v in gap if v is not None]))
    assert [s for s in xmr_chart(whole).signals if s.side is Side.ABOVE]
    assert not [s for s in chart.signals if s.side is Side.ABOVE]


def test_limits_are_set_anew_only_at_a_documented_change():
    values = [*QUIET, *(v + 20 for v in QUIET)]

    with_change = xmr_chart(values, changes=[DocumentedChange(12, "second intake team")])
    without = xmr_chart(values)

    assert with_change.signals == ()
    assert (with_change.centre[11], with_change.centre[12]) == (11, 31)
    assert np.isnan(with_change.moving_range[12])
    assert {s.rule for s in without.signals} >= {Rule.ONE_SIDE, Rule.OUTSIDE_LIMITS}


def test_a_young_phase_has_no_limits_and_says_why():
    chart = xmr_chart([*QUIET, 30, 31, 30], changes=[DocumentedChange(12, "new routine")])

    assert np.isnan(chart.upper[12:]).all()
    assert chart.phases[1].cannot_estimate == (
        "Points 12 to 14: limits need at least 8 measured points, found 3."
    )
    assert chart.phases[0].cannot_estimate is None
    assert xmr_chart(QUIET[:9]).phases[0].temporary


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([], "^Values: there are no points."),
        ([5], "found 1"),
        ([None] * 12, "found 0"),
        ([3] * 12, "moving ranges are all 0"),
        ([3] * 6 + [9] * 6, "once the freak ones are screened out"),
        ([1, None] * 8, "no two neighbours"),
    ],
)
def test_xmr_says_what_is_missing(values, message):
    with pytest.raises(CannotEstimateError, match=message):
        xmr_chart(values)


def test_xmr_names_every_faulty_change_at_once():
    with pytest.raises(BadScoresError) as raised:
        xmr_chart(QUIET, changes=[DocumentedChange(12, "late"), DocumentedChange(3, " ")])

    assert len(raised.value.faults) == 3


@pytest.mark.parametrize("values", [[1, np.inf] * 6, [[1, 2], [3, 4]], ["x"] * 12])
def test_xmr_refuses_what_is_no_row_of_numbers(values):
    with pytest.raises(BadScoresError):
        xmr_chart(values)


@given(
    st.lists(st.integers(0, 50), min_size=8, max_size=40).filter(lambda v: np.ptp(v) > 0),
    st.integers(2, 5),
    st.integers(-30, 30),
)
def test_signals_do_not_depend_on_the_unit_or_the_zero(values, factor, shift):
    moved = [factor * v + shift for v in values]

    assert rules_of(values, screen=False) == rules_of(moved, screen=False)


def test_runs_limits_of_the_published_table():
    # Anhøj 2015: n, longest run, fewest crossings.
    published = {10: (6, 2), 12: (7, 3), 15: (7, 4), 19: (7, 6), 20: (7, 6), 23: (8, 7), 24: (8, 8)}

    assert {n: runs_limits(n) for n in published} == published


def test_runs_are_counted_by_hand():
    # + + − + − − + + + − − +, and two on the line, and a gap, that do not count.
    values = [6, 7, 2, 5, 8, 3, 1, None, 9, 6, 5, 8, 4, 2, 7]

    found = runs_analysis(values, centre=5)

    assert (found.useful, found.longest_run, found.crossings) == (12, 3, 6)
    assert found.signals == ()


def test_a_shift_gives_a_long_run_and_few_crossings():
    found = runs_analysis([1, 2, 1, 2, 1, 2, 1, 2, 8, 9, 8, 9, 8, 9, 8, 9])

    assert (found.centre, found.longest_run, found.crossings) == (5, 8, 1)
    assert [(s.rule, s.side) for s in found.signals] == [
        (Rule.LONG_RUN, Side.BELOW),
        (Rule.LONG_RUN, Side.ABOVE),
        (Rule.FEW_CROSSINGS, Side.NEITHER),
    ]
    assert found.signals[1].positions == tuple(range(8, 16))


def test_as_few_crossings_as_chance_explains_are_no_signal():
    two_crossings = runs_analysis([6, 6, 6, 4, 4, 4, 4, 6, 6, 6], centre=5)
    one_crossing = runs_analysis([6, 6, 6, 6, 6, 4, 4, 4, 4, 4], centre=5)

    assert (two_crossings.crossings, two_crossings.fewest_crossings, two_crossings.signals) == (2, 2, ())
    assert [s.rule for s in one_crossing.signals] == [Rule.FEW_CROSSINGS]


@pytest.mark.parametrize("values", [[None] * 20, [5] * 20, [5, 6, 7]])
def test_runs_need_ten_points_off_the_line(values):
    with pytest.raises(CannotEstimateError, match="lie off the centre line"):
        runs_analysis(values)


def test_runs_refuse_a_centre_that_is_no_number():
    with pytest.raises(BadScoresError, match="centre line is nan"):
        runs_analysis(QUIET, centre=np.nan)


def test_p_chart_limits_by_hand_follow_the_denominator():
    chart = p_chart([10, 12, 8, 10, 9, 11, 10, 5], [100, 100, 100, 100, 100, 100, 100, 50])

    # 75 of 750: p̄ = .1, so sigma is .03 of 100 and .0424 of 50.
    assert chart.centre[0] == pytest.approx(0.1)
    assert (chart.lower[0], chart.upper[0]) == pytest.approx((0.01, 0.19))
    assert (chart.lower[7], chart.upper[7]) == pytest.approx((0, 0.1 + 3 * (0.09 / 50) ** 0.5))
    assert chart.rough == ()


def test_nobody_asked_is_a_gap_and_not_none_of_them():
    shares = ([5] * 12, [50] * 12)
    top, bottom = [list(row) for row in shares]
    top[4], bottom[4] = 0, 0

    chart = p_chart(top, bottom)

    assert np.isnan(chart.share[4])
    assert chart.centre[0] == pytest.approx(0.1)
    assert chart.phases[0].measured == 11


def test_p_chart_finds_a_month_outside_and_tells_where_limits_are_rough():
    chart = p_chart([5, 9, 6, 9, 4, 9, 5, 20, 1], [50] * 8 + [10])

    assert [(s.rule, s.positions) for s in chart.signals] == [(Rule.OUTSIDE_LIMITS, (7,))]
    assert chart.rough == (8,)


def test_laney_with_equal_denominators_is_the_xmr_chart_of_the_shares():
    counts = np.array([320, 380, 290, 350, 410, 340, 360, 300, 370, 330, 390, 310])

    laney = p_chart(counts, [1000] * 12, laney=True)
    xmr = xmr_chart(counts / 1000, screen=False)

    # 3 / 1.128 is 2.6596, which the XmR chart rounds to 2.66.
    assert laney.upper == pytest.approx(xmr.upper, rel=1e-3)
    assert laney.lower == pytest.approx(xmr.lower, rel=1e-3)
    assert laney.sigma_z[0] > 2
    assert not laney.signals
    assert p_chart(counts, [1000] * 12).signals


@pytest.mark.parametrize(("top", "what"), [([0] * 12, "none were counted"), ([9] * 12, "all were counted")])
def test_p_chart_without_variation(top, what):
    with pytest.raises(CannotEstimateError, match=what):
        p_chart(top, [9] * 12)


def test_p_chart_names_every_impossible_count():
    with pytest.raises(BadScoresError) as raised:
        p_chart([3, -1, 1.5, 1], [2, 5, 5, np.nan])

    assert len(raised.value.faults) == 3


def test_p_chart_needs_one_denominator_each():
    with pytest.raises(BadScoresError, match="3 numerators but 2"):
        p_chart([1, 2, 3], [4, 5])
