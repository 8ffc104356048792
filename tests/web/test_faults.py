"""What somebody sees when Medvirk itself fails."""

from __future__ import annotations

import pytest
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from medvirk.people.views import account


def test_the_page_of_a_fault_needs_nothing_to_be_right():
    """Django draws it without a request, a viewer or a menu: any of them may be what failed."""
    response = server_error(RequestFactory().get("/"))

    page = response.content.decode()
    assert response.status_code == 500
    assert '<html lang="nb"' in page
    assert "Noe gikk galt hos oss" in page
    assert 'href="/"' in page


@pytest.mark.django_db
def test_a_fault_in_a_view_gives_that_page(make, client_of, monkeypatch):
    def fails(request):
        raise RuntimeError("nothing that a person should see")

    monkeypatch.setattr(account, "password_change", fails)
    client: Client = client_of(make.staff("practitioner", make.unit("Fjordvik", kind="municipality")))
    client.raise_request_exception = False

    response = client.get("/accounts/password/")

    assert response.status_code == 500
    assert "nothing that a person should see" not in response.content.decode()
    assert "<h1" in response.content.decode()
