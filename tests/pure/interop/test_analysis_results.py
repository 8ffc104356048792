"""The result three ways, by every method and by group, against the science room called directly and by hand."""

import json
import math
import re

import numpy as np
import pytest
from click.testing import CliRunner
from django.utils import translation

from medvirk.interop.analysis.logic import analyse
from medvirk.interop.analysis.method import method
from medvirk.interop.analysis.numbers import as_json
from medvirk.interop.analysis.three_ways import End
from medvirk.interop.analysis.words import summary
from medvirk.interop.commands import analyse as command
from medvirk.interop.scores.options import Options, settle
from medvirk.interop.scores.reading import read_scores
from medvirk.stats import outcomes
from medvirk.stats.change import Category, Direction, Method, ReliableChange, compare
from medvirk.stats.growth import GroupedNorms, TimeScale, TimeTransform, TimeUnit, fit_groups
from medvirk.stats.outcomes import FinishedCourses, Outcome, Series
from medvirk.tables import TableFaults

PLAIN = {"person": "id", "time": "t", "score": "y", "direction": "lower", "score_range": "0,60", "rci": "9"}
HELP = {
    "person": "ID", "time": "TIME", "score": "CES_D", "direction": "lower", "score_range": "0,60",
    "cutoff": "16", "sd": "12.45", "reliability": "0.85",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def analysed(table, **options):
    plan = settle(Options(**{**PLAIN, **options}), table.columns)
    return analyse(read_scores(table, plan), plan)


def faults_of(columns: str, **options) -> list[str]:
    with pytest.raises(TableFaults) as caught:
        settle(Options(**{**PLAIN, **options}), columns.split())
    return [str(fault) for fault in caught.value.faults]


# Planned at 0, 1, 2: better and there, unchanged and there, better and gone, unchanged and gone, never back, worse.
ROWS = [
    ["a", 0, 40.0], ["a", 1, 30.0], ["a", 2, 10.0],
    ["b", 0, 30.0], ["b", 1, 31.0], ["b", 2, 28.0],
    ["c", 0, 40.0], ["c", 1, 20.0],
    ["d", 0, 20.0], ["d", 1, 21.0], ["d", 2, None],
    ["e", 0, 30.0],
    ["f", 0, 10.0], ["f", 1, 15.0], ["f", 2, 25.0],
]  # fmt: skip
TWICE = ROWS + [[f"{who}2", time, score] for who, time, score in ROWS]


def test_complete_case_and_carried_forward_count_as_by_hand(make_table):
    found = analysed(make_table("id t y", *ROWS)).three_ways

    better, same, worse = (
        found.shares[outcome]
        for outcome in (Outcome.RELIABLE_IMPROVEMENT, Outcome.UNCHANGED, Outcome.RELIABLE_DETERIORATION)
    )
    assert found.end == End(2.0, 0.0, given=False, later=0)
    assert (better.complete_case.numerator, better.complete_case.n) == (1, 3)
    assert (better.locf.numerator, better.locf.n) == (2, 6)
    assert (same.locf.numerator, worse.locf.numerator) == (3, 1)
    assert better.complete_case.missing == pytest.approx(0.5)
    assert found.without_end == (3, 6)
    # Six people: counts, and no share; twelve of the same kind have one.
    assert better.complete_case.value is better.locf.value is better.growth_model.value is None
    of_twelve = analysed(make_table("id t y", *TWICE)).three_ways.shares[Outcome.RELIABLE_IMPROVEMENT]
    assert of_twelve.complete_case.value is None
    assert of_twelve.locf.value == pytest.approx(4 / 12)
    assert 1 / 6 <= of_twelve.growth_model.value <= 4 / 6
    assert Outcome.RELIABLE_RECOVERY not in found.shares


def test_a_real_trial_three_ways_is_what_the_science_room_says(help_csv, help_data):
    done = CliRunner().invoke(command, [str(help_csv), *_typed(HELP), "--json"])
    found = json.loads(done.stdout)["three_ways"]
    scored = help_data.dropna(subset=["CES_D"])
    # The folds of chance follow the order of people, which is that of their first rows.
    codes = {person: code for code, person in enumerate(dict.fromkeys(help_data["ID"]))}
    rci = ReliableChange.from_sd(12.45, 0.85)
    measure = outcomes.Measure("CES_D", Direction.LOWER, rci, 16, 0, 60, 1)
    series = Series(measure, scored["ID"].map(codes), np.log1p(scored["TIME"]), scored["CES_D"])
    data = FinishedCourses.of(
        course=range(len(codes)), end=np.full(len(codes), math.log1p(24)), series=[series]
    )
    expected = outcomes.estimate(data, [Outcome.RELIABLE_IMPROVEMENT, Outcome.RELIABLE_RECOVERY])

    assert found["end"] == {"time": 24, "window": 0, "given": False, "later_scores": 0}
    assert found["imputations"] == 50
    for outcome, estimates in expected.items():
        told = found["shares"][outcome.value]
        for key, estimate in (
            ("complete_case", estimates.complete_case),
            ("last_observation_carried_forward", estimates.locf),
            ("growth_model", estimates.growth_model),
        ):
            assert told[key]["value"] == pytest.approx(estimate.value, abs=1e-9)
            assert told[key]["ci95"] == pytest.approx(estimate.interval, abs=1e-9)
    effect = outcomes.estimate_effect(data)
    assert found["effect"]["growth_model"]["value"] == pytest.approx(effect.growth_model.value, abs=1e-9)
    at_end = help_data.query("TIME == 24").dropna(subset=["CES_D"])["ID"].nunique()
    assert found["persons_without_end"] == 470 - at_end


def _typed(options: dict[str, str]) -> list[str]:
    names = {"score_range": "range"}
    return [part for key, value in options.items() for part in (f"--{names.get(key, key)}", value)]


def test_the_end_can_be_given_and_a_score_within_the_window_of_it_counts(make_table):
    rows = [
        ["a", 0, 40.0],
        ["a", 5, 10.0],
        ["b", 0, 30.0],
        ["b", 7, 31.0],
        ["b", 9, 12.0],
        ["c", 0, 30.0],
        ["c", 1, 34.0],
        ["c", 2, 27.0],
        ["c", 3, 30.0],
        ["d", 0, 30.0],
        ["d", 2, 35.0],
        ["d", 4, 28.0],
        ["d", 8, 30.0],
    ]

    exact = analysed(make_table("id t y", *rows), end="8").three_ways
    wide = analysed(make_table("id t y", *rows), end="8", window="1").three_ways
    wider = analysed(make_table("id t y", *rows), end="7", window="2", transform="none").three_ways

    assert (exact.end.later, exact.shares[Outcome.UNCHANGED].complete_case.n) == (1, 1)
    assert (wide.end.later, wide.shares[Outcome.RELIABLE_IMPROVEMENT].complete_case.n) == (0, 2)
    assert wide.shares[Outcome.RELIABLE_IMPROVEMENT].complete_case.numerator == 1
    assert wider.shares[Outcome.RELIABLE_IMPROVEMENT].complete_case.numerator == 2


def test_where_people_end_at_all_kinds_of_times_it_asks_when_the_end_was(make_table):
    rows = [[f"p{who}", time, 20.0 + who] for who in range(8) for time in (0, 1 + who)]
    analysis = analysed(make_table("id t y", *rows))

    assert analysis.three_ways.end is None
    assert any("Give --end X" in sentence for sentence in summary(analysis))
    assert (
        "at too many different times" in as_json(analysis, file_name="f", seconds=0)["three_ways"]["reason"]
    )


def test_an_end_after_the_last_row_says_so(make_table):
    analysis = analysed(make_table("id t y", *ROWS), end="30")

    assert analysis.three_ways.effect is None
    assert (
        "after the last time in the file, 2"
        in as_json(analysis, file_name="f", seconds=0)["three_ways"]["reason"]
    )


def test_without_a_reliable_change_the_effect_is_still_told_three_ways(make_table):
    found = analysed(make_table("id t y", *ROWS), rci=None).three_ways

    first, last = np.array([40.0, 30.0, 10.0]), np.array([10.0, 28.0, 25.0])
    assert found.shares == {}
    assert found.effect.complete_case.value == pytest.approx((first - last).mean() / first.std(ddof=1))


def test_the_methods_of_change_are_those_of_the_science_room(make_table):
    rng = np.random.default_rng(3)
    first = rng.normal(35, 8, 60).round().clip(0, 60)
    last = (first - rng.normal(6, 9, 60)).round().clip(0, 60)
    rows = [
        [f"p{at}", time, pair[time]]
        for at, pair in enumerate(zip(first, last, strict=True))
        for time in (0, 1)
    ]
    analysis = analysed(make_table("id t y", *rows), rci=None, sd="8", reliability="0.8", cutoff="25")

    expected = compare(first, last, direction=Direction.LOWER, reliability=0.8, cutoff=25, resamples=200)
    numbers = as_json(analysis, file_name="f", seconds=0)["methods"]
    for told in numbers["shares"]:
        found = expected[Method(told["method"])]
        assert told["shares"] == {category.value: share for category, share in found.shares.items()}
        assert told["ci95"]["unchanged"] == list(found.intervals[Category.UNCHANGED])
    assert numbers["shares"][0]["method"] == "jacobson-truax"
    assert (numbers["reliability"], numbers["resamples"]) == (0.8, 200)


def test_without_a_reliability_the_methods_are_not_compared_and_it_says_what_to_give(make_table):
    analysis = analysed(make_table("id t y", *ROWS))

    assert analysis.by_method.comparison is None
    assert any("Give --sd X and --reliability R." in told for told in method(analysis))


def grouped_rows(seed: int = 5):
    """Two groups of 40 that differ in pace by 6 points, a small one, and people of none."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(86):
        group = "north" if who < 40 else "south" if who < 80 else "tiny" if who < 83 else None
        level, pace = 40 + rng.normal(0, 5), (-3 if group == "north" else -9) + rng.normal(0, 2)
        for time in range(4):
            score = float(np.clip(level + pace * math.log1p(time) + rng.normal(0, 3), 0, 60).round(1))
            # A value that stands in the first row only is still the person's.
            rows.append([f"p{who}", time, score, group if time == 0 else None])
    return rows


def test_level_and_pace_by_group_are_those_of_the_grouped_model(make_table):
    rows = grouped_rows()
    found = analysed(make_table("id t y g", *rows), groups=("g",)).by_group[0]

    group = {row[0]: row[3] for row in rows if row[3]}
    chosen = [row for row in rows if group.get(row[0]) in {"north", "south"}]
    norms = GroupedNorms.from_scores(
        person=[row[0] for row in chosen],
        t=np.log1p([row[1] for row in chosen]),
        score=[row[2] for row in chosen],
        groups={"g": [group[row[0]] for row in chosen]},
    )
    model = fit_groups(norms, reference={"g": "north"})
    north, south = found.rows
    own = model.for_group({"g": "south"})
    assert (north.value, south.value, south.persons) == ("north", "south", 40)
    assert (south.level.value, south.pace.value) == pytest.approx(tuple(own.beta))
    assert (south.level.se, south.pace.se) == pytest.approx(tuple(own.se))
    difference = dict(zip(model.names, zip(model.beta, model.se, strict=True), strict=True))[
        "pace, g = south"
    ]
    assert (south.more_pace.value, south.more_pace.se) == pytest.approx(difference)
    assert south.more_pace.interval[0] < -6 < south.more_pace.interval[1] < 0
    assert north.more_pace is None


def test_small_groups_and_people_without_one_are_named_and_left_out(make_table):
    analysis = analysed(make_table("id t y g", *grouped_rows()), groups=("g",))

    assert (analysis.by_group[0].too_few, analysis.by_group[0].unstated) == ((("tiny", 3),), 3)
    told = [line.replace("\u00a0", " ") for line in method(analysis)]
    assert "g: too few people, fewer than 10, so left out of the table: tiny (n = 3)." in told
    assert "g: left out of the table because they have no value there: n = 3." in told


def test_one_group_is_no_comparison(make_table):
    rows = [[*row[:3], "all"] for row in grouped_rows()]
    found = analysed(make_table("id t y g", *rows), groups=("g",)).by_group[0]

    assert found.rows == ()
    assert "fewer than two have 10 people" in str(found.reason)


@pytest.mark.parametrize(
    ("unit", "times"), [("days", [0, 61, 92]), ("weeks", [0, 61 / 7, 92 / 7]), ("sessions", [0, 1, 2]),
                        ("months", [0, 61 / 30.4375, 92 / 30.4375])],
)  # fmt: skip
def test_dates_are_counted_in_the_unit_that_was_asked_for(make_table, unit, times):
    rows = [["a", "01.03.2024", 30.0], ["a", "01.05.2024", 20.0], ["a", "01.06.2024", 20.0]]
    plan = settle(Options(**PLAIN, time_unit=unit), ["id", "t", "y"])

    scores = read_scores(make_table("id t y", *rows), plan)

    assert scores.since_first == pytest.approx(times)
    assert scores.unit is TimeUnit(unit)


def _standard_errors(data) -> list[float]:
    """By generalised least squares from the rows, with lme4's variances: (Σ Z'V⁻¹Z)⁻¹ with V = ZGZ' + σ²I."""
    G = np.array([[80.8752, -2.7995], [-2.7995, 8.8508]])
    information = np.zeros((2, 2))
    for _person, rows in data.dropna(subset=["CES_D"]).groupby("ID"):
        Z = np.column_stack((np.ones(len(rows)), np.log1p(rows["TIME"])))
        information += Z.T @ np.linalg.solve(Z @ G @ Z.T + 76.4352 * np.eye(len(rows)), Z)
    return np.sqrt(np.diag(np.linalg.inv(information))).tolist()


def test_the_model_carries_the_unit_and_the_report_says_it(help_csv, help_data, tmp_path):
    done = CliRunner().invoke(
        command,
        [
            str(help_csv),
            *_typed(HELP),
            "--time-unit",
            "months",
            "--out",
            str(tmp_path),
            "--json",
            "--language",
            "en",
        ],
    )
    growth = json.loads(done.stdout)["growth"]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert growth["time_scale"] == TimeScale(TimeUnit.MONTHS, TimeTransform.LOG1P).to_dict()
    assert growth["time_unit"] == "months"
    assert growth["se"] == pytest.approx(_standard_errors(help_data), rel=1e-4)
    assert "Months since the first measurement" in page
    assert "Time is counted in months." in page
    assert "(24 months)" in page
    assert (
        page.index("The same result three ways")
        < page.index("Method and details")
        < page.index("by every method")
    )


def test_unit_end_and_window_are_checked_with_everything_else():
    told = faults_of("id t y", time_unit="years", end="0", window="-1", groups=("place",), transform="log")

    assert len(told) == 5
    assert any("--group: the file has no such column" in fault for fault in told)
    assert any("--time-unit must be one of: sessions, days, weeks, months" in fault for fault in told)
    assert any("--time-unit goes with --transform log1p or none" in fault for fault in told)
    assert any("--end must be above 0" in fault for fault in told)
    assert any("--window must be 0 or above" in fault for fault in told)
    assert "--window belongs to --end" in faults_of("id t y", window="2")[0]
    assert "named for several things" in faults_of("id t y", groups=("y",))[0]


def test_the_three_ways_stand_on_the_first_page_with_words_where_a_number_is_missing(make_table, tmp_path):
    table = tmp_path / "few.csv"
    rows = "\n".join(f"{who};{time};{'' if score is None else score}" for who, time, score in TWICE)
    table.write_text(f"id;t;y\n{rows}\n", encoding="utf-8")

    done = CliRunner().invoke(
        command, [str(table), *_typed(PLAIN), "--out", str(tmp_path), "--language", "en"]
    )

    page = (tmp_path / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ").replace("\u2060", "")
    row = re.search(r'<th scope="row">Clearly better</th>(.*?)</tr>', page)[1]
    assert done.exit_code == 0
    assert "Choose the way before looking at the numbers." in page
    cells = re.findall(r"<td>(.*?)</td>", row)
    assert cells[:3] == ["50.0%", "2 of 6", "4 of 12, 33.3% (13.8–60.9)"]
    assert cells[3].startswith("n = 12, ")
    # Two people with one score each: no effect size, and no model.
    table.write_text("id;t;y\na;0;30\na;1;10\nb;0;20\n", encoding="utf-8")
    CliRunner().invoke(command, [str(table), *_typed(PLAIN), "--out", str(tmp_path), "--language", "en"])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    row = re.search(r'<th scope="row">Effect size d</th>(.*?)</tr>', page)[1]
    assert re.findall(r"<td>(.*?)</td>", row)[1:] == ["cannot be estimated"] * 3
    assert "at least 3 people" in page
