"""Which courses leave: pooling without loss, what withholding costs, and every rule of disclosure."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats.faults import BadScoresError
from medvirk.stats.federation import (
    SMALLEST_CELL,
    NothingToReleaseError,
    Rare,
    Reason,
    reason_to_withhold,
    select,
    would_reveal,
)
from medvirk.stats.growth import Norms, fit
from medvirk.stats.growth.timescale import TimeScale

RANGE = {"low": 0.0, "high": 50.0}
FIFTEEN = (60, 80, 100, 100, 120, 150, 150, 200, 200, 250, 300, 400, 500, 800, 1200)


def norms_of(*cohorts):
    return sum(Norms.from_scores(person=c.person, t=np.log1p(c.time), score=c.score) for c in cohorts)


def parameters(model):
    return np.array([*model.beta, model.G[0, 0], model.G[0, 1], model.G[1, 1], model.sigma2])


def many(scores):
    """Courses of one pattern from a table of scores, one row per course."""
    table = np.asarray(scores, dtype=float)
    people, times = table.shape
    return {
        "person": np.repeat(np.arange(people), times),
        "time": np.tile(np.arange(times), people),
        "score": table.ravel(),
    }


def reason(scores, *, low=0.0, high=50.0):
    rows = many(scores)
    norms = Norms.from_scores(person=rows["person"], t=np.log1p(rows["time"]), score=rows["score"])
    return reason_to_withhold(norms.patterns[0], low=low, high=high)


# what pooling keeps, and what withholding costs


@pytest.mark.parametrize("rare", list(Rare))
def test_fifteen_municipalities_pooled_are_the_fit_on_all_their_data(municipality, rare):
    """No pattern is withheld: everybody was measured at all of 3, 5 or 8 sessions, in each municipality."""
    cohorts = [
        municipality(40, seed=100 * number + sessions, sessions=sessions, missed=0, ends=0)
        for number in range(15)
        for sessions in (3, 5, 8)
    ]
    chosen = [select(**each._asdict(), **RANGE, rare=rare) for each in cohorts]

    pooled, complete = fit(sum(each.norms for each in chosen)), fit(norms_of(*cohorts))

    assert [each.withheld for each in chosen] == [(0, 0, 0)] * 45
    assert (pooled.persons, pooled.scores) == (complete.persons, complete.scores) == (1800, 9600)
    assert parameters(pooled) == pytest.approx(parameters(complete), rel=1e-8)
    assert pooled.loglik == pytest.approx(complete.loglik, rel=1e-8)


def test_what_withholding_and_trimming_cost(municipality):
    """Figures of docs/norms.md: fifteen municipalities of 60 to 1,200 courses with missed sessions and drop-out."""
    cohorts = [municipality(people, seed) for seed, people in enumerate(FIFTEEN)]
    complete = fit(norms_of(*cohorts))
    cost = {}
    for rare in Rare:
        chosen = [select(**each._asdict(), **RANGE, rare=rare) for each in cohorts]
        model = fit(sum(each.norms for each in chosen if each.norms))
        courses, scores, _patterns = np.sum([each.withheld for each in chosen], axis=0)
        print(
            rare, courses, scores, complete.persons, complete.scores, parameters(model), parameters(complete)
        )
        cost[rare] = (
            courses / complete.persons,
            scores / complete.scores,
            parameters(model) - parameters(complete),
        )
    courses, scores, moved = cost[Rare.WITHHOLD]
    assert 0.20 < courses < 0.40
    assert 0.35 < scores < 0.55
    assert abs(moved[2]) > 2  # the spread of the first score is off
    courses, scores, moved = cost[Rare.TRIM]
    assert courses == 0
    assert 0.05 < scores < 0.20
    # A tenth of a standard error of measurement in level and pace, and under 5 % in the variances.
    assert np.abs(moved[:2]).max() < 0.1
    assert np.abs(moved[[2, 4, 5]] / parameters(complete)[[2, 4, 5]]).max() < 0.05


def test_only_first_sessions_are_the_sums_of_shorter_courses(municipality):
    courses = municipality(400, 5)
    early = courses.time < 3

    chosen = select(**courses._asdict(), **RANGE, first_sessions=3)

    cut = Norms.from_scores(
        person=courses.person[early], t=np.log1p(courses.time[early]), score=courses.score[early]
    )
    assert chosen.withheld.courses == 0
    assert chosen.norms.to_dict() == cut.to_dict()
    assert chosen.withheld.scores == (~early).sum()


def test_a_rare_course_is_trimmed_to_the_longest_beginning_that_may_leave():
    rng = np.random.default_rng(3)
    common = many(rng.uniform(10, 40, size=(12, 3)))
    rare = {"person": np.full(4, 99), "time": np.array([0, 1, 2, 5]), "score": np.array([11.0, 12, 13, 14])}
    rows = {key: np.concatenate((common[key], rare[key])) for key in common}

    trimmed, withheld = (select(**rows, **RANGE, rare=rule) for rule in Rare)

    assert [(pattern.persons, len(pattern.times)) for pattern in trimmed.norms.patterns] == [(13, 3)]
    assert (trimmed.withheld, trimmed.given) == ((0, 1, 1), (13, 40, 2))
    assert 99 in trimmed.people
    assert [pattern.persons for pattern in withheld.norms.patterns] == [12]
    assert withheld.withheld == (1, 4, 1)
    assert 99 not in withheld.people


def test_trimmed_courses_make_up_a_pattern_together():
    """Ten courses, no two alike after the second session: none may leave whole, all leave with two sessions."""
    rng = np.random.default_rng(4)
    person = np.repeat(np.arange(10), 3)
    time = np.column_stack((np.zeros(10), np.ones(10), np.arange(2, 12))).ravel()

    chosen = select(person=person, time=time, score=rng.uniform(5, 45, 30), **RANGE)

    assert [(pattern.persons, len(pattern.times)) for pattern in chosen.norms.patterns] == [(10, 2)]


# what must not leave


@given(st.integers(0, 2**32 - 1), st.sampled_from(list(Rare)))
def test_every_released_pattern_keeps_the_rules_and_everybody_counts_once(seed, rare):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 5, size=rng.integers(1, 60))
    time = np.concatenate(
        [np.append(0, 1 + np.sort(rng.choice(4, size=m - 1, replace=False))) for m in lengths]
    )
    person = np.repeat(np.arange(lengths.size), lengths)
    score = np.clip(np.rint(rng.normal(rng.uniform(0, 50), rng.uniform(0, 15), time.size) * 2) / 2, 0, 50)

    try:
        chosen = select(person=person, time=time, score=score, **RANGE, rare=rare)
    except NothingToReleaseError:
        assert np.unique(score).size < 20
        return
    if chosen.norms is None:
        assert chosen.people.size == 0
        return
    assert chosen.norms.persons == chosen.people.size == np.unique(chosen.people).size
    assert chosen.norms.count.min() >= SMALLEST_CELL
    assert all(reason_to_withhold(pattern, **RANGE) is None for pattern in chosen.norms.patterns)
    assert chosen.given.courses == chosen.people.size + chosen.withheld.courses
    assert chosen.given.scores == chosen.norms.scores + chosen.withheld.scores


def test_nine_people_stay_at_home_and_ten_leave():
    scores = np.linspace(5, 45, 10)[:, None]

    assert reason(scores) is None
    assert reason(scores[:9]) is Reason.FEW


ONE_SCORE = np.linspace(10, 40, 10)[:, None]
SPREAD = np.random.default_rng(1).uniform(10, 40, size=(12, 3))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param(np.full((10, 1), 23.0), Reason.ALIKE, id="all the same"),
        pytest.param(np.full((10, 1), 50.0), Reason.ALIKE, id="all at the ceiling"),
        pytest.param(23 + 0.9 * np.tile([-1.0, 1.0], 5)[:, None], Reason.ALIKE, id="nearly the same"),
        pytest.param(np.hstack((ONE_SCORE, ONE_SCORE)), Reason.ALIKE, id="nobody changed"),
        pytest.param(np.hstack((ONE_SCORE, ONE_SCORE + 7)), Reason.ALIKE, id="everybody changed alike"),
        pytest.param(
            np.hstack((ONE_SCORE, np.full((10, 1), 50.0))), Reason.ALIKE, id="all ended at the ceiling"
        ),
        pytest.param(SPREAD.mean(axis=1, keepdims=True) * np.ones((1, 3)), Reason.ALIKE, id="flat courses"),
        pytest.param(np.repeat([0.0, 50.0], 5)[:, None], Reason.ENDS, id="half at each end"),
        pytest.param(
            np.repeat([[0.0, 50.0], [50.0, 0.0], [0.0, 0.0]], 5, axis=0), Reason.ENDS, id="ends only"
        ),
        pytest.param(
            np.hstack((np.linspace(10, 40, 12)[:, None], np.tile([0.0, 50.0], 6)[:, None])),
            Reason.ENDS,
            id="ended at one of the ends",
        ),
        pytest.param(np.append(np.zeros(9), 30.0)[:, None], Reason.DOMINATED, id="one above the floor"),
        pytest.param(
            np.append(np.full(9, 50.0), 20.0)[:, None], Reason.DOMINATED, id="one below the ceiling"
        ),
        pytest.param(
            np.column_stack((np.linspace(10, 40, 10), np.append(np.zeros(9), 35.0))),
            Reason.DOMINATED,
            id="one above the floor at the end",
        ),
        pytest.param(ONE_SCORE, None, id="different people"),
        pytest.param(SPREAD, None, id="different courses"),
    ],
)
def test_sums_that_give_people_away_are_withheld(scores, expected):
    assert reason(scores) is expected


@given(st.floats(-100, 100), st.floats(0.1, 20))
def test_the_rules_do_not_depend_on_where_the_scale_lies(shift, factor):
    for scores in (SPREAD, ONE_SCORE, np.append(np.zeros(9), 30.0)[:, None], np.full((10, 2), 50.0)):
        assert reason(shift + factor * scores, low=shift, high=shift + 50 * factor) is reason(scores)


@given(st.integers(0, 2**32 - 1))
def test_pooling_what_may_leave_gives_what_may_leave(seed):
    rng = np.random.default_rng(seed)
    tables = [
        np.clip(rng.normal(rng.uniform(5, 45), rng.uniform(2, 15), size=(11, 2)), 0, 50) for _ in range(2)
    ]
    if any(reason(table) is not None for table in tables):
        return

    assert reason(np.vstack(tables)) is None


def test_a_pattern_of_two_workers_stays_at_home():
    rows = many(np.linspace(5, 45, 12)[:, None] + np.random.default_rng(2).uniform(-3, 3, size=(12, 2)))
    worker = np.repeat(np.arange(12) % 2, 2)

    assert select(**rows, **RANGE, clinician=worker).norms is None
    assert select(**rows, **RANGE, clinician=np.repeat(np.arange(12) % 3, 2)).norms.persons == 12


def test_a_scale_of_few_values_is_refused():
    """Seven values: the sums of ten people often leave one possible set of scores."""
    rows = many(np.random.default_rng(2).integers(3, 10, size=(40, 2)))

    with pytest.raises(NothingToReleaseError, match="only 7 different values"):
        select(**rows, low=3, high=9)


def test_weeks_are_released_in_whole_weeks():
    weeks = TimeScale("weeks", "identity")

    chosen = select(**many(SPREAD), **RANGE, time_scale=weeks)

    assert chosen.norms.time_scale == weeks
    assert chosen.norms.patterns[0].times == (0.0, 1.0, 2.0)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"score": np.append(ONE_SCORE.ravel()[:9], 51)},
            "outside the scale from 0 to 50, the first 51 at position 9",
        ),
        ({"time": np.append(np.zeros(9), 0.5)}, "not a whole number"),
        ({"time": np.append(np.zeros(9), 1)}, "must begin at 0"),
        ({"time": np.append(np.zeros(9), np.nan)}, "missing or infinite"),
        ({"score": np.append(ONE_SCORE.ravel()[:9], np.inf)}, "missing or infinite"),
        ({"person": np.zeros(10)}, "share person and time"),
        ({"person": [], "time": [], "score": []}, "no scores"),
        ({"low": 50.0}, "the lower one first"),
        ({"first_sessions": 1}, "at least 2"),
    ],
)
def test_bad_rows_are_named(changes, fault):
    rows = {"person": np.arange(10), "time": np.zeros(10), "score": ONE_SCORE.ravel(), **RANGE}

    with pytest.raises(BadScoresError, match=fault):
        select(**(rows | changes))


def test_too_few_people_leave_nothing():
    chosen = select(**many(ONE_SCORE[:4]), **RANGE)

    assert (chosen.norms, chosen.people.size, chosen.withheld.courses) == (None, 0, 4)


# two releases


def pattern_norms(scores):
    rows = many(scores)
    return Norms.from_scores(person=rows["person"], t=np.log1p(rows["time"]), score=rows["score"])


BIG = np.random.default_rng(8).uniform(10, 40, size=(40, 3))


@pytest.mark.parametrize(
    ("new", "part"),
    [
        (BIG, None),
        (BIG[:22], None),  # eighteen fewer, who differ
        (BIG[:39], "they differ by 1 of 39 courses"),
        (np.vstack((BIG, BIG[:9] + 1)), "they differ by 9 of 49 courses"),
        (np.vstack((BIG[:39], BIG[:1] + 1)), "a few people's scores"),
        (np.vstack((BIG, np.full((12, 3), 50.0))), "of the 12 courses between them, its people are so alike"),
        (BIG[:, :2], None),  # other patterns
    ],
)
def test_what_two_releases_would_reveal(new, part):
    told = would_reveal(pattern_norms(BIG), pattern_norms(new), **RANGE)

    assert len(told) == (part is not None)
    if part is not None:
        assert part in told[0]
    back = would_reveal(pattern_norms(new), pattern_norms(BIG), **RANGE)
    assert len(back) == len(told)
