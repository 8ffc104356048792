"""Writing to citizens: by what, in which language, to whom not; and what a no does, however it is said."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from string import Formatter

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from medvirk.messages.actions import (
    CitizenLetter,
    NewMessage,
    WhyNot,
    Written,
    claim,
    keep_wanted,
    queue,
    stop_by_link,
    stop_by_phone,
    stop_token,
    write_to_citizen,
    write_to_citizens,
)
from medvirk.messages.actions.citizens import BATCH, stop_link, words_to_citizen
from medvirk.messages.kinds import citizen_kinds, register_citizen_kind
from medvirk.messages.logic import NORWAY
from medvirk.messages.logic.sms import parse_gateway, segments
from medvirk.messages.logic.telling import TELLING
from medvirk.messages.models import Message
from medvirk.messages.tasks import deliver_due
from medvirk.people.actions.consents import answer_consent, publish_consent_text
from medvirk.people.actions.deaths import register_death
from medvirk.people.actions.merging import merge_persons
from medvirk.people.models import AccessEvent, ActorKind, Citizen, Consent, ConsentPurpose, Person, Protection
from medvirk.people.queries.consents import agrees, current_texts

CONTACT = ConsentPurpose.CONTACT
NOON = datetime(2026, 3, 4, 12, tzinfo=NORWAY)
PHONE, MAIL = "+4791919191", "kari@example.test"
BOTH = {"phone": PHONE, "email": MAIL}
SECRETS = ("a" * 32,)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def write(kind):
    def to(citizen: Citizen, once: str = "a", **more) -> Written:
        return write_to_citizen(
            letter=CitizenLetter(citizen, kind.code, {"link": "https://x.test/a/1"}, once, **more), now=NOON
        )

    return to


def deliver() -> dict[str, int]:
    return dict(deliver_due(timezone.now()))


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("once_key", "state"))


# by what


@pytest.mark.parametrize(
    ("details", "channels", "written"),
    [
        (BOTH, ("sms", "email"), Written("sms")),
        (BOTH, ("email", "sms"), Written("email")),
        (BOTH, ("email",), Written("email")),
        ({"email": MAIL}, ("sms", "email"), Written("email")),
        # A landline takes no text messages.
        ({"phone": "+4722222222", "email": MAIL}, ("sms", "email"), Written("email")),
        ({"phone": "+4722222222"}, ("sms", "email"), Written(why_not=WhyNot.NO_ADDRESS)),
        ({"phone": PHONE}, ("email",), Written(why_not=WhyNot.NO_ADDRESS)),
        ({"email": "no address"}, ("sms", "email"), Written(why_not=WhyNot.NO_ADDRESS)),
        ({}, ("sms", "email"), Written(why_not=WhyNot.NO_ADDRESS)),
        (BOTH, ("pigeon",), Written(why_not=WhyNot.NO_ADDRESS)),
    ],
)
def test_by_the_first_way_that_reaches_them(willing, write, gateway, server, details, channels, written):
    assert write(willing(**details), channels=channels) == written
    assert Message.objects.count() == (written.why_not is None)


def test_by_e_mail_where_there_is_no_gateway(willing, write, server):
    assert write(willing(**BOTH)) == Written("email")
    assert write(willing(phone=PHONE), "b") == Written(why_not=WhyNot.NO_CHANNEL)


@pytest.mark.parametrize("says", [None, False])
def test_not_without_a_yes(willing, write, gateway, says):
    assert write(willing(says=says, **BOTH)) == Written(why_not=WhyNot.NO_CONSENT)
    assert not Message.objects.exists()


def test_not_to_the_dead_nor_the_erased(willing, write, gateway, make):
    dead, erased = willing(**BOTH), willing(**BOTH)
    write(dead, "before")
    worker = make.viewer(make.staff("practitioner", dead.relations.get().unit))
    register_death(by=worker, citizen=dead, died_on=date(2026, 3, 3))
    Citizen.objects.filter(pk=erased.pk).update(erased_at=NOON)

    assert write(dead) == write(erased, "b") == Written(why_not=WhyNot.NO_LONGER_HERE)
    assert states() == {"before": "cancelled"}


def test_a_protected_address_is_used_and_not_shown(willing, write, gateway):
    citizen = willing(phone=PHONE)
    Person.objects.update(protection=Protection.STRICT)

    assert write(citizen) == Written("sms")
    assert deliver() == {"sent": 1}
    assert [told["to"] for told in gateway.taken.values()] == [PHONE]
    assert Message.objects.get().address == ""


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "Ønsker du ikke"), ("nn", "Ønskjer du ikkje"), ("en", "If you want")]
)
def test_an_e_mail_in_their_language_with_two_ways_to_stop(willing, write, server, settings, language, words):
    citizen = willing(email=MAIL, language=language)
    with override("nn" if language == "en" else "en"):
        write(citizen)

    assert deliver() == {"sent": 1}

    (letter,) = server.stored
    link = stop_link(citizen.person_id)
    assert letter["To"] == MAIL
    assert link.startswith("https://medvirk.fjordvik.test/messages/stop/")
    # The line is long, so it is folded after the name.
    assert letter["List-Unsubscribe"].strip() == f"<{link}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert words in letter.get_content()
    assert link in letter.get_content()


def test_mail_to_staff_has_no_way_to_stop(server, make):
    worker = make.staff(details=make.details(email=MAIL))
    queue(messages=[NewMessage(worker.person_id, "email", "k", MAIL, "s", "b", "a")], now=NOON)
    deliver()

    assert server.stored[0]["List-Unsubscribe"] is None


@pytest.mark.parametrize("answered", [True, False])
def test_a_text_message_says_how_to_stop_in_a_way_that_works(willing, write, gateway, settings, answered):
    settings.SMS_WEBHOOK_SECRETS = SECRETS
    settings.SMS_GATEWAY = parse_gateway(
        gateway.address, token=settings.SMS_GATEWAY.token, sender="2099" if answered else "Medvirk"
    )
    citizen = willing(phone=PHONE)
    write(citizen)
    deliver()

    (told,) = gateway.taken.values()
    assert ("Svar STOPP" in told["text"]) == answered
    assert (stop_link(citizen.person_id) in told["text"]) != answered


def test_the_same_is_written_once_and_a_kind_must_be_known(willing, write, gateway, kind):
    citizen = willing(**BOTH)

    assert write(citizen) == write(citizen) == Written("sms")
    assert Message.objects.count() == 1
    with pytest.raises(LookupError):
        write_to_citizen(letter=CitizenLetter(citizen, "unknown", {}, "c"), now=NOON)
    with pytest.raises(KeyError):
        write_to_citizen(letter=CitizenLetter(citizen, kind.code, {}, "c"), now=NOON)
    with pytest.raises(ValueError, match="once"):
        write_to_citizen(letter=CitizenLetter(citizen, kind.code, {"link": "x"}), now=NOON)


def test_nothing_is_sent_when_the_transaction_is_rolled_back(willing, write, gateway):
    with transaction.atomic():
        write(willing(**BOTH))
        transaction.set_rollback(True)

    assert deliver() == {}


def test_as_many_queries_for_many_as_for_one(willing, kind, gateway):
    citizens = [willing(phone=f"+479191919{n}") for n in range(4)]

    def asked(chosen: list[Citizen]) -> int:
        letters = [
            CitizenLetter(each, kind.code, {"link": "x"}, f"{len(chosen)}:{each.pk}") for each in chosen
        ]
        with CaptureQueriesContext(connection) as queries:
            told = write_to_citizens(letters=letters, now=NOON)
        assert set(told.values()) == {Written("sms")}
        return len(queries)

    assert asked(citizens[:1]) == asked(citizens)


def test_more_than_one_query_holds(willing, kind, gateway):
    citizen = willing(phone=PHONE)
    letters = [CitizenLetter(citizen, kind.code, {"link": "x"}, str(n)) for n in range(BATCH + 1)]

    assert len(write_to_citizens(letters=letters, now=NOON)) == Message.objects.count() == BATCH + 1


# what a no does


def test_a_no_calls_off_what_waits_also_for_who_works_here(make, willing, write, gateway, kind):
    details = make.details(national_id=make.national_id(), **BOTH)
    worker = make.staff(details=details)
    citizen = make.citizen(details=details)
    account = make.viewer(make.own_account(citizen.person))

    def say(*, yes: bool) -> None:
        answer_consent(
            by=account, citizen=citizen, purpose=CONTACT, yes=yes, version=current_texts()["contact"].version,
            language="nb",
        )  # fmt: skip

    assert write(citizen) == Written(why_not=WhyNot.NO_CONSENT)
    say(yes=True)
    assert write(citizen) == Written("sms")
    queue(messages=[NewMessage(worker.person_id, "email", "at work", MAIL, "s", "b", "at work")], now=NOON)
    say(yes=False)

    assert states() == {"a": "cancelled", "at work": "waiting"}
    assert Message.objects.get(once_key="a").body == ""


def test_a_yes_that_no_longer_counts_is_seen_when_it_is_sent(make, willing, write, gateway):
    write(willing(**BOTH))
    publish_consent_text(
        by=make.viewer(make.staff("administrator")),
        purpose=CONTACT,
        body={"nb": {"title": "Ny", "summary": "Kort", "body": "Langt"}},
        asks_again=True,
        now=NOON,
    )

    assert deliver() == {}
    assert states() == {"a": "cancelled"}
    assert gateway.taken == {}


def test_who_has_died_since_gets_nothing(willing, write, gateway):
    write(willing(**BOTH))
    Person.objects.update(died_on=date(2026, 3, 3))

    assert deliver() == {}
    assert states() == {"a": "cancelled"}


def test_only_what_is_unwanted_falls_out_of_a_batch(willing, write, gateway):
    unwilling = willing(phone=PHONE)
    write(unwilling, "no"), write(willing(phone="+4741414141"), "yes")
    batch = claim(channel="sms", now=NOON, limit=10)
    Consent.objects.filter(citizen=unwilling).update(yes=False)

    assert [each.once_key for each in keep_wanted(messages=batch)] == ["yes"]
    assert states() == {"no": "cancelled", "yes": "claimed"}


# the stop word


def test_the_stop_word_is_a_no_that_is_confirmed_once(willing, write, gateway):
    citizen, other = willing(**BOTH), willing(phone="+4741414141")
    write(citizen), write(other, "b")

    assert stop_by_phone(number=PHONE, now=NOON) == 1

    assert not agrees(citizen, CONTACT)
    assert agrees(other, CONTACT)
    assert states()["a"] == "cancelled"
    assert deliver() == {"sent": 2}
    told = {each["to"]: each["text"] for each in gateway.taken.values()}
    assert told[PHONE] == "Du får ingen flere meldinger fra oss. Si fra når vi møtes hvis du ombestemmer deg."
    # Once more changes nothing, and is not answered.
    assert stop_by_phone(number=PHONE, now=NOON) == 0
    assert deliver() == {}


def test_it_is_confirmed_at_night_too_and_once_a_day(willing, gateway, clock):
    clock.move_to(NOON.replace(hour=23))
    citizen = willing(**BOTH)
    for _ in range(2):
        stop_by_phone(number=PHONE, now=timezone.now())
        Consent.objects.filter(citizen=citizen, ended_at=None).update(yes=True)
    assert deliver() == {"sent": 1}

    clock.shift(timedelta(days=1))
    stop_by_phone(number=PHONE, now=timezone.now())
    assert deliver() == {"sent": 1}


def test_all_who_share_a_phone_are_meant_and_one_is_told(willing, gateway):
    citizens = [willing(phone=PHONE), willing(phone=PHONE)]

    assert stop_by_phone(number=PHONE, now=NOON) == 2
    assert not any(agrees(each, CONTACT) for each in citizens)
    assert deliver() == {"sent": 1}


def test_a_number_that_nobody_has_leaves_nothing(willing, gateway):
    willing(phone=PHONE)
    rows = AccessEvent.objects.count()

    assert stop_by_phone(number="+4799999999", now=NOON) == 0
    assert not Message.objects.exists()
    assert AccessEvent.objects.count() == rows


def test_somebody_who_was_never_asked_has_said_no(willing, gateway):
    citizen = willing(says=None, phone=PHONE)

    assert stop_by_phone(number=PHONE, now=NOON) == 1
    given = Consent.objects.get(citizen=citizen)
    assert (given.yes, given.answered_by_id, given.way, given.noted_by_id) == (
        False,
        citizen.person_id,
        "sms",
        None,
    )


def test_of_two_entries_put_together_the_one_that_is_left_is_meant(make, willing, gateway):
    citizen, double = willing(phone="+4741414141"), make.citizen(details=make.details(phone=PHONE))
    merge_persons(by=None, kept=citizen.person, duplicate=double.person)

    assert stop_by_phone(number=PHONE, now=NOON) == 1
    assert not agrees(citizen, CONTACT)


def test_it_stands_in_their_log_as_their_own_doing(willing, gateway):
    citizen = willing(phone=PHONE)
    stop_by_phone(number=PHONE, now=NOON)

    event = AccessEvent.objects.about([citizen.pk]).order_by("-at", "-pk").first()
    assert (event.actor_kind, event.actor_id, event.what, event.basis) == (
        ActorKind.PERSON, citizen.person_id, "people.consent", "own:sms",
    )  # fmt: skip


def test_if_the_confirmation_cannot_be_queued_nothing_is_done(willing, gateway, monkeypatch):
    citizen = willing(phone=PHONE)
    monkeypatch.setattr("medvirk.messages.actions.citizens.queue", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        stop_by_phone(number=PHONE, now=NOON)

    assert agrees(citizen, CONTACT)


# the link


def test_the_link_is_a_no_without_an_answer(willing, write, gateway):
    citizen = willing(**BOTH)
    write(citizen)

    assert stop_by_link(token=stop_token(citizen.person_id), now=NOON)
    assert stop_by_link(token=stop_token(citizen.person_id), now=NOON)

    assert Consent.objects.get(citizen=citizen, ended_at=None).way == "link"
    assert states() == {"a": "cancelled"}


@pytest.mark.parametrize("token", ["", "x", "x:y", "0" * 32, "0" * 32 + ":" + "A" * 43, "\0"])
def test_a_link_that_was_not_made_here_does_nothing(willing, token):
    citizen = willing(**BOTH)

    assert not stop_by_link(token=token, now=NOON)
    assert not stop_by_link(token=f"{citizen.person_id.hex}{token}", now=NOON)
    assert agrees(citizen, CONTACT)


# the words


def all_words(language: str) -> list[tuple[str, str]]:
    with override(language):
        return [
            (kind.code, words)
            for kind in citizen_kinds()
            for channel in ("sms", "email")
            for words in words_to_citizen(kind, kind.facts, channel, stop_link=f"https://m.test/{'x' * 60}")
        ]


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_no_message_to_citizens_tells_of_health(language):
    told = all_words(language)

    assert any(code == "messages.stopped" for code, _words in told)
    assert [(code, part) for code, words in told for part in TELLING if part in words.casefold()] == []


def test_the_list_of_telling_words_finds_one(kind, monkeypatch):
    object.__setattr__(kind, "sms", "Husk timen i psykisk helse")

    assert any(part in words.casefold() for _code, words in all_words("nb") for part in TELLING)


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_kind_speaks_each_language(language):
    english = dict.fromkeys(words for _code, words in all_words("en") if words)
    with_words = [words for code, words in all_words(language) if words and code != "test.reminder"]

    assert not set(with_words) & set(english)


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_kind_fits_one_text_message_where_it_can_be_answered(settings, language):
    settings.SMS_GATEWAY = parse_gateway("https://sms.test/", sender="2099")
    settings.SMS_WEBHOOK_SECRETS = SECRETS

    with override(language):
        long = [
            kind.code
            for kind in citizen_kinds()
            if segments(words_to_citizen(kind, kind.facts, "sms", stop_link="")[1]) > 1
        ]

    assert long == []


def test_every_fact_that_words_ask_for_has_an_example():
    for kind in citizen_kinds():
        for words in (kind.subject, kind.text, kind.sms):
            assert str(words) % kind.facts
            assert not [name for _t, name, _s, _c in Formatter().parse(str(words)) if name]


def test_a_code_that_no_message_can_hold_is_refused(kind):
    object.__setattr__(kind, "code", "x" * 61)
    with pytest.raises(ValueError, match="60"):
        register_citizen_kind(kind)
    object.__setattr__(kind, "code", "test.reminder")
