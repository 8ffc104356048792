"""The public page on privacy, and the documents for those who answer for it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pages import read

from medvirk.answers.models import OrganisationText
from medvirk.people.access import PERMISSIONS, Permission
from medvirk.people.models import AccessEvent, Role, Unit

pytestmark = pytest.mark.django_db
NOTICE = "/privacy/"


def test_anybody_reads_what_holds_here(make):
    OrganisationText.objects.create(key="privacy", body={"nb": "Vår **egen** tekst"})
    Unit.objects.create(name="Fjordvik & Nes", kind="municipality", valid_from=make.long_ago)

    response = Client().get(NOTICE)

    page = read(response)
    assert "Vår egen tekst" in page.text
    assert "Fjordvik & Nes er ansvarlig" in page.text
    assert "Datatilsynet" in page.text
    assert response.content.count(b"<h1") == 1
    assert not AccessEvent.objects.exists()


def test_the_page_says_how_to_reach_the_data_protection_officer(settings):
    settings.PRIVACY_CONTACT = ""
    assert "Sentralbordet" in read(Client().get(NOTICE)).text

    settings.PRIVACY_CONTACT = "personvern@fjordvik.example & <skranken>"
    page = read(Client().get(NOTICE)).text
    assert "personvern@fjordvik.example & <skranken>" in page
    assert "Sentralbordet" not in page
    assert "må bekrefte dem" in page


def test_it_is_linked_from_every_page_and_before_answering(make, client_of, care):
    staff = make.staff("administrator")
    pages = [Client().get(reverse("account_login")), client_of(staff).get(reverse("people:units"))]
    pages.append(Client().get(reverse("answers:answer", args=[care.link(care.session().asks("before"))])))

    for response in pages:
        assert f'href="{NOTICE}"'.encode() in response.content


def test_the_public_page_asks_little_of_the_database(make, django_assert_max_num_queries):
    Client().get(NOTICE)

    with django_assert_max_num_queries(6):
        Client().get(NOTICE)


@pytest.mark.parametrize("role", Role)
def test_documents_are_for_those_who_answer_for_them(make, client_of, role):
    client = client_of(make.staff(role))
    may = Permission.MANAGE_RETENTION in PERMISSIONS[role]

    for path in ("/privacy/documents/", "/privacy/documents/record/", "/privacy/documents/dpia/md/"):
        assert client.get(path).status_code == (200 if may else 403)


@pytest.mark.parametrize(
    ("kind", "start"), [("pdf", b"%PDF-"), ("md", b"# Record"), ("html", b"<!doctype html>")]
)
def test_a_document_is_fetched_in_the_language_of_the_page(make, client_of, kind, start):
    client = client_of(make.staff("administrator"))

    response = client.get(f"/privacy/documents/record/{kind}/", headers={"accept-language": "en"})

    assert response.content.startswith(start)
    assert response["Content-Disposition"].startswith('attachment; filename="record-20')


@pytest.mark.parametrize("path", ["other/", "other/pdf/", "record/exe/"])
def test_what_there_is_not_is_not_found(make, client_of, path):
    assert client_of(make.staff("administrator")).get(f"/privacy/documents/{path}").status_code == 404


def test_the_page_says_what_is_missing_and_what_to_do(make, client_of):
    page = read(client_of(make.staff("administrator")).get("/privacy/documents/"))

    assert "Kommunens navn er ikke registrert." in page.text
    assert "Kjør medvirk backup hver natt" in page.text.replace("`", "")


def test_reading_changes_nothing(make, client_of):
    client = client_of(make.staff("administrator"))

    assert client.post("/privacy/documents/record/pdf/").status_code == 405
    client.get("/privacy/documents/record/pdf/")
    assert not AccessEvent.objects.exists()
