"""The same mixed model, score ~ t + (t | person) by REML, fitted by Medvirk and by the packages it is compared with.

All of them define the restricted log-likelihood alike, constants included (Bates et al. 2015, J Stat Softw 67(1),
eq. 41), so their numbers are compared as they come.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from medvirk.stats.growth import Norms, fit

SESSIONS = 8
Rows = Mapping[str, np.ndarray]
# lme4 is loaded and run once before its clock starts; reading the rows is not counted.
LME4 = """
suppressPackageStartupMessages(library(lme4))
options(digits = 16)
given <- commandArgs(TRUE)
values <- matrix(readBin(given[1], "double", as.numeric(given[2]) * 3), ncol = 3)
rows <- data.frame(person = as.integer(values[, 1]), t = values[, 2], score = values[, 3])
invisible(lmer(score ~ t + (t | person), rows[rows$person < 50, ]))
seconds <- system.time(model <- lmer(score ~ t + (t | person), rows))[["elapsed"]]
G <- VarCorr(model)$person
cat(seconds, fixef(model), G[1, 1], G[1, 2], G[2, 2], sigma(model)^2, as.numeric(logLik(model)), sep = "\\n")
"""


@dataclass(frozen=True)
class Fitted:
    """Seconds of one fit, its REML log-likelihood, and its six estimates: β0, β1, G00, G01, G11, σ²."""

    seconds: float
    loglik: float
    estimates: np.ndarray


def simulated(people: int) -> dict[str, np.ndarray]:
    """Courses drawn from the model itself, in the order of people and sessions; the same each time."""
    rng = np.random.default_rng(20_000)
    own = [18.0, 3.0] + rng.normal(size=(people, 2)) @ np.linalg.cholesky([[40.0, -5.0], [-5.0, 6.0]]).T
    person = np.repeat(np.arange(people), SESSIONS)
    t = np.log1p(np.tile(np.arange(SESSIONS, dtype=float), people))
    score = rng.normal(scale=4, size=t.size)
    score += own[person, 0] + own[person, 1] * t
    return {"person": person, "t": t, "score": score}


def ours(rows: Rows) -> Fitted:
    start = perf_counter()
    model = fit(Norms.from_scores(**rows))
    seconds = perf_counter() - start
    return Fitted(seconds, model.loglik, _six(model.beta, model.G, model.sigma2))


def mixedlm_rs(rows: Rows) -> Fitted:
    from mixedlm_rs import MixedLM

    return _by_arrays(MixedLM, rows)


def statsmodels(rows: Rows) -> Fitted:
    from statsmodels.regression.mixed_linear_model import MixedLM

    return _by_arrays(MixedLM, rows)


def _by_arrays(model: Callable[..., Any], rows: Rows) -> Fitted:
    """Both packages share this interface. The design is made before the clock starts."""
    X = np.column_stack((np.ones_like(rows["t"]), rows["t"]))
    start = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = model(endog=rows["score"], exog=X, groups=rows["person"], exog_re=X).fit(reml=True)
    seconds = perf_counter() - start
    return Fitted(seconds, float(found.llf), _six(found.fe_params, np.asarray(found.cov_re), found.scale))


def lme4(rows: Rows) -> Fitted:
    with tempfile.TemporaryDirectory() as folder:
        table, program = Path(folder, "rows"), Path(folder, "fit.R")
        np.concatenate([np.asarray(column, dtype=np.float64) for column in rows.values()]).tofile(table)
        program.write_text(LME4, encoding="utf-8")
        command = ["Rscript", program, table, str(rows["t"].size)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, *estimates, loglik = map(float, done.stdout.split())
    return Fitted(seconds, loglik, np.array(estimates))


def _six(beta: np.ndarray, G: np.ndarray, sigma2: float) -> np.ndarray:
    return np.array([*beta, G[0, 0], G[0, 1], G[1, 1], sigma2])


@dataclass(frozen=True)
class Reference:
    """A package beside Medvirk. goal: how many times faster Medvirk should be."""

    name: str
    fit: Callable[[Rows], Fitted]
    goal: float
    rounds: int
    #: Numbers of people that it fits in reasonable time, for the picture.
    sizes: tuple[int, ...]


REFERENCES = (
    Reference("R lme4", lme4, 20, 5, (100, 1_000, 10_000, 100_000)),
    Reference("mixedlm-rs", mixedlm_rs, 1, 5, (100, 1_000, 10_000, 100_000, 1_000_000)),
    Reference("statsmodels", statsmodels, 200, 1, (100, 1_000)),
)


def lacking(reference: Reference) -> str:
    """Why the reference cannot run here, empty where it can."""
    if reference.fit is not lme4:
        there = importlib.util.find_spec(reference.fit.__name__) is not None
        return "" if there else "skipped: it is not installed; `make bench` installs it"
    found = shutil.which("Rscript") is not None
    if (
        found
        and not subprocess.run(
            ["Rscript", "-e", "library(lme4)"], capture_output=True, check=False
        ).returncode
    ):
        return ""
    return "skipped: Rscript with lme4 is missing; on Debian: apt-get install r-base-core r-cran-lme4"


def versions() -> str:
    """The packages compared and their versions, those that are there."""
    found = []
    for reference in REFERENCES:
        if lacking(reference):
            continue
        if reference.fit is lme4:
            asked = 'cat(paste0("R ", getRversion(), ", lme4 ", packageVersion("lme4")))'
            found.append(
                subprocess.run(["Rscript", "-e", asked], capture_output=True, text=True, check=True).stdout
            )
        else:
            found.append(f"{reference.name} {version(reference.name)}")
    return ", ".join(found)
