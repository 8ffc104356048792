"""`medvirk instruments show`: what is shipped, with what was loaded and set here."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from medvirk.instruments.commands import instruments
from medvirk.instruments.loader import catalogue, get

pytestmark = pytest.mark.django_db
CSV = "item;text;low;high\ntitle;Oppdiktet;;\n" + "".join(
    f"q{number};Spørsmål {number}?;lite;mye\n" for number in range(1, 5)
)


def run(*arguments: str):
    return CliRunner().invoke(instruments, arguments)


@pytest.mark.parametrize("key", sorted({key for key, _ in catalogue()}))
def test_show_gives_every_source(key):
    result = run("show", key)

    instrument = get(key)
    sources = {instrument.source, instrument.licence.owner, *(alert.source for alert in instrument.alerts)}
    for scale in instrument.scales:
        sources |= {fact.source for fact in (*scale.cutoffs, *scale.reliable_changes, *scale.evidence)}
        sources |= {scale.banding.source} if scale.banding else set()
    assert result.exit_code == 0
    assert [source for source in sources if source not in result.output] == []


def test_show_tells_how_a_number_counts():
    output = run("show", "phq-9").output

    assert "Cut-off: 10 and above" in output
    assert "Reliable change: 6 points or more" in output
    assert "Reliable change: more than 6.1 points (level 0.95, SD 5.5, reliability 0.84)" in output
    assert "An answer of 1 or more to q9 must be seen (risk)." in output
    assert "Wording: none, so it can be scored and imported but not asked." in output


def test_show_gives_the_wording_in_the_language_asked_for():
    output = run("show", "safety", "--language", "nn").output

    assert get("safety").wordings["nn"].items["q1"].text in output
    assert "0 Nei / 1 Av og til" in output
    assert "No score." in output


def test_show_of_an_unknown_key_names_those_there_are():
    result = run("show", "phq9")

    assert result.exit_code == 2
    assert "There is no instrument 'phq9'" in result.stderr
    assert "life-now" in result.stderr


def test_show_tells_of_wording_and_numbers_loaded_here(tmp_path):
    file = tmp_path / "ors.csv"
    file.write_text(CSV, encoding="utf-8")
    assert "Wording: none, so it can be scored and imported but not asked." in run("show", "ors").output

    said = ("--translator", "ingen", "--licence", "avtale 7", "--source", "prøve")
    assert run("wording", "ors", str(file), "--language", "nb", *said).exit_code == 0
    assert run("parameters", "ors", "--cutoff", "23", "--source", "våre egne tall").exit_code == 0
    shown = run("show", "ors", "--language", "nb")

    assert shown.exit_code == 0
    assert "Wording nb: Oppdiktet (loaded here)" in shown.output
    assert "ingen; avtale 7" in shown.output
    assert "  q1. Spørsmål 1?" in shown.output
    assert "Wording: none" not in shown.output
    assert "våre egne tall" in shown.output
    assert "Shown as it comes with Medvirk" not in shown.output


def test_show_without_a_database_says_that_it_shows_what_is_shipped_and_makes_none(tmp_path):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MEDVIRK", "DJANGO", "DATABASE"))}
    program = [
        sys.executable,
        "-c",
        "from medvirk.config.cli import main; main()",
        "instruments",
        "show",
        "ors",
    ]

    done = subprocess.run(
        program, capture_output=True, text=True, check=False, env={**kept, "MEDVIRK_DATA": str(tmp_path)}
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ORS (ors@1), validated\n")
    assert "Shown as it comes with Medvirk" in done.stdout.splitlines()[-1]
    assert "There is no database here yet" in done.stdout.splitlines()[-1]
    assert list(tmp_path.glob("*.sqlite3*")) == []
