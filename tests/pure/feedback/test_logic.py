"""The course, what is expected of it, and who needs attention first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medvirk.feedback.logic import (
    AHEAD,
    ATTENTION,
    GRACE,
    RISK,
    SHORTEST_PICTURE,
    Found,
    Outlook,
    Urgency,
    expected_course,
    is_missing,
    numbered,
    signals_of,
    urgency_of,
)
from medvirk.instruments.logic import MissingReason
from medvirk.stats.signals import EndForecast, SignalKind
from medvirk.stats.signals.forecast import END_POINTS


def kinds(found):
    return [each.kind for each in found]


# the expected course


def test_the_expected_course_starts_in_the_first_score(a_course, model):
    expected = expected_course(a_course([18.0, 30.0]), model)

    assert expected.sessions[0] == 1
    assert expected.mean[0] == 18.0
    assert expected.half[0] == expected.wide[0] == (18.0, 18.0)


def test_the_expected_course_is_that_of_the_model_given_the_first_score_alone(a_course, model):
    short, long = a_course([18.0]), a_course([18.0, 40.0, 41.0, 45.0])

    expected, later = expected_course(short, model), expected_course(long, model)

    assert later.mean[: len(expected.mean)] == expected.mean
    assert expected.mean[3] == pytest.approx(float(model.expected(18.0, np.log1p(3))))


def test_sessions_before_the_first_score_come_before_the_expected_course(a_course, model):
    expected = expected_course(a_course([None, None, 18.0]), model)

    assert expected.sessions[:2] == (3, 4)
    assert expected.mean[0] == 18.0


@pytest.mark.parametrize("held", [1, 5, 9])
def test_the_expected_course_reaches_ahead(a_course, model, held):
    expected = expected_course(a_course([20.0] * held), model)

    assert expected.sessions[-1] == max(held + AHEAD, SHORTEST_PICTURE)
    assert len(expected.sessions) == len(expected.mean) == len(expected.half) == len(expected.wide)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # these two never change
@given(first=st.floats(0, 50), held=st.integers(1, 12))
def test_bands_are_nested_and_within_the_scale(a_course, model, first, held):
    expected = expected_course(a_course([first] + [None] * (held - 1)), model)

    for mean, half, wide in zip(expected.mean, expected.half, expected.wide, strict=True):
        assert 0 <= wide[0] <= half[0] <= half[1] <= wide[1] <= 50
        assert half[0] <= mean <= half[1]


def test_a_band_that_would_pass_the_end_of_the_scale_is_clipped(a_course, model):
    expected = expected_course(a_course([50.0]), model)
    unclipped = model.band([0.0], [50.0], np.log1p(5), coverage=0.8)

    assert float(unclipped[1]) > 50
    assert expected.wide[5][1] == 50.0


def test_nothing_is_expected_without_a_usable_model_or_a_first_score(a_course, model):
    assert expected_course(a_course([18.0]), None) is None
    assert expected_course(a_course([18.0]), replace(model, converged=False)) is None
    assert expected_course(a_course([18.0]), replace(model, singular=True)) is None
    assert expected_course(a_course([None, None]), model) is None
    assert expected_course(a_course([]), model) is None


# signals


def test_a_course_as_expected_gives_no_signal(a_course, model):
    assert signals_of(a_course([20.0, 22.0, 24.0]), model) == ()


def test_no_course_no_signal(a_course, model):
    assert signals_of(a_course([]), model) == ()


def test_signals_come_in_the_order_of_attention(a_course, meeting, model):
    course = a_course([30.0, 31.0, 12.0], meeting_measure=meeting, meetings=[40.0, 40.0, 30.0], at_risk=True)

    found = signals_of(course, model)

    assert kinds(found) == [RISK, "deteriorated", "sudden_fall", "not_on_track", "alliance_falling"]
    assert {each.session for each in found} == {3}


def test_every_kind_of_signal_has_its_place():
    assert set(ATTENTION) == {RISK, *map(str, SignalKind)}
    assert ATTENTION[0] == RISK


def test_a_signal_names_its_session_from_the_first_of_the_course_also_when_that_was_not_measured(
    a_course, model
):
    found = signals_of(a_course([None, 30.0, None, 12.0]), model)

    assert "deteriorated" in kinds(found)
    assert {each.session for each in found} == {4}


def test_lower_is_better_turns_the_signals_round(a_course, complaints):
    worse = signals_of(a_course([8.0, 20.0], of=complaints), None)
    better = signals_of(a_course([20.0, 8.0], of=complaints), None)

    assert kinds(worse) == ["deteriorated"]
    assert better == ()


def test_an_unusable_model_gives_no_forecast_and_no_fault(a_course, model):
    found = signals_of(a_course([30.0, 12.0]), replace(model, converged=False))

    assert kinds(found) == ["deteriorated"]


@pytest.fixture
def outlook(model) -> Outlook:
    """Courses end where t = log1p(9), the tenth session."""
    return Outlook(EndForecast(model, np.full((1, END_POINTS), np.log1p(9.0))), worrying=0.1)


def test_a_course_that_may_end_worse_is_told_with_its_chance(a_course, model, outlook):
    course = a_course([35.0, None, 25.0])

    found = next(each for each in signals_of(course, model, outlook) if each.kind == "worse_expected")

    mean, sd = model.predict([0.0, np.log1p(2)], [35.0, 25.0], [np.log1p(9)])
    assert found.session == 3
    assert found.facts["chance"] == pytest.approx(NormalDist(mean[0], sd[0]).cdf(35.0 - 10.0))
    assert found.facts["chance"] > 0.1
    # Before the other way of being less well than expected, and not without a forecast.
    assert kinds(signals_of(course, model, outlook)) == ["worse_expected", "not_on_track"]
    assert kinds(signals_of(course, model)) == ["not_on_track"]


def test_the_threshold_decides_whether_it_is_told(a_course, model, outlook):
    course = a_course([35.0, 26.5])
    chance = signals_of(course, model, outlook)[0].facts["chance"]

    assert "worse_expected" in kinds(signals_of(course, None, replace(outlook, worrying=chance - 1e-9)))
    assert signals_of(course, None, replace(outlook, worrying=chance + 1e-9)) == ()


def test_who_is_worse_already_need_not_hear_that_it_may_come(a_course, model, outlook):
    assert kinds(signals_of(a_course([35.0, 30.0, 20.0]), None, outlook)) == ["deteriorated"]
    assert kinds(signals_of(a_course([35.0, 31.0, 20.0]), None, outlook)) == ["deteriorated", "sudden_fall"]
    soon = replace(outlook, worrying=0.01)
    assert kinds(signals_of(a_course([35.0, 45.0, 26.0]), None, soon)) == ["sudden_fall", "worse_expected"]


@pytest.mark.parametrize(("first", "told"), [(11.0, ["worse_expected"]), (10.0, []), (4.0, [])])
def test_who_cannot_end_worse_on_this_scale_is_not_told_so(a_course, outlook, first, told):
    """A change counts above 10 points, and the scale ends at 0."""
    soon = replace(outlook, worrying=0.001)

    assert kinds(signals_of(a_course([first, 2.0]), None, soon)) == told


def test_where_less_is_better_the_other_end_of_the_scale_counts(a_course, complaints, outlook):
    soon = replace(outlook, worrying=0.001)

    assert kinds(signals_of(a_course([21.0, 25.0], of=complaints), None, soon)) == ["worse_expected"]
    assert kinds(signals_of(a_course([21.5, 25.0], of=complaints), None, soon)) == []


def with_risk(course, *told):
    points = tuple(replace(point, at_risk=risk) for point, risk in zip(course.points, told, strict=True))
    return replace(course, points=points)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((True,), [1]),
        ((False, True), [2]),
        ((True, True), [2]),
        ((True, False), []),
        # Leaving the question out, or not being asked, takes nothing back.
        ((True, None), [1]),
        ((False, True, None, None), [2]),
        ((None, None), []),
    ],
)
def test_risk_is_what_the_latest_answer_to_the_safety_question_says(a_course, told, expected):
    course = with_risk(a_course([25.0] * len(told)), *told)

    found = [each for each in signals_of(course, None) if each.kind == RISK]

    assert [each.session for each in found] == expected


def test_a_session_without_score_is_missing_only_when_it_is_over(a_course):
    coming = a_course([25.0, None], over=False)
    gone = a_course([25.0, None], over=True)

    assert signals_of(coming, None) == ()
    assert signals_of(gone, None) == (Found("missing_measure", 2, {"missing": 1.0, "measured": 1.0}),)


@pytest.mark.parametrize("missing", ["not_all_answered", "too_few_answered"])
def test_who_skipped_a_question_has_answered(a_course, missing):
    course = a_course([25.0, None], over=True)
    *before, last = course.points
    course = replace(course, points=(*before, replace(last, missing=missing)))

    assert missing in set(MissingReason)
    assert signals_of(course, None) == ()


def test_a_small_fall_in_the_meeting_score_is_left_alone(a_course, meeting):
    # 8 % of 50 points is 4.
    small = a_course([25.0, 25.0], meeting_measure=meeting, meetings=[40.0, 36.5])
    enough = a_course([25.0, 25.0], meeting_measure=meeting, meetings=[40.0, 36.0])

    assert kinds(signals_of(small, None)) == []
    assert kinds(signals_of(enough, None)) == ["alliance_falling"]


def test_full_marks_three_times_running_is_told(a_course, meeting):
    twice = a_course([25.0] * 2, meeting_measure=meeting, meetings=[50.0] * 2)
    thrice = a_course([25.0] * 3, meeting_measure=meeting, meetings=[50.0] * 3)

    assert kinds(signals_of(twice, None)) == []
    assert kinds(signals_of(thrice, None)) == ["alliance_always_perfect"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], Urgency.NONE),
        (["missing_measure"], Urgency.MEASURE),
        (["missing_measure", "alliance_always_perfect"], Urgency.TALK),
        (["not_on_track"], Urgency.TALK),
        (["not_on_track", "risk", "missing_measure"], Urgency.RISK),
    ],
)
def test_the_most_urgent_signal_decides(found, expected):
    assert urgency_of([Found(kind, 1, {}) for kind in found]) is expected


def test_a_session_is_missing_once_the_grace_is_over():
    start = datetime(2025, 3, 10, 9, 0, tzinfo=UTC)

    assert not is_missing(start, start + GRACE)
    assert is_missing(start, start + GRACE + timedelta(seconds=1))


# numbering, as the norms need it


def test_sessions_are_counted_from_the_first_measured_one():
    rows = [("a", None), ("a", 20.0), ("a", None), ("a", 25.0), ("b", 10.0), ("b", None), ("c", None)]

    assert numbered(rows) == [("a", 0, 20.0), ("a", 2, 25.0), ("b", 0, 10.0)]


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=2),
        st.lists(st.none() | st.floats(0, 50), max_size=8),
        max_size=4,
    )
)
def test_numbering_keeps_every_score_and_the_distance_between_them(courses):
    rows = [(name, score) for name, scores in courses.items() for score in scores]

    found = numbered(rows)

    assert [score for _, _, score in found] == [score for _, score in rows if score is not None]
    for name, scores in courses.items():
        measured = [at for at, score in enumerate(scores) if score is not None]
        assert [number for course, number, _ in found if course == name] == [
            at - measured[0] for at in measured
        ]
