"""A notice of another room reaches each person: on the page Messages, and by e-mail where an address is known."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from medvirk.messages.models import Message, State
from medvirk.messages.models import Notice as Row
from medvirk.messages.notices import path_of
from medvirk.messages.queries import unread
from medvirk.messages.tasks import deliver_due
from medvirk.people import hooks
from medvirk.people.hooks import Notice, NoticeKind, give_notice, notice_kind, register_notice_kind
from medvirk.people.models import Person

EMERGENCY = "people.emergency_access"


@pytest.fixture
def kind(monkeypatch):
    monkeypatch.setattr(hooks, "_kinds", dict(hooks._kinds))
    register_notice_kind(NoticeKind("test.kind", _("Messages"), "%(unit)s has %(n)s", "people:find"))
    return "test.kind"


def staff(make, email="leder@fjordvik.test", language="nb"):
    made = make.staff("team_leader", details=make.details(email=email))
    Person.objects.filter(pk=made.person_id).update(language=language)
    return made


def letters() -> list[Message]:
    return list(Message.objects.order_by("created_at"))


def test_the_emergency_notice_names_nobody_and_leads_to_a_page(make, server):
    leader = staff(make)

    give_notice(Notice(EMERGENCY, {leader.person_id}, once="emergency:1"))
    deliver_due(Row.objects.get().created_at)

    (letter,) = server.stored
    text = letter.get_content()
    assert letter["To"] == "leder@fjordvik.test"
    assert "https://medvirk.fjordvik.test" + path_of(notice_kind(EMERGENCY)) in text
    assert leader.person.given_name not in text + letter["Subject"]
    assert Row.objects.get().recipient_id == leader.person_id
    assert Message.objects.get().state == State.SENT


def test_each_is_told_in_their_own_language(make, kind):
    people = [staff(make, language=language) for language in ("nb", "nn", "en")]

    give_notice(Notice(kind, [each.person_id for each in people], {"unit": "Team Nord", "n": "2"}))

    found = {letter.recipient.language: letter for letter in letters()}
    assert {language: letter.subject for language, letter in found.items()} == {
        "nb": "Meldinger",
        "nn": "Meldingar",
        "en": "Messages",
    }
    assert all(letter.body.startswith("Team Nord has 2\n\n") for letter in found.values())
    assert "kan ikkje svarast på" in found["nn"].body


@pytest.mark.parametrize("email", ["", "no address"])
def test_without_an_address_the_notice_stays_in_the_house(make, email):
    leader = staff(make, email="")
    Person.objects.filter(pk=leader.person_id).update(email=email)

    give_notice(Notice(EMERGENCY, [leader.person_id]))

    assert letters() == []
    assert unread(make.viewer(leader)) == 1


def test_the_same_thing_is_told_once(make):
    leader = staff(make)
    for _attempt in range(2):
        give_notice(Notice(EMERGENCY, [leader.person_id], once="emergency:1"))
    give_notice(Notice(EMERGENCY, [leader.person_id], once="emergency:2"))

    assert Row.objects.count() == Message.objects.count() == 2


def test_without_a_key_of_its_own_each_is_told(make):
    leader = staff(make)
    for _attempt in range(2):
        give_notice(Notice(EMERGENCY, [leader.person_id]))

    assert Row.objects.count() == 2


def test_nobody_is_told_of_what_was_rolled_back(make):
    leader = staff(make)
    with transaction.atomic():
        give_notice(Notice(EMERGENCY, [leader.person_id]))
        transaction.set_rollback(True)

    assert (Row.objects.count(), Message.objects.count()) == (0, 0)


def test_a_kind_that_nobody_has_registered_and_a_missing_fact_are_faults(make, kind):
    leader = staff(make)

    with pytest.raises(LookupError, match=r"test\.unknown"):
        give_notice(Notice("test.unknown", [leader.person_id]))
    with pytest.raises(KeyError), transaction.atomic():
        give_notice(Notice(kind, [leader.person_id], {"unit": "Team Nord"}))
    assert Row.objects.count() == 0


def test_a_page_that_is_gone_becomes_the_start_page():
    assert path_of(NoticeKind("test.gone", "s", "t", "nowhere:at_all")) == "/"


def test_telling_many_costs_no_more_queries_than_telling_one(make, django_assert_num_queries):
    people = [staff(make).person_id for _ in range(5)]
    for ids in (people[:1], people[1:]):
        with django_assert_num_queries(5):
            give_notice(Notice(EMERGENCY, ids))
