"""A summary for the record: text, PDF and FHIR hold the same, exactly what was ticked, and nothing of anybody else."""

from __future__ import annotations

import json
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import translation
from factories_feedback import Care, marks
from pypdf import PdfReader

from medvirk.feedback import queries
from medvirk.feedback.actions import Refused, cancel_session, note_change
from medvirk.feedback.actions.following import NewAgreement, see, talk
from medvirk.feedback.actions.goals import add_goal, note_event
from medvirk.feedback.actions.journal import Chosen, digest_of, export, take_over, undo
from medvirk.feedback.actions.members import add_member
from medvirk.feedback.actions.raising import evaluate_due
from medvirk.feedback.logic.journal import JournalPart
from medvirk.feedback.models import JournalChoice, JournalSummary, Signal
from medvirk.feedback.queries.journal import parts_ticked, summaries, waiting
from medvirk.interop.journal.content import Of, gather
from medvirk.interop.journal.document import as_fhir
from medvirk.interop.journal.files import as_pdf
from medvirk.interop.journal.words import as_text, in_words
from medvirk.people.models import AccessEvent, Relation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
DAY = timedelta(days=1)

#: What is planted in each part. Nothing of it may be in a summary without that part.
PLANTED = {
    JournalPart.CONTACT: ["Responsible:"],
    JournalPart.SCORES: ["Source: the citizen's own answers to", "not validated"],
    JournalPart.EXPECTED: ["Expected on"],
    JournalPart.SIGNALS: ["Talt-om-kjemi", "Avtalt-kortere-moter", "Avtalt-uten-signal"],
    JournalPart.GOALS: ["Maal-gaa-paa-fjellet"],
    JournalPart.EVENTS: ["Hendelse-flyttet-ut"],
    JournalPart.OWN_WORDS: ["Egne-ord-for", "Egne-ord-etter"],
    JournalPart.SAFETY: ["Now and then", "Spurt-rolig-om-livet", "Avtalt-ringe-i-kveld"],
    JournalPart.NEXT: ["Next conversation"],
}
NOTE = "Notat-fra-behandler"


class World:
    """A course with something of every part, and a couple beside it."""

    def __init__(self, care: Care, make) -> None:
        self.care, self.make = care, make
        self.citizen = make.citizen(
            worker=care.worker, details=make.details(given_name="Planta", national_id="01818500011")
        )
        episode = care.course([20.0, 24.0], episode=care.episode(citizen=self.citizen), meeting=46.0)
        self.episode = episode
        self.session = care.session(episode, at=care.now - 2 * timedelta(hours=1))
        sent = marks("life-now", 26) | {"safety.q1": "1"}
        care.send(
            care.way_in(self.session.asks("before")),
            sent,
            asked=("life-now", "safety"),
            own_words="Egne-ord-for",
        )
        care.send(
            care.way_in(self.session.asks("after")),
            marks("this-meeting", 18),
            asked=("this-meeting",),
            own_words="Egne-ord-etter",
        )
        evaluate_due(care.now)
        self.follow_through()
        care.session(episode, at=care.now + 7 * DAY)

    def follow_through(self) -> None:
        care, by = self.care, self.care.viewer
        risk = Signal.objects.get(citizen=self.citizen, kind="risk")
        see(by=by, signal=risk, now=care.now)
        talk(
            by=by, signal=risk, about="Spurt-rolig-om-livet", session=self.session, now=care.now,
            agreed=[NewAgreement("Avtalt-ringe-i-kveld")],
        )  # fmt: skip
        falling = Signal.objects.get(citizen=self.citizen, kind="alliance_falling")
        talk(
            by=by, signal=falling, about="Talt-om-kjemi", session=self.session, now=care.now,
            agreed=[NewAgreement("Avtalt-kortere-moter", due_on=care.viewer.today + 7 * DAY)],
        )  # fmt: skip
        note_change(
            by=by,
            session=self.session,
            staff=care.worker,
            text="Avtalt-uten-signal",
            due_on=None,
            now=care.now,
        )
        add_goal(
            by=by, citizen=self.citizen, words="Maal-gaa-paa-fjellet", now=care.now, episode=self.episode
        )
        note_event(
            by=by, citizen=self.citizen, day=care.viewer.today, words="Hendelse-flyttet-ut", now=care.now
        )

    def of(self, citizen=None, session=None, episode=None) -> Of:
        found = queries.fetch_one(queries.episodes(self.care.viewer).filter(pk=(episode or self.episode).pk))
        return Of(found, citizen or self.citizen, session)

    def three(self, of: Of, parts, note="") -> dict[str, str]:
        """All that each of the three forms says."""
        with translation.override("en"):
            gathered = gather(self.care.viewer, of, now=self.care.now, language="en")
            summary = in_words(gathered, parts, note)
            pdf = as_pdf(summary, of.citizen, made_by="Made By", now=self.care.now, language="en")
            fhir = as_fhir(
                self.care.viewer, gathered, summary, parts,
                author=self.care.worker, now=self.care.now, language="en",
            )  # fmt: skip
        pages = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
        self.bundle = json.loads(fhir)
        strings = list(strings_of(self.bundle))
        return {"text": as_text(summary), "pdf": pages, "fhir": " ".join(strings)}


def strings_of(value):
    if isinstance(value, dict):
        for each in value.values():
            yield from strings_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings_of(each)
    elif isinstance(value, str):
        yield value.replace("&#x27;", "'").replace("&quot;", '"')


def squeezed(text: str) -> str:
    """Without what a line break in a PDF adds."""
    return "".join(text.split()).replace("’", "'").replace("‘", "'").replace("\u00ad", "").replace("-", "")


@pytest.fixture
def world(care, make) -> World:
    return World(care, make)


def chosen(world: World, text="Tekst", session=True, **more) -> Chosen:
    of = world.session if session else None
    parts = more.pop("parts", [JournalPart.CONTACT])
    return Chosen(world.episode, world.citizen, of, parts, "nb", text, **more)


@pytest.mark.parametrize("of_session", [True, False])
def test_text_pdf_and_fhir_hold_the_chosen_parts_and_no_more(world, of_session):
    of = world.of(session=world.session if of_session else None)
    for part in JournalPart:
        said = world.three(of, [part])
        for form, text in said.items():
            held = squeezed(text)
            for other, words in PLANTED.items():
                for word in words:
                    assert (squeezed(word) in held) == (other is part), (form, part, word)
            assert squeezed(NOTE) not in held


def test_everything_ticked_and_the_note(world):
    said = world.three(world.of(session=world.session), tuple(JournalPart), NOTE)
    text = said["text"]
    for form, each in said.items():
        for line in text.splitlines():
            assert squeezed(line) in squeezed(each), (form, line)
    assert NOTE in text


def test_the_words_are_those_of_a_record(world):
    with translation.override("nb"):
        gathered = gather(
            world.care.viewer, world.of(session=world.session), now=world.care.now, language="nb"
        )
        text = as_text(in_words(gathered, tuple(JournalPart), ""))
    assert "26 på en skala fra 0 til 50 (høyere er bedre)" in text
    assert "Medvirks eget skjema, ikke validert" in text
    assert "Endring: 6 poeng bedre." in text


def test_references_in_the_document_are_all_in_it(world):
    world.three(world.of(session=world.session), tuple(JournalPart), NOTE)
    entries = world.bundle["entry"]
    kinds = [each["resource"]["resourceType"] for each in entries]
    assert world.bundle["type"] == "document"
    assert kinds[0] == "Composition"
    assert {"Patient", "Practitioner", "Encounter", "Observation", "Goal", "CarePlan"} <= set(kinds)
    urls = [each["fullUrl"] for each in entries]
    assert len(urls) == len(set(urls))
    named = set()

    def walk(value):
        if isinstance(value, dict):
            named.update({value["reference"]} if "reference" in value else set())
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(entries)
    assert named <= set(urls)
    assert set(urls) - named == {urls[0]}, "nothing lies in it that the Composition does not lead to"
    values = [
        e["resource"]["valueQuantity"]["value"]
        for e in entries
        if e["resource"]["resourceType"] == "Observation"
    ]
    assert sorted(values) == [18, 20, 26]


def test_of_a_couple_only_the_one_that_was_chosen(world, care, make):
    partner = make.citizen(worker=care.worker, details=make.details(given_name="Partnerine"))
    add_member(
        by=care.viewer, episode=world.episode, citizen=partner, kind="couple",
        since=care.viewer.today, now=care.now,
    )  # fmt: skip
    session = care.session(world.episode, at=care.now - timedelta(minutes=5))
    care.send(
        care.way_in(session.asks("before", partner.pk)), marks("life-now", 41) | {"safety.q1": "3"},
        asked=("life-now", "safety"), own_words="Partnerens-ord",
    )  # fmt: skip
    care.send(care.way_in(session.asks("before", world.citizen.pk)), marks("life-now", 27))
    add_goal(by=care.viewer, citizen=partner, words="Partnerens-maal", now=care.now)
    note_change(
        by=care.viewer, session=session, staff=care.worker, text="Avtalt-av-begge", due_on=None, now=care.now
    )
    evaluate_due(care.now)

    said = world.three(world.of(session=session), tuple(JournalPart))

    for form, text in said.items():
        for word in ("Partner", "Avtalt-av-begge", "afraid of what", str(partner.pk)):
            assert squeezed(word) not in squeezed(text), (form, word)
    assert "41" not in said["text"]
    values = [each["resource"].get("valueQuantity", {}).get("value") for each in world.bundle["entry"]]
    assert 27 in values
    assert 41 not in values
    theirs = world.three(world.of(citizen=partner, session=session), tuple(JournalPart))
    assert "Planta" not in theirs["fhir"]
    assert "Egne-ord" not in theirs["text"]


# what is written down


def test_taking_over_is_a_row_in_the_log_and_can_be_undone(world, care):
    made = take_over(by=care.viewer, chosen=chosen(world), where="Gerica", now=care.now)

    assert (made.taken_over_by, made.taken_over_at, made.taken_over_where) == (
        care.worker,
        care.now,
        "Gerica",
    )
    assert AccessEvent.objects.filter(what="feedback.journal", action="exported").count() == 1
    assert take_over(by=care.viewer, chosen=chosen(world), where="Gerica", now=care.now + DAY) == made

    undo(by=care.viewer, summary=made)

    made.refresh_from_db()
    assert (made.taken_over_at, made.taken_over_by, made.taken_over_where) == (None, None, "")
    with pytest.raises(Refused, match="not_taken_over"):
        undo(by=care.viewer, summary=made)


def test_undoing_beside_one_in_work_keeps_the_newer(world, care):
    first = take_over(by=care.viewer, chosen=chosen(world), where="", now=care.now)
    newer = export(by=care.viewer, chosen=chosen(world, "Nyere", note="Nytt notat"), now=care.now + DAY)
    undo(by=care.viewer, summary=first)
    assert list(JournalSummary.objects.all()) == [newer]


def test_an_export_is_one_row_that_is_worked_on(world, care):
    first = export(by=care.viewer, chosen=chosen(world, "En", note="Kladd"), now=care.now)
    second = export(by=care.viewer, chosen=chosen(world, "To", note="Ferdig"), now=care.now)

    assert first.pk == second.pk
    assert JournalSummary.objects.get().note == "Ferdig"
    assert JournalSummary.objects.get().text_digest == digest_of("To")
    assert AccessEvent.objects.filter(what="feedback.journal", action="exported").count() == 2


def test_what_was_ticked_is_remembered_but_never_own_words(world, care):
    ticked = [JournalPart.SCORES, JournalPart.OWN_WORDS, JournalPart.EVENTS]
    export(by=care.viewer, chosen=chosen(world, parts=ticked), now=care.now)
    assert parts_ticked(care.viewer) == (JournalPart.SCORES, JournalPart.EVENTS)
    assert JournalChoice.objects.get().parts == ["scores", "events"]


def test_only_who_may_open_the_record_takes_anything_out(world, care, make):
    stranger = make.viewer(make.staff("practitioner", care.unit))
    for act in (
        lambda: export(by=stranger, chosen=chosen(world), now=care.now),
        lambda: take_over(by=stranger, chosen=chosen(world), where="", now=care.now),
    ):
        with pytest.raises(PermissionDenied):
            act()
    made = take_over(by=care.viewer, chosen=chosen(world), where="", now=care.now)
    with pytest.raises(PermissionDenied):
        undo(by=stranger, summary=made)
    assert summaries(stranger, world.episode, world.citizen) == ()
    assert waiting(stranger, now=care.now) == []


# what is not in the record yet


def test_nothing_waits_until_the_first_was_taken_over(world, care):
    assert waiting(care.viewer, now=care.now) == []
    take_over(by=care.viewer, chosen=chosen(world), where="", now=care.now)
    later = care.session(world.episode, at=care.now - timedelta(minutes=1))
    held = care.session(care.episode(), at=care.now - timedelta(minutes=2))
    cancelled = care.session(care.episode(), at=care.now - timedelta(minutes=3))
    cancel_session(by=care.viewer, session=cancelled, now=care.now)

    found = [each.session_id for each in waiting(care.viewer, now=care.now)]

    assert found == [later.pk, held.pk], "neither what is in it, what is to come, nor what did not take place"
    assert [each.session_id for each in waiting(care.viewer, now=care.now, session_id=held.pk)] == [held.pk]


def test_the_whole_course_covers_the_conversations_before_it(world, care):
    take_over(by=care.viewer, chosen=chosen(world), where="", now=care.now)
    later = care.session(world.episode, at=care.now + timedelta(minutes=1))
    tomorrow = care.now + DAY
    assert [each.session_id for each in waiting(care.viewer, now=tomorrow)] == [later.pk]
    take_over(by=care.viewer, chosen=chosen(world, session=False), where="", now=tomorrow)
    assert waiting(care.viewer, now=tomorrow) == []


def test_a_closed_record_waits_for_nobody(world, care):
    take_over(by=care.viewer, chosen=chosen(world), where="", now=care.now)
    care.session(world.episode, at=care.now - timedelta(minutes=1))
    Relation.objects.filter(citizen=world.citizen).update(valid_to=care.viewer.today - DAY)
    care.viewer.forget()
    assert waiting(care.viewer, now=care.now) == []


def test_what_happened_on_the_day_of_a_conversation_stands_in_one_summary(world, care):
    """Of that day's conversation, and not of the next one too."""
    day = care.viewer.today
    later = care.now + 7 * DAY
    with time_machine.travel(later, tick=False):
        coming = next(each for each in world.of().found.sessions if each.starts_at > care.now)
        note_event(by=care.viewer, citizen=world.citizen, day=day + DAY, words="Dagen-etter", now=later)
        told = {}
        for each in (world.session, coming):
            gathered = gather(care.viewer, world.of(session=each), now=later, language="en")
            told[each.pk] = [event.words for event in gathered.events]
    assert told == {world.session.pk: ["Hendelse-flyttet-ut"], coming.pk: ["Dagen-etter"]}
