"""An answer about safety on the pages: who sees to it now, what to do, and that somebody has seen it."""

from __future__ import annotations

from datetime import time

import pytest
from django.test import Client
from django.urls import reverse
from factories_feedback import marks
from pages import read

from medvirk.answers.models import OrganisationText
from medvirk.feedback.actions.risk import NewLine, set_procedure
from medvirk.feedback.models import RiskLine, Signal
from medvirk.people.models import AccessEvent


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def leader(care, make, client_of) -> Client:
    return client_of(make.staff("team_leader", care.unit))


@pytest.fixture
def said(care) -> Signal:
    """Somebody has said that life is hard to bear; no duty has run."""
    session = care.session()
    sent = marks("life-now", 20) | {"safety.q1": "2"}
    care.send(care.way_in(session.asks("before")), sent, asked=("life-now", "safety"))
    return Signal.objects.get(kind="risk")


def procedure_set(care, make, *, who="Vakttelefonen", unit=None) -> None:
    leader = make.viewer(make.staff("team_leader", care.unit))
    line = NewLine("every", time(0), time(0), who, "59000042", 15)
    set_procedure(by=leader, unit=unit or care.unit, lines=[line])


def pages_of(worker, signal) -> list:
    paths = (
        reverse("feedback:conversation", args=[signal.session_id]),
        reverse("feedback:signal", args=[signal.pk]),
    )
    return [read(worker.get(path)) for path in paths]


def test_the_procedure_of_the_hour_stands_beside_it(worker, said, care, make):
    for page in pages_of(worker, said):
        assert "Kommunen har ikke bestemt hvem du ringer" in page.text
    procedure_set(care, make)
    for page in pages_of(worker, said):
        assert "På denne tiden ringer du Vakttelefonen, 59000042. Ingen der ser svaret før" in page.text
        assert "innen 15 minutter" in page.text
        assert "Å spørre gjør det ikke verre" in page.text


def test_an_hour_that_is_nobodys_is_said_to_be(worker, said, care, make):
    leader = make.viewer(make.staff("team_leader", care.unit))
    local = care.now.astimezone()
    begins = time((local.hour + 3) % 24)
    line = NewLine("every", begins, time((begins.hour + 1) % 24), "Vakt", "", 15)
    set_procedure(by=leader, unit=care.unit, lines=[line])
    for page in pages_of(worker, said):
        assert "har ingen denne tiden" in page.text


def test_the_units_own_words_replace_ours_and_are_undone(worker, said, care):
    OrganisationText.objects.create(key="risk", unit=care.unit, body={"nb": "Ring Sølvi på vakta."})
    for page in pages_of(worker, said):
        assert "Ring Sølvi på vakta." in page.text
        assert "Å spørre gjør det ikke verre" not in page.text


def test_that_it_was_seen_is_said_once_and_stands_there(worker, said):
    for page in pages_of(worker, said):
        assert "Ikke sett ennå." in page.text

    back = worker.post(
        reverse("feedback:signal_see", args=[said.pk]), {"session": str(said.session_id)}, follow=True
    )

    assert "Sett av" in read(back).text
    assert said.steps.filter(kind="seen").count() == 1
    for page in pages_of(worker, said):
        assert "Sett av" in page.text
        assert reverse("feedback:signal_see", args=[said.pk]) not in [
            form.get("action") for form in page.all("form")
        ]
        assert "Ikke sett ennå." not in page.text
    assert "Ble sett" in pages_of(worker, said)[1].text


def test_no_other_signal_shows_the_procedure(worker, care):
    episode = care.course([20.0, 24.0], meeting=46.0)
    care.held(episode, care.now, life=26.0, meeting=18.0)
    page = read(worker.get(reverse("feedback:conversation", args=[episode.sessions.last().pk])))
    assert "Å spørre gjør det ikke verre" not in page.text


# setting it


def test_a_leader_sets_the_lines_and_sees_the_hours_that_are_nobodys(leader, care):
    path = reverse("feedback:risk_procedure", args=[care.unit.pk])
    page = read(leader.get(path))
    assert "Ingenting er bestemt ennå" in page.text
    sent = {
        "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-who": "Teamleder", "form-0-phone": "",
        "form-0-days": "workdays", "form-0-begins": "08:00", "form-0-ends": "15:30", "form-0-within_minutes": "30",
    }  # fmt: skip

    page = read(leader.post(path, sent, follow=True))

    assert RiskLine.objects.get().who == "Teamleder"
    assert "Mandag 00:00–08:00" in page.text
    assert AccessEvent.objects.filter(what="feedback.risk").count() == 1
    half = leader.post(path, sent | {"form-0-begins": ""})
    assert half.status_code == 422
    assert RiskLine.objects.get().begins == time(8)


def test_only_who_sets_procedures_comes_to_the_page(worker, care, make, client_of):
    path = reverse("feedback:risk_procedure", args=[care.unit.pk])
    assert worker.get(path).status_code == 403
    elsewhere = client_of(make.staff("team_leader", make.unit("Team Vest")))
    assert elsewhere.get(path).status_code == 404
    assert elsewhere.get(reverse("feedback:risk_units")).status_code == 200
