"""The loader: a good file becomes a definition; a bad one is refused with every fault and its place."""

import tomllib
from pathlib import Path

import pytest

from medvirk.instruments.definitions import Format, Method, Skip
from medvirk.instruments.faults import InstrumentFaults
from medvirk.instruments.loader import UnknownInstrument, find, get, load_file, load_folder

GOOD = """
key = "sample"
version = 1
name = "Sample"
status = "not_validated"
source = "made up"
confidence = "guess"
about = { en = "A sample." }

[licence]
terms = "CC0-1.0"
owner = "us"
category = "A"
wording_may_ship = true

[[items]]
key = "q1"
format = "vas"
low = 0
high = 10
step = 1

[[items]]
key = "q2"
format = "likert"
options = [0, 1, 2]
codes = { loinc = "1234-5" }

[[items]]
key = "q3"
format = "number"
low = 0
high = 24
unit = "hours"

[[items]]
key = "q4"
format = "yesno"

[[items]]
key = "q5"
format = "text"

[[alerts]]
item = "q2"
at_least = 2
kind = "risk"
source = "made up"

[[scales]]
key = "total"
title = { en = "Total" }
method = "weighted"
items = ["q1", "q2", "q4"]
weights = [1, 2, 3]
reversed = ["q2"]
direction = "higher"
low = 0
high = 34
multiply = 2
missing_allowed = 1

[[scales.skips]]
item = "q4"
equals = 1
items = ["q2"]
counts_as = 2
drops = true
source = "made up"

[scales.banding]
source = "made up"
confidence = "guess"
bands = [{ from = 0, label = { en = "low" } }, { from = 20, label = { en = "high" } }]

[[scales.cutoffs]]
value = 12
inclusive = false
source = "made up"
confidence = "guess"
when = [{ fact = "sex", equals = "female" }, { fact = "age", at_least = 18, at_most = 64 }]

[[scales.reliable_changes]]
value = 5.54
inclusive = false
level = 0.95
sd = 5
reliability = 0.84
source = "made up"
confidence = "guess"

[wording.en]
title = "A sample"
intro = "Answer as it fits."
translator = "us"
licence = "CC0-1.0"
source = "us"
options = ["no", "some", "a lot"]
[wording.en.items.q1]
text = "How is it?"
low = "bad"
high = "good"
[wording.en.items.q2]
text = "How much?"
[wording.en.items.q3]
text = "How many hours?"
[wording.en.items.q4]
text = "Is it so?"
[wording.en.items.q5]
text = "Anything else?"
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text: str, name: str = "sample@1.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def faults_of(path: Path) -> list[str]:
    with pytest.raises(InstrumentFaults) as caught:
        load_file(path)
    assert str(caught.value).splitlines() == [str(fault) for fault in caught.value.faults]
    assert {fault.file for fault in caught.value.faults} == {path.name}
    return [f"{fault.place}: {fault.problem}" for fault in caught.value.faults]


def test_a_good_file(write):
    instrument = load_file(write(GOOD))

    assert instrument.id == "sample@1"
    assert [item.format for item in instrument.items] == list(Format)
    assert instrument.item("q3").unit == "hours"
    assert instrument.item("q2").codes == {"loinc": "1234-5"}
    assert instrument.scale("total").skips == (Skip("q4", 1, ("q2",), 2, drops=True, source="made up"),)
    assert instrument.scale("total").method is Method.WEIGHTED
    assert instrument.scale("total").cutoffs[0].when[1].at_most == 64
    assert instrument.wordings["en"].items["q2"].options == ("no", "some", "a lot")
    assert instrument.title("en") == "A sample"
    assert instrument.title("nb") == "Sample"


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "sample@1.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())

    assert load_file(path).key == "sample"


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ('name = "Sample"', "", "", "`name` is missing"),
        ('name = "Sample"', 'name = " "', "", "`name` is empty"),
        ('name = "Sample"', "name = 3", "", "`name` must be a text, not 3"),
        ("version = 1", "version = 0", "", "`version` must be a whole number of at least 1, not 0"),
        ("version = 1", "version = true", "", "`version` must be a whole number"),
        ("version = 1", "version = 2", "", "the file holds sample@2; its name says sample@1"),
        ('key = "sample"', 'key = "other"', "", "the file holds other@1; its name says sample@1"),
        ('source = "made up"\nconfidence', 'surce = "x"\nconfidence', "", "`surce` is not known here"),
        ('status = "not_validated"', 'status = "good"', "", "`status` must be one of validated"),
        ('about = { en = "A sample." }', 'about = { Norsk = "x" }', "about", "'Norsk' is not a"),
        ('about = { en = "A sample." }', 'about = "x"', "", "`about` must be a table"),
        ('category = "A"', 'category = "D"', "licence", "`category` must be one of A, A*, B, C"),
        ("wording_may_ship = true", 'wording_may_ship = "yes"', "licence", "must be true or false"),
        ("wording_may_ship = true", "wording_may_ship = false", "wording", "does not let"),
        ('format = "vas"', 'format = "slider"', "item q1", "`format` must be one of vas, likert"),
        ("high = 10", "high = 0", "item q1", "the lowest answer, 0, must be smaller than the highest, 0"),
        ("high = 10", 'high = "ten"', "item q1", "`high` must be a number, not 'ten'"),
        ("high = 10", "high = inf", "item q1", "`high` must be a number, not inf"),
        ("step = 1", "step = 0", "item q1", "`step` must be above 0"),
        ("options = [0, 1, 2]", "options = [0, 1, 1]", "item q2", "the same value twice"),
        ("options = [0, 1, 2]", "options = []", "item q2", "`options` is an empty list"),
        ("options = [0, 1, 2]", 'options = [0, 1, "2"]', "item q2", "`options` must hold numbers only"),
        ("options = [0, 1, 2]", "options = 3", "item q2", "`options` must be a list"),
        ('unit = "hours"', 'units = "hours"', "item q3", "`units` is not known here"),
        ('key = "q4"', 'key = "q3"', "item q3", "2 items have this key"),
        ('item = "q2"', 'item = "q9"', "alert on q9", "no such item"),
        ('item = "q2"', 'item = "q5"', "alert on q5", "no number to compare with"),
        ("at_least = 2", "at_least = 3", "alert on q2", "3 can never be answered"),
        ('kind = "risk"', 'kind = "fire"', "alert 1", "`kind` must be one of risk"),
        ('items = ["q1", "q2", "q4"]', 'items = ["q1", "q2", "q7"]', "scale total", "'q7' is not among"),
        ('items = ["q1", "q2", "q4"]', 'items = ["q1", "q2", "q5"]', "scale total", "'q5' is free"),
        ('items = ["q1", "q2", "q4"]', 'items = ["q1", "q2", "q2"]', "scale total, item q2", "give each"),
        ('items = ["q1", "q2", "q4"]', 'items = ["q1", "q2"]', "scale total", "2 items but 3 weights"),
        ('method = "weighted"', 'method = "sum"', "scale total", "for the method weighted only"),
        ('item = "q4"', 'item = "q9"', "scale total, skip after q9", "there is no such item"),
        ('item = "q4"', 'item = "q5"', "scale total, skip after q5", "it has no number"),
        ("equals = 1", "equals = 2", "scale total, skip after q4", "2 can never be answered"),
        ('items = ["q2"]', 'items = ["q3"]', "scale total, skip after q4", "'q3' must be another item of the scale"),
        ('items = ["q2"]', 'items = ["q4"]', "scale total, skip after q4", "'q4' must be another item of the scale"),
        ("counts_as = 2", "counts_as = 3", "scale total, skip after q4", "3 can never be answered to q2"),
        ("drops = true", "drops = 1", "scale total, skip 1", "`drops` must be true or false"),
        ("counts_as = 2", "", "scale total, skip 1", "`counts_as` is missing"),
        ('loinc = "1234-5"', 'lonc = "1234-5"', "item q2, codes", "`lonc` is not known here"),
        ("weights = [1, 2, 3]", "weights = [1, -2, 3]", "scale total", "every weight must be above 0"),
        ('reversed = ["q2"]', 'reversed = ["q3"]', "scale total", "`reversed` names 'q3'"),
        ('direction = "higher"', 'direction = "none"', "scale total", "needs a `direction`"),
        ("high = 34", "high = 30", "scale total", "give scores from 0 to 34, but"),
        ("low = 0\nhigh = 34", "low = 34\nhigh = 0", "scale total", "must be smaller than `high` 0"),
        ("multiply = 2", "multiply = 0", "scale total", "`multiply` must not be 0"),
        ("missing_allowed = 1", "missing_allowed = 3", "scale total", "smaller than the number of items"),
        ("missing_allowed = 1", "missing_allowed = -1", "scale total", "whole number of at least 0"),
        ("{ from = 0,", "{ from = 1,", "scale total", "the first band must begin at 0, not 1"),
        ("{ from = 20,", "{ from = 0,", "scale total", "the bands must begin at rising values"),
        ("{ from = 20,", "{ from = 50,", "scale total", "a band begins at 50, above the scale"),
        ("value = 12", "value = 99", "scale total", "the cut-off 99 lies outside the scale"),
        ('equals = "female"', "at_lest = 1", "scale total, cut-off 1, condition 1", "give either"),
        ("value = 5.54", "value = 6", "scale total, reliable change 6", "reliability and level give 5.54"),
        ("value = 5.54", "value = 77", "scale total, reliable change 77", "fit into the scale"),
        ("level = 0.95", "level = 95", "scale total, reliable change 5.54", "such as 0.95"),
        ("sd = 5", "", "scale total, reliable change 5.54", "needs `level`, `sd` and `reliability`"),
        ("sd = 5", "sd = -5", "scale total, reliable change 5.54", "`sd` must be above 0"),
        ("reliability = 0.84", "reliability = 1", "scale total, reliable change 5.54", "from 0 to below 1"),
        ('translator = "us"', "", "wording en", "`translator` is missing"),
        ('text = "How is it?"', "", "wording en, item q1", "`text` is missing"),
        ('high = "good"', "", "wording en, item q1", "`high` is missing"),
        ('options = ["no", "some", "a lot"]', "", "wording en, item q2", "there are 0 labels"),
        ('"some", "a lot"]', '"some"]', "wording en, item q2", "3 options, but there are 2 labels"),
        ('text = "How many hours?"', 'text = "x"\noptions = ["a"]', "wording en, item q3", "for Likert"),
        ('text = "Is it so?"', 'text = "x"\noptions = ["a"]', "wording en, item q4", "give two labels"),
        ("[wording.en.items.q5]", "[wording.en.items.q6]", "wording en, item q5", "its text is missing"),
        ("[wording.en.items.q5]", "[wording.en.items.q6]", "wording en, item q6", "has no such item"),
    ],
)  # fmt: skip
def test_each_kind_of_fault_is_named_with_its_place(write, old, new, place, problem):
    assert GOOD.count(old) >= 1
    path = write(GOOD.replace(old, new, 1))

    found = faults_of(path)

    assert [fault for fault in found if fault.startswith(f"{place}: ") and problem in fault], found


def test_all_faults_are_found_at_once(write):
    text = GOOD
    for old, new in (
        ("version = 1", "version = -1"),
        ('category = "A"', ""),
        ("step = 1", "step = 0"),
        ("high = 34", "high = 1"),
        ('high = "good"', ""),
    ):
        text = text.replace(old, new, 1)

    found = faults_of(write(text))

    places = {fault.split(": ")[0] for fault in found}
    assert {"", "licence", "item q1", "scale total", "wording en, item q1"} <= places


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"key = ", "is not valid TOML"),
        (b'name = "bl\xe5"', "is not UTF-8 (byte 11); save it as UTF-8"),
    ],
)
def test_an_unreadable_file_says_why(tmp_path, content, problem):
    path = tmp_path / "sample@1.toml"
    path.write_bytes(content)

    (fault,) = faults_of(path)

    assert problem in fault


def test_a_missing_file_says_so(tmp_path):
    (fault,) = faults_of(tmp_path / "none@1.toml")

    assert "cannot be read" in fault


def test_a_name_without_version_is_refused(write):
    (fault,) = faults_of(write(GOOD, name="sample.toml"))

    assert "<key>@<version>.toml" in fault


def test_a_folder_tells_the_faults_of_all_its_files(write, tmp_path):
    write(GOOD)
    write(GOOD.replace("version = 1", "version = 2").replace("step = 1", "step = 0"), name="sample@2.toml")
    write("key = ", name="other@1.toml")

    with pytest.raises(InstrumentFaults) as caught:
        load_folder(tmp_path)

    assert [fault.file for fault in caught.value.faults] == ["other@1.toml", "sample@2.toml"]


def test_the_newest_version_is_the_one_meant(write, tmp_path):
    for version in (1, 2, 10):
        write(GOOD.replace("version = 1", f"version = {version}"), name=f"sample@{version}.toml")
    found = load_folder(tmp_path)

    assert find(found, "sample").version == 10
    assert find(found, "sample", 2).version == 2
    with pytest.raises(UnknownInstrument, match=r"sample has no version 3. There are: 1, 2, 10\."):
        find(found, "sample", 3)


def test_an_unknown_key_names_those_there_are():
    with pytest.raises(UnknownInstrument, match=r"no instrument 'phq9'.*phq-9"):
        get("phq9")


def test_unknown_items_and_scales_name_those_there_are(write):
    instrument = load_file(write(GOOD))

    with pytest.raises(KeyError, match="it has q1, q2, q3, q4, q5"):
        instrument.item("q8")
    with pytest.raises(KeyError, match="it has total"):
        instrument.scale("sum")


def test_the_sample_itself_is_plain_toml():
    assert set(tomllib.loads(GOOD)) >= {"items", "scales", "wording"}
