"""Couples and groups, others who answer, and what is shown to whom - as the pages have it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from factories_feedback import marks

from medvirk.answers.models import Occasion, Submission
from medvirk.feedback.actions import add_member, ask_somebody, say_what_is_shown
from medvirk.feedback.models import Agreement, Episode, Participation, Signal


@pytest.fixture
def couple(care):
    session = care.session()
    second = care.make.citizen(worker=care.worker)
    add_member(
        by=care.make.viewer(care.worker), episode=session.episode, citizen=second, kind="couple",
        since=care.viewer.today, now=care.now,
    )  # fmt: skip
    return session, session.asks("before").about, second


@pytest.fixture
def worker(care, client_of):
    return client_of(care.worker)


def at(name, *arguments, citizen=None) -> str:
    place = reverse(f"feedback:{name}", args=arguments)
    return f"{place}?citizen={citizen.pk}" if citizen else place


def about_kin(citizen) -> dict[str, object]:
    """The form by which somebody close, who is not known yet, is asked."""
    named = {"person": "new", "given_name": "Siv", "family_name": "Nær"}
    return {"citizen": citizen.pk, "basis": "citizen", **named}


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_a_course_for_several_is_started_and_somebody_is_found_and_added(care, worker):
    first, second = (care.make.citizen(worker=care.worker) for _ in range(2))
    sent = {"kind": "couple", "unit": care.unit.pk, "started_on": f"{care.viewer.today}"}
    sent |= {"responsible": care.worker.pk, "outcome": "life-now@1", "meeting": "this-meeting@1"}
    response = worker.post(at("start_episode", first.pk), sent)
    episode = Episode.objects.get()
    assert response.url == at("members", episode.pk)

    searched = {"given_name": second.person.given_name, "family_name": second.person.family_name}
    found = worker.post(at("members", episode.pk), searched)
    assert second.person.name in text(found)
    worker.post(
        at("join", episode.pk), {"citizen": second.pk, "kind": "couple", "since": f"{care.viewer.today}"}
    )

    assert set(Participation.objects.values_list("citizen", flat=True)) == {first.pk, second.pk}


def test_somebody_unseen_is_neither_named_nor_added(care, couple, worker):
    session, _first, _second = couple
    unseen = care.make.citizen()
    searched = {"given_name": unseen.person.given_name, "family_name": unseen.person.family_name}

    page = worker.post(at("members", session.episode_id), searched)

    assert str(unseen.pk) not in text(page)
    sent = {"citizen": unseen.pk, "kind": "couple", "since": f"{care.viewer.today}"}
    assert worker.post(at("join", session.episode_id), sent).status_code == 404


def test_the_conversation_shows_one_at_a_time_and_who_has_answered(care, couple, worker):
    session, first, second = couple
    care.send(care.way_in(session.asks("before", second.pk)), marks("life-now", 40), own_words="Mitt eget")

    of_first, of_second = (
        worker.get(at("conversation", session.pk, citizen=each)) for each in (first, second)
    )

    assert "Mitt eget" not in text(of_first)
    assert "Mitt eget" in text(of_second)
    members = {each["citizen"]: each["moments"] for each in of_first.context["members"]}
    assert members == {first: [False, False], second: [True, False]}
    assert worker.get(at("conversation", session.pk, citizen=care.make.citizen())).status_code == 404


def test_each_gets_a_code_of_their_own_and_the_way_back_is_to_the_same_one(couple, worker):
    session, first, second = couple
    links = []
    for each in (first, second):
        page = worker.post(at("phone", session.pk, "before"), {"citizen": each.pk})
        assert each.person.given_name in text(page)
        assert f"?citizen={each.pk}" in page.context["way_back"]
        links.append(page.context["link"])

    assert links[0] != links[1]


def test_the_answer_of_one_does_not_send_the_code_of_the_other_away(care, couple, worker):
    session, first, second = couple
    mark = worker.post(at("phone", session.pk, "before"), {"citizen": first.pk}).context["mark"]
    care.send(care.way_in(session.asks("before", second.pk)), marks("life-now", 40))

    waiting = worker.get(f"{at('arrived', session.pk)}?mark={mark}&citizen={first.pk}")

    assert waiting.status_code == 204


def test_the_caseload_names_both_in_one_line(couple, worker):
    _session, first, second = couple
    page = worker.get(at("my_citizens"))
    assert len(page.context["rows"]) == 1
    assert first.person.name in text(page)
    assert second.person.name in text(page)


def say(care, session, citizen, part, *, yes=True):
    say_what_is_shown(
        by=care.make.viewer(care.worker), episode=session.episode, citizen=citizen, part=part, yes=yes,
        now=care.now,
    )  # fmt: skip


def agree(care, session, citizen, words, kind="sudden_fall"):
    times = {"raised_at": care.now, "due_at": care.now, "tell_at": care.now, "owner": care.worker}
    signal, _made = Signal.objects.get_or_create(
        episode=session.episode, citizen=citizen, session=session, kind=kind, defaults=times
    )
    Agreement.objects.create(
        episode=session.episode, session=session, signal=signal, text=words, noted_by=care.worker
    )


def test_together_shows_what_was_said_yes_to_and_nothing_else(care, couple, worker):
    session, first, second = couple
    for citizen, total in ((first, 10), (second, 40)):
        care.send(
            care.way_in(session.asks("before", citizen.pk)),
            marks("life-now", total) | {"safety.q1": "2"},
            asked=("life-now", "safety"),
            own_words=f"Ord fra {citizen.person.given_name}",
        )
        agree(care, session, citizen, f"Avtale {total}")
        agree(care, session, citizen, f"Fare {total}", kind="risk")
    Agreement.objects.create(episode=session.episode, session=session, text="Felles", noted_by=care.worker)
    page = text(worker.get(at("together", session.pk)))
    assert first.person.given_name not in page
    assert second.person.given_name not in page

    say(care, session, first, "curve")
    say(care, session, second, "agreed", yes=False)
    shown = worker.get(at("together", session.pk))
    page = text(shown)

    assert [each["citizen"] for each in shown.context["shown"]] == [first]
    for hidden in (second.person.given_name, "Ord fra", "Avtale", "Felles", "tung"):
        assert hidden not in page.split("<main")[1], hidden
    say(care, session, first, "agreed")
    page = text(worker.get(at("together", session.pk)))
    assert "Avtale 10" in page
    assert "Fare" not in page
    assert "Avtale 40" not in page
    say(care, session, first, "curve", yes=False)
    say(care, session, first, "agreed", yes=False)
    assert first.person.given_name not in text(worker.get(at("together", session.pk)))


def test_a_no_a_silence_and_an_empty_yes_look_alike(care, couple, worker):
    session, first, second = couple

    def page() -> str:
        return text(worker.get(at("together", session.pk))).split("<main")[1].split("</main")[0]

    silent = page()
    say(care, session, first, "curve", yes=False)
    refused = page()
    say(care, session, second, "curve")
    assert silent == refused == page()


def test_the_citizen_says_yes_and_takes_it_back_on_their_own_pages(care, couple, client_of, worker):
    session, first, second = couple
    care.send(care.way_in(session.asks("before", first.pk)), marks("life-now", 10))
    own = client_of(care.make.own_account(first.person))
    place = at("own_showing", first.pk, session.episode_id)

    own.post(place, {"part": "curve", "yes": "1"})
    assert first.person.given_name in text(worker.get(at("together", session.pk)))
    own.post(place, {"part": "curve", "yes": "0"})

    assert first.person.given_name not in text(worker.get(at("together", session.pk)))
    assert own.post(at("own_showing", second.pk, session.episode_id)).status_code == 404


def test_somebody_close_answers_without_the_citizens_name_on_the_page(care, worker, client):
    session = care.session()
    citizen = session.asks("before").about
    sent = about_kin(citizen)
    link = worker.post(at("ask_another", session.pk), sent).context["link"]
    path = "/" + link.split("/", 3)[3]
    client.post(f"{path}begin/")

    page = text(client.get(path))
    assert "citizen_may_read" in page
    assert care.citizen_names(session).isdisjoint(page.replace("<", " ").replace(">", " ").split())
    client.post(
        path, {**marks("life-now", 45), "safety.q1": "2", "citizen_may_read": "1", "own_words": "Sliten"}
    )

    sent = Submission.objects.get()
    assert (sent.occasion.capacity, sent.citizen_may_read) == ("kin", True)
    assert "Siv Nær" in text(worker.get(at("who_answers", session.pk, citizen=citizen)))
    conversation = text(worker.get(at("conversation", session.pk)))
    assert "Sliten" not in conversation
    assert "Sliten" in text(client_own(care, citizen).get(at("own_course", citizen.pk)))


def test_a_risk_that_somebody_close_sees_is_never_told_as_the_citizens_own(care, worker):
    session = care.session()
    citizen = session.asks("before").about
    asked = ask_somebody(
        by=care.make.viewer(care.worker), session=session, citizen=citizen, whom=("Siv", "Nær"), basis="citizen",
        now=care.now,
    )  # fmt: skip
    sent = marks("life-now", 20) | {"safety.q1": "2"}
    care.send(care.way_in(asked), sent, asked=("life-now", "safety"))
    signal = Signal.objects.get()

    pages = [
        at("conversation", session.pk),
        at("signals"),
        at("signal", signal.pk),
        at("who_answers", session.pk),
    ]

    for page in pages:
        assert "Sier at livet er tungt å bære" not in text(worker.get(page)), page
    assert "livet er tungt å bære" in text(worker.get(pages[0]))
    care.send(care.way_in(session.asks("before")), sent, asked=("life-now", "safety"))
    assert "Sier at livet er tungt å bære" in text(worker.get(pages[0]))


def client_own(care, citizen):
    from django.test import Client

    own = Client()
    own.force_login(care.make.own_account(citizen.person), backend="medvirk.people.signin.SignInNameBackend")
    return own


def test_nobody_is_asked_without_a_name_or_a_right(care, worker):
    session = care.session()
    response = worker.post(at("ask_another", session.pk), {"person": "new"})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"given_name", "basis"}


def test_the_worker_notes_who_was_there_and_takes_it_back(care, worker):
    session = care.session()
    care.send(care.way_in(session.asks("before")), marks("life-now", 20))
    for helped_by in ("interpreter", ""):
        worker.post(at("help_noted", session.pk, "before"), {"helped_by": helped_by})
        assert Submission.objects.get().helped_by == helped_by


def test_a_question_to_somebody_close_is_withdrawn_and_its_link_stops(care, worker, client):
    session = care.session()
    citizen = session.asks("before").about
    occasion = ask_somebody(
        by=care.make.viewer(care.worker), session=session, citizen=citizen, whom=("Siv", "Nær"), basis="citizen",
        now=care.now,
    )  # fmt: skip
    place = at("another_again", session.pk, occasion.pk)
    link = worker.post(place, {"citizen": citizen.pk}).context["link"]

    worker.post(place, {"citizen": citizen.pk, "withdraw": "1"})

    assert client.get("/" + link.split("/", 3)[3]).status_code == 410


def test_asked_again_after_it_was_withdrawn_there_is_a_code_and_a_stale_page_says_what_is_so(care, worker):
    session = care.session()
    citizen = session.asks("before").about
    sent = about_kin(citizen)
    first = worker.post(at("ask_another", session.pk), sent)
    occasion = Occasion.objects.get(capacity="kin")
    place = at("another_again", session.pk, occasion.pk)
    worker.post(place, {"citizen": citizen.pk, "withdraw": "1"})

    stale = worker.post(place, {"citizen": citizen.pk}, follow=True)
    assert "er avsluttet" not in text(stale)
    assert "Du kan spørre på nytt" in text(stale)

    again = worker.post(at("ask_another", session.pk), sent)
    assert again.status_code == 200
    assert again.context["link"] != first.context["link"]
    assert Occasion.objects.filter(capacity="kin").count() == 1
    as_worker = at("answer_as_worker", session.pk)
    for _ in range(2):
        assert worker.post(as_worker, {"citizen": citizen.pk}).url.startswith("/a/")
        own = Occasion.objects.get(capacity="worker")
        worker.post(at("another_again", session.pk, own.pk), {"citizen": citizen.pk, "withdraw": "1"})


@pytest.mark.parametrize("way", ["ask_another", "answer_as_worker"])
def test_who_answers_about_somebody_else_is_asked_about_them_and_told_what_is_so(care, worker, client, way):
    session = care.session()
    citizen = session.asks("before").about
    sent = about_kin(citizen)
    asked = worker.post(at(way, session.pk), sent)
    path = asked.url if asked.status_code == 302 else "/" + asked.context["link"].split("/", 3)[3]
    reader = worker if way == "answer_as_worker" else client

    notice = text(reader.get(path))
    assert "journalen til den du svarer om" in notice
    assert "journalen din" not in notice
    reader.post(f"{path}begin/")
    form = text(reader.get(path))

    own = text(client.get("/a/" + care.link(session.asks("before")) + "/"))
    assert "journalen din" in own
    for theirs in ("Hvordan har den du svarer om, det?", "ikke vil leve?", "og ikke om deg selv"):
        assert theirs in form
    for about_oneself in ("Hvordan har du det?", "at du ikke vil leve", "hva jeg kan komme til å gjøre"):
        assert about_oneself not in form
