"""Too few people, or scores that do not differ: counts and a reason in words, never a percentage of a handful."""

import html
import json
import re

import pytest
from click.testing import CliRunner

from medvirk.interop.commands import analyse
from medvirk.interop.reports.figures import rate, rate_with_interval

MEASURE = ["--person", "id", "--time", "t", "--score", "y", "--direction", "lower", "--range", "0,60"]
JUDGED = [*MEASURE, "--sd", "10", "--reliability", "0.9", "--cutoff", "16"]
SHARE = re.compile(r"\d\s?%")
# The cautions cite a published cohort and the method names 95 % intervals and 80 % bands: not of these people.
GENERAL = re.compile(r"\b(48|58|95|80) ?%")
ONE = [[30, 10]]
SIX = [[30 + who, 28 + who % 3, 30 + who - 8 * (who % 3)] for who in range(6)]


@pytest.fixture
def told(tmp_path):
    """The printed summary, the page without styles and pictures' code, and the numbers, of these courses."""

    def run(courses, *more, language="en"):
        rows = [f"p{who};{at};{y}" for who, course in enumerate(courses) for at, y in enumerate(course)]
        table = tmp_path / "few.csv"
        table.write_text("\n".join(["id;t;y", *rows]) + "\n", encoding="utf-8")
        given = [str(table), *JUDGED, "--language", language, *more]
        printed = CliRunner().invoke(analyse, given)
        written = CliRunner().invoke(analyse, [*given, "--json", "--out", str(tmp_path / "out")])
        assert (printed.exit_code, written.exit_code) == (0, 0), printed.output + written.output
        page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        page = re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
        return plain(printed.stdout), plain(html.unescape(page)), json.loads(written.stdout)

    return run


def plain(text):
    return " ".join(text.replace("\u00a0", " ").replace("\u2060", "").split())


@pytest.mark.parametrize("courses", [ONE, SIX], ids=["one person", "six people"])
@pytest.mark.parametrize("language", ["en", "nb", "nn"])
def test_no_percentage_is_made_of_fewer_than_ten_people(told, courses, language):
    printed, page, numbers = told(courses, language=language)

    for text in (printed, page):
        assert not SHARE.search(GENERAL.sub("", text))
    for three in numbers["three_ways"]["shares"].values():
        for way in ("complete_case", "last_observation_carried_forward", "growth_model"):
            assert (three[way]["value"], three[way]["ci95"]) == (None, None)
            assert three[way]["reason"]
    assert numbers["methods"]["shares"] == []
    assert numbers["methods"]["reason"] == (
        "Fewer than 10 people have two scores, so no percentage is made of them."
    )


def test_the_counts_stay_and_it_is_said_why_there_is_no_percentage(told):
    printed, page, numbers = told(SIX)

    for text in (printed, page):
        assert "2 of 6 became clearly better, 4 of 6 had no clear change and 0 of 6 became" in text
        assert "2 of 6 of those with both; 2 of 6 of everyone if each stays at the last score" in text
        assert "A percentage is made of 10 people or more. Of fewer only the counts are given" in text
    better = numbers["three_ways"]["shares"]["reliable_improvement"]["complete_case"]
    assert (better["numerator"], better["n"]) == (2, 6)


def test_ten_people_get_their_percentage(told):
    printed, page, numbers = told([[30, 10]] * 4 + [[31, 30]] * 6)

    assert "4 of 10 (40.0%) became clearly better" in printed
    assert "4 of 10 (40.0%) became clearly better" in page
    assert "Of fewer only the counts are given" not in printed
    assert numbers["three_ways"]["shares"]["reliable_improvement"]["complete_case"]["value"] == 0.4


def test_what_one_person_cannot_tell_is_said_in_words(told):
    printed, page, _ = told(ONE)

    for text in (printed, page):
        assert "of 1 person." in text
        assert (
            "The effect size cannot be estimated: it takes at least 3 people with two scores, found 1."
            in text
        )
        assert (
            "The expected course cannot be estimated: it takes at least 3 people with scores, found 1."
            in text
        )
        assert "For the other 0" not in text


def test_what_constant_scores_cannot_tell_is_said_in_words(told):
    printed, page, numbers = told([[20, 20, 20]] * 12)

    assert (numbers["effect"], numbers["growth"]) == (None, None)
    for text in (printed, page):
        assert "The effect size cannot be estimated: all scores are equal. Check the column." in text
        assert "The expected course cannot be estimated: all scores are equal. Check the column." in text


def test_any_other_reason_is_told_in_the_words_of_the_calculation(told):
    # Everyone starts alike, so there is no spread to divide by, though the scores differ.
    printed, page, numbers = told([[20, 15 + who] for who in range(12)])

    assert numbers["effect"] is None
    for text in (printed, page):
        assert (
            "The effect size cannot be estimated. In the words of the calculation: Effect size: all first"
            in text
        )


def test_where_nobody_has_two_scores_it_is_said(told):
    printed, _, _ = told([[20], [25], [30]])

    assert "Nobody has two scores, so no change can be told." in printed


def test_a_rate_has_its_share_from_ten_on():
    from medvirk.interop.command_line import set_up

    set_up()
    from django.utils import translation

    with translation.override("en"):
        assert (rate(9, 9), rate(10, 10)) == ("9 of 9", "10 of 10 (100.0%)")
        assert (rate(3, 18, people=6), rate(3, 18, people=10)) == ("3 of 18", "3 of 18 (16.7%)")
        assert plain(rate_with_interval(1, 9, 0.1, 0.2)) == "1 of 9"
        assert plain(rate_with_interval(1, 10, 0.1, 0.2)) == "1 of 10, 10.0% (10.0–20.0)"
