"""Courses of help, as `tests/factories_feedback.py` makes them, an OpenID provider (`tests/oidc.py`), and the world on
which all addresses are called (`tests/addresses.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from addresses import World, make_world
from conftest import Make
from factories_feedback import care  # noqa: F401
from oidc import provider, running_provider, set_up  # noqa: F401


@pytest.fixture(scope="module")
def built_once(django_db_setup: None, django_db_blocker) -> Iterator[Callable]:
    """`built_once(build)` builds something for all tests of a module, of which each is rolled back by itself."""
    from django.db import transaction

    # Left open between the tests, in which alone the database may be used.
    around = transaction.Atomic(using=None, savepoint=True, durable=False)
    around._from_testcase = True

    def built(build: Callable):
        with django_db_blocker.unblock():
            return build()

    with django_db_blocker.unblock():
        around.__enter__()
    yield built
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture(scope="module")
def world_of_the_module(built_once: Callable) -> World:
    """A module that needs more in its world than the others overrides this.

    It counts from far away, so that nobody in it meets whom a test makes beside it.
    """
    return built_once(lambda: make_world(Make(5000)))


@pytest.fixture(scope="module")
def first_number(world_of_the_module: World) -> int:
    return world_of_the_module.make.next_number()


@pytest.fixture
def world(world_of_the_module: World, first_number: int, db: None) -> World:
    """The world of the module as the database has it, whatever another test did to its objects."""
    return world_of_the_module.read_anew(Make(first_number))
