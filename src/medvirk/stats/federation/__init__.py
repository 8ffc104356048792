"""Norms that municipalities share: sums over at least ten people, released once per calendar period.

    chosen = select(person=person, time=session, score=score, low=0, high=50, clinician=clinician)
    text = write(release(chosen, measure=..., municipality="Fjordvik", number="9901", period=..., made_on=...))
    pooled = pool([(name, read(text)) for name, text in received])
    model = fit(pooled.norms)

Pooling is exact (`stats.growth.Norms`). What is released, and what it can still tell, is in docs/norms.md.
"""

from pathlib import Path

from medvirk.stats.federation.files import checksum, read, write
from medvirk.stats.federation.periods import BadPeriodError, Period
from medvirk.stats.federation.pooling import pool
from medvirk.stats.federation.protection import (
    FEWEST_CLINICIANS,
    SMALLEST_CELL,
    Reason,
    reason_to_withhold,
    would_reveal,
)
from medvirk.stats.federation.release import (
    BadNormsFileError,
    Measure,
    Part,
    Release,
    release,
)
from medvirk.stats.federation.selection import Counts, NothingToReleaseError, Rare, Selection, select

SCHEMA = Path(__file__).with_name("norms-file.schema.json")

__all__ = [
    "FEWEST_CLINICIANS",
    "SCHEMA",
    "SMALLEST_CELL",
    "BadNormsFileError",
    "BadPeriodError",
    "Counts",
    "Measure",
    "NothingToReleaseError",
    "Part",
    "Period",
    "Rare",
    "Reason",
    "Release",
    "Selection",
    "checksum",
    "pool",
    "read",
    "reason_to_withhold",
    "release",
    "select",
    "would_reveal",
    "write",
]
