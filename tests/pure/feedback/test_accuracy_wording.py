"""How often a signal was right, in words: natural frequencies, what to compare with, and nobody counted out."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from medvirk.feedback.accuracy import CANNOT, FORETELLS, NOT_YET, TOO_FEW, KindAccuracy, LocalAccuracy
from medvirk.feedback.logic import Found
from medvirk.feedback.wording.accuracy import how_often_right, is_known, out_of
from medvirk.feedback.wording.courses import SIGNALS
from medvirk.stats.signals import Share

ELSEWHERE = "With the usual figures of the field it would be about one in four."


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def share(count, of, *, width=0.1):
    value = count / of if of else None
    return Share(
        count,
        of,
        value,
        None if value is None else value - width / 2,
        None if value is None else value + width / 2,
    )


def known(right, otherwise, kind="not_on_track"):
    found = KindAccuracy(
        outcome=FORETELLS[kind],
        threshold=1.0,
        flagged=share(right.of, right.of + otherwise.of),
        right=right,
        otherwise=otherwise,
        base_rate=share(right.count + otherwise.count, right.of + otherwise.of),
        sensitivity=share(right.count, right.count + otherwise.count),
        right_at={},
    )
    return LocalAccuracy(ended=900, judged=right.of + otherwise.of, kinds={kind: found})


def told(accuracy, kind="not_on_track"):
    return how_often_right(Found(kind, 3, {}), accuracy)


def test_a_signal_of_harm_is_told_with_what_to_compare_it_with():
    assert told(known(share(18, 42), share(30, 300))) == (
        "Here, 18 of 42 courses with this signal ended clearly worse (about 4 of 10). "
        "Without the signal: about 1 of 10."
    )


def test_a_signal_of_no_change_is_judged_by_the_want_of_improvement():
    words = told(known(share(1200, 1500), share(40, 100), "no_change_expected"), "no_change_expected")

    assert words == (
        "Here, 1,200 of 1,500 courses with this signal ended without clear improvement (about 8 of 10). "
        "Without the signal: about 4 of 10."
    )


def test_a_wide_interval_is_told_and_a_narrow_one_is_not():
    assert "it may be anything from 2 to 6 of 10" in told(known(share(8, 20, width=0.4), share(30, 300)))
    assert "anything" not in told(known(share(8, 20, width=0.25), share(30, 300)))


@pytest.mark.parametrize(
    ("right", "otherwise", "words"),
    [
        (
            share(4, 12),
            share(30, 300),
            "Here, fewer than 5 of 12 courses with this signal ended clearly worse. W",
        ),
        (
            share(0, 12),
            share(30, 300),
            "Here, fewer than 5 of 12 courses with this signal ended clearly worse. W",
        ),
        (
            share(11, 12),
            share(30, 300),
            "Here, more than 7 of 12 courses with this signal ended clearly worse. W",
        ),
        (share(6, 12), share(4, 300), "Without the signal: fewer than 2 of 100."),
        (share(6, 12), share(4, 20), "Without the signal: fewer than 3 of 10."),
        (share(6, 12), share(299, 300), "Without the signal: more than 98 of 100."),
    ],
)
def test_few_people_are_not_counted_out(right, otherwise, words):
    assert words in told(known(right, otherwise))


@given(
    right=st.integers(0, 60),
    flagged=st.integers(10, 60),
    other=st.integers(0, 400),
    rest=st.integers(10, 400),
)
def test_what_is_told_holds_and_gives_no_small_count_away(right, flagged, other, rest):
    right, other = min(right, flagged), min(other, rest)
    words = told(known(share(right, flagged, width=0.4), share(other, rest)))

    if min(right, flagged - right) < 5:
        # The same words for every count that is too small to be told.
        alike = 1 if right < 5 else flagged - 1
        assert words == told(known(share(alike, flagged, width=0.4), share(other, rest)))
        assert "(" not in words
    if min(other, rest - other) < 5:
        alike = 1 if other < 5 else rest - 1
        assert words == told(known(share(right, flagged, width=0.4), share(alike, rest)))
        kind, count, of = re.search(r"signal: (fewer|more) than (\d+) of (\d+)\.", words).groups()
        assert other / rest < int(count) / int(of) if kind == "fewer" else other / rest > int(count) / int(of)


def test_with_fewer_than_ten_signals_no_number_is_told():
    few, enough = known(share(5, 9), share(30, 300)), known(share(5, 10), share(30, 300))

    assert told(few) == f"It has been given too seldom here to know how often it is right. {ELSEWHERE}"
    assert not is_known(Found("not_on_track", 1, {}), few)
    assert "5 of 10 courses" in told(enough)
    assert is_known(Found("not_on_track", 1, {}), enough)


def test_where_all_courses_have_the_signal_there_is_nothing_to_compare_with():
    assert "Without" not in told(known(share(18, 42), share(0, 0)))


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (
            LocalAccuracy(reason=TOO_FEW),
            "Too few courses have ended here to know how often it is right: 0 so far.",
        ),
        (
            LocalAccuracy(4, 3, TOO_FEW),
            "Too few courses have ended here to know how often it is right: fewer than 5 ",
        ),
        (
            LocalAccuracy(30, 29, TOO_FEW),
            "Too few courses have ended here to know how often it is right: 29 so far.",
        ),
        (LocalAccuracy(reason=NOT_YET), "How often it is right here has not been worked out yet."),
        (LocalAccuracy(50, 40, CANNOT), "How often it is right here cannot be worked out."),
    ],
)
def test_where_it_is_not_known_the_reason_is_told(accuracy, words):
    assert told(accuracy).startswith(words)
    assert told(accuracy).endswith(ELSEWHERE)
    # That figure is about getting worse.
    assert ELSEWHERE not in told(accuracy, "no_change_expected")


@pytest.mark.parametrize("kind", sorted(SIGNALS))
def test_beside_each_signal_stands_how_often_it_is_right(kind):
    words = told(LocalAccuracy(reason=TOO_FEW), kind)

    if kind in {"risk", "missing_measure"}:
        assert words == ""
    elif kind.startswith("alliance"):
        assert words == "How often this kind of signal is right is not known."
    else:
        assert words.startswith("Too few courses have ended here")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "fewer than 1 of 100"),
        (0.004, "fewer than 1 of 100"),
        (0.043, "about 4 of 100"),
        (0.094, "about 9 of 100"),
        (0.096, "about 1 of 10"),
        (0.25, "about 3 of 10"),
        (0.9, "about 9 of 10"),
        (0.96, "more than 9 of 10"),
        (1.0, "more than 9 of 10"),
    ],
)
def test_shares_are_natural_frequencies(value, words):
    assert out_of(value) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nb",
            "Her endte 18 av 42 forløp med dette signalet tydelig verre (omtrent 4 av 10). Uten signalet: ",
        ),
        ("nn", "Her enda 18 av 42 forløp med dette signalet tydeleg verre (om lag 4 av 10). Utan signalet: "),
    ],
)
def test_both_norwegian_languages_have_words_of_their_own(language, words):
    with override(language):
        assert told(known(share(18, 42), share(30, 300))).startswith(words)
