"""Level and pace by group: sums per group, the dense likelihood, and what cannot be told apart."""

import json

import numpy as np
import pytest

from medvirk.stats.growth import (
    BadNormsError,
    BadScoresError,
    CannotEstimateError,
    GroupedNorms,
    Norms,
    fit,
    fit_groups,
)


def rows(people=90, seed=11):
    """Three departments × two kinds of help; one to six sessions."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 7, size=people)
    person = np.repeat(np.arange(people), lengths)
    department = rng.choice(["east", "north", "west"], people)[person]
    kind = rng.choice(["group", "talk"], people)[person]
    t = np.log1p(np.concatenate([np.arange(float(m)) for m in lengths]))
    own = rng.normal(size=(people, 2)) * [6, 2] + [20, 3]
    score = own[person, 0] + 3 * (department == "north") + (own[person, 1] + 2 * (kind == "talk")) * t
    score = score + rng.normal(scale=3, size=t.size)
    return {"person": person, "t": t, "score": score, "groups": {"department": department, "help": kind}}


def dense_loglik(given, model, terms):
    """Generalised least squares with one covariance matrix per person: REML log-likelihood, β and its covariance."""
    t, y, groups = given["t"], given["score"], given["groups"]
    columns = [
        (t if term.on == "pace" else np.ones_like(t))
        * (groups[term.factor] == term.value if term.factor else 1.0)
        for term in terms
    ]
    design, p = np.column_stack(columns), len(columns)
    log_dets, xx, xy, yy = 0.0, np.zeros((p, p)), np.zeros(p), 0.0
    for person in np.unique(given["person"]):
        own = given["person"] == person
        X, Z = design[own], np.column_stack((np.ones(own.sum()), t[own]))
        V = Z @ model.G @ Z.T + model.sigma2 * np.eye(own.sum())
        log_dets += np.linalg.slogdet(V)[1]
        xx += X.T @ np.linalg.solve(V, X)
        xy += X.T @ np.linalg.solve(V, y[own])
        yy += y[own] @ np.linalg.solve(V, y[own])
    beta = np.linalg.solve(xx, xy)
    constant = (t.size - p) * np.log(2 * np.pi)
    return (
        -(constant + log_dets + np.linalg.slogdet(xx)[1] + yy - xy @ beta) / 2,
        beta,
        np.linalg.inv(xx),
    )


@pytest.mark.parametrize(
    "design",
    [
        {},
        {"reference": {"department": "west", "help": "talk"}},
        {"level": ["department"], "pace": ["help"]},
        {"level": [], "pace": ["department"]},
        {"level": [], "pace": []},
    ],
)
def test_the_fit_is_generalised_least_squares_on_the_rows(design):
    given = rows()

    model = fit_groups(GroupedNorms.from_scores(**given), **design)

    loglik, beta, covariance = dense_loglik(given, model, model.terms)
    assert model.converged
    assert model.beta == pytest.approx(beta, rel=1e-7)
    assert pytest.approx(covariance, rel=1e-6, abs=1e-9) == model.beta_cov
    assert model.loglik == pytest.approx(loglik, abs=1e-8)


def test_the_reference_is_the_first_value_unless_named():
    norms = GroupedNorms.from_scores(**rows())

    plain = fit_groups(norms)
    other = fit_groups(norms, reference={"department": "west"})

    assert plain.names[:4] == (
        "level",
        "level, department = north",
        "level, department = west",
        "level, help = talk",
    )
    assert other.levels["department"] == ("west", "east", "north")
    assert other.loglik == pytest.approx(plain.loglik, abs=1e-7)
    group = {"department": "north", "help": "group"}
    assert other.for_group(group).beta == pytest.approx(plain.for_group(group).beta, rel=1e-6)
    assert other.for_group(group).se == pytest.approx(plain.for_group(group).se, rel=1e-6)


def test_without_acting_factors_it_is_the_plain_model():
    given = rows()
    plain = fit(Norms.from_scores(person=given["person"], t=given["t"], score=given["score"]))

    model = fit_groups(GroupedNorms.from_scores(**given), level=[], pace=[])

    assert model.loglik == pytest.approx(plain.loglik, abs=1e-9)
    assert model.for_group({"department": "east", "help": "talk"}).beta == pytest.approx(plain.beta, rel=1e-8)
    assert model.variance_cov == pytest.approx(plain.variance_cov, rel=1e-4)


def test_combined_groups_have_a_level_and_pace_each():
    given = rows()
    norms = GroupedNorms.from_scores(**given)

    model = fit_groups(norms.combined())

    assert len(model.beta) == 12
    assert model.levels["department × help"][0] == "east × group"
    loglik, *_ = dense_loglik(
        given
        | {
            "groups": {"department × help": np.char.add(np.char.add(*_parts(given)), given["groups"]["help"])}
        },
        model,
        model.terms,
    )
    assert model.loglik == pytest.approx(loglik, abs=1e-8)


def _parts(given):
    return given["groups"]["department"], np.full(given["t"].size, " × ")


def test_sums_of_groups_add_and_pool():
    given, other = rows(), rows(people=40, seed=12)
    both = {
        name: np.concatenate((given[name], other[name] + (1000 if name == "person" else 0)))
        for name in ("person", "t", "score")
    }
    groups = {
        name: np.concatenate((given["groups"][name], other["groups"][name])) for name in given["groups"]
    }
    joined = GroupedNorms.from_scores(**both, groups=groups)

    # The factors in another order are the same factors.
    turned = other | {"groups": dict(reversed(other["groups"].items()))}
    added = sum([GroupedNorms.from_scores(**given), GroupedNorms.from_scores(**turned)])

    assert added.factors == joined.factors
    assert (added.persons, added.scores) == (joined.persons, joined.scores) == (130, both["t"].size)
    assert fit_groups(added).loglik == pytest.approx(fit_groups(joined).loglik, abs=1e-8)
    assert fit(added.pooled()).loglik == pytest.approx(fit(Norms.from_scores(**both)).loglik, abs=1e-8)
    assert added.by("help").levels("help") == ("group", "talk")
    assert fit_groups(added.by("help")).loglik == pytest.approx(
        fit_groups(joined, level=["help"], pace=["help"]).loglik, abs=1e-8
    )


def test_stored_groups_come_back_as_they_were():
    norms = GroupedNorms.from_scores(**rows())

    found = GroupedNorms.from_dict(json.loads(json.dumps(norms.to_dict())))

    assert found.to_dict() == norms.to_dict()
    assert fit_groups(found).loglik == pytest.approx(fit_groups(norms).loglik, abs=1e-9)


def stored():
    return GroupedNorms.from_scores(**rows()).to_dict()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "not a table of grouped norms"),
        ({"format": "medvirk-norms-1"}, "not a table of grouped norms"),
        (stored() | {"factors": "department"}, '"factors" must be a list of names'),
        (stored() | {"groups": ["x"]}, 'Group 1: it must be an object with "values"'),
        (stored() | {"groups": []}, "There is no group"),
        (stored() | {"factors": ["department"]}, "must have one value"),
        (
            stored() | {"groups": [{"values": ["a", "b"], "norms": {}}]},
            "Group 1: This is not a table of norms",
        ),
    ],
)
def test_stored_groups_that_cannot_be_are_refused(wrong, message):
    with pytest.raises(BadNormsError, match=message):
        GroupedNorms.from_dict(wrong)


def test_only_norms_by_the_same_factors_are_added():
    norms = GroupedNorms.from_scores(**rows())

    with pytest.raises(BadNormsError, match="grouped by department, help and by help"):
        norms + norms.by("help")
    with pytest.raises(TypeError):
        norms + norms.pooled()


def test_a_factor_that_always_goes_with_another_is_named():
    given = rows()
    given["groups"]["building"] = np.where(given["groups"]["department"] == "west", "new", "old")

    with pytest.raises(CannotEstimateError) as raised:
        fit_groups(GroupedNorms.from_scores(**given))

    assert len(raised.value.faults) == 2
    told = " ".join(raised.value.faults)
    assert "building = old" in told
    assert "it cannot be told from" in told
    assert "help" not in told


def test_a_group_without_a_later_score_is_named():
    given = rows()
    kept = (given["groups"]["department"] != "north") | (given["t"] == 0)
    cut = {name: given[name][kept] for name in ("person", "t", "score")}
    groups = {"department": given["groups"]["department"][kept]}
    norms = GroupedNorms.from_scores(**cut, groups=groups)

    with pytest.raises(
        CannotEstimateError, match="“pace, department = north” cannot be estimated: no score tells"
    ):
        fit_groups(norms)
    assert fit_groups(norms, pace=[]).converged


def test_as_many_effects_as_people_are_refused():
    given = rows(people=5)
    given["groups"] = {"own": given["person"].astype(str)}

    with pytest.raises(CannotEstimateError, match="needs at least 7 people, found 5"):
        fit_groups(GroupedNorms.from_scores(**given))


def test_unknown_factors_and_values_are_named_at_once():
    norms = GroupedNorms.from_scores(**rows())

    with pytest.raises(BadNormsError) as raised:
        fit_groups(norms, reference={"help": "pills", "town": "x"}, level=["street"])
    assert len(raised.value.faults) == 3
    with pytest.raises(BadScoresError) as raised:
        fit_groups(norms).for_group({"help": "pills", "town": "x"})
    assert len(raised.value.faults) == 3


def test_every_bad_row_is_named_at_its_place_in_the_whole():
    given = rows()
    given["score"][-1] = np.nan

    with pytest.raises(BadScoresError, match=f"the first at position {given['t'].size - 1}"):
        GroupedNorms.from_scores(**given)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({}, "name at least one factor"),
        ({"help": ["a", "a"]}, "must have one value per score"),
        ({"help": ["a", None, "b"]}, "help is missing in 1 of 3 rows, the first at position 1"),
        ({"help": [1.0, 1.0, np.nan]}, "help is missing in 1 of 3 rows, the first at position 2"),
        ({"help": ["a", "", "b"]}, "help is missing in 1 of 3 rows, the first at position 1"),
        ({"help": ["a", "b", "b"]}, "help changes within 1 of 2 people, the first being 7"),
    ],
)
def test_bad_groups_are_refused(groups, message):
    with pytest.raises(BadScoresError, match=message):
        GroupedNorms.from_scores(person=[7, 7, 8], t=[0, 1, 0], score=[1, 2, 3], groups=groups)


def test_lists_of_unequal_length_are_refused():
    with pytest.raises(BadScoresError, match="three lists of equal length"):
        GroupedNorms.from_scores(person=[1, 2], t=[0], score=[1, 2], groups={"help": ["a", "b"]})
    with pytest.raises(BadScoresError, match="There are no scores"):
        GroupedNorms.from_scores(person=[], t=[], score=[], groups={"help": []})
