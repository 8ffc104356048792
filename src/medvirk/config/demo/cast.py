"""Who lives and works in Fjordvik: made-up names, and numbers that no real person can have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

GIVEN_NAMES = (
    "Aksel", "Amina", "Anders", "Anette", "Astrid", "Bjarte", "Camilla", "Dag", "Eirik", "Eldrid", "Emil", "Eva",
    "Farah", "Frode", "Gro", "Guri", "Halvard", "Hanne", "Hassan", "Helge", "Ida", "Ingebjørg", "Ivar", "Jonas",
    "Jorunn", "Kaja", "Karim", "Ketil", "Kirsten", "Lars", "Leila", "Linn", "Magne", "Maja", "Marit", "Mikkel",
    "Mona", "Nils", "Nora", "Oda", "Olav", "Ragnhild", "Rolf", "Samira", "Sigrid", "Simen", "Siv", "Solveig",
    "Stian", "Sverre", "Tarjei", "Tiril", "Tora", "Trond", "Turid", "Ulrik", "Vegard", "Vilde", "Yngve", "Åse",
)  # fmt: skip
#: Put together from parts, so that nobody is meant.
FAMILY_BEGINNINGS = (
    "Bjørke", "Brekke", "Fjell", "Furu", "Gran", "Haug", "Hav", "Lyng", "Mo", "Nes", "Rogne", "Sel", "Skar", "Strand",
    "Sund", "Vass", "Vinter", "Ås",
)  # fmt: skip
FAMILY_ENDINGS = ("bakk", "dalsvik", "foss", "haugen", "lia", "moen", "nesvik", "stølen", "vang", "vollen")

MUNICIPALITY = "Fjordvik kommune"
SERVICE = "Mestringsenheten"
DEPARTMENTS = (
    "Rask psykisk helsehjelp",
    "Oppfølging i bolig",
    "Rus og mestring",
    "Psykisk helse voksen",
    "Ung mestring",
    "Aktivitet og fellesskap",
    "Bolig med bemanning",
    "Oppsøkende team",
)

#: The four one can try to be. Their caseloads are made so that there is something to see.
PRACTITIONER = ("Ingrid", "Solvang")
TEAM_LEADER = ("Terje", "Nordlia")
ADMINISTRATOR = ("Berit", "Havnes")
#: An adviser at NAV with whom a citizen shares two parts.
PARTNER = ("Nina", "Navestad")
#: Sign-in name of the citizen whose own pages one can try: the first of the practitioner's caseload.
OWN_ACCOUNT = ("egne", "sider")


@dataclass(frozen=True)
class Name:
    given: str
    family: str


def names(count: int, rng: np.random.Generator) -> list[Name]:
    """Different full names, in an order that depends on the seed only."""
    family = [f"{start}{end}" for start in FAMILY_BEGINNINGS for end in FAMILY_ENDINGS]
    everyone = [Name(given, last) for given in GIVEN_NAMES for last in family]
    return [everyone[index] for index in rng.permutation(len(everyone))[:count]]


def birth_date(rng: np.random.Generator, today: date) -> date:
    """Between 18 and 78 years old."""
    return today - timedelta(days=int(rng.integers(18 * 365 + 5, 78 * 365)))


def synthetic_national_id(born: date, number: int) -> str:
    """Eleven digits with 80 added to the month, which the population register gives to nobody."""
    return f"{born.day:02d}{born.month + 80:02d}{born.year % 100:02d}{number % 100000:05d}"
