"""Every address declares what it needs, and holds to it when called.

The whole URL table is walked, with nobody, a stranger without a role, a colleague without relation, the owner
and each role. A room plugs its addresses in with a file `tests/web/<room>/examples.py`:

    def examples(world) -> dict[str, object]:
        return {"feedback:session": {"session_id": world.session.pk}}   # address → its arguments
        # or "session_id": …, for every address that has an argument of that name

    OPEN_RECORDS = {"feedback:session"}     # addresses that show or change a citizen's record

`world` has `owner`, `colleague`, `citizen` (of the owner) and `make`.
"""

from __future__ import annotations

import pytest
from addresses import ALL, OPEN_RECORDS, Address
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from medvirk.people.access import EVERYONE, PERMISSIONS, SIGNED_IN, Permission, needs
from medvirk.people.models import AccessEvent, Role

PROTECTED = [address for address in ALL if getattr(address.view, "declares", None) != EVERYONE]
each = pytest.mark.parametrize("address", ALL, ids=lambda address: address.name)
each_protected = pytest.mark.parametrize("address", PROTECTED, ids=lambda address: address.name)
METHODS = ("get", "post")


def call(client: Client, method: str, path: str) -> HttpResponse:
    client.raise_request_exception = True
    return getattr(client, method)(path)


def leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response.url.startswith(reverse("account_login"))


@each
def test_nobody_is_sent_to_sign_in(world, address):
    for method in METHODS:
        response = call(Client(), method, world.path_of(address))

        assert response.status_code < 500, method
        if address.declares != EVERYONE:
            assert leads_to_sign_in(response), method


@each_protected
def test_a_stranger_without_a_role_is_barred(world, client_of, address):
    stranger = client_of(world.make.staff(None))
    # Who has no role is asked who they are before which method they use.
    expected = {200, 302, 405} if address.declares == SIGNED_IN else {403}

    statuses = {call(stranger, method, world.path_of(address)).status_code for method in METHODS}

    assert statuses <= expected


@each
def test_the_owner_meets_no_fault(world, client_of, address):
    for method in METHODS:
        response = call(client_of(world.owner), method, world.path_of(address))

        assert response.status_code < 500, method
        if address.declares in PERMISSIONS[Role.PRACTITIONER]:
            assert response.status_code in {200, 204, 302, 405, 422}, method


@pytest.mark.parametrize(
    "address", [each for each in ALL if each.name in OPEN_RECORDS], ids=lambda each: each.name
)
def test_a_record_does_not_exist_for_a_colleague_without_relation(world, client_of, address):
    browser = client_of(world.colleague)
    before = AccessEvent.objects.count()

    statuses = {call(browser, method, world.path_of(address)).status_code for method in METHODS}

    # An address that only takes one method says so before it looks at whose record it is.
    assert statuses in ({404}, {404, 405})
    assert AccessEvent.objects.count() == before


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_what_it_declares_and_nothing_else(world, client_of, role):
    client = client_of(world.make.staff(role))

    for address in PROTECTED:
        response = call(client, "get", world.path_of(address))
        allowed = address.declares == SIGNED_IN or address.declares in PERMISSIONS[role]
        assert (response.status_code != 403) == allowed, f"{address.name}: {response.status_code}"
        assert response.status_code < 500, address.name


@pytest.mark.parametrize("role", list(Role))
def test_no_role_alone_opens_a_record(world, client_of, role):
    client = client_of(world.make.staff(role))

    statuses = {
        address.name: call(client, "get", world.path_of(address)).status_code
        for address in ALL
        if address.name in OPEN_RECORDS
    }

    assert {name: status for name, status in statuses.items() if status not in {403, 404, 405}} == {}


def rows_of_everything() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model not in {AccessEvent, Session}
    }


def test_looking_changes_nothing_but_the_log_and_the_session(world, client_of):
    client = client_of(world.owner)
    before = rows_of_everything()

    for address in ALL:
        call(client, "get", world.path_of(address))

    assert rows_of_everything() == before


def test_static_files_are_for_everyone(db, client):
    response = client.get("/static/ui/icon.svg")

    assert response.status_code == 200
    # Read to its end, which closes the file; `close` would also close the connection under the module's world.
    assert b"".join(response.streaming_content)


def test_every_record_named_is_an_address():
    assert {address.name for address in ALL} >= OPEN_RECORDS


def test_the_walk_meets_the_addresses_it_should():
    names = {address.name for address in ALL}

    assert {"people:citizen", "account_login", "account_change_password", "set_language", "start"} <= names


def test_an_address_that_declares_nothing_is_found():
    silent = Address("silent", (), lambda request: HttpResponse())

    with pytest.raises(ImproperlyConfigured, match="does not say who may open it"):
        _ = silent.declares


def test_an_address_without_example_says_where_to_add_one(world):
    view = needs(Permission.FOLLOW_CITIZENS)(lambda request, strange_id: HttpResponse())

    with pytest.raises(ImproperlyConfigured, match=r"tests/web/people/examples\.py"):
        world.path_of(Address("people:strange", ("strange_id",), view))
