"""The library as on the screen: the shelf, a document, what is downloaded, and writing."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from factories_library import add, put_in
from library_files import HTML, PDF, SVG, WITH_MACROS
from pages import read

from medvirk.library.logic import MOST_BYTES
from medvirk.library.models import Document, Version
from medvirk.ui.uploads import MOST_READ

SHELF, NEW = "/library/", "/library/new/"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def leader(make):
    return make.staff("team_leader", make.unit(parent=make.unit("Fjordvik", kind="municipality")))


@pytest.fixture
def unit(leader):
    return leader.grants.get().unit


@pytest.fixture
def office(leader, client_of):
    return client_of(leader)


@pytest.fixture
def public(make, unit):
    return put_in(
        make, unit, audience="everybody", title="Hvorfor vi spør", body="## Kort\n\nFordi **du** vet."
    )


def at(name: str, document, *more: object) -> str:
    return reverse(f"library:{name}", args=[document.pk, *more])


def filled_in(unit, **changes) -> dict[str, object]:
    return {
        "kind": "routine", "audience": "everybody", "unit": str(unit.pk), "tags": "", "language": "nb",
        "title": "Når noen sier det", "body": "Vi spør.", "valid_from": "2026-01-15", **changes,
    }  # fmt: skip


# reading


def test_an_empty_library_says_so(db):
    assert "Nothing here yet." in read(Client().get(SHELF)).text


def test_whoever_has_not_signed_in_finds_and_reads_what_is_for_everybody(make, unit, public):
    put_in(make, unit, title="Bare for oss")

    page = read(Client().get(SHELF))
    opened = read(Client().get(at("document", public)))

    assert "Hvorfor vi spør" in page.text
    assert "1 document" in page.text
    assert "Bare for oss" not in page.text
    assert "Fordi du vet." in opened.text
    assert opened.all("article", lang="nb", dir="ltr")
    assert "You look after" not in opened.text


def test_what_is_for_staff_does_not_exist_for_others(make, unit, client_of):
    secret = put_in(make, unit, content=PDF)
    paths = [
        at("document", secret),
        at("versions", secret),
        at("version", secret, secret.versions.get().pk),
        at("file", secret, secret.versions.get().pk),
    ]
    citizen = client_of(make.own_account(make.citizen().person))

    for client in (Client(), citizen, client_of(make.staff("partner"))):
        assert {client.get(path).status_code for path in paths} == {404}
    assert {client_of(make.staff()).get(path).status_code for path in paths} == {200}


def test_words_and_kind_are_looked_for_and_finding_nothing_says_what_to_do(make, unit, public):
    put_in(make, unit, audience="everybody", kind="report", title="Årsrapport")
    client = Client()

    assert "Årsrapport" not in read(client.get(SHELF, {"words": "SPØR"})).text
    assert "Hvorfor" not in read(client.get(SHELF, {"kind": "report"})).text
    nothing = read(client.get(SHELF, {"words": "finnes ikke"}))
    assert "Try fewer or other words" in nothing.text
    assert nothing.all("input", name="words", value="finnes ikke")
    assert client.get(SHELF, {"kind": "nonsense"}).status_code == 200


def test_what_was_looked_for_goes_on_to_the_next_page(make, unit):
    for _ in range(26):
        put_in(make, unit, audience="everybody")

    first = read(Client().get(SHELF, {"words": "veileder", "kind": "guide"}))
    (following,) = [has["href"] for has in first.all("a") if "page=2" in has.get("href", "")]

    assert following == "?words=veileder&kind=guide&page=2"
    assert read(Client().get(SHELF + following)).text.count("holds from") == 1


def test_an_older_version_has_a_word_on_it_and_leads_to_the_one_that_holds(make, public):
    old = public.versions.get()
    add(make, public, title="Ny", note="Kortere")

    page = read(Client().get(at("version", public, old.pk)))

    assert "This is an older version" in page.text
    assert "Fordi du vet." in page.text
    leads = [has["href"] for has in page.all("a") if "?language=" in has.get("href", "")]
    assert leads == [f"{at('document', public)}?language=nb"]
    assert "older version" not in read(Client().get(leads[0])).text
    history = read(Client().get(at("versions", public))).text
    assert history.index("Kortere") < history.index("The first version.")


def test_another_language_is_one_step_away_and_written_its_own_way(make, public):
    add(make, public, language="ar", title="لماذا نسأل", body="لأنك تعرف")

    page = read(Client().get(at("document", public)))
    arabic = read(Client().get(at("document", public), {"language": "ar"}))

    assert "This is the nearest." in page.text
    assert "العربية" in page.text
    assert arabic.all("article", lang="ar", dir="rtl")
    assert "This is the nearest." not in arabic.text


def test_what_is_typed_becomes_no_markup(make, unit):
    text = "<script>alert(1)</script> [a](javascript:alert(1)) ![x](https://evil.example/x.png) <img src=x onerror=y>"
    document = put_in(make, unit, audience="everybody", title="<b>fet</b>", body=text)

    page = read(Client().get(at("document", document)))

    assert page.inline == []
    assert page.all("b") == []
    assert [has for has in page.all("img") if "evil" in has["src"]] == []


def test_a_citizen_and_a_worker_have_it_in_their_menu(make, client_of):
    citizen = client_of(make.own_account(make.citizen().person))

    for client in (citizen, client_of(make.staff())):
        # The page's own entry in the menu is marked; the link at the foot is not.
        assert [has["href"] for has in read(client.get(SHELF)).all("a") if "aria-current" in has] == [SHELF]


# files


def test_a_file_is_downloaded_and_never_shown(make, unit):
    document = put_in(make, unit, audience="everybody", title='Råd "æ"/../\r\nX: 1', content=PDF)
    response = Client().get(at("file", document, document.versions.get().pk))

    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "\n" not in disposition
    assert ".pdf" in disposition
    assert "PDF, 54" in read(Client().get(at("document", document))).text.replace("\xa0", " ")


def test_a_page_has_no_file(public):
    assert Client().get(at("file", public, public.versions.get().pk)).status_code == 404


# writing


def test_a_leader_puts_in_a_page(office, unit, leader):
    response = office.post(NEW, filled_in(unit, tags="Signal"), follow=True)

    assert "It is in the library." in read(response).text
    version = Version.objects.get()
    assert (version.title, version.made_by, version.document.tags) == ("Når noen sier det", leader, "signal")


def test_a_leader_puts_in_a_file_and_everybody_can_have_it(office, unit):
    file = SimpleUploadedFile("../x.html", PDF, content_type="text/html")
    office.post(NEW, filled_in(unit, body="", file=file))

    version = Version.objects.get()
    assert (version.file_type, version.file_size) == ("pdf", len(PDF))
    response = Client().get(at("file", version.document, version.pk))
    assert b"".join(response.streaming_content) == PDF


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HTML, "This kind of file is not taken."),
        (SVG, "This kind of file is not taken."),
        (WITH_MACROS, "The file holds macros"),
        (PDF + b"x" * MOST_BYTES, "at most 10 MB are taken"),
    ],
)
def test_a_file_that_is_not_taken_says_why(office, unit, content, says):
    file = SimpleUploadedFile("a.pdf", content, content_type="application/pdf")
    page = read(office.post(NEW, filled_in(unit, body="", file=file)))

    assert says in page.text
    assert not Document.objects.exists()
    assert page.all("input", name="title", value="Når noen sier det")


def test_far_too_much_is_not_even_read(office, unit):
    body = b"x" * 100
    response = office.generic(
        "POST",
        NEW,
        body,
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(MOST_READ * MOST_BYTES + 1),
    )

    assert response.status_code == 413


def test_files_are_taken_nowhere_else_and_of_nobody_else(make, leader, unit, public, settings):
    def send(staff, path) -> int:
        # As a browser is met: the token of the form is read before anybody asks who it is.
        client = Client(enforce_csrf_checks=True)
        client.cookies[settings.CSRF_COOKIE_NAME] = token = "x" * 32
        if staff is not None:
            client.force_login(staff.user, backend="medvirk.people.signin.SignInNameBackend")
        sent = filled_in(unit, body="", file=SimpleUploadedFile("a.pdf", PDF), csrfmiddlewaretoken=token)
        return client.post(path, sent).status_code

    assert send(leader, NEW) == 302
    assert send(leader, at("edit", public)) == 413
    assert send(leader, reverse("messages:inbox")) == 413
    assert send(make.staff(), NEW) == 413
    assert send(None, NEW) == 413
    assert send(None, SHELF) == 413


def test_a_new_version_begins_with_what_is_there(office, public):
    path = at("new_version", public)
    page = read(office.get(path))
    assert "Fordi **du** vet." in page.text

    refused = read(
        office.post(path, {"language": "nb", "title": "Nytt", "body": "Nytt", "valid_from": "2026-01-15"})
    )
    assert "Say what is changed" in refused.text
    assert public.versions.count() == 1

    office.post(
        path,
        {"language": "nb", "title": "Nytt", "body": "Nytt", "valid_from": "2026-01-15", "note": "Kortere"},
    )
    assert "Nytt" in read(Client().get(at("document", public))).text


def test_a_planned_version_is_shown_to_the_leader_alone(make, office, public):
    planned = add(make, public, title="Kommer", valid_from=timezone.localdate() + DAY)

    assert "not in force yet" in read(office.get(at("versions", public))).text
    assert "Until then only those" in read(office.get(at("version", public, planned.pk))).text
    assert "not in force yet" not in read(Client().get(at("versions", public))).text
    assert Client().get(at("version", public, planned.pk)).status_code == 404


def test_taking_out_of_use_and_back(office, public):
    office.post(at("retire", public))
    assert Client().get(at("document", public)).status_code == 404
    assert "Hvorfor" not in read(office.get(SHELF)).text
    assert "Hvorfor" in read(office.get(SHELF, {"show": "retired"})).text
    assert "No longer in use since" in read(office.get(at("document", public))).text

    office.post(at("retire", public), {"restore": "1"})
    assert Client().get(at("document", public)).status_code == 200


def test_about_the_document_is_changed(office, public, unit):
    path = at("edit", public)
    assert read(office.get(path)).all("input", name="audience", value="everybody", checked="")

    office.post(path, {"kind": "brochure", "audience": "unit", "unit": str(unit.pk), "tags": "a"})

    assert Client().get(at("document", public)).status_code == 404


def test_a_leader_elsewhere_reads_and_changes_nothing(make, public, client_of):
    elsewhere = client_of(make.staff("team_leader", make.unit(parent=make.unit())))

    assert elsewhere.get(at("document", public)).status_code == 200
    for name in ("edit", "new_version", "retire"):
        assert elsewhere.post(at(name, public)).status_code == 403
    assert not Document.objects.get().retired_at


def test_a_leader_puts_nothing_into_somebody_elses_unit(make, office):
    page = read(office.post(NEW, filled_in(make.unit())))

    assert "Something needs a second look." in page.text
    assert not Document.objects.exists()
