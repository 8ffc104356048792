"""Finding, registering and knowing citizens, as on the screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from medvirk.people import hooks
from medvirk.people.actions import end_relation
from medvirk.people.models import AccessAction, AccessEvent, Citizen, Relation

FIND = "/people/find/"


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def worker(make):
    return make.staff("practitioner", details=make.details(given_name="Berit", family_name="Behandler"))


@pytest.fixture
def details(make):
    return make.details(
        given_name="Åse", family_name="Prøvesen", national_id=make.national_id(), phone="90000001"
    )


def page(response) -> str:
    return response.content.decode()


def test_searching_is_never_part_of_the_address(worker, client_of, make, details):
    make.citizen(worker=worker, details=details)

    response = client_of(worker).get(FIND, {"phone": details.phone})

    assert "Åse" not in page(response)
    assert 'method="post" action="/people/find/"' in page(response)
    assert not AccessEvent.objects.filter(action=AccessAction.SEARCHED).exists()


def test_ones_own_citizen_is_a_link(worker, client_of, make, details):
    citizen = make.citizen(worker=worker, details=details)

    found = page(client_of(worker).post(FIND, {"phone": "900 00 001"}))

    assert f'href="{reverse("people:citizen", args=[citizen.pk])}">Åse Prøvesen</a>' in found


def test_an_unrelated_citizen_is_neither_named_nor_linked(worker, client_of, make, details):
    citizen = make.citizen(details=details)

    found = page(client_of(worker).post(FIND, {"national_id": details.national_id}))

    assert "One registered citizen matches what you typed" in found
    assert "Åse" not in found
    assert str(citizen.pk) not in found
    assert str(citizen.person_id) not in found


def test_an_empty_search_says_what_to_type(worker, client_of):
    assert "Type a national identity number" in page(client_of(worker).post(FIND, {}))


def test_a_relation_is_started_from_the_search(worker, client_of, make, details):
    citizen = make.citizen(details=details)
    browser = client_of(worker)

    response = browser.post(
        "/people/find/start/", {"national_id": details.national_id, "reason": "Takes over"}, follow=True
    )

    assert response.redirect_chain == [(reverse("people:citizen", args=[citizen.pk]), 302)]
    assert "Åse Prøvesen" in page(response)
    assert "Takes over" in page(response)


def test_a_relation_without_reason_is_not_started(worker, client_of, make, details):
    make.citizen(details=details)

    response = client_of(worker).post("/people/find/start/", {"national_id": details.national_id})

    assert "Something needs a second look" in page(response)
    assert not Relation.objects.filter(staff=worker).exists()


def test_a_secretary_ties_to_a_team_and_comes_back_to_the_search(client_of, make, details):
    make.citizen(details=details)
    secretary, team = make.staff("secretary"), make.unit("Team South")
    browser = client_of(secretary)

    offered = page(browser.post(FIND, {"phone": details.phone}))
    response = browser.post(
        "/people/find/start/", {"phone": details.phone, "reason": "Referred", "team": team.pk}
    )

    assert "Team South" in offered
    assert response.url == FIND
    assert Relation.objects.filter(unit=team).exists()


def test_registering_begins_with_a_search(worker, client_of):
    assert client_of(worker).get("/people/new/").url == FIND


def test_what_was_searched_fills_in_the_new_citizen(worker, client_of, details):
    typed = {"national_id": details.national_id, "given_name": "Åse", "from_search": "1"}

    form = page(client_of(worker).post("/people/new/", typed))

    assert f'value="{details.national_id}"' in form
    assert 'value="Åse"' in form
    assert not Citizen.objects.exists()


def test_a_citizen_is_registered_and_shown(worker, client_of, details):
    response = client_of(worker).post(
        "/people/new/",
        {
            "national_id": details.national_id,
            "given_name": "Åse",
            "family_name": "Prøvesen",
            "phone": "90000001",
            "language": "nn",
            "reason": "Help with sleep",
        },
        follow=True,
    )

    citizen = Citizen.objects.get()
    assert response.redirect_chain == [(reverse("people:citizen", args=[citizen.pk]), 302)]
    assert citizen.person.language == "nn"
    for text in ("The citizen is registered.", "01.01.1985", "Berit Behandler", "Help with sleep"):
        assert text in page(response)


def test_faults_are_shown_together_and_nothing_is_saved(worker, client_of):
    form = page(
        client_of(worker).post(
            "/people/new/",
            {"given_name": "A", "family_name": "B", "national_id": "123", "phone": "1", "language": "nb",
             "reason": "Help"},
        )
    )  # fmt: skip

    assert "has 11 digits; this one has 3" in form
    assert "has 8 digits; this one has 1" in form
    assert not Citizen.objects.exists()


def test_a_possible_duplicate_is_asked_about(worker, client_of, make, details):
    make.citizen(details=details)
    typed = {
        "given_name": "Ola",
        "family_name": "Annen",
        "phone": "90000001",
        "language": "nb",
        "reason": "Help",
    }
    browser = client_of(worker)

    asked = page(browser.post("/people/new/", typed))
    browser.post("/people/new/", {**typed, "somebody_else": "on"})

    assert "1 registered citizen has the same phone" in asked
    assert 'type="checkbox" name="somebody_else"' in asked
    assert Citizen.objects.count() == 2


def test_opening_the_record_is_logged_and_shown(worker, client_of, make, details):
    citizen = make.citizen(worker=worker, details=details)

    shown = page(client_of(worker).get(reverse("people:citizen", args=[citizen.pk])))

    event = AccessEvent.objects.get(action=AccessAction.OPENED)
    assert (event.actor_id, event.what, event.basis) == (worker.pk, "people.person", "service:own")
    assert "Berit Behandler (practitioner) looked at" in shown
    assert "service relation" in shown


def test_the_browser_history_does_not_name_the_citizen(worker, client_of, make, details):
    citizen = make.citizen(worker=worker, details=details)

    shown = page(client_of(worker).get(reverse("people:citizen", args=[citizen.pk])))

    assert "<title>Citizen – Medvirk</title>" in shown


def test_rooms_below_show_their_panels(worker, client_of, make, monkeypatch):
    citizen = make.citizen(worker=worker)
    panel = hooks.PersonPanel("people/_typed.html", lambda viewer, who: {"typed": {"phone": who.pk}}, order=1)
    monkeypatch.setattr(hooks, "_panels", [])
    hooks.register_person_panel(panel)
    hooks.register_person_panel(panel)

    shown = page(client_of(worker).get(reverse("people:citizen", args=[citizen.pk])))

    assert shown.count(f'name="phone" value="{citizen.pk}"') == 1


def test_details_are_changed(worker, client_of, make, details):
    citizen = make.citizen(worker=worker, details=details)
    address = reverse("people:citizen_change", args=[citizen.pk])
    browser = client_of(worker)

    before = page(browser.get(address))
    browser.post(address, {"given_name": "Anna", "family_name": "Prøvesen", "language": "en"})

    citizen.person.refresh_from_db()
    assert 'value="+4790000001"' in before
    assert (citizen.person.given_name, citizen.person.phone, citizen.person.national_id) == ("Anna", "", "")


def test_a_colleague_is_let_in_by_a_relation(worker, client_of, make):
    citizen = make.citizen(worker=worker)
    colleague = make.staff("peer_worker")
    address = reverse("people:citizen", args=[citizen.pk])
    before = client_of(colleague).get(address).status_code

    client_of(worker).post(
        reverse("people:relation_new", args=[citizen.pk]),
        {"worker": colleague.pk, "reason": "Goes along to the first meeting", "valid_from": "2026-01-01"},
    )

    after = client_of(colleague).get(address)
    assert (before, after.status_code) == (404, 200)
    assert "Start a relation" not in page(after)


def test_one_ends_ones_own_relation_and_is_out(worker, client_of, make):
    relation = make.citizen(worker=worker).relations.get()
    browser = client_of(worker)
    yesterday = make.viewer(worker).today - timedelta(days=1)

    response = browser.post(reverse("people:relation_end", args=[relation.pk]), {"last_day": yesterday})

    assert response.url == FIND
    assert browser.get(reverse("people:citizen", args=[relation.citizen_id])).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_the_same_queries_however_many_relations(
    worker, client_of, make, rows, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(hooks, "_panels", [])
    citizen = make.citizen(worker=worker)
    for _ in range(rows):
        team = make.unit()
        Relation.objects.create(citizen=citizen, unit=team, reason="Help", valid_from=make.long_ago)
    end_relation(by=None, relation=citizen.relations.last(), last_day=make.viewer(worker).today)
    browser = client_of(worker)

    with django_assert_num_queries(16):
        browser.get(reverse("people:citizen", args=[citizen.pk]))
