"""Every address, called by everybody who has to do with a citizen, or has not: nothing of the citizen leaks.

Addresses added later are walked too. A new one needs an example in `tests/web/<room>/examples.py`, as said in
test_all_addresses.py; the walk fails and says so where one is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from addresses import ALL, OPEN_RECORDS, PLANTED, Address, World, make_world
from conftest import Make
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from planted import (
    BESIDE,
    CALLS,
    CHANGED,
    FOR_ONESELF,
    GOAL,
    HELPS,
    SIGNS,
    TASK,
    WORDS,
    write_about_the_citizen,
)

from medvirk.people.access import Permission
from medvirk.people.hooks import shared_parts
from medvirk.people.models import AccessEvent, Bar, Guardianship, Person, Relation, Role, Staff, User

REASON = "Wants help with sleep"
LEAVES = {"account_logout", "people:leave"}


@pytest.fixture(scope="module")
def world_of_the_module(built_once) -> World:
    return built_once(world_with_answers)


def world_with_answers() -> World:
    """The world of all addresses, in which the citizen has answered and a worker has written."""
    made = make_world(Make(5000))
    write_about_the_citizen(made)
    return made


def secrets_of(world: World) -> set[str]:
    person = world.citizen.person
    return {
        *PLANTED.values(),
        *WORDS,
        *FOR_ONESELF,
        person.national_id,
        person.phone.removeprefix("+47"),
        REASON,
    }


class Browser(Client):
    """A browser in which somebody has signed in, and signs in again when a page has signed them out."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.user = user
        self.sign_in()

    def sign_in(self) -> None:
        # Read anew: a page may have ended all of this account's sessions.
        self.user.refresh_from_db()
        self.force_login(self.user, backend="medvirk.people.signin.SignInNameBackend")

    def request(self, **request: object) -> HttpResponse:
        if "_auth_user_id" not in self.session or "sessionid" not in self.cookies:
            self.sign_in()
        return super().request(**request)


@dataclass(frozen=True)
class Got:
    """`text`: all that the browser gets. `logged`: so many rows of the access log."""

    response: HttpResponse
    text: str
    logged: int


def got(client: Client, world: World, address: Address, method: str = "get") -> Got:
    """Call it once. Then all is as before: what one address does must not hide what the next would have shown."""
    known = AccessEvent.objects.count()
    with transaction.atomic():
        response = getattr(client, method)(world.path_of(address))
        found = Got(response, told(response), AccessEvent.objects.count() - known)
        transaction.set_rollback(True)
    return found


def answers(client: Client, world: World, addresses: list[Address]) -> Iterator[tuple[Address, str, Got]]:
    for address in addresses:
        if address.name in LEAVES:
            continue
        for method in ("get", "post"):
            yield address, method, got(client, world, address, method)


def told(response: HttpResponse) -> str:
    """Headers, redirects, cookies and body. What is streamed can be read once only."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{dict(response.items())} {response.cookies} {body.decode('utf-8', 'replace')}"


def leaks(
    client: Client, world: World, secrets: set[str], *, may_see: Callable[[Address], bool]
) -> list[str]:
    """Address, method and what was told, for each secret that came out where it must not."""
    return [
        f"{method} {address.name}: {secret}"
        for address, method, found in answers(client, world, ALL)
        if not may_see(address)
        for secret in secrets
        if secret in found.text
    ]


def account_of(person: Person) -> Client:
    own = {"login": str(person.pk), "login_hash": str(person.pk)}
    return Browser(User.objects.get_or_create(person=person, defaults=own)[0])


def tied(world: World, staff: Staff, **more) -> Staff:
    Relation.objects.create(citizen=world.citizen, staff=staff, valid_from=world.make.long_ago, **more)
    return staff


def barred(world: World, kind: str) -> Client:
    staff = tied(world, world.make.staff("team_leader"))
    Bar.objects.create(citizen=world.citizen, staff=staff, kind=kind)
    return Browser(staff.user)


def themselves_at_work(world: World) -> Client:
    """The citizen works here too, and has a relation to themselves by mistake."""
    staff = Staff.objects.create(
        person=world.citizen.person, user=User.objects.create(login="both", login_hash="both")
    )
    staff.grants.create(role=Role.TEAM_LEADER, unit=world.make.unit(), valid_from=world.make.long_ago)
    return Browser(tied(world, staff).user)


def past_relation(world: World) -> Client:
    yesterday = timezone.localdate() - timedelta(days=1)
    return Browser(tied(world, world.make.staff(), valid_to=yesterday).user)


def emergency_that_is_over(world: World) -> Client:
    staff = tied(world, world.make.staff(), basis="emergency", ends_at=timezone.now() - timedelta(seconds=1))
    return Browser(staff.user)


def parent(world: World, *, age: int, **more) -> Client:
    guardian = Person.objects.create(given_name="Foresatt", family_name="Prøvesen")
    Guardianship.objects.create(
        citizen=world.citizen, guardian=guardian, kind="parent", valid_from=world.make.long_ago, **more
    )
    person = world.citizen.person
    person.birth_date = timezone.localdate() - timedelta(days=age * 366)
    person.save()
    return account_of(guardian)


#: Those from whom all of it is kept.
SHUT_OUT: dict[str, Callable[[World], Client]] = {
    "nobody": lambda world: Client(),
    "a stranger without a role": lambda world: Browser(world.make.staff(None).user),
    "a colleague without relation": lambda world: Browser(world.colleague.user),
    "a colleague in the same team": lambda world: Browser(
        world.make.staff("team_leader", world.owner.grants.get().unit).user
    ),
    "a colleague whose relation is over": past_relation,
    "a colleague whose emergency is over": emergency_that_is_over,
    "a worker the citizen does not want": lambda world: barred(world, "citizen"),
    "a worker who is close to the citizen": lambda world: barred(world, "relative"),
    "the citizen, at work": themselves_at_work,
    "a partner with whom nothing is shared": lambda world: Browser(world.make.staff("partner").user),
    "a partner whose day is over": lambda world: Browser(
        tied(world, world.make.staff("partner"), basis="consent", opens_all=False, parts=["people.contact"],
             valid_to=timezone.localdate() - timedelta(days=1)).user
    ),
    "another citizen": lambda world: account_of(world.make.citizen().person),
    "a parent of somebody who is 17": lambda world: parent(world, age=17),
    "a parent whom a child of 13 does not want told": lambda world: parent(world, age=13, withheld=True),
    "a guardian without mandate for health": lambda world: parent(world, age=40, covers_health=False),
    **{
        f"role {role}": lambda world, role=role: Browser(world.make.staff(role).user)
        for role in Role
    },
}  # fmt: skip


#: Who is the citizen themselves, in another capacity.
BEAR_THE_NAME = {"the citizen, at work"}
NAMES = {PLANTED["given_name"], PLANTED["family_name"]}


def for_administrators(address: Address) -> bool:
    """Two records side by side, chosen by an administrator who puts duplicates together: names are what it is for."""
    return address.declares == Permission.MERGE_PERSONS


def for_the_log(address: Address) -> bool:
    """The log names whose record was opened: that is what the auditor reads it for."""
    return address.declares in {Permission.READ_LOG, Permission.REVIEW_LOG}


@pytest.mark.parametrize("who", SHUT_OUT)
def test_nothing_of_the_citizen_leaks_and_the_record_does_not_exist(world, who):
    client, secrets = SHUT_OUT[who](world), secrets_of(world)
    if who in BEAR_THE_NAME:
        # One's own name stands at the foot of every page.
        secrets -= NAMES
    found, opened = [], {}

    for address, method, each in answers(client, world, ALL):
        if not for_administrators(address) and not for_the_log(address):
            found += [f"{method} {address.name}: {secret}" for secret in secrets if secret in each.text]
        if address.name in OPEN_RECORDS and each.response.status_code not in {403, 404, 405}:
            opened[address.name, method] = each.response.status_code

    assert found == []
    if who != "nobody":
        assert opened == {}


@pytest.mark.parametrize("by", ["national_id", "phone", "name"])
@pytest.mark.parametrize(
    "who", ["a colleague without relation", "a worker the citizen does not want", "role secretary"]
)
def test_a_search_tells_only_what_was_typed(world, who, by):
    person = world.citizen.person
    typed = {
        "national_id": {"national_id": person.national_id},
        "phone": {"phone": PLANTED["phone"]},
        "name": {"given_name": person.given_name, "family_name": person.family_name},
    }[by]
    client = SHUT_OUT[who](world)

    for address in ("people:find", "people:relation_after_search", "people:citizen_new", "people:emergency_open",
                    "people:protect_after_search"):  # fmt: skip
        response = client.post(reverse(address), typed)
        found = {each for each in secrets_of(world) - set(typed.values()) if each in told(response)}
        assert found == set(), address
        assert str(world.citizen.pk) not in told(response), address


def test_the_owner_sees_what_is_kept_from_the_others(world):
    """Else the walk above would prove nothing."""
    client = Browser(world.owner.user)
    own = {"feedback:learning", "feedback:own_check"}
    shown = "".join(got(client, world, each).text for each in ALL if each.name in OPEN_RECORDS | own)

    # On no page but those of what the citizen gets out; it is looked for there, below.
    of_the_citizen = {BESIDE["pause"]}
    assert {secret for secret in secrets_of(world) if secret not in shown} == of_the_citizen


def test_a_partner_sees_the_part_that_is_shared_on_two_pages_and_nothing_else(world):
    partner = tied(
        world, world.make.staff("partner"), basis="consent", opens_all=False, parts=["people.contact"]
    )
    client = Browser(partner.user)
    theirs = {"people:shared_list", "people:shared_record"}

    assert leaks(client, world, secrets_of(world), may_see=lambda each: each.name in theirs) == []
    page = told(client.get(reverse("people:shared_record", args=[world.citizen.pk])))
    listed = told(client.get(reverse("people:shared_list")))
    assert PLANTED["phone"] in page
    assert PLANTED["family_name"] in listed
    kept = WORDS | FOR_ONESELF | {REASON, world.citizen.person.national_id}
    assert {each for each in kept if each in page + listed} == set()


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ("feedback.agreements", {CHANGED, BESIDE["agreement"]}),
        ("feedback.course", {"Livet nå"}),
        ("feedback.next", set()),
        ("feedback.goals", {GOAL}),
        ("feedback.board", {SIGNS, HELPS, CALLS, TASK}),
        ("people.contact", {PLANTED["phone"], PLANTED["email"]}),
    ],
)
def test_each_part_is_shown_by_itself(world, part, shown):
    partner = tied(world, world.make.staff("partner"), basis="consent", opens_all=False, parts=[part])

    page = told(Browser(partner.user).get(reverse("people:shared_record", args=[world.citizen.pk])))

    assert {each for each in secrets_of(world) - NAMES | {"Livet nå"} if each in page} == shown


def test_every_part_that_can_be_shared_is_tried_above():
    tried = {values[0] for mark in test_each_part_is_shown_by_itself.pytestmark for values in mark.args[1]}
    assert tried == {each.code for each in shared_parts()}


def test_what_a_partner_looks_at_is_logged_part_by_part(world):
    partner = tied(
        world, world.make.staff("partner"), basis="consent", opens_all=False, parts=["feedback.next"]
    )

    Browser(partner.user).get(reverse("people:shared_record", args=[world.citizen.pk]))

    rows = AccessEvent.objects.by([partner.pk])
    assert set(rows.values_list("what", "basis")) == {
        ("people.shared", "consent:own"), ("feedback.next", "consent:own"),
    }  # fmt: skip


OWN = {
    "the citizen": lambda world: account_of(world.citizen.person),
    "a parent of a child of ten": lambda world: parent(world, age=10),
}


@pytest.mark.parametrize("who", OWN)
def test_who_has_signed_in_for_themselves_meets_the_citizen_on_the_own_pages_only(world, who):
    client = OWN[who](world)
    closed = [each for each in ALL if each.declares in set(Permission) - {Permission.OWN_PAGES}]

    # One's own name stands at the foot of every page.
    secrets = secrets_of(world) - NAMES

    assert leaks(client, world, secrets, may_see=lambda each: each.declares == Permission.OWN_PAGES) == []
    assert {each.response.status_code for *_, each in answers(client, world, closed)} == {403}
    mine = [each for each in ALL if each.declares == Permission.OWN_PAGES and "citizen_id" in each.arguments]
    seen = "".join(each.text for *_, each in answers(client, world, mine))
    assert PLANTED["given_name"] in seen
    assert BESIDE["pause"] in seen
    assert {each for each in FOR_ONESELF if each in seen} == set()


def test_a_protected_address_is_on_no_page_but_the_one_that_is_logged(world, client_of):
    person = world.citizen.person
    person.protection = "strictly_confidential"
    person.save()
    team = world.make.unit("Avdeling Skjulested")
    Relation.objects.create(citizen=world.citizen, unit=team, valid_from=world.make.long_ago)
    hidden = {PLANTED["phone"], PLANTED["email"], "Skjulested"}
    client = client_of(world.owner)
    others = [
        each for each in ALL
        if each.name not in {"people:contact", *LEAVES} and each.declares == Permission.FOLLOW_CITIZENS
    ] + [each for each in ALL if each.name in {"people:find", "people:citizen_change", "people:deaths"}]  # fmt: skip

    found = [
        f"{address.name}: {secret}"
        for address in others
        for secret in hidden
        if secret in told(client.get(world.path_of(address)))
    ]

    assert found == []
    shown = told(client.get(reverse("people:contact", args=[world.citizen.pk])))
    assert {each for each in hidden if each in shown} == hidden
    assert AccessEvent.objects.by([world.owner.pk]).filter(what="people.contact").count() == 1


LET_IN = {
    "a worker": lambda world: Browser(world.owner.user),
    "a leader": lambda world: Browser(tied(world, world.make.staff("team_leader")).user),
    "a partner": lambda world: Browser(
        tied(world, world.make.staff("partner"), basis="consent", opens_all=False, parts=["people.contact"]).user
    ),
    "the citizen": lambda world: account_of(world.citizen.person),
}  # fmt: skip


@pytest.mark.parametrize("who", LET_IN)
def test_whatever_shows_the_citizen_is_a_row_in_the_log_by_whichever_method_it_is_asked(world, who):
    client = LET_IN[who](world)
    # The citizen's own name stands at the foot of every page.
    secrets = secrets_of(world) - (
        {PLANTED["given_name"], PLANTED["family_name"]} if who == "the citizen" else set()
    )
    secrets -= FOR_ONESELF
    shown, unlogged = 0, []

    # As nothing one request does is there for the next, also what is logged once a day is met for the first time.
    for address in ALL:
        if address.name in LEAVES or got(client, world, address).response.status_code == 403:
            continue
        for method in ("head", "options", "get", "post"):
            found = got(client, world, address, method)
            if found.response.status_code < 300 and any(each in found.text for each in secrets):
                shown += 1
                unlogged += [] if found.logged else [f"{method} {address.name}"]

    assert shown > 1
    assert unlogged == []


@pytest.mark.parametrize("parts", [["people.contact"]])
def test_a_protected_address_is_not_shared(world, parts):
    person = world.citizen.person
    person.protection = "confidential"
    person.save()
    partner = tied(world, world.make.staff("partner"), basis="consent", opens_all=False, parts=parts)

    page = told(Browser(partner.user).get(reverse("people:shared_record", args=[world.citizen.pk])))

    assert PLANTED["phone"] not in page
    assert PLANTED["email"] not in page


def test_errors_say_nothing_of_the_citizen(world, client_of):
    client = client_of(world.colleague)
    client.raise_request_exception = False
    pages = [
        client.get(reverse("people:citizen", args=[world.citizen.pk])),
        client.get(reverse("people:staff_list")),
        client.get(f"/people/{world.citizen.pk}/nowhere/"),
    ]

    assert [each.status_code for each in pages] == [404, 403, 404]
    assert [secret for secret in secrets_of(world) for page in pages if secret in told(page)] == []
