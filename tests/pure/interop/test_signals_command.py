"""`medvirk signals evaluate` from a file to numbers, page and terminal, against the science room called directly."""

import csv
import json
import math
import os
import re
import subprocess
import sys
import warnings
from dataclasses import asdict
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner

from medvirk.interop.signals.asked import Asked
from medvirk.interop.signals.command import signals
from medvirk.interop.signals.logic import counted, drawn, judge
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.signals import PROCESSES, BestPossible, Outcome, RawChange, difference, evaluate
from medvirk.stats.signals import RULES as ALL_RULES

RULES = ("forecast_deteriorated", "rule_table", "raw_change")
RCI = 8.3
COLUMNS = [
    "--person",
    "id",
    "--time",
    "session",
    "--score",
    "score",
    "--direction",
    "higher",
    "--range",
    "0,40",
]


def run(*arguments) -> tuple[int, str, str]:
    result = CliRunner().invoke(signals, ["evaluate", *(str(argument) for argument in arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.stdout, result.stderr


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "session", "score"), *rows])
    return path


@pytest.fixture(scope="module")
def cohort():
    return PROCESSES["log_growth"].draw(250, 4)


@pytest.fixture(scope="module")
def table(cohort, tmp_path_factory):
    """The cohort as a file, rows in no order, with two people who have one and two scores and one row without."""
    rows = [
        (f"p{who:03d}", number, score)
        for who, number, score in zip(cohort.who, cohort.number, cohort.rows.score.tolist(), strict=True)
    ]
    rows += [("one", 1, 20.0), ("two", 1, 20.0), ("two", 2, 12.0), ("two", 3, "")]
    order = np.random.default_rng(0).permutation(len(rows))
    return write(tmp_path_factory.mktemp("signals") / "made.csv", [rows[at] for at in order])


@pytest.fixture(scope="module")
def made(table, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    code, printed, told = run(table, *COLUMNS, "--rci", RCI, "--out", folder, "--language", "en")
    assert code == 0, told
    page = (folder / "signals.html").read_text(encoding="utf-8")
    return json.loads((folder / "signals.json").read_text()), plain(page), plain(printed), folder


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2060", "")


@pytest.fixture(scope="module")
def direct(table):
    """The same file read by hand, and judged by the science room."""
    with table.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["score"]]
    given = {
        "person": [row["id"] for row in rows],
        "session": [float(row["session"]) for row in rows],
        "score": [float(row["score"]) for row in rows],
        "direction": Direction.HIGHER,
        "rci": ReliableChange(RCI, source="test"),
        "low": 0,
        "high": 40,
    }
    return {rule: evaluate(**given, rule=rule, burden=0.2) for rule in RULES} | {
        "own": evaluate(**given, rule=RawChange(threshold=RCI - 1e-9))
    }


def same(found, share):
    expected = asdict(share)
    if share.of < 10:
        expected |= {"value": None, "low": None, "high": None}
    return {key: found[key] for key in expected} == expected


def test_the_numbers_are_those_of_the_science_room_called_directly(made, direct):
    numbers = made[0]
    at_burden = [rule for rule in numbers["rules"] if rule["threshold_from"] == "burden"]

    assert [rule["rule"] for rule in at_burden] == list(RULES)
    for rule in at_burden:
        judged = direct[rule["rule"]]
        assert rule["threshold"] == judged.threshold
        assert len(rule["measurements"]) == len(judged.sessions) == 10
        for found, row in zip(rule["measurements"], judged.sessions, strict=True):
            assert found["measurement"] == row.measurement
            assert same(found["flagged_courses"], row.flagged_courses)
            assert same(found["flagged_sessions"], row.flagged_sessions)
            for outcome in Outcome:
                accuracy = row.accuracy[outcome]
                assert same(found[outcome.value]["right_here"], row.right[outcome])
                for name in ("sensitivity", "specificity", "ppv", "npv"):
                    assert same(found[outcome.value][name], getattr(accuracy, name))
    for found in numbers["differences"]:
        expected = difference(
            direct["forecast_deteriorated"], direct[found["other"]], Outcome(found["outcome"]), by=3
        )
        assert (found["value"], found["low"], found["high"]) == (expected.value, expected.low, expected.high)
    assert [found["other"] for found in numbers["differences"]] == ["rule_table", "raw_change"]


def test_at_their_own_threshold_rules_are_judged_too_and_it_is_said(made, direct):
    numbers, page, printed, _ = made
    own = {rule["rule"]: rule for rule in numbers["rules"] if rule["threshold_from"] == "own"}

    assert list(own) == ["rule_table", "raw_change"]
    assert own["rule_table"]["threshold"] == pytest.approx(1.2816, abs=1e-4)
    assert same(own["raw_change"]["measurements"][1]["flagged_courses"], direct["own"].by(3).flagged_courses)
    assert "At its own threshold, not one chosen for the burden, “Raw change” flags" in page
    assert f"Raw change, its own threshold ({RCI:g})" in printed


def test_a_change_that_must_be_more_than_the_reliable_one_is_not_flagged_at_it(tmp_path):
    # Raw change 8 at the second score: reliable at --rci 8, not with the same points by SD and reliability.
    courses = [[20, 12, 20, 20]] * 20 + [[20, 20, 20, 21]] * 20
    rows = [(who, at, score) for who, course in enumerate(courses) for at, score in enumerate(course)]
    file = write(tmp_path / "edge.csv", rows)
    sd = 8 / (1.959963984540054 * 2**0.5)

    def flagged(*rci):
        code, out, told = run(file, *COLUMNS, "--rule", "raw_change", "--json", *rci)
        assert code == 0, told
        (own,) = [rule for rule in json.loads(out)["rules"] if rule["threshold_from"] == "own"]
        return own["measurements"][0]["flagged_courses"]["count"]

    assert flagged("--rci", "8") == 20
    assert flagged("--sd", f"{sd:.12f}", "--reliability", "0") == 0


def test_the_page_holds_every_number_with_its_n(made):
    numbers, page, _, _ = made
    shares = list(found_shares(numbers["rules"])) + list(numbers["ended"].values())

    assert len(shares) > 400
    for share in shares:
        text = f"{share['count']} of {share['of']}"
        if share["value"] is None:
            text = "cannot be estimated: nobody" if not share["of"] else f"cannot be estimated: {text}"
        else:
            text += f", {100 * share['value']:.1f}%"
            if share["low"] is not None:
                text += f" ({100 * share['low']:.1f}–{100 * share['high']:.1f})"
        assert text in page


def found_shares(part):
    if isinstance(part, dict) and part.keys() >= {"count", "of", "value"}:
        yield part
    elif isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from found_shares(each)


def test_what_was_judged_is_counted_and_who_was_not(made):
    numbers, page, printed, _ = made

    assert numbers["courses"] == {
        "people": 252, "judged": 250, "two_scores": 1, "one_score": 1, "no_score": 0, "longest": 12,
        "rows": numbers["courses"]["rows"], "rows_without_score": 1,
    }  # fmt: skip
    for text in (page, printed):
        assert "The other 2 (0 without a score, 1 with one, 1 with two) are not in the numbers." in " ".join(
            text.split()
        )


def test_how_many_of_ten_flagged_ended_worse(made):
    numbers, page, _, _ = made
    right = numbers["rules"][0]["measurements"][1]["deteriorated"]["ppv"]

    about = int(10 * right["value"] + 0.5)
    assert f"Of 10 people flagged, about {about} ended reliably worse and {10 - about} did not: " in page


def test_the_trade_off_passes_through_the_chosen_point(made):
    for rule in (rule for rule in made[0]["rules"] if rule["threshold_from"] == "burden"):
        row = rule["measurements"][1]
        for outcome in ("deteriorated", "not_improved"):
            (point,) = [point for point in rule["trade_off"][outcome] if point["burden"] == 0.2]
            assert point["count"] == row[outcome]["sensitivity"]["count"]
            assert point["of"] == row[outcome]["sensitivity"]["of"]
            assert point["flagged"] == row["flagged_courses"]["value"]


def test_the_json_keeps_its_keys(made):
    numbers = made[0]

    assert set(numbers) == {
        "file", "simulated", "measure", "direction", "range", "reliable_change", "courses", "burden", "by", "folds",
        "seed", "fewest", "ended", "rules", "differences", "seconds",
    }  # fmt: skip
    rule = numbers["rules"][0]
    assert set(rule) == {
        "rule", "best_possible", "threshold", "threshold_from", "measurements", "trade_off",
    }  # fmt: skip
    row = rule["measurements"][0]
    assert set(row) == {
        "measurement", "whole_course", "flagged_courses", "flagged_sessions", "deteriorated", "not_improved",
    }  # fmt: skip
    assert set(row["deteriorated"]) == {"sensitivity", "specificity", "ppv", "npv", "right_here"}
    assert set(row["flagged_courses"]) == {"count", "of", "value", "low", "high", "reason"}
    assert set(numbers["differences"][0]) == {"outcome", "ours", "other", "value", "low", "high", "reason"}
    assert numbers["reliable_change"]["rci_from"] == "option"


def test_the_page_is_one_file_with_named_pictures_and_headed_tables_and_the_pdf_is_accessible(made):
    _, page, _, folder = made

    assert page.count('role="img"') == 4
    assert page.count("<table>") == page.count("<caption>") == page.count("<thead>") == 6 + 5 * 3
    assert "<script" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "proprietary" in page
    assert "A signal prompts a conversation." in page
    assert b"<pdfuaid:part>1</pdfuaid:part>" in (folder / "signals.pdf").read_bytes()


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "Hvor ofte signalene var riktige"), ("nn", "Kor ofte signala")]
)
def test_the_page_comes_in_the_readers_language(table, tmp_path, language, words):
    code, _, _ = run(
        table, *COLUMNS, "--rci", RCI, "--rule", "raw_change", "--out", tmp_path, "--language", language
    )

    assert code == 0
    page = (tmp_path / "signals.html").read_text(encoding="utf-8")
    assert words in page
    assert "reliably worse" not in page


def flat(courses, **given):
    return [(who, at, score) for who, course in enumerate(courses) for at, score in enumerate(course)]


def test_where_nobody_or_too_few_ended_worse_it_is_said_and_the_rest_is_told(tmp_path):
    courses = [[20, 21, 19, 30]] * 30 + [[20, 18, 22, 21]] * 30 + [[20, 15, 12, 5]] * 4
    file = write(tmp_path / "few.csv", flat(courses))

    code, printed, _ = run(
        file, *COLUMNS, "--rci", "8", "--rule", "raw_change", "--language", "en", "--out", tmp_path
    )

    numbers = json.loads((tmp_path / "signals.json").read_text())
    sensitivity = numbers["rules"][0]["measurements"][1]["deteriorated"]["sensitivity"]
    assert code == 0
    assert (sensitivity["value"], sensitivity["of"]) == (None, 4)
    assert sensitivity["reason"] == "fewer than 10 to divide by"
    page = plain((tmp_path / "signals.html").read_text(encoding="utf-8"))
    for text in (page, " ".join(printed.split())):
        assert (
            "Only 4 courses ended reliably worse. With fewer than 10, sensitivity cannot be estimated" in text
        )
    assert "Ended without reliable improvement: how many are found" in page
    assert "Ended reliably worse: how many are found" not in page


def test_a_file_without_any_deterioration_is_judged_for_the_other_ending(tmp_path):
    courses = [[20, 21, 19, 30]] * 30 + [[20, 18, 22, 21]] * 30
    file = write(tmp_path / "none.csv", flat(courses))

    code, out, _ = run(file, *COLUMNS, "--rci", "8", "--rule", "raw_change", "--json")

    found = json.loads(out)
    assert code == 0
    assert (found["ended"]["deteriorated"]["count"], found["ended"]["not_improved"]["count"]) == (0, 30)
    assert found["rules"][0]["measurements"][0]["deteriorated"]["sensitivity"]["value"] is None


def test_faults_of_all_options_are_told_at_once_and_nothing_is_written(table, tmp_path):
    out = tmp_path / "out"

    code, printed, told = run(
        table, "--person", "idd", *COLUMNS[2:], "--rci", "x", "--rule", "magic", "--burden", "1", "--by", "1",
        "--folds", "two", "--seed", "-1", "--people", "5", "--out", out, "--json", "--language", "en",
    )  # fmt: skip

    assert (code, printed) == (2, "")
    assert not out.exists()
    for part in (
        "“magic”: --rule: there is no such rule. There are: forecast_deteriorated",
        "“1”: --burden must lie between 0 and 1",
        "“1”: --by must be a whole number from 2",
        "“two”: --folds must be a whole number",
        "“-1”: --seed must be a whole number from 0",
        "“5”: --people belongs to --simulate.",
        "“idd”: --person: the file has no such column. Did you mean id?",
        "“x”: --rci must be a number",
    ):
        assert part in told


@pytest.mark.parametrize("burden", ["0", "1", "20", "-0.1", "nan"])
def test_a_burden_that_is_no_share_is_refused(table, burden):
    assert run(table, *COLUMNS, "--rci", RCI, "--burden", burden)[0] == 2


@pytest.mark.parametrize(
    ("rows", "more", "part"),
    [
        (flat([[20, 12, 20, 12]] * 29), ["--rci", "8"], "It takes 30 courses with three scores or more"),
        (flat([[20, 20, 20, 20]] * 40), ["--rci", "8"], "All scores are equal"),
        (flat([[20, 12, 20, 12]] * 40), ["--rci", "8", "--by", "4"], "so give at most 3."),
        (
            flat([[20, 12, 20, 41]] * 40),
            ["--rci", "8"],
            "row 5, column score, “41”: The score must lie from 0 to 40",
        ),
        (flat([[20, 12, 20, 12]] * 40), [], "Nothing says how large a reliable change is"),
        (
            [*flat([[20, 12, 20, 12]] * 40), (0, 0, 20)],
            ["--rci", "8"],
            "The same person and time stand in row 2 too.",
        ),
        ([], ["--rci", "8"], "The file has headings but no rows."),
    ],
)
def test_a_file_that_cannot_be_judged_is_refused_in_a_sentence(tmp_path, rows, more, part):
    code, printed, told = run(
        write(tmp_path / "x.csv", rows), *COLUMNS, *more, "--language", "en", "--out", tmp_path / "o"
    )

    assert (code, printed) == (2, "")
    assert part in told
    assert told.splitlines()[-1].endswith("Nothing was written.")
    assert not (tmp_path / "o").exists()


def test_made_up_courses_come_with_the_best_that_any_rule_could_do(monkeypatch):
    # The truth itself is tested in the science room; fewer simulated courses do here.
    fewer = partial(BestPossible, simulated=20_000)
    monkeypatch.setattr("medvirk.interop.signals.logic.BestPossible", fewer)

    code, out, told = run("--simulate", "linear", "--people", "200", "--json", "--rule", "raw_change")

    numbers = json.loads(out)
    assert code == 0, told
    assert numbers["simulated"] == {"process": "linear", "people": 200}
    assert [(rule["rule"], rule["best_possible"]) for rule in numbers["rules"][:2]] == [
        ("raw_change", False),
        ("best_possible_deteriorated", True),
    ]
    # It knows nothing of later measurements.
    assert [row["measurement"] for row in numbers["rules"][1]["measurements"]] == [2, 3]
    assert numbers["courses"]["judged"] == 200


def test_a_file_and_made_up_courses_do_not_go_together_and_one_is_needed(table):
    assert "do not go with --simulate" in run(table, "--simulate", "linear", "--language", "en")[2]
    assert "do not go with --simulate" in run("--person", "id", "--simulate", "linear", "--language", "en")[2]
    processes = ", ".join(PROCESSES)
    assert run("--language", "en")[2].splitlines() == [
        f"Give a FILE with the scores, or --simulate PROCESS for courses drawn from a process: one of {processes}.",
        "1 fault. Nothing was written.",
    ]
    nobody_named = [run("--language", language)[2] for language in ("nb", "nn")]
    assert [text.splitlines()[-1] for text in nobody_named] == [
        "1 feil. Ingenting ble skrevet.",
        "1 feil. Ingenting vart skrive.",
    ]
    assert "There are: log_growth" in run("--simulate", "magic", "--language", "en")[2]


def test_it_runs_as_a_program_with_every_rule_and_no_warning(table, tmp_path):
    program = [
        sys.executable,
        "-W",
        "error",
        "-c",
        "from medvirk.config.cli import main; main()",
        "signals",
        "evaluate",
    ]
    rules = [
        option
        for rule in ("no_change_expected", "forecast_not_improved", "sudden_fall")
        for option in ("--rule", rule)
    ]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("MEDVIRK", "DJANGO"))
    }

    done = subprocess.run(
        [*program, str(table), *COLUMNS, "--rci", str(RCI), *rules, "--out", "report"],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "Sensitivitet" in done.stdout
    assert sorted(path.name for path in tmp_path.rglob("*")) == [
        "report", "signals.html", "signals.json", "signals.pdf",
    ]  # fmt: skip


def test_every_rule_judges_courses_of_which_it_has_nothing_to_say_without_a_warning():
    given = drawn("log_growth", 120, 3)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        judged = judge(given, counted(given), Asked(rules=tuple(ALL_RULES), process="log_growth", people=120))

    at_burden = {rule.name: rule.evaluation for rule in judged.at_burden()}
    assert set(ALL_RULES) <= set(at_burden)
    # It speaks from the fourth score, so up to the third it flags nobody, at any threshold.
    assert at_burden["no_change_expected"].by(3).flagged_courses.count == 0
    assert at_burden["no_change_expected"].threshold == math.inf
