"""The worker's pages: from the conversation to the phone and back, who is let in, and what is logged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session as SignedIn
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from factories_feedback import DAY, marks
from pages import read

from medvirk.answers.models import AnswerLink, Submission
from medvirk.feedback.models import Agreement, Episode, Session
from medvirk.people.models import AccessEvent


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def session(care):
    """Today's session, after a first one a week ago."""
    return care.session(care.course([20.0]))


def of(session, name, *more) -> str:
    return reverse(f"feedback:{name}", args=[session.pk, *more])


def answer(care, occasion, key="life-now", total=30.0):
    return care.send(care.way_in(occasion), marks(key, total), asked=(key,))


# from the conversation to the phone and back


def test_the_whole_way_without_script(care, worker, session):
    assert worker.get(of(session, "conversation")).status_code == 200

    shown = worker.post(of(session, "phone", "before"))
    link = read(shown).all("input", id="link")[0]["value"]
    assert link.startswith("http://testserver/a/")
    path = link.removeprefix("http://testserver")
    assert "<svg" in shown.content.decode()

    citizen = Client()
    assert citizen.get(path).status_code == 200
    citizen.post(f"{path}begin/")
    sent = citizen.post(path, {**marks("life-now", 35), "own_words": "Bedre nå"})
    assert sent.templates[0].name == "answers/thanks.html"

    page = read(worker.get(of(session, "conversation")))
    assert "Bedre nå" in page.text
    assert "35" in page.text
    assert Submission.objects.filter(occasion=session.asks("before"), channel="phone").exists()


def test_the_code_is_shown_once_and_not_found_again_by_reloading(worker, session):
    shown = worker.post(of(session, "phone", "before"))
    token = read(shown).all("input", id="link")[0]["value"].split("/")[-2]

    assert worker.get(of(session, "phone", "before")).status_code == 405
    assert token not in worker.get(of(session, "conversation")).content.decode()
    assert worker.get(f"/a/{token}/").status_code == 200


def test_the_screen_handed_over_leads_to_the_form_and_back(worker, session):
    handed = worker.post(of(session, "screen", "after"))

    worker.post(f"{handed.url}begin/")
    thanks = worker.post(handed.url, marks("this-meeting", 45))

    assert read(thanks).all("a", href=reverse("account_handed_over")), "the worker unlocks it first"
    assert Submission.objects.get(occasion=session.asks("after")).channel == "screen"


@pytest.mark.parametrize("name", ["phone", "screen"])
def test_there_is_no_third_moment(worker, session, name):
    links = AnswerLink.objects.count()

    assert worker.post(of(session, name, "during")).status_code == 404
    assert AnswerLink.objects.count() == links


# news


def test_news_is_silent_until_something_has_come_in(care, worker, session):
    page = read(worker.get(of(session, "conversation")))
    asks = next(has["hx-get"] for _, has in page.elements if has.get("id") == "live")
    assert worker.get(asks).status_code == 204

    answer(care, session.asks("before"))

    came = worker.get(asks)
    assert came.status_code == 200
    live = read(came)
    assert not live.all("html")
    fresh = next(has["hx-get"] for _, has in live.elements if has.get("id") == "live")
    assert fresh != asks
    assert worker.get(fresh).status_code == 204
    assert len(live.all("svg")) == 2


def test_the_page_with_the_code_goes_on_once_the_answer_has_come(care, worker, session):
    shown = read(worker.post(of(session, "phone", "before")))
    asks = next(has["hx-get"] for _, has in shown.elements if "arrived" in has.get("hx-get", ""))
    assert worker.get(asks).status_code == 204

    answer(care, session.asks("before"))

    assert worker.get(asks)["HX-Redirect"] == of(session, "conversation")


def test_asking_for_news_is_logged_when_it_shows_some_and_does_not_prolong_the_session(care, worker, session):
    worker.get(of(session, "conversation"))
    events = AccessEvent.objects.count()
    signed_in = SignedIn.objects.values().get()

    for name in ("news", "arrived"):
        worker.get(of(session, name), {"mark": ""})
    assert AccessEvent.objects.count() == events
    answer(care, session.asks("before"))
    for name in ("news", "arrived"):
        response = worker.get(of(session, name), {"mark": ""})
        assert response.status_code == 200
        assert "sessionid" not in response.cookies

    assert [each.what for each in AccessEvent.objects.order_by("pk")[events:]] == ["feedback.session"]
    assert SignedIn.objects.values().get() == signed_in


def test_after_signing_out_an_open_page_is_sent_to_sign_in_as_a_whole(worker, session):
    worker.logout()

    asked = worker.get(of(session, "news"), {"mark": ""}, headers={"HX-Request": "true"})

    assert asked.headers["HX-Refresh"] == "true"
    assert asked.content == b""


@pytest.mark.parametrize(("name", "more"), [("phone", ["before"]), ("note_change", [])])
def test_the_language_can_be_changed_after_something_was_sent(worker, session, name, more):
    shown = read(worker.post(of(session, name, *more), {"text": ""}))

    [way_back] = {field["value"] for field in shown.all("input", name="next")}

    assert worker.get(way_back).status_code == 200


def test_opening_the_conversation_adds_one_row_to_the_citizen_s_log(care, worker, session):
    before = AccessEvent.objects.count()

    worker.get(of(session, "conversation"))

    event = AccessEvent.objects.latest("pk")
    assert AccessEvent.objects.count() == before + 1
    assert (event.citizen_id, event.actor_id) == (session.asks("before").about_id, care.worker.pk)
    assert (event.action, event.what, event.basis) == ("opened", "feedback.session", "service:own")


def test_the_list_is_logged_once_a_day_for_each_citizen(worker, session):
    for _ in range(2):
        worker.get(reverse("feedback:my_citizens"))

    assert AccessEvent.objects.filter(what="feedback.my_citizens").count() == 1


# who is let in

POSTS = [
    ("phone", "before"),
    ("screen", "after"),
    ("note_change",),
    ("cancel_session",),
    ("restore_session",),
]
GETS = [("conversation",), ("move_session",), ("news",), ("arrived",)]


def test_for_a_colleague_without_relation_nothing_of_it_exists(care, client_of, session):
    colleague = client_of(care.make.staff("practitioner", care.unit))
    answer(care, session.asks("before"))
    events, links = AccessEvent.objects.count(), AnswerLink.objects.count()

    statuses = [colleague.get(of(session, *name)).status_code for name in GETS]
    statuses += [colleague.post(of(session, *name), {"text": "x"}).status_code for name in POSTS]
    episode = session.episode
    for name in ("episode", "end_episode"):
        statuses.append(colleague.get(of(episode, name)).status_code)
    for name in ("plan_session", "end_episode", "reopen_episode"):
        statuses.append(colleague.post(of(episode, name), {"now": "1"}).status_code)
    statuses.append(
        colleague.get(reverse("feedback:start_episode", args=[session.asks("before").about_id])).status_code
    )

    assert set(statuses) == {404}
    assert AccessEvent.objects.count() == events
    assert AnswerLink.objects.count() == links
    assert Agreement.objects.count() == 0
    assert Session.objects.filter(cancelled_at__isnull=False).count() == 0


def test_a_colleague_s_list_holds_nobody_of_mine(care, client_of, session):
    colleague = client_of(care.make.staff("practitioner", care.unit))

    for show in ("", "team"):
        html = colleague.get(reverse("feedback:my_citizens"), {"show": show}).content.decode()
        assert session.asks("before").about.person.family_name not in html


@pytest.mark.parametrize("name", POSTS)
def test_what_writes_is_not_reached_by_looking(worker, session, name):
    assert worker.get(of(session, *name)).status_code == 405


@pytest.mark.parametrize("name", ["plan_session", "reopen_episode"])
def test_what_writes_to_an_episode_is_not_reached_by_looking(worker, session, name):
    assert worker.get(of(session.episode, name)).status_code == 405


# what the worker does


def test_an_episode_is_started_with_what_most_will_choose(care, worker):
    citizen = care.make.citizen(worker=care.worker)
    path = reverse("feedback:start_episode", args=[citizen.pk])
    page = read(worker.get(path))
    chosen = {has["value"] for has in page.all("option") if "selected" in has}
    sent = {
        "started_on": page.all("input", name="started_on")[0]["value"],
        "unit": str(care.unit.pk),
        "responsible": str(care.worker.pk),
        "outcome": "life-now@1",
        "meeting": "this-meeting@1",
        "asks_safety": "on",
        "kind": "individual",
    }
    assert chosen >= {sent["unit"], sent["responsible"]}

    done = worker.post(path, sent)

    episode = Episode.objects.get()
    assert done.url == of(episode, "episode")
    assert (episode.responsible, episode.asks_safety) == (care.worker, True)
    assert list(episode.citizens.all()) == [citizen]


def test_a_conversation_starts_now_or_on_a_day(care, worker):
    episode = care.episode()

    now = worker.post(of(episode, "plan_session"), {"now": "1"})
    day = timezone.localtime(care.now + 3 * DAY).strftime("%Y-%m-%dT%H:%M")
    later = worker.post(of(episode, "plan_session"), {"starts_at": day})

    first, second = Session.objects.order_by("starts_at")
    assert now.url == of(first, "conversation")
    assert later.url == of(episode, "episode")
    assert timezone.localtime(second.starts_at).strftime("%Y-%m-%dT%H:%M") == day


@pytest.mark.parametrize("when", ["i morgen", "", "2999-01-01T10:00"])
def test_a_day_that_cannot_be_is_refused_at_its_field(care, worker, when):
    response = worker.post(of(care.episode(), "plan_session"), {"starts_at": when})

    assert response.status_code == 422
    assert read(response).all("input", name="starts_at", **{"aria-invalid": "true"})
    assert Session.objects.count() == 0


def test_a_button_pressed_twice_starts_one_conversation(care, worker):
    episode = care.episode()

    first = worker.post(of(episode, "plan_session"), {"now": "1"})
    second = worker.post(of(episode, "plan_session"), {"now": "1"})

    assert first.url == second.url
    assert Session.objects.count() == 1


def test_a_course_that_has_not_started_says_so_and_not_that_it_has_ended(care, worker):
    episode = care.episode()
    Episode.objects.update(started_on=timezone.localdate() + 3 * DAY)

    refused = worker.post(of(episode, "plan_session"), {"now": "1"}, follow=True)

    [message] = refused.context["messages"]
    assert "ikke startet ennå" in str(message)
    assert Session.objects.count() == 0


def test_an_ended_course_hands_out_nothing(care, worker, session):
    Episode.objects.update(ended_on=timezone.localdate(), ending="planned")

    page = read(worker.get(of(session, "conversation")))

    assert not page.all("form", action=of(session, "phone", "before"))


@pytest.mark.parametrize("when", ["0001-01-01T00:00", "1901-01-01T10:00"])
def test_a_day_before_the_course_is_refused_at_its_field(care, worker, when):
    refused = worker.post(of(care.episode(), "plan_session"), {"starts_at": when})

    assert refused.status_code == 422
    assert Session.objects.count() == 0


def test_what_was_chosen_at_the_safety_question_stands_beside_the_signal(care, worker):
    session = care.held(care.episode(), care.now - 7 * DAY, life=20.0, safety=3)

    page = read(worker.get(of(session, "conversation")))

    assert "redd for hva jeg kan komme til å gjøre" in page.text


def test_a_cancellation_is_undone(care, worker, session):
    shown = worker.post(of(session, "cancel_session"), follow=True)
    refused = worker.post(of(session, "phone", "before"), follow=True)

    assert read(shown).all("form", action=of(session, "restore_session"))
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]

    worker.post(of(session, "restore_session"))
    assert worker.post(of(session, "phone", "before")).status_code == 200


class TestMoving:
    def test_the_page_has_the_time_it_is_at_and_leads_back_with_the_new_one(self, worker, session):
        page = read(worker.get(of(session, "conversation")))
        assert page.all("a", href=of(session, "move_session"))
        was = f"{timezone.localtime(session.starts_at):%Y-%m-%dT%H:%M}"
        assert read(worker.get(of(session, "move_session"))).all("input", name="starts_at")[0]["value"] == was

        at = timezone.localtime(session.starts_at) + timedelta(days=1)
        shown = worker.post(of(session, "move_session"), {"starts_at": f"{at:%Y-%m-%dT%H:%M}"}, follow=True)

        assert shown.redirect_chain[-1][0] == of(session, "conversation")
        assert f"til {date_format(at, 'j. F H:i')}" in read(shown).text
        session.refresh_from_db()
        assert timezone.localtime(session.starts_at) == at.replace(second=0, microsecond=0)

    def test_a_cancelled_one_is_not_moved_and_what_was_written_stands(self, worker, session):
        worker.post(of(session, "cancel_session"))
        refused = worker.post(of(session, "move_session"), {"starts_at": "2026-12-24T10:00"})

        assert refused.status_code == 422
        page = read(refused)
        assert "avlyst" in page.text
        assert page.all("input", name="starts_at")[0]["value"] == "2026-12-24T10:00"
        assert worker.post(of(session, "move_session"), {"starts_at": ""}).status_code == 422


def test_a_change_becomes_a_mark_and_an_empty_one_is_refused(care, worker, session):
    empty = worker.post(of(session, "note_change"), {"text": " "})
    noted = worker.post(of(session, "note_change"), {"text": "Vi går ut i stedet"}, follow=True)

    assert empty.status_code == 422
    assert read(empty).all("textarea", name="text", **{"aria-invalid": "true"})
    assert Agreement.objects.count() == 1
    assert "Vi går ut i stedet" in read(noted).text


def test_an_episode_ends_and_opens_again(care, worker, session):
    episode = session.episode
    day = care.viewer.today.isoformat()

    ended = worker.post(of(episode, "end_episode"), {"ended_on": day, "ending": "planned"}, follow=True)
    again = worker.post(of(episode, "end_episode"), {"ended_on": day, "ending": "moved"}, follow=True)
    refused = worker.post(of(episode, "plan_session"), {"now": "1"}, follow=True)

    assert not read(ended).all("form", action=of(episode, "plan_session"))
    assert Episode.objects.get().ending == "planned"
    assert [message.level_tag for message in again.context["messages"]] == ["error"]
    assert Session.objects.count() == 2
    assert read(refused).all("form", action=of(episode, "reopen_episode"))

    opened = worker.post(of(episode, "reopen_episode"), follow=True)
    assert read(opened).all("form", action=of(episode, "plan_session"))


@pytest.mark.parametrize(
    ("day", "ending"),
    [("2019-12-31", "planned"), ("2999-01-01", "planned"), ("2024-06-01", ""), ("x", "moved")],
)
def test_an_end_that_cannot_be_is_refused_at_its_field(worker, session, day, ending):
    response = worker.post(of(session.episode, "end_episode"), {"ended_on": day, "ending": ending})

    assert response.context["form"].errors
    assert Episode.objects.get().ended_on is None


def test_a_cancelled_conversation_says_so_and_leads_to_its_episode(worker, session):
    worker.post(of(session, "cancel_session"))

    page = read(worker.get(of(session, "conversation")))

    assert page.all("a", href=of(session.episode, "episode"))
    assert page.all("form", action=of(session, "restore_session"))
    assert worker.get(of(session, "news"), {"mark": ""}).status_code == 204


def test_those_who_need_attention_come_first_with_their_reason(care, worker):
    calm, worse = care.course([20.0, 22.0]), care.course([40.0, 15.0])

    page = read(worker.get(reverse("feedback:my_citizens")))

    rows = [has["href"] for has in page.all("a") if "/episodes/" in has.get("href", "")]
    assert rows == [of(worse, "episode"), of(calm, "episode")]
    assert [has for has in page.all("span") if "tagged--talk" in has.get("class", "")]


def test_someone_without_citizens_is_told_what_to_do(worker):
    page = read(worker.get(reverse("feedback:my_citizens")))

    assert page.all("a", href=reverse("people:find"))


def test_the_picture_is_also_told_in_words_and_as_a_table(care, worker):
    session = care.session(care.course([20.0, None, 35.0]))

    page = read(worker.get(of(session, "conversation")))

    assert [has for tag, has in page.elements if has.get("class") == "in-words"]
    # A heading row and one row for each conversation, today's among them.
    assert len(page.all("tr")) == 5
    pictures = [has for has in page.all("svg") if has.get("role") == "img"]
    assert len(pictures) == 2
    assert all("aria-labelledby" in has for has in pictures)


# how much it costs


def cost(client, path, status=200) -> int:
    """Queries of the second request: the first of the day also adds to the log."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == status
    return len(captured)


def test_the_conversation_takes_at_most_twelve_queries_however_long_the_course(care, worker):
    short, long = care.session(care.course([20.0, 22.0])), care.session(care.course([20.0] * 20))
    for session in (short, long):
        worker.post(of(session, "note_change"), {"text": "Vi går tur"})

    costs = [cost(worker, of(session, "conversation")) for session in (short, long)]

    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_the_list_takes_at_most_twelve_queries_however_many_citizens(care, worker):
    path = reverse("feedback:my_citizens")
    costs = []
    for citizens in (3, 30):
        while Episode.objects.count() < citizens:
            care.course([20.0, 22.0])
        costs.append(cost(worker, path))

    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_asking_for_news_takes_few_queries(worker, session):
    path = of(session, "news")

    assert cost(worker, path, status=204) <= 7


@pytest.mark.parametrize("days", [0, 1])
def test_a_conversation_long_ago_can_be_looked_at_again(care, worker, days):
    episode = care.course([20.0, 25.0, 30.0])
    session = list(episode.sessions.order_by("starts_at"))[days]

    page = read(worker.get(of(session, "conversation")))

    assert len(page.all("tr")) == days + 2
    assert session.starts_at < care.now - DAY


def test_a_page_of_a_conversation_that_was_cancelled_meanwhile_leads_on(care, worker):
    only = care.session()
    worker.post(of(only, "cancel_session"))

    for late in (("note_change", {"text": " "}), ("talk_here", {})):
        name, sent = late
        path = of(only, name, "risk") if name == "talk_here" else of(only, name)
        assert worker.post(path, sent).url == of(only.episode, "episode")
    news = worker.get(of(only, "news"), {"mark": "older"})
    assert (news.status_code, news.headers["HX-Refresh"]) == (204, "true")


@pytest.mark.parametrize("way", ["phone", "screen", "tablet"])
def test_handing_out_a_form_stands_in_the_log(worker, session, way):
    events = AccessEvent.objects.count()
    worker.post(of(session, way, "before"))
    assert AccessEvent.objects.count() > events
