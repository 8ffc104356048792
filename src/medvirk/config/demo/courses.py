"""How the made-up courses go. Drawn from a plausible model, so that there is something true to find.

Of ten people about four improve, four change little, one gets worse and one improves suddenly; some stop coming,
most often those whom it does not help or whose meetings have become worse.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOW, HIGH, STEP, ITEMS = 0.0, 50.0, 0.5, 5
KINDS = ("improves", "stays", "worsens", "leaps")
SHARES = (0.42, 0.38, 0.10, 0.10)
#: Mean and SD of the slope on log1p(session), in points.
SLOPES = {"improves": (5.5, 1.6), "stays": (0.8, 1.0), "worsens": (-4.0, 1.2), "leaps": (1.0, 0.8)}
NOISE = 3.2


@dataclass(frozen=True)
class Drawn:
    """One course: per session five marks for life and five for the meeting, or None where it was not measured."""

    kind: str
    life: list[list[float] | None]
    meeting: list[list[float] | None]
    stopped: bool


def draw(rng: np.random.Generator, sessions: int) -> Drawn:
    """Draw a course of at most so many sessions."""
    kind = str(rng.choice(KINDS, p=SHARES))
    start = float(np.clip(rng.normal(21, 7), 4, 44))
    slope = rng.normal(*SLOPES[kind])
    leap_at = int(rng.integers(2, 6))
    alliance = float(np.clip(rng.normal(40, 5), 22, 49))
    drift = rng.normal(0.4, 0.5) - (1.0 if kind == "worsens" else 0.0)
    life: list[list[float] | None] = []
    meeting: list[list[float] | None] = []
    for number in range(sessions):
        leap = 11.0 if kind == "leaps" and number >= leap_at else 0.0
        level = start + slope * np.log1p(number) + leap + rng.normal(0, NOISE)
        rated = alliance + drift * number + rng.normal(0, 2.2)
        life.append(None if rng.random() < 0.06 else marks(rng, level))
        meeting.append(None if rng.random() < 0.14 else marks(rng, rated))
        leaves = 0.015 + (0.035 if kind in {"stays", "worsens"} else 0.0) + (0.05 if rated < 34 else 0.0)
        if number >= 1 and rng.random() < leaves:
            return Drawn(kind, life, meeting, stopped=True)
    return Drawn(kind, life, meeting, stopped=False)


def marks(rng: np.random.Generator, total: float) -> list[float]:
    """Five marks in steps of a half whose sum is near `total`."""
    spread = rng.normal(0, 1.1, ITEMS)
    each = np.clip(total / ITEMS + spread - spread.mean(), LOW / ITEMS, HIGH / ITEMS)
    return [float(mark) for mark in np.round(each / STEP) * STEP]


OWN_WORDS = (
    "Jeg sover litt bedre nå.",
    "Det er tungt å stå opp om morgenen.",
    "Turen med gruppa på torsdag var det beste denne uka.",
    "Jeg savner noen å spise middag med.",
    "Krangla med broren min. Orker ikke snakke om det ennå.",
    "Fikk svar på søknaden. Håper det ordner seg.",
    "Har ikke drukket på tolv dager.",
    "Alt står stille.",
    "Eg er glad for at vi snakka om økonomien.",
    "Kunne vi møttes ute i stedet for på kontoret?",
    "Jeg klarte å ringe legen.",
    "Det hjelper at du husker det jeg sa sist.",
)
CHANGES = (
    "Vi møtes ute og går en tur mens vi snakker",
    "Oftere, men kortere samtaler",
    "Mer om hverdagen, mindre om fortiden",
    "Erfaringskonsulenten blir med neste gang",
    "Kurset om søvn på recoverycollege",
    "Søsteren blir med på en samtale",
)
