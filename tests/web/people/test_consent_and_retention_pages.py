"""The pages on which people say yes and no, and on which what is kept is looked after."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from medvirk.people.access import viewer_for
from medvirk.people.actions.retention import carry_out_approved
from medvirk.people.actions.sharing import share_with
from medvirk.people.models import (
    AccessEvent,
    Consent,
    ConsentText,
    Erasure,
    Guardianship,
    Relation,
    RetentionRun,
    User,
)
from medvirk.people.queries.consents import agrees


@pytest.fixture
def own():
    """`own(person)`: a browser in which somebody has signed in for themselves."""

    def signed_in(person) -> Client:
        user, _made = User.objects.get_or_create(person=person, defaults={"login_hash": str(person.pk)})
        client = Client()
        client.force_login(user, backend="medvirk.people.signin.SignInNameBackend")
        return client

    return signed_in


def answer(client, citizen, yes, *, purpose="research", version="1", page="own_consent_answer"):
    return client.post(
        reverse(f"people:{page}", args=[citizen.pk, purpose]),
        {"yes": yes, "version": version, "language": "nb"},
    )


def test_a_citizen_says_yes_and_takes_it_back(make, own):
    citizen = make.citizen()
    client = own(citizen.person)

    assert answer(client, citizen, "1").status_code == 302
    address = reverse("people:own_consents", args=[citizen.pk])
    page = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "Take back my yes" in page
    assert agrees(citizen, "research")
    answer(client, citizen, "0")

    assert not agrees(citizen, "research")
    assert AccessEvent.objects.about([citizen.pk]).filter(what="people.consent").count() >= 3


@pytest.mark.parametrize(
    ("yes", "version"), [("", "1"), ("2", "1"), ("1", ""), ("1", "99"), ("1", "²"), ("1", "-1")]
)
def test_what_makes_no_sense_stores_nothing_and_says_so(make, own, yes, version):
    citizen = make.citizen()

    response = answer(own(citizen.person), citizen, yes, version=version)

    assert response.status_code == 422
    assert not Consent.objects.exists()


def test_nobody_answers_for_another(make, own, client_of):
    citizen, other = make.citizen(), make.citizen()

    assert answer(own(other.person), citizen, "1").status_code == 404
    assert answer(client_of(make.staff()), citizen, "1", page="consent_answer").status_code == 404
    assert not Consent.objects.exists()


def test_a_parent_of_somebody_sixteen_does_not_see_the_page(make, own):
    child = make.citizen(details=make.details(birth_date=date(timezone.localdate().year - 17, 1, 1)))
    parent = make.citizen().person
    Guardianship.objects.create(citizen=child, guardian=parent, kind="parent", valid_from=date(2020, 1, 1))

    assert own(parent).get(reverse("people:own_consents", args=[child.pk])).status_code == 404


def test_a_no_to_sharing_stops_all_of_it_at_once(make, own):
    citizen, partner = make.citizen(), make.staff("partner")
    client = own(citizen.person)
    viewer = viewer_for(User.objects.get(person=citizen.person))
    share_with(by=viewer, citizen=citizen, staff=partner, parts=["people.contact"], last_day=date(2099, 1, 1))
    assert agrees(citizen, "sharing")

    answer(client, citizen, "0", purpose="sharing")

    assert not Relation.objects.at(timezone.now()).filter(citizen=citizen, staff=partner).exists()


def test_a_new_text_is_published_from_the_page(make, client_of, own):
    admin = client_of(make.staff("administrator"))
    address = reverse("people:consent_text", args=["research"])
    filled = {
        "title_nb": "Forskning",
        "summary_nb": "Kort",
        "body_nb": "**Viktig** <script>x</script>",
        "asks_again": "on",
    }

    assert admin.post(address, {**filled, "title_nb": ""}).status_code == 200
    assert not ConsentText.objects.exists()
    assert admin.post(address, filled).status_code == 302

    citizen = make.citizen()
    page = own(citizen.person).get(reverse("people:own_consents", args=[citizen.pk])).content.decode()
    assert "<strong>Viktig</strong>" in page
    assert "<script>x" not in page


def test_a_report_is_made_read_approved_and_carried_out(make, client_of):
    citizen = make.citizen(details=make.details(given_name="Borghildur"))
    citizen.relations.update(valid_to=date(2021, 1, 1))
    type(citizen).objects.filter(pk=citizen.pk).update(
        registered_at=timezone.now().replace(year=2010, month=1, day=1)
    )
    Relation.objects.filter(citizen=citizen).update(valid_from=date(2010, 1, 1), valid_to=date(2011, 1, 1))
    admin = client_of(make.staff("administrator"))

    made = admin.post(reverse("people:retention_report_new"))
    page = admin.get(made.url).content.decode()
    assert "Borghildur" not in page
    assert RetentionRun.objects.get().report["journal"] == {"people.citizens": 1}
    admin.post(made.url)
    carry_out_approved(timezone.now())

    citizen.refresh_from_db()
    assert citizen.erased_at is not None
    assert RetentionRun.objects.get().result == {"people.citizens": 1}
    # Due and done stand side by side.
    assert admin.get(made.url).content.decode().count("<td>1</td>") == 2


def test_months_are_set_and_what_is_too_short_says_why(make, client_of):
    admin = client_of(make.staff("administrator"))
    address = reverse("people:retention_period", args=["journal"])

    assert "120" in admin.post(address, {"months": "12"}).content.decode()
    assert admin.post(address, {"months": "180"}).status_code == 302
    assert admin.get(reverse("people:retention_period", args=["statistics"])).status_code == 404


def test_erasing_by_mistake_goes_through_two_people(make, client_of):
    leader = make.staff("team_leader")
    citizen = make.citizen(worker=leader, details=make.details(given_name="Borghildur"))
    browser, admin = client_of(leader), client_of(make.staff("administrator"))
    address = reverse("people:erasure", args=[citizen.pk])

    assert "Borghildur" in browser.get(address).content.decode()
    browser.post(address, {"basis": "mistake", "reason": "To ganger"})
    proposed = Erasure.objects.get()
    assert "Borghildur" not in admin.get(reverse("people:retention")).content.decode()
    assert (
        browser.post(reverse("people:erasure_decide", args=[proposed.pk]), {"approve": "1"}).status_code
        == 403
    )
    admin.post(reverse("people:erasure_decide", args=[proposed.pk]), {"approve": "1"})

    citizen.refresh_from_db()
    assert citizen.erased_at is not None
    assert browser.get(address).status_code == 404


def test_a_leader_without_relation_does_not_see_what_would_be_erased(make, client_of):
    citizen = make.citizen()

    assert (
        client_of(make.staff("team_leader")).get(reverse("people:erasure", args=[citizen.pk])).status_code
        == 404
    )
