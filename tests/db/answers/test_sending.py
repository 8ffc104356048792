"""An answer that was acknowledged is on disk, once, and only readable with the key."""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections
from factories_feedback import marks

from medvirk.answers import actions, queries
from medvirk.answers.actions import NotTaken, make_link, save_draft, see_notice
from medvirk.answers.logic import OWN_WORDS_MOST, Problem, State, hash_token
from medvirk.answers.models import Answer, AnswerLink, Draft, NoticeSeen, Score, Submission
from medvirk.answers.queries import asked_instruments, given_at, way_in
from medvirk.instruments.models import LocalParameters

ALL = marks("life-now", 30)


@pytest.fixture
def occasion(care):
    return care.session().asks("before")


def raw(table: str, column: str) -> str:
    """What stands in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        return cursor.fetchone()[0]


def test_an_answer_is_stored_with_its_score_version_and_language(care, occasion):
    receipt = care.send(care.way_in(occasion), ALL, asked=("life-now", "safety"))

    answer = receipt.submission.answers.get(instrument_key="life-now")
    assert (answer.instrument_version, answer.language) == (1, "nb")
    assert answer.values == {f"q{number}": 6.0 for number in range(1, 6)}
    score = answer.scores.get()
    assert (score.scale, score.value, score.missing_reason, score.answered, score.of) == (
        "total",
        30.0,
        "",
        5,
        5,
    )
    assert not receipt.at_risk


def test_sending_twice_stores_once_and_gives_the_same_receipt(care, occasion):
    found, client_id = care.way_in(occasion), uuid.uuid4()

    first = care.send(found, ALL, client_id=client_id)
    # As after a lost connection: the way in is read anew and says that it is answered.
    again = care.send(care.way_in(occasion), marks("life-now", 10), client_id=client_id)

    assert again == first
    assert Submission.objects.count() == 1
    assert Score.objects.get().value == 30.0


def test_the_second_receipt_tells_of_risk_as_the_first_did(care, occasion):
    client_id, asked = uuid.uuid4(), ("life-now", "safety")

    first = care.send(care.way_in(occasion), {"safety.q1": "2"}, client_id=client_id, asked=asked)
    again = care.send(care.way_in(occasion), {"safety.q1": "2"}, client_id=client_id, asked=asked)

    assert first.at_risk
    assert again.at_risk


def test_another_sending_to_an_answered_occasion_is_refused(care, occasion):
    found = care.way_in(occasion)
    care.send(found, ALL)

    with pytest.raises(NotTaken) as refusal:
        care.send(care.way_in(occasion), marks("life-now", 10))

    assert refusal.value.state is State.ANSWERED
    assert Score.objects.get().value == 30.0


def test_of_two_that_both_saw_it_open_the_database_lets_one_in(care, occasion):
    token = care.link(occasion)
    first, second = (way_in(token, now=care.now) for _ in range(2))

    care.send(first, ALL)
    with pytest.raises(NotTaken) as refusal:
        care.send(second, marks("life-now", 10))

    assert refusal.value.state is State.ANSWERED
    assert Score.objects.get().value == 30.0


def test_the_same_sending_that_lost_the_race_gets_its_receipt(care, occasion):
    token, client_id = care.link(occasion), uuid.uuid4()
    # Both read the way in before either wrote: to the second it still looks open.
    first, second = (way_in(token, now=care.now) for _ in range(2))

    receipts = [care.send(found, ALL, client_id=client_id) for found in (first, second)]

    assert second.state is State.OPEN
    assert receipts[0] == receipts[1]
    assert Submission.objects.count() == 1


def test_an_id_that_was_used_at_another_occasion_costs_nobody_the_answer(care):
    episode, client_id = care.episode(), uuid.uuid4()
    one, other = care.session(episode), care.session(episode)
    care.send(care.way_in(one.asks("before")), ALL, client_id=client_id)

    receipt = care.send(care.way_in(other.asks("before")), marks("life-now", 10), client_id=client_id)

    assert receipt.submission.occasion == other.asks("before")
    assert sorted(Score.objects.values_list("value", flat=True)) == [10.0, 30.0]


@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_the_same_moment_store_one(care, occasion):
    """At once on PostgreSQL. A SQLite in memory cannot wait for a lock, so there they write in turn."""
    token, client_id = care.link(occasion), uuid.uuid4()
    ready, receipts, faults = threading.Barrier(2), [], []
    turn = threading.Lock() if connection.vendor == "sqlite" else nullcontext()

    def send():
        try:
            found = way_in(token, now=care.now)
            assert found.state is State.OPEN
            ready.wait(timeout=10)
            with turn:
                receipts.append(care.send(found, ALL, client_id=client_id))
        except Exception as fault:  # noqa: BLE001 - shown by the assertion below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert faults == []
    assert len({receipt.submission.pk for receipt in receipts}) == 1
    assert Submission.objects.count() == 1
    assert Answer.objects.count() == 1


def test_a_failing_write_stores_nothing_and_keeps_the_draft(care, occasion, monkeypatch):
    found = care.way_in(occasion)
    save_draft(way_in=found, client_id=uuid.uuid4(), content=ALL, now=care.now)

    def no_room(*args, **kwargs):
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(Score.objects, "bulk_create", no_room)

    with pytest.raises(IntegrityError, match="the disk is full"):
        care.send(found, ALL)

    assert Submission.objects.count() == Answer.objects.count() == Score.objects.count() == 0
    assert Draft.objects.count() == 1


def test_what_cannot_be_taken_is_told_all_at_once_and_nothing_is_stored(care, occasion):
    sent = ALL | {"life-now.q1": "11", "life-now.q2": "mye"}

    with pytest.raises(NotTaken) as refusal:
        care.send(care.way_in(occasion), sent, own_words="x" * (OWN_WORDS_MOST + 1))

    assert refusal.value.state is State.OPEN
    assert [(fault.field, fault.problem) for fault in refusal.value.faults] == [
        ("life-now.q1", Problem.OUTSIDE),
        ("life-now.q2", Problem.NOT_A_NUMBER),
        ("own_words", Problem.TOO_LONG),
    ]
    assert Submission.objects.count() == 0


def test_nothing_at_all_is_not_an_answer(care, occasion):
    with pytest.raises(NotTaken) as refusal:
        care.send(care.way_in(occasion), {"life-now.q1": " "}, own_words="  ")

    assert [fault.problem for fault in refusal.value.faults] == [Problem.NOTHING]


def test_own_words_alone_are_an_answer(care, occasion):
    receipt = care.send(care.way_in(occasion), {}, own_words="  Det går. ")

    assert receipt.submission.own_words == "Det går."
    assert Score.objects.get().missing_reason == "nothing_answered"


def test_missing_answers_give_no_score_and_say_why(care, occasion):
    sent = {name: value for name, value in ALL.items() if name != "life-now.q3"}

    care.send(care.way_in(occasion), sent)

    score = Score.objects.get()
    assert (score.value, score.missing_reason) == (None, "not_all_answered")
    assert (score.answered, score.of) == (4, 5)
    assert "q3" not in Answer.objects.get().values


def test_own_words_are_unreadable_in_the_database(care, occasion):
    care.send(care.way_in(occasion), ALL, own_words="Naboen skremmer meg")

    assert Submission.objects.get().own_words == "Naboen skremmer meg"
    stored = raw("answers_submission", "own_words")
    assert stored
    assert "Naboen" not in stored


# drafts


def test_a_draft_is_unreadable_in_the_database_and_gone_once_sent(care, occasion):
    found = care.way_in(occasion)
    save_draft(way_in=found, client_id=uuid.uuid4(), content={"own_words": "Naboen"}, now=care.now)

    assert json.loads(Draft.objects.get().content) == {"own_words": "Naboen"}
    assert "Naboen" not in raw("answers_draft", "content")

    care.send(found, ALL)

    assert Draft.objects.count() == 0


def test_the_last_draft_wins(care, occasion):
    found, client_id = care.way_in(occasion), uuid.uuid4()

    for value in ("1", "2"):
        save_draft(way_in=found, client_id=client_id, content={"life-now.q1": value}, now=care.now)

    assert json.loads(Draft.objects.get().content) == {"life-now.q1": "2"}


def test_a_draft_that_arrives_after_the_answer_is_not_kept(care, occasion):
    # It was on its way while the answer was sent: to it, the way in still looks open.
    found = care.way_in(occasion)
    care.send(found, ALL)

    with pytest.raises(NotTaken) as refusal:
        save_draft(way_in=found, client_id=uuid.uuid4(), content=ALL, now=care.now)

    assert refusal.value.state is State.ANSWERED
    assert Draft.objects.count() == 0


def test_a_link_that_ran_out_takes_nothing(care, occasion):
    late = way_in(care.link(occasion), now=care.now + timedelta(hours=13))

    with pytest.raises(NotTaken) as of_the_draft:
        save_draft(way_in=late, client_id=uuid.uuid4(), content=ALL, now=care.now)
    with pytest.raises(NotTaken) as of_the_answer:
        care.send(late, ALL)

    assert of_the_draft.value.state is of_the_answer.value.state is State.EXPIRED
    assert Draft.objects.count() == Submission.objects.count() == 0


# links


def test_only_the_hash_of_a_token_is_stored(care, occasion):
    token = care.link(occasion)

    link = AnswerLink.objects.get()
    assert link.token_hash == hash_token(token)
    assert len(token) >= 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM answers_answerlink")
        assert token not in repr(cursor.fetchall())


def test_a_new_link_closes_the_old_one(care, occasion):
    old, new = care.link(occasion), care.link(occasion)

    assert way_in(old, now=care.now).state is State.REVOKED
    assert way_in(new, now=care.now).state is State.OPEN


def test_a_new_link_leaves_other_occasions_alone(care):
    session = care.session()
    before = care.link(session.asks("before"))
    care.link(session.asks("after"))

    assert way_in(before, now=care.now).state is State.OPEN


def test_a_link_runs_out(care, occasion):
    token = care.link(occasion, lifetime=timedelta(hours=2))

    assert way_in(token, now=care.now + timedelta(minutes=119)).state is State.OPEN
    assert way_in(token, now=care.now + timedelta(hours=2)).state is State.EXPIRED


def test_an_unknown_token_opens_nothing(care, occasion):
    token = care.link(occasion)

    assert way_in(token[:-1], now=care.now) is None
    assert way_in(AnswerLink.objects.get().token_hash, now=care.now) is None


def test_reading_a_way_in_takes_one_query_and_what_it_asks_two(care, occasion, django_assert_num_queries):
    token = care.link(occasion)

    with django_assert_num_queries(1):
        found = way_in(token, now=care.now)
    with django_assert_num_queries(2):
        instruments = asked_instruments(found.occasion)

    assert [instrument.key for instrument, _topic in instruments] == [
        ask.instrument_key for ask in occasion.asks.all()
    ]


def test_numbers_that_the_municipality_sets_hold_from_the_next_page_on(care, occasion):
    before = asked_instruments(occasion)
    LocalParameters.objects.create(
        instrument_key="life-now", version=1, scale="total", cutoff=25, source="our own data"
    )

    after = asked_instruments(occasion)

    assert [cutoff.value for cutoff in before[0][0].main_scale.cutoffs] == []
    assert [cutoff.value for cutoff in after[0][0].main_scale.cutoffs] == [25]
    assert after[1:] == before[1:]


def test_only_who_follows_the_citizen_hands_out_a_link(care, occasion, make):
    stranger = make.viewer(make.staff("practitioner"))

    with pytest.raises(PermissionDenied):
        make_link(by=stranger, occasion=occasion, channel="phone", now=care.now)

    assert AnswerLink.objects.count() == 0


def test_only_who_follows_the_citizen_asks(care, make):
    citizen = make.citizen()

    with pytest.raises(PermissionDenied):
        actions.ask(
            by=care.viewer,
            about=citizen,
            respondent=citizen.person,
            instruments=[("life-now", 1)],
            opens_at=care.now,
        )

    assert not citizen.occasions.exists()


def test_a_notice_is_remembered_once_for_the_person(care):
    episode = care.episode()
    one, other = care.session(episode), care.session(episode)

    see_notice(occasion=one.asks("before"), digest="a" * 64)
    see_notice(occasion=one.asks("before"), digest="a" * 64)

    assert NoticeSeen.objects.count() == 1
    assert queries.notice_is_seen(other.asks("after"), "a" * 64)
    assert not queries.notice_is_seen(other.asks("after"), "b" * 64)


# what a worker reads


def test_given_tells_what_was_said_to_who_may_see_it(care, occasion, make):
    care.send(care.way_in(occasion), ALL | {"safety.q1": "1"}, asked=("life-now", "safety"), own_words="Hei")

    given = given_at(care.viewer, [occasion.pk])[occasion.pk]

    assert given.value("life-now", "total") == 30.0
    assert given.value("life-now", "other") is None
    assert (given.own_words, given.channel, given.at_risk) == ("Hei", "phone", True)
    assert given_at(make.viewer(make.staff("practitioner")), [occasion.pk]) == {}


def test_an_occasion_without_an_answer_gives_nothing(care, occasion):
    assert given_at(care.viewer, [occasion.pk]) == {}


def test_the_mark_changes_when_something_is_sent_and_tells_a_stranger_nothing(care, make):
    session = care.session()
    both = [session.asks("before").pk, session.asks("after").pk]

    marks_seen = [queries.newest_submission(care.viewer, both)]
    for occasion, key in ((session.asks("before"), "life-now"), (session.asks("after"), "this-meeting")):
        care.send(care.way_in(occasion), marks(key, 30), asked=(key,))
        marks_seen.append(queries.newest_submission(care.viewer, both))

    assert marks_seen[0] == ""
    assert len(set(marks_seen)) == 3
    assert queries.newest_submission(make.viewer(make.staff("practitioner")), both) == ""
