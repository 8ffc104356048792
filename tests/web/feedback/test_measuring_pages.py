"""The pages that say how well the questionnaires measure: what they tell, and what they keep to themselves."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from factories_feedback import DAY, marks
from pages import read

from medvirk.answers.models import Answer, Submission
from medvirk.feedback.measuring import month_start
from medvirk.instruments.loader import get

PAGE = reverse("feedback:measuring_page", args=["life-now", 1])
LIST = reverse("feedback:measuring_list")


@pytest.fixture
def leader(make, client_of) -> Client:
    return client_of(make.staff("team_leader"))


@pytest.fixture
def answered(care):
    """`answered(n)`: so many people answered Life now last month, with words of their own."""

    def answer(people: int) -> None:
        before = month_start(care.now) - 3 * DAY
        for at in range(people):
            occasion = care.session(at=before).asks("before")
            care.send(
                care.way_in(occasion),
                marks("life-now", 10 + 3 * at) | {"life-now.q1": str(at % 7), "life-now.q2": str(at % 5)},
                own_words=f"Hemmelig {at}",
                now=before,
                client_id=uuid.uuid4(),
            )

    return answer


def test_below_ten_people_the_pages_say_so_and_give_no_number(leader, answered):
    answered(9)

    page, listed = read(leader.get(PAGE)), read(leader.get(LIST))

    assert "færre enn 10 personer" in page.text
    assert "færre enn 10 personer" in listed.text
    assert not page.all("table")
    assert "9 personer" not in page.text + listed.text


def test_with_ten_people_every_criterion_and_number_is_there_with_its_n(leader, answered):
    answered(10)

    page = read(leader.get(PAGE))

    assert len(page.all("table")) == 3
    assert page.text.count("n = 10") >= 15
    assert "for få til å vises" in page.text  # the retest, of nobody
    assert "vet vi ikke ennå" in page.text
    assert "ikke validert" in page.text
    assert "prøvd ut her" not in page.text


def test_every_question_stands_in_its_own_words(leader, answered):
    answered(10)

    page = read(leader.get(PAGE))

    for words in get("life-now", 1).wordings["nb"].items.values():
        assert words.text in page.text


def test_nobody_can_be_recognised(leader, answered):
    answered(10)

    shown = leader.get(PAGE).content.decode() + leader.get(LIST).content.decode()

    assert "Hemmelig" not in shown
    for submission in Submission.objects.select_related("occasion__about__person"):
        assert submission.occasion.about.person.family_name not in shown


def test_published_instruments_say_that_they_are(leader, answered):
    answered(1)
    Answer.objects.update(instrument_key="phq-9", instrument_version=1)

    assert "validert i publiserte studier" in read(leader.get(LIST)).text


def test_a_house_without_answers(leader):
    assert "Ingenting å vise ennå" in read(leader.get(LIST)).text
    assert "For få så langt" in read(leader.get(PAGE)).text


def test_an_instrument_that_is_not_there_is_not_found(leader):
    for key, version in (("nothing", 1), ("life-now", 7), ("safety", 1)):
        assert leader.get(reverse("feedback:measuring_page", args=[key, version])).status_code == 404


@pytest.mark.parametrize(("language", "words"), [("nn", "Kva vi krev"), ("en", "What we ask of")])
def test_in_the_other_languages(leader, answered, language, words):
    answered(10)
    leader.post(reverse("set_language"), {"language": language})

    assert words in read(leader.get(PAGE)).text


def test_the_menu_leads_there_for_those_who_may(leader, care, client_of):
    assert read(leader.get(reverse("feedback:my_citizens"))).all("a", href=LIST)
    assert not read(client_of(care.worker).get(reverse("feedback:my_citizens"))).all("a", href=LIST)


def test_each_page_takes_at_most_twelve_queries(leader, answered, django_assert_max_num_queries):
    answered(12)
    for path in (PAGE, LIST):
        with django_assert_max_num_queries(12):
            leader.get(path)
