"""`medvirk check`: each fault that it knows is made here, and its sentence is read.

The starting point is an installation in which nothing is wrong, so that a test sees exactly the fault it made.
"""

from __future__ import annotations

import logging
import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from django.core.cache.backends.locmem import LocMemCache
from django.core.checks import ERROR, CheckMessage, Error
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

import medvirk.config.checks  # noqa: F401  registers
from medvirk.config.checks import files, installation, upkeep
from medvirk.config.checks.command import check
from medvirk.messages.logic.sms import parse_gateway
from medvirk.messages.models import DutyState
from medvirk.people import checkup
from medvirk.people.models import LogSeal
from medvirk.people.signin import providers as signin

# How old a file is, the file system says.
pytestmark = pytest.mark.usefixtures("time_of_the_machine")

ID_PORTEN = """
[citizens]
name = "ID-porten"
issuer = "https://example.org"
client_id = "a"
client_secret = "b"
"""


@pytest.fixture
def place(tmp_path, settings, monkeypatch):
    """Folders as they should be: keys apart from the database, everything for one user alone."""
    folder, apart = tmp_path / "data", tmp_path / "keys"
    folder.mkdir()
    apart.mkdir()
    settings.DATA = folder
    settings.KEY_FILE = apart / "identifiers.key"
    settings.SECRET_KEY_FILE = folder / "secret.key"
    settings.SIGNIN_FILE = apart / "signin.toml"
    settings.LOG_HEAD = apart / "access-log.head"
    database = folder / "medvirk.sqlite3"
    for path in (database, settings.KEY_FILE, settings.SECRET_KEY_FILE):
        path.touch(mode=0o600)
    settings.SIGNIN_FILE.write_text(ID_PORTEN)
    settings.SIGNIN_FILE.chmod(0o600)
    monkeypatch.setattr(files, "database_file", lambda: database)
    monkeypatch.setattr(files, "key_file", lambda: Path(settings.KEY_FILE))
    monkeypatch.setattr(files, "file_system_of", lambda path: "ext4")
    signin.providers.cache_clear()
    yield tmp_path
    signin.providers.cache_clear()


@pytest.fixture
def safe(place, settings, make):
    """An installation in which nothing is wrong."""
    for name, value in {
        "DEMO": False,
        "DEBUG": False,
        "SECRET_KEY": "".join(map(chr, range(40, 120))),
        "ALLOWED_HOSTS": ["medvirk.example.org", "127.0.0.1"],
        "SECURE_SSL_REDIRECT": True,
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "LANGUAGE_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 31536000,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "EMAIL_HOST": "mail.example.org",
        "PRIVACY_CONTACT": "personvern@example.org",
        "STAFF_LEVEL": "two",
        "CITIZEN_LEVEL": "high",
        "CACHES": {
            "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "ui_cache"}
        },
    }.items():
        setattr(settings, name, value)
    make.staff("practitioner")
    DutyState.objects.create(name="messages.deliver", due_at=timezone.now(), done_at=timezone.now())
    upkeep.backup_mark().touch()
    return settings


def found(*, deploy: bool = True) -> list[CheckMessage]:
    """What our own checks say; those of the log and others that a room registers are tried in its own tests."""
    return checkup.look(deploy=deploy, only=OURS)


OURS = [
    "backup", "cache", "clock", "csp", "database", "debug", "demo", "files", "hosts", "https", "instruments", "keys",
    "log", "mail", "privacy", "secret", "seal", "sign_in", "sms",
    "worker",
]  # fmt: skip


def sentences(messages: list[CheckMessage]) -> str:
    return "\n".join(f"{each.msg} {each.hint}" for each in messages)


@pytest.fixture(autouse=True)
def cache_of_the_test(request, monkeypatch):
    """In memory; whether its table is there is tried in the one test about it."""
    if "missing_cache_table" not in request.fixturenames:
        monkeypatch.setattr(installation, "cache", LocMemCache("checks", {}))


def test_nothing_is_wrong_where_nothing_is_wrong(safe):
    assert sentences(found()) == ""


@pytest.mark.parametrize(
    ("name", "value", "sentence", "hint"),
    [
        ("DEMO", True, "This is the demo", "Unset MEDVIRK_DEMO"),
        ("DEBUG", True, "DEBUG is on", "Set DEBUG to False"),
        ("INSTALLED_APPS", ["django.contrib.admindocs"], "Tools for developers are switched on", "Take them out"),
        ("SECURE_SSL_REDIRECT", False, "unencrypted connections", "MEDVIRK_HTTPS=1"),
        ("SECURE_HSTS_SECONDS", 60, "unencrypted connections", "MEDVIRK_HTTPS=1"),
        ("SESSION_COOKIE_SECURE", False, "unencrypted connections", "MEDVIRK_HTTPS=1"),
        ("LANGUAGE_COOKIE_SECURE", False, "unencrypted connections", "MEDVIRK_HTTPS=1"),
        ("SECURE_PROXY_SSL_HEADER", None, "No web server with HTTPS is known in front", "MEDVIRK_BEHIND_PROXY"),
        ("ALLOWED_HOSTS", ["localhost", "127.0.0.1"], "names this machine only", "people will type"),
        ("ALLOWED_HOSTS", ["*"], "takes any name", "List each host name"),
        ("ALLOWED_HOSTS", [".example.org"], "takes any name", "List each host name"),
        ("SECRET_KEY", "only-for-tests", "can be guessed", "Unset it"),
        ("SECRET_KEY", "a" * 80, "can be guessed", "Unset it"),
        ("EMAIL_HOST", "", "No mail server is set up", "MEDVIRK_SMTP"),
        ("PRIVACY_CONTACT", "", "how to reach the data protection officer", "MEDVIRK_PRIVACY_CONTACT"),
        ("SMS_GATEWAY", parse_gateway("https://sms.example.org/", sender="2099"), "without a token", "SMS_TOKEN_FILE"),
        ("SMS_GATEWAY", parse_gateway("https://sms.example.org/", token="x"), "nobody hears", "WEBHOOK_SECRET_FILE"),
        ("SMS_WEBHOOK_SECRETS", ("x" * 32,), "no text message is sent", "Set MEDVIRK_SMS too"),
        ("STAFF_LEVEL", "one", "Staff need only a password", "MEDVIRK_STAFF_LEVEL=two"),
        ("CITIZEN_LEVEL", "substantial", "on the level 'substantial'", "risk assessment"),
        ("TIME_ZONE", "UTC", "The clock is not Norway's", "Europe/Oslo"),
        ("USE_TZ", False, "The clock is not Norway's", "Europe/Oslo"),
        ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "a cache of its own",
         "in the database"),
        ("LOGGING", {"version": 1, "root": {"level": "DEBUG"}}, "log is on DEBUG (root)", "WARNING"),
        ("LOGGING", {"version": 1, "loggers": {"django.db.backends": {"level": "DEBUG"}}},
         "log is on DEBUG (django.db.backends)", "WARNING"),
        ("CONTENT_SECURITY_POLICY", None, "lets in more than our own files", "as it was shipped"),
        ("MIDDLEWARE", [], "lets in more than our own files", "as it was shipped"),
    ],
)  # fmt: skip
def test_an_unsafe_setting_is_told(safe, name, value, sentence, hint):
    if name == "USE_TZ":
        safe.TIME_ZONE = "Europe/Oslo"
    setattr(safe, name, [*safe.INSTALLED_APPS, *value] if name == "INSTALLED_APPS" else value)

    (message,) = [each for each in found() if sentence in each.msg]

    assert hint in message.hint


def test_a_gateway_whose_sender_cannot_be_answered_is_told_and_a_whole_one_is_not(safe):
    safe.SMS_WEBHOOK_SECRETS = ("x" * 32,)
    safe.SMS_GATEWAY = parse_gateway("https://sms.example.org/", token="x", sender="Medvirk")
    (message,) = found()
    assert "a name" in message.msg
    assert "MEDVIRK_SMS_SENDER" in message.hint

    safe.SMS_GATEWAY = parse_gateway("https://sms.example.org/", token="x", sender="2099")
    assert sentences(found()) == ""


@pytest.mark.parametrize(
    ("rule", "sources"),
    [
        ("script-src", ["'self'", "'unsafe-inline'"]),
        ("script-src", ["'self'", "'unsafe-eval'"]),
        ("connect-src", ["*"]),
        ("style-src", ["https:"]),
        ("script-src", ["data:"]),
        ("default-src", ["'self'"]),
    ],
)
def test_a_loosened_policy_is_told(safe, rule, sources):
    rules = {**safe.CONTENT_SECURITY_POLICY["DIRECTIVES"], rule: sources}
    safe.CONTENT_SECURITY_POLICY = {"DIRECTIVES": rules}

    (message,) = found()

    assert "lets in more than our own files" in message.msg
    assert rule in message.msg


def test_a_log_made_loud_from_elsewhere_is_told(safe, caplog):
    with caplog.at_level(logging.DEBUG):
        assert "log is on DEBUG (root)" in sentences(found())


def test_no_sign_in_service_for_citizens_is_told_as_a_note(safe):
    Path(safe.SIGNIN_FILE).unlink()

    (message,) = found()

    assert "No sign-in service for citizens" in message.msg
    assert message.level < ERROR


def test_sign_in_settings_that_cannot_be_read_are_told(safe):
    Path(safe.SIGNIN_FILE).write_text("[citizens]\nname =")

    assert "The sign-in services cannot be used." in sentences(found())


# --- files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("keys/identifiers.key", "The keys of identifiers"),
        ("data/medvirk.sqlite3", "The database"),
        ("data/secret.key", "Django's secret"),
        ("keys/signin.toml", "The settings of sign-in services"),
        ("data/medvirk.sqlite3-wal", "What the database has not put in its place yet"),
    ],
)
@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_a_file_that_others_can_read_is_told(safe, place, file, what, mode):
    path = place / file
    path.touch()
    path.chmod(mode)

    (message,) = found()

    assert message.msg == f"{what} can be read by other users of this machine: {path}."
    assert message.hint == f"Run `chmod 600 {path}`."


def test_keys_in_the_folder_of_the_database_are_told(safe, place):
    safe.KEY_FILE = place / "data" / "deeper" / "identifiers.key"

    (message,) = found()

    assert "lie in the folder of the database" in message.msg
    assert "MEDVIRK_KEY_FILE" in message.hint


def test_the_log_s_head_beside_the_database_is_told_as_a_note(safe, place):
    safe.LOG_HEAD = place / "data" / "access-log.head"

    (message,) = found()

    assert "head of the access log" in message.msg
    assert message.level < ERROR


def test_sqlite_on_the_network_is_told(safe, monkeypatch):
    monkeypatch.setattr(files, "file_system_of", lambda path: "nfs4")

    assert "lies on another machine (nfs4)" in sentences(found())


def test_the_kind_of_file_system_is_that_of_the_nearest_mount(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/sda1 / ext4 rw 0 0\nserver:/a /srv nfs4 rw 0 0\n/dev/sdb1 /srv/with\\040blank xfs rw 0 0\n"
    )

    assert files.file_system_of(Path("/srv/medvirk/a.sqlite3"), mounts) == "nfs4"
    assert files.file_system_of(Path("/srv/with blank/a.sqlite3"), mounts) == "xfs"
    assert files.file_system_of(Path("/srvx/a.sqlite3"), mounts) == "ext4"
    assert files.file_system_of(Path("/a"), tmp_path / "none") == ""


@pytest.mark.parametrize(
    ("host", "mode", "is_fault"),
    [
        ("db.example.org", None, True),
        ("db.example.org", "require", True),
        ("db.example.org", "verify-full", False),
        ("/run/postgresql", None, False),
        ("127.0.0.1", None, False),
        ("", None, False),
    ],
)
def test_postgresql_on_another_machine_without_proof_of_who_it_is_is_told(
    safe, monkeypatch, host, mode, is_fault
):
    class Elsewhere:
        vendor = "postgresql"
        settings_dict = {"NAME": "a", "HOST": host, "OPTIONS": {"sslmode": mode} if mode else {}}

    monkeypatch.setattr("medvirk.config.checks.deployment.connection", Elsewhere())

    assert ("is not safe from others on the network" in sentences(found())) == is_fault


# --- upkeep -----------------------------------------------------------------------------------------------------


def test_a_worker_that_stopped_is_told(safe):
    DutyState.objects.update(done_at=timezone.now() - timedelta(hours=3))

    (message,) = found()

    assert message.msg.startswith("No worker has run since 20")


def test_a_worker_that_never_ran_is_told(safe):
    DutyState.objects.all().delete()

    assert "No worker has run yet" in sentences(found())


def test_a_duty_that_keeps_failing_is_told(safe):
    DutyState.objects.update(failures=3, last_error="OSError")

    (message,) = found()

    assert message.msg == "messages.deliver has failed 3 times in a row (OSError)."


@pytest.fixture
def two_hours_ago():
    def do(act):
        with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
            return act()

    return do


def test_a_log_that_is_not_sealed_is_told(safe, make, two_hours_ago):
    two_hours_ago(make.citizen)

    (message,) = found()

    assert message.msg.startswith("The access log has not been sealed yet")


def test_a_log_sealed_after_its_last_row_is_not(safe, make, two_hours_ago):
    two_hours_ago(make.citizen)
    LogSeal.objects.create(number=1, ids="1", rows=1, total=1, digest="", sealed_at=timezone.now(), mac="")

    assert found() == []


def test_a_backup_that_is_old_is_told(safe):
    old = (timezone.now() - timedelta(days=3)).timestamp()
    os.utime(upkeep.backup_mark(), (old, old))

    assert "No backup has been made since 20" in sentences(found())


def test_a_backup_never_made_is_told(safe):
    upkeep.backup_mark().unlink()

    (message,) = found()

    assert message.msg == "No backup has been made yet."
    assert "medvirk backup" in message.hint


# --- the installation itself, also without --deploy ---------------------------------------------------------------


def test_a_database_behind_the_program_is_told(safe, monkeypatch):
    real = MigrationExecutor.migration_plan
    monkeypatch.setattr(
        MigrationExecutor,
        "migration_plan",
        lambda self, targets: (
            [*real(self, targets), (self.loader.graph.nodes["people", "0002_access"], False)]
        ),
    )

    (message,) = found(deploy=False)

    assert (
        message.msg == "The database is behind the program by 1 change, the first of them people.0002_access."
    )


def test_keys_of_another_database_are_told(safe, monkeypatch):
    from medvirk.people.crypto import key_file_text, new_encryption_key, new_secret

    monkeypatch.setenv("MEDVIRK_KEYS", key_file_text([new_encryption_key()], [new_secret()], new_secret()))

    assert "is not the key file of this database" in sentences(found(deploy=False))


def test_a_search_key_of_another_database_is_told(safe, monkeypatch):
    from medvirk.people.crypto import key_file_text, keys, new_secret

    held = keys()
    monkeypatch.setenv("MEDVIRK_KEYS", key_file_text(held.encryption, [new_secret()], held.lasting.hex()))

    assert "is not the key file of this database" in sentences(found(deploy=False))


def test_keys_that_are_missing_are_told(safe, monkeypatch, tmp_path):
    monkeypatch.delenv("MEDVIRK_KEYS")
    safe.KEY_FILE = tmp_path / "none.key"

    (message,) = found(deploy=False)

    assert message.msg == "The keys of identifiers cannot be used."
    assert "does not exist" in message.hint


@pytest.fixture
def missing_cache_table():
    """Asks for the real cache in this test."""


def test_a_missing_table_of_the_cache_is_told(safe, missing_cache_table):
    safe.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_such_table"}
    }
    from django.db import transaction

    with transaction.atomic():
        said = sentences(found(deploy=False))
        transaction.set_rollback(True)

    assert "The table of the cache is missing" in said


def test_local_wording_that_does_not_fit_is_told(safe, monkeypatch):
    from medvirk.instruments.faults import Fault, InstrumentFaults

    def broken() -> None:
        raise InstrumentFaults([Fault("phq-9", "items", "there is one too many.")])

    monkeypatch.setattr("medvirk.instruments.queries.effective_catalogue", broken)

    assert "one too many" in sentences(found(deploy=False))


def test_without_deploy_nothing_is_said_of_how_it_is_put_into_use(safe):
    safe.DEMO = True

    assert found(deploy=False) == []


# --- the command --------------------------------------------------------------------------------------------------


def run(*arguments: str):
    return CliRunner().invoke(check, list(arguments))


def test_the_command_ends_with_1_and_a_sentence_per_fault(safe):
    safe.DEMO = True
    safe.EMAIL_HOST = ""

    result = run("--deploy", "--only", "demo", "--only", "mail")

    assert result.exit_code == 1
    assert result.output.splitlines()[0].startswith("FAULT  ")
    assert "MEDVIRK_SMTP" in result.output
    assert result.output.splitlines()[-1] == "2 faults found."


def test_the_command_ends_with_0_where_there_is_only_a_note(safe):
    Path(safe.SIGNIN_FILE).unlink()

    result = run("--deploy", "--only", "sign_in")

    assert result.exit_code == 0
    assert result.output.startswith("note   No sign-in service")


def test_django_s_own_checks_are_made_too(safe):
    safe.ROOT_URLCONF = "medvirk.config.urls"
    safe.X_FRAME_OPTIONS = "SAMEORIGIN"

    assert "X_FRAME_OPTIONS" in run("--deploy").output


def test_an_unknown_name_lists_what_there_is(safe):
    result = run("--only", "kitchen")

    assert result.exit_code == 2
    assert "database" in result.output
    assert set(run("--names").output.split()) >= set(OURS)


def test_a_check_that_fails_itself_is_a_fault_and_hides_nothing(monkeypatch):
    def fails(**_: object) -> list[CheckMessage]:
        raise ValueError("Kari Testesen")

    fails.tags = ("kitchen",)
    also = lambda **_: [Error("The oven is hot.")]  # noqa: E731
    also.tags = ("oven",)
    monkeypatch.setattr(checkup.registry, "registered_checks", {fails, also})

    said = sentences(checkup.look(deploy=False))

    assert "The check kitchen could not be made: ValueError." in said
    assert "The oven is hot." in said
    assert "Kari" not in said


def test_the_database_is_really_asked(db):
    assert connection.vendor in {"sqlite", "postgresql"}
    assert checkup.look(deploy=False, only=["database"]) == []
