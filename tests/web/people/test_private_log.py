"""What a person typed, or is called, never reaches the log: also when something fails in the middle."""

from __future__ import annotations

import io
import logging

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from medvirk.people.logs import PrivateFormatter
from medvirk.people.models import PersonKey

SECRETS = ["Gunnhild", "Fjellstrand", "01818512300", "90123456", "gunnhild@example.org", "hemmelig"]


@pytest.fixture
def log():
    """Everything that would stand in the log, as the house writes it, from the lowest level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter())
    handler.setLevel(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def told(log: io.StringIO) -> str:
    return log.getvalue()


def leaks(log: io.StringIO) -> list[str]:
    return [secret for secret in SECRETS if secret.casefold() in told(log).casefold()]


@pytest.fixture
def browser(make, client_of) -> Client:
    client = client_of(make.staff())
    client.raise_request_exception = False
    return client


def fails_with(fault: Exception):
    def fail(*_arguments, **_named):
        typed = "Gunnhild Fjellstrand"
        assert typed
        raise fault

    return fail


@pytest.mark.parametrize(
    "fault", [ValueError("Gunnhild Fjellstrand"), KeyError("01818512300"), RuntimeError("Ring 90123456")]
)
def test_a_view_that_fails_logs_where_and_not_what(browser, log, monkeypatch, fault):
    monkeypatch.setattr("medvirk.people.views.citizens.find_citizens", fails_with(fault))

    response = browser.post("/people/find/", {"given_name": "Gunnhild", "family_name": "Fjellstrand"})

    assert response.status_code == 500
    assert "Internal Server Error" in told(log)
    assert type(fault).__name__ in told(log)
    assert leaks(log) == []


def test_the_text_of_a_broken_rule_is_left_out(make, log):
    """PostgreSQL quotes the values of the row; the name of the rule is told."""
    citizen = make.citizen(details=make.details(given_name="Gunnhild", national_id="01818512300"))
    other = make.citizen()
    number = PersonKey.objects.get(person=citizen.person_id, kind="national_id").digest
    try:
        from django.db import transaction

        with transaction.atomic():
            PersonKey.objects.create(person_id=other.person_id, kind="national_id", digest=number)
    except IntegrityError:
        logging.getLogger("medvirk.people").exception("It failed for %s", "Gunnhild")

    assert "IntegrityError" in told(log)
    assert number not in told(log)
    rule = "a_national_id_belongs_to_one_person" if connection.vendor == "postgresql" else "people_personkey"
    assert rule in told(log)
    assert leaks(log) == []


@pytest.mark.parametrize(
    "path",
    [
        "/people/Gunnhild-Fjellstrand/",
        "/a/hemmelig-token/",
        "/people/find/?given_name=Gunnhild",
        "/01818512300",
    ],
)
def test_an_address_with_something_in_it_is_not_written(browser, log, path):
    browser.get(path)
    browser.post(path, {"national_id": "01818512300"})

    assert leaks(log) == []


def test_a_form_with_wrong_values_is_not_written(browser, log):
    browser.post(
        "/people/find/", {"given_name": "Gunnhild", "national_id": "01818512300x", "phone": "hemmelig"}
    )
    browser.post("/accounts/login/", {"login": "gunnhild@example.org", "password": "hemmelig"})

    assert leaks(log) == []


def test_a_form_without_its_token_is_told_without_values(make, client_of, log):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies = client_of(make.staff()).cookies

    response = client.post("/people/find/?given_name=Gunnhild", {"given_name": "Gunnhild"})

    assert response.status_code == 403
    assert "Forbidden" in told(log)
    assert leaks(log) == []


def test_a_host_that_is_not_ours_is_not_written(log):
    Client(raise_request_exception=False).get("/", headers={"host": "gunnhild.fjellstrand.example"})

    assert leaks(log) == []


def test_the_house_writes_its_log_this_way(settings):
    """Every handler has the private formatter, and nothing goes out by e-mail."""
    assert {each["formatter"] for each in settings.LOGGING["handlers"].values()} == {"private"}
    formatters = settings.LOGGING["formatters"]
    assert {each["()"] for each in formatters.values()} == {"medvirk.people.logs.PrivateFormatter"}
    assert logging.getLogger("django").handlers == []
