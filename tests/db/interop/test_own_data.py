"""A citizen's own data: all of it, nothing of anybody else, as JSON, PDF and FHIR."""

from __future__ import annotations

import json
import uuid
from datetime import date, timedelta
from io import BytesIO

import jsonschema
import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from factories_feedback import Care, marks, stored_session
from pypdf import PdfReader

from medvirk.answers.actions import save_draft, see_notice
from medvirk.answers.models import Ask, Occasion, PaperEntry
from medvirk.feedback.actions import ask_somebody, end_episode, note_change
from medvirk.feedback.actions.goals import add_goal, note_event
from medvirk.feedback.actions.pauses import pause
from medvirk.feedback.actions.together import say_what_is_shown
from medvirk.feedback.models import (
    Episode,
    EpisodeKind,
    EpisodeMove,
    JournalSummary,
    Participation,
    Schedule,
    ScheduleLine,
)
from medvirk.interop.fhir.bundle import own_bundle
from medvirk.interop.portable.content import collect
from medvirk.interop.portable.files import SCHEMA, as_json, as_pdf
from medvirk.messages.models import Message
from medvirk.people.actions import end_relation, update_person
from medvirk.people.actions.bars import bar_worker
from medvirk.people.actions.consents import answer_consent
from medvirk.people.actions.requests import answer_request, send_request
from medvirk.people.actions.sharing import share_with
from medvirk.people.hooks import left_out, own_data, shared_parts
from medvirk.people.models import (
    Citizen,
    ConsentPurpose,
    Erasure,
    Guardianship,
    Outcome,
    Person,
    Reorganisation,
    RequestKind,
    Staff,
    User,
)
from medvirk.people.queries.consents import current_texts

NUMBER = "01818500011"
DETAILS = {
    "given_name": "Planta",
    "family_name": "Sørbøvåg",
    "national_id": NUMBER,
    "phone": "59000001",
    "email": "planta@example.org",
}


class Rich:
    """A citizen about whom there is something of every kind, beside others who must stay out."""

    def __init__(self, care: Care, make) -> None:
        self.care, self.make = care, make
        self.citizen = make.citizen(worker=care.worker, details=make.details(**DETAILS))
        self.account = make.own_account(self.citizen.person)
        self.stranger = make.citizen(
            worker=care.worker, details=make.details(given_name="Fremmed", family_name="Utenforsen")
        )
        self.course()
        self.couple()
        self.wishes()
        self.team()
        self.people()

    @property
    def viewer(self):
        return self.make.viewer(self.account)

    def course(self) -> None:
        care = self.care
        self.episode = care.episode(citizen=self.citizen)
        session = care.session(self.episode, at=care.now - timedelta(days=14))
        JournalSummary.objects.create(
            episode=self.episode, citizen=self.citizen, session=session, parts=["scores"], language="nb",
            text_digest="0" * 64, note="Notat til journalen", made_by=care.worker,
        )  # fmt: skip
        care.send(
            care.way_in(session.asks("before")),
            marks("life-now", 20),
            own_words="Egne ord fra meg",
            now=care.now,
        )
        note_change(by=care.viewer, session=session, staff=care.worker, text="Vi møtes ute", now=care.now)
        self.ended_and_moved()
        care.held(self.episode, care.now - timedelta(days=7), life=25.0, meeting=40.0, safety=1)
        self.begun()

    def wishes(self) -> None:
        """Goals, events, a plan of what is asked, what is shown to others, somebody else who was asked, a paper."""
        care, now = self.care, self.care.now
        add_goal(by=care.viewer, citizen=self.citizen, words="Gå en tur hver dag", now=now)
        note_event(
            by=care.viewer, citizen=self.citizen, day=timezone.localdate(), words="Flyttet til sjøen", now=now
        )
        schedule = Schedule.objects.create(episode=self.episode)
        ScheduleLine.objects.create(
            schedule=schedule, instrument_key="recovery", instrument_version=1, moment="before", rule="start"
        )
        say_what_is_shown(
            by=care.viewer, episode=self.together, citizen=self.citizen, part="curve", yes=True, now=now
        )
        session = care.session(self.episode, at=now + timedelta(days=2))
        ask_somebody(
            by=care.viewer,
            session=session,
            citizen=self.citizen,
            whom=("Siv", "Strandvollen"),
            basis="citizen",
            now=now,
        )
        PaperEntry.objects.create(
            occasion=session.asks("before"),
            filled_on=timezone.localdate(),
            typed="{}",
            begun_by=care.worker,
        )
        pause(
            by=care.viewer,
            citizen=self.citizen,
            episodes=[self.episode],
            reason="wish",
            until=timezone.localdate() + timedelta(days=14),
            now=now,
        )

    def ended_and_moved(self) -> None:
        today = timezone.localdate()
        over = self.care.episode(citizen=self.citizen)
        end_episode(by=self.care.viewer, episode=over, ended_on=today, ending="planned", now=self.care.now)
        change = Reorganisation.objects.create(kind="move", day=today)
        EpisodeMove.objects.create(
            episode=over, day=today, unit=self.make.unit("Team Flyttet"), reorganisation=change
        )

    def begun(self) -> None:
        occasion = self.care.session(self.episode).asks("before")
        see_notice(occasion=occasion, digest="d" * 64)
        save_draft(
            way_in=self.care.way_in(occasion),
            client_id=uuid.uuid4(),
            content={"own_words": "Halvferdige ord"},
            now=self.care.now,
        )

    def couple(self) -> None:
        """Conversations together with the stranger, who answers too."""
        care = self.care
        both = Episode.objects.create(
            kind=EpisodeKind.COUPLE, unit=care.unit, responsible=care.worker, started_on=date(2025, 1, 1),
            outcome_key="life-now", outcome_version=1, meeting_key="this-meeting", meeting_version=1,
        )  # fmt: skip
        for each in (self.citizen, self.stranger):
            Participation.objects.create(episode=both, citizen=each)
            before, after = (self.occasion(each) for _ in range(2))
            session = stored_session(both, care.now - timedelta(days=3), before=before, after=after)
            words = "Mine ord i parsamtalen" if each == self.citizen else "Partnerens hemmelige ord"
            care.send(care.way_in(before), marks("life-now", 30), own_words=words)
            note_change(
                by=care.viewer, session=session, staff=care.worker, text="Felles avtale", now=care.now
            )
        self.together = both

    def team(self) -> None:
        """What the team does together: supervision, the board, a crisis plan."""
        from medvirk.feedback.actions import board, supervision
        from medvirk.feedback.models import SupervisionCase

        care = self.care
        by, now, today = care.viewer, care.now, timezone.localdate()
        supervision.ask_for(by=by, episode=self.episode, words="Hva overser vi?", now=now)
        meeting = supervision.plan_supervision(by=by, unit=care.unit, day=today, now=now)
        supervision.begin(by=by, meeting=meeting, present=[care.worker], now=now)
        case = SupervisionCase.objects.select_related("episode", "supervision").get(episode=self.episode)
        supervision.note(by=by, case=case, text="Arbeidsnotat om søvn", now=now)
        board.move(by=by, episode=self.episode, to=0, reason="Sover lite", now=now)
        board.look(by=by, episode=self.episode, now=now)
        board.give_task(
            by=by, episode=self.episode, text="Ringe fastlegen", who=care.worker, due_on=today, now=now
        )
        board.write_plan(
            by=by,
            citizen=self.citizen,
            signs="Svarer ikke",
            helps="Kaffe",
            calls="Siv",
            with_citizen=True,
            now=now,
        )
        board.wish_for(by=self.viewer, citizen=self.citizen, text="Ring Siv først", now=now)

    def occasion(self, citizen) -> Occasion:
        occasion = Occasion.objects.create(
            about=citizen, respondent=citizen.person, opens_at=self.care.now - timedelta(days=9)
        )
        Ask.objects.create(occasion=occasion, position=0, instrument_key="life-now", instrument_version=1)
        return occasion

    def people(self) -> None:
        make, care, citizen = self.make, self.care, self.citizen
        self.partner = make.staff("partner", details=make.details(family_name="Navrådgiversen"))
        self.barred = make.staff("practitioner", care.unit, details=make.details(family_name="Stengtesen"))
        share_with(
            by=self.viewer, citizen=citizen, staff=self.partner, parts=[shared_parts()[0].code],
            last_day=timezone.localdate() + timedelta(days=9), reason="For å få jobb",
        )  # fmt: skip
        bar_worker(by=self.viewer, citizen=citizen, worker=self.barred, reason="Naboen min")
        guardian = make.details(given_name="Verge", family_name="Vergesen")
        self.guardian = make.citizen(details=guardian).person
        Guardianship.objects.create(
            citizen=citizen, guardian=self.guardian, kind="guardian", valid_from=make.long_ago
        )
        asked = send_request(
            by=self.viewer, citizen=citizen, kind=RequestKind.CORRECT, text="Jeg heter ikke det"
        )
        answer_request(
            by=make.viewer(care.worker), request=asked, outcome=Outcome.REFUSED, answer="Legen skrev det slik"
        )
        changed = make.details(**{**DETAILS, "phone": "59000002"})
        update_person(by=care.viewer, citizen=citizen, details=changed)
        answer_consent(
            by=self.viewer, citizen=citizen, purpose=ConsentPurpose.CONTACT, yes=True,
            version=current_texts()[ConsentPurpose.CONTACT].version, language="nb",
        )  # fmt: skip
        Erasure.objects.create(citizen=citizen, basis="decision", reason="Ba om å bli glemt")
        Message.objects.create(
            recipient=citizen.person, channel="email", kind="test", once_key="one", due_at=care.now,
            subject="Hilsen", body="Brevets tekst", expires_at=timezone.now() + timedelta(days=9),
        )  # fmt: skip
        team = citizen.relations.create(unit=care.unit, reason="Teamet rundt deg", valid_from=make.long_ago)
        end_relation(by=None, relation=team, last_day=timezone.localdate())


@pytest.fixture
def rich(care, make) -> Rich:
    return Rich(care, make)


def gathered(rich: Rich, viewer=None, language="nb"):
    with translation.override(language):
        return collect(viewer or rich.viewer, rich.citizen, now=rich.care.now, language=language)


OWN = (
    "Planta", "Sørbøvåg", NUMBER, "+4759000002", "planta@example.org", "Egne ord fra meg", "Halvferdige ord",
    "Mine ord i parsamtalen", "Vi møtes ute", "Wants help with sleep", "Teamet rundt deg", "Navrådgiversen",
    "For å få jobb", "Stengtesen", "Naboen min", "Vergesen", "Jeg heter ikke det", "Legen skrev det slik",
    "+4759000001",
    "Ba om å bli glemt", "Brevets tekst", "Team Flyttet",
)  # fmt: skip
OTHERS = ("Fremmed", "Utenforsen", "Partnerens hemmelige ord", "Felles avtale")


def test_the_json_file_holds_everything_of_the_citizen_and_nothing_of_others(rich):
    text = as_json(gathered(rich)).decode()

    assert [each for each in OWN if each not in text] == []
    assert [each for each in OTHERS if each in text] == []
    for worker in Staff.objects.select_related("person"):
        for private in (worker.person.national_id, worker.person.phone, worker.person.email):
            assert not private or private not in text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_json_file_is_as_its_schema_says(rich, language):
    file = json.loads(as_json(gathered(rich, language=language)))

    jsonschema.validate(file, json.loads(SCHEMA.read_text("utf-8")))
    assert (file["about"], file["made_for"], file["on_behalf"]) == (
        "Planta Sørbøvåg",
        "Planta Sørbøvåg",
        False,
    )
    assert {part["key"] for part in file["parts"]} == {data.key for data in own_data()}
    for part in file["parts"]:
        assert all(set(row) == set(part["fields"]) for row in part["rows"]), part["key"]


def test_every_kind_has_something_in_this_world(rich):
    """Otherwise a part could be empty for ever without anybody seeing it."""
    empty = {part.key for part in gathered(rich).parts if not part.rows}

    assert empty == set()


def test_the_pdf_is_accessible_and_holds_the_same(rich):
    reader = PdfReader(BytesIO(as_pdf(gathered(rich))))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split()).replace("\u00ad", "")

    assert [each for each in OWN if each.replace(" ", "") not in text.replace(" ", "").replace("-", "")] == []
    assert [each for each in OTHERS if each in text] == []
    assert "Sørbøvåg" in reader.pages[0].extract_text()
    assert "pdfuaid" in reader.xmp_metadata.stream.get_data().decode()


def about_citizens() -> set[str]:
    """Every table with a way by its links to a person or a citizen, but those about workers and accounts only."""
    held: set[type] = {Person, Citizen}
    outside = {Staff, User, Staff.history.model}
    while True:
        more = {
            model
            for model in apps.get_models(include_auto_created=True)
            if model not in held | outside
            and any(each.concrete and each.related_model in held for each in model._meta.get_fields())
        }
        if not more:
            return {model._meta.label for model in held}
        held |= more


def test_every_table_about_citizens_is_in_it_or_left_out_with_a_reason():
    told = frozenset().union(*(data.models for data in own_data()))
    missing = about_citizens() - told - set(left_out())

    assert missing == set(), (
        "These tables say something about a citizen, who has the right to a copy: register them with "
        "people.hooks.register_own_data (see answers/own_data.py), or say why not with leave_out."
    )
    assert all(reason.strip() for reason in left_out().values())
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert (told | set(left_out())) - known == set()


def test_nobody_else_gets_it(rich, make):
    other = make.viewer(make.own_account(rich.stranger.person))
    for viewer in (other, rich.care.viewer):
        with pytest.raises(PermissionDenied):
            collect(viewer, rich.citizen, now=rich.care.now, language="nb")
        with pytest.raises(PermissionDenied):
            own_bundle(viewer, rich.citizen, now=rich.care.now, language="nb")


@pytest.mark.parametrize("code", ["confidential", "strictly_confidential"])
def test_a_protected_address_and_place_are_not_handed_to_a_guardian(rich, make, code):
    Person.objects.filter(pk=rich.citizen.person_id).update(protection=code)
    viewer = make.viewer(make.own_account(rich.guardian))
    citizen = Citizen.objects.select_related("person").get(pk=rich.citizen.pk)
    files = [
        as_json(collect(viewer, citizen, now=rich.care.now, language="nb")),
        own_bundle(viewer, citizen, now=rich.care.now, language="nb"),
    ]

    for secret in ("59000001", "59000002", "planta@example.org", rich.care.unit.name, "Team Flyttet"):
        assert [file for file in files if secret in file.decode()] == []
    mine = as_json(gathered(rich)).decode()
    assert "59000002" in mine
    assert rich.care.unit.name in mine


# FHIR


def bundle_of(rich, viewer=None) -> dict:
    return json.loads(own_bundle(viewer or rich.viewer, rich.citizen, now=rich.care.now, language="nb"))


def references(node) -> list[str]:
    if isinstance(node, dict):
        own = [node["reference"]] if isinstance(node.get("reference"), str) else []
        return own + [each for value in node.values() for each in references(value)]
    return [each for value in node for each in references(value)] if isinstance(node, list) else []


def test_the_bundle_survives_the_way_there_and_back(rich):
    from fhir.resources.R4B.bundle import Bundle

    raw = own_bundle(rich.viewer, rich.citizen, now=rich.care.now, language="nb")

    assert json.loads(Bundle.model_validate_json(raw).model_dump_json()) == json.loads(raw)


def test_every_reference_leads_somewhere_in_the_bundle(rich):
    bundle = bundle_of(rich)
    there = [entry["fullUrl"] for entry in bundle["entry"]]

    assert len(there) == len(set(there))
    assert set(references(bundle)) <= set(there)
    assert all(entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}" for entry in bundle["entry"])


def kinds(bundle, kind: str) -> list[dict]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def test_the_bundle_holds_what_it_should_and_nothing_of_others(rich):
    bundle = bundle_of(rich)
    text = json.dumps(bundle, ensure_ascii=False)

    [patient] = kinds(bundle, "Patient")
    assert patient["identifier"] == [{"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": NUMBER}]
    assert len(kinds(bundle, "EpisodeOfCare")) == 3
    assert {each["status"] for each in kinds(bundle, "Encounter")} <= {"planned", "finished"}
    scores = [
        each
        for each in kinds(bundle, "Observation")
        if each["code"]["coding"][-1]["code"] == "life-now.total"
    ]
    assert sorted(each["valueQuantity"]["value"] for each in scores) == [20.0, 25.0, 30.0]
    [consent] = kinds(bundle, "Consent")
    assert consent["status"] == "active"
    for words in ("Egne ord fra meg", "Mine ord i parsamtalen", "Navrådgiversen"):
        assert words in text
    assert [each for each in OTHERS if each in text] == []


def test_a_d_number_stands_in_its_own_system(make):
    from medvirk.interop.fhir.parts import D_NUMBER, national_identifier

    today = date(2026, 1, 1)
    assert national_identifier("418185 00011", today=today) == {"system": D_NUMBER, "value": "41818500011"}


def test_a_scale_with_a_loinc_code_brings_it_along():
    from medvirk.instruments.loader import get
    from medvirk.interop.fhir.bundle import _code
    from medvirk.interop.fhir.parts import LOINC

    coded = [
        (instrument, scale)
        for instrument in (get("phq-9", 1), get("gad-7", 1))
        for scale in instrument.scales
        if "loinc" in scale.codes
    ]
    assert coded
    for instrument, scale in coded:
        first = _code(instrument, instrument.key, scale.key, "nb")["coding"][0]
        assert first == {"system": LOINC, "code": scale.codes["loinc"]}
