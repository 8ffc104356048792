"""A worker's screen in a citizen's hands: whatever is pressed, only the form opens; the worker takes it back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parent))

from test_every_page import AXE, DESK, PHONE, faults_of
from test_passkeys import by_password, make_passkey, with_authenticator

from medvirk.answers.models import Submission

LOCK = reverse("account_handed_over")
CITIZENS = reverse("feedback:my_citizens")
SLIDER = "[data-line='life-now.q1'] input[type=range]"


@pytest.fixture
def session(care):
    return care.session(care.course([20.0, 24.0]))


def hand_over(page: Page, session, home: str = "") -> str:
    """The address of the form, whose notice is on the screen."""
    page.goto(home + reverse("feedback:conversation", args=[session.pk]))
    page.locator("form[action$='/screen/before/'] button").click()
    page.wait_for_url("**/a/**")
    return page.url


def shows_nothing(page: Page, care, session) -> bool:
    shown = page.content()
    names = care.citizen_names(session) | {care.worker.person.given_name, care.worker.person.family_name}
    return not any(name in shown for name in names)


def answer(page: Page) -> None:
    page.locator("main form button.big").click()
    page.locator(SLIDER).fill("3")
    page.locator("#answering button[type=submit]").last.click()
    page.locator("h1[data-arrived]").wait_for()


def test_whatever_the_citizen_presses_only_the_form_opens(window, care, session):
    page = window(DESK, care.worker)
    page.goto(CITIZENS)
    other_tab = page.context.new_page()
    other_tab.goto(reverse("feedback:episode", args=[session.episode_id]))
    form = hand_over(page, session)

    # The other tab, which nobody has touched, no longer shows the record.
    other_tab.wait_for_url(f"**{LOCK}")
    for pressed in (
        page.go_back,
        page.go_back,
        page.reload,
        lambda: page.goto(CITIZENS),
        lambda: page.goto("/"),
    ):
        pressed()
        expect(page).to_have_url(f"{page.url.partition('//')[0]}//{page.url.split('/')[2]}{LOCK}")
        assert shows_nothing(page, care, session)
    new_tab = page.context.new_page()
    new_tab.goto(reverse("people:citizen", args=[session.asks("before").about_id]))
    assert new_tab.url.endswith(LOCK)
    answered = new_tab.evaluate(
        """path => fetch(path, {headers: {"HX-Request": "true"}}).then(async r => [r.status, await r.text()])""",
        reverse("feedback:news", args=[session.pk]),
    )
    assert answered == [200, ""]
    assert page.locator("nav").count() == 0

    page.get_by_role("link", name="Tilbake til skjemaet").click()
    assert page.url == form
    assert shows_nothing(page, care, session)


def test_a_live_conversation_in_another_tab_goes_to_the_lock_by_itself(window, care, session):
    page = window(DESK, care.worker)
    other_tab = page.context.new_page()
    other_tab.goto(reverse("feedback:conversation", args=[session.pk]))
    # Without the word from tab to tab: the page asks every second.
    other_tab.evaluate("BroadcastChannel.prototype.addEventListener = () => {}")

    hand_over(page, session)

    other_tab.wait_for_url(f"**{LOCK}", timeout=5000)


def test_it_is_given_back_by_password_and_the_conversation_goes_on(window, care, session, make):
    page = window(DESK, care.worker)
    hand_over(page, session)
    answer(page)
    page.get_by_role("link", name="Gi skjermen tilbake").click()
    page.wait_for_url(f"**{LOCK}")

    page.get_by_label("Passord").fill("feil passord")
    page.keyboard.press("Enter")
    page.get_by_text("Skjermen er fortsatt låst.").wait_for()
    page.get_by_label("Passord").fill(make.password)
    page.keyboard.press("Enter")

    page.wait_for_url(f"**{reverse('feedback:conversation', args=[session.pk])}")
    page.goto(CITIZENS)
    assert page.url.endswith(CITIZENS)
    assert Submission.objects.filter(channel="screen").count() == 1


def test_it_is_given_back_by_a_passkey_that_asks_who_it_is(window, care, session, make, live_server):
    home = live_server.url.replace("127.0.0.1", "localhost")
    page = window(DESK)
    tools, authenticator = with_authenticator(page)
    by_password(page, home, care.worker, make.password)
    make_passkey(page, home, "Maskinen")
    hand_over(page, session, home)
    page.goto(home + LOCK)

    # A key left in the machine, touched by somebody else.
    tools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.get_by_role("button", name="Bruk en passnøkkel").click()
    page.get_by_text("Skjermen er fortsatt låst.").or_(
        page.get_by_text("Passnøkkelen ble ikke brukt")
    ).first.wait_for()
    page.goto(home + CITIZENS)
    assert page.url == home + LOCK

    tools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": True})
    page.get_by_role("button", name="Bruk en passnøkkel").click()

    page.wait_for_url(home + reverse("feedback:conversation", args=[session.pk]))


def test_after_the_session_has_ended_the_answer_still_arrives(window, care, session, settings):
    page = window(DESK, care.worker)
    hand_over(page, session)
    settings.IDLE_MINUTES = 0
    answer(page)

    page.goto(CITIZENS)

    assert reverse("account_login") in page.url
    assert Submission.objects.filter(channel="screen").count() == 1


def test_without_script_it_is_locked_and_unlocked_too(window, care, session, make):
    page = window(PHONE, care.worker, java_script_enabled=False)
    hand_over(page, session)
    page.goto(CITIZENS)
    assert page.url.endswith(LOCK)

    page.get_by_label("Passord").fill(make.password)
    page.get_by_role("button", name="Ta skjermen tilbake").first.click()

    assert page.url.endswith(reverse("feedback:conversation", args=[session.pk]))


def test_the_locked_page_with_every_way_is_accessible_and_fits(window, care, session, make, live_server):
    from allauth.mfa.models import Authenticator

    from medvirk.people.crypto import encrypt

    home = live_server.url.replace("127.0.0.1", "localhost")
    page = window(PHONE, bypass_csp=True)
    with_authenticator(page)
    by_password(page, home, care.worker, make.password)
    make_passkey(page, home, "Maskinen")
    Authenticator.objects.create(user=care.worker.user, type="totp", data={"secret": encrypt("A" * 32)})
    hand_over(page, session, home)
    page.goto(home + LOCK)
    page.get_by_text("Med en kode").click()
    page.get_by_label("Kode").fill("000000")
    page.get_by_label("Kode").press("Enter")
    page.get_by_text("Skjermen er fortsatt låst.").wait_for()

    page.evaluate(AXE)
    faults = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        faults += faults_of(page)

    assert faults == []
