"""No page holds inline style or script, and every one tells the browser to run none."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from factories_feedback import DAY, marks
from pages import parse, read

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.fixture
def course(care):
    """Everything that is drawn or quoted: pictures, signals, own words, changes, risk."""
    from medvirk.feedback.actions import note_change

    episode = care.course([34.0, None, 12.0])
    session = care.held(episode, care.now - DAY, life=11.0, meeting=30.0, safety=2)
    note_change(
        by=care.viewer, session=session, staff=care.worker, text="<script>alert(1)</script>", now=care.now
    )
    today = care.session(episode)
    care.send(
        care.way_in(today.asks("before")), marks("life-now", 10), own_words='"><img src=x onerror=alert(1)>'
    )
    return today


def strict(response) -> None:
    page = read(response)
    assert page.elements, "nothing was shown"
    assert page.inline == []
    assert not [has for has in page.all("img") if has.get("src") == "x"]
    assert set(response["Content-Security-Policy"].split("; ")) >= POLICY


@pytest.mark.parametrize("name", ["conversation", "episode", "my_citizens", "end_episode", "start_episode"])
def test_the_worker_s_pages_are_strict(care, client_of, course, name):
    key = {
        "conversation": [course.pk],
        "episode": [course.episode.pk],
        "end_episode": [course.episode.pk],
        "start_episode": [course.asks("before").about_id],
        "my_citizens": [],
    }[name]

    response = client_of(care.worker).get(reverse(f"feedback:{name}", args=key))

    assert response.status_code == 200
    strict(response)


def test_what_is_sent_on_request_is_strict(care, client_of, course):
    worker = client_of(care.worker)

    strict(worker.get(reverse("feedback:news", args=[course.pk]), {"mark": "none"}))
    strict(worker.post(reverse("feedback:phone", args=[course.pk, "after"])))
    strict(worker.post(reverse("feedback:note_change", args=[course.pk]), {"text": ""}))
    strict(worker.get("/nothing/here/"))


def test_the_citizen_s_pages_are_strict(care):
    session, phone = care.session(), Client()
    path = reverse("answers:answer", args=[care.link(session.asks("before"))])

    strict(phone.get(path))
    strict(phone.post(f"{path}begin/", follow=True))
    strict(phone.post(path, {"own_words": "<script>alert(1)</script>", "life-now.q1": "11"}))
    strict(phone.post(path, {"safety.q1": "3"}))
    strict(phone.get(path))
    strict(phone.get(reverse("answers:answer", args=["x" * 32])))


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color:red">',
        "<style>p{}</style>",
        "<script>alert(1)</script>",
        '<svg><g style="fill:red"/></svg>',
        '<button onclick="a()">',
        '<a href=" JavaScript:a()">',
    ],
)
def test_what_is_not_strict_is_found(html):
    assert parse(html).inline != []


def test_what_is_strict_is_not_called_otherwise():
    assert parse('<script src="a.js" defer></script><svg><g fill="red"/></svg><a href="/x">').inline == []
