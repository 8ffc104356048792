"""`medvirk instruments list | check`: only files, no database."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from medvirk.instruments.commands import instruments
from medvirk.instruments.loader import SHIPPED, catalogue


def run(*arguments: str):
    return CliRunner().invoke(instruments, arguments)


def test_list_has_a_line_for_each():
    result = run("list")

    lines = {line.split()[0]: line for line in result.output.splitlines()}
    assert result.exit_code == 0
    assert set(lines) == {"key", *(key for key, _ in catalogue())}
    assert lines["life-now"].split() == [
        "life-now",
        "1",
        "Life",
        "now",
        "5",
        "nb",
        "nn",
        "en",
        "not",
        "validated",
        "A",
        "CC0-1.0",
    ]
    assert lines["ors"].split() == ["ors", "1", "ORS", "4", "none", "validated", "C"]


def test_check_finds_no_fault_in_what_is_shipped():
    result = run("check")

    assert (result.exit_code, result.output) == (0, f"{len(catalogue())} definitions checked, no faults.\n")


def test_check_lists_all_faults_of_all_files(tmp_path):
    for name, old, new in (("ors@1", "high = 10", "high = -1"), ("srs@1", 'format = "vas"', 'format = "x"')):
        text = (SHIPPED / f"{name}.toml").read_text(encoding="utf-8").replace(old, new, 1)
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")

    result = run("check", str(tmp_path))

    assert result.exit_code == 2
    assert "ors@1.toml: item q1: the lowest answer, 0, must be smaller than the highest, -1." in result.stderr
    assert "srs@1.toml: item q1: `format` must be one of vas, likert" in result.stderr
    assert result.stderr.endswith(" faults.\n")


def test_check_of_one_file():
    result = run("check", str(SHIPPED / "ors@1.toml"))

    assert (result.exit_code, result.output) == (0, "1 definition checked, no faults.\n")


def test_check_of_an_empty_folder_is_a_fault(tmp_path):
    result = run("check", str(tmp_path))

    assert result.exit_code == 2
    assert "holds no .toml file to check" in result.stderr


def test_numbers_and_withdrawal_exclude_each_other():
    result = run("parameters", "ors", "--cutoff", "25", "--withdraw", "--source", "test")

    assert result.exit_code == 2
    assert "not both" in result.stderr


def test_reading_commands_need_no_django():
    code = (
        "import sys; from medvirk.instruments.commands import instruments; "
        "instruments(['list'], standalone_mode=False); instruments(['check'], standalone_mode=False); "
        "sys.exit('django' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_check_tells_of_a_missing_path_among_the_other_faults(tmp_path):
    broken, empty = tmp_path / "broken.toml", tmp_path / "empty"
    broken.write_text("key = 1", encoding="utf-8")
    empty.mkdir()

    result = run("check", str(tmp_path / "no file"), str(broken), str(empty), str(SHIPPED / "ors@1.toml"))

    assert result.exit_code == 2
    assert "no file: there is no such file or folder." in result.stderr
    assert "empty: holds no .toml file to check." in result.stderr
    assert "broken.toml: " in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["instruments", "wording", "ors", __file__, "--language", "nb"],
        ["instruments", "parameters", "ors", "--cutoff", "25", "--source", "test"],
        ["norms", "fit"],
    ],
)
def test_commands_that_write_say_when_there_is_no_database_and_make_none(tmp_path, arguments):
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("MEDVIRK", "DJANGO", "DATABASE"))
    }
    program = [sys.executable, "-c", "from medvirk.config.cli import main; main()", *arguments]

    done = subprocess.run(
        program, capture_output=True, text=True, check=False, env={**kept, "MEDVIRK_DATA": str(tmp_path)}
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "There is no database here yet: run `medvirk createadmin` first (or set DATABASE_URL / MEDVIRK_DATA).\n"
    )
    assert list(tmp_path.glob("*.sqlite3*")) == []
