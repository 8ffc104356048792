"""`medvirk createadmin`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from medvirk.people.commands import createadmin
from medvirk.people.models import Staff, Unit

NAMES = ["--given-name", "Astrid", "--family-name", "Admin", "--sign-in-name", "astrid"]
GOOD = "fem blå epler på bordet"


@pytest.fixture
def run(db, tmp_path, settings):
    settings.KEY_FILE = tmp_path / "identifiers.key"
    password_file = tmp_path / "password"
    password_file.write_text(GOOD + "\n", encoding="utf-8")

    def run(*arguments: str, typed: str | None = None, from_file: bool = True):
        options = [*NAMES, *arguments, *(["--password-file", str(password_file)] if from_file else [])]
        return CliRunner().invoke(createadmin, options, input=typed)

    return run


def test_the_first_administrator_gets_a_municipality(run):
    result = run("--municipality", "Fjordvik")

    assert result.exit_code == 0, result.output
    staff = Staff.objects.get()
    assert staff.user.check_password(GOOD)
    assert not staff.user.has_first_password
    grant = staff.grants.get()
    assert (grant.role, grant.unit.name, grant.unit.kind) == ("administrator", "Fjordvik", "municipality")


def test_what_is_not_given_is_asked_for(run):
    result = run(typed=f"Fjordvik\n{GOOD}\n{GOOD}\n", from_file=False)

    assert result.exit_code == 0, result.output
    assert Unit.objects.get().name == "Fjordvik"
    assert GOOD not in result.output


def test_a_new_installation_gets_its_key_file(run, monkeypatch, settings):

    monkeypatch.delenv("MEDVIRK_KEYS")

    result = run("--municipality", "Fjordvik")

    assert settings.KEY_FILE.exists()
    assert "Keep a copy" in result.output


def test_a_second_one_only_when_meant(run):
    run("--municipality", "Fjordvik")

    refused = run("--sign-in-name", "second")
    made = run("--sign-in-name", "second", "--another")

    assert refused.exit_code == 1
    assert "--another" in refused.output
    assert made.exit_code == 0, made.output
    assert (Staff.objects.count(), Unit.objects.count()) == (2, 1)


def test_a_weak_password_leaves_nothing_behind(run, tmp_path):
    (tmp_path / "password").write_text("kort\n")

    result = run("--municipality", "Fjordvik")

    assert result.exit_code == 1
    assert "at least 12" in result.output
    assert not Unit.objects.exists()


def test_an_empty_password_file_is_named(run, tmp_path):
    (tmp_path / "password").write_text("")

    result = run("--municipality", "Fjordvik")

    assert result.exit_code == 1
    assert "first line" in result.output
