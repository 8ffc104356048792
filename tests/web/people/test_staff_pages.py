"""Units, staff and signing in, as on the screen."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from medvirk.people.models import Staff, Unit

GOOD = "fem blå epler på bordet"


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def top(make):
    return make.unit("Fjordvik", kind="municipality")


@pytest.fixture
def chief(make, top):
    return make.staff("administrator", top)


@pytest.fixture
def browser(chief, client_of):
    return client_of(chief)


def page(response) -> str:
    return response.content.decode()


def sign_in(client: Client, login: str, password: str):
    return client.post("/accounts/login/", {"login": login, "password": password})


def test_signing_in_by_name_and_password(make, client):
    make.staff(login="berit")

    response = sign_in(client, " Berit ", make.password)

    assert (response.status_code, response.url) == (302, "/")


@pytest.mark.parametrize(("login", "password"), [("berit", "wrong"), ("nobody", "wrong"), ("", "")])
def test_a_failed_sign_in_says_the_same_whoever_it_is(make, client, login, password):
    make.staff(login="berit")

    response = sign_in(client, login, password)

    assert "You are not signed in." in page(response)
    assert ("The sign-in name or the password is wrong." in page(response)) == bool(login)
    assert "_auth_user_id" not in client.session


def test_a_closed_account_does_not_let_in(make, client):
    staff = make.staff(login="berit")
    staff.user.is_active = False
    staff.user.save()

    assert sign_in(client, "berit", make.password).status_code == 200


def test_the_sign_in_name_is_not_kept_in_the_session(make, client):
    make.staff(login="berit.behandler")

    sign_in(client, "berit.behandler", make.password)

    content = dict(client.session.items())
    assert "_auth_user_id" in content
    assert "berit" not in str(content)


def test_a_first_password_lets_in_only_to_change_it(make, client):
    staff = make.staff(login="berit")
    staff.user.has_first_password = True
    staff.user.save()
    sign_in(client, "berit", make.password)

    barred = client.get("/people/find/")
    asked = page(client.get("/accounts/password/"))
    client.post("/accounts/password/", {"oldpassword": make.password, "password1": GOOD, "password2": GOOD})

    assert barred.url == "/accounts/password/"
    assert "Somebody else made the password" in asked
    assert client.get("/people/find/").status_code == 200


def test_a_new_password_must_be_good_and_written_twice_alike(make, client):
    staff = make.staff(login="berit")
    sign_in(client, "berit", make.password)

    response = client.post(
        "/accounts/password/", {"oldpassword": make.password, "password1": "kort", "password2": "lang"}
    )

    assert "The password is not changed." in page(response)
    staff.user.refresh_from_db()
    assert staff.user.check_password(make.password)


def test_the_menu_shows_what_the_role_gives(make, client_of, browser):
    shown = page(browser.get("/"))

    assert 'href="/people/staff/"' in shown
    assert 'href="/people/units/"' in shown
    assert 'href="/people/find/"' not in shown
    assert 'href="/people/staff/"' not in page(client_of(make.staff("secretary")).get("/"))


def test_a_fresh_installation_says_what_to_do_first(browser):
    assert "First register the services, departments and teams" in page(browser.get("/people/units/"))


def test_a_unit_is_registered_changed_and_ended(browser, top):
    browser.post(
        "/people/units/new/",
        {"name": "Health", "kind": "service", "parent": top.pk, "valid_from": "2024-01-01"},
    )
    unit = Unit.objects.get(name="Health")
    browser.post(
        reverse("people:unit", args=[unit.pk]),
        {"name": "Health and care", "kind": "service", "parent": top.pk, "valid_from": "2024-01-01"},
    )
    response = browser.post(
        reverse("people:unit_end", args=[unit.pk]), {"last_day": "2025-12-31"}, follow=True
    )

    unit.refresh_from_db()
    assert (unit.name, unit.parent, f"{unit.valid_to}") == ("Health and care", top, "2025-12-31")
    assert "The last day of the unit is set." in page(response)
    assert "Health and care" not in page(response)
    assert "Health and care" in page(browser.get("/people/units/", {"day": "2025-06-01"}))


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30"])
def test_a_day_that_is_none_shows_today(browser, day):
    assert "Fjordvik" in page(browser.get("/people/units/", {"day": day}))


def test_a_day_before_everything_says_so(browser):
    assert "There were no units on this day" in page(browser.get("/people/units/", {"day": "1990-01-01"}))


def test_a_unit_in_use_cannot_end_and_the_page_says_why(browser, top):
    response = browser.post(reverse("people:unit_end", args=[top.pk]), {"last_day": "2026-01-01"})

    assert "1 role here goes on after that day." in page(response)


def test_a_staff_member_is_registered_with_role_and_account(browser, top):
    response = browser.post(
        "/people/staff/new/",
        {"given_name": "Berit", "family_name": "Behandler", "title": "Nurse", "role": "practitioner",
         "unit": top.pk, "valid_from": "2024-01-01", "login": "berit", "password": GOOD},
        follow=True,
    )  # fmt: skip

    staff = Staff.objects.get(title="Nurse")
    assert response.redirect_chain == [(reverse("people:staff", args=[staff.pk]), 302)]
    assert staff.user.has_first_password
    assert GOOD not in page(response)
    assert "Berit Behandler" in page(browser.get("/people/staff/"))


def test_a_refused_form_never_shows_the_password_again(browser, top):
    response = browser.post("/people/staff/new/", {"password": GOOD})

    assert response.status_code == 200
    assert GOOD not in page(response)
    assert Staff.objects.count() == 1


def test_roles_are_given_and_ended(make, browser, top):
    staff = make.staff(None)
    browser.post(
        reverse("people:role_new", args=[staff.pk]),
        {"role": "secretary", "unit": top.pk, "valid_from": "2024-01-01"},
    )
    grant = staff.grants.get()

    browser.post(reverse("people:role_end", args=[staff.pk, grant.pk]), {"last_day": "2025-01-31"})

    grant.refresh_from_db()
    assert (grant.role, f"{grant.valid_to}") == ("secretary", "2025-01-31")


def test_a_new_first_password_is_set(make, browser):
    staff = make.staff("practitioner", make.unit())

    browser.post(reverse("people:staff_password", args=[staff.pk]), {"password": GOOD})

    staff.user.refresh_from_db()
    assert staff.user.check_password(GOOD)


def test_an_account_is_closed_and_opened(make, browser):
    staff = make.staff("practitioner", make.unit())
    address = reverse("people:staff_account", args=[staff.pk])

    closed = page(browser.post(address, follow=True))
    opened = page(browser.post(address, {"open": "1"}, follow=True))

    assert "The account is closed." in closed
    assert "Nobody can sign in with it." in closed
    assert "The account is open." in opened


def test_one_cannot_close_ones_own_account(browser, chief):
    response = browser.post(reverse("people:staff_account", args=[chief.pk]), follow=True)

    assert "You cannot close your own account" in page(response)
    assert "Close the account" not in page(response)


def test_contact_is_changed_and_what_is_not_asked_for_is_kept(make, browser):
    details = make.details(national_id=make.national_id())
    staff = make.staff("practitioner", make.unit(), details=details)

    browser.post(
        reverse("people:staff_change", args=[staff.pk]),
        {"given_name": "Anna", "family_name": "Ny", "phone": "90000009", "title": "Nurse"},
    )

    staff.person.refresh_from_db()
    assert (staff.person.given_name, staff.person.phone) == ("Anna", "+4790000009")
    assert staff.person.national_id == details.national_id


def test_staff_outside_ones_units_do_not_exist(make, client_of, top, chief):
    service = make.unit(parent=top)
    local = client_of(make.staff("administrator", service))

    assert local.get(reverse("people:staff", args=[chief.pk])).status_code == 404
    assert local.get(reverse("people:unit", args=[top.pk])).status_code == 404


def test_who_signs_in_without_a_password_is_told_that_there_is_none_to_change(browser, chief):
    chief.user.set_unusable_password()
    chief.user.save()
    browser.force_login(chief.user)

    response = browser.get(reverse("account_change_password"), follow=True)

    assert response.status_code == 200
    assert "there is none to change" in page(response)
