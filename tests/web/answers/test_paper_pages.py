"""Printing and typing in a paper, as a worker meets it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from medvirk.answers.models import AnswerLink, PaperEntry, PaperForm, Submission
from medvirk.answers.paper.views import REFUSALS
from medvirk.people.models import Relation

FULL = {f"this-meeting.q{number}": "8" for number in range(1, 6)}


@pytest.fixture
def occasion(care):
    return care.session().asks("after")


@pytest.fixture
def worker(care, client_of):
    return client_of(care.worker)


def place(occasion) -> str:
    return reverse("answers:paper", args=[occasion.pk])


def first(worker, occasion, **changes):
    sent = {"step": "first", "filled_on": f"{timezone.localdate()}", **FULL, **changes}
    return worker.post(place(occasion), sent)


def test_the_form_is_printed_without_a_link_to_answer_by(worker, occasion):
    response = worker.post(reverse("answers:print_paper", args=[occasion.pk]))

    assert response["Content-Type"] == "application/pdf"
    assert response["Cache-Control"] == "no-store"
    assert response.content.startswith(b"%PDF")
    assert PaperForm.objects.get().occasion == occasion
    assert not AnswerLink.objects.exists()


def test_who_scans_the_code_without_being_signed_in_meets_the_sign_in(client, occasion):
    response = client.get(place(occasion))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


def test_the_code_leads_those_who_follow_the_citizen_to_the_paper_and_others_nowhere(
    care, client_of, worker, occasion
):
    worker.post(reverse("answers:print_paper", args=[occasion.pk]))
    typed = {"code": PaperForm.objects.get().code.lower()}

    assert worker.post(reverse("answers:find_paper"), typed).url == place(occasion)
    stranger = client_of(care.make.staff("practitioner"))
    told = stranger.post(reverse("answers:find_paper"), typed)
    nobodys = stranger.post(reverse("answers:find_paper"), {"code": "AAAAAA"})
    assert told.status_code == nobodys.status_code == 422
    assert told.context["form"].errors == nobodys.context["form"].errors
    assert stranger.get(place(occasion)).status_code == 404


def test_a_paper_is_typed_twice_and_stored(worker, occasion):
    assert first(worker, occasion, own_words="Takk").status_code == 302
    page = worker.get(place(occasion)).content.decode()
    assert 'value="8"' not in page
    assert "Takk" in page

    worker.post(place(occasion), {"step": "again", **FULL})

    assert Submission.objects.get().channel == "paper"
    assert "Takk" not in worker.get(place(occasion)).content.decode()


def test_differences_stand_side_by_side_and_are_settled(worker, occasion):
    first(worker, occasion)
    worker.post(place(occasion), {"step": "again", **FULL, "this-meeting.q2": "-"})
    page = worker.get(place(occasion))
    assert [(each.first, each.second) for each in page.context["differences"]] == [("8", "ikke svar")]
    assert not Submission.objects.exists()

    worker.post(place(occasion), {"step": "settle"})
    assert not Submission.objects.exists()
    worker.post(place(occasion), {"step": "settle", "this-meeting.q2": "second"})

    assert "q2" not in Submission.objects.get().answers.get().values


def test_settling_without_a_second_typing_stores_nothing(care, client_of, worker, occasion):
    first(worker, occasion)
    told = worker.post(place(occasion), {"step": "settle"}, follow=True)
    assert [str(each) for each in told.context["messages"]] == [REFUSALS["not_open"]]
    assert not Submission.objects.exists()
    worker.post(place(occasion), {"step": "again", **FULL, "this-meeting.q2": "-"})
    # A colleague begins anew while the page with the differences is still open.
    colleague = care.make.staff("practitioner", care.unit)
    Relation.objects.create(citizen=occasion.about, staff=colleague, valid_from=care.make.long_ago)
    other = client_of(colleague)
    other.post(place(occasion), {"step": "anew"})
    first(other, occasion, **{"this-meeting.q3": "1"})

    told = worker.post(place(occasion), {"step": "settle", "this-meeting.q2": "second"}, follow=True)

    assert not Submission.objects.exists()
    assert [str(each) for each in told.context["messages"]] == [REFUSALS["not_open"]]


@pytest.mark.parametrize(
    "changes",
    [{"this-meeting.q1": ""}, {"this-meeting.q1": "12"}, {"filled_on": "2099-01-01"}, {"filled_on": "2001-01-01"},
     dict.fromkeys(FULL, "-")],
)  # fmt: skip
def test_what_cannot_be_is_told_and_nothing_is_kept(worker, occasion, changes):
    response = first(worker, occasion, **changes)

    assert response.status_code == 422
    assert not PaperEntry.objects.exists()


def test_it_is_taken_back_and_typed_anew(worker, occasion):
    first(worker, occasion)
    worker.post(place(occasion), {"step": "again", **FULL})

    worker.post(place(occasion), {"step": "undo"})

    assert not Submission.objects.exists()
    assert "<details" in worker.get(place(occasion)).content.decode()
    first(worker, occasion)
    worker.post(place(occasion), {"step": "anew"})
    assert [each.typed for each in PaperEntry.objects.all()] == [""]


def test_a_note_says_later_what_was_wrong(worker, occasion):
    first(worker, occasion)
    worker.post(place(occasion), {"step": "again", **FULL})

    worker.post(place(occasion), {"step": "correct", "words": "Linje 3 er 2"})

    assert "Linje 3 er 2" in worker.get(place(occasion)).content.decode()
    assert Submission.objects.count() == 1
