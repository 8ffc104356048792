"""What every response carries, whatever it is, and what a request may hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from medvirk.people.views import account

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def fails(request):
    raise RuntimeError("Kari Testesen")


@pytest.fixture
def browser(make, client_of) -> Client:
    client = client_of(make.staff("administrator"))
    client.raise_request_exception = False
    return client


#: Every kind of response there is, by what is asked for and the status it has.
KINDS: dict[str, tuple[Callable[[Client], object], int]] = {
    "a page": (lambda client: client.get(reverse("people:staff_list")), 200),
    "to sign in": (lambda client: Client().get(reverse("people:staff_list")), 302),
    "a live part whose session ran out": (
        lambda client: Client().get(reverse("people:staff_list"), headers={"HX-Request": "true"}),
        200,
    ),
    "the sign-in page": (lambda client: Client().get(reverse("account_login")), 200),
    "nothing there": (lambda client: client.get("/nothing/here/"), 404),
    "without the slash": (lambda client: client.get("/people/staff"), 301),
    "barred": (lambda client: client.get(reverse("feedback:my_citizens")), 403),
    "a form without a token": (
        lambda client: Client(enforce_csrf_checks=True).post(reverse("account_login")),
        403,
    ),
    "another method": (lambda client: client.post(reverse("feedback:measuring_list")), 405),
    "another host": (lambda client: client.get("/", headers={"Host": "evil.example"}), 400),
    "a fault of ours": (lambda client: client.get(reverse("account_change_password")), 500),
    "a static file": (lambda client: client.get("/static/ui/icon.svg"), 200),
    "no such static file": (lambda client: client.get("/static/ui/none.svg"), 404),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_response_carries_the_headers(browser, monkeypatch, kind):
    monkeypatch.setattr(account, "password_change", fails)
    ask, status = KINDS[kind]

    response = ask(browser)

    assert response.status_code == status
    assert {name: response.get(name) for name in HEADERS} == HEADERS
    assert set(response["Content-Security-Policy"].split("; ")) >= POLICY
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "camera=()" in response["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in response["Permissions-Policy"]
    # Said by us, so that the server in front of Django does not name itself.
    assert response["Server"] == "Medvirk"
    assert not {"Via", "X-Powered-By"} & set(response.headers)
    if kind != "a static file":
        assert "no-store" in response["Cache-Control"]
    assert "Kari Testesen" not in str(response.headers)
    response.close()


def test_the_redirect_to_https_carries_them_too(browser, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = browser.get("/")

    assert response.status_code == 301
    assert response["Location"].startswith("https://")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def with_settings(code: str, **environment: str) -> str:
    """What `code` prints in a process of its own with the real settings."""
    cleaned = {name: value for name, value in os.environ.items() if not name.startswith("MEDVIRK_")}
    cleaned.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", f"import django\ndjango.setup()\n{code}"],
        env={**cleaned, "DJANGO_SETTINGS_MODULE": "medvirk.config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


COOKIES = """
import json
from django.conf import settings
from django.test import Client
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
from medvirk.people.crypto import make_key_file
make_key_file(settings.KEY_FILE)
client = Client(SERVER_NAME="localhost")
page = client.get("/accounts/login/", secure=True)
client.post("/language/", {"language": "en"}, secure=True)
from medvirk.people.identity import sign_in_key
from medvirk.people.models import User
user = User(login="worker", login_hash=sign_in_key("worker"))
user.set_password("gul sykkel ved havna")
user.save()
client.post("/accounts/login/", {"login": "worker", "password": "gul sykkel ved havna"}, secure=True)
print(json.dumps({
    "cookies": {name: {key: each[key] for key in ("secure", "httponly", "samesite", "path", "domain")}
                for name, each in client.cookies.items()},
    "names": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME],
    "hsts": page["Strict-Transport-Security"], "policy": page["Content-Security-Policy"],
    "plain": client.get("/accounts/login/").status_code,
}))
"""


def test_with_https_cookies_are_for_this_host_alone_and_browsers_remember_it(tmp_path):
    told = json.loads(with_settings(COOKIES, MEDVIRK_DATA=str(tmp_path)))

    assert told["names"] == ["__Host-sessionid", "__Host-csrftoken", "__Host-language"]
    assert set(told["cookies"]) == set(told["names"])
    for name, cookie in told["cookies"].items():
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), name
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax"), name
    assert re.fullmatch(r"max-age=31536000.*", told["hsts"])
    assert "upgrade-insecure-requests" in told["policy"]
    assert told["plain"] == 301


def test_the_session_cookie_is_out_of_reach_of_scripts():
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"


# --- what a request may hold ---------------------------------------------------------------------------------


def read_400(response, status: int, words: str) -> None:
    assert response.status_code == status
    page = response.content.decode()
    assert page.count("<h1") == 1
    assert words in page
    assert 'href="/"' in page


@pytest.fixture
def nobody(db) -> Client:
    client = Client()
    client.raise_request_exception = False
    return client


LOGIN = "/accounts/login/"


def test_too_many_bytes_are_told_with_a_sentence(nobody):
    response = nobody.post(LOGIN, {"login": "x" * 1_100_000})

    read_400(response, 413, "mer enn")


def test_too_many_bytes_as_plain_form_too(nobody):
    response = nobody.post(
        LOGIN, "login=" + "x" * 1_100_000, content_type="application/x-www-form-urlencoded"
    )

    read_400(response, 413, "mer enn")


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded"])
def test_too_many_fields_are_told_with_a_sentence(nobody, content_type):
    fields = {f"f{number}": "1" for number in range(600)}
    body = {"data": fields} if content_type is None else {
        "data": "&".join(f"{name}=1" for name in fields), "content_type": content_type,
    }  # fmt: skip

    read_400(nobody.post(LOGIN, **body), 413, "mer enn")


def test_files_are_not_taken(nobody):
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = nobody.post(LOGIN, {"login": SimpleUploadedFile("a.txt", b"x")})

    read_400(response, 413, "mer enn")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=" + "x" * 300, b"--x\r\n"),
    ],
)  # fmt: skip
def test_a_broken_body_is_told_with_a_sentence(nobody, content_type, body):
    response = nobody.generic("POST", LOGIN, body, content_type=content_type)

    read_400(response, 400, "ikke")
