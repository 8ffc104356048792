"""A person's details, and the keys they are found by; kept together by every verb that touches either."""

from __future__ import annotations

from dataclasses import asdict

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from medvirk.people.identity import keys_of, national_id_keys
from medvirk.people.logic import PersonDetails, RefusedError
from medvirk.people.models import KeyKind, Person, PersonKey


def create_person(details: PersonDetails) -> Person:
    """Store checked details. Call inside a transaction.

    Raises:
        RefusedError: the national identity number belongs to somebody else.
    """
    return save_person(Person(), details)


def save_person(person: Person, details: PersonDetails) -> Person:
    """Change to checked details and refresh the keys. Call inside a transaction.

    Raises:
        RefusedError: the national identity number belongs to somebody else.
    """
    for name, value in asdict(details).items():
        setattr(person, name, value)
    person.save()
    wanted = dict(
        keys_of(
            given_name=details.given_name,
            family_name=details.family_name,
            national_id=details.national_id,
            phone=details.phone,
            email=details.email,
        )
    )
    person.keys.exclude(kind__in=wanted).delete()
    try:
        with transaction.atomic():
            for kind, digest in wanted.items():
                PersonKey.objects.update_or_create(person=person, kind=kind, defaults={"digest": digest})
    except IntegrityError:
        raise RefusedError(
            [_("Somebody else is registered with this national identity number. Search for it.")]
        ) from None
    return person


def person_with_national_id(national_id: str) -> Person | None:
    """Whoever has this number: also staff who are not citizens here."""
    if not national_id:
        return None
    key = PersonKey.objects.filter(kind=KeyKind.NATIONAL_ID, digest__in=national_id_keys(national_id))
    found = Person.objects.select_for_update().filter(keys__in=key).first()
    return found if found is None else found.merged_into or found
