"""The page Messages, and the page on operation, as on the screen."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages import read

from medvirk.messages.actions import NewMessage, queue
from medvirk.messages.models import DutyState, Message, State
from medvirk.messages.models import Notice as Row
from medvirk.people.duties import duties
from medvirk.people.hooks import Notice, give_notice

INBOX, OPERATION = "/messages/", "/messages/operation/"
ADDRESS = "hemmelig.adresse@example.test"


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def leader(make):
    return make.staff("team_leader")


@pytest.fixture
def browser(leader, client_of):
    return client_of(leader)


def tell(staff, times=1) -> None:
    for _ in range(times):
        give_notice(Notice("people.emergency_access", [staff.person_id]))


def queries(client, path) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


# the page Messages


def test_nothing_yet_is_said(browser):
    page = read(browser.get(INBOX))

    assert "No messages yet" in page.text
    assert "Mark all as read" not in page.text


def test_notices_stand_newest_first_with_what_is_new(browser, leader):
    tell(leader, 2)
    old, new = Row.objects.order_by("created_at")
    Row.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=3), read_at=timezone.now()
    )

    page = read(browser.get(INBOX))

    assert "1 message is new." in page.text
    assert [has["value"] for has in page.all("input", name="notice")] == [str(new.pk), str(old.pk)]
    assert page.text.count("Somebody used emergency access in your unit.") == 2


def test_opening_one_marks_it_and_leads_on(browser, leader):
    tell(leader, 2)
    first, second = Row.objects.order_by("created_at")

    response = browser.post(INBOX, {"notice": str(first.pk)})

    assert response.status_code == 302
    assert response.url != INBOX
    first.refresh_from_db(), second.refresh_from_db()
    assert first.read_at is not None
    assert second.read_at is None
    read_at = first.read_at
    browser.post(INBOX, {"notice": str(first.pk)})
    first.refresh_from_db()
    assert first.read_at == read_at


def test_looking_marks_nothing(browser, leader):
    tell(leader)
    browser.get(INBOX)

    assert Row.objects.get().read_at is None


def test_all_can_be_marked_at_once(browser, leader):
    tell(leader, 3)

    assert browser.post(INBOX).url == INBOX
    assert "You have read them all." in read(browser.get(INBOX)).text


def test_somebody_elses_notice_does_not_exist(browser, make):
    other = make.staff("team_leader")
    tell(other)
    notice = Row.objects.get()

    assert browser.post(INBOX, {"notice": str(notice.pk)}).status_code == 404
    assert browser.post(INBOX, {"notice": "nonsense"}).status_code == 404
    assert "emergency" not in read(browser.get(INBOX)).text
    browser.post(INBOX)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_a_notice_whose_kind_is_gone_can_still_be_read(browser, leader):
    tell(leader)
    Row.objects.update(kind="room.gone")
    notice = Row.objects.get()

    assert "An earlier message" in read(browser.get(INBOX)).text
    assert browser.post(INBOX, {"notice": str(notice.pk)}).url == INBOX


def test_old_ones_stand_on_the_next_page(browser, leader):
    tell(leader, 26)

    assert len(read(browser.get(INBOX)).all("input", name="notice")) == 25
    assert len(read(browser.get(INBOX, {"page": "2"})).all("input", name="notice")) == 1
    assert browser.get(INBOX, {"page": "nonsense"}).status_code == 200


def test_the_page_costs_the_same_for_one_and_for_three(browser, leader):
    tell(leader)
    one = queries(browser, INBOX)
    tell(leader, 2)

    assert queries(browser, INBOX) == one


def test_what_is_new_stands_where_the_day_begins(make, client_of):
    worker = make.staff("practitioner")
    client = client_of(worker)
    path = reverse("feedback:my_citizens")
    assert "new message" not in read(client.get(path)).text
    tell(worker, 2)

    assert "2 new messages" in read(client.get(path)).text
    client.post(INBOX)
    assert "new message" not in read(client.get(path)).text


# operation


@pytest.fixture
def chief(make):
    return make.staff("administrator")


@pytest.fixture
def office(chief, client_of):
    return client_of(chief)


def fail(chief, number: int, reason: str = "smtp 550") -> None:
    new = NewMessage(
        chief.person_id, "email", "people.emergency_access", ADDRESS, "Emnet", "Brødteksten", str(number)
    )
    queue(messages=[new], now=timezone.now())
    Message.objects.filter(once_key=str(number)).update(state=State.FAILED, attempts=2, last_error=reason)


def test_what_was_given_up_stands_with_its_reason_and_without_its_content(office, chief):
    fail(chief, 1)
    response = office.get(OPERATION)
    page = read(response)

    assert "Emergency access was used in your unit" in page.text
    assert "The mail server refused it (answer 550)." in page.text
    assert "tried 2 times" in page.text
    for secret in (ADDRESS, "Emnet", "Brødteksten"):
        assert secret not in response.content.decode()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("smtp 451", "asked us to wait (answer 451)"),
        ("sender 550", "does not accept our sender address (answer 550)"),
        ("tls", "certificate could not be verified"),
        ("sign in", "did not accept our sign-in"),
        ("connection", "could not be reached"),
        ("RuntimeError", "a reason of ours (RuntimeError)"),
    ],
)
def test_each_reason_is_put_into_words(office, chief, reason, words):
    fail(chief, 1, reason)

    assert words in read(office.get(OPERATION)).text


def test_what_waits_after_an_attempt_says_why(office, chief):
    fail(chief, 1, "connection")
    Message.objects.update(state=State.WAITING)

    assert "Waiting, by e-mail: The mail server could not be reached" in read(office.get(OPERATION)).text


def test_one_or_all_can_be_tried_again(office, chief):
    for number in range(3):
        fail(chief, number)
    first = Message.objects.get(once_key="0")

    office.post(OPERATION, {"message": str(first.pk)})
    assert sorted(Message.objects.values_list("state", flat=True)) == ["failed", "failed", "waiting"]
    assert "2 messages will be tried again." in read(office.post(OPERATION, follow=True)).text
    assert set(Message.objects.values_list("state", flat=True)) == {"waiting"}
    assert office.post(OPERATION, {"message": "nonsense"}).status_code == 404


def test_states_are_counted_over_thirty_days_but_what_waits_always(office, chief):
    for number in range(3):
        fail(chief, number)
    long_ago = timezone.now() - timedelta(days=31)
    Message.objects.filter(once_key="0").update(created_at=long_ago, state=State.WAITING)
    Message.objects.filter(once_key="1").update(created_at=long_ago)

    page = read(office.get(OPERATION))

    assert "waiting to be sent1" in page.text.replace(" 1", "1")
    assert "given up1" in page.text.replace(" 1", "1")


@pytest.mark.parametrize(
    ("host", "demo", "words"),
    [
        ("", False, "set MEDVIRK_SMTP and start"),
        ("", True, "written to files in the folder"),
        ("mail.test", False, None),
    ],
)
def test_that_nothing_is_sent_without_a_mail_server_is_said(office, settings, host, demo, words):
    settings.EMAIL_HOST, settings.DEMO = host, demo

    page = read(office.get(OPERATION))

    assert ("no mail server is set up" in page.text) == (words is not None)
    assert words is None or words in page.text


def test_a_worker_that_does_not_run_is_said(office):
    now = timezone.now()
    warning = "No worker is running."
    assert warning in read(office.get(OPERATION)).text

    DutyState.objects.create(name="messages.deliver", due_at=now, started_at=now, done_at=now)
    page = read(office.get(OPERATION))
    assert warning not in page.text
    assert "Sends messages" in page.text

    DutyState.objects.update(started_at=now - timedelta(minutes=11))
    assert warning in read(office.get(OPERATION)).text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_recurring_work_is_called_by_what_it_does(office, language):
    page = read(office.get(OPERATION, headers={"accept-language": language}))
    with translation.override(language):
        labels = [str(duty.label) for duty in duties()]

    assert len(labels) >= 9
    assert len(set(labels)) == len(labels)
    for duty, label in zip(duties(), labels, strict=True):
        assert label[:1].upper() + label[1:] in page.text
        assert duty.name not in page.text
        if language != "en":
            with translation.override("en"):
                assert str(duty.label) != label, f"{duty.name} has no words in {language}"


def test_work_that_fails_says_so(office):
    now = timezone.now()
    DutyState.objects.create(
        name="feedback.norms", due_at=now, started_at=now, failures=3, last_error="KeyError"
    )

    assert "failed 3 times in a row (KeyError)" in read(office.get(OPERATION)).text


def test_the_page_on_operation_costs_the_same_for_one_and_for_three(office, chief):
    fail(chief, 0)
    one = queries(office, OPERATION)
    fail(chief, 1), fail(chief, 2)

    assert queries(office, OPERATION) == one


def test_only_an_administrator_sees_operation(browser):
    assert browser.get(OPERATION).status_code == 403
    assert browser.post(OPERATION).status_code == 403
