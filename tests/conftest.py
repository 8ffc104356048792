"""What the tests of all rooms share: keys made up on the spot, and the few things nearly every test needs.

`make` builds through the same verbs as the interface, so that keys, relations and log are as in real use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from hypothesis import settings

# The same examples every time, and no stopwatch: this machine may be busy with something else.
settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

#: It is noon of this day when the tests begin, and time passes: what they find does not hang on when they are run.
#: A Wednesday like any other. MEDVIRK_TEST_DAY=2026-12-31 tries them on another day.
THE_DAY = date.fromisoformat(os.environ.get("MEDVIRK_TEST_DAY", "2026-03-04"))
NOON = datetime(THE_DAY.year, THE_DAY.month, THE_DAY.day, 12, tzinfo=ZoneInfo("Europe/Oslo"))

#: Everything made here has been in force since this day, unless a test says otherwise.
LONG_AGO = date(2020, 1, 1)
PASSWORD = "gul sykkel ved havna"
TRAVELLED = pytest.StashKey[time_machine.travel]()


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is imported: some modules of tests work out their days when they are read."""
    config.stash[TRAVELLED] = time_machine.travel(NOON)
    config.stash[TRAVELLED].start()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[TRAVELLED].stop()


@contextmanager
def real_time() -> Iterator[None]:
    """The time of the machine: for what works beside processes that the tests' clock does not reach."""
    with time_machine.travel(time_machine.escape_hatch.time.time()):
        yield


@pytest.fixture
def time_of_the_machine() -> Iterator[None]:
    with real_time():
        yield


@pytest.fixture
def noon() -> Iterator[None]:
    """It is noon again: for tests that count hours, however long those before them have taken."""
    with time_machine.travel(NOON):
        yield


@pytest.fixture(scope="session", autouse=True)
def keys_of_the_tests() -> Iterator[None]:
    """Keys that exist in this run only. The same throughout: what a module builds once, all its tests can read."""
    from cryptography.fernet import Fernet

    made = f'encryption = ["{Fernet.generate_key().decode()}"]\nsearch = "{"ab" * 32}"'
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDVIRK_KEYS", made)
        yield


@pytest.fixture(autouse=True)
def nothing_is_counted_yet() -> None:
    """Attempts to sign in are counted in the cache: those of one test must not stop the next."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def log_can_be_emptied_between_tests() -> Iterator[None]:
    """Django empties every table after a test with real transactions; the triggers of the access log refuse that."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from medvirk.people.log import guard

    empty = BaseDatabaseOperations.execute_sql_flush

    def without_triggers(operations, statements):
        guard.drop(operations.connection)
        empty(operations, statements)
        guard.create(operations.connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", without_triggers)
        yield


@pytest.fixture(autouse=True)
def head_of_the_test(settings, tmp_path) -> None:
    """What is kept outside the database of the access log's seals, of this test only."""
    settings.LOG_HEAD = tmp_path / "access-log.head"


class Make:
    """Makes units, staff, citizens and relations. Every name and number is new and made up."""

    long_ago = LONG_AGO
    password = PASSWORD

    def __init__(self, first: int = 1) -> None:
        self._numbers = count(first)

    def next_number(self) -> int:
        """Where one begins who makes more of what stands already."""
        return next(self._numbers)

    def national_id(self) -> str:
        """A synthetic number (month + 80): it belongs to nobody."""
        return f"018185{next(self._numbers) % 49_900:05d}"

    def unit(self, name: str | None = None, *, parent=None, kind="team", valid_from=LONG_AGO):
        from medvirk.people.actions import register_unit

        name = name or f"Team {next(self._numbers)}"
        return register_unit(by=None, name=name, kind=kind, valid_from=valid_from, parent=parent)

    def details(self, **changes):
        from medvirk.people.logic import PersonDetails

        number = next(self._numbers)
        return PersonDetails(**{"given_name": f"Kari{number}", "family_name": f"Testesen{number}", **changes})

    def staff(self, role: str | None = "practitioner", unit=None, *, login: str | None = None, details=None):
        """Somebody with `role` in `unit` (a new one if none is given); a role of None gives no role."""
        from medvirk.people.actions import NewGrant, register_staff

        grants = [NewGrant(role, unit or self.unit(), LONG_AGO)] if role else []
        return register_staff(
            by=None,
            details=details or self.details(),
            login=login or f"worker{next(self._numbers)}",
            password=PASSWORD,
            grants=grants,
            must_change_password=False,
        )

    def citizen(self, *, worker=None, team=None, details=None):
        """A citizen with a relation to `worker` or `team` (a new team, if neither is given)."""
        from medvirk.people.actions import register_citizen

        if worker is None and team is None:
            team = self.unit()
        return register_citizen(
            by=None,
            details=details or self.details(),
            worker=worker,
            team=team,
            reason="Wants help with sleep",
            registered_on=LONG_AGO,
            somebody_else=True,
        )

    def own_account(self, person):
        """The account by which somebody signs in for themselves: a citizen, a parent, a guardian."""
        from medvirk.people.identity import sign_in_key
        from medvirk.people.models import User

        login = f"own{next(self._numbers)}"
        return User.objects.create(login=login, login_hash=sign_in_key(login), person=person)

    def viewer(self, staff):
        """The viewer behind a worker or an account."""
        from medvirk.people.access import viewer_for

        return viewer_for(getattr(staff, "user", staff))


@pytest.fixture
def make(db: None) -> Make:
    return Make()


@pytest.fixture
def client_of():
    """`client_of(staff)`: a browser in which a worker, or an account (`make.own_account`), has signed in."""

    def signed_in(staff) -> Client:
        client = Client()
        client.force_login(getattr(staff, "user", staff), backend="medvirk.people.signin.SignInNameBackend")
        return client

    return signed_in
