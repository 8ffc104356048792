"""What `medvirk signals evaluate` says: like against like, sentences that can be read, no more than a screen."""

import os
from dataclasses import replace
from functools import partial

import pytest
from click.testing import CliRunner
from django.utils import translation

from medvirk.interop.signals import words
from medvirk.interop.signals.asked import Asked
from medvirk.interop.signals.command import signals
from medvirk.interop.signals.logic import counted, drawn, foretold, judge
from medvirk.stats.signals import BestPossible, Outcome, Share

SCREEN = 40


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    # The truth itself is tested in the science room; fewer simulated courses do here.
    fewer = partial(BestPossible, simulated=20_000)
    monkeypatch.setattr("medvirk.interop.signals.logic.BestPossible", fewer)
    with translation.override("en"):
        yield


def judged(*rules, people=200):
    given = drawn("linear", people, 0)
    return judge(given, counted(given), Asked(rules=rules, process="linear", people=people))


def run(*arguments):
    result = CliRunner().invoke(signals, ["evaluate", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout.replace("\u00a0", " ").replace("\u2060", "")


def test_rules_are_compared_only_on_the_ending_that_both_foretell():
    found = judged("forecast_deteriorated", "forecast_not_improved", "raw_change", "no_change_expected")

    compared = [(each.outcome, each.ours.name, each.other.name) for each in found.compared]
    worse, stuck = Outcome.DETERIORATED, Outcome.NOT_IMPROVED
    assert compared == [
        (worse, "forecast_deteriorated", "raw_change"),
        (worse, "forecast_deteriorated", "best_possible_deteriorated"),
        (stuck, "forecast_not_improved", "no_change_expected"),
        (stuck, "forecast_not_improved", "best_possible_not_improved"),
    ]


def test_the_rule_of_no_improvement_alone_is_compared_with_the_best_of_that_ending():
    found = judged("forecast_not_improved")

    (compared,) = found.compared
    assert (compared.outcome, compared.other.name) == (Outcome.NOT_IMPROVED, "best_possible_not_improved")
    assert found.main_outcome() is Outcome.NOT_IMPROVED
    said = " ".join(words.summary(found))
    assert "Best possible (no improvement)" in said
    assert "Best possible (worse)" not in said
    # The truth can hardly be beaten, and is not far away from a good rule either.
    assert abs(compared.difference.value) < 0.1


def test_without_a_forecast_of_an_ending_nothing_is_compared():
    assert judged("raw_change", "sudden_fall").compared == ()


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("no_change_expected", Outcome.NOT_IMPROVED),
        ("forecast_not_improved", Outcome.NOT_IMPROVED),
        ("best_possible_not_improved", Outcome.NOT_IMPROVED),
        ("best_possible_deteriorated", Outcome.DETERIORATED),
        ("sudden_fall", Outcome.DETERIORATED),
    ],
)
def test_what_each_rule_foretells(name, outcome):
    assert foretold(name) is outcome


@pytest.mark.parametrize(
    ("count", "of", "said"),
    [
        (0, 18, "None of the 18 people flagged ended reliably worse: 0 of 18, 0.0%"),
        (18, 18, "All of the 18 people flagged ended reliably worse: 18 of 18, 100.0%"),
        (3, 60, "Of the 60 people flagged, 3 ended reliably worse and 57 did not: 3 of 60, 5.0%"),
        (57, 60, "Of the 60 people flagged, 57 ended reliably worse and 3 did not: 57 of 60, 95.0%"),
        (15, 60, "Of 10 people flagged, about 3 ended reliably worse and 7 did not: 15 of 60, 25.0%"),
        (12, 400, "Of 100 people flagged, about 3 ended reliably worse and 97 did not: 12 of 400, 3.0%"),
    ],
)
def test_of_ten_or_a_hundred_people_only_where_ten_ended_either_way(count, of, said):
    share = Share(count, of, count / of, None, None)

    found = words._right(share, count / of, Outcome.DETERIORATED).replace("\u00a0", " ")

    assert found == f"{said}."


@pytest.fixture
def few(tmp_path):
    """64 courses of which 4 ended reliably worse."""
    courses = [[20, 21, 19, 30]] * 30 + [[20, 18, 22, 21]] * 30 + [[20, 15, 12, 5]] * 4
    rows = [f"{who},{at},{score}" for who, course in enumerate(courses) for at, score in enumerate(course)]
    table = tmp_path / "few.csv"
    table.write_text("\n".join(["id,session,score", *rows]) + "\n")
    columns = "--person id --time session --score score --direction higher --range 0,40 --rci 8"
    return [table, *columns.split(), "--rule", "raw_change"]


@pytest.mark.parametrize(
    ("language", "said", "never"),
    [
        ("en", "4 of 4 (too few for a percentage)", "it flagged cannot be estimated"),
        ("nb", "4 av 4 (for få til en prosent)", "fikk kan ikke anslås"),
        ("nn", "4 av 4 (for få til ein prosent)", "fekk kan ikkje bli anslått"),
    ],
)
def test_a_share_of_too_few_is_counts_inside_a_sentence(few, language, said, never):
    told = " ".join(run(*few, "--details", "--language", language).split())

    assert said in told
    assert never not in told


@pytest.mark.parametrize("language", ["en", "nb", "nn"])
def test_what_is_printed_fits_a_screen_and_says_where_the_rest_is(language):
    usual = run("--simulate", "linear", "--people", 300, "--language", language).splitlines()
    details = run("--simulate", "linear", "--people", 300, "--language", language, "--details").splitlines()

    assert len(usual) <= SCREEN < len(details)
    assert "--details" in usual[-1]
    assert "--out" in usual[-1]


def test_the_table_has_the_measurement_asked_for_and_the_whole_course(few):
    rows = [
        line.split()[0]
        for line in run(*few, "--by", 2, "--language", "en").splitlines()
        if line.startswith("  ")
    ]

    # At the burden and at the rule's own threshold.
    assert rows == ["2", "3"] * 2


def test_with_a_page_it_is_said_where_it_is(few, tmp_path):
    told = run(*few, "--out", tmp_path / "report", "--language", "en")

    page = tmp_path / "report" / "signals.html"
    assert os.fspath(page) in told
    assert page.exists()


def test_as_many_found_is_not_said_to_be_more():
    found = judged("forecast_not_improved")
    (compared,) = found.compared
    equal = replace(compared, difference=replace(compared.difference, value=0.0004))
    more = replace(compared, difference=replace(compared.difference, value=0.0006))

    assert "found as many as" in words.difference_words(equal)
    assert "found 0.1 percentage points more than" in words.difference_words(more)
