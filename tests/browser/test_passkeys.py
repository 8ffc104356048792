"""A passkey from beginning to end, with Chromium's own virtual authenticator in place of a finger."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.urls import reverse

sys.path.insert(0, str(Path(__file__).resolve().parent))

from test_every_page import AXE, DESK, PHONE, faults_of

from medvirk.people.crypto import encrypt
from medvirk.people.signin.factors import passkey_name


@pytest.fixture(autouse=True)
def two_factors_are_needed(settings, live_server):
    settings.STAFF_LEVEL = "two"
    cache.clear()


@pytest.fixture
def at_localhost(live_server) -> str:
    """A passkey belongs to a name; a bare number is none."""
    return live_server.url.replace("127.0.0.1", "localhost")


def with_authenticator(page, *, verified: bool = True):
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    made = tools.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": verified, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    return tools, made["authenticatorId"]


def by_password(page, home: str, staff, password: str) -> None:
    page.goto(home + reverse("account_login"))
    page.get_by_label("Brukernavn").fill(staff.user.login)
    page.get_by_label("Passord").fill(password)
    page.get_by_role("button", name="Logg inn", exact=True).click()
    page.wait_for_load_state()


def make_passkey(page, home: str, name: str) -> None:
    page.goto(home + reverse("mfa_add_webauthn"))
    page.get_by_label("Hva kaller du den?").fill(name)
    page.get_by_role("button", name="Lag en passnøkkel").click()
    page.wait_for_url(f"{home}{reverse('mfa_view_recovery_codes')}")


def test_a_passkey_is_made_and_signs_in_by_itself(window, at_localhost, make):
    staff = make.staff()
    page = window(DESK)
    with_authenticator(page)
    by_password(page, at_localhost, staff, make.password)
    page.goto(at_localhost + reverse("feedback:my_citizens"))
    assert page.url == at_localhost + reverse("mfa_index")

    make_passkey(page, at_localhost, "Telefonen til Kari")
    page.goto(at_localhost + reverse("feedback:my_citizens"))
    assert page.url == at_localhost + reverse("feedback:my_citizens")
    page.get_by_role("button", name="Logg ut", exact=True).click()

    page.goto(at_localhost + reverse("account_login"))
    page.get_by_label("Andre bruker også denne maskinen").check()
    page.get_by_role("button", name="Logg inn med passnøkkel").click()
    page.wait_for_url(f"{at_localhost}{reverse('feedback:my_citizens')}")

    held = Authenticator.objects.get(user=staff.user, type="webauthn")
    assert "Kari" not in str(held.data)
    assert passkey_name(held) == "Telefonen til Kari"
    assert held.last_used_at is not None


def test_a_passkey_is_the_second_step_after_a_password(window, at_localhost, make):
    staff = make.staff()
    page = window(DESK)
    with_authenticator(page)
    by_password(page, at_localhost, staff, make.password)
    make_passkey(page, at_localhost, "Maskinen")
    page.goto(at_localhost + "/")
    page.get_by_role("button", name="Logg ut", exact=True).click()

    by_password(page, at_localhost, staff, make.password)
    assert page.url == at_localhost + reverse("mfa_authenticate")
    page.get_by_role("button", name="Bruk en passnøkkel").click()

    page.wait_for_url(f"{at_localhost}{reverse('feedback:my_citizens')}")


def test_a_machine_that_has_not_asked_who_it_is_lets_nobody_in(window, at_localhost, make):
    staff = make.staff()
    page = window(DESK)
    tools, authenticator = with_authenticator(page)
    by_password(page, at_localhost, staff, make.password)
    make_passkey(page, at_localhost, "Maskinen")
    page.goto(at_localhost + "/")
    page.get_by_role("button", name="Logg ut", exact=True).click()
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})

    page.goto(at_localhost + reverse("account_login"))
    page.get_by_role("button", name="Logg inn med passnøkkel").click()

    page.get_by_text("Passnøkkelen ble ikke brukt").wait_for()
    page.goto(at_localhost + reverse("feedback:my_citizens"))
    assert reverse("account_login") in page.url


def test_a_removed_passkey_opens_nothing(window, at_localhost, make):
    staff = make.staff()
    page = window(DESK)
    with_authenticator(page)
    by_password(page, at_localhost, staff, make.password)
    make_passkey(page, at_localhost, "Den gamle")
    page.goto(at_localhost + reverse("mfa_index"))
    page.get_by_role("button", name="Fjern Den gamle").click()
    page.get_by_text("Passnøkkelen er fjernet").wait_for()
    page.get_by_role("button", name="Logg ut", exact=True).click()

    page.goto(at_localhost + reverse("account_login"))
    page.get_by_role("button", name="Logg inn med passnøkkel").click()

    page.get_by_text("Koden er feil").wait_for()
    assert not Authenticator.objects.filter(user=staff.user).exists()


def test_pages_of_the_second_step_are_accessible_and_fit(window, at_localhost, make):
    staff = make.staff()
    page = window(PHONE, bypass_csp=True)
    with_authenticator(page)
    by_password(page, at_localhost, staff, make.password)
    faults: list[str] = []

    def look(name: str) -> None:
        page.evaluate(AXE)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            faults.extend(f"{name} at {size['width']}: {fault}" for fault in faults_of(page))
            if folder := os.environ.get("MEDVIRK_PICTURES"):
                page.screenshot(path=f"{folder}/{name}-{size['width']}.png", full_page=True)

    look("lacking")
    make_passkey(page, at_localhost, "Telefonen")
    look("codes")
    Authenticator.objects.create(user=staff.user, type="totp", data={"secret": encrypt("A" * 32)})
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_deactivate_totp", "mfa_reauthenticate",
                 "mfa_reauthenticate_webauthn", "mfa_activate_totp", "mfa_add_webauthn"):  # fmt: skip
        page.goto(at_localhost + reverse(name))
        look(name)
    page.goto(at_localhost + "/")
    page.get_by_role("button", name="Logg ut", exact=True).click()
    look("account_login")
    by_password(page, at_localhost, staff, make.password)
    page.get_by_role("button", name="Gå videre").click()
    look("mfa_authenticate")

    assert faults == []


def test_the_page_warns_before_the_session_ends_and_clears_the_screen_afterwards(window, make, settings):
    settings.STAFF_LEVEL = "one"
    settings.IDLE_MINUTES = 2
    staff = make.staff()
    page = window(DESK, staff)
    page.clock.install()
    page.goto(reverse("mfa_index"))
    dialog = page.get_by_role("dialog")
    assert not dialog.is_visible()

    settings.IDLE_MINUTES = 1
    page.clock.run_for(31_000)
    dialog.get_by_text("Er du der fortsatt?").wait_for()
    settings.IDLE_MINUTES = 2
    with page.expect_response("**/left/"):
        dialog.get_by_role("button", name="Jeg er her").click()
    dialog.wait_for(state="hidden")

    page.get_by_text(staff.person.name).wait_for()
    settings.IDLE_MINUTES = 0
    page.clock.run_for(31_000)
    page.wait_for_url("**/login/**")
    assert staff.person.family_name not in page.content()
