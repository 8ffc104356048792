"""The citizen's own pages: who sees whose, what is logged, what they can do, and that nothing gives them away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from addresses import ALL
from django.urls import reverse
from django.utils import timezone
from pages import read

from medvirk.people.access import Permission
from medvirk.people.hooks import shared_parts
from medvirk.people.models import (
    AccessAction,
    AccessEvent,
    Bar,
    Basis,
    CitizenRequest,
    Guardianship,
    Person,
    Relation,
)

OWN = [each for each in ALL if each.declares == Permission.OWN_PAGES]
#: Own pages of one citizen, that is, all but the choice of whose.
OF_ONE = [each for each in OWN if "citizen_id" in each.arguments]
YEAR = timedelta(days=366)


def statuses(client, world, addresses=OF_ONE) -> dict[str, int]:
    return {each.name: client.get(world.path_of(each)).status_code for each in addresses}


def only_by_post(found: dict[str, int]) -> set[str]:
    return {name for name, status in found.items() if status == 405}


def test_there_are_own_pages_in_every_room_that_has_something_to_show():
    assert {each.name.partition(":")[0] for each in OF_ONE} >= {"people", "feedback", "interop"}


def test_the_citizen_sees_all_of_their_own_and_each_page_is_logged(world, client_of):
    client = client_of(world.make.own_account(world.citizen.person))

    for each in OF_ONE:
        before = AccessEvent.objects.count()
        response = client.get(world.path_of(each))
        assert response.status_code in {200, 405}, each.name
        if response.status_code == 200:
            row = AccessEvent.objects.order_by("-pk").first()
            assert AccessEvent.objects.count() == before + 1, each.name
            assert (row.citizen_id, row.actor_id, row.basis) == (
                world.citizen.pk, world.citizen.person_id, "own:self",
            ), each.name  # fmt: skip


def test_another_citizen_and_every_worker_meet_nothing(world, client_of):
    make = world.make
    other = client_of(make.own_account(make.citizen(worker=world.owner).person))
    before = AccessEvent.objects.count()

    found = statuses(other, world)
    assert set(found.values()) == {404, 405}
    for each in OF_ONE:
        assert other.post(world.path_of(each)).status_code in {404, 405}, each.name
    assert set(statuses(client_of(world.owner), world).values()) == {403}
    assert AccessEvent.objects.count() == before


@pytest.mark.parametrize(
    ("age", "withheld", "sees"), [(8, False, True), (13, False, True), (13, True, False), (17, False, False)]
)
def test_a_parent_sees_what_the_law_gives_at_the_childs_age(world, client_of, age, withheld, sees):
    make, child = world.make, world.citizen
    Person.objects.filter(pk=child.person_id).update(birth_date=timezone.localdate() - age * YEAR)
    parent = make.citizen().person
    Guardianship.objects.create(
        citizen=child, guardian=parent, kind="parent", withheld=withheld, valid_from=make.long_ago
    )
    client = client_of(make.own_account(parent))
    # What the child asked for themselves is the child's, also towards a parent who sees the rest.
    pages = [each for each in OF_ONE if each.name != "people:own_request_close"]

    found = statuses(client, world, pages)

    assert set(found.values()) == ({200, 405} if sees else {404, 405})
    listed = client.get(reverse("people:own"), follow=True)
    assert (child.person.name in read(listed).text) == sees
    if sees:
        home = client.get(reverse("people:own_home", args=[child.pk]))
        assert f"leser dette for {child.person.name}" in read(home).text.replace(
            "You read this for", "leser dette for"
        )


def test_after_death_they_are_closed(world, client_of):
    client = client_of(world.make.own_account(world.citizen.person))
    Person.objects.filter(pk=world.citizen.person_id).update(died_on=timezone.localdate())

    assert set(statuses(client, world).values()) == {404, 405}


def test_nothing_on_the_outside_gives_them_away(world, client_of):
    client = client_of(world.make.own_account(world.citizen.person))

    for each in [*OF_ONE, *(each for each in OWN if each not in OF_ONE)]:
        response = client.get(world.path_of(each))
        if response.status_code != 200:
            continue
        assert b"<title>Medvirk</title>" in response.content, each.name
        assert "no-store" in response["Cache-Control"], each.name
        page = read(response)
        assert page.all("form", action=reverse("people:leave")), each.name
        assert page.inline == [], each.name


def test_leaving_signs_out_and_shows_a_page_that_says_nothing(world, client_of):
    client = client_of(world.make.own_account(world.citizen.person))
    home = reverse("people:own_home", args=[world.citizen.pk])
    assert client.get(home).status_code == 200

    response = client.post(reverse("people:leave"), follow=True)

    assert response.status_code == 200
    page = read(response)
    assert "Medvirk" not in response.content.decode().replace("medvirk.css", "").replace("medvirk.js", "")
    assert page.all("nav") == []
    assert client.get(home).status_code == 302


def test_leaving_never_fails_for_an_old_form(world, client_of):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)

    assert strict.post(reverse("people:leave")).status_code == 302
    assert client_of(world.owner).get(reverse("people:leave")).status_code == 405


def test_the_first_page_leads_there_and_the_menu_holds_only_own_entries(world, client_of):
    client = client_of(world.make.own_account(world.citizen.person))

    response = client.get("/", follow=True)

    assert response.redirect_chain[-1][0] == reverse("people:own_home", args=[world.citizen.pk])
    links = {has["href"] for has in read(response).all("a")}
    own = {world.path_of(each) for each in OWN} | {reverse("privacy:notice"), reverse("library:shelf")}
    assert {link for link in links if link.startswith("/") and link != "/"} <= own
    for name in (
        "people:own_sharing",
        "people:own_log",
        "people:own_requests",
        "interop:own_data",
        "feedback:own_course",
    ):
        assert reverse(name, args=[world.citizen.pk]) in links


def test_somebody_without_any_pages_is_told_why(make, client_of):
    response = client_of(make.own_account(make.staff().person)).get(reverse("people:own"))

    assert response.status_code == 200
    assert read(response).all("form", action=reverse("people:leave"))


# Sharing


@pytest.fixture
def client(world, client_of):
    return client_of(world.make.own_account(world.citizen.person))


def at(world, name, *more):
    return reverse(f"people:{name}", args=[world.citizen.pk, *more])


def test_the_citizen_shares_changes_and_stops(world, client):
    partner = world.make.staff("partner")
    first, second = [each.code for each in shared_parts()][:2]
    last = timezone.localdate() + timedelta(days=30)

    sent = {
        "partner": f"staff:{partner.pk}",
        "parts": [first],
        "last_day": last.isoformat(),
        "reason": "Jobb",
    }
    assert client.post(at(world, "own_share"), sent).status_code == 302
    shared = Relation.objects.get(staff=partner)
    assert (shared.basis, shared.parts, shared.valid_to, shared.reason) == (
        Basis.CONSENT,
        [first],
        last,
        "Jobb",
    )

    sent = {"parts": [first, second], "last_day": timezone.localdate().isoformat()}
    assert client.post(at(world, "own_sharing_change", shared.pk), sent).status_code == 302
    shared.refresh_from_db()
    assert (set(shared.parts), shared.valid_to) == ({first, second}, timezone.localdate())

    assert client.post(at(world, "own_sharing_stop", shared.pk)).status_code == 302
    assert not Relation.objects.at(timezone.now()).filter(pk=shared.pk).exists()
    assert client.post(at(world, "own_sharing_stop", shared.pk)).status_code == 404


def test_what_is_wrong_is_said_and_nothing_is_shared(world, client):
    before = Relation.objects.count()
    sent = {"partner": f"staff:{world.owner.pk}", "parts": ["no.such"], "last_day": "2001-01-01"}

    response = client.post(at(world, "own_share"), sent)

    assert response.status_code == 422
    assert Relation.objects.count() == before


def test_a_worker_is_kept_out_and_let_in_again(world, client, client_of):
    record = reverse("people:citizen", args=[world.citizen.pk])
    assert client_of(world.owner).get(record).status_code == 200
    sent = {"worker": str(world.owner.pk), "reason": "Naboen min"}

    assert client.post(at(world, "own_bar"), sent).status_code == 422
    assert client.post(at(world, "own_bar"), sent | {"understood": "on"}).status_code == 302
    assert client_of(world.owner).get(record).status_code == 404
    page = read(client.get(at(world, "own_sharing")))
    assert world.owner.person.name in page.text
    assert "Naboen min" in page.text

    bar = Bar.objects.get(staff=world.owner)
    assert client.post(at(world, "own_bar_lift", bar.pk)).status_code == 302
    assert client_of(world.owner).get(record).status_code == 200


def test_somebody_outside_the_team_is_kept_out_by_exact_name(world, client):
    neighbour = world.make.staff(details=world.make.details(given_name="Nabo", family_name="Nabosen"))
    sent = {"understood": "on"}

    for wrong in (
        {"name": "Nabosen"},
        {"name": "Nobody Atall"},
        {},
        {"name": "Nabo Nabosen", "worker": str(world.owner.pk)},
    ):
        assert client.post(at(world, "own_bar"), sent | wrong).status_code == 422
    assert client.post(at(world, "own_bar"), sent | {"name": " nabo  NABOSEN"}).status_code == 302
    assert Bar.objects.filter(staff=neighbour, citizen=world.citizen).exists()


def test_what_is_kept_out_as_close_cannot_be_undone_by_the_citizen(world, client):
    bar = Bar.objects.create(citizen=world.citizen, staff=world.owner, kind="relative")

    assert client.post(at(world, "own_bar_lift", bar.pk)).status_code == 404
    assert at(world, "own_bar_lift", bar.pk) not in client.get(at(world, "own_sharing")).content.decode()


def test_another_citizens_sharing_cannot_be_reached_through_ones_own(world, client):
    theirs = world.make.citizen().relations.get()

    assert client.post(at(world, "own_sharing_stop", theirs.pk)).status_code == 404
    assert client.get(at(world, "own_sharing_change", theirs.pk)).status_code == 404


# Requests


def test_a_request_goes_from_the_citizen_to_the_worker_and_back(world, client, client_of):
    CitizenRequest.objects.all().delete()
    sent = {"kind": "correct", "about": "course", "text": "Det var <b>ikke</b> tirsdag"}
    assert client.post(at(world, "own_requests"), sent).status_code == 302
    asked = CitizenRequest.objects.get()
    worker = client_of(world.owner)
    assert world.citizen.person.name in read(worker.get(reverse("people:requests"))).text
    record = read(worker.get(reverse("people:citizen", args=[world.citizen.pk])))
    assert any(has["href"] == reverse("people:request", args=[asked.pk]) for has in record.all("a"))

    assert worker.post(reverse("people:request_seen", args=[asked.pk])).status_code == 302
    answer = {"outcome": "refused", "answer": "Legen skrev det samme dag."}
    assert worker.post(reverse("people:request", args=[asked.pk]), answer).status_code == 302

    page = read(client.get(at(world, "own_requests")))
    assert "Legen skrev det samme dag." in page.text
    assert "Statsforvalteren" in page.text
    assert page.all("b") == []
    assert world.citizen.person.name not in read(worker.get(reverse("people:requests"))).text
    assert (
        "Det var <b>ikke</b> tirsdag"
        in read(worker.get(reverse("people:citizen", args=[world.citizen.pk]))).text
    )
    assert client.post(at(world, "own_request_close", asked.pk)).status_code == 302
    assert client.post(at(world, "own_request_close", asked.pk)).status_code == 302
    asked.refresh_from_db()
    assert asked.closed_at is not None


def test_an_answer_without_words_is_sent_back(world, client_of):
    asked = CitizenRequest.objects.get()

    response = client_of(world.owner).post(reverse("people:request", args=[asked.pk]), {"outcome": "done"})

    assert response.status_code == 422
    asked.refresh_from_db()
    assert asked.answered_at is None


def test_a_list_of_requests_costs_the_same_however_long(world, client_of, django_assert_num_queries, client):
    worker = client_of(world.owner)
    pages = [
        (worker, reverse("people:requests")),
        (client, at(world, "own_requests")),
        (client, at(world, "own_sharing")),
    ]

    def cost() -> list[int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        counts = []
        for browser, path in pages:
            browser.get(path)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert browser.get(path).status_code == 200
            counts.append(len(caught))
        return counts

    one = cost()
    for number in range(2):
        CitizenRequest.objects.create(
            citizen=world.citizen, asked_by=world.citizen.person, kind="who", text=f"{number}",
            due_on=timezone.localdate(),
        )  # fmt: skip
        Bar.objects.create(citizen=world.citizen, staff=world.make.staff(), kind="citizen")
        world.citizen.relations.create(staff=world.make.staff(), valid_from=world.make.long_ago)

    assert cost() == one


# My data


@pytest.mark.parametrize(
    ("kind", "type_"),
    [("pdf", "application/pdf"), ("json", "application/json"), ("fhir", "application/fhir+json")],
)
def test_a_copy_is_made_by_post_named_neutrally_and_logged(world, client, kind, type_):
    path = reverse("interop:own_data_file", args=[world.citizen.pk, kind])
    assert client.get(path).status_code == 405

    response = client.post(path)

    assert (response.status_code, response["Content-Type"]) == (200, type_)
    assert response["Content-Disposition"].startswith('attachment; filename="copy-')
    assert "no-store" in response["Cache-Control"]
    assert len(response.content) > 500
    row = AccessEvent.objects.order_by("-pk").first()
    assert (row.action, row.what, row.citizen_id) == (
        AccessAction.EXPORTED,
        "interop.own_data",
        world.citizen.pk,
    )


def test_there_is_no_fourth_kind_and_a_form_of_another_site_makes_none(world, client_of):
    from django.test import Client

    client = client_of(world.make.own_account(world.citizen.person))
    assert client.post(reverse("interop:own_data_file", args=[world.citizen.pk, "xml"])).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    assert strict.post(reverse("interop:own_data_file", args=[world.citizen.pk, "json"])).status_code == 403
