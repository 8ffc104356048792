"""The whole command on a real trial (HELP): numbers against R's lme4, reports, and what happens on faults."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from medvirk.interop.commands import analyse

TOTAL = ["--person", "ID", "--time", "TIME", "--score", "CES_D", "--direction", "lower", "--range", "0,60"]
JUDGED = ["--cutoff", "16", "--sd", "12.45", "--reliability", "0.85"]
ITEMS = ["--person", "ID", "--time", "TIME", "--items", "F1A:F1T", "--instrument", "ces-d"]


def run(*arguments) -> tuple[int, str, str]:
    result = CliRunner().invoke(analyse, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def from_totals(help_csv):
    code, out, _ = run(help_csv, *TOTAL, *JUDGED, "--json")
    assert code == 0
    return json.loads(out)


@pytest.fixture(scope="module")
def reports(help_csv, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    code, out, _ = run(help_csv, *ITEMS, "--out", folder, "--language", "nn")
    assert (code, out) == (0, "")
    return folder


def test_the_expected_course_agrees_with_lme4_to_four_digits(from_totals):
    growth = from_totals["growth"]

    assert growth["beta"] == pytest.approx([32.533206, -3.623625], rel=1e-5)
    assert growth["G"][0][0] == pytest.approx(80.8752, rel=1e-4)
    assert growth["G"][1][1] == pytest.approx(8.8508, rel=1e-4)
    assert growth["G"][0][1] == growth["G"][1][0] == pytest.approx(-2.7995, rel=1e-4)
    assert growth["sigma2"] == pytest.approx(76.4352, rel=1e-4)
    assert growth["loglik"] == pytest.approx(-5690.28515, abs=5e-4)
    assert (growth["converged"], growth["scores"], growth["persons"]) == (True, 1463, 470)


def test_the_counts_agree_with_the_file(from_totals, help_data):
    scored = help_data.dropna(subset=["CES_D"]).sort_values(["ID", "TIME"])
    people = scored.groupby("ID")["CES_D"].agg(["first", "last", "size"])
    two = people[people["size"] >= 2]

    assert (from_totals["persons"], from_totals["occasions"]) == (help_data["ID"].nunique(), len(help_data))
    assert from_totals["persons_with_two"] == len(two)
    assert from_totals["missing_share"] == pytest.approx(help_data["CES_D"].isna().mean())
    assert from_totals["first"]["mean"] == pytest.approx(people["first"].mean())
    assert from_totals["first"]["sd"] == pytest.approx(people["first"].std())
    assert from_totals["last"]["mean"] == pytest.approx(two["last"].mean())
    d = (two["first"].mean() - two["last"].mean()) / two["first"].std()
    assert from_totals["effect"]["d"] == pytest.approx(d)


def test_the_categories_agree_with_the_rule_and_add_up(from_totals, help_data):
    scored = help_data.dropna(subset=["CES_D"]).sort_values(["ID", "TIME"])
    people = scored.groupby("ID")["CES_D"].agg(["first", "last", "size"]).query("size >= 2")
    gain, rci = people["first"] - people["last"], from_totals["change"]["rci"]
    past = (people["first"] >= 16) & (people["last"] < 16)

    counts = from_totals["change"]["counts"]

    assert rci == pytest.approx(1.959964 * 2**0.5 * 12.45 * 0.15**0.5)
    assert counts["recovered"] == ((gain > rci) & past).sum()
    assert counts["improved"] == ((gain > rci) & ~past).sum()
    assert counts["deteriorated"] == (gain < -rci).sum()
    assert sum(counts.values()) + from_totals["change"]["not_assessable"] == 470


def test_items_are_scored_by_the_instrument_and_give_their_own_reliable_change(help_csv):
    code, out, _ = run(help_csv, *ITEMS, "--json")

    numbers = json.loads(out)
    assert code == 0
    assert numbers["scores"] == 1439
    assert (numbers["change"]["rci_from"], numbers["change"]["cutoff_from"]) == ("own_data", "instrument")
    assert numbers["alpha"] == numbers["change"]["reliability"]
    assert numbers["change"]["sd"] == numbers["first"]["sd"]
    assert 0.8 < numbers["alpha"] < 0.95


def test_a_file_from_norwegian_excel_gives_the_same_numbers(help_from_excel, from_totals):
    arguments = ["SKÅRE" if argument == "CES_D" else argument for argument in TOTAL]

    code, out, _ = run(help_from_excel, *arguments, *JUDGED, "--json")

    numbers = json.loads(out)
    assert code == 0
    for key in ("persons", "first", "last", "change", "effect", "growth"):
        assert numbers[key] == from_totals[key]


class Outline(HTMLParser):
    """Every element with its attributes, and whether the open ones are closed in order."""

    VOID = {"meta", "br", "img", "link"}

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_html_report_is_one_whole_file_that_runs_nothing(reports):
    text = (reports / "report.html").read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(text)

    tags = [tag for tag, _ in outline.elements]
    assert outline.open == []
    assert outline.elements[0] == ("html", {"lang": "nn"})
    assert tags.count("h1") == tags.count("main") == 1
    assert "script" not in tags
    assert not [
        attrs for _, attrs in outline.elements if "style" in attrs or any(k.startswith("on") for k in attrs)
    ]
    assert not re.search(r"(src|href)=", text.replace("xlink:href", ""))
    ids = [attrs["id"] for _, attrs in outline.elements if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_every_picture_has_a_name_and_a_description_and_every_table_its_headings(reports):
    outline = Outline()
    outline.feed((reports / "report.html").read_text(encoding="utf-8"))

    pictures = [attrs for tag, attrs in outline.elements if tag == "svg"]
    ids = {attrs["id"] for _, attrs in outline.elements if "id" in attrs}
    assert len(pictures) == 6
    for attrs in pictures:
        assert attrs["role"] == "img"
        assert set(attrs["aria-labelledby"].split()) <= ids
    tags = [tag for tag, _ in outline.elements]
    assert tags.count("table") == tags.count("caption") == tags.count("thead") == 6


def test_the_report_says_the_rates_with_n_and_what_is_missing(reports):
    text = (reports / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")

    assert "33 av 1 472 (2,2 %) av målingane manglar skåre" in text
    assert "392 av 470 (83,4 %)" in text
    assert "regresjon mot gjennomsnittet" in text


def test_the_pdf_is_accessible(reports):
    pdf = (reports / "report.pdf").read_bytes()

    assert pdf.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Lang(nn)" in pdf.replace(b" ", b"")


@pytest.mark.parametrize(
    ("language", "words"), [("nb", "Slik gikk det"), ("nn", "Slik gjekk det"), ("en", "How it")]
)
def test_the_report_comes_in_three_languages(tmp_path, language, words):
    table = tmp_path / "few.csv"
    table.write_text("id;t;y\na;0;30\na;1;10\nb;0;20\n")

    code, _, _ = run(
        table, "--person", "id", "--time", "t", "--score", "y", "--direction", "lower", "--range", "0,60",
        "--rci", "9", "--out", tmp_path / language, "--language", language,
    )  # fmt: skip

    assert code == 0
    html = (tmp_path / language / "report.html").read_text(encoding="utf-8")
    assert words in html
    assert f'<html lang="{language}">' in html


def test_a_course_that_cannot_be_estimated_is_explained_in_the_report(tmp_path):
    table = tmp_path / "few.csv"
    table.write_text("id;t;y\na;0;30\na;1;10\nb;0;20\n")
    arguments = ["--person", "id", "--time", "t", "--score", "y", "--direction", "lower", "--range", "0,60"]

    code, out, _ = run(table, *arguments, "--rci", "9", "--json", "--out", tmp_path / "o", "--language", "en")

    assert code == 0
    reason = json.loads(out)["growth_reason"]
    assert reason
    assert "The expected course cannot be estimated" in (tmp_path / "o" / "report.html").read_text(
        encoding="utf-8"
    )


def test_without_out_and_json_it_tells_in_words(help_csv):
    code, out, _ = run(help_csv, *TOTAL, *JUDGED, "--language", "en")

    assert code == 0
    assert "The file has 1,472 measurements of 470 people. 9 of 1,472 (0.6%) of them lack a score." in out


def test_faults_are_all_told_at_once_and_nothing_is_written(tmp_path):
    table = tmp_path / "faults.csv"
    table.write_text("id;t;y\na;0;99\na;0;12\n;1;x\n", encoding="utf-8")
    out = tmp_path / "out"

    code, printed, told = run(
        table, "--person", "id", "--time", "t", "--score", "y", "--direction", "lower", "--range", "0,60",
        "--rci", "9", "--out", out, "--json", "--language", "en",
    )  # fmt: skip

    assert (code, printed) == (2, "")
    assert told.splitlines() == [
        "row 2, column y, “99”: The score must lie from 0 to 60. Correct it, or leave the cell empty.",
        "row 3, column id, t, “a, 0”: The same person and time stand in row 2 too. Keep one of them.",
        "row 4, column id: The row does not say whose it is. Fill in the person, or remove the row.",
        "row 4, column y, “x”: This is not a number. Write digits only, or leave the cell empty.",
        "4 faults in faults.csv. Nothing was written.",
    ]
    assert not out.exists()


def test_faults_are_told_in_the_readers_language(help_csv):
    code, _, told = run(help_csv, "--person", "id", *TOTAL[2:], *JUDGED)

    assert code == 2
    assert "Filen har ikke den kolonnen. Mente du ID?" in told


def test_it_runs_as_a_program_without_database_or_folder_of_data(help_csv, tmp_path):
    program = [sys.executable, "-W", "error", "-c", "from medvirk.config.cli import main; main()", "analyse"]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("MEDVIRK", "DJANGO"))
    }

    done = subprocess.run(
        [*program, str(help_csv), *TOTAL, *JUDGED, "--json", "--out", "report"],
        capture_output=True, text=True, cwd=tmp_path, env=environment, check=False, timeout=120,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["growth"]["converged"]
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["report", "report.html", "report.pdf"]


def test_without_a_reliable_change_the_rest_is_told_and_nobody_is_judged(help_csv, from_totals, tmp_path):
    arguments = [*TOTAL, "--cutoff", "16", "--json", "--out", tmp_path, "--language", "en"]

    code, out, _ = run(help_csv, *arguments)

    numbers = json.loads(out)
    change = numbers["change"]
    assert code == 0
    assert (change["rci"], change["level"], change["method"], change["rci_from"]) == (None, None, None, None)
    assert change["counts"] == dict.fromkeys(["recovered", "improved", "unchanged", "deteriorated"])
    assert change["not_assessable"] == numbers["persons"] - numbers["persons_with_two"] > 0
    assert "Give --rci X, or --sd X and --reliability R." in change["reason"]
    for key in ("first", "last", "effect", "growth"):
        assert numbers[key] == from_totals[key]
    assert from_totals["change"]["reason"] is None
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Nothing says how large a reliable change is" in html
    assert "There is no grey band, and no picture of who moved where." in html
    assert html.count("<figure>") == 2
    assert "clearly better, " not in html


def test_out_is_checked_before_anything_else(tmp_path):
    table, taken = tmp_path / "faults.csv", tmp_path / "taken"
    table.write_text("id;t;y\na;0;99\n", encoding="utf-8")
    taken.write_text("a file")
    (tmp_path / "held" / "report.pdf").mkdir(parents=True)
    arguments = [table, *TOTAL, "--language", "en", "--out"]

    at_file, inside_file = run(*arguments, taken), run(*arguments, taken / "report")
    at_folder = run(*arguments, tmp_path / "held")

    assert at_file == (2, "", f"--out {taken}: “{taken}” is not a folder. Name another one.\n")
    assert inside_file == (2, "", f"--out {taken / 'report'}: “{taken}” is not a folder. Name another one.\n")
    assert at_folder[0] == 2
    assert at_folder[2].endswith("cannot be written over. Move it away, or name another folder.\n")


def test_a_folder_without_access_is_refused_in_a_sentence(tmp_path, monkeypatch):
    # Root may write everywhere, so the answer of the system is given here.
    monkeypatch.setattr("medvirk.interop.reports.report.os.access", lambda _path, mode: mode == os.R_OK)
    table = tmp_path / "few.csv"
    table.write_text("id;t;y\na;0;30\n", encoding="utf-8")

    code, _, told = run(table, *TOTAL, "--language", "en", "--out", tmp_path / "new")

    assert code == 2
    assert len(told.splitlines()) == 1
    assert f"You may not write in “{tmp_path}”." in told
