"""The small pieces of FHIR resources, as plain dictionaries."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from medvirk.people.logic import NationalIdKind, parse_national_id

Json = dict[str, Any]

#: The official object identifiers of national identity numbers, as the Norwegian base profiles have them.
NATIONAL_ID = "urn:oid:2.16.578.1.12.4.1.4.1"
D_NUMBER = "urn:oid:2.16.578.1.12.4.1.4.2"
LOINC = "http://loinc.org"
V3_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
#: Our instruments and scales have no public code, so they are named in a space of their own.
INSTRUMENT = "urn:medvirk:instrument"
SCALE = "urn:medvirk:scale"


def full_url(resource_id: uuid.UUID | str) -> str:
    return f"urn:uuid:{resource_id}"


def reference(resource_id: uuid.UUID | str) -> Json:
    return {"reference": full_url(resource_id)}


def concept(system: str, code: str, text: str = "") -> Json:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def instant(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def period(start: date | None, end: date | None) -> Json:
    ends = {"start": start, "end": end}
    return {name: each.isoformat() for name, each in ends.items() if each is not None}


def national_identifier(number: str, *, today: date) -> Json:
    """The number in its official system, that of a D-number or of a birth number."""
    read = parse_national_id(number, today=today)
    system = D_NUMBER if read.kind is NationalIdKind.D_NUMBER else NATIONAL_ID
    return {"system": system, "value": read.digits}
