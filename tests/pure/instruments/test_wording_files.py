"""Official wording from TOML and from tables as Norwegian Excel writes them. All texts here are made up."""

import pytest

from medvirk.instruments.faults import InstrumentFaults
from medvirk.instruments.loader import get
from medvirk.instruments.wording_files import read_wordings

SAID = {"translator": "nobody", "licence": "none", "source": "test"}
TOML = """
key = "ors"
version = 1

[wording.nb]
title = "Oppdiktet skjema"
intro = "Bare en prøve."
translator = "ingen"
licence = "ingen"
source = "prøve"
[wording.nb.items]
q1 = { text = "Første?", low = "lite", high = "mye" }
q2 = { text = "Andre?", low = "lite", high = "mye" }
q3 = { text = "Tredje?", low = "lite", high = "mye" }
q4 = { text = "Fjerde?", low = "lite", high = "mye" }
"""
LINES = (
    "item;text;low;high",
    "title;Oppdiktet skjema;;",
    "intro;Bare en prøve.;;",
    "q1;Første?;lite;mye",
    "q2;Andre, og mer?;lite;mye",
    "q3;Tredje?;lite;mye",
    "q4;Fjerde?;lite;mye",
)
LABELS = (
    "item;text;option_0;option_1;option_2;option_3",
    "title;Oppdiktet;;;;",
    "options;;aldri;iblant;ofte;alltid",
    *(f"q{number};Spørsmål {number}?;;;;" for number in range(1, 7)),
    "q7;Spørsmål 7?;null;en;to;tre",
)


@pytest.fixture
def write(tmp_path):
    def write_file(text: str, name: str = "wording.csv", encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
        return path

    return write_file


def faults_of(path, instrument, **options) -> list[str]:
    with pytest.raises(InstrumentFaults) as caught:
        read_wordings(path, instrument, **options)
    return [str(fault) for fault in caught.value.faults]


def test_toml_brings_its_own_languages_and_origin(write):
    (wording,) = read_wordings(write(TOML, "wording.toml"), get("ors"))

    assert (wording.language, wording.title, wording.intro) == ("nb", "Oppdiktet skjema", "Bare en prøve.")
    assert (wording.translator, wording.local) == ("ingen", True)
    assert wording.items["q3"].text == "Tredje?"


def test_one_language_of_several(write):
    path = write(TOML + TOML.split("version = 1")[1].replace("nb", "nn"), "wording.toml")

    assert [wording.language for wording in read_wordings(path, get("ors"))] == ["nb", "nn"]
    assert [wording.language for wording in read_wordings(path, get("ors"), language="nn")] == ["nn"]


def test_options_fill_in_what_toml_does_not_say(write):
    path = write(TOML.replace('translator = "ingen"\n', ""), "wording.toml")

    (wording,) = read_wordings(path, get("ors"), translator="Kari", source="not used")

    assert (wording.translator, wording.source) == ("Kari", "prøve")


@pytest.mark.parametrize(
    ("old", "new", "options", "problem"),
    [
        ('key = "ors"', 'key = "srs"', {}, "`key` says 'srs', but the wording is for ors@1"),
        ("version = 1", "version = 2", {}, "`version` says 2"),
        ("wording.nb", "words.nb", {}, r"there is no table [wording.<language>]"),
        ("", "", {"language": "nn"}, "there is none in 'nn'; the file has nb"),
        ('text = "Tredje?", ', "", {}, "wording nb, item q3: `text` is missing"),
        ("q4 =", "q5 =", {}, "wording nb, item q5: the instrument has no such item"),
    ],
)
def test_faults_in_toml(write, old, new, options, problem):
    found = faults_of(write(TOML.replace(old, new), "wording.toml"), get("ors"), **options)

    assert any(problem in fault for fault in found), found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_table_as_norwegian_excel_writes_it(write, encoding):
    path = write("\n".join(LINES), encoding=encoding)

    (wording,) = read_wordings(path, get("ors"), language="nb", **SAID)

    assert (wording.language, wording.title, wording.intro) == ("nb", "Oppdiktet skjema", "Bare en prøve.")
    assert wording.items["q2"].text == "Andre, og mer?"
    assert (wording.items["q1"].low, wording.items["q1"].high) == ("lite", "mye")
    assert (wording.translator, wording.licence, wording.source) == ("nobody", "none", "test")


def test_labels_for_all_items_and_for_one(write):
    (wording,) = read_wordings(write("\n".join(LABELS)), get("gad-7"), language="nb", **SAID)

    assert wording.items["q1"].options == ("aldri", "iblant", "ofte", "alltid")
    assert wording.items["q7"].options == ("null", "en", "to", "tre")


def test_labels_follow_their_values_and_not_their_columns(write):
    turned = [line.split(";") for line in LABELS]
    text = "\n".join(";".join([*cells[:2], *reversed(cells[2:])]) for cells in turned)

    (wording,) = read_wordings(write(text), get("gad-7"), language="nb", **SAID)

    assert wording.items["q1"].options == ("aldri", "iblant", "ofte", "alltid")
    assert wording.items["q7"].options == ("null", "en", "to", "tre")


def test_a_label_for_a_value_that_the_item_does_not_have(write):
    text = "\n".join(LABELS).replace("option_3", "option_4")

    found = faults_of(write(text), get("gad-7"), language="nb", **SAID)

    assert any("item q7: has a label in option_4" in fault for fault in found)
    assert any("item q1: the item has 4 options, but there are 3 labels" in fault for fault in found)


def test_a_table_says_nothing_of_language_and_origin(write):
    found = faults_of(write("\n".join(LINES)), get("ors"))

    assert any("say which with --language" in fault for fault in found)
    assert [name for name in SAID if any(f"give it with --{name}" in fault for fault in found)] == list(SAID)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("item;text;low;high", "item;text;low;hight", "column hight: is not known"),
        ("item;text;", "item;txt;", "the column text is missing"),
        ("q3;Tredje?", "q2;Tredje?", "row 6: item 'q2' stands here twice"),
        ("q3;Tredje?", ";Tredje?", "row 6: `item` is empty"),
        ("q3;Tredje?;lite", "q3;;lite", "wording nb, item q3: `text` is missing"),
        ("q3;Tredje?;lite", "q3;Tredje?;", "wording nb, item q3: `low` is missing"),
        ("q3;", "q9;", "wording nb, item q9: the instrument has no such item"),
        ("title;Oppdiktet skjema;;\n", "", "wording nb: `title` is missing"),
    ],
)
def test_faults_in_a_table(write, old, new, problem):
    text = "\n".join(LINES)
    assert old in text

    found = faults_of(write(text.replace(old, new)), get("ors"), language="nb", **SAID)

    assert any(problem in fault for fault in found), found


def test_faults_of_the_table_itself_are_told_with_the_rest(write):
    found = faults_of(write("item;item\nq1;q1\n"), get("ors"), language="nb", translator="a", licence="b")

    assert any("give it with --source" in fault for fault in found)
    assert len(found) >= 2


def test_faults_in_options_and_content_are_told_together(write):
    text = "\n".join(LINES).replace("q3;Tredje?", "q3;")

    found = faults_of(write(text), get("ors"))

    assert any("--language" in fault for fault in found)
    assert any("item q3: `text` is missing" in fault for fault in found)


def test_a_table_without_rows(write):
    assert "no rows below its headings" in faults_of(write(LINES[0]), get("ors"), language="nb", **SAID)[0]


@pytest.mark.parametrize("language", ["xx", "Norsk", "zz-NO", ""])
def test_a_code_that_is_no_language_is_refused(write, language):
    told = faults_of(write("\n".join(LINES)), get("ors"), language=language, **SAID)

    assert len(told) == 1
    assert f"{language!r} is no language known here." in told[0]
    assert "nb (Bokmål), nn (Nynorsk), en (English)" in told[0]


@pytest.mark.parametrize("language", ["nb", "se", "uk", "so"])
def test_languages_spoken_here_are_known(write, language):
    (wording,) = read_wordings(write("\n".join(LINES)), get("ors"), language=language, **SAID)

    assert wording.language == language
