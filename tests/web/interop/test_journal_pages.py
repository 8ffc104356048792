"""The page for the journal: what is ticked, what is said, what is remembered, and what is not in the record yet."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse
from factories_feedback import DAY, marks
from pages import read

from medvirk.feedback.actions.members import add_member
from medvirk.feedback.models import JournalSummary
from medvirk.people.models import AccessEvent

WORDS = "Egne ord om uken"


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def session(care):
    found = care.session(care.course([20.0]))
    care.send(care.way_in(found.asks("before")), marks("life-now", 26), own_words=WORDS)
    return found


def at(session, name="summary", **more) -> str:
    return reverse(f"journal:{name}", kwargs={"of": "sessions", "key": session.pk, **more})


def exported() -> int:
    return AccessEvent.objects.filter(what="feedback.journal", action="exported").count()


def test_the_conversation_leads_to_it_and_own_words_are_not_ticked(worker, session):
    page = worker.get(reverse("feedback:conversation", args=[session.pk])).content.decode()
    assert at(session) in page

    response = worker.get(at(session))

    boxes = read(response).all("input", type="checkbox")
    ticked = {each["value"] for each in boxes if "checked" in each}
    assert ticked == {"contact", "scores", "signals", "goals", "safety", "next"}
    text = response.context["text"]
    assert "26 på en skala fra 0 til 50" in text
    assert WORDS not in response.content.decode()
    assert AccessEvent.objects.filter(what="feedback.journal", action="opened").count() == 1


def test_what_is_ticked_is_shown_and_changes_nothing(worker, session):
    response = worker.post(
        at(session), {"parts": ["own_words"], "note": "Mitt notat"}, HTTP_HX_REQUEST="true"
    )

    said = response.content.decode()
    assert WORDS in said
    assert "Mitt notat" in said
    assert "26 på en skala" not in response.context["text"]
    assert "<h1" not in said, "only the text is exchanged"
    assert not JournalSummary.objects.exists()
    assert exported() == 0


def test_what_is_ticked_and_has_nothing_to_say_is_named(worker, session):
    said = worker.post(at(session), {"parts": ["scores", "events", "signals"]}, HTTP_HX_REQUEST="true")

    assert "ingenting å ta med herfra:</p>" not in said.content.decode()
    assert "signaler, og hva som ble avtalt, livshendelser" in said.content.decode().lower()
    assert [str(each) for each in said.context["silent"]] == [
        "Signaler, og hva som ble avtalt",
        "Livshendelser",
    ]
    name = worker.post(at(session, "file", kind="pdf"), {"parts": ["scores"]}).headers["Content-Disposition"]
    assert "sammendrag-" in name


@pytest.mark.parametrize("kind", ["pdf", "fhir", "copied"])
def test_what_leaves_the_house_is_written_down_and_remembered(worker, session, kind):
    response = worker.post(
        at(session, "file", kind=kind), {"parts": ["scores", "own_words"], "note": "Notat"}
    )

    assert exported() == 1
    assert JournalSummary.objects.get().parts == ["scores", "own_words"]
    if kind == "pdf":
        assert response.content.startswith(b"%PDF")
    elif kind == "fhir":
        assert json.loads(response.content)["type"] == "document"
    else:
        assert response.status_code == 204
    again = worker.get(at(session))
    ticked = {e["value"] for e in read(again).all("input", type="checkbox") if "checked" in e}
    assert ticked == {"scores"}, "own words are ticked anew each time"
    assert "Notat" in again.context["text"]


def test_nothing_ticked_is_nothing_taken_over(worker, session):
    for name, more in (("taken", {}), ("file", {"kind": "pdf"})):
        page = read(worker.post(at(session, name, **more), {}, follow=True))
        assert "Kryss av" in page.text
    assert not JournalSummary.objects.exists()
    assert exported() == 0


def test_it_is_said_to_stand_in_the_record_and_undone(worker, session, settings):
    settings.RECORD_SYSTEM = "Gerica"

    page = read(worker.post(at(session, "taken"), {"parts": ["scores"]}, follow=True))

    summary = JournalSummary.objects.get()
    assert summary.taken_over_where == "Gerica"
    assert "Gerica" in page.text
    assert "ville lest annerledes" not in page.text
    page = read(worker.post(at(session, "undo"), {"summary": str(summary.pk)}, follow=True))
    assert JournalSummary.objects.get().taken_over_at is None


def test_what_has_come_since_it_was_shown_is_not_said_to_stand_in_the_record(worker, session, care):
    ticked = {"parts": ["scores"]}
    shown = read(worker.post(at(session), ticked)).all("input", name="shown")[0]["value"]
    care.send(care.way_in(session.asks("after")), marks("this-meeting", 20), asked=("this-meeting",))

    told = worker.post(at(session, "taken"), ticked | {"shown": shown})

    assert not JournalSummary.objects.filter(taken_over_at__isnull=False).exists()
    assert "Se en gang til" in read(told).text
    anew = read(told).all("input", name="shown")[0]["value"]
    worker.post(at(session, "taken"), ticked | {"shown": anew})
    assert JournalSummary.objects.get().taken_over_at is not None


def test_that_something_has_changed_since_is_told(worker, session, care):
    worker.post(at(session, "taken"), {"parts": ["contact", "next"]})
    care.session(session.episode, at=care.now + 3 * DAY)
    response = worker.get(at(session))
    assert [each["changed"] for each in response.context["taken"]] == [True]


def test_the_caseload_and_the_list_tell_quietly_what_is_not_in_it(worker, session, care):
    caseload = reverse("feedback:my_citizens")
    waits = "ikke i journalen ennå"
    assert waits not in read(worker.get(caseload)).text
    worker.post(at(session, "taken"), {"parts": ["scores"]})
    assert waits not in read(worker.get(caseload)).text
    other = care.session(care.episode())

    assert waits in read(worker.get(caseload)).text
    assert waits in read(worker.get(reverse("feedback:conversation", args=[other.pk]))).text
    page = worker.get(reverse("journal:waiting")).content.decode()
    assert at(other) in page
    assert at(session) not in page


def test_one_of_a_couple_at_a_time(worker, session, care, make):
    partner = make.citizen(worker=care.worker)
    add_member(
        by=care.viewer, episode=session.episode, citizen=partner, kind="couple",
        since=care.viewer.today, now=care.now,
    )  # fmt: skip
    response = worker.get(f"{at(session)}?citizen={partner.pk}")
    assert response.context["citizen"] == partner
    assert "26 på en skala" not in response.context["text"]
    assert worker.get(f"{at(session)}?citizen={make.citizen().pk}").status_code == 404


def test_a_colleague_without_relation_finds_nothing(care, make, client_of, session):
    stranger = client_of(make.staff("practitioner", care.unit))
    assert stranger.get(at(session)).status_code == 404
    for name, more in (("taken", {}), ("undo", {}), ("file", {"kind": "fhir"})):
        assert stranger.post(at(session, name, **more), {"parts": ["scores"]}).status_code == 404
    assert worker_sees_nothing(stranger)


def worker_sees_nothing(client: Client) -> bool:
    return client.get(reverse("journal:waiting")).context["rows"] == []


def test_the_citizen_reads_that_it_was_taken_out(worker, session, make, client_of):
    worker.post(at(session, "file", kind="pdf"), {"parts": ["scores"]})
    citizen = session.asks("before").about
    own = client_of(make.own_account(citizen.person))
    page = read(own.get(reverse("people:own_log", args=[citizen.pk])))
    assert "fagsystem" in page.text
