"""Saying yes and no: it holds at once, it says to which text, and nobody answers for somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import override

from medvirk.people import hooks
from medvirk.people.access import viewer_for
from medvirk.people.actions.consents import answer_consent, publish_consent_text
from medvirk.people.logic import RefusedError
from medvirk.people.models import AccessEvent, Consent, ConsentPurpose, Guardianship, User
from medvirk.people.purposes import LANGUAGES, shipped
from medvirk.people.queries.consents import (
    agreeing,
    agrees,
    current_texts,
    earlier_versions,
    purpose_counts,
    standing_of,
    text_of,
)

RESEARCH, CONTACT = ConsentPurpose.RESEARCH, ConsentPurpose.CONTACT
NEW = {"nb": {"title": "Ny", "summary": "Kort", "body": "Langt"}}


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def own_viewer(person):
    user, _made = User.objects.get_or_create(
        person=person, defaults={"login": "", "login_hash": str(person.pk)}
    )
    return viewer_for(user)


def say(citizen, *, yes, by=None, purpose=RESEARCH, version=None):
    return answer_consent(
        by=by or own_viewer(citizen.person),
        citizen=citizen,
        purpose=purpose,
        yes=yes,
        version=version or current_texts()[purpose].version,
        language="nb",
    )


def publish(make, *, asks_again=False, body=NEW, purpose=RESEARCH):
    return publish_consent_text(
        by=make.viewer(make.staff("administrator")),
        purpose=purpose,
        body=body,
        asks_again=asks_again,
        now=timezone.now(),
    )


def test_every_purpose_is_written_in_every_language():
    assert set(shipped()) == set(ConsentPurpose.values)
    for text in shipped().values():
        assert set(text.wordings) == set(LANGUAGES)
        assert all(each.title and each.summary and each.body for each in text.wordings.values())


def test_nothing_said_is_no(make):
    assert not agrees(make.citizen(), RESEARCH)


def test_yes_and_no_hold_at_once_and_for_one_purpose(make):
    citizen, other = make.citizen(), make.citizen()

    say(citizen, yes=True)

    assert agrees(citizen, RESEARCH)
    assert not agrees(citizen, CONTACT)
    assert not agrees(other, RESEARCH)
    say(citizen, yes=False)
    assert not agrees(citizen, RESEARCH)
    assert list(Consent.objects.filter(ended_at=None).values_list("yes", flat=True)) == [False]
    assert Consent.objects.count() == 2


def test_the_same_answer_twice_is_one_answer(make):
    citizen = make.citizen()

    assert say(citizen, yes=True) == say(citizen, yes=True)


def test_the_answer_keeps_the_text_that_was_read(make):
    citizen = make.citizen()
    given = say(citizen, yes=True)

    publish(make)

    assert text_of(given.purpose, given.version).digest == given.digest
    assert text_of(RESEARCH, 2).wordings["nb"].title == "Ny"
    assert text_of(RESEARCH, 3) is None


def test_clearer_words_leave_a_yes_but_another_question_does_not(make):
    citizen = make.citizen()
    say(citizen, yes=True)

    publish(make)
    assert agrees(citizen, RESEARCH)
    publish(make, asks_again=True)

    assert not agrees(citizen, RESEARCH)
    assert {
        each.text.purpose for each in standing_of(own_viewer(citizen.person), citizen, "nb") if each.outdated
    } == {RESEARCH}
    say(citizen, yes=True)
    assert list(agreeing(RESEARCH).values_list("citizen_id", flat=True)) == [citizen.pk]


def test_a_text_that_was_replaced_meanwhile_is_read_again(make):
    citizen = make.citizen()
    publish(make)

    with pytest.raises(RefusedError, match="changed while you read"):
        say(citizen, yes=True, version=1)

    assert not Consent.objects.exists()


def test_a_worker_with_a_relation_writes_down_what_is_said(make):
    worker = make.staff()
    citizen = make.citizen(worker=worker)

    given = say(citizen, yes=True, by=make.viewer(worker))

    assert (given.noted_by, given.answered_by) == (worker, None)
    assert AccessEvent.objects.filter(what="people.consent", basis="service:own").count() == 1


def test_nobody_answers_for_somebody_else(make):
    citizen, other = make.citizen(), make.citizen()

    for by in (make.viewer(make.staff()), make.viewer(make.staff("administrator")), own_viewer(other.person)):
        with pytest.raises(PermissionDenied):
            say(citizen, yes=True, by=by)
        assert standing_of(by, citizen, "nb") == []

    assert not Consent.objects.exists()


@pytest.mark.parametrize(("age", "decides"), [(11, True), (15, True), (16, False)])
def test_a_parent_answers_until_sixteen(make, age, decides):
    today = date(2026, 3, 1)
    details = make.details(birth_date=date(today.year - age, 3, 1))
    child, parent = make.citizen(details=details), make.citizen().person
    Guardianship.objects.create(citizen=child, guardian=parent, kind="parent", valid_from=date(2020, 1, 1))
    by = replace(own_viewer(parent), now=timezone.make_aware(timezone.datetime(2026, 3, 1, 12)))

    if decides:
        assert say(child, yes=True, by=by).answered_by == parent
    else:
        with pytest.raises(PermissionDenied):
            say(child, yes=True, by=by)


def test_a_no_lets_the_rooms_act_in_the_same_transaction(make, monkeypatch):
    monkeypatch.setattr(hooks, "_withdrawals", {})
    citizen, met = make.citizen(), []
    hooks.on_withdrawal(RESEARCH, lambda citizen, by: met.append(citizen))

    say(citizen, yes=True)
    assert met == []
    say(citizen, yes=False)
    assert met == [citizen]

    def breaks(citizen, by):
        raise RuntimeError

    say(citizen, yes=True)
    hooks.on_withdrawal(RESEARCH, breaks)
    with pytest.raises(RuntimeError):
        say(citizen, yes=False)
    assert agrees(citizen, RESEARCH)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"en": {"title": "A", "summary": "B", "body": "C"}}, "Bokmål"),
        ({"nb": {"title": "A", "summary": "", "body": "C"}}, "all three"),
        (
            {
                code: {"title": each.title, "summary": each.summary, "body": each.body}
                for code, each in shipped()["research"].wordings.items()
            },
            "Nothing is changed",
        ),
    ],
)
def test_a_text_that_cannot_be_published_says_why(make, body, sentence):
    with pytest.raises(RefusedError, match=sentence):
        publish(make, body=body)


def test_only_those_who_keep_the_texts_publish_them(make):
    viewer = make.viewer(make.staff())

    with pytest.raises(PermissionDenied):
        publish_consent_text(by=viewer, purpose=RESEARCH, body=NEW, asks_again=False, now=timezone.now())
    assert purpose_counts(viewer) == []
    assert earlier_versions(viewer, RESEARCH) == []


def test_counts_name_nobody_and_count_each_once(make):
    for yes in (True, True, False):
        say(make.citizen(), yes=yes)
    publish(make, asks_again=True)
    say(make.citizen(), yes=True)

    (research,) = [
        each
        for each in purpose_counts(make.viewer(make.staff("administrator")))
        if each.text.purpose == RESEARCH
    ]

    assert (research.yes, research.no, research.outdated) == (1, 1, 2)


def test_standing_costs_the_same_however_much_was_said(make, django_assert_num_queries):
    citizen = make.citizen()
    viewer = own_viewer(citizen.person)
    say(citizen, yes=True)
    viewer.forget()
    with django_assert_num_queries(4):
        standing_of(viewer, citizen, "nb")
    for purpose in ConsentPurpose:
        say(citizen, yes=True, purpose=purpose)
        say(citizen, yes=False, purpose=purpose)
    viewer.forget()

    with django_assert_num_queries(4):
        standing_of(viewer, citizen, "nb")


def test_an_answer_ends_after_it_began(make):
    citizen = make.citizen()
    first = say(citizen, yes=True)
    earlier = replace(own_viewer(citizen.person), now=first.answered_at - timedelta(seconds=1))

    say(citizen, yes=False, by=earlier)

    first.refresh_from_db()
    assert first.ended_at == first.answered_at
