"""Scoring against examples worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from medvirk.instruments.definitions import (
    AlertKind,
    Condition,
    Confidence,
    CutOff,
    Format,
    Item,
    Method,
    in_language,
)
from medvirk.instruments.loader import get
from medvirk.instruments.logic import (
    MissingReason,
    NoWording,
    ScoringFault,
    ValueProblem,
    alerts,
    allowed_answers,
    askable,
    band_for,
    cutoff_for,
    score,
    score_table,
)


def answers(*values: float | None) -> dict[str, float | None]:
    return {f"q{number}": value for number, value in enumerate(values, start=1)}


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("phq-9", (3, 2, 1, 0, 1, 2, 3, 0, 0), 12),
        ("gad-7", (1, 1, 2, 2, 3, 3, 0), 12),
        # Items 2 and 3 turned round: 4 + (4-0) + (4-1) + 0*7 = 11.
        ("core-10", (4, 0, 1, 0, 0, 0, 0, 0, 0, 0), 11),
        # All answered 0: the four turned items give 3 each.
        ("ces-d", (0,) * 20, 12),
        ("ors", (2.5, 3.1, 0.2, 9.9), 15.7),
        ("life-now", (0, 10, 5.5, 2, 7.3), 24.8),
        ("recovery", (0, 1, 2, 3, 4, 0, 1, 2, 3, 4), 2),
        ("citizenship", (4, 4, 4, 4, 4, 4, 0, 0, 0, 0, 0, 1), 25 / 12),
    ],
)
def test_hand_made_examples(key, values, expected):
    found = score(get(key), answers(*values))["total"]

    assert found.value == pytest.approx(expected, abs=1e-8)
    assert (found.missing_reason, found.missing) == (None, ())
    assert (found.answered, found.of) == (len(values), len(values))


def test_prorating_lets_the_answered_items_stand_for_the_missing_ones():
    found = score(get("phq-9"), answers(3, 2, 1, 0, 1, 2, 3, None, None))["total"]

    assert found.value == pytest.approx(12 * 9 / 7)
    assert (found.answered, found.of, found.missing) == (7, 9, ("q8", "q9"))


def test_a_turned_item_is_prorated_after_turning():
    found = score(get("core-10"), answers(4, 0, 1, 0, 0, 0, 0, 0, 0, None))["total"]

    assert found.value == pytest.approx(11 * 10 / 9)


def test_a_mean_with_missing_answers_is_the_mean_of_the_others():
    found = score(get("recovery"), answers(4, 4, 4, 4, 0, 0, 0, 0, None, None))["total"]

    assert found.value == 2


@pytest.mark.parametrize(
    ("key", "values", "reason", "missing"),
    [
        ("life-now", (1, 2, 3, 4, None), MissingReason.NOT_ALL_ANSWERED, ("q5",)),
        ("life-now", (None,) * 5, MissingReason.NOTHING_ANSWERED, ("q1", "q2", "q3", "q4", "q5")),
        ("phq-9", (1, 1, 1, 1, 1, 1, None, None, None), MissingReason.TOO_FEW_ANSWERED, ("q7", "q8", "q9")),
        ("phq-9", (None,) * 9, MissingReason.NOTHING_ANSWERED, tuple(f"q{n}" for n in range(1, 10))),
    ],
)
def test_a_missing_score_says_why_and_is_never_0(key, values, reason, missing):
    found = score(get(key), answers(*values))["total"]

    assert found.value is None
    assert found.missing_reason is reason
    assert found.missing == missing
    assert found.band is None


def test_an_absent_item_is_unanswered():
    found = score(get("life-now"), {"q1": 3})["total"]

    assert (found.value, found.answered) == (None, 1)


def test_a_scale_may_weigh_and_multiply():
    instrument = get("gad-7")
    scale = replace(
        instrument.scale("total"),
        items=("q1", "q2", "q3"),
        method=Method.WEIGHTED,
        weights=(1, 2, 5),
        multiply=4,
        missing_allowed=1,
    )
    instrument = replace(instrument, scales=(scale,))

    assert score(instrument, answers(1, 2, 3))["total"].value == 4 * (1 + 4 + 15)
    assert score(instrument, answers(1, 2))["total"].value == pytest.approx(4 * (1 + 4) * 8 / 3)


def test_nothing_is_scored_without_a_scale():
    assert score(get("safety"), {"q1": 2}) == {}


def test_all_impossible_answers_are_listed():
    values = {"q1": 4, "q2": -1, "q3": "often", "q4": math.nan, "q5": 1.5, "q6": 2, "q99": 1}

    with pytest.raises(ScoringFault) as caught:
        score(get("phq-9"), values)

    assert [(fault.item, fault.problem) for fault in caught.value.faults] == [
        ("q1", ValueProblem.OUTSIDE),
        ("q2", ValueProblem.OUTSIDE),
        ("q3", ValueProblem.NOT_A_NUMBER),
        ("q4", ValueProblem.NOT_A_NUMBER),
        ("q5", ValueProblem.OUTSIDE),
        ("q99", ValueProblem.UNKNOWN_ITEM),
    ]
    assert str(caught.value).splitlines()[0] == "item q1: 4 is not a possible answer; allowed is 0, 1, 2, 3."
    assert "there is no such item; the items are q1, q2" in str(caught.value)


def test_text_items_take_text_only():
    safety = get("safety")
    instrument = replace(
        safety, items=(Item("words", Format.TEXT), Item("day", Format.YESNO, 0, 1, options=(0, 1)))
    )

    assert score(instrument, {"words": "fine", "day": True}) == {}
    with pytest.raises(ScoringFault, match="item words: 3 must be a text"):
        score(instrument, {"words": 3})
    assert [allowed_answers(item) for item in instrument.items] == ["a text", "0, 1"]


def test_a_mark_on_a_line_may_lie_between_the_steps_of_the_slider():
    life_now = get("life-now")

    assert life_now.item("q1").step == 0.5
    assert score(life_now, answers(3.3, 3.3, 3.3, 3.3, 3.3))["total"].value == 16.5
    with pytest.raises(
        ScoringFault, match=r"item q2: 10.1 is not a possible answer; allowed is a number from 0 to 10"
    ):
        score(life_now, answers(1, 10.1))


@pytest.mark.parametrize(
    ("value", "label"), [(0, "minimal"), (4.9, "minimal"), (5, "mild"), (20, "severe"), (27, "severe")]
)
def test_bands_begin_at_their_start(value, label):
    band = band_for(get("phq-9").scale("total"), value)

    assert band is not None
    assert in_language(band.label, "en") == label


def test_a_score_carries_its_band_and_cutoff():
    found = score(get("phq-9"), answers(3, 3, 3, 3, 3, 0, 0, 0, 0))["total"]

    assert found.band is not None
    assert found.band.start == 15
    assert found.cutoff is not None
    assert found.cutoff.value == 10


def test_no_bands_no_band():
    assert band_for(get("ors").scale("total"), 20) is None


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"sex": "female"}, 12.9),
        ({"sex": "male", "age": 30}, 11.9),
        ({"sex": "male", "age": 17}, None),
        ({"sex": "male", "age": "thirty"}, None),
        ({"sex": "male", "age": 66}, None),
        ({}, None),
    ],
)
def test_a_cutoff_may_depend_on_stated_facts(facts, expected):
    women = CutOff(12.9, True, "made up", Confidence.GUESS, when=(Condition("sex", equals="female"),))
    men = CutOff(
        11.9,
        True,
        "made up",
        Confidence.GUESS,
        when=(Condition("sex", equals="male"), Condition("age", at_least=18, at_most=65)),
    )
    scale = replace(get("core-10").scale("total"), cutoffs=(women, men))
    instrument = replace(get("core-10"), scales=(scale,))

    found = cutoff_for(scale, facts)

    assert (found.value if found else None) == expected
    assert score(instrument, {}, facts)["total"].cutoff == found


def test_alerts_from_the_stated_answer_on():
    phq = get("phq-9")

    assert alerts(phq, {"q9": 0}) == ()
    assert alerts(phq, {"q9": None, "q1": 3}) == ()
    (alert,) = alerts(phq, {"q9": 1})
    assert (alert.item, alert.kind, alert.value) == ("q9", AlertKind.RISK, 1)


def test_an_impossible_risk_answer_is_refused_and_not_passed_over():
    with pytest.raises(ScoringFault):
        alerts(get("phq-9"), {"q9": "1"})


def test_a_table_lists_impossible_values_by_row():
    values = np.array([[0, 1, 2, 3], [0, 11, np.nan, -1], [10, 10, 10, np.inf]])

    with pytest.raises(ScoringFault) as caught:
        score_table(get("ors"), "total", values, ["q1", "q2", "q3", "q4"])

    assert [(fault.row, fault.item, fault.value) for fault in caught.value.faults] == [
        (1, "q2", 11),
        (1, "q4", -1),
        (2, "q4", np.inf),
    ]
    assert "row 1, item q2: 11.0 is not a possible answer" in str(caught.value)


def test_a_table_takes_its_columns_by_name():
    values = np.array([[9, 1, 2, 3, 4], [9, 1, np.nan, 3, 4]])

    found = score_table(get("ors"), "total", values, ["other", "q4", "q3", "q2", "q1"])

    np.testing.assert_array_equal(found, [10, np.nan])


@pytest.mark.parametrize(
    ("shape", "keys", "problem"),
    [
        ((2, 4), ["q1", "q2", "q3"], r"shape \(2, 4\); with 3 items it must be \(n, 3\)"),
        ((4,), ["q1", "q2", "q3", "q4"], r"shape \(4,\)"),
        ((2, 3), ["q1", "q2", "q3"], "columns lack q4"),
        ((2, 5), ["q1", "q2", "q3", "q4", "q4"], "name the same item twice"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(shape, keys, problem):
    with pytest.raises(ValueError, match=problem):
        score_table(get("ors"), "total", np.zeros(shape), keys)


def test_an_empty_table_gives_no_scores():
    assert score_table(get("ors"), "total", np.empty((0, 4)), ["q1", "q2", "q3", "q4"]).shape == (0,)


def test_asking_without_wording_is_refused_with_the_command_to_run():
    with pytest.raises(NoWording) as caught:
        askable(get("phq-9"), "nb")

    assert "medvirk instruments wording phq-9 FILE --language nb" in str(caught.value)


def test_asking_in_another_language_names_those_there_are():
    with pytest.raises(NoWording, match="It has nb, nn, en"):
        askable(get("life-now"), "se")

    assert askable(get("life-now"), "nn").title == "Livet no"


@pytest.mark.parametrize(
    ("texts", "language", "expected"),
    [
        ({"nb": "a", "nn": "b", "en": "c"}, "nn", "b"),
        ({"nb": "a", "en": "c"}, "nn", "a"),
        ({"nn": "b", "en": "c"}, "nb", "b"),
        ({"nb": "a", "en": "c"}, "se", "c"),
        ({"nb": "a"}, "en", "a"),
        ({}, "en", ""),
    ],
)
def test_the_nearest_language(texts, language, expected):
    assert in_language(texts, language) == expected
