"""Log records hold nothing about anybody, whatever the code or a library puts into them."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace

import pytest

from medvirk.people.logs import Code, PrivateFormatter

SECRETS = ("Gunnhild", "Fjellstrand", "01818512300", "90123456", "gunnhild@example.org", "hemmelig-lenke")


def written(msg: object, *args: object, name: str = "medvirk.people", **extra: object) -> str:
    record = logging.LogRecord(name, logging.ERROR, "/x/views.py", 17, msg, args, None)
    for key, value in extra.items():
        setattr(record, key, value)
    return PrivateFormatter().format(record)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("name", ["medvirk.people", "django.request", "allauth.account", "some.library"])
def test_an_argument_is_left_out(secret, name):
    line = written("Could not tell %s at once", secret, name=name)

    assert secret not in line
    assert name in line


@pytest.mark.parametrize(
    "name", ["McDonald", "Anne.Hansen", "anne.hansen", "people_kari", "O'Brien", "GunnMarie"]
)
def test_no_name_looks_like_code(name):
    assert name not in written("Could not tell %s", name)


@pytest.mark.parametrize(
    "text",
    [
        "No user 'Gunnhild Fjellstrand'",
        'No user "Gunnhild"',
        "No user gunnhild@example.org",
        "Number 01818512300 is wrong",
        "Key (phone)=(90123456) exists",
        "Bad path /a/hemmelig-lenke/",
    ],
)
def test_a_message_built_on_the_spot_has_its_values_left_out(text):
    line = written(text, name="django.db")

    assert [secret for secret in SECRETS if secret in line] == []


def test_a_librarys_own_message_is_told_by_its_place_only():
    assert written("Welcome Gunnhild", name="some.library").endswith("a message at views:17")


def test_what_is_from_the_code_is_shown():
    line = written("The duty %s failed %d times: %s", Code("people.seal_log"), 3, "OperationalError")

    assert line.endswith("The duty people.seal_log failed 3 times: OperationalError")


def test_a_message_that_does_not_fit_its_arguments_is_told_by_its_place():
    assert written("%d people", "Gunnhild").endswith("a message at views:17")


def test_arguments_by_name_are_left_out_too():
    record = logging.LogRecord(
        "django.x", logging.ERROR, "/x/v.py", 1, "%(who)s", ({"who": "Gunnhild"},), None
    )

    assert "Gunnhild" not in PrivateFormatter().format(record)


@pytest.mark.parametrize(
    ("view", "shown"), [("people:citizen", "people:citizen"), (None, "an address that is none of ours")]
)
def test_of_a_path_only_the_view_is_told(view, shown):
    match = SimpleNamespace(view_name=view) if view else None
    line = written(
        "%s: %s", "Not Found", "/a/hemmelig-lenke/", name="django.request",
        request=SimpleNamespace(resolver_match=match),
    )  # fmt: skip

    assert line.endswith(f"Not Found: {shown}")


def raised(make):
    try:
        make()
    except Exception:  # noqa: BLE001
        return sys.exc_info()
    raise AssertionError


def chained():
    try:
        int("Gunnhild")
    except ValueError as fault:
        raise KeyError("Fjellstrand") from fault


def test_of_an_exception_the_classes_and_lines_of_code_are_told():
    record = logging.LogRecord("django.request", logging.ERROR, "x", 1, "x", (), raised(chained))

    text = PrivateFormatter().format(record)

    assert "builtins.ValueError" in text
    assert "builtins.KeyError" in text
    assert "in chained" in text
    # The lines of code are the program's own and are shown; the values are not.
    assert "KeyError: " not in text
    assert "invalid literal" not in text


def test_an_exception_that_causes_itself_ends():
    first, second = ValueError("Gunnhild"), KeyError("x")
    first.__cause__, second.__cause__ = second, first

    assert PrivateFormatter().format(
        logging.LogRecord("django", 40, "x", 1, "x", (), (ValueError, first, None))
    )


def test_which_rule_of_the_database_was_broken_is_told_without_values():
    import sqlite3

    broken = sqlite3.IntegrityError("UNIQUE constraint failed: people_user.login_hash")
    quoting = sqlite3.IntegrityError("UNIQUE constraint failed: Gunnhild Fjellstrand")
    diag = SimpleNamespace(table_name="people_user", column_name=None, constraint_name="login_key",
                           message_detail="Key (login)=(Gunnhild) already exists.")  # fmt: skip
    postgres = type("UniqueViolation", (Exception,), {"diag": diag})("Key (login)=(Gunnhild) already exists.")

    def told(fault: Exception) -> str:
        return PrivateFormatter().format(
            logging.LogRecord("django", 40, "x", 1, "x", (), (type(fault), fault, None))
        )

    assert "people_user.login_hash" in told(broken)
    assert "Gunnhild" not in told(quoting)
    assert "people_user login_key" in told(postgres)
    assert "Gunnhild" not in told(postgres)
