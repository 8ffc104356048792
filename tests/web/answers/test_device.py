"""What the server gives the device that keeps an answering page, and on which devices it lets it."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pages import read

from medvirk.answers.actions import ask, see_notice
from medvirk.answers.texts import text_for

WORKER = reverse("answers:worker")


@pytest.fixture
def occasion(care):
    citizen = care.make.citizen(worker=care.worker)
    made = ask(
        by=care.viewer,
        about=citizen,
        respondent=citizen.person,
        instruments=[("safety", 1)],
        opens_at=timezone.now(),
    )
    see_notice(occasion=made, digest=text_for("privacy", "nb").digest)
    care.now = timezone.now()
    return made


def opened(care, occasion, client, channel="phone"):
    return client.get(reverse("answers:answer", args=[care.link(occasion, channel=channel)]))


def test_a_page_from_the_device_has_the_headers_it_would_have_from_the_server(care, occasion):
    script = Client().get(WORKER)

    headers = json.loads(re.search(r"const HEADERS = (\{.*\});", script.content.decode())[1])

    page = opened(care, occasion, Client())
    assert headers == {name: page.headers[name] for name in headers}
    assert {"Content-Security-Policy", "Referrer-Policy", "Cache-Control"} <= set(headers)


def test_the_worker_rules_the_answering_addresses_and_no_others(client):
    script = client.get(WORKER)

    assert script.headers["Content-Type"] == "text/javascript"
    # A browser lets a worker rule the folder its script stands in, unless the server says otherwise.
    assert WORKER.rsplit("/", 1)[0] == "/a"
    assert "Service-Worker-Allowed" not in script.headers
    assert script.headers["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize(
    ("channel", "kept"), [("phone", True), ("message", True), ("screen", False), ("tablet", False)]
)
def test_only_somebodys_own_device_is_asked_to_keep(care, occasion, channel, kept):
    form = read(opened(care, occasion, Client(), channel)).all("form", id="answering")[0]

    assert ("data-keep" in form) is kept


def test_the_browser_of_a_worker_is_not_asked_to_keep(care, occasion, client_of):
    form = read(opened(care, occasion, client_of(care.worker))).all("form", id="answering")[0]

    assert "data-keep" not in form


def test_the_crisis_text_is_on_the_page_before_anything_is_answered(care, occasion):
    page = read(opened(care, occasion, Client()))

    assert page.all("a", href="tel:116123")
    assert "Hvis du trenger noen å snakke med nå" in page.text
