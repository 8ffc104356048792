"""A citizen's own record as a FHIR R4 Bundle, checked by `fhir.resources` as it is built.

R4B is the library's name for the release; every element used here is the same in R4 (4.0.1). References point to
`urn:uuid:` addresses inside the Bundle, never to a server.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from medvirk.answers.models import Answer, Submission
from medvirk.answers.own_data import answers_of, own_occasions
from medvirk.feedback.models import Episode, Session
from medvirk.feedback.own import own_episodes
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.queries import effective_catalogue
from medvirk.interop.fhir.parts import (
    CONSENT_SCOPE,
    DATA_ABSENT,
    INSTRUMENT,
    LOINC,
    OBSERVATION_CATEGORY,
    PARTICIPATION,
    SCALE,
    V3_ACT,
    Json,
    concept,
    full_url,
    instant,
    national_identifier,
    period,
    reference,
)
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Basis, Citizen, Relation, Staff, Unit
from medvirk.people.queries.own import hides_place


@dataclass
class _Record:
    """What is gathered while the Bundle is built: workers and units are added as they are met."""

    viewer: Viewer
    citizen: Citizen
    secret: bool
    catalogue: Any
    session_of: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    staff: dict[uuid.UUID, Staff] = field(default_factory=dict)
    units: dict[uuid.UUID, Unit] = field(default_factory=dict)

    def by(self, staff: Staff) -> Json:
        self.staff[staff.pk] = staff
        return reference(staff.pk)

    def at(self, unit: Unit) -> Json:
        self.units[unit.pk] = unit
        return reference(unit.pk)

    @property
    def patient(self) -> Json:
        return reference(self.citizen.pk)


def own_bundle(viewer: Viewer, citizen: Citizen, *, now: datetime, language: str) -> bytes:
    """The Bundle as UTF-8 JSON.

    Raises:
        PermissionDenied: they are not the viewer's own pages.
        ValidationError: of pydantic; a resource is not valid FHIR, which would be a fault of ours.
    """
    from fhir.resources.R4B.bundle import Bundle

    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        raise PermissionDenied
    record = _Record(viewer, citizen, hides_place(viewer, citizen), effective_catalogue())
    resources = list(_resources(record, language))
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": instant(now),
        "entry": [{"fullUrl": full_url(each["id"]), "resource": each} for each in resources],
    }
    # Checked by the library, written by us: it takes as long over writing as over checking, and a test sees that both
    # write the same.
    Bundle.model_validate(bundle)
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode()


def _resources(record: _Record, language: str) -> Iterator[Json]:
    yield _patient(record)
    yield from _episodes(record)
    yield from _encounters(record)
    for answer in answers_of(record.citizen):
        yield from _answer(record, answer, language)
    yield from _own_words(record)
    yield from _consents(record)
    # Last, when all that are referred to are known.
    yield from (_practitioner(each) for each in record.staff.values())
    yield from (_organization(each) for each in record.units.values())


def _patient(record: _Record) -> Json:
    person = record.citizen.person
    found: Json = {
        "resourceType": "Patient",
        "id": str(record.citizen.pk),
        "name": [{"use": "official", "family": person.family_name, "given": person.given_name.split()}],
        "communication": [{"language": concept("urn:ietf:bcp:47", person.language)}],
    }
    if person.national_id:
        found["identifier"] = [national_identifier(person.national_id, today=record.viewer.today)]
    if person.birth_date:
        found["birthDate"] = person.birth_date.isoformat()
    contact = [("phone", person.phone), ("email", person.email)]
    telecom = [{"system": system, "value": value} for system, value in contact if value and not record.secret]
    return found | ({"telecom": telecom} if telecom else {})


def _practitioner(staff: Staff) -> Json:
    name = {"family": staff.person.family_name, "given": staff.person.given_name.split()}
    return {"resourceType": "Practitioner", "id": str(staff.pk), "name": [name]}


def _organization(unit: Unit) -> Json:
    return {"resourceType": "Organization", "id": str(unit.pk), "name": unit.name}


def _episodes(record: _Record) -> Iterator[Json]:
    for each in own_episodes(record.viewer, record.citizen).select_related("unit", "responsible__person"):
        yield _episode(record, each)


def _episode(record: _Record, each: Episode) -> Json:
    place = {} if record.secret else {"managingOrganization": record.at(each.unit)}
    return {
        "resourceType": "EpisodeOfCare",
        "id": str(each.pk),
        "status": "active" if each.ended_on is None else "finished",
        "patient": record.patient,
        "careManager": record.by(each.responsible),
        "period": period(each.started_on, each.ended_on),
        **place,
    }


def _encounters(record: _Record) -> Iterator[Json]:
    mine = own_episodes(record.viewer, record.citizen)
    held = Session.objects.filter(episode__in=mine).prefetch_related("askings")
    for each in held.order_by("starts_at", "pk"):
        record.session_of |= {asked.occasion_id: each.pk for asked in each.askings.all()}
        yield {
            "resourceType": "Encounter",
            "id": str(each.pk),
            "status": _status(each, record.viewer.now),
            "class": {"system": V3_ACT, "code": "AMB"},
            "subject": record.patient,
            "episodeOfCare": [reference(each.episode_id)],
            "period": {"start": instant(each.starts_at)},
        }


def _status(session: Session, now: datetime) -> str:
    if session.cancelled_at is not None:
        return "cancelled"
    return "planned" if session.starts_at > now else "finished"


def _answer(record: _Record, each: Answer, language: str) -> Iterator[Json]:
    instrument = record.catalogue.get((each.instrument_key, each.instrument_version))
    response_id = uuid.uuid5(each.submission.client_id, f"answer:{each.instrument_key}")
    yield {
        **_response(record, response_id, each.submission),
        "language": each.language,
        "questionnaire": f"{INSTRUMENT}:{each.instrument_key}|{each.instrument_version}",
        "item": [_item(instrument, key, value, each.language) for key, value in each.values.items()],
    }
    for score in each.scores.all():
        found: Json = {
            "resourceType": "Observation",
            "id": str(uuid.uuid5(response_id, score.scale)),
            "status": "final",
            "category": [concept(OBSERVATION_CATEGORY, "survey")],
            "code": _code(instrument, each.instrument_key, score.scale, language),
            "subject": record.patient,
            "effectiveDateTime": instant(each.submission.submitted_at),
            "derivedFrom": [reference(response_id)],
            **_encounter(record, each.submission),
        }
        if score.value is None:
            found["dataAbsentReason"] = concept(DATA_ABSENT, "unknown", score.missing_reason)
        else:
            found["valueQuantity"] = {"value": score.value}
        yield found


def _encounter(record: _Record, submission: Submission) -> Json:
    session = record.session_of.get(submission.occasion_id)
    return {"encounter": reference(session)} if session else {}


def _response(record: _Record, response_id: uuid.UUID, submission: Submission) -> Json:
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(response_id),
        "status": "completed",
        "subject": record.patient,
        "source": record.patient,
        "authored": instant(submission.submitted_at),
        **_encounter(record, submission),
    }


def _item(instrument: Instrument | None, key: str, value: Any, language: str) -> Json:
    """One answer with its question, in the language it was asked in."""
    wording = instrument.wordings.get(language) if instrument else None
    words = wording.items.get(key) if wording else None
    said = {"valueString": value} if isinstance(value, str) else {"valueDecimal": value}
    return {"linkId": key, **({"text": words.text} if words else {}), "answer": [said]}


def _code(instrument: Instrument | None, key: str, scale_key: str, language: str) -> Json:
    """LOINC where the scale has a code, beside our own name of it."""
    scale = next((each for each in instrument.scales if each.key == scale_key), None) if instrument else None
    codings = [{"system": LOINC, "code": scale.codes["loinc"]}] if scale and "loinc" in scale.codes else []
    codings.append({"system": SCALE, "code": f"{key}.{scale_key}"})
    return {"coding": codings, "text": instrument.title(language) if instrument else key}


def _own_words(record: _Record) -> Iterator[Json]:
    """What was written beside the forms: one response per sending, without a questionnaire."""
    for sent in Submission.objects.filter(occasion__in=own_occasions(record.citizen)).order_by(
        "submitted_at"
    ):
        if sent.own_words:
            words = {"linkId": "own-words", "answer": [{"valueString": sent.own_words}]}
            yield {**_response(record, uuid.uuid5(sent.client_id, "own words"), sent), "item": [words]}


def _consents(record: _Record) -> Iterator[Json]:
    """Sharing with partners: who may see which parts, from when until when."""
    shared: Iterable[Relation] = (
        record.citizen.relations.filter(basis=Basis.CONSENT)
        .select_related("staff__person", "unit")
        .order_by("valid_from", "pk")
    )
    in_force = set(
        Relation.objects.at(record.viewer.now).filter(citizen=record.citizen).values_list("pk", flat=True)
    )
    for each in shared:
        provision: Json = {"type": "permit", "period": period(each.valid_from, each.valid_to)}
        if each.staff is not None or not record.secret:
            who = record.by(each.staff) if each.staff is not None else record.at(each.unit)  # type: ignore[arg-type]
            provision["actor"] = [{"role": concept(PARTICIPATION, "IRCP"), "reference": who}]
        if each.parts:
            provision["class"] = [{"system": "urn:medvirk:part", "code": code} for code in each.parts]
        yield {
            "resourceType": "Consent",
            "id": str(each.pk),
            "status": "active" if each.pk in in_force else "inactive",
            "scope": concept(CONSENT_SCOPE, "patient-privacy"),
            "category": [concept(LOINC, "59284-0")],
            "patient": record.patient,
            "dateTime": each.valid_from.isoformat(),
            "policyRule": concept(V3_ACT, "OPTIN"),
            "provision": provision,
        }
