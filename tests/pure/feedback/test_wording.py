"""The picture and the signals in words: true for either direction, and honest about chance."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils.translation import override

from medvirk.feedback.accuracy import FORETELLS
from medvirk.feedback.logic import ATTENTION, Found, expected_course
from medvirk.feedback.wording.courses import (
    MISSING,
    SIGNALS,
    caution_of,
    in_words,
    points,
    reason_of,
    title_of,
)
from medvirk.instruments.logic import MissingReason


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def told(course, expected=None):
    return " ".join(in_words(course, expected))


def test_without_scores_it_says_so(a_course):
    assert in_words(a_course([None, None]), None) == ["No score yet."]
    assert in_words(a_course([]), None) == ["No score yet."]


def test_one_score_is_told_without_a_change(a_course):
    assert in_words(a_course([24.5]), None) == ["The first score is 24.5 of 50."]


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ([20.0, 26.0], "That is 6 points better than at the start."),
        ([20.0, 21.0], "That is 1 point better than at the start."),
        ([20.0, 14.5], "That is 5.5 points worse than at the start."),
        ([20.0, 19.0], "That is 1 point worse than at the start."),
        ([20.0, 30.0, 20.0], "That is the same as at the start."),
    ],
)
def test_more_is_better(a_course, scores, sentence):
    assert sentence in told(a_course(scores))


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ([20.0, 14.0], "That is 6 points better than at the start."),
        ([14.0, 20.0], "That is 6 points worse than at the start."),
    ],
)
def test_where_less_is_better_a_fall_is_told_as_better(a_course, complaints, scores, sentence):
    assert sentence in told(a_course(scores, of=complaints))


def test_now_and_first_are_told_also_with_gaps(a_course):
    words = told(a_course([None, 20.0, None, 26.0, None]))

    assert "Now: 26 of 50. The first time: 20." in words


def test_whether_it_may_be_chance_is_told(a_course, measure):
    sure, unsure = a_course([20.0, 31.0]), a_course([20.0, 30.0])

    assert "It is more than chance usually makes (10 points)." in told(sure)
    assert "It may still be chance (that can make up to 10 points)." in told(unsure)


def test_a_worsening_that_is_more_than_chance_is_told_too(a_course, complaints):
    assert "It is more than chance usually makes (6 points)." in told(a_course([8.0, 14.0], of=complaints))


def test_a_limit_that_is_a_guess_is_called_one(a_course, measure):
    guess = a_course([20.0, 31.0], of=replace(measure, rci_is_guess=True))

    assert "That limit is a guess so far." in told(guess)
    assert "guess" not in told(a_course([20.0, 31.0]))


def test_without_a_limit_nothing_is_said_about_chance(a_course, measure):
    assert "chance" not in told(a_course([20.0, 40.0], of=replace(measure, rci=None)))


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        (20.0, "So this is within what is usual."),
        (45.0, "So this is better than most."),
        (2.0, "So this is less good than most. That is worth talking about."),
    ],
)
def test_the_latest_score_stands_against_what_was_expected(a_course, model, last, sentence):
    course = a_course([20.0, last])

    words = told(course, expected_course(course, model))

    assert sentence in words
    assert "eight lie between" in words


def test_where_less_is_better_below_the_band_is_better_than_most(a_course, complaints, model):
    course = a_course([25.0, 0.0], of=complaints)

    assert "So this is better than most." in told(course, expected_course(course, model))


def test_the_first_score_is_not_held_against_itself(a_course, model):
    course = a_course([20.0])

    assert "expected" not in told(course, expected_course(course, model))
    assert "eight lie between" not in told(course, expected_course(course, model))


def test_the_meeting_is_told(a_course, meeting):
    once = a_course([20.0], meeting_measure=meeting, meetings=[44.0])
    twice = a_course([20.0, 21.0, 22.0], meeting_measure=meeting, meetings=[44.0, None, 38.5])

    assert "The meeting was rated 44 of 50." in told(once)
    assert "The meeting was rated 38.5 of 50; the last time it was rated, 44." in told(twice)


def test_every_signal_has_words():
    assert set(SIGNALS) == set(ATTENTION)
    for kind in ATTENTION:
        signal = Found(kind, 1, {})
        assert title_of(signal)
        assert reason_of(signal).endswith(".")


@pytest.mark.parametrize("kind", sorted(FORETELLS))
def test_signals_about_the_score_hold_for_either_direction(kind):
    words = f"{title_of(Found(kind, 1, {}))} {reason_of(Found(kind, 1, {}))}".lower()

    for direction in ("below", "lower", " fall", "above", "higher", "rise"):
        assert direction not in words


@pytest.mark.parametrize("kind", sorted(set(SIGNALS) - {"risk", "missing_measure"}))
def test_beside_the_signals_stands_that_they_are_no_verdict(kind):
    assert caution_of([Found(kind, 3, {})]) == "A signal is a reason to talk, not a verdict."


@pytest.mark.parametrize(
    ("chance", "share"), [(0.31, "about 3 of 10"), (0.052, "about 5 of 100"), (0.97, "more than 9 of 10")]
)
def test_a_forecast_is_told_in_natural_frequencies(chance, share):
    signal = Found("worse_expected", 3, {"chance": chance})

    assert title_of(signal) == "The course may end worse than it began"
    assert reason_of(signal).startswith(f"In {share} courses that looked like this, it ended clearly worse. ")


def test_what_a_person_said_and_what_is_missing_is_not_doubted():
    assert caution_of([Found("risk", 1, {}), Found("missing_measure", 1, {})]) == ""


def test_every_reason_for_a_missing_score_has_words():
    assert set(map(str, MissingReason)) <= set(map(str, MISSING))


@pytest.mark.parametrize(
    ("value", "written"), [(24.0, "24"), (24.5, "24.5"), (0.0, "0"), (24.29, "24.3"), (24.96, "25")]
)
def test_points_are_written_plainly(value, written):
    assert points(value) == written


def test_points_have_a_decimal_comma_in_norwegian():
    with override("nb"):
        assert points(24.5) == "24,5"
