"""How often a signal is right: hand-counted courses, courses of known truth, and what must hold for any."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from medvirk import stats
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.signals import (
    PROCESSES,
    BestPossible,
    EndForecast,
    Forecast,
    Outcome,
    RawChange,
    RuleTable,
    SuddenFall,
    difference,
    evaluate,
)
from medvirk.stats.signals.evaluation import clopper_pearson, held_out

RCI = ReliableChange(6, source="made up")
WORSE, STUCK = Outcome.DETERIORATED, Outcome.NOT_IMPROVED


def rows_of(courses):
    """(person, session, score) lists from a list of courses."""
    person = np.repeat(np.arange(len(courses)), [len(each) for each in courses])
    session = np.concatenate([np.arange(len(each)) for each in courses])
    return {"person": person, "session": session, "score": np.concatenate(courses).astype(float)}


def judge(courses, **given):
    options = {"direction": Direction.HIGHER, "rci": RCI, "rule": RawChange(threshold=6.0), "resamples": 100}
    return evaluate(**rows_of(courses), **(options | given))


# Thirty courses counted by hand; a raw change of 6 for the worse raises the flag.
BY_HAND = (
    [[20, 13, 20, 12]] * 4  # flagged at the second, ends worse: found
    + [[20, 20, 13, 12]] * 2  # flagged at the third, ends worse: found later
    + [[20, 20, 20, 12]] * 3  # worse only at the last score: a flag there comes too late
    + [[20, 13, 20, 20]] * 5  # flagged, ends as it began
    + [[20, 21, 22, 30]] * 10  # reliably better
    + [[20, 20, 20]] * 6  # unchanged, with three scores
)


def test_counts_by_hand():
    found = judge(BY_HAND)
    second, third = found.by(2), found.by(3)
    assert (second.flagged_courses.count, second.flagged_courses.of) == (9, 30)
    assert (third.flagged_courses.count, third.flagged_courses.of) == (11, 30)
    at_second, at_third = second.accuracy[WORSE], third.accuracy[WORSE]
    assert (at_second.sensitivity.count, at_second.sensitivity.of) == (4, 9)
    assert (at_third.sensitivity.count, at_third.sensitivity.of) == (6, 9)
    assert (at_third.specificity.count, at_third.specificity.of) == (16, 21)
    assert (at_third.ppv.count, at_third.ppv.of) == (6, 11)
    assert (at_third.npv.count, at_third.npv.of) == (16, 19)
    assert at_third.base_rate.value == 9 / 30
    # Of the scores at the third measurement, those with three scores have no later one.
    assert (third.flagged_sessions.count, third.flagged_sessions.of) == (2, 24)
    assert (third.right[WORSE].count, third.right[WORSE].of) == (2, 2)
    stuck = third.accuracy[STUCK]
    assert (stuck.sensitivity.count, stuck.sensitivity.of) == (11, 20)
    assert found.whole == third
    assert found.chosen_for is None


def test_a_flag_at_the_last_score_counts_for_nothing():
    late = judge([[20, 20, 12]] * 30)
    assert late.whole.flagged_courses.count == 0
    assert late.whole.accuracy[WORSE].sensitivity.value == 0


def test_courses_with_fewer_than_three_scores_are_counted_and_not_judged():
    found = judge([*BY_HAND, [20, 5], [20]])
    assert (found.courses, found.judged) == (32, 30)
    with_them, without = found.by(3), judge(BY_HAND).by(3)
    for name in ("base_rate", "sensitivity", "specificity", "ppv", "npv"):
        one, other = (getattr(row.accuracy[WORSE], name) for row in (with_them, without))
        assert (one.count, one.of) == (other.count, other.of)


def test_the_threshold_keeps_the_burden_and_ties_stay_together():
    found = judge(BY_HAND, burden=0.20, by=3)
    # 4 courses lie 7 points down at the second measurement, so do 5 others and 2 at the third: all or none.
    assert found.by(3).flagged_courses.count == 0
    assert found.threshold == np.inf
    looser = judge(BY_HAND, burden=0.40, by=3)
    assert looser.threshold == 7
    assert looser.by(3).flagged_courses.value == pytest.approx(11 / 30)


def test_nothing_to_divide_by_is_said_and_not_filled_in():
    found = judge([[20, 20, 21]] * 30)
    accuracy = found.whole.accuracy[WORSE]
    assert accuracy.sensitivity.value is None
    assert accuracy.ppv.value is None
    assert accuracy.sensitivity.low is None
    assert accuracy.base_rate.value == 0
    # The rule of three: 0 of 30 is compatible with nearly one in eight.
    assert accuracy.base_rate.high == pytest.approx(1 - 0.025 ** (1 / 30))


def test_clopper_pearson_as_published():
    # 10 of 20 and 0 of 10: Clopper & Pearson 1934, and any table since.
    assert clopper_pearson(10, 20) == pytest.approx((0.2720, 0.7280), abs=5e-5)
    assert clopper_pearson(0, 10) == pytest.approx((0.0, 0.3085), abs=5e-5)


def simulated(name="log_growth", persons=600, seed=3):
    cohort = PROCESSES[name].draw(persons, seed)
    return cohort, {
        "person": cohort.who,
        "session": np.expm1(cohort.rows.t),
        "score": cohort.rows.score,
        "rci": cohort.rci,
    }


@pytest.mark.parametrize(
    "rule", ["forecast_deteriorated", "forecast_not_improved", "rule_table", "sudden_fall"]
)
def test_the_other_way_round_it_is_the_same(rule):
    _, given_rows = simulated()
    one = evaluate(**given_rows, direction=Direction.HIGHER, rule=rule, resamples=100)
    given_rows["score"] = 40 - given_rows["score"]
    other = evaluate(**given_rows, direction=Direction.LOWER, rule=rule, resamples=100)
    assert other.whole.flagged_courses.count == pytest.approx(one.whole.flagged_courses.count, abs=1)
    assert other.threshold == pytest.approx(one.threshold, abs=1e-6)


def test_the_order_of_the_rows_and_the_names_of_people_do_not_matter():
    _, given_rows = simulated(persons=200)
    one = evaluate(**given_rows, direction=Direction.HIGHER, rule="rule_table", resamples=100)
    shuffled = np.random.default_rng(0).permutation(given_rows["score"].size)
    mixed = {key: value[shuffled] for key, value in given_rows.items() if key != "rci"}
    mixed["person"] = np.array([f"p{each:05d}" for each in mixed["person"]])
    other = evaluate(
        **mixed, rci=given_rows["rci"], direction=Direction.HIGHER, rule="rule_table", resamples=100
    )
    assert one.sessions == other.sessions


def test_no_score_after_a_flag_can_change_it():
    """A rule that looks ahead would be right far too often."""
    cohort, _ = simulated(persons=300)
    early = cohort.number <= 3
    for rule in (Forecast(WORSE), Forecast(STUCK), RuleTable(), RawChange(), SuddenFall()):
        worry = rule.learn(cohort)
        changed = cohort.rows.score.copy()
        changed[cohort.number > 3] = 17.0
        other = replace(cohort, rows=cohort.rows._replace(score=changed))
        assert np.allclose(worry(cohort)[early], worry(other)[early], rtol=1e-9, atol=1e-12)


def test_nobody_is_judged_by_what_was_learnt_from_them():
    """A rule that remembers the people it learnt from must know nobody among the held-out ones."""
    cohort, _ = simulated(persons=60)

    @dataclass(frozen=True)
    class Remembers:
        name: str = "remembers"
        threshold: float | None = 0.5

        def learn(self, learnt):
            known = {tuple(each) for each in learnt.rows.score[learnt.rows.start].reshape(-1, 1)}
            return lambda others: np.array([float((first,) in known) for first in others.first])[others.who]

    firsts = np.arange(60) + 0.5
    score = cohort.rows.score.copy()
    score[cohort.rows.start] = firsts
    alone = replace(cohort, rows=cohort.rows._replace(score=score))
    assert held_out(alone, Remembers(), folds=5, seed=1).max() == 0


def test_the_chance_of_an_ending_is_calibrated_on_others():
    """Of scores with a chance of about p, about p end so; learnt from one half, looked at in the other."""
    cohort = PROCESSES["log_growth"].draw(6000, seed=11)
    half = np.arange(6000) < 3000
    forecast = EndForecast.learnt_from(cohort.of(half))
    others = cohort.of(~half)
    judged = (others.number == 3) & others.later
    for outcome in Outcome:
        chance = forecast.outcome(others, outcome)[judged]
        ended = others.ended(outcome)[others.who[judged]]
        for low, high in ((0, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1)):
            within = (chance >= low) & (chance < high)
            if within.sum() >= 100:
                error = np.sqrt(chance[within].mean() * (1 - chance[within].mean()) / within.sum())
                assert abs(ended[within].mean() - chance[within].mean()) < 4 * error


def test_the_forecast_for_one_person_is_the_one_for_many_and_survives_storage():
    cohort = PROCESSES["linear"].draw(200, seed=2)
    forecast = EndForecast.from_dict(EndForecast.learnt_from(cohort).to_dict())
    many = {outcome: forecast.outcome(cohort, outcome) for outcome in Outcome}
    for person in (0, 17, 130):
        rows = np.flatnonzero(cohort.who == person)[:2]
        one = forecast.one(
            cohort.rows.t[rows], cohort.rows.score[rows], direction=cohort.direction, rci=cohort.rci
        )
        assert one == {outcome: pytest.approx(values[rows[-1]]) for outcome, values in many.items()}


def test_there_is_no_chance_of_what_the_scale_leaves_no_room_for():
    cohort = PROCESSES["linear"].draw(200, seed=2)
    forecast = EndForecast.learnt_from(cohort)
    ends = {"rci": cohort.rci, "low": 0.0, "high": 40.0}
    up, down = ({"direction": way, **ends} for way in (Direction.HIGHER, Direction.LOWER))
    assert forecast.one([0, 0.7], [5, 1], **up)[WORSE] == 0
    assert forecast.one([0, 0.7], [5, 1], **up)[STUCK] < 1
    assert forecast.one([0, 0.7], [36, 38], **up)[STUCK] == 1
    assert forecast.one([0, 0.7], [36, 38], **down)[WORSE] == 0
    assert forecast.one([0, 0.7], [5, 1], **down)[STUCK] == 1
    assert forecast.one([0, 0.7], [9, 5], **up)[WORSE] > 0


def test_many_without_room_to_improve_do_not_silence_the_rule():
    _, given_rows = simulated("ceiling", persons=1000)
    options = {"direction": Direction.HIGHER, "low": 0, "high": 40, "burden": 0.20, "resamples": 100}
    found = evaluate(**given_rows, **options, rule="forecast_not_improved")
    assert found.by(3).flagged_courses.value == pytest.approx(0.20, abs=0.01)


@pytest.mark.parametrize("y", [[20.0, np.nan], [20.0, np.inf]])
def test_a_forecast_for_one_person_takes_scores_in_order(y):
    forecast = EndForecast.learnt_from(PROCESSES["linear"].draw(100, seed=2))
    for t, scores in (([0.0, 0.7], y), ([0.7, 0.0], [20, 21]), ([0.0, 0.0], [20, 21]), ([], [])):
        with pytest.raises(BadScoresError):
            forecast.one(t, scores, direction=Direction.HIGHER, rci=RCI)


def test_an_outcome_may_be_named_and_no_other():
    cohort = PROCESSES["linear"].draw(100, seed=2)
    assert np.array_equal(cohort.ended("deteriorated"), cohort.ended(WORSE))
    with pytest.raises(BadScoresError, match="one of"):
        cohort.ended("happy")


def test_a_stored_forecast_that_is_none_is_refused():
    with pytest.raises(BadScoresError, match="format"):
        EndForecast.from_dict({"format": "other"})
    whole = EndForecast.learnt_from(PROCESSES["linear"].draw(100, seed=2)).to_dict()
    with pytest.raises(BadScoresError, match="ends"):
        EndForecast.from_dict(whole | {"ends": [[1.0]]})


def test_the_best_possible_is_near_the_exact_forecast_where_that_is_known():
    """On log growth the forecast with the true parameters is the best rule, but for rounding."""
    cohort = PROCESSES["log_growth"].draw(3000, seed=5)
    best = BestPossible("log_growth").learn(cohort)(cohort)
    exact = EndForecast.learnt_from(PROCESSES["log_growth"].draw(20_000, seed=6)).outcome(cohort, WORSE)
    judged = np.isfinite(best)
    assert np.corrcoef(best[judged], exact[judged])[0, 1] > 0.98
    assert best[judged].mean() == pytest.approx(exact[judged].mean(), abs=0.01)


@pytest.fixture(scope="module")
def at_equal_burden():
    """Each process: our forecast, the rule table and raw change at 20 % of courses flagged by the third measurement."""

    def of(name):
        _, given_rows = simulated(name, persons=3000, seed=1)
        options = {
            "direction": Direction.HIGHER,
            "burden": 0.20,
            "by": 3,
            "resamples": 100,
            "low": 0,
            "high": 40,
        }
        return {
            rule: evaluate(**given_rows, **options, rule=rule)
            for rule in ("forecast_deteriorated", "rule_table", "raw_change")
        }

    return {name: of(name) for name in PROCESSES}


@pytest.mark.parametrize("name", PROCESSES)
def test_the_forecast_finds_no_fewer_than_the_baselines(at_equal_burden, name):
    found = at_equal_burden[name]
    for baseline in ("rule_table", "raw_change"):
        gap = difference(found["forecast_deteriorated"], found[baseline], WORSE, by=3)
        assert gap.high >= 0
        # An interval can be wide; a loss of more than a twentieth would be one that somebody notices.
        assert gap.value > -0.05
    assert found["forecast_deteriorated"].by(3).flagged_courses.value <= 0.20


def test_on_log_growth_it_finds_four_of_five(at_equal_burden):
    found = at_equal_burden["log_growth"]
    assert found["forecast_deteriorated"].by(3).accuracy[WORSE].sensitivity.value >= 0.80
    gap = difference(found["forecast_deteriorated"], found["rule_table"], WORSE, by=3)
    assert gap.low > 0


def test_differences_need_the_same_courses(at_equal_burden):
    with pytest.raises(BadScoresError, match="other"):
        difference(at_equal_burden["linear"]["raw_change"], at_equal_burden["sudden"]["raw_change"], WORSE)


def test_the_trade_off_goes_through_the_chosen_point(at_equal_burden):
    found = at_equal_burden["linear"]["forecast_deteriorated"]
    burden, sensitivity = found.trade_off(WORSE, by=3)
    chosen = found.by(3)
    at = np.searchsorted(burden, chosen.flagged_courses.value)
    assert burden[at] == pytest.approx(chosen.flagged_courses.value)
    assert sensitivity[at] == pytest.approx(chosen.accuracy[WORSE].sensitivity.value)
    assert (np.diff(sensitivity) >= 0).all()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"rule": "tarot"}, BadScoresError, "Choose one of"),
        ({"burden": 1.0}, BadScoresError, "burden"),
        ({"by": 1}, BadScoresError, "by is 1"),
        ({"seed": -1}, BadScoresError, "seed"),
        ({"folds": 10**12}, BadScoresError, "folds"),
        ({"low": float("nan")}, BadScoresError, "scale"),
        ({"folds": 1}, BadScoresError, "folds"),
        ({"resamples": 10}, BadScoresError, "resamples"),
        ({"low": 15.0}, BadScoresError, "off the scale"),
    ],
)
def test_bad_arguments_are_named(change, error, words):
    with pytest.raises(error, match=words):
        judge(BY_HAND, **change)


@pytest.mark.parametrize(
    ("courses", "error", "words"),
    [
        ([[20, 20, 20]] * 29, CannotEstimateError, "found 29 of 29"),
        ([[20, 20]] * 40, CannotEstimateError, "found 0 of 40"),
        ([[20.0, np.nan, 20]] * 40, BadScoresError, "missing"),
        ([[20.0, np.inf, 20]] * 40, BadScoresError, "infinite"),
    ],
)
def test_bad_courses_are_named(courses, error, words):
    with pytest.raises(error, match=words):
        judge(courses)


def test_all_faults_at_once_and_duplicates():
    rows = rows_of(BY_HAND)
    rows["session"] = np.zeros(rows["session"].size)
    with pytest.raises(BadScoresError) as raised:
        evaluate(**rows, direction=Direction.HIGHER, rci=RCI, burden=2.0)
    assert len(raised.value.faults) == 2


def test_no_rows_at_all():
    with pytest.raises(BadScoresError, match="no scores"):
        evaluate(person=[], session=[], score=[], direction=Direction.HIGHER, rci=RCI)


def test_constant_scores_cannot_be_forecast():
    with pytest.raises(CannotEstimateError, match="equal"):
        judge([[20, 20, 20, 20]] * 40, rule="forecast_deteriorated")


@settings(max_examples=20)
@drawn(
    st.lists(st.lists(st.integers(0, 40), min_size=3, max_size=6), min_size=30, max_size=40),
    st.integers(1, 20),
)
def test_shares_are_shares(courses, threshold):
    found = judge(courses, rule=RawChange(threshold=float(threshold)))
    for row in found.sessions:
        accuracy = row.accuracy[WORSE]
        flagged = accuracy.ppv.of
        assert flagged + accuracy.npv.of == len(courses)
        assert accuracy.sensitivity.count == accuracy.ppv.count
        for share in (row.flagged_courses, accuracy.specificity, accuracy.npv):
            if share.value is not None and share.low is not None:
                assert 0 <= share.low <= share.high <= 1


def test_from_a_notebook():
    assert stats.signals.evaluate is evaluate
