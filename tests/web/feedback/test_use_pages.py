"""The use of feedback on its page: for whom, of which unit, with how few, and what the leader notes."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories_feedback import marks
from pages import read

from medvirk.feedback.logic.use import months_until
from medvirk.feedback.models import UseNote
from medvirk.people.models import AccessEvent

PAGE = "feedback:use"


@pytest.fixture
def leader(care, make, client_of) -> Client:
    return client_of(make.staff("team_leader", care.unit))


def of_unit(unit, name="use_of_unit", *more) -> str:
    return reverse(f"feedback:{name}", args=[unit.pk, *more])


def noon(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@pytest.fixture
def ten_months(care) -> list:
    """Five conversations a month, of which most were answered."""
    months = months_until(care.viewer.today, 10)
    episode = care.episode()
    for at, month in enumerate(months):
        for number in range(5):
            when = noon(month + timedelta(days=2 + 4 * number))
            session = care.session(episode, at=when)
            if number <= 3 - at % 2:
                care.send(care.way_in(session.asks("before")), marks("life-now", 20), now=when)
    return months


def test_only_those_who_may_see_figures_see_the_page(care, make, client_of):
    assert client_of(care.worker).get(reverse(PAGE)).status_code == 403
    elsewhere = client_of(make.staff("manager", make.unit("Team Vest")))
    assert elsewhere.get(of_unit(care.unit)).status_code == 404
    assert elsewhere.get(reverse(PAGE)).status_code == 200


def test_one_chooses_among_ones_own_units_only(care, make, client_of):
    above = make.unit("Helse")
    care.unit.parent = above
    care.unit.save()
    make.unit("Team Vest")
    page = client_of(make.staff("manager", above)).get(reverse(PAGE)).content.decode()
    assert of_unit(above) in page
    assert of_unit(care.unit) in page
    assert "Team Vest" not in page


def test_without_answers_it_says_so_and_shows_no_number(leader, care):
    page = read(leader.get(of_unit(care.unit)))
    assert "For få til å vises" in page.text
    assert "%" not in page.text
    assert not page.all("svg")


def test_fewer_than_five_are_not_shown(leader, care):
    month = months_until(care.viewer.today, 1)[0]
    for number in range(4):
        care.held(care.episode(), noon(month + timedelta(days=number)), life=20)
    page = read(leader.get(of_unit(care.unit)))
    assert "%" not in page.text


def test_every_share_has_its_n_and_the_chart_is_there_twice(leader, care, ten_months):
    response = leader.get(of_unit(care.unit))
    page = read(response)
    assert len(page.all("svg")) == 2, "the form after it was never answered, but could have been"
    forms = {form["key"]: form for form in response.context["forms"]}
    assert "(35 av 50; mellom" in " ".join(forms["before"]["words"])
    assert forms["after"]["rows"][0]["tally"] is None


def test_the_leader_notes_what_changed_and_says_whether_months_are_compared_anew(leader, care, ten_months):
    path, month = of_unit(care.unit, "use_note"), ten_months[5]
    page = read(leader.post(path, {"month": month.isoformat(), "words": "Opplæring i å spørre"}, follow=True))
    assert "Opplæring i å spørre" in page.text
    before = forms_of(leader, care)["wide"]

    leader.post(path, {"month": month.isoformat(), "words": "Nytt skjema", "new_limits": "on"})

    note = UseNote.objects.get()
    assert (note.words, note.new_limits, note.month) == ("Nytt skjema", True, month)
    assert forms_of(leader, care)["wide"] != before, "limits begin anew"
    assert AccessEvent.objects.filter(what="feedback.use").count() == 2
    leader.post(of_unit(care.unit, "use_note_remove", note.pk))
    assert not UseNote.objects.exists()


def forms_of(client, care) -> dict:
    return client.get(of_unit(care.unit)).context["forms"][0]


def test_a_note_needs_words_and_a_month_that_is_shown(leader, care):
    for sent in ({"month": "2019-01-01", "words": "Før"}, {"month": "", "words": ""}):
        response = leader.post(of_unit(care.unit, "use_note"), sent)
        assert response.status_code == 422
    assert not UseNote.objects.exists()


def test_only_who_leads_the_unit_notes_anything(care, make, client_of):
    note = of_unit(care.unit, "use_note")
    manager = client_of(make.staff("manager", care.unit))
    assert manager.post(note, {}).status_code == 403
    assert f'action="{note}"' not in manager.get(of_unit(care.unit)).content.decode()
    leads = client_of(make.staff("team_leader", care.unit))
    assert f'action="{note}"' in leads.get(of_unit(care.unit)).content.decode()
    elsewhere = client_of(make.staff("team_leader", make.unit("Team Vest")))
    assert elsewhere.post(of_unit(care.unit, "use_note"), {}).status_code == 404
