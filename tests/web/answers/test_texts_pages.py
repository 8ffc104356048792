"""The pages on which an administrator writes the municipality's own texts."""

from __future__ import annotations

import pytest
from django.urls import reverse
from pages import read

from medvirk.answers.models import OrganisationText


@pytest.fixture
def administrator(make, client_of):
    return client_of(make.staff("administrator"))


PRIVACY = "/a/texts/privacy/"


def test_the_texts_are_listed_and_can_be_opened(administrator):
    page = read(administrator.get(reverse("answers:texts")))

    for link in (PRIVACY, "/a/texts/crisis/"):
        assert page.all("a", href=link)
        assert administrator.get(link).status_code == 200


def test_a_saved_text_is_shown_as_citizens_will_see_it(administrator):
    saved = administrator.post(PRIVACY, {"nb": "**Vårt** eget", "nn": "", "en": ""}, follow=True)

    assert saved.redirect_chain == [(reverse("answers:texts"), 302)]
    assert "<strong>Vårt</strong> eget" in administrator.get(PRIVACY).content.decode()
    assert OrganisationText.objects.get().body == {"nb": "**Vårt** eget"}


def test_what_could_run_is_cleaned_before_anybody_sees_it(administrator):
    administrator.post(PRIVACY, {"nb": "<script>alert(1)</script> [x](javascript:alert(1)) <b onclick=a()>"})

    response = administrator.get(PRIVACY)

    assert read(response).inline == []
    assert not any("alert" in has.get("src", "") for has in read(response).all("script"))


def test_a_text_that_is_too_long_is_refused_and_kept_in_its_box(administrator):
    response = administrator.post(PRIVACY, {"nb": "x" * 5001})

    assert "x" * 5001 in response.content.decode()
    assert OrganisationText.objects.count() == 0


def test_there_are_no_other_texts(administrator):
    assert administrator.get("/a/texts/other/").status_code == 404


@pytest.mark.parametrize("role", ["practitioner", "team_leader", "secretary", "manager", "auditor"])
def test_others_than_administrators_are_barred(make, client_of, role):
    client = client_of(make.staff(role))

    assert client.get("/a/texts/").status_code == 403
    assert client.get(PRIVACY).status_code == 403
    assert client.post(PRIVACY, {"nb": "x"}).status_code == 403
    assert OrganisationText.objects.count() == 0
