"""Invitations and reminders: queued once, called off with what makes them untrue, in the receiver's words."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from factories_feedback import Care, marks

from medvirk.answers.actions import decline, decline_for
from medvirk.answers.logic import State
from medvirk.answers.models import AnswerLink, OrganisationText
from medvirk.answers.queries import way_in
from medvirk.feedback.actions import Refused, cancel_session, end_episode, move_session, restore_session
from medvirk.feedback.actions.pauses import pause
from medvirk.feedback.actions.reminding import (
    BATCH,
    choose_for_course,
    decide,
    follow_the_unit_above,
    send_due,
    send_now,
)
from medvirk.feedback.logic.reminding import Plan
from medvirk.feedback.models import Asking, PauseReason, Reminder, Session
from medvirk.feedback.queries.reminding import plans_on, who_waits
from medvirk.feedback.wording.reminding import sent_in_words
from medvirk.messages.logic import NORWAY
from medvirk.messages.logic.sms import parse_gateway, segments
from medvirk.messages.models import Message
from medvirk.messages.models import State as Sent
from medvirk.messages.tasks import deliver_due
from medvirk.people.actions.consents import take_back
from medvirk.people.models import Consent, ConsentPurpose, ConsentWay, Person

#: A Monday; the conversation is on Tuesday at 13.
NOW = datetime(2026, 11, 23, 14, tzinfo=NORWAY)
START = datetime(2026, 11, 24, 13, tzinfo=NORWAY)
MORNING = datetime(2026, 11, 24, 10, 5, tzinfo=NORWAY)


@pytest.fixture(autouse=True)
def clock(settings):
    settings.SMS_GATEWAY = parse_gateway("https://sms.test/", sender="2099")
    settings.SMS_WEBHOOK_SECRETS = ("a" * 32,)
    settings.ADDRESS = "https://medvirk.fjordvik.no"
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def care(make) -> Care:
    made = Care(make)
    leader = make.staff("team_leader", made.unit)
    made.leader = make.viewer(leader)
    decide(by=made.leader, unit=made.unit, plan=Plan(sends=True))
    return made


def reachable(citizen, *, yes: bool = True, phone: str = "+4791919191", language: str = "nb"):
    Person.objects.filter(pk=citizen.person_id).update(language=language)
    person = Person.objects.get(pk=citizen.person_id)
    person.phone = phone
    person.save(update_fields=["phone"])
    if yes:
        Consent.objects.create(
            citizen=citizen, purpose="contact", version=99, language="nb", digest="", yes=True
        )
    return citizen


def planned_for(care, *, at=START, **more) -> Session:
    citizen = reachable(care.make.citizen(worker=care.worker), **more)
    return care.session(care.episode(citizen=citizen), at=at)


def bodies() -> list[str]:
    return [each.body for each in Message.objects.order_by("created_at", "pk")]


def states() -> list[str]:
    return list(Message.objects.order_by("created_at", "pk").values_list("state", flat=True))


def kinds() -> list[str]:
    return list(Reminder.objects.filter(called_off_at=None).values_list("kind", flat=True))


def token_in(body: str) -> str:
    return re.search(r"/a/([\w-]{32})/", body)[1]


# what is sent


def test_an_invitation_and_one_reminder_each_with_a_link_that_goes_on_working(care, clock):
    session = planned_for(care)

    assert send_due(NOW) == 1
    assert send_due(NOW) == 0
    clock.move_to(MORNING)
    assert send_due(MORNING) == 1
    assert send_due(MORNING + timedelta(minutes=30)) == 0

    first, second = bodies()
    assert kinds() == ["invitation", "reminder"]
    assert first.startswith(
        "Noen spørsmål til deg før timen tirsdag kl. 13:00: https://medvirk.fjordvik.no/a/"
    )
    assert "STOPP" in first
    assert "STOPP" not in second
    assert segments(first) == 1
    assert segments(second) == 1
    for body in (first, second):
        found = way_in(token_in(body), now=MORNING)
        assert found.state is State.OPEN
        assert found.occasion == session.asks("before")
        assert way_in(token_in(body), now=START + timedelta(hours=25)).state is State.EXPIRED


def test_the_token_stands_in_the_message_only_and_goes_when_it_is_sent(care, settings, tmp_path, clock):
    settings.SMS_GATEWAY, settings.DEMO, settings.DATA = None, True, tmp_path
    planned_for(care)
    send_due(NOW)
    token = token_in(bodies()[0])

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM outbox_message")
        assert token not in cursor.fetchone()[0]
    assert not AnswerLink.objects.filter(token_hash=token).exists()
    deliver_due(NOW)

    assert bodies() == [""]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("nn", "Nokre spørsmål til deg før timen tysdag kl. 13:00"),
        ("en", "before your appointment Tuesday at 13:00"),
    ],
)
def test_it_is_written_in_the_language_of_whom_it_goes_to(care, language, words):
    planned_for(care, language=language)
    send_due(NOW)

    assert words in bodies()[0]


def test_a_unit_that_names_no_time_says_nothing_of_an_appointment(care):
    decide(by=care.leader, unit=care.unit, plan=Plan(sends=True, names_time=False))
    planned_for(care)
    send_due(NOW)

    assert bodies()[0].startswith("Noen spørsmål til deg: https://")


def test_a_unit_writes_in_its_own_words(care):
    OrganisationText.objects.create(
        key="message-invitation", unit=care.unit, body={"nb": "Hei! {link} (til {when})"}
    )
    planned_for(care)
    send_due(NOW)

    assert re.match(r"Hei! https://\S+/ \(til tirsdag kl. 13:00\)", bodies()[0])


def test_the_form_after_the_conversation_where_a_unit_wants_it(care, clock):
    decide(by=care.leader, unit=care.unit, plan=Plan(True, None, None, 1))
    session = planned_for(care)
    clock.move_to(START + timedelta(hours=2, minutes=1))

    assert send_due(NOW) == 0
    assert send_due(START + timedelta(hours=2, minutes=1)) == 1
    assert way_in(token_in(bodies()[0]), now=START + timedelta(hours=3)).occasion == session.asks("after")
    assert send_due(START + timedelta(hours=3)) == 0


# to whom nothing is sent


def test_nothing_is_sent_where_no_unit_has_decided_so(make):
    undecided = Care(make)
    planned_for(undecided)

    assert send_due(NOW) == 0
    assert not Message.objects.exists()


def test_a_course_decides_otherwise_than_its_unit(care, make):
    off, on = planned_for(care), planned_for(care)
    decide(by=care.leader, unit=care.unit, plan=Plan(sends=False))
    choose_for_course(by=care.viewer, episode=on.episode, sends=True)

    assert send_due(NOW) == 1
    assert Reminder.objects.get().asking.session == on
    decide(by=care.leader, unit=care.unit, plan=Plan(sends=True))
    choose_for_course(by=care.viewer, episode=off.episode, sends=False)
    assert send_due(NOW) == 0
    choose_for_course(by=care.viewer, episode=off.episode, sends=None)
    assert send_due(NOW) == 1


def test_a_unit_follows_the_nearest_one_above_that_has_decided(care, make):
    below = make.unit("Gruppe", parent=care.unit)
    above = plans_on(NOW.date()).of_unit(below.pk)
    decide(by=care.leader, unit=below, plan=Plan(sends=False))
    own = plans_on(NOW.date()).of_unit(below.pk)
    follow_the_unit_above(by=care.leader, unit=below)

    assert (above.sends, own.sends, plans_on(NOW.date()).of_unit(below.pk).sends) == (True, False, True)


def test_only_the_leader_decides(care):
    with pytest.raises(PermissionDenied):
        decide(by=care.viewer, unit=care.unit, plan=Plan(sends=True))


@pytest.mark.parametrize("phone", ["", "+4722222222"])
def test_who_cannot_be_reached_is_tried_once_for_each_message(care, phone):
    planned_for(care, phone=phone)

    assert send_due(NOW) == 1
    assert Reminder.objects.get().why_not == "no address"
    assert not AnswerLink.objects.exists()
    assert send_due(NOW) == 0


def test_nothing_is_sent_to_who_has_not_said_yes_or_has_died(care, make):
    planned_for(care, yes=False)
    died = planned_for(care).asks("before").about
    Person.objects.filter(pk=died.person_id).update(died_on=NOW.date())

    assert send_due(NOW) == 0


def test_nothing_is_sent_at_night(care, clock):
    planned_for(care, at=datetime(2026, 11, 24, 20, 30, tzinfo=NORWAY))
    night = datetime(2026, 11, 23, 22, tzinfo=NORWAY)
    clock.move_to(night)

    assert send_due(night) == 0
    assert send_due(datetime(2026, 11, 24, 8, tzinfo=NORWAY)) == 1


# what calls it off, in the same transaction


def answers(care, session):
    care.send(care.way_in(session.asks("before")), marks("life-now", 20.0))


def declines(care, session):
    decline(way_in=care.way_in(session.asks("before")), now=NOW)


def tells_a_worker(care, session):
    decline_for(by=care.viewer, occasion=session.asks("before"), now=NOW)


def is_cancelled(care, session):
    cancel_session(by=care.viewer, session=session, now=NOW)


def is_paused(care, session):
    citizen = session.asks("before").about
    pause(
        by=care.viewer,
        citizen=citizen,
        episodes=[session.episode],
        reason=PauseReason.WISH,
        until=NOW.date() + timedelta(days=7),
        now=NOW,
    )


def ends(care, session):
    end_episode(by=care.viewer, episode=session.episode, ended_on=NOW.date(), ending="planned", now=NOW)


def is_switched_off(care, session):
    choose_for_course(by=care.viewer, episode=session.episode, sends=False)


EVENTS = [answers, declines, tells_a_worker, is_cancelled, is_paused, ends, is_switched_off]


@pytest.mark.parametrize("event", EVENTS)
def test_what_waits_is_called_off_with_what_makes_it_untrue(care, event):
    session = planned_for(care)
    send_due(NOW)

    event(care, session)

    assert states() == [Sent.CANCELLED]
    assert bodies() == [""]
    assert send_due(NOW) == send_due(MORNING) == 0


@pytest.mark.parametrize("event", EVENTS)
def test_what_has_made_it_untrue_keeps_it_from_being_queued(care, event):
    event(care, planned_for(care))

    assert send_due(NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_calls_nothing_off(care):
    session = planned_for(care)
    send_due(NOW)

    with transaction.atomic():
        is_cancelled(care, session)
        transaction.set_rollback(True)

    assert states() == [Sent.WAITING]


def test_what_is_restored_is_written_anew(care):
    session = planned_for(care)
    send_due(NOW)
    is_cancelled(care, session)
    restore_session(by=care.viewer, session=session)

    assert send_due(NOW) == 1
    assert sorted(states()) == [Sent.CANCELLED, Sent.WAITING]


def test_a_no_to_messages_calls_off_and_nothing_follows(care):
    session = planned_for(care)
    send_due(NOW)
    citizen = session.asks("before").about
    take_back(citizen=citizen, purpose=ConsentPurpose.CONTACT, way=ConsentWay.SMS, now=NOW)

    assert states() == [Sent.CANCELLED]
    assert send_due(MORNING) == 0


def test_a_conversation_that_is_moved_moves_what_is_not_sent(care):
    session = planned_for(care)
    send_due(NOW)
    later = START + timedelta(days=2)
    Session.objects.filter(pk=session.pk).update(starts_at=later)

    assert send_due(NOW) == 0
    assert states() == [Sent.CANCELLED]
    assert send_due(later - timedelta(hours=23)) == 1
    assert "torsdag" in Message.objects.get(state=Sent.WAITING).body


# sent by a worker


def asking(session, moment="before") -> Asking:
    from medvirk.feedback.queries.reminding import asked_themselves

    return asked_themselves().get(session=session, moment=moment)


def test_a_worker_sends_one_and_no_more(care):
    session = planned_for(care, at=START + timedelta(days=2))

    sent, goes = send_now(by=care.viewer, asking=asking(session), now=NOW)

    assert (sent.channel, goes, sent.by_id) == ("sms", NOW, care.worker.pk)
    with pytest.raises(Refused, match="sent_by_hand"):
        send_now(by=care.viewer, asking=asking(session), now=NOW)


def test_a_worker_at_night_is_told_when_it_goes(care):
    session = planned_for(care, at=START + timedelta(days=2))
    night = datetime(2026, 11, 23, 23, tzinfo=NORWAY)

    _sent, goes = send_now(by=care.viewer, asking=asking(session), now=night)

    assert goes == datetime(2026, 11, 24, 8, tzinfo=NORWAY)


def test_a_number_that_is_found_later_can_be_written_to(care):
    session = planned_for(care, phone="")
    sent, _goes = send_now(by=care.viewer, asking=asking(session), now=NOW)
    person = Person.objects.get(pk=session.asks("before").about.person_id)
    person.phone = "+4791919191"
    person.save(update_fields=["phone"])
    again, _goes = send_now(by=care.viewer, asking=asking(session), now=NOW)

    assert (sent.why_not, again.channel) == ("no address", "sms")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda care, s: Consent.objects.update(ended_at=NOW), "no_consent"),
        (answers, "settled"),
        (is_cancelled, "settled"),
        (is_paused, "settled"),
        (lambda care, s: Session.objects.update(starts_at=NOW), "begun"),
    ],
)
def test_what_a_worker_cannot_send(care, prepare, reason):
    session = planned_for(care)
    prepare(care, session)

    with pytest.raises(Refused, match=reason):
        send_now(by=care.viewer, asking=asking(session), now=NOW)
    assert not Message.objects.exists()


def test_what_is_asked_after_a_conversation_is_not_sent_before_it(care):
    after = asking(planned_for(care), moment="after")

    with pytest.raises(Refused, match="too_soon"):
        send_now(by=care.viewer, asking=after, now=NOW)
    sent, _goes = send_now(by=care.viewer, asking=after, now=START + timedelta(hours=2))
    assert sent.channel == "sms"


def test_a_stranger_sends_nothing(care, make):
    session = planned_for(care)

    with pytest.raises(PermissionDenied):
        send_now(by=make.viewer(make.staff()), asking=asking(session), now=NOW)


# many


def test_a_batch_takes_as_many_queries_as_one(care, monkeypatch):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            send_due(NOW)
        return len(caught)

    planned_for(care)
    one = queries()
    for _ in range(3):
        planned_for(care)

    assert queries() == one <= 30


def test_more_than_a_batch_is_sent_in_one_run(care, monkeypatch):
    monkeypatch.setattr("medvirk.feedback.actions.reminding.BATCH", 2)
    for _ in range(5):
        planned_for(care)

    assert BATCH > 2
    assert send_due(NOW) == 5
    assert Message.objects.count() == 5


def test_the_database_takes_a_kind_once(care):
    session = planned_for(care)
    send_due(NOW)
    first = Reminder.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(
            asking=first.asking,
            kind=first.kind,
            for_time=session.starts_at,
            made_at=timezone.now(),
            channel="sms",
        )


def test_the_municipality_stands_first_where_its_name_is_set(care, settings):
    settings.MESSAGE_SENDER = "Fjordvik kommune"
    planned_for(care)
    send_due(NOW)

    assert bodies()[0].startswith(
        "Fjordvik kommune: Noen spørsmål til deg før timen tirsdag kl. 13:00: https://"
    )


class TestMoved:
    """What was sent names a time that does not hold: another goes, of each kind, and never two about one time."""

    LATER = START + timedelta(days=7)

    def moved(self, care, session, at):
        return move_session(by=care.viewer, session=session, starts_at=at, now=timezone.now())

    def test_what_waits_is_called_off_and_what_was_sent_is_followed_by_one_that_is_true(self, care, clock):
        session = planned_for(care)
        send_due(NOW)
        waits = Message.objects.get()

        self.moved(care, session, self.LATER)

        waits.refresh_from_db()
        assert waits.state == Sent.CANCELLED
        assert send_due(NOW) == 0
        clock.move_to(self.LATER - timedelta(hours=20))
        assert send_due(timezone.now()) == 1
        Message.objects.filter(state=Sent.WAITING).update(state=Sent.SENT, sent_at=timezone.now())
        self.moved(care, session, self.LATER + timedelta(hours=2))
        assert send_due(timezone.now()) == 1
        assert send_due(timezone.now()) == 0
        kinds = Reminder.objects.filter(called_off_at=None).values_list("kind", "for_time")
        assert sorted(kinds) == [("invitation", self.LATER), ("invitation", self.LATER + timedelta(hours=2))]
        assert Reminder.objects.get(outdated_at=None, called_off_at=None).for_time != self.LATER

    def test_moved_there_and_back_the_last_message_is_the_one_that_holds(self, care):
        session = planned_for(care)
        for at in (START, START - timedelta(hours=1), START):
            self.moved(care, session, at)
            assert send_due(NOW) == 1
            assert send_due(NOW) == 0
            Message.objects.filter(state=Sent.WAITING).update(state=Sent.SENT, sent_at=NOW)

        assert list(Reminder.objects.filter(outdated_at=None).values_list("for_time", flat=True)) == [START]

    def test_one_sent_by_hand_can_be_sent_again_about_the_new_time(self, care):
        session = planned_for(care, at=START + timedelta(days=2))
        send_now(by=care.viewer, asking=asking(session), now=NOW)
        Message.objects.update(state=Sent.SENT, sent_at=NOW)
        with pytest.raises(Refused, match="sent_by_hand"):
            send_now(by=care.viewer, asking=asking(session), now=NOW)

        self.moved(care, session, START + timedelta(days=3))

        assert send_now(by=care.viewer, asking=asking(session), now=NOW)[0].channel == "sms"

    def test_the_page_says_that_it_was_about_another_time(self, care, settings):
        session = planned_for(care)
        send_due(NOW)
        Message.objects.update(state=Sent.SENT, sent_at=NOW)
        self.moved(care, session, START + timedelta(hours=1))

        [row] = who_waits(care.viewer, now=NOW, quiet=settings.QUIET_HOURS, whole_team=True)

        assert [each.about_another_time for each in row.sent] == [True]
        assert "før samtalen ble flyttet" in sent_in_words(row.sent[0])
