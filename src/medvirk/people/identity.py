"""What is hashed to find a person: the same name or number, however it was typed, gives the same key."""

from __future__ import annotations

from collections.abc import Iterator

from medvirk.people.crypto import keyed_hash, under_every_key
from medvirk.people.logic import normal_name, normal_number, normal_phone


def sign_in_key(login: str) -> str:
    """Key of a sign-in name; case and outer blanks do not count."""
    return keyed_hash("login", login.strip().casefold())


def sign_in_keys(login: str) -> list[str]:
    """What to look for: the key of a sign-in name, also the older one while search keys are being changed."""
    return under_every_key(sign_in_key, login)


def job_account_key(identity: str) -> str:
    """Key of `JobAccount.identity`: a sign-in name at the provider, or the provider's mark."""
    return keyed_hash("job account", identity)


def job_account_keys(identity: str) -> list[str]:
    return under_every_key(job_account_key, identity)


def national_id_key(text: str) -> str:
    return keyed_hash("national_id", normal_number(text))


def national_id_keys(text: str) -> list[str]:
    return under_every_key(national_id_key, text)


def phone_key(text: str) -> str:
    return keyed_hash("phone", normal_phone(text))


def phone_keys(text: str) -> list[str]:
    return under_every_key(phone_key, text)


def name_key(given_name: str, family_name: str) -> str:
    return keyed_hash("name", normal_name(given_name, family_name))


def name_keys(given_name: str, family_name: str) -> list[str]:
    return under_every_key(name_key, given_name, family_name)


def email_key(text: str) -> str:
    return keyed_hash("email", text.strip().casefold())


def keys_of(
    *, given_name: str, family_name: str, national_id: str, phone: str, email: str
) -> Iterator[tuple[str, str]]:
    """(kind, digest) of everything known about a person."""
    yield "name", name_key(given_name, family_name)
    if national_id:
        yield "national_id", national_id_key(national_id)
    if phone:
        yield "phone", phone_key(phone)
    if email:
        yield "email", email_key(email)


def access_key(whose: str, record_id: object) -> str:
    """By what the access log finds the rows about a citizen ("citizen") or of whoever opened ("actor")."""
    return keyed_hash(f"access {whose}", str(record_id))


def access_keys(whose: str, record_id: object) -> list[str]:
    return under_every_key(access_key, whose, str(record_id))
