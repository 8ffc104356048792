"""Sign-in by a provider, all the way through a real one (`tests/oidc_provider.mjs`)."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
import requests
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from oidc import sign_in

from medvirk.people.actions import deactivate, expect_job_account, let_job_account_go
from medvirk.people.models import JobAccount, User
from medvirk.people.signin.openid import SESSION_KEY

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

HIGH, SUBSTANTIAL = "idporten-loa-high", "idporten-loa-substantial"
TENANT = "8f1c-a-made-up-tenant"
NAME = "Ada.Oslo@kommune.example"


@pytest.fixture
def citizens(provider, set_up):
    set_up(provider.settings("citizens"))
    return provider


@pytest.fixture
def staff(provider, set_up):
    set_up(
        provider.settings(
            "staff", f'tenant = "{TENANT}"', 'two_factors = { amr = ["mfa"] }', name="jobbkonto"
        )
    )
    return provider


@pytest.fixture
def number(make) -> str:
    return make.national_id()


@pytest.fixture
def citizen(make, number):
    return make.citizen(details=make.details(national_id=number))


@pytest.fixture
def worker(make):
    held = make.staff()
    expect_job_account(by=None, staff=held, name=NAME)
    return held


def who(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_the_citizen_with_this_number_is_signed_in(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)

    answer = sign_in(client, citizens)

    assert answer.status_code == 302, answer.content.decode()
    assert who(client).person == citizen.person
    assert not hasattr(who(client), "staff")


def test_the_second_sign_in_uses_the_same_account(client, citizens, citizen, number):
    for browser in (client, Client()):
        citizens.will_sign_in("sub-1", acr=HIGH, pid=number)
        sign_in(browser, citizens)

    assert User.objects.filter(person=citizen.person).count() == 1
    assert who(client) == User.objects.get(person=citizen.person)


def test_the_session_holds_neither_number_nor_name_nor_token(client, citizens, citizen, number):
    citizens.will_sign_in("sub-of-kari", acr=HIGH, pid=number, name="Kari Testesen")

    sign_in(client, citizens)

    held = json.dumps(dict(client.session.items()))
    for secret in (number, "Kari", "Testesen", "sub-of-kari", "eyJ"):
        assert secret not in held
    assert SESSION_KEY not in client.session


def test_a_number_that_nobody_has_is_told_so_and_nothing_is_kept(client, citizens, citizen, make):
    citizens.will_sign_in("sub-2", acr=HIGH, pid=make.national_id())
    before = User.objects.count()

    answer = sign_in(client, citizens)

    assert answer.status_code == 403
    assert "kjenner deg ikke" in answer.content.decode()
    assert who(client) is None
    assert User.objects.count() == before


def test_somebody_who_has_died_is_not_signed_in(client, citizens, citizen, number):
    citizen.person.died_on = "2026-01-02"
    citizen.person.save()
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)

    assert sign_in(client, citizens).status_code == 403
    assert who(client) is None


def test_too_low_a_level_is_asked_for_again_and_then_refused_with_a_sentence(
    client, citizens, citizen, number
):
    for _ in range(2):
        citizens.will_sign_in("sub-1", acr=SUBSTANTIAL, pid=number)

    again = sign_in(client, citizens)

    assert again.status_code == 302
    assert "acr_values=idporten-loa-high" in again.url
    assert "prompt=login" in again.url
    refused = client.get(citizens.through(again.url))
    assert refused.status_code == 403
    assert "lavere nivå" in refused.content.decode()
    assert who(client) is None


def test_a_stronger_sign_in_the_second_time_is_enough(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=SUBSTANTIAL, pid=number)
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)

    again = sign_in(client, citizens)
    client.get(citizens.through(again.url))

    assert who(client).person == citizen.person


def test_a_municipality_may_accept_the_level_below(client, citizens, citizen, number, settings):
    settings.CITIZEN_LEVEL = "substantial"
    citizens.will_sign_in("sub-1", acr=SUBSTANTIAL, pid=number)

    sign_in(client, citizens)

    assert who(client).person == citizen.person


def test_the_level_that_is_not_said_is_too_low(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", pid=number)

    assert "acr_values" in sign_in(client, citizens).url
    assert who(client) is None


def test_turning_back_leads_to_the_sign_in_page(client, db, citizens):
    citizens.will_turn_back()

    answer = sign_in(client, citizens)

    assert answer.url == reverse("account_login")
    assert who(client) is None


@pytest.mark.parametrize(
    "fault",
    [
        {"claims": {"nonce": "another sign-in's"}},
        {"without": ["nonce"]},
        {"claims": {"exp": 1_700_000_000}},
        {"without": ["exp"]},
        {"claims": {"iss": "https://idporten.example"}},
        {"without": ["iss"]},
        {"claims": {"aud": "another-service"}},
        {"without": ["aud"]},
        {"without": ["sub"]},
        {"key": "stranger"},
        {"algorithm": "none"},
    ],
    ids=str,
)
def test_a_token_that_does_not_hold_signs_nobody_in(client, citizens, citizen, number, fault, caplog):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)
    citizens.will_err(**fault)

    answer = sign_in(client, citizens)

    assert answer.status_code == 403
    assert "ikke logget inn" in answer.content.decode()
    assert who(client) is None
    assert number not in caplog.text
    assert "eyJ" not in caplog.text


def test_an_answer_to_another_question_signs_nobody_in(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)
    begun = client.get("/accounts/login/citizens/")
    way_back = citizens.through(begun.url)
    state = way_back.partition("state=")[2].partition("&")[0]

    answer = client.get(way_back.replace(state, "another"))

    assert answer.status_code == 403
    assert who(client) is None


def test_a_way_back_does_not_work_in_another_browser_nor_twice(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)
    begun = client.get("/accounts/login/citizens/")
    way_back = citizens.through(begun.url)

    assert Client().get(way_back).status_code == 403
    assert client.get(way_back).status_code == 302
    client.logout()
    assert client.get(way_back).status_code == 403
    assert who(client) is None


def test_a_code_that_is_used_up_does_not_work_even_with_the_note_put_back(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)
    begun = client.get("/accounts/login/citizens/")
    noted = client.session[SESSION_KEY]
    way_back = citizens.through(begun.url)
    client.get(way_back)
    client.logout()
    session = client.session
    session[SESSION_KEY] = noted
    session.save()

    assert client.get(way_back).status_code == 403
    assert who(client) is None


def test_a_sign_in_that_was_left_is_over(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)
    way_back = citizens.through(client.get("/accounts/login/citizens/").url)
    session = client.session
    session[SESSION_KEY] = {**session[SESSION_KEY], "at": time.time() - 16 * 60}
    session.save()

    assert client.get(way_back).status_code == 403


def test_the_worker_is_bound_at_the_first_sign_in_and_known_by_the_mark_afterwards(client, staff, worker):
    staff.will_sign_in("s", amr=["pwd", "mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)
    sign_in(client, staff, "staff")

    assert who(client) == worker.user
    assert JobAccount.objects.get().bound_at is not None

    other = Client()
    staff.will_sign_in(
        "s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username="new.name@kommune.example"
    )
    sign_in(other, staff, "staff")
    assert who(other) == worker.user


@pytest.mark.parametrize(
    "claims",
    [
        # Somebody new has been given the name; somebody in another tenant has made up the same name.
        {"oid": "oid-2", "tid": TENANT, "preferred_username": NAME},
        {"oid": "oid-1", "tid": "another-tenant", "preferred_username": NAME},
        {"oid": "oid-1", "preferred_username": NAME},
        {"oid": "oid-3", "tid": TENANT, "preferred_username": "stranger@kommune.example"},
        {"oid": "oid-3", "tid": TENANT},
    ],
    ids=str,
)
def test_nobody_takes_over_an_account_by_its_name(client, staff, worker, claims):
    staff.will_sign_in("s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)
    sign_in(Client(), staff, "staff")

    staff.will_sign_in("t", amr=["mfa"], **claims)
    answer = sign_in(client, staff, "staff")

    assert answer.status_code == 403
    assert who(client) is None


def test_another_tenant_with_the_same_name_does_not_come_first_either(client, staff, worker):
    staff.will_sign_in("t", amr=["mfa"], oid="oid-1", tid="another-tenant", preferred_username=NAME)

    assert sign_in(client, staff, "staff").status_code == 403
    assert JobAccount.objects.get().bound_at is None


def test_a_name_waits_for_thirty_days_and_no_longer(client, staff, worker):
    account = JobAccount.objects.get()
    account.made_at = account.made_at.replace(year=account.made_at.year - 1)
    account.save()
    staff.will_sign_in("s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)

    assert sign_in(client, staff, "staff").status_code == 403


def test_a_worker_who_is_not_expected_is_not_signed_in(client, staff, make):
    make.staff(login=NAME)
    staff.will_sign_in("s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)

    answer = sign_in(client, staff, "staff")

    assert answer.status_code == 403
    assert "jobbkonto" in answer.content.decode().lower()
    assert who(client) is None


def test_a_closed_account_stays_closed(client, staff, worker):
    deactivate(by=None, staff=worker)
    staff.will_sign_in("s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)

    assert sign_in(client, staff, "staff").status_code == 403
    assert who(client) is None


def test_a_job_account_that_is_let_go_opens_nothing_and_ends_the_session(client, staff, worker):
    staff.will_sign_in("s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)
    sign_in(client, staff, "staff")
    assert client.get("/").status_code == 302
    assert client.get(reverse("mfa_index")).status_code == 200

    let_job_account_go(by=None, staff=worker)

    assert client.get(reverse("mfa_index")).status_code == 302
    staff.will_sign_in("s", amr=["mfa"], oid="oid-1", tid=TENANT, preferred_username=NAME)
    assert sign_in(Client(), staff, "staff").status_code == 403


def test_two_factors_at_the_provider_let_the_worker_in_and_one_does_not(staff, worker, settings):
    settings.STAFF_LEVEL = "two"
    for amr, lands in ((["pwd", "mfa"], 200), (["pwd"], 302)):
        browser = Client()
        staff.will_sign_in("s", amr=amr, oid="oid-1", tid=TENANT, preferred_username=NAME)
        sign_in(browser, staff, "staff")

        answer = browser.get(reverse("feedback:my_citizens"))

        assert answer.status_code == lands, amr
    assert answer.url == reverse("mfa_index")


def test_a_worker_who_gets_help_has_two_ways_in_that_never_meet(provider, set_up, make, number):
    details = make.details(national_id=number)
    held = make.staff(details=details)
    expect_job_account(by=None, staff=held, name=NAME)
    set_up(provider.settings("citizens"), provider.settings("staff", 'two_factors = { amr = ["mfa"] }'))
    own, job = Client(), Client()

    provider.will_sign_in("c", acr=HIGH, pid=number)
    sign_in(own, provider)
    # The number beside a job account opens nothing, nor does the name beside a citizen's sign-in.
    provider.will_sign_in("s", amr=["mfa"], oid="oid-1", preferred_username=NAME, pid=number)
    sign_in(job, provider, "staff")

    assert who(own) != who(job)
    assert who(own).person == held.person
    assert who(job) == held.user
    assert who(job).person is None


def test_a_citizens_token_is_of_no_use_at_the_door_of_staff(
    client, provider, set_up, citizen, number, worker
):
    set_up(provider.settings("citizens"), provider.settings("staff"))
    provider.will_sign_in("c", acr=HIGH, pid=number, oid="oid-9", preferred_username=NAME)
    way_back = provider.through(client.get("/accounts/login/citizens/").url)

    answer = client.get(way_back.replace("/citizens/", "/staff/"))

    assert answer.status_code == 403
    assert who(client) is None


def test_a_peer_worker_without_a_health_personnel_number_signs_in_as_strictly_as_helseid_asks(
    client, provider, set_up, make, tmp_path
):
    held = make.staff("peer_worker")
    expect_job_account(by=None, staff=held, name=NAME)
    key = tmp_path / "client.jwk"
    key.write_text(json.dumps(dict(provider.client_key)))
    strict = provider.settings(
        "staff", f'client_key_file = "{key}"', "pushed = true", "dpop = true",
        'two_factors = { "acr" = ["idporten-loa-high"] }', name="HelseID", secret="",
    )  # fmt: skip
    set_up(strict.replace('"medvirk"', '"medvirk-strict"').replace('client_secret = ""\n', ""))
    provider.will_sign_in("s", acr=HIGH, preferred_username=NAME)

    begun = client.get("/accounts/login/staff/")
    # Everything but a reference has gone the back way.
    assert "request_uri=" in begun.url
    assert "nonce" not in begun.url
    client.get(provider.through(begun.url))

    assert who(client) == held.user
    assert client.session["level"] == "two factors"


def test_a_provider_that_does_not_answer_gives_a_sentence(client, provider, set_up):
    set_up(provider.settings("citizens").replace(provider.issuer, "http://127.0.0.1:9"))

    answer = client.get("/accounts/login/citizens/")

    assert answer.status_code == 502
    assert "ID-porten" in answer.content.decode()


def test_a_provider_that_is_not_set_up_does_not_exist(client, db):
    for path in ("/accounts/login/citizens/", "/accounts/login/citizens/back/"):
        assert client.get(path).status_code == 404


def test_the_sign_in_page_shows_the_ways_that_are_set_up(client, db, provider, set_up):
    assert "ID-porten" not in client.get(reverse("account_login")).content.decode()

    set_up(provider.settings("citizens"))
    page = client.get(reverse("account_login")).content.decode()

    assert "Logg inn med ID-porten" in page
    assert "/accounts/login/staff/" not in page


def test_a_shared_machine_is_remembered_through_the_provider(client, citizens, citizen, number):
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)

    sign_in(client, citizens, query="?shared=1")

    assert client.session["shared"] is True


def test_whoever_was_signed_in_before_is_signed_out(client, citizens, citizen, number, make):
    client.force_login(make.staff().user)
    session = client.session
    session["of the earlier person"] = "secret"
    session.save()
    citizens.will_sign_in("sub-1", acr=HIGH, pid=number)

    sign_in(client, citizens)

    assert who(client).person == citizen.person
    assert "of the earlier person" not in client.session
    assert Session.objects.count() == 1


def test_the_provider_is_as_strict_as_it_should_be(provider):
    """The strict client is let in by nothing less: a test that passes with a lax provider would prove nothing."""
    asked = requests.get(
        f"{provider.issuer}/auth",
        params={"client_id": "medvirk-strict", "response_type": "code", "scope": "openid", "redirect_uri":
                "http://testserver/accounts/login/staff/back/", "code_challenge": "x" * 43,
                "code_challenge_method": "S256"},
        allow_redirects=False, timeout=10,
    )  # fmt: skip

    assert "error=invalid_request" in asked.headers.get("location", "") or asked.status_code == 400
