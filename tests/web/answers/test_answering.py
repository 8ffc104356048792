"""The answering pages, without script, as somebody with a link and nothing else meets them."""

from __future__ import annotations

import gzip
import json
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories_feedback import DAY, marks
from pages import read

from medvirk.answers.actions import change_text
from medvirk.answers.models import AnswerLink, Draft, NoticeSeen, Score, Submission
from medvirk.answers.queries import way_in
from medvirk.feedback.actions import cancel_session

LIFE = marks("life-now", 30)
CRISIS = "116 123"


@pytest.fixture
def session(care):
    return care.session()


@pytest.fixture
def phone() -> Client:
    """Somebody's own phone: nobody is signed in on it."""
    return Client()


@pytest.fixture
def path(care, session) -> str:
    return reverse("answers:answer", args=[care.link(session.asks("before"))])


@pytest.fixture
def past_the_notice(phone, path) -> str:
    """The path, after the privacy notice was read."""
    phone.post(f"{path}begin/")
    return path


def send(phone, path, values, **more):
    return phone.post(path, {"client_id": str(uuid.uuid4()), **values, **more})


# the way in


def test_first_the_notice_then_the_questions(phone, path):
    notice = phone.get(path)
    assert notice.status_code == 200
    assert "Hvem ser svarene?" in read(notice).text
    assert read(notice).all("input", type="radio") == []

    begun = phone.post(f"{path}begin/", follow=True)

    assert begun.redirect_chain == [(path, 302)]
    assert len(read(begun).all("fieldset")) == 6
    assert NoticeSeen.objects.count() == 1


def test_without_script_each_line_is_eleven_buttons_and_none_is_chosen(phone, past_the_notice):
    page = read(phone.get(past_the_notice))

    for number in range(1, 6):
        buttons = page.all("input", type="radio", name=f"life-now.q{number}")
        assert [button["value"] for button in buttons] == [str(mark) for mark in range(11)]
    assert len(page.all("input", type="radio", name="safety.q1")) == 4
    assert [button for button in page.all("input") if "checked" in button] == []


def test_nobody_is_named_on_any_page(phone, care, session, path):
    person = session.asks("before").about.person
    pages = [
        phone.get(path),
        phone.post(f"{path}begin/", follow=True),
        send(phone, path, {"life-now.q1": "11"}),
        send(phone, path, {**LIFE, "safety.q1": "2"}),
        phone.get(path),
    ]

    for response in pages:
        html = response.content.decode()
        for known in (person.given_name, person.family_name, care.unit.name, care.worker.person.given_name):
            assert known not in html
        for key in (session.asks("before").about_id, person.pk, session.pk):
            assert str(key) not in html


def test_a_changed_privacy_text_is_shown_anew(phone, care, past_the_notice):
    administrator = care.make.viewer(care.make.staff("administrator"))
    assert read(phone.get(past_the_notice)).all("fieldset")

    change_text(by=administrator, key="privacy", body={"nb": "Noe nytt."}, now=timezone.now())

    page = read(phone.get(past_the_notice))
    assert "Noe nytt." in page.text
    assert page.all("fieldset") == []


def test_the_notice_is_not_shown_again_at_the_next_conversation(phone, care, session, past_the_notice):
    other = care.session(session.episode, at=care.now + timedelta(minutes=1))

    page = read(phone.get(reverse("answers:answer", args=[care.link(other.asks("before"))])))

    assert page.all("fieldset")


def test_the_language_switch_keeps_the_place(phone, past_the_notice):
    switched = phone.post(reverse("set_language"), {"language": "en", "next": past_the_notice}, follow=True)

    assert switched.redirect_chain == [(past_the_notice, 302)]
    page = read(switched)
    assert page.all("html", lang="en")
    assert page.all("section", lang="en")
    assert len(page.all("fieldset")) == 6


def test_the_answer_is_stored_in_the_language_that_was_shown(phone, past_the_notice):
    phone.cookies["language"] = "nn"

    send(phone, past_the_notice, LIFE)

    assert set(Submission.objects.get().answers.values_list("language", flat=True)) == {"nn"}


# sending


def test_all_answered_gives_a_score_and_thanks(phone, past_the_notice):
    response = send(phone, past_the_notice, {**LIFE, "safety.q1": "0"}, own_words="Hei")

    assert response.status_code == 200
    assert response.templates[0].name == "answers/thanks.html"
    assert CRISIS not in read(response).text
    assert Score.objects.get().value == 30.0
    assert Submission.objects.get().own_words == "Hei"


def test_a_part_is_taken_and_gives_no_score(phone, past_the_notice):
    response = send(phone, past_the_notice, {"life-now.q1": "0"})

    assert response.status_code == 200
    assert (Score.objects.get().value, Score.objects.get().missing_reason) == (None, "not_all_answered")


def test_nothing_answered_is_told_and_nothing_is_sent(phone, past_the_notice):
    response = send(phone, past_the_notice, {})

    assert response.status_code == 422
    assert read(response).all("div", role="alert")
    assert Submission.objects.count() == 0


def test_what_lies_outside_is_told_at_its_question_and_the_rest_is_kept(phone, past_the_notice):
    client_id = str(uuid.uuid4())
    sent = {**LIFE, "life-now.q2": "11", "own_words": "Behold dette", "client_id": client_id}

    response = phone.post(past_the_notice, sent)

    page = read(response)
    assert response.status_code == 422
    assert page.all("p", id="life-now.q2_error")
    assert page.all("fieldset", **{"aria-describedby": "life-now.q2_error"})
    chosen = {box["name"]: box["value"] for box in page.all("input", type="radio") if "checked" in box}
    assert chosen == {name: value for name, value in LIFE.items() if name != "life-now.q2"}
    assert page.all("input", type="hidden", name="client_id", value=client_id)
    assert "Behold dette" in page.text
    assert Submission.objects.count() == 0


def test_sending_twice_stores_once_and_thanks_twice(phone, past_the_notice):
    sent = {**LIFE, "client_id": str(uuid.uuid4())}

    responses = [phone.post(past_the_notice, sent) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 200]
    assert responses[0].templates[0].name == responses[1].templates[0].name == "answers/thanks.html"
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("broken", ["", "nonsense"])
def test_a_broken_client_id_does_not_cost_the_answer(phone, past_the_notice, broken):
    assert phone.post(past_the_notice, {**LIFE, "client_id": broken}).status_code == 200
    assert Score.objects.get().value == 30.0


# risk


def risk_page(care, phone, session, channel):
    """The page after a risk answer, in English, the language in which our texts are written."""
    phone.cookies["language"] = "en"
    token = care.link(session.asks("before"), channel, return_to=f"/feedback/sessions/{session.pk}/")
    return read(send(phone, reverse("answers:answer", args=[token]), {"safety.q1": "1"}))


NOBODY = "Nobody is watching the answers at this moment."
WITH_YOU = "Say it to the one you are with, now."


def test_a_risk_answer_on_a_phone_says_that_nobody_is_watching(care, phone, session):
    page = risk_page(care, phone, session, "phone")

    assert CRISIS in page.text
    assert "113" in page.text
    assert NOBODY in page.text
    assert WITH_YOU not in page.text
    assert not page.all("a", href=f"/feedback/sessions/{session.pk}/")


def test_a_risk_answer_on_the_worker_s_screen_says_to_tell_the_one_who_is_there(care, phone, session):
    page = risk_page(care, phone, session, "screen")

    assert CRISIS in page.text
    assert NOBODY not in page.text
    assert WITH_YOU in page.text
    assert page.all("a", href=f"/feedback/sessions/{session.pk}/")


def test_the_municipality_s_own_crisis_text_is_the_one_shown(care, phone, session):
    administrator = care.make.viewer(care.make.staff("administrator"))
    change_text(by=administrator, key="crisis", body={"nb": "Ring Fjordvik 40 00 00 00"}, now=timezone.now())

    page = risk_page(care, phone, session, "phone")

    assert "Ring Fjordvik 40 00 00 00" in page.text
    assert CRISIS not in page.text


def test_a_second_look_says_answered_and_the_same_whatever_was_answered(care, phone, session):
    other = care.session(session.episode, at=care.now + timedelta(minutes=1))
    paths = []
    for each, safety in ((session, "3"), (other, "0")):
        path = reverse("answers:answer", args=[care.link(each.asks("before"))])
        send(phone, path, {**LIFE, "safety.q1": safety})
        paths.append(path)

    risky, calm = (phone.get(path).content.decode().replace(path, "") for path in paths)

    def without_token(html):
        return [line for line in html.splitlines() if "csrfmiddlewaretoken" not in line]

    assert "30" not in read(phone.get(paths[0])).text
    assert without_token(risky) == without_token(calm)


# links that open nothing


@pytest.mark.parametrize("act", ["answer", "begin", "draft"])
def test_an_unknown_link_opens_nothing(db, phone, act):
    path = reverse("answers:answer", args=["x" * 32])
    calls = {
        "answer": lambda: phone.get(path),
        "begin": lambda: phone.post(f"{path}begin/"),
        "draft": lambda: phone.post(f"{path}draft/"),
    }

    assert calls[act]().status_code == 404


def test_a_link_that_ran_out_says_whose_fault_it_is_not(phone, path):
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        looked, sent = phone.get(path), send(phone, path, LIFE)

    assert looked.status_code == sent.status_code == 410
    assert read(looked).all("fieldset") == []
    assert Submission.objects.count() == 0


def test_an_older_link_points_to_the_newer_one(phone, care, session, path):
    care.link(session.asks("before"))

    looked, sent = phone.get(path), send(phone, path, LIFE)

    assert looked.status_code == sent.status_code == 410
    assert "nyere lenke" in read(looked).text
    assert "ingen har fått det" in read(sent).text
    assert Submission.objects.count() == 0


def test_who_has_answered_hears_so_first(phone, past_the_notice, path):
    """A screen reader says the title before anything else."""
    send(phone, past_the_notice, LIFE)

    assert read(phone.get(path)).text.startswith("Dette er besvart. Takk.")


def test_beginning_with_a_link_that_ran_out_leaves_no_trace(phone, path):
    with time_machine.travel(timezone.now() + timedelta(hours=13), tick=False):
        phone.post(f"{path}begin/")

    assert NoticeSeen.objects.count() == 0


def test_too_early_says_from_when(phone, care):
    from medvirk.answers.actions import ask

    citizen = care.make.citizen(worker=care.worker)
    occasion = ask(
        by=care.viewer,
        about=citizen,
        respondent=citizen.person,
        instruments=[("life-now", 1)],
        opens_at=care.now + DAY,
    )

    response = phone.get(reverse("answers:answer", args=[care.link(occasion)]))

    assert response.status_code == 200
    assert timezone.localtime(care.now + DAY).strftime("%H:%M") in read(response).text
    assert read(response).all("fieldset") == []


def test_head_changes_nothing_and_says_the_same(phone, past_the_notice):
    response = phone.head(past_the_notice)

    assert response.status_code == 200
    assert response.content == b""
    assert phone.head(reverse("answers:answer", args=["x" * 32])).status_code == 404


@pytest.mark.parametrize("part", ["begin/", "draft/"])
def test_what_writes_is_not_reached_by_looking(phone, path, part):
    assert phone.get(f"{path}{part}").status_code == 405


# drafts


def test_a_draft_is_kept_and_filled_in_again(phone, past_the_notice):
    client_id = str(uuid.uuid4())
    sent = {"life-now.q1": "7.5", "life-now.q2": "3", "own_words": "Litt til", "client_id": client_id}

    kept = phone.post(f"{past_the_notice}draft/", sent)

    assert (kept.status_code, kept.json()) == (200, {"kept": True})
    page = read(phone.get(past_the_notice))
    assert page.all("input", type="hidden", name="client_id", value=client_id)
    assert [box["value"] for box in page.all("input", type="radio") if "checked" in box] == ["3"]
    # Between two buttons: the script needs the number itself.
    assert page.all("fieldset", **{"data-line": "life-now.q1", "data-value": "7.5"})
    assert "Litt til" in page.text


def test_a_draft_holds_what_was_asked_and_nothing_else(phone, past_the_notice):
    phone.post(
        f"{past_the_notice}draft/", {"life-now.q1": "1", "life-now.q9": "1", "csrf": "x", "other": "y"}
    )

    assert json.loads(Draft.objects.get().content) == {"life-now.q1": "1"}


def test_a_draft_is_refused_once_it_is_answered(phone, past_the_notice):
    send(phone, past_the_notice, LIFE)

    late = phone.post(f"{past_the_notice}draft/", {"life-now.q1": "1"})

    assert (late.status_code, late.json()) == (409, {"kept": False, "state": "answered"})
    assert Draft.objects.count() == 0


# the page itself


def test_the_page_is_light(phone, past_the_notice):
    """DESIGN 8: at most 60 kB for all that is loaded, compressed as the server compresses it."""
    response = phone.get(past_the_notice)
    page = read(response)
    loaded = {"the page": response.content}
    for link in page.links():
        loaded[link] = static_file(link).read_bytes()

    sizes = {name: len(gzip.compress(content, 6)) for name, content in loaded.items()}

    assert {"/static/answers/answers.css", "/static/answers/answer.js"} <= set(sizes)
    assert sum(sizes.values()) <= 60_000, sizes


def static_file(link: str) -> Path:
    found = finders.find(link.removeprefix("/static/"))
    assert found, f"{link} is not there"
    return Path(found)


def test_the_token_stays_within_the_house(phone, past_the_notice):
    response = phone.get(past_the_notice)

    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cache-Control"] == "no-store, private"
    assert read(response).all("meta", name="robots", content="noindex, nofollow")


def test_answering_signs_nobody_in(phone, past_the_notice, path):
    send(phone, past_the_notice, LIFE)

    assert "sessionid" not in phone.cookies
    assert way_in(path.split("/")[2], now=timezone.now()).state == "answered"
    assert AnswerLink.objects.count() == 1


# who would rather not


def test_that_somebody_would_rather_not_is_acknowledged_by_the_id_it_was_sent_with(phone, past_the_notice):
    """Only a page that names the very sending counts as a yes on the device that waits for it."""
    sent = {"client_id": str(uuid.uuid4())}
    for _ in range(2):
        page = read(phone.post(f"{past_the_notice}not-today/", sent))

        assert page.all("h1", **{"data-arrived": sent["client_id"]})


def test_who_has_answered_and_would_rather_not_is_not_told_that_something_was_lost(phone, past_the_notice):
    send(phone, past_the_notice, LIFE)

    late, second = phone.post(f"{past_the_notice}not-today/"), send(phone, past_the_notice, LIFE)

    assert (late.status_code, second.status_code) == (409, 409)
    assert [bool(read(each).all("p", role="alert")) for each in (late, second)] == [False, True]


def test_on_a_tablet_who_would_rather_not_can_leave_it_clean(care, session, phone):
    path = reverse("answers:answer", args=[care.link(session.asks("before"), "tablet")])

    page = read(phone.post(f"{path}not-today/"))

    assert page.all("form", action=f"{path}leave/")
    assert page.all("div", **{"data-tablet": reverse("answers:tablet")})


def test_who_would_rather_not_can_say_so_before_reading_on_and_comes_back_to_it_in_another_language(
    phone, path
):
    place = f"{path}not-today/"
    assert read(phone.get(path)).all("form", action=place)
    # Nobody has said it yet: looking says nothing.
    assert phone.get(place).url == path

    phone.post(place)

    again = phone.get(place, headers={"accept-language": "nn"})
    assert again.status_code == 200
    assert "Du kan lukke denne sida." in read(again).text
    assert read(again).all("a", href=path)


def test_where_to_get_help_stands_beside_not_sent_yet(phone, past_the_notice):
    page = phone.get(past_the_notice).content.decode()
    unsent = page[page.index('id="unsent"') : page.index("</form>", page.index('id="unsent"'))]
    assert CRISIS in unsent


@pytest.mark.parametrize("how", ["closed", "newer link"])
def test_what_was_sent_too_late_is_told_with_where_to_get_help(care, phone, session, past_the_notice, how):
    occasion = session.asks("before")
    if how == "closed":
        cancel_session(by=care.viewer, session=session, now=timezone.now())
    else:
        care.link(occasion)
    looked = read(phone.get(past_the_notice)).text
    assert "kom ikke fram" not in looked

    sent = phone.post(
        past_the_notice, {"safety.q1": "3", "own_words": "Hjelp", "client_id": str(uuid.uuid4())}
    )

    assert not Submission.objects.exists()
    assert "Det du sendte nå, kom ikke fram, og ingen har fått det." in read(sent).text
    assert CRISIS in sent.content.decode()
