"""Codes on paper, and what two typings say."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from medvirk.answers.logic import Asked
from medvirk.answers.paper.codes import LENGTH, SIGNS, in_threes, new_code, read_code
from medvirk.answers.paper.reading import MISSED, differences, read_typing, says_nothing, values_of
from medvirk.instruments.loader import get

ASKED = [Asked(get("life-now"), "nb"), Asked(get("safety"), "nb")]
FULL = {f"life-now.q{number}": "7" for number in range(1, 6)} | {"safety.q1": "0"}


def test_a_code_is_read_however_it_is_typed():
    code = new_code()

    assert read_code(in_threes(code).lower()) == code
    assert read_code(f" {code[:2]} {code[2:]} ") == code


@given(st.integers(0, 10**6), st.integers(0, LENGTH - 1), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_never_another_code(seed, place, sign):
    random.seed(seed)
    code = new_code()
    wrong = code[:place] + sign + code[place + 1 :]

    assert (read_code(wrong) is None) == (wrong != code)


@given(st.integers(0, LENGTH - 3))
def test_two_neighbours_that_changed_places_are_never_another_code(place):
    code = new_code()
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert (read_code(wrong) is None) == (wrong != code)


def test_what_is_no_code_is_none():
    assert [read_code(each) for each in ("", "ABC", "O00000", "ABCDEFG", "ABC DE!")] == [None] * 5


def test_a_dash_says_that_there_is_no_answer_and_an_empty_box_that_it_was_passed_by():
    typed, faults = read_typing(ASKED, FULL | {"life-now.q1": "–", "life-now.q2": ""}, texts=True)

    assert typed["life-now.q1"] == ""
    assert faults == {"life-now.q2": MISSED}


def test_what_cannot_be_answered_is_found_at_once():
    _, faults = read_typing(ASKED, FULL | {"life-now.q3": "11", "safety.q1": "x"}, texts=True)

    assert faults == {"life-now.q3": "outside", "safety.q1": "not_a_number"}


def test_the_same_number_written_in_two_ways_is_no_difference():
    first, _ = read_typing(ASKED, FULL | {"life-now.q1": "7,0"}, texts=True)
    second, _ = read_typing(ASKED, FULL | {"life-now.q2": "8"}, texts=False)

    assert differences(first, second) == ["life-now.q2"]


def test_values_are_those_of_any_other_way_of_answering():
    typed, _ = read_typing(ASKED, FULL | {"life-now.q1": "-"}, texts=True)

    [(life, values), (_, safety)] = values_of(ASKED, typed)

    assert life.instrument.key == "life-now"
    assert values == {f"q{number}": 7.0 for number in range(2, 6)}
    assert safety == {"q1": 0.0}


def test_a_paper_without_anything_on_it_is_none():
    nothing, _ = read_typing(ASKED, dict.fromkeys(FULL, "-"), texts=True)

    assert says_nothing(ASKED, nothing, "")
    assert not says_nothing(ASKED, nothing, "Takk")
