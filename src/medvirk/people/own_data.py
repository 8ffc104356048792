"""What this room holds about a citizen, as the citizen gets it out. The rooms below do the same beside their models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.people.access import Viewer
from medvirk.people.hooks import OwnData, Plain, Shown, leave_out, register_own_data
from medvirk.people.models import Citizen
from medvirk.people.queries.log import own_log
from medvirk.people.queries.own import hides_place, relations_around
from medvirk.people.queries.requests import own_requests

Row = Mapping[str, Plain | Shown]
Fields = Mapping[str, str | Promise]


def moment(at: datetime | None) -> Shown | None:
    """A moment: ISO 8601 with its zone in the file, as people write it on paper."""
    if at is None:
        return None
    here = timezone.localtime(at)
    return Shown(here.isoformat(), f"{here:%d.%m.%Y %H:%M}")


def day(on: date | None) -> Shown | None:
    return None if on is None else Shown(on.isoformat(), f"{on:%d.%m.%Y}")


def coded(code: str, words: object) -> Shown:
    """A code in the file, its words on paper."""
    return Shown(code, str(words))


def yes_no(value: bool) -> Shown:
    return Shown(value, _("yes") if value else _("no"))


PERSON: Fields = {
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "national_id": gettext_lazy("National identity number"),
    "birth_date": gettext_lazy("Date of birth"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "language": gettext_lazy("Language"),
    "protection": gettext_lazy("Address protection"),
    "registered_at": gettext_lazy("Registered"),
    "own_account": gettext_lazy("Signs in for themselves"),
}


def _person(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    person = citizen.person
    secret = hides_place(viewer, citizen)
    yield {
        "given_name": person.given_name,
        "family_name": person.family_name,
        "national_id": person.national_id,
        "birth_date": day(person.birth_date),  # type: ignore[arg-type]
        "phone": "" if secret else person.phone,
        "email": "" if secret else person.email,
        "language": person.language,
        "protection": coded(person.protection, person.get_protection_display()),
        "registered_at": moment(citizen.registered_at),
        "own_account": yes_no(hasattr(person, "own_user")),
    }


RELATIONS: Fields = {
    "who": gettext_lazy("Worker or team"),
    "basis": gettext_lazy("Why they may open the record"),
    "reason": gettext_lazy("Reason"),
    "from": gettext_lazy("First day"),
    "to": gettext_lazy("Last day"),
    "until": gettext_lazy("Ends at"),
    "parts": gettext_lazy("What is shared"),
}


def _relations(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    from medvirk.people.models import Basis

    for each in relations_around(viewer, citizen):
        yield {
            "who": each.who,
            "basis": coded(each.basis, Basis(each.basis).label),
            "reason": each.reason,
            "from": day(each.first_day),
            "to": day(each.last_day),
            "until": moment(each.last_moment),
            "parts": Shown(list(each.parts), ", ".join(each.parts)),
        }


GUARDIANS: Fields = {
    "who": gettext_lazy("Parent or guardian"),
    "kind": gettext_lazy("Kind"),
    "withheld": gettext_lazy("Not told, because the citizen does not want it"),
    "covers_health": gettext_lazy("The mandate covers health"),
    "from": gettext_lazy("First day"),
    "to": gettext_lazy("Last day"),
}


def _guardians(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    found = citizen.guardianships.select_related("guardian").order_by("valid_from", "pk")
    if viewer.own_person_id != citizen.person_id:
        # A parent gets what is about themselves, not about the other one.
        found = found.filter(guardian_id=viewer.own_person_id)
    for each in found:
        yield {
            "who": each.guardian.name,
            "kind": coded(each.kind, each.get_kind_display()),
            "withheld": yes_no(each.withheld),
            "covers_health": yes_no(each.covers_health),
            "from": day(each.valid_from),
            "to": day(each.valid_to),
        }


BARS: Fields = {
    "who": gettext_lazy("Worker who is kept out"),
    "kind": gettext_lazy("Kind"),
    "reason": gettext_lazy("Reason"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
}


def _bars(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in citizen.bars.select_related("staff__person").order_by("set_at", "pk"):
        yield {
            "who": each.staff.person.name,
            "kind": coded(each.kind, each.get_kind_display()),
            "reason": each.reason,
            "from": moment(each.set_at),
            "to": moment(each.lifted_at),
        }


CONSENTS: Fields = {
    "purpose": gettext_lazy("What was asked"),
    "version": gettext_lazy("Version of the text"),
    "language": gettext_lazy("Language"),
    "yes": gettext_lazy("Answer"),
    "from": gettext_lazy("From"),
    "to": gettext_lazy("To"),
    "by": gettext_lazy("Who answered"),
    "way": gettext_lazy("How it came"),
}


def _consents(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    found = citizen.consents.select_related("answered_by", "noted_by__person").order_by("answered_at", "pk")
    for each in found:
        said_by = each.answered_by or (each.noted_by.person if each.noted_by else None)
        yield {
            "purpose": coded(each.purpose, each.get_purpose_display()),
            "version": each.version,
            "language": each.language,
            "yes": yes_no(each.yes),
            "from": moment(each.answered_at),
            "to": moment(each.ended_at),
            "by": said_by.name if said_by else "",
            "way": coded(each.way, each.get_way_display()) if each.way else "",
        }


REQUESTS: Fields = {
    "kind": gettext_lazy("What was asked for"),
    "text": gettext_lazy("In own words"),
    "by": gettext_lazy("Who asked"),
    "sent_at": gettext_lazy("Sent"),
    "due_on": gettext_lazy("Answer by"),
    "seen_at": gettext_lazy("Read"),
    "outcome": gettext_lazy("What came of it"),
    "answer": gettext_lazy("Answer"),
    "answered_at": gettext_lazy("Answered"),
    "answered_by": gettext_lazy("Who answered"),
    "closed_at": gettext_lazy("Closed"),
}


def _requests(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in own_requests(viewer, citizen):
        yield {
            "kind": coded(each.kind, each.get_kind_display()),
            "text": each.text,
            "by": each.asked_by.name,
            "sent_at": moment(each.sent_at),
            "due_on": day(each.due_on),
            "seen_at": moment(each.seen_at),
            "outcome": coded(each.outcome, each.get_outcome_display()),
            "answer": each.answer,
            "answered_at": moment(each.answered_at),
            "answered_by": each.answered_by.person.name if each.answered_by else "",
            "closed_at": moment(each.closed_at),
        }


LOG: Fields = {
    "at": gettext_lazy("When"),
    "until": gettext_lazy("The last time that day"),
    "times": gettext_lazy("How often"),
    "told": gettext_lazy("What happened"),
    "emergency": gettext_lazy("Emergency"),
    "reason": gettext_lazy("Reason"),
}
#: More days than any log has: the whole of it on one page.
ALL_DAYS = 100_000


def _log(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in own_log(viewer, citizen, days=ALL_DAYS).days:
        for line in each.lines:
            yield {
                "at": moment(line.at),
                "until": moment(line.until),
                "times": line.times,
                "told": line.sentence,
                "emergency": yes_no(line.emergency),
                "reason": line.reason,
            }


ERASURES: Fields = {
    "basis": gettext_lazy("Why"),
    "reason": gettext_lazy("Reason"),
    "proposed_at": gettext_lazy("Proposed"),
    "approved_at": gettext_lazy("Decided"),
    "declined_at": gettext_lazy("Declined"),
    "done_at": gettext_lazy("Done"),
}


def _erasures(_viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    for each in citizen.erasures.order_by("proposed_at", "pk"):
        yield {
            "basis": coded(each.basis, each.get_basis_display()),
            "reason": each.reason,
            "proposed_at": moment(each.proposed_at),
            "approved_at": moment(each.approved_at),
            "declined_at": moment(each.declined_at),
            "done_at": moment(each.done_at),
        }


CHANGES: Fields = {
    "at": gettext_lazy("When"),
    "what": gettext_lazy("What"),
    "before": gettext_lazy("Before"),
    "after": gettext_lazy("After"),
}


def changes_of(rows: Iterable[Any], names: Mapping[str, str | Promise]) -> Iterator[Row]:
    """What each change in a table of changes altered; `names` are the fields and their words."""
    last: dict[Any, Any] = {}
    for row in sorted(rows, key=lambda each: (each.history_date, each.history_id)):
        before = last.get(row.id)
        last[row.id] = row
        if before is None:
            continue
        for name, words in names.items():
            old, new = getattr(before, name), getattr(row, name)
            if old != new:
                yield {
                    "at": moment(row.history_date),
                    "what": Shown(name, str(words)),
                    "before": _written(old),
                    "after": _written(new),
                }


def _written(value: Any) -> Plain | Shown:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return "" if value is None else value


CHANGED_OF_PERSON = {
    name: words for name, words in PERSON.items() if name not in {"registered_at", "own_account"}
} | {"died_on": gettext_lazy("Registered as dead on")}
CHANGED_OF_RELATION = {
    "reason": gettext_lazy("Reason"),
    "valid_to": gettext_lazy("Last day"),
    "ends_at": gettext_lazy("Ends at"),
}


def _changes(viewer: Viewer, citizen: Citizen) -> Iterator[Row]:
    names = CHANGED_OF_PERSON
    if hides_place(viewer, citizen):
        names = {name: words for name, words in names.items() if name not in {"phone", "email"}}
    yield from changes_of(type(citizen.person).history.filter(id=citizen.person_id), names)
    for model, fields in (
        (citizen.relations.model, CHANGED_OF_RELATION),
        (citizen.bars.model, {"reason": gettext_lazy("Reason"), "lifted_at": gettext_lazy("To")}),
        (
            citizen.guardianships.model,
            {"withheld": GUARDIANS["withheld"], "valid_to": gettext_lazy("Last day")},
        ),
    ):
        yield from changes_of(_history(model, citizen), fields)


def _history(model: type[Model], citizen: Citizen) -> Iterable[Any]:
    return model.history.filter(citizen_id=citizen.pk)  # type: ignore[attr-defined,no-any-return]


LEFT_OUT = {
    "PersonKey": "keyed hashes of what stands under person, to find it by; they say nothing more",
    "HistoricalCitizenRequest": "the steps of a request stand with the request",
    "Death": "after a death these pages are closed; a day that was registered by mistake stands under changes",
    "EmergencyReview": "that a leader has looked at an emergency access, which stands with the relations",
    "PersonMerge": "that two registrations were one person's; what stood in them stands in the other parts",
    "PersonMergeMove": "which rows were joined then; the rows stand in the other parts",
    "SuspectedDuplicate": "a guess that is as much about somebody else; what came of it stands in the log",
}


def register() -> None:
    """Called when the room is ready."""
    for order, (key, title, fields, models, collect) in enumerate(
        (
            ("person", gettext_lazy("Who I am"), PERSON, {"Person", "Citizen", "User"}, _person),
            ("relations", gettext_lazy("Who can open my record"), RELATIONS, {"Relation"}, _relations),
            ("guardians", gettext_lazy("Parents and guardians"), GUARDIANS, {"Guardianship"}, _guardians),
            ("kept_out", gettext_lazy("Those who are kept out"), BARS, {"Bar"}, _bars),
            ("consents", gettext_lazy("What I have agreed to"), CONSENTS, {"Consent"}, _consents),
            ("requests", gettext_lazy("What I have asked for"), REQUESTS, {"CitizenRequest"}, _requests),
            ("log", gettext_lazy("Who has looked"), LOG, {"AccessEvent"}, _log),
            ("erasures", gettext_lazy("What is or was to be erased"), ERASURES, {"Erasure"}, _erasures),
            ("changes", gettext_lazy("What was changed about me"), CHANGES,
             {"HistoricalPerson", "HistoricalRelation", "HistoricalBar", "HistoricalGuardianship"}, _changes),
        )
    ):  # fmt: skip
        register_own_data(
            OwnData(
                f"people.{key}",
                title,
                10 + order,
                fields,
                frozenset(f"people.{model}" for model in models),
                collect,
            )
        )
    for model, reason in LEFT_OUT.items():
        leave_out(f"people.{model}", reason)
