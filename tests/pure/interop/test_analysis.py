import math

import numpy as np
import pytest

from medvirk.interop.analysis.logic import analyse
from medvirk.interop.analysis.numbers import as_json
from medvirk.interop.analysis.times import transformed
from medvirk.interop.scores.options import Options, Origin, settle
from medvirk.interop.scores.reading import read_scores
from medvirk.stats.change import Category

PLAIN = {"person": "id", "time": "t", "score": "y", "direction": "lower", "score_range": "0,60", "rci": "9"}
# One person of each kind: recovered, improved, unchanged, deteriorated, one score, no score.
ROWS = [
    ["rec", 0, 30.0], ["rec", 1, 22.0], ["rec", 2, 10.0],
    ["imp", 0, 50.0], ["imp", 1, None], ["imp", 2, 41.0],
    ["same", 0, 20.0], ["same", 1, 15.0],
    ["worse", 0, None], ["worse", 1, 10.0], ["worse", 2, 19.0],
    ["one", 0, 40.0],
    ["none", 0, None],
]  # fmt: skip


def analysed(table, **options):
    plan = settle(Options(**{**PLAIN, **options}), table.columns)
    return analyse(read_scores(table, plan), plan)


def test_everyone_is_in_exactly_one_category(make_table):
    analysis = analysed(make_table("id t y", *ROWS), cutoff="16")

    assert analysis.change.counts == {
        Category.RECOVERED: 1,
        Category.IMPROVED: 1,
        Category.UNCHANGED: 1,
        Category.DETERIORATED: 1,
    }
    assert analysis.change.not_assessable == 2
    assert sum(analysis.change.counts.values()) + analysis.change.not_assessable == analysis.persons == 6


def test_counts_and_means_of_first_and_last(make_table):
    analysis = analysed(make_table("id t y", *ROWS))

    assert (analysis.rows, analysis.scored) == (13, 10)
    assert analysis.missing_share == pytest.approx(3 / 13)
    assert (analysis.first.n, analysis.first.mean) == (5, 30.0)
    assert (analysis.last.n, analysis.last.mean) == (4, 21.25)
    assert (analysis.first_of_pairs.n, analysis.first_of_pairs.mean) == (4, 27.5)
    assert analysis.with_two == 4


def test_the_effect_uses_those_with_two_scores_and_is_positive_when_better(make_table):
    analysis = analysed(make_table("id t y", *ROWS))

    sd = np.std([30, 50, 20, 10], ddof=1)
    assert analysis.effect.n == 4
    assert analysis.effect.d == pytest.approx((27.5 - 21.25) / sd)


def test_without_a_cutoff_nobody_can_be_counted_as_recovered(make_table):
    analysis = analysed(make_table("id t y", *ROWS))

    assert analysis.change.counts[Category.RECOVERED] is None
    assert analysis.change.counts[Category.IMPROVED] == 2
    assert as_json(analysis, file_name="f", seconds=0.1)["change"]["counts"]["recovered"] is None


def test_what_cannot_be_estimated_is_none_with_a_reason(make_table):
    analysis = analysed(make_table("id t y", ["a", 0, 30.0], ["b", 0, 20.0]))

    numbers = as_json(analysis, file_name="f", seconds=0.1)

    assert numbers["growth"] is None
    assert numbers["growth_reason"]
    assert numbers["effect"] is None
    assert "at least 3 people" in numbers["effect_reason"]
    assert numbers["last"] == {"n": 0, "mean": None, "sd": None}
    assert numbers["change"]["not_assessable"] == 2


def test_the_files_own_sd_and_alpha_give_a_reliable_change_that_is_labelled_so(make_table):
    rows = [["a", 0, 3, 4], ["a", 1, 1, 1], ["b", 0, 5, 5], ["c", 0, 1, 2], ["d", 0, 2, 2]]
    analysis = analysed(make_table("id t p q", *rows), score=None, items="p,q", rci=None, score_range="0,10")

    first = np.array([[3, 4], [5, 5], [1, 2], [2, 2]])
    alpha = 2 * (1 - first.var(axis=0, ddof=1).sum() / first.sum(axis=1).var(ddof=1))
    sd = first.sum(axis=1).std(ddof=1)
    assert analysis.change.rci_origin is Origin.OWN_DATA
    assert analysis.alpha == pytest.approx(alpha)
    assert analysis.change.rci.value == pytest.approx(1.959964 * math.sqrt(2) * sd * math.sqrt(1 - alpha))


def test_when_the_files_own_scores_give_no_reliable_change_it_asks_for_one(make_table):
    rows = [["a", 0, 3, 1], ["b", 0, 1, 3], ["b", 1, 1, 1]]

    analysis = analysed(make_table("id t p q", *rows), score=None, items="p,q", rci=None, score_range="0,10")

    assert analysis.change.rci is None
    assert analysis.change.reason is not None
    assert "first scores cannot say how large a reliable change is" in str(analysis.change.reason)
    assert "Give --rci X" in str(analysis.change.reason)


@pytest.mark.parametrize(
    ("transform", "expected"),
    [("log1p", [0, math.log(3)]), ("none", [0, 2]), ("log", [0, math.log(3)])],
)
def test_how_time_enters_the_expected_course(make_table, transform, expected):
    table = make_table("id t y", ["a", 1, 30.0], ["a", 3, 20.0])
    plan = settle(Options(**PLAIN, transform=transform), table.columns)
    scores = read_scores(table, plan)

    assert transformed(scores, plan.transform) == pytest.approx(expected)


def test_many_points_in_time_are_counted_by_measurement_number(make_table):
    rows = [["a", week, 10.0 + week] for week in range(20)] + [["b", 0.5, 12.0]]
    analysis = analysed(make_table("id t y", *rows))

    assert analysis.by_number
    assert [at.place for at in analysis.at_times] == list(range(1, 13))
    assert (analysis.at_times[0].rows, analysis.at_times[0].scores.mean) == (2, 11.0)
