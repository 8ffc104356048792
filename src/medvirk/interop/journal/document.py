"""A summary as a FHIR R4 document, checked by `fhir.resources` as it is built.

The Composition says in words what the text says. Beside the words stand, of the chosen parts only, what a record system
can read as data: the contact, the scores, the goals, what was agreed and the next conversation.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from django.utils import timezone

from medvirk.feedback.logic import Measure, Point
from medvirk.feedback.logic.journal import JournalPart
from medvirk.feedback.models import Agreement, Goal, Session
from medvirk.interop.fhir.parts import (
    LOINC,
    OBSERVATION_CATEGORY,
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
from medvirk.interop.journal.content import Gathered
from medvirk.interop.journal.words import Section, Summary, source_of
from medvirk.people.access import Viewer
from medvirk.people.models import Staff

PART = "urn:medvirk:journal-part"
PROGRESS_NOTE = "11506-3"
SUMMARY = "34133-9"
GOAL_CATEGORY = "urn:medvirk:own-goal"
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass
class _Document:
    """What is gathered while it is built."""

    viewer: Viewer
    gathered: Gathered
    now: datetime
    resources: list[Json] = field(default_factory=list)

    @property
    def patient(self) -> Json:
        return reference(self.gathered.of.citizen.pk)

    def add(self, resource: Json) -> Json:
        """Returns a reference to it."""
        self.resources.append(resource)
        return reference(resource["id"])


def as_fhir(
    viewer: Viewer,
    gathered: Gathered,
    summary: Summary,
    parts: Sequence[JournalPart],
    *,
    author: Staff,
    now: datetime,
    language: str,
) -> bytes:
    """The Bundle as UTF-8 JSON, with the summary's own words and nothing of the parts that were not chosen.

    Raises:
        ValidationError: of pydantic; a resource is not valid FHIR, which would be a fault of ours.
    """
    from fhir.resources.R4B.bundle import Bundle

    document = _Document(viewer, gathered, now)
    chosen = set(parts)
    contact = document.add(_contact(document)) if JournalPart.CONTACT in chosen else None
    entries = {part: list(make(document)) for part, make in _DATA.items() if part in chosen}
    if contact is not None:
        entries[JournalPart.CONTACT] = [contact]
    composition = {
        "resourceType": "Composition",
        "id": str(uuid.uuid4()),
        "language": language,
        "status": "final",
        "type": concept(LOINC, PROGRESS_NOTE if gathered.of.session else SUMMARY),
        "subject": document.patient,
        "date": instant(now),
        "author": [reference(author.pk)],
        "title": summary.title,
        "section": [_section(each, entries) for each in summary.sections],
    }
    if contact is not None and gathered.of.session is not None:
        composition["encounter"] = contact
    people = [author]
    if JournalPart.CONTACT in chosen and gathered.responsible.pk != author.pk:
        people.append(gathered.responsible)
    resources = [composition, _patient(document), *map(_practitioner, people), *document.resources]
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": full_url(uuid.uuid4())},
        "timestamp": instant(now),
        "entry": [{"fullUrl": full_url(each["id"]), "resource": each} for each in resources],
    }
    Bundle.model_validate(bundle)
    return json.dumps(bundle, ensure_ascii=False, indent=1).encode()


def _section(section: Section, entries: dict[JournalPart, list[Json]]) -> Json:
    words = "".join(f"<p>{escape(each)}</p>" for each in section.sentences)
    found: Json = {
        "title": section.title,
        "code": concept(PART, section.code),
        "text": {"status": "generated", "div": f'<div xmlns="{_XHTML}">{words}</div>'},
    }
    held = next((some for part, some in entries.items() if part == section.code), [])
    return found | ({"entry": held} if held else {})


def _patient(document: _Document) -> Json:
    """Who it is, so that the record system finds the right one. Never where they live."""
    citizen = document.gathered.of.citizen
    person = citizen.person
    found: Json = {
        "resourceType": "Patient",
        "id": str(citizen.pk),
        "name": [{"use": "official", "family": person.family_name, "given": person.given_name.split()}],
    }
    if person.national_id:
        found["identifier"] = [national_identifier(person.national_id, today=document.viewer.today)]
    if person.birth_date:
        found["birthDate"] = person.birth_date.isoformat()
    return found


def _practitioner(staff: Staff) -> Json:
    name = {"family": staff.person.family_name, "given": staff.person.given_name.split()}
    return {"resourceType": "Practitioner", "id": str(staff.pk), "name": [name]}


def _contact(document: _Document) -> Json:
    """The conversation, or the course of help as a whole."""
    of, responsible = document.gathered.of, document.gathered.responsible
    if of.session is not None:
        cancelled, comes = of.session.cancelled_at is not None, of.session.starts_at > document.now
        return {
            "resourceType": "Encounter",
            "id": str(of.session.pk),
            "status": "cancelled" if cancelled else "planned" if comes else "finished",
            "class": {"system": V3_ACT, "code": "AMB"},
            "subject": document.patient,
            "participant": [{"individual": reference(responsible.pk)}],
            "period": {"start": instant(of.session.starts_at)},
        }
    episode = of.found.episode
    return {
        "resourceType": "EpisodeOfCare",
        "id": str(episode.pk),
        "status": "active" if episode.ended_on is None else "finished",
        "patient": document.patient,
        "careManager": reference(responsible.pk),
        "period": period(episode.started_on, episode.ended_on),
    }


def _scores(document: _Document) -> Iterator[Json]:
    """The scores that the words name: here, the first, and that of the meeting. What is missing is said in words."""
    gathered = document.gathered
    course, here = gathered.followed.course, gathered.here
    for point in (gathered.first, here):
        if here is not None and here.outcome is not None and point is not None and point.outcome is not None:
            yield document.add(_observation(document, course.measure, point, point.outcome))
    if course.meeting_measure is not None and here is not None and here.meeting is not None:
        yield document.add(_observation(document, course.meeting_measure, here, here.meeting))


def _observation(document: _Document, measure: Measure, point: Point, value: float) -> Json:
    return {
        "resourceType": "Observation",
        "id": str(uuid.uuid5(point.session_id, f"{document.gathered.of.citizen.pk} {measure.instrument}")),
        "status": "final",
        "category": [concept(OBSERVATION_CATEGORY, "survey")],
        "code": concept(SCALE, f"{measure.instrument}.{measure.scale}", measure.title),
        "subject": document.patient,
        # The day only: the words say no more.
        "effectiveDateTime": timezone.localdate(point.starts_at).isoformat(),
        "valueQuantity": {"value": value},
        "referenceRange": [{"low": {"value": measure.low}, "high": {"value": measure.high}}],
        "note": [{"text": source_of(measure)}],
    }


def _plan(document: _Document) -> Iterator[Json]:
    """What was agreed, one activity each; nothing where nothing was."""
    gathered = document.gathered
    agreed = [each for signal in gathered.signals for each in signal.agreed] + list(gathered.agreed)
    if agreed:
        plan = {
            "resourceType": "CarePlan",
            "id": str(uuid.uuid4()),
            "status": "active",
            "intent": "plan",
            "subject": document.patient,
            "activity": [{"detail": _activity(each)} for each in agreed],
        }
        yield document.add(plan)


def _activity(agreed: Agreement) -> Json:
    status = "completed" if agreed.done_on else "cancelled" if agreed.dropped_on else "in-progress"
    due = {"scheduledPeriod": {"end": agreed.due_on.isoformat()}} if agreed.due_on else {}
    return {"status": status, "description": agreed.text.strip(), **due}


def _goals(document: _Document) -> Iterator[Json]:
    return (document.add(_goal(document, each)) for each in document.gathered.goals)


def _goal(document: _Document, goal: Goal) -> Json:
    over = "completed" if goal.reached_on else "cancelled" if goal.dropped_on else "active"
    found: Json = {
        "resourceType": "Goal",
        "id": str(goal.pk),
        "lifecycleStatus": over,
        "category": [concept(GOAL_CATEGORY, "own")],
        "description": {"text": goal.words.strip()},
        "subject": document.patient,
        "startDate": goal.set_on.isoformat(),
    }
    if goal.reached_on or goal.dropped_on:
        found["statusDate"] = (goal.reached_on or goal.dropped_on).isoformat()
    return found


def _next(document: _Document) -> Iterator[Json]:
    coming: Session | None = document.gathered.next_session
    if coming is not None:
        yield document.add(
            {
                "resourceType": "Encounter",
                "id": str(coming.pk),
                "status": "planned",
                "class": {"system": V3_ACT, "code": "AMB"},
                "subject": document.patient,
                "period": {"start": instant(coming.starts_at)},
            }
        )


#: What stands as data beside the words of a part.
_DATA: dict[JournalPart, Callable[[_Document], Iterator[Json]]] = {
    JournalPart.SCORES: _scores,
    JournalPart.SIGNALS: _plan,
    JournalPart.GOALS: _goals,
    JournalPart.NEXT: _next,
}
