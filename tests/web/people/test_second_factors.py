"""Two factors: codes from an app, codes on paper, who needs them, and what is open until one has them."""

from __future__ import annotations

import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from addresses import ALL, make_world

from medvirk.people.access import EVERYONE, PERMISSIONS
from medvirk.people.models import Role
from medvirk.people.signin.levels import ONE_IS_ENOUGH
from medvirk.people.signin.middleware import TO_GET_A_FACTOR

NOW = datetime.fromisoformat("2026-05-04T10:00:00+02:00")


@pytest.fixture(autouse=True)
def two_factors_are_needed(settings):
    settings.STAFF_LEVEL = "two"
    cache.clear()


def by_password(make, staff, client: Client | None = None) -> Client:
    client = client or Client()
    client.post(reverse("account_login"), {"login": staff.user.login, "password": make.password})
    return client


def code_of(secret: str, at: datetime) -> str:
    return format_hotp_value(hotp_value(secret, int(at.timestamp()) // 30))


@pytest.fixture
def set_up_app():
    """`set_up_app(client, at)`: set up a code app; its secret."""

    def set_up(client: Client, at: datetime) -> str:
        page = client.get(reverse("mfa_activate_totp")).content.decode()
        secret = re.search(r'long-code">([A-Z2-7]+)<', page)[1]
        answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, at)})
        assert answer.status_code == 302, answer.content.decode()
        return secret

    return set_up


def test_a_password_alone_opens_nothing_but_the_way_to_a_second_factor(make, settings):
    """Every address there is, also those added later."""
    world = make_world(make)
    client = by_password(make, world.owner)

    opened = {}
    for address in ALL:
        if address.declares == EVERYONE or address.name in TO_GET_A_FACTOR:
            continue
        for method in ("get", "post"):
            answer = getattr(client, method)(world.path_of(address))
            if answer.status_code != 302 or answer.url != reverse("mfa_index"):
                opened[address.name] = answer.status_code

    assert opened == {}


def test_what_is_open_meanwhile_is_there():
    assert {address.name for address in ALL} >= TO_GET_A_FACTOR


@pytest.mark.parametrize("role", list(Role))
def test_who_may_see_people_needs_two(make, role):
    client = by_password(make, make.staff(role))

    answer = client.get(reverse("start"), follow=True)
    led_to_set_up = client.get(
        reverse("account_change_password")
    ).status_code == 200 and b'data-color="warning"' in (client.get(reverse("mfa_index")).content)

    assert answer.status_code == 200
    assert led_to_set_up == bool(PERMISSIONS[role] - ONE_IS_ENOUGH)


def test_the_app_lets_one_in_at_once_and_is_asked_for_the_next_time(make, set_up_app):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False) as clock:
        client = by_password(make, staff)
        secret = set_up_app(client, NOW)
        assert client.get(reverse("feedback:my_citizens")).status_code == 200

        clock.move_to(NOW + timedelta(minutes=2))
        later = by_password(make, staff)
        assert later.get(reverse("feedback:my_citizens")).status_code == 302
        wrong = later.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert wrong.status_code == 200
        assert later.get(reverse("feedback:my_citizens")).status_code == 302
        later.post(reverse("mfa_authenticate"), {"code": code_of(secret, NOW + timedelta(minutes=2))})
        assert later.get(reverse("feedback:my_citizens")).status_code == 200


def test_a_code_works_once(make, set_up_app):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False) as clock:
        secret = set_up_app(by_password(make, staff), NOW)
        clock.move_to(NOW + timedelta(minutes=2))
        code = code_of(secret, NOW + timedelta(minutes=2))
        by_password(make, staff).post(reverse("mfa_authenticate"), {"code": code})

        second = by_password(make, staff)
        second.post(reverse("mfa_authenticate"), {"code": code})

        assert second.get(reverse("feedback:my_citizens")).status_code == 302


def test_codes_cannot_be_guessed(make, set_up_app):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False) as clock:
        secret = set_up_app(by_password(make, staff), NOW)
        clock.move_to(NOW + timedelta(minutes=2))
        client = by_password(make, staff)
        for guess in range(5):
            client.post(reverse("mfa_authenticate"), {"code": f"{guess:06}"})

        right = client.post(
            reverse("mfa_authenticate"), {"code": code_of(secret, NOW + timedelta(minutes=2))}
        )

        assert right.status_code == 200
        assert "fem minutter" in right.content.decode()
        clock.move_to(NOW + timedelta(minutes=8))
        again = by_password(make, staff)
        again.post(reverse("mfa_authenticate"), {"code": code_of(secret, NOW + timedelta(minutes=8))})
        assert again.get(reverse("feedback:my_citizens")).status_code == 200


def test_codes_on_paper_are_shown_once_and_each_works_once(make, set_up_app):
    staff = make.staff()
    client = by_password(make, staff)
    set_up_app(client, datetime.now().astimezone())
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    codes = re.findall(r"<code>(\d{8})</code>", page)

    assert len(codes) == 10
    assert codes[0] not in client.get(reverse("mfa_view_recovery_codes")).content.decode()

    cache.clear()
    lost_phone = by_password(make, staff)
    lost_phone.post(reverse("mfa_authenticate"), {"code": codes[3]})
    assert lost_phone.get(reverse("feedback:my_citizens")).status_code == 200
    cache.clear()
    again = by_password(make, staff)
    again.post(reverse("mfa_authenticate"), {"code": codes[3]})
    assert again.get(reverse("feedback:my_citizens")).status_code == 302


def test_secrets_stand_encrypted(make, set_up_app):
    client = by_password(make, make.staff())
    secret = set_up_app(client, datetime.now().astimezone())
    codes = re.findall(
        r"<code>(\d{8})</code>", client.get(reverse("mfa_view_recovery_codes")).content.decode()
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT session_data FROM django_session")
        sessions = str(cursor.fetchall())

    assert Authenticator.objects.count() == 2
    for each in (secret, *codes):
        assert each not in stored
        assert each not in sessions


def test_the_app_can_be_removed_after_the_password_is_given_again(make, set_up_app):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False) as clock:
        client = by_password(make, staff)
        set_up_app(client, NOW)
        clock.move_to(NOW + timedelta(minutes=6))

        asked = client.post(reverse("mfa_deactivate_totp"))
        assert asked.status_code == 302
        assert asked.url.startswith(reverse("account_reauthenticate"))
        assert Authenticator.objects.filter(type="totp").exists()

        client.post(asked.url, {"password": "not the one"})
        client.post(reverse("mfa_deactivate_totp"))
        assert Authenticator.objects.filter(type="totp").exists()

        client.post(asked.url, {"password": make.password})
        client.post(reverse("mfa_deactivate_totp"))
        assert not Authenticator.objects.exists()


def test_a_first_password_is_changed_before_anything_else(make, settings):
    staff = make.staff()
    staff.user.has_first_password = True
    staff.user.save()
    client = by_password(make, staff)

    assert client.get(reverse("mfa_index")).url == reverse("account_change_password")


def test_signing_out_everywhere_ends_every_session_of_ones_own_and_nobody_elses(make, settings, client_of):
    settings.STAFF_LEVEL = "one"
    staff, other = make.staff(), make.staff()
    phone, machine, colleague = client_of(staff), client_of(staff), client_of(other)

    phone.post(reverse("account_sign_out_everywhere"))

    for browser in (phone, machine):
        assert browser.get(reverse("mfa_index")).url.startswith(reverse("account_login"))
    assert colleague.get(reverse("mfa_index")).status_code == 200
    staff.user.refresh_from_db()
    assert client_of(staff).get(reverse("mfa_index")).status_code == 200


def test_a_citizen_has_no_password_to_guess(make, client):
    from medvirk.people.actions import own_account

    number = make.national_id()
    make.citizen(details=make.details(national_id=number))
    user = own_account(by=None, national_id=number)

    for password in ("", "!", user.password, user.login):
        client.post(reverse("account_login"), {"login": user.login, "password": password})

    assert "_auth_user_id" not in client.session
