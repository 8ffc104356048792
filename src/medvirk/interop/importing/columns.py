"""What the headings of the table mean: English names, and the Norwegian ones that people have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medvirk.tables import Fault, TableFaults


class Field(StrEnum):
    """A column of the table, by the name it has in the documentation."""

    PERSON = "person"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    NATIONAL_ID = "national_id"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    UNIT = "unit"
    WORKER = "worker"
    EPISODE_START = "episode_start"
    EPISODE_END = "episode_end"
    ENDING = "ending"
    SESSION = "session"
    INSTRUMENT = "instrument"
    SCORE = "score"
    OWN_WORDS = "own_words"
    MEETING_INSTRUMENT = "meeting_instrument"
    MEETING_SCORE = "meeting_score"


#: Other headings for the same, as `normal_heading` leaves them.
ALIASES: Mapping[Field, tuple[str, ...]] = {
    Field.PERSON: ("ref", "person_ref", "innbygger"),
    Field.GIVEN_NAME: ("fornavn", "førenamn"),
    Field.FAMILY_NAME: ("etternavn", "etternamn"),
    Field.NATIONAL_ID: ("fødselsnummer", "fodselsnummer", "fnr"),
    Field.BIRTH_DATE: ("fødselsdato", "fodselsdato"),
    Field.PHONE: ("telefon", "mobil"),
    Field.UNIT: ("avdeling", "enhet"),
    Field.WORKER: ("behandler", "behandlar"),
    Field.EPISODE_START: ("forløp_start", "forlop_start"),
    Field.EPISODE_END: ("forløp_slutt", "forlop_slutt"),
    Field.ENDING: ("avslutning",),
    Field.SESSION: ("dato", "samtale", "date"),
    Field.INSTRUMENT: ("skjema",),
    Field.SCORE: ("skåre", "skaare", "sum"),
    Field.OWN_WORDS: ("egne_ord", "eigne_ord"),
    Field.MEETING_INSTRUMENT: ("møteskjema", "moteskjema"),
    Field.MEETING_SCORE: ("møteskåre", "moteskaare"),
}
REQUIRED = (
    Field.PERSON,
    Field.GIVEN_NAME,
    Field.FAMILY_NAME,
    Field.UNIT,
    Field.WORKER,
    Field.EPISODE_START,
    Field.SESSION,
)
ITEM = re.compile(r"(?P<meeting>meeting_|møte_|mote_)?(?:q|spm)_?(?P<number>[1-9][0-9]?)")

#: A table can have hundreds of columns that mean nothing here.
MOST_TOLD = 20

_KNOWN = {name: field for field in Field for name in (str(field), *ALIASES[field])}


@dataclass(frozen=True)
class Columns:
    """Which heading of the file stands for what.

    items, meeting_items: headings by the number of the item, 1 and up, before and after the conversation.
    unused: headings that mean nothing here; they are told, so that a slip in a heading is seen.
    """

    headings: Mapping[Field, str]
    items: Mapping[int, str]
    meeting_items: Mapping[int, str]
    unused: tuple[str, ...] = ()

    def heading(self, field: Field) -> str:
        """The heading as the file writes it, or the documented one where the file has no such column."""
        return self.headings.get(field, str(field))


def normal_heading(text: str) -> str:
    """Case, blanks and hyphens do not count: `Fødsels-nummer ` and `fødsels_nummer` are the same heading."""
    folded = unicodedata.normalize("NFC", text).casefold().strip()
    return re.sub(r"[\s\-_]+", "_", folded)


def settle_columns(headings: Sequence[str]) -> Columns:
    """Find what every heading stands for.

    Raises TableFaults with every column that is lacking, and every one that stands under two headings.
    """
    fields: dict[Field, str] = {}
    items: dict[int, str] = {}
    meeting_items: dict[int, str] = {}
    unused: list[str] = []
    faults: list[Fault] = []
    for heading in headings:
        name = normal_heading(heading)
        if field := _KNOWN.get(name):
            earlier = fields.setdefault(field, heading)
        elif found := ITEM.fullmatch(name):
            group = meeting_items if found["meeting"] else items
            earlier = group.setdefault(int(found["number"]), heading)
        else:
            unused.append(heading)
            continue
        if earlier != heading:
            problem = "This column means the same as the column “%(earlier)s”. Remove one of them."
            faults.append(Fault(1, heading, None, problem, {"earlier": earlier}))
    lacking = [field for field in REQUIRED if field not in fields]
    # Told once, with the last: the list is the same for all of them.
    faults += [_lacking(field, unused if field is lacking[-1] else ()) for field in lacking]
    if faults:
        raise TableFaults(faults)
    return Columns(fields, items, meeting_items, tuple(unused))


def listed(headings: Sequence[str]) -> str:
    """Headings with commas between; of very many only the first."""
    return ", ".join(headings[:MOST_TOLD]) + (", …" if len(headings) > MOST_TOLD else "")


def _lacking(field: Field, unused: Sequence[str]) -> Fault:
    problem = "There is no column “%(name)s” (or %(aliases)s). Add it, or rename the one you have."
    if unused:
        problem += " Headings that are not understood: %(unused)s."
    facts = {"name": str(field), "aliases": ", ".join(ALIASES[field]), "unused": listed(unused)}
    return Fault(1, None, None, problem, facts)
