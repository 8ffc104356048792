"""A screen that is handed over: the form is open, everything else waits for the worker who handed it over."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urljoin

import pytest
import requests
import time_machine
from addresses import ALL
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories_feedback import marks
from oidc import HOME

from medvirk.answers.models import Submission
from medvirk.people.actions import expect_job_account
from medvirk.people.crypto import encrypt
from medvirk.people.models import AccessEvent
from medvirk.people.signin import handover, openid

LOCK = reverse("account_handed_over")
SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture
def session(care):
    return care.session()


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


def hand_over(browser: Client, session) -> str:
    """The path of the form that the screen now shows."""
    return browser.post(reverse("feedback:screen", args=[session.pk, "before"])).url


def is_locked(browser: Client) -> bool:
    return browser.get(reverse("feedback:my_citizens")).status_code == 302


def take_back(browser: Client, way: str = "password", **sent: str) -> HttpResponse:
    return browser.post(LOCK, {"way": way, **sent})


def begun(browser: Client, form: str) -> str:
    """The page with the questions, the notice read."""
    return browser.post(f"{form}begin/", follow=True).content.decode()


def test_the_form_is_open_from_the_notice_to_the_thanks(worker, session):
    form = hand_over(worker, session)

    assert worker.get(form).status_code == 200
    assert "life-now.q1" in begun(worker, form)
    assert worker.post(f"{form}draft/", {"life-now.q1": "3"}).json() == {"kept": True}
    thanks = worker.post(form, marks("life-now", 20))
    assert f'href="{LOCK}"' in thanks.content.decode()
    assert Submission.objects.get().channel == "screen"
    assert f'href="{LOCK}"' in worker.get(form).content.decode()


def paths(session, make):
    """Every address without arguments, and those of the record that the screen came from."""
    yield from (reverse(each.name) for each in ALL if not each.arguments and each.name not in handover.OPEN)
    for name in ("conversation", "news", "arrived"):
        yield reverse(f"feedback:{name}", args=[session.pk])
    yield reverse("feedback:episode", args=[session.episode_id])
    yield reverse("people:citizen", args=[session.asks("before").about_id])


@pytest.mark.parametrize("method", ["get", "post", "head", "put"])
def test_no_other_address_opens_and_no_record_is_logged_as_seen(worker, session, make, method):
    hand_over(worker, session)
    before = AccessEvent.objects.count()

    for path in paths(session, make):
        answer = getattr(worker, method)(path)
        assert (answer.status_code, answer.headers.get("Location")) == (302, LOCK), path

    assert AccessEvent.objects.count() == before


def test_another_form_does_not_open_either(worker, care, session):
    other = reverse("answers:answer", args=[care.link(care.session().asks("before"))])
    form = hand_over(worker, session)

    for path in (other, f"{other}begin/", form.rstrip("/") + "x/"):
        assert worker.get(path).url == LOCK
    # A link is no session: elsewhere it is open as ever.
    assert Client().get(other).status_code == 200


def test_a_live_part_takes_the_whole_page_along(worker, session):
    hand_over(worker, session)

    answer = worker.get(reverse("feedback:news", args=[session.pk]), headers={"HX-Request": "true"})

    assert answer.headers["HX-Redirect"] == LOCK
    assert answer.content == b""


def test_nothing_of_the_worker_is_on_any_page(worker, care, session):
    worker.post(reverse("feedback:plan_session", args=[session.episode_id]), {"starts_at": "ugyldig"})
    form = hand_over(worker, session)
    person = care.worker.person
    pages = [worker.get(path) for path in (form, LOCK, "/nothing/here/", reverse("privacy:notice"))]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = worker.cookies
    pages.append(strict.post(form, {}))

    assert [page.status_code for page in pages] == [200, 200, 404, 200, 403]
    for page in pages:
        shown = page.content.decode()
        for private in (
            person.given_name,
            person.family_name,
            reverse("feedback:my_citizens"),
            "session-ends",
        ):
            assert private not in shown, page.request["PATH_INFO"]


def test_what_was_still_to_be_told_is_not_told_to_the_citizen(worker, session):
    worker.post(reverse("feedback:cancel_session", args=[session.pk]))
    worker.post(reverse("feedback:restore_session", args=[session.pk]))
    assert worker.session["_messages"]

    form = hand_over(worker, session)

    assert "avlyst" not in worker.get(form).content.decode()
    assert not worker.session.get("_messages")


def test_the_password_of_the_worker_gives_it_back_and_leads_to_the_conversation(worker, session, make):
    hand_over(worker, session)
    assert is_locked(worker)

    answer = take_back(worker, password=make.password)

    assert answer.url == reverse("feedback:conversation", args=[session.pk])
    assert not is_locked(worker)
    assert worker.get(LOCK).url == "/"


def test_the_password_of_somebody_else_does_not(worker, session, make):
    other = make.staff()
    other.user.set_password("helt andre ord her")
    other.user.save()
    hand_over(worker, session)

    assert take_back(worker, password="helt andre ord her").status_code == 422
    assert take_back(worker, login=other.user.login, password="helt andre ord her").status_code == 422
    assert is_locked(worker)


def test_a_code_gives_it_back_once(worker, care, session):
    Authenticator.objects.create(user=care.worker.user, type="totp", data={"secret": encrypt(SECRET)})
    # The code of this half minute, which holds for the next one too.
    code = format_hotp_value(hotp_value(SECRET, int(timezone.now().timestamp()) // 30))
    hand_over(worker, session)

    assert take_back(worker, "code", code=code).status_code == 302
    assert not is_locked(worker)

    hand_over(worker, session)
    assert take_back(worker, "code", code=code).status_code == 422
    assert is_locked(worker)


@pytest.mark.parametrize(
    "sent", [{}, {"password": ""}, {"code": "123456"}, {"way": "demo"}, {"way": "passkey"}]
)
def test_nothing_shown_gives_nothing_back_and_is_no_wrong_try(worker, session, make, sent):
    hand_over(worker, session)

    for _ in range(handover.MOST_WRONG + 1):
        assert take_back(worker, **sent).status_code in {200, 422}

    assert is_locked(worker)
    assert take_back(worker, password=make.password).status_code == 302


def test_guessing_ends_the_session_but_not_the_form(worker, session, make):
    form = hand_over(worker, session)

    answers = [take_back(worker, password=f"feil {n}") for n in range(handover.MOST_WRONG)]

    assert [each.status_code for each in answers] == [422, 422, 302]
    assert answers[-1].url == reverse("account_login")
    assert "_auth_user_id" not in worker.session
    assert worker.get(form).status_code == 200
    # Coming back later, in the same browser: to where they were.
    login = {"password": make.password}
    assert worker.post(reverse("account_login"), {"login": "?", **login}).status_code == 200
    answer = worker.get(LOCK)
    assert answer.url == reverse("account_login")


def test_after_guessing_the_worker_signs_in_and_is_where_they_were(worker, care, session, make):
    hand_over(worker, session)
    for n in range(handover.MOST_WRONG):
        take_back(worker, password=f"feil {n}")

    answer = worker.post(
        reverse("account_login"), {"login": care.worker.user.login, "password": make.password}
    )

    assert answer.url == reverse("feedback:conversation", args=[session.pk])


def test_signing_out_ends_the_session_and_leaves_the_form_open(worker, session):
    form = hand_over(worker, session)

    assert take_back(worker, "leave").url == reverse("account_login")

    assert "_auth_user_id" not in worker.session
    assert worker.get(form).status_code == 200
    assert "life-now.q1" in begun(worker, form)
    assert worker.post(form, marks("life-now", 20)).status_code == 200


def test_the_lock_is_in_every_browser_window_and_only_in_this_session(worker, care, client_of, session):
    elsewhere, tab = client_of(care.worker), Client()
    hand_over(worker, session)
    tab.cookies = worker.cookies

    assert is_locked(tab)
    assert not is_locked(elsewhere)


def test_a_page_that_was_on_its_way_cannot_take_the_lock_off(worker, session):
    """Another tab has read the session before the lock and writes it afterwards."""
    on_its_way = worker.session
    assert on_its_way["_auth_user_id"]
    old_key = worker.cookies["sessionid"].value

    hand_over(worker, session)

    assert worker.cookies["sessionid"].value != old_key
    on_its_way["seen"] = 1
    with pytest.raises(UpdateError):
        on_its_way.save()
    assert Session.objects.count() == 1
    assert is_locked(worker)


def test_what_is_done_on_the_screen_does_not_prolong_the_session(worker, care, session, settings):
    settings.IDLE_MINUTES = 15
    with time_machine.travel(care.now, tick=False) as clock:
        worker.get(reverse("feedback:my_citizens"))
        form = hand_over(worker, session)
        for _ in range(3):
            clock.shift(timedelta(minutes=4))
            assert worker.get(form).status_code == 200
            assert worker.get(LOCK).status_code == 200
        clock.shift(timedelta(minutes=4))

        assert worker.get(reverse("feedback:my_citizens")).url == reverse("account_login")

        assert "_auth_user_id" not in worker.session
        assert worker.get(form).status_code == 200


def test_an_answer_that_comes_after_the_session_ended_is_taken(worker, care, session, settings):
    settings.IDLE_MINUTES = 15
    with time_machine.travel(care.now, tick=False) as clock:
        form = hand_over(worker, session)
        clock.shift(timedelta(minutes=16))

        assert worker.post(form, marks("life-now", 20)).status_code == 200

    assert Submission.objects.count() == 1


def test_an_account_that_is_closed_meanwhile_takes_nothing_back(worker, care, session, make):
    form = hand_over(worker, session)
    care.worker.user.is_active = False
    care.worker.user.save()

    assert take_back(worker, password=make.password).url == reverse("account_login")
    assert worker.get(form).status_code == 200


def test_nobody_has_anything_to_take_back(client, db):
    assert client.get(LOCK).url == reverse("account_login")
    assert client.post(LOCK, {"way": "leave"}).url == reverse("account_login")


def test_in_the_demo_there_is_no_password_to_ask_for(worker, care, session, settings):
    care.worker.user.set_unusable_password()
    care.worker.user.save()
    browser = Client()
    browser.force_login(care.worker.user, backend="medvirk.people.signin.SignInNameBackend")
    hand_over(browser, session)
    assert take_back(browser, "demo").status_code == 200
    assert is_locked(browser)

    settings.DEMO = True

    assert take_back(browser, "demo").url == reverse("feedback:conversation", args=[session.pk])


class ProviderWindow:
    """A browser that the provider remembers, as it does where people have signed in once that day."""

    def __init__(self, provider) -> None:
        self.provider, self.remembered = provider, requests.Session()

    def through(self, address: str) -> str:
        while True:
            answer = self.remembered.get(address, allow_redirects=False, timeout=10)
            assert answer.status_code in {302, 303}, answer.text[:300]
            address = urljoin(address, answer.headers["location"])
            if address.startswith(HOME):
                return address.removeprefix(HOME)

    def sign_in(self, browser: Client, change=lambda address: address) -> HttpResponse:
        begun = browser.get(reverse("sign_in_with", args=["staff"]))
        return browser.get(self.through(change(begun.url)))


def without_asking(address: str) -> str:
    """The address as whoever sits there can change it, so that the provider goes by what it remembers."""
    assert "prompt=login" in address
    assert "max_age=0" in address
    return re.sub(r"&(prompt=login|max_age=0)\b", "", address)


NAME = "Ada.Oslo@kommune.example"


@pytest.fixture
def at_provider(provider, set_up, care, session):
    """The worker has signed in through the provider, which remembers them, and handed the screen over."""
    set_up(provider.settings("staff", 'two_factors = { amr = ["mfa"] }', name="jobbkonto"))
    care.worker.user.set_unusable_password()
    care.worker.user.save()
    expect_job_account(by=None, staff=care.worker, name=NAME)
    window, browser = ProviderWindow(provider), Client()
    comes(provider)
    window.sign_in(browser)
    assert "_auth_user_id" in browser.session
    hand_over(browser, session)
    return window, browser


def comes(provider, oid: str = "oid-1", name: str = NAME) -> None:
    provider.will_sign_in(f"s-{oid}", amr=["mfa"], oid=oid, preferred_username=name)


with_provider = pytest.mark.allow_hosts(["127.0.0.1"])


@with_provider
def test_who_signs_in_by_a_provider_takes_it_back_by_signing_in_anew(at_provider, provider, session):
    window, browser = at_provider
    assert "Logg inn på nytt med jobbkonto" in browser.get(LOCK).content.decode()
    comes(provider)

    answer = window.sign_in(browser)

    assert answer.url == reverse("feedback:conversation", args=[session.pk])
    assert not is_locked(browser)


@with_provider
def test_the_provider_must_ask_anew_though_it_remembers(at_provider, provider, session):
    window, browser = at_provider

    refused = window.sign_in(browser, without_asking)

    assert refused.status_code == 403
    assert "spørre på nytt" in refused.content.decode()
    assert is_locked(browser)


@pytest.fixture
def begun_before(provider, set_up, care, session):
    """The worker has signed in through the provider, begun once more without ending it, and handed the screen over.

    The path by which the provider sends the browser back: it remembered them and asked for nothing.
    """
    set_up(provider.settings("staff", 'two_factors = { amr = ["mfa"] }', name="jobbkonto"))
    expect_job_account(by=None, staff=care.worker, name=NAME)
    window, browser = ProviderWindow(provider), Client()
    comes(provider)
    window.sign_in(browser)
    begun = browser.get(reverse("sign_in_with", args=["staff"]))
    assert "prompt" not in begun.url
    way_back = window.through(begun.url)
    noted = browser.session[openid.SESSION_KEY]
    hand_over(browser, session)
    assert is_locked(browser)
    return browser, way_back, noted


@with_provider
def test_a_sign_in_begun_before_does_not_give_the_screen_back(begun_before):
    browser, way_back, _ = begun_before

    assert openid.SESSION_KEY not in browser.session
    assert browser.get(way_back).status_code == 403
    assert is_locked(browser)


@with_provider
def test_nor_where_its_note_is_there_again(begun_before):
    """Another tab that was begun at the same moment may have written it."""
    browser, way_back, noted = begun_before
    # The provider asked who it was a while before that sign-in began.
    noted["at"] += 2 * openid.CLOCKS_DIFFER
    kept = browser.session
    kept[openid.SESSION_KEY] = noted
    kept.save()

    refused = browser.get(way_back)

    assert refused.status_code == 403
    assert "spørre på nytt" in refused.content.decode()
    assert is_locked(browser)


@with_provider
def test_signing_out_is_no_way_around_it(at_provider, provider):
    window, browser = at_provider
    take_back(browser, "leave")

    assert window.sign_in(browser, without_asking).status_code == 403
    assert "_auth_user_id" not in browser.session

    comes(provider)
    assert window.sign_in(browser).status_code == 302
    assert "_auth_user_id" in browser.session


@with_provider
def test_another_worker_at_the_provider_takes_nothing_back(at_provider, provider, make):
    _, browser = at_provider
    expect_job_account(by=None, staff=make.staff(), name="another@kommune.example")

    statuses = []
    for _ in range(handover.MOST_WRONG):
        comes(provider, "oid-2", "another@kommune.example")
        statuses.append(ProviderWindow(provider).sign_in(browser).status_code)

    assert statuses == [403, 403, 302]
    assert "_auth_user_id" not in browser.session
