"""Every form and every parameter, wrongly filled in by everybody: never a fault of ours, never somebody else's data.

The same requests each time. `MEDVIRK_FUZZ=20000` sends that many of each kind instead of a hundred or so, and others
each time; what fails is told as a `Sent`, which can be sent again by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from addresses import ALL, Address, make_world
from conftest import Make
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.urls import path as address_at
from django.utils import timezone
from factories_feedback import marks
from fuzzing import ASKED, ELEMENT, Field, Form, Sent, altered, broken, faults_of, forms_of
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from medvirk.config import urls
from medvirk.people.access import EVERYONE, PERMISSIONS, SIGNED_IN, for_everyone
from medvirk.people.models import Citizen, Relation, Role

LONG = "MEDVIRK_FUZZ" in os.environ
EXAMPLES = int(os.environ.get("MEDVIRK_FUZZ", "120"))
SOURCE = Path(__file__).resolve().parents[2] / "src" / "medvirk"
#: Everything that a request could change stands as before when the next one is sent.
fuzzed = hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)


#: One of each kind of reader; hypothesis draws from every role.
WALKERS = (
    "nobody",
    "stranger",
    "owner",
    "citizen",
    "secretary",
    "team_leader",
    "administrator",
    "auditor",
    "partner",
)
MADE_UP = ("x", 1, UUID(int=1), "json")


class Town:
    """Two circles who know nothing of each other, and everybody else; the words about a citizen stand nowhere else."""

    def __init__(self, make, client_of: Callable[..., Client]) -> None:
        self.world = make_world(make)
        self.make = make
        self.read_the_notice()
        self.other_worker = make.staff("practitioner")
        self.secrets = {
            "owner": self.plant("owner", self.world.owner),
            "other": self.plant("other", self.other_worker),
        }
        self.callers: dict[str, object] = {
            "nobody": None,
            "stranger": make.staff(None),
            "owner": self.world.owner,
            "citizen": make.own_account(self.world.citizen.person),
        }
        self.callers |= {f"{role}": make.staff(role) for role in Role} | {"other": self.other_worker}
        self.tie_to_the_world()
        self.clients = {
            who: Client() if staff is None else client_of(staff) for who, staff in self.callers.items()
        }
        walked = [address for address in ALL if address.name != "account_logout"]
        base = [self.path_of(address) for address in walked]
        self.needed = dict(zip(base, (address.declares for address in walked), strict=True))
        self.paths = {"example": base}
        for circle, ids in self.planted.items():
            changed = [self.of_circle(path, ids) for path in base]
            self.paths[circle] = [path for path, old in zip(changed, base, strict=True) if path != old]
        self.all_paths = sorted({path for paths in self.paths.values() for path in paths})
        self.ids = sorted(str(key) for ids in self.planted.values() for key in ids.values())
        self.asked = sorted(
            {name for file in SOURCE.rglob("*.py") for name in ASKED.findall(file.read_text("utf-8"))}
        )
        self.forms = sorted(
            self.shown(), key=lambda form: (form.action, form.who, form.fields[0].name if form.fields else "")
        )

    def tie_to_the_world(self) -> None:
        """So that a leader and a partner are shown their forms too: of the world's citizen, not of the two circles'."""
        citizen, since = self.world.citizen, self.make.long_ago
        Relation.objects.create(citizen=citizen, staff=self.callers[Role.TEAM_LEADER], valid_from=since)
        Relation.objects.create(
            citizen=citizen, staff=self.callers[Role.PARTNER], valid_from=since, basis="consent", opens_all=False,
            parts=["people.contact"],
        )  # fmt: skip

    def read_the_notice(self) -> None:
        """So that the link of the examples leads to the questions."""
        from medvirk.answers.actions import see_notice
        from medvirk.answers.queries import way_in
        from medvirk.answers.texts import text_for

        found = way_in(self.world.examples["token"], now=timezone.now())
        see_notice(occasion=found.occasion, digest=text_for("privacy", "nb").digest)

    def plant(self, circle: str, worker: object) -> frozenset[str]:
        """A citizen of `worker` with everything that a record can hold, made of words found nowhere else."""
        from medvirk.answers.actions import submit
        from medvirk.answers.queries import way_in
        from medvirk.feedback.actions import note_change, plan_session, start_episode

        words = {name: f"zq{circle}{name}qz" for name in ("given", "family", "reason", "own", "change")}
        number = "01818501" + {"owner": "777", "other": "888"}[circle]
        phone = {"owner": "41777701", "other": "41888801"}[circle]
        details = self.make.details(
            given_name=words["given"],
            family_name=words["family"],
            national_id=number,
            phone=phone,
            email=f"zq{circle}mailqz@example.org",
        )
        viewer, now = self.make.viewer(worker), timezone.now()
        citizen = self.make.citizen(worker=worker, details=details)
        episode = start_episode(
            by=viewer, citizen=citizen, unit=worker.grants.get().unit, responsible=worker,
            started_on=self.make.long_ago, outcome=("life-now", 1), meeting=("this-meeting", 1),
        )  # fmt: skip
        session = plan_session(by=viewer, episode=episode, starts_at=now, now=now)
        from medvirk.answers.actions import make_link
        from medvirk.answers.logic import Asked
        from medvirk.instruments.queries import effective

        token = make_link(by=viewer, occasion=session.asks("before"), channel="phone", now=now)
        submit(
            way_in=way_in(token, now=now), asked=[Asked(effective("life-now"), "nb")], sent=marks("life-now", 12),
            client_id=citizen.pk, own_words=words["own"], now=now,
        )  # fmt: skip
        note_change(by=viewer, session=session, staff=worker, text=words["change"], now=now)
        ids = {
            "citizen": citizen.pk,
            "relation": citizen.relations.get().pk,
            "episode": episode.pk,
            "session": session.pk,
        }
        self.planted = {**getattr(self, "planted", {}), circle: ids}
        return frozenset({*words.values(), number, phone, f"zq{circle}mailqz"} - {words["reason"]})

    def path_of(self, address: Address) -> str:
        """Of the examples; where a room has given none (which the walk of all addresses tells), made up."""
        known = {name: self.world.examples[name] for name in address.arguments if name in self.world.examples}
        try:
            return self.world.path_of(address)
        except ImproperlyConfigured:
            missing = [name for name in address.arguments if name not in known]
        for values in product(MADE_UP, repeat=len(missing)):
            try:
                return reverse(address.name, kwargs=known | dict(zip(missing, values, strict=True)))
            except NoReverseMatch:
                continue
        raise ImproperlyConfigured(f"No made-up path leads to {address.name}.")

    def of_circle(self, path: str, ids: dict[str, object]) -> str:
        """The same address with a circle's citizen, relation, episode and session in it."""
        for kind, key in ids.items():
            path = path.replace(str(self.world.examples[f"{kind}_id"]), str(key))
        return path

    def lookers(self, path: str) -> tuple[str, ...]:
        """Who looks for forms here: two where all may look, else the first who may; the others are shown the same."""
        needed = self.needed[path]
        if needed in {EVERYONE, SIGNED_IN}:
            return ("nobody", "owner")
        roles = {"owner": Role.PRACTITIONER} | {who: who for who in WALKERS if who in set(Role)}
        return next(((who,) for who, role in roles.items() if needed in PERMISSIONS[role]), ("citizen",))

    def shown(self) -> set[Form]:
        """Every form on every page, as each is shown it; and a form of its own for what only takes sending."""
        found: set[Form] = set()
        for path in self.paths["example"]:
            for who in self.lookers(path):
                response = self.send(Sent(who, "GET", path))
                if response.status_code < 300:
                    found.update(
                        form for form in forms_of(who, path, response) if "logout" not in form.action
                    )
        sent_to = {form.action for form in found if form.method == "post"}
        found.update(
            Form("owner", path, "post", (Field("x", "1"),))
            for path in self.paths["example"]
            if path not in sent_to
        )
        return found

    def send(self, sent: Sent, client: Client | None = None) -> HttpResponse:
        """Send it, and put everything back as it was."""
        client = client or self.clients[sent.who]
        client.raise_request_exception = False
        kept = client.cookies.output()
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        with transaction.atomic():
            response = sent.to(client)
            if not response.streaming:
                _ = response.content
            transaction.set_rollback(True)
        if client.cookies.output() != kept:
            client.cookies.clear()
            client.cookies.load(cookies)
        cache.clear()
        return response

    def not_theirs(self, who: str) -> frozenset[str]:
        """Words that this caller may never be shown: those about citizens to whom they have no relation."""
        return frozenset().union(*(words for circle, words in self.secrets.items() if circle != who))

    def faults(self, sent: Sent) -> list[str]:
        secrets = self.not_theirs(sent.who)
        if sent.who == "auditor" and sent.path.startswith(reverse("people:log_search")):
            # The log is what an auditor reads, and it names people; nothing else of theirs.
            secrets = frozenset(word for word in secrets if not word.endswith(("familyqz", "givenqz")))
        return faults_of(self.send(sent), secrets)


@pytest.fixture(scope="module")
def town(built_once) -> Town:
    """Built once: each request is undone."""
    return built_once(lambda: Town(Make(5000), signed_in))


def signed_in(staff: object) -> Client:
    client = Client()
    client.force_login(getattr(staff, "user", staff), backend="medvirk.people.signin.SignInNameBackend")
    return client


@pytest.mark.django_db
def test_forms_filled_in_wrongly(town):
    @fuzzed
    @given(altered(town.forms, sorted(town.callers), town.asked, town.ids))
    def all_stands(sent: Sent) -> None:
        assert town.faults(sent) == []

    all_stands()


@pytest.mark.django_db
def test_requests_that_no_browser_sends(town):
    @fuzzed
    @given(broken(town.all_paths, sorted(town.callers), town.asked))
    def all_stands(sent: Sent) -> None:
        assert town.faults(sent) == []

    all_stands()


@pytest.mark.django_db
def test_every_address_about_somebody_shows_nothing_of_them_to_others(town):
    faults = {
        f"{method} {path} by {who}": found
        for path in town.paths["other"]
        for who in WALKERS
        for method in (("GET", "POST") if who == "owner" else ("GET",))
        if (found := town.faults(Sent(who, method, path)))
    }

    assert faults == {}


# --- that it would find what it looks for -----------------------------------------------------------------------


@pytest.mark.django_db
def test_the_town_has_what_could_leak(town):
    """Each circle's worker is shown the words that are looked for: they stand where a leak would take them from."""
    for who, words in town.secrets.items():
        seen = "".join(town.send(Sent(who, "GET", path)).content.decode() for path in town.paths[who])

        assert {word for word in words if word not in seen} == set()


@pytest.mark.django_db
def test_the_forms_are_the_real_ones(town):
    actions = {form.action for form in town.forms if form.method == "post" and len(form.fields) > 2}

    assert any(action.endswith("/people/staff/new/") for action in actions)
    assert any(action.startswith("/a/") for action in actions)
    names = {field.name for form in town.forms for field in form.fields}
    assert {"national_id", "valid_from", "life-now.q1", "own_words", "starts_at", "role", "login"} <= names


@pytest.mark.parametrize(
    ("response", "part_of_fault"),
    [
        (HttpResponse(status=500), "answered 500"),
        (HttpResponse("<p>zqotherownqz</p>"), "somebody else's"),
        (HttpResponse(headers={"Location": "/?name=zqotherownqz"}), "somebody else's"),
        (HttpResponse(f"<p><{ELEMENT}></p>"), "for markup"),
        (HttpResponse("<p mdvkattr='1'></p>"), "for markup"),
        (HttpResponse("<a href=' JavaScript:x'></a>"), "for markup"),
        (HttpResponse("Traceback (most recent call last)"), "tells"),
        (HttpResponse(status=302, headers={"Location": "//evil.example"}), "sends away"),
        (HttpResponse(status=302, headers={"Location": "/\\evil.example"}), "sends away"),
        (HttpResponse(headers={"X-Injected": "1"}), "line of its own"),
    ],
)
def test_a_fault_is_found(response, part_of_fault):
    (fault,) = faults_of(response, frozenset({"zqotherownqz"}))

    assert part_of_fault in fault


@pytest.mark.parametrize("text", [f"&lt;{ELEMENT}&gt;", '<input value="&quot; mdvkattr=1">'])
def test_what_is_escaped_is_no_fault(text):
    assert faults_of(HttpResponse(text), frozenset()) == []


def typed(request: HttpRequest) -> str:
    return request.POST.get("text") or request.GET.get("text", "")


@for_everyone
def fails_on_a_strange_value(request: HttpRequest) -> HttpResponse:
    return HttpResponse(int(typed(request) or 3))


@for_everyone
def names_whoever_is_asked_for(request: HttpRequest) -> HttpResponse:
    found = [each.person.name for each in Citizen.objects.all() if str(each.pk) == typed(request)]
    return HttpResponse("".join(found))


@for_everyone
def repeats_what_was_typed(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>{typed(request)}</p>")


@for_everyone
def sends_where_one_likes(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": typed(request).replace("\r", "").replace("\n", "")})


PLANTED = {
    fails_on_a_strange_value: "answered 500",
    names_whoever_is_asked_for: "somebody else's",
    repeats_what_was_typed: "for markup",
    sends_where_one_likes: "sends away",
}


class PlantedUrls:
    """The addresses of Medvirk, and four that are at fault."""

    urlpatterns = [*urls.urlpatterns, *(address_at(f"planted/{view.__name__}/", view) for view in PLANTED)]


@pytest.mark.django_db
@pytest.mark.parametrize("sender", ["altered", "broken"])
@pytest.mark.parametrize("view", PLANTED, ids=lambda view: view.__name__)
def test_a_planted_fault_is_found(town, settings, view, sender):
    settings.ROOT_URLCONF = PlantedUrls
    at, who = f"/planted/{view.__name__}/", ["nobody", "stranger"]
    if sender == "altered":
        requests = altered([Form("stranger", at, "post", (Field("text", "3"),))], who, ["text"], town.ids)
    elif view is names_whoever_is_asked_for:
        requests = st.sampled_from(town.ids).map(lambda key: Sent("nobody", "GET", at, query=f"text={key}"))
    else:
        requests = broken([at], who, ["text"])

    @hypothesis_settings(fuzzed, max_examples=400, derandomize=True, phases=[Phase.generate])
    @given(requests)
    def all_stands(sent: Sent) -> None:
        assert not [fault for fault in town.faults(sent) if PLANTED[view] in fault]

    with pytest.raises(AssertionError):
        all_stands()


@pytest.mark.django_db
def test_every_request_meets_the_same_town(town):
    from medvirk.people.models import Unit

    before = Unit.objects.count()
    sent = Sent(
        "administrator",
        "POST",
        "/people/units/new/",
        data=(("name", "Ny"), ("kind", "municipality"), ("valid_from", "2026-01-01")),
    )

    assert town.send(sent).status_code == 302
    assert Unit.objects.count() == before
