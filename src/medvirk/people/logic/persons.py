"""Pure decisions about people: what a typed number, name or period means, and what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

COUNTRY_CODE = "+47"
#: The oldest person verified so far became 122; nobody registered today is older.
OLDEST_YEARS = 123
#: E.164: a number with its country code has at most 15 digits.
PHONE_DIGITS = range(8, 16)


class RefusedError(Exception):
    """What was asked cannot be done.

    `sentences` says everything that is wrong at once, each with what to do about it, in the reader's
    language.
    """

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = list(sentences)
        super().__init__(" ".join(self.sentences))


class DuplicateError(RefusedError):
    """Somebody registered already may be the same person; the caller may confirm that it is somebody else."""


class NationalIdKind(StrEnum):
    ORDINARY = "ordinary"
    D_NUMBER = "d_number"


@dataclass(frozen=True)
class NationalId:
    """A national identity number that was read.

    `synthetic` numbers belong to nobody: the tax administration makes them for testing.
    """

    digits: str
    birth_date: date
    kind: NationalIdKind
    synthetic: bool


@dataclass(frozen=True)
class PersonDetails:
    """What is known about somebody. Empty text and None mean not known."""

    given_name: str
    family_name: str
    national_id: str = ""
    birth_date: date | None = None
    phone: str = ""
    email: str = ""
    language: str = "nb"


def parse_national_id(text: str, *, today: date) -> NationalId:
    """Read a fødselsnummer or D-number, typed with or without blanks.

    Day + 40 marks a D-number; month + 80 (Tenor, the tax administration's test population) or month + 40
    marks a synthetic one. The century follows from digits 7–9 (Skatteetaten, "Fødselsnummer"). The two
    control digits are not checked: from 2032 they are computed in another way, and a number that the
    population register has given out must never be refused here.

    Raises:
        RefusedError: not eleven digits, or no possible date of birth.
    """
    if re.search(r"[^\d\s]", text):
        raise RefusedError(
            [_("The national identity number can hold digits only. Take away letters and signs.")]
        )
    digits = re.sub(r"\s", "", text)
    if len(digits) != 11:
        raise RefusedError(
            [
                _(
                    "A national identity number has 11 digits; this one has %(count)d. "
                    "Check it and type it again."
                )
                % {"count": len(digits)}
            ]
        )
    day, month, year, individual = int(digits[:2]), int(digits[2:4]), int(digits[4:6]), int(digits[6:9])
    kind = NationalIdKind.D_NUMBER if day > 40 else NationalIdKind.ORDINARY
    day -= 40 if day > 40 else 0
    synthetic = month > 40
    month -= 80 if month > 80 else 40 if month > 40 else 0
    born = _date_or_none(_century(year, individual), year, month, day)
    if born is None or not _plausible_birth(born, today):
        raise RefusedError(
            [
                _(
                    "The first six digits of the national identity number are not a possible "
                    "date of birth (ddmmyy)."
                )
            ]
        )
    return NationalId(digits=digits, birth_date=born, kind=kind, synthetic=synthetic)


def _century(year: int, individual: int) -> int | None:
    if individual < 500:
        return 1900
    if year < 40:
        return 2000
    if individual >= 900:
        return 1900
    return 1800 if individual < 750 and year >= 54 else None


def _date_or_none(century: int | None, year: int, month: int, day: int) -> date | None:
    if century is None:
        return None
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def _plausible_birth(born: date, today: date) -> bool:
    return born <= today and today.year - born.year <= OLDEST_YEARS


def check_birth_date(born: date, *, today: date) -> None:
    """Refuse a birth date that nobody alive can have.

    Raises:
        RefusedError: in the future, or too long ago.
    """
    if born > today:
        raise RefusedError([_("The date of birth is in the future. Check the year.")])
    if not _plausible_birth(born, today):
        raise RefusedError([_("The date of birth is more than 120 years ago. Check the year.")])


def checked_details(details: PersonDetails, *, today: date) -> PersonDetails:
    """The same details with numbers as they are stored, and the birth date read from the national id.

    Raises:
        RefusedError: everything that is wrong, at once.
    """
    faults: list[str] = []
    given, family = " ".join(details.given_name.split()), " ".join(details.family_name.split())
    if not given or not family:
        faults.append(_("Both a given name and a family name are needed."))
    national_id, born = "", details.birth_date
    try:
        if details.national_id.strip():
            read = parse_national_id(details.national_id, today=today)
            national_id = read.digits
            if born is not None and born != read.birth_date:
                faults.append(
                    _("The date of birth and the national identity number do not agree. Check both.")
                )
            born = read.birth_date
        elif born is not None:
            check_birth_date(born, today=today)
    except RefusedError as refused:
        faults += refused.sentences
    phone = ""
    try:
        phone = check_phone(details.phone) if details.phone.strip() else ""
    except RefusedError as refused:
        faults += refused.sentences
    if faults:
        raise RefusedError(faults)
    return replace(
        details,
        given_name=given,
        family_name=family,
        national_id=national_id,
        birth_date=born,
        phone=phone,
        email=details.email.strip(),
    )


def normal_name(given_name: str, family_name: str) -> str:
    """First given name and last family name, without case and accents; æ, ø and å stay letters."""
    given = _letters(given_name).split()
    family = _letters(family_name).split()
    return f"{given[0] if given else ''} {family[-1] if family else ''}"


def _letters(text: str) -> str:
    folded = "".join(
        sign if sign in "æøå" else unicodedata.normalize("NFD", sign)[0]
        for sign in unicodedata.normalize("NFC", text).casefold()
    )
    return re.sub(r"[^\w\s]", " ", folded)


def normal_phone(text: str) -> str:
    """Digits with country code; a number of eight digits is Norwegian."""
    digits = re.sub(r"^00", "+", re.sub(r"[^\d+]", "", text))
    if digits.startswith("+"):
        return digits
    if len(digits) == 10 and digits.startswith(COUNTRY_CODE[1:]):
        return f"+{digits}"
    return f"{COUNTRY_CODE}{digits}"


def normal_number(text: str) -> str:
    """Digits only."""
    return re.sub(r"\D", "", text)


def check_phone(text: str) -> str:
    """The number with its country code, as it is stored and searched.

    Raises:
        RefusedError: letters, or too few or too many digits.
    """
    if re.search(r"[^\d\s+().\-/]", text) or "+" in text.strip()[1:]:
        raise RefusedError(
            [_("The phone number can hold digits only, and a + first when it is from abroad.")]
        )
    number = normal_phone(text)
    national = number.removeprefix(COUNTRY_CODE)
    if number.startswith(COUNTRY_CODE) and len(national) != 8:
        raise RefusedError(
            [
                _(
                    "A Norwegian phone number has 8 digits; this one has %(count)d. "
                    "Start with + and the country code if it is from abroad."
                )
                % {"count": len(national)}
            ]
        )
    if len(normal_number(number)) not in PHONE_DIGITS:
        raise RefusedError([_("The phone number is too short or too long. Check it and type it again.")])
    return number


def would_be_circle(
    parents: Mapping[uuid.UUID, uuid.UUID | None], unit: uuid.UUID, parent: uuid.UUID | None
) -> bool:
    """Would `unit` come under itself if moved under `parent`? `parents` gives each unit's parent today."""
    seen: set[uuid.UUID] = set()
    above = parent
    while above is not None and above not in seen:
        if above == unit:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def units_under(
    parents: Mapping[uuid.UUID, uuid.UUID | None], tops: Collection[uuid.UUID]
) -> frozenset[uuid.UUID]:
    """The units `tops` and every unit below them."""
    children: dict[uuid.UUID, list[uuid.UUID]] = {}
    for unit, parent in parents.items():
        if parent is not None:
            children.setdefault(parent, []).append(unit)
    found: set[uuid.UUID] = set()
    waiting = list(tops)
    while waiting:
        unit = waiting.pop()
        if unit not in found:
            found.add(unit)
            waiting.extend(children.get(unit, ()))
    return frozenset(found)


def overlaps(first: date, last: date | None, other_first: date, other_last: date | None) -> bool:
    """Do two periods share a day? Both ends count; None has no end."""
    return (last is None or other_first <= last) and (other_last is None or first <= other_last)


#: What each role does, in the words of the one who gives it.
ROLE_DESCRIPTIONS: dict[str, str | Promise] = {
    "practitioner": gettext_lazy(
        "Meets citizens. Registers them and opens the records of those they have a service relation to."
    ),
    "peer_worker": gettext_lazy(
        "Helps from own experience. Opens the records of citizens they, or their team, "
        "have a service relation to."
    ),
    "team_leader": gettext_lazy("Leads a team. As a practitioner, for all the citizens of the team."),
    "manager": gettext_lazy("Sees how the unit is doing, in numbers. Opens no records."),
    "coordinator": gettext_lazy("Runs courses and activities. Opens no records."),
    "secretary": gettext_lazy("Registers citizens and ties them to a team. Opens no records."),
    "researcher": gettext_lazy("Works in studies that people have agreed to. Opens no records."),
    "partner": gettext_lazy("Works elsewhere; sees only what a citizen shares."),
    "auditor": gettext_lazy("Checks that rules are kept. Opens no records."),
    "administrator": gettext_lazy("Keeps units, staff and texts in order. Opens no records."),
}
