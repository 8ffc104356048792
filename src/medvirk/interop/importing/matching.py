"""What of a table is new, what is there already, and what does not fit with what is there.

Nothing is written here. Medvirk never changes what is registered: a table that says otherwise is refused.
"""

from __future__ import annotations

from dataclasses import asdict

from medvirk.interop.importing.columns import Field
from medvirk.interop.importing.courses import Courses, Frame
from medvirk.interop.importing.keys import made_from, person_id
from medvirk.interop.importing.logic import PersonIn, may_be_same
from medvirk.interop.importing.outcome import Matched
from medvirk.people.identity import keys_of, name_key, national_id_key
from medvirk.people.logic import PersonDetails, normal_name
from medvirk.people.models import AccessAction, AccessEvent, Citizen, Person, PersonKey

BASIS = "import"

OTHER_PERSON = (
    "This reference was imported before for somebody with another national identity number. Correct the "
    "number, or give this person a reference of their own."
)
OTHER_NAME = "This person is registered under another name. Check who it is, or correct the name in Medvirk."
OTHER_BIRTH = "This person is registered with another birth date. Check who it is, or correct it in Medvirk."
ALIKE = (
    "A citizen with this name and the same birth date or phone is registered already. Fill in the national "
    "identity number here and in Medvirk, so that it shows whether it is the same person."
)


class Matcher:
    """Meets the people of a table with what is known, one by one; `matched` is what came out."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.known = frame.known
        self.matched = Matched()

    def fault(self, person: PersonIn, at: Field, value: str, problem: str) -> None:
        self.matched.fault(self.frame.columns, person.row, at, value, problem)

    def person(self, person: PersonIn) -> None:
        registered = self.registered(person)
        if not (self.is_new(person) if registered is None else self.is_same(person, registered)):
            return
        row = registered or self.new_person(person)
        citizen = self.known.citizens.get(row.pk)
        self.matched.people.count(new=citizen is None)
        touched = set[str]()
        if citizen is None:
            citizen = self.matched.add(
                Citizen(id=made_from(row.pk, "citizen"), person=row, registered_at=self.frame.now)
            )
            touched.add("people.person")
        course = Courses(self.frame, self.matched, citizen)
        for episode in person.episodes:
            course.episode(episode)
        for what in sorted(touched | course.touched):
            self.matched.add(
                AccessEvent(
                    at=self.frame.now,
                    citizen_id=citizen.pk,
                    action=AccessAction.CREATED,
                    what=what,
                    basis=BASIS,
                )
            )

    def registered(self, person: PersonIn) -> Person | None:
        """Whoever has the number; otherwise whoever was imported under the reference."""
        number = person.details.national_id
        numbered = self.known.numbered.get(national_id_key(number)) if number else None
        return numbered or self.known.persons.get(person_id(self.frame.source, person.ref))

    def is_same(self, person: PersonIn, there: Person) -> bool:
        """False for somebody else, of whom nothing more is compared; other differences are told besides."""
        details = person.details
        imported = self.known.persons.get(person_id(self.frame.source, person.ref))
        other_number = bool(details.national_id and there.national_id != details.national_id)
        if (imported is not None and imported.pk != there.pk) or (other_number and there.national_id):
            self.fault(person, Field.NATIONAL_ID, details.national_id, OTHER_PERSON)
            return False
        stated = normal_name(details.given_name, details.family_name)
        if stated != normal_name(there.given_name, there.family_name):
            told = f"{details.given_name} {details.family_name}"
            self.fault(person, Field.FAMILY_NAME, told, OTHER_NAME)
        if details.birth_date and there.birth_date and details.birth_date != there.birth_date:
            self.fault(person, Field.BIRTH_DATE, f"{details.birth_date:%d.%m.%Y}", OTHER_BIRTH)
        return True

    def is_new(self, person: PersonIn) -> bool:
        """False, and told, where it may be somebody who is registered already."""
        key = name_key(person.details.given_name, person.details.family_name)
        alike = any(may_be_same(person.details, _details(each)) for each in self.known.alike.get(key, ()))
        if alike:
            told = f"{person.details.given_name} {person.details.family_name}"
            self.fault(person, Field.FAMILY_NAME, told, ALIKE)
        return not alike

    def new_person(self, person: PersonIn) -> Person:
        details = person.details
        row = Person(id=person_id(self.frame.source, person.ref), created_at=self.frame.now)
        for name, value in asdict(details).items():
            setattr(row, name, value)
        self.matched.add(row)
        for kind, digest in keys_of(
            given_name=details.given_name,
            family_name=details.family_name,
            national_id=details.national_id,
            phone=details.phone,
            email=details.email,
        ):
            self.matched.add(PersonKey(person=row, kind=kind, digest=digest))
        return row


def _details(person: Person) -> PersonDetails:
    return PersonDetails(
        person.given_name,
        person.family_name,
        national_id=person.national_id,
        birth_date=person.birth_date or None,
        phone=person.phone,
    )
