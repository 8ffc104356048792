"""Who has not answered, what is sent, and who decides it: as the pages show it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from factories_feedback import Care, marks

from medvirk.answers.models import OrganisationText
from medvirk.feedback.actions.reminding import decide, send_due
from medvirk.feedback.logic.reminding import Plan
from medvirk.feedback.models import Reminder, ReminderChoice, ReminderPlan, Session
from medvirk.messages.logic import NORWAY
from medvirk.messages.logic.sms import parse_gateway
from medvirk.messages.models import Message
from medvirk.people.models import AccessEvent, Consent, Person

NOW = datetime(2026, 11, 23, 14, tzinfo=NORWAY)
START = datetime(2026, 11, 24, 13, tzinfo=NORWAY)
WAITING = "/feedback/waiting/"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SMS_GATEWAY = parse_gateway("https://sms.test/", sender="2099")
    settings.ADDRESS = "https://medvirk.fjordvik.no"
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def care(make) -> Care:
    made = Care(make)
    made.leader = make.staff("team_leader", made.unit)
    decide(by=make.viewer(made.leader), unit=made.unit, plan=Plan(sends=True))
    return made


def planned_for(care, *, at=START, yes=True, phone="+4791919191") -> Session:
    citizen = care.make.citizen(worker=care.worker)
    person = Person.objects.get(pk=citizen.person_id)
    person.phone = phone
    person.save(update_fields=["phone"])
    if yes:
        Consent.objects.create(
            citizen=citizen, purpose="contact", version=99, language="nb", digest="", yes=True
        )
    return care.session(care.episode(citizen=citizen), at=at)


def text_in(response) -> str:
    """What a reader reads of the page itself."""
    main = response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def read(client, path=WAITING) -> str:
    response = client.get(path, headers={"accept-language": "en"})
    assert response.status_code == 200
    return text_in(response)


def test_it_shows_who_when_and_whether(care, client_of):
    planned_for(care)
    done = planned_for(care, at=START + timedelta(hours=1))
    care.send(care.way_in(done.asks("before")), marks("life-now", 20.0))
    words = read(client_of(care.worker))

    assert "2 conversations are still to come." in words
    assert "Up to today" not in words
    assert "Not answered yet" in words
    assert "✓ Answered" in words
    # Nothing is to be done for whom has answered.
    assert words.count("Show a code") == 1
    assert "A message goes within minutes" in words


@pytest.mark.parametrize("days", [-3, 8])
def test_it_looks_two_days_back_and_seven_ahead(care, client_of, days):
    session = planned_for(care)
    Session.objects.filter(pk=session.pk).update(starts_at=NOW + timedelta(days=days))
    outside = read(client_of(care.worker))
    Session.objects.filter(pk=session.pk).update(
        starts_at=NOW + timedelta(days=days + (1 if days < 0 else -1))
    )

    assert "No conversations these days" in outside
    expected = "0 of 1 has answered." if days < 0 else "1 conversation is still to come."
    assert expected in read(client_of(care.worker))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("waiting", "Is on its way by text message, 23.11. 14:00"),
        ("sent", "Sent by text message 23.11. 14:00. Not reported as delivered yet"),
        ("delivered", "Sent by text message, delivered 23.11. 14:05"),
        ("undelivered", "Could not be delivered by text message"),
        ("failed", "Could not be delivered by text message"),
        ("filed", "Not sent: written to a file 23.11. 14:00"),
        ("expired", "Not sent: it was too late"),
        ("cancelled", "Not sent: called off"),
    ],
)
def test_what_became_of_a_message_stands_there_in_words_that_are_true(care, client_of, state, words):
    planned_for(care)
    send_due(NOW)
    gone = state in {"sent", "filed", "delivered", "undelivered"}
    reported = NOW + timedelta(minutes=5) if state in {"delivered", "undelivered"} else None
    Message.objects.update(state=state, sent_at=NOW if gone else None, reported_at=reported)

    assert words in read(client_of(care.worker))


def test_an_email_that_was_handed_over_is_not_called_read(care, client_of):
    planned_for(care)
    send_due(NOW)
    Message.objects.update(state="sent", sent_at=NOW, channel="email")
    Reminder.objects.update(channel="email")

    assert "Handed to the mail server 23.11. 14:00. Nobody knows whether it was read" in read(
        client_of(care.worker)
    )


def test_why_nothing_is_sent(care, client_of):
    planned_for(care, yes=False)
    planned_for(care, phone="")
    send_due(NOW)
    words = read(client_of(care.worker))

    assert "Not sent: has not said yes to messages" in words
    assert "Not sent: no number or e-mail known" in words


def send(client, session, name="feedback:remind_now", **more):
    asking = session.askings.get(moment="before")
    return client.post(
        reverse(name, args=[asking.pk]), more, headers={"accept-language": "en"}, follow=True
    ).content.decode()


def test_a_worker_sends_one_now(care, client_of):
    session, client = planned_for(care), client_of(care.worker)

    assert "The message goes within a minute" in send(client, session)
    assert Message.objects.get().kind == "feedback.by_hand"
    assert "you have sent one about this conversation already" in send(client, session)
    assert "Send a message now" not in read(client)
    assert AccessEvent.objects.filter(what="feedback.reminder").exists()


def test_at_night_it_says_when_it_goes(care, client_of, clock):
    session = planned_for(care)
    clock.move_to(datetime(2026, 11, 23, 23, tzinfo=NORWAY))

    assert "It is night. The message goes 24.11. 08:00." in send(client_of(care.worker), session)


def test_without_a_yes_nothing_goes(care, client_of):
    session = planned_for(care, yes=False)

    assert "they have not said yes to messages" in send(client_of(care.worker), session)
    assert not Message.objects.exists()


def test_a_worker_notes_that_somebody_would_rather_not(care, client_of):
    session, client = planned_for(care), client_of(care.worker)

    assert "They are not reminded of it." in send(client, session, "feedback:rather_not", show="team")
    words = read(client)
    assert "Would rather not" in words
    assert send_due(NOW) == 0


def test_of_couples_each_is_shown(care, client_of, make):
    from medvirk.feedback.actions import add_member

    session = planned_for(care)
    other = make.citizen(worker=care.worker)
    add_member(
        by=care.viewer, episode=session.episode, citizen=other, kind="couple", since=NOW.date(), now=NOW
    )

    words = read(client_of(care.worker))
    assert words.count("Not answered yet") == 2
    assert "2 conversations are still to come." in words


def test_of_whom_no_number_is_known_no_message_is_promised(care, client_of):
    planned_for(care, phone="")
    before = read(client_of(care.worker))
    send_due(NOW)
    words = read(client_of(care.worker))

    for told in (before, words):
        assert "A message goes" not in told
        assert "Send a message now" not in told
        assert "Write down a mobile number or an e-mail address" in told
    assert "Not sent: no number or e-mail known" in words


def test_who_would_rather_not_say_how_it_was_is_not_one_who_forgot(care, client_of, clock):
    session = planned_for(care)
    care.send(care.way_in(session.asks("before")), marks("life-now", 20.0))
    clock.move_to(START + timedelta(hours=1))
    care.viewer.forget()
    after = session.asks("after")
    after.declined_at = START
    after.save(update_fields=["declined_at"])

    words = read(client_of(care.worker))

    assert "Would rather not answer about the conversation itself" in words
    assert "Not answered about the conversation itself" not in words
    assert "Send a message now" not in words
    assert "Up to today: 1 of 1 has answered." in words


def test_the_teams_and_only_mine(care, make, client_of):
    colleague = make.staff("practitioner", care.unit)
    citizen = make.citizen(team=care.unit)
    care.session(care.episode(citizen=citizen, worker=colleague), at=START)

    assert citizen.person.name not in read(client_of(care.worker))
    assert citizen.person.name in read(client_of(care.worker), f"{WAITING}?show=team")
    assert citizen.person.name not in read(client_of(make.staff()), f"{WAITING}?show=team")


def test_my_citizens_leads_there_without_counting(care, client_of):
    assert WAITING in client_of(care.worker).get(reverse("feedback:my_citizens")).content.decode()


# deciding


def test_a_leader_turns_it_on_and_reads_what_is_sent(make, client_of):
    unit = make.unit()
    client = client_of(make.staff("team_leader", unit))
    path = reverse("feedback:reminder_unit", args=[unit.pk])

    assert "Nothing is decided yet, so nothing is sent." in read(client, path)
    client.post(path, {"sends": "on", "invite_hours": "24", "remind_hours": "3", "names_time": "on"})
    words = read(client, path)

    assert ReminderPlan.objects.get().sends
    assert "Noen spørsmål til deg før timen torsdag kl. 10:00" in words
    assert "Nokre spørsmål til deg før timen torsdag kl. 10:00" in words
    assert "A few questions before your appointment Thursday at 10:00" in words
    client.post(path, {"follow": "1"})
    assert not ReminderPlan.objects.exists()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"invite_hours": "3", "remind_hours": "24"}, "write fewer hours"),
        ({"invite_hours": "500"}, "144"),
        ({}, "at least one message"),
    ],
)
def test_what_cannot_be_decided(make, client_of, sent, words):
    unit = make.unit()
    client = client_of(make.staff("team_leader", unit))
    path = reverse("feedback:reminder_unit", args=[unit.pk])
    response = client.post(path, {"sends": "on"} | sent, headers={"accept-language": "en"})

    assert response.status_code == 422
    assert words in text_in(response)
    assert not ReminderPlan.objects.exists()


def test_of_another_unit_nothing_is_seen(make, client_of):
    top = make.unit()
    client = client_of(make.staff("team_leader", make.unit(parent=top)))
    path = reverse("feedback:reminder_unit", args=[make.unit(parent=top).pk])

    assert client.get(path).status_code == 404
    assert client.post(path, {"sends": "on", "invite_hours": "24"}).status_code == 404
    assert not ReminderPlan.objects.exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Husk timen i psykisk helse: {link}", "psykisk"),
        ("Husk timen", "must hold {link}"),
        ("{link} {hvem}", "Only {link} and {when}"),
        ("{link}" + "x" * 300, "at most 300"),
    ],
)
def test_a_text_that_tells_too_much_is_refused(care, client_of, text, words):
    path = reverse("answers:edit_unit_text", args=[care.unit.pk, "message-invitation"])
    response = client_of(care.leader).post(path, {"nb": text}, headers={"accept-language": "en"})

    assert words in text_in(response)
    assert not OrganisationText.objects.exists()


def test_a_text_of_ones_own_is_taken(care, client_of):
    path = reverse("answers:edit_unit_text", args=[care.unit.pk, "message-invitation"])
    client_of(care.leader).post(path, {"nb": "Hei! {link}"})

    assert OrganisationText.objects.get().body == {"nb": "Hei! {link}"}


def test_a_course_of_its_own(care, client_of):
    episode = planned_for(care).episode
    client = client_of(care.worker)
    path = reverse("feedback:episode_reminders", args=[episode.pk])

    assert "As the unit: messages are sent" in read(client, path)
    client.post(path, {"sends": "off"})
    assert not ReminderChoice.objects.get().sends
    client.post(path, {"sends": "unit"})
    assert not ReminderChoice.objects.exists()


# to the citizen


def test_the_citizens_own_page_shows_what_was_sent_and_where_to_say_no(care, make, client_of):
    session = planned_for(care)
    citizen = session.asks("before").about
    client = client_of(make.own_account(citizen.person))
    path = reverse("feedback:own_course", args=[citizen.pk])
    before = read(client, path)
    send_due(NOW)

    assert "No invitation or reminder has been sent to you." in before
    assert "23.11. 14:00: a message by text message" in read(client, path)
    assert reverse("people:own_consents", args=[citizen.pk]) in client.get(path).content.decode()
    assert timezone.now() == NOW
