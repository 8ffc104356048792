"""Norms files: exact there and back, readable, and refused when anything about them is wrong."""

import copy
import json
import math
from dataclasses import replace
from datetime import date

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats.federation import (
    SCHEMA,
    BadNormsFileError,
    BadPeriodError,
    NothingToReleaseError,
    Period,
    checksum,
    pool,
    read,
    release,
    select,
    write,
)
from medvirk.stats.federation.words import describe
from medvirk.stats.growth import Norms, fit
from medvirk.stats.growth.timescale import TimeScale

VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def one(municipality, released):
    return released(municipality(300, 1))


@pytest.fixture(scope="module")
def document(one):
    return json.loads(write(one))


def sealed(document):
    """As text, with a checksum that fits."""
    return json.dumps(document | {"checksum": checksum(document)})


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(VALIDATOR.schema)


def test_a_file_reads_back_exactly(one):
    again = read(write(one))

    assert write(again) == write(one)
    assert (again.measure, again.time_scale, again.parts) == (one.measure, one.time_scale, one.parts)
    assert again.norms.to_dict() == one.norms.to_dict()


@given(st.floats(0.1, 1e4), st.floats(-1e3, 1e3))
def test_every_number_reads_back_exactly(released, municipality, measure, factor, shift):
    """Also on scales that no sum of scores hits exactly."""
    courses = municipality(60, 3, sessions=2, missed=0, ends=0)
    odd = courses._replace(score=np.clip(courses.score, 0, 50) * factor + shift)
    high = 50 * factor + shift
    chosen = select(**odd._asdict(), low=shift, high=high)
    made = release(
        chosen,
        measure=replace(measure, low=shift, high=high),
        municipality="Fjordvik",
        number="9901",
        period=Period(2025),
        made_on=date(2026, 1, 2),
    )

    again = read(write(made))

    for mine, theirs in zip(made.norms.patterns, again.norms.patterns, strict=True):
        assert (mine.sum_zy, mine.sum_zyyz, mine.sum_yy) == (theirs.sum_zy, theirs.sum_zyyz, theirs.sum_yy)


def test_the_file_says_what_it_is(one, document):
    text = write(one)

    assert "No person is in here" in text
    assert document["instrument"] == "life-now@1"
    assert document["range"] == [0, 50]
    assert document["time"] == {"unit": "sessions", "transform": "log1p"}
    (part,) = document["releases"]
    assert (part["municipality"], part["number"], part["period"]) == ("Kommune 9901", "9901", "2025")
    assert part["courses"] == sum(pattern["persons"] for pattern in document["patterns"]) == 300
    assert document["patterns"][0]["times"] == [0]
    assert max(len(line) for line in text.splitlines()) < 400  # one pattern on a line


def test_withheld_counts_are_rounded(municipality, released):
    courses = municipality(200, 9)

    exact = select(**courses._asdict(), low=0, high=50).withheld
    told = released(courses).parts[0].withheld

    assert any(count % 5 for count in exact)
    assert [abs(a - b) <= 2 for a, b in zip(exact, told, strict=True)] == [True] * 3
    assert all(count % 5 == 0 for count in told)


def test_weeks_on_another_machine_are_the_same_times(measure):
    """Times are stored as counted, so that logarithms which differ in the last digit still meet."""
    rng = np.random.default_rng(1)
    person, time = np.repeat(np.arange(20), 2), np.tile([0.0, 7.0], 20)
    made = release(
        select(
            person=person,
            time=time,
            score=rng.uniform(10, 40, 40),
            low=0,
            high=50,
            time_scale=TimeScale("weeks"),
        ),
        measure=measure,
        municipality="A",
        number="9901",
        period=Period(2025),
        made_on=date(2026, 1, 2),
        time_scale=TimeScale("weeks"),
    )
    nudged = replace(
        made, norms=replace(made.norms, times=np.nextafter(made.norms.times, 9) * (made.norms.times > 0))
    )

    assert json.loads(write(nudged))["patterns"][0]["times"] == [0, 7]
    assert read(write(nudged)).norms.times.tolist() == made.norms.times.tolist()


# what is refused


def changed(document, path, value):
    result = copy.deepcopy(document)
    place = result
    for key in path[:-1]:
        place = place[key]
    if value is None and path[-1] not in ("checksum", "first_sessions"):
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return result


RELEASE, PATTERN = ("releases", 0), ("patterns", 0)
BAD_FORMS = [
    (("scale",), None, '"scale" is missing'),
    (("scale",), " ", '"scale" must be a text'),
    (("person",), "kari", '"person" is not part'),
    (("about",), [], '"about" must be a list'),
    (("instrument",), "life-now", "as phq-9@1"),
    (("range",), [0], "the two ends"),
    (("range",), [0, True], "the two ends"),
    (("better",), "up", "higher, lower or none"),
    (("time",), "sessions", "must be an object"),
    (("time", "unit"), "years", "one of sessions"),
    (("time", "transform"), 1, "one of log1p"),
    (("smallest_cell",), 9, "whole number from 10"),
    (("releases",), [], "at least one release"),
    (("patterns",), {}, "at least one pattern"),
    (("patterns",), [1], "at least one pattern"),
    (("checksum",), "abc", "64 digits"),
    ((*RELEASE, "number"), 9901, "four digits"),
    ((*RELEASE, "number"), "99011", "four digits"),
    ((*RELEASE, "period"), "2025-Q1", "a year or half year"),
    ((*RELEASE, "period"), "1999", "a year or half year"),
    ((*RELEASE, "made_on"), "15.01.2026", "a day"),
    ((*RELEASE, "first_sessions"), 1, "null, or a whole number from 2"),
    ((*RELEASE, "rare"), "keep", "one of trim, withhold"),
    ((*RELEASE, "courses"), "300", "Release 1"),
    ((*RELEASE, "withheld"), 5, "must be an object"),
    ((*RELEASE, "withheld", "courses"), 3, "rounded to 5"),
    ((*RELEASE, "withheld", "scores"), None, "missing"),
    ((*RELEASE, "checksum"), "no", "null, or sha256"),
    ((*PATTERN, "persons"), 9, "smaller patterns must not leave"),
    ((*PATTERN, "persons"), 10.5, "whole number from 10"),
    ((*PATTERN, "persons"), 2**53, "whole number from 10"),
    ((*PATTERN, "times"), [], "ascend"),
    ((*PATTERN, "times"), [0, 0], "ascend"),
    ((*PATTERN, "times"), [0, 1.5], "ascend"),
    ((*PATTERN, "times"), [-1], "ascend"),
    ((*PATTERN, "sum_zy"), [1.0], "2 numbers"),
    ((*PATTERN, "sum_zyyz"), [1, 2, "3"], "3 numbers"),
    ((*PATTERN, "sum_yy"), False, "a number"),
    ((*PATTERN, "names"), ["kari"], "not part"),
]


@pytest.mark.parametrize(("path", "value", "fault"), BAD_FORMS)
def test_a_bad_form_is_refused_by_the_checks_and_by_the_schema(document, path, value, fault):
    bad = changed(document, path, value)

    with pytest.raises(BadNormsFileError, match=fault):
        read(sealed(bad) if path != ("checksum",) else json.dumps(bad))
    assert not VALIDATOR.is_valid(bad)


def test_good_files_please_the_schema_and_the_checks(document, municipality, released):
    whole = changed(document, (*RELEASE, "courses"), 300.0)  # 300.0 is 300, also to the checksum
    pooled = pool(
        [("a", released(municipality(200, 1))), ("b", released(municipality(200, 2), number="9902"))]
    )
    for good in (document, whole, json.loads(write(pooled))):
        VALIDATOR.validate(good)
        assert read(json.dumps(good)).norms.persons == sum(row["courses"] for row in good["releases"])


def test_all_faults_are_told_at_once(document):
    bad = changed(changed(document, ("scale",), None), (*PATTERN, "persons"), 3)

    with pytest.raises(BadNormsFileError) as error:
        read(json.dumps(bad))

    assert len(error.value.faults) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        '{"format": "medvirk-norms-1"}',
        "[" * 100_000,
        '{"format": NaN}',
        '{"a": 1, "a": 2}',
    ],
)
def test_other_files_are_no_norms_files(text):
    with pytest.raises(BadNormsFileError):
        read(text)


def test_a_changed_file_is_refused(one):
    text = write(one)
    for old, new in (('"courses": 300', '"courses": 301'), ("Fjordvik", "Other"), ("Kommune", "kommune")):
        if old in text:
            with pytest.raises(BadNormsFileError, match="checksum does not fit"):
                read(text.replace(old, new, 1))
    number = json.loads(text)["patterns"][1]["sum_yy"]
    with pytest.raises(BadNormsFileError, match="checksum does not fit"):
        read(text.replace(json.dumps(number), json.dumps(math.nextafter(number, 0)), 1))


def test_spaces_and_order_do_not_matter(document):
    turned = dict(reversed(document.items()))

    assert read(json.dumps(turned, indent=4)).parts == read(json.dumps(document)).parts


def pattern(scores, first=0):
    table = np.asarray(scores, dtype=float)
    people, times = table.shape
    norms = Norms.from_scores(
        person=np.repeat(np.arange(people), times),
        t=np.log1p(first + np.tile(np.arange(times), people)),
        score=table.ravel(),
    )
    (row,) = norms.to_dict()["patterns"]
    return row | {"times": list(range(first, first + times))}


SPREAD = np.random.default_rng(1).uniform(10, 40, size=(12, 2))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (pattern(np.full((12, 2), 23.0)), "Pattern 1 should not have left: its people are so alike"),
        (pattern(SPREAD * 2), "no scores from 0 to 50"),
        (pattern(SPREAD) | {"sum_yy": 1.0}, "sum_yy"),
        (pattern(SPREAD) | {"sum_zyyz": [1.0, 1.0, 1.0]}, "sum_zyyz"),
        (pattern(SPREAD, first=1), "must begin at 0"),
    ],
)
def test_sums_that_cannot_be_or_must_not_be_are_refused(document, row, fault):
    bad = copy.deepcopy(document) | {"patterns": [row]}
    bad["releases"][0] |= {"courses": 12, "scores": 24}

    with pytest.raises(BadNormsFileError, match=fault):
        read(sealed(bad))


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ((*RELEASE, "courses"), 299, "The releases have 299 courses together, the patterns 300"),
        ((*RELEASE, "made_on"), "2025-12-31", "before the period was over"),
        (("range",), [50, 0], "the lower end must come first"),
    ],
)
def test_what_does_not_fit_together_is_refused(document, path, value, fault):
    with pytest.raises(BadNormsFileError, match=fault):
        read(sealed(changed(document, path, value)))


# the calendar


def test_periods():
    year, first, second = (Period.parse(text) for text in ("2025", "2025-H1", "2025-H2"))

    assert (first.first_day, first.last_day) == (date(2025, 1, 1), date(2025, 6, 30))
    assert (second.first_day, second.last_day) == (date(2025, 7, 1), date(2025, 12, 31))
    assert (year.first_day, year.last_day) == (date(2025, 1, 1), date(2025, 12, 31))
    assert [str(each) for each in (year, first, second)] == ["2025", "2025-H1", "2025-H2"]
    assert year.overlaps(second)
    assert second.overlaps(year)
    assert not first.overlaps(second)
    assert not year.overlaps(Period(2026))


@pytest.mark.parametrize("text", ["", "25", "2025-H3", "2025-01", "1925", "2025 ", "２０２５"])
def test_other_periods_are_refused(text):
    with pytest.raises(BadPeriodError, match="not a period"):
        Period.parse(text)


def test_a_period_is_released_when_it_is_over(municipality, released):
    with pytest.raises(BadNormsFileError, match=r"lasts until 31\.12\.2025"):
        released(municipality(100, 1), made_on=date(2025, 12, 31))


def test_nothing_to_release(municipality, released):
    with pytest.raises(NothingToReleaseError, match="None of the 9 courses may leave"):
        released(municipality(9, 1))


# in words


def test_in_words(one):
    words = describe(one)
    model = fit(one.norms)

    assert "life-now@1 total: 0 to 50 points, higher is better. Time: log1p(sessions)" in words
    assert "Kommune 9901 (9901) 2025: 300 courses" in words
    assert f"First score on average {model.beta[0]:.2f}" in words
    assert "Rare courses were cut back" in words
    lower, upper = model.band([0.0], [float(model.beta[0])], np.log1p([5.0]), coverage=0.8, low=0, high=50)
    mean = model.expected(float(model.beta[0]), np.log1p([5.0]))[0]
    assert f"sessions  5: {mean:5.1f}  (" in words
    assert f"; {lower[0]:.1f} to {upper[0]:.1f})" in words


def test_in_words_when_nothing_can_be_estimated(municipality, released):
    words = describe(released(municipality(30, 1, sessions=1, missed=0, ends=0)))

    assert "cannot be estimated" in words
    assert "Nobody was measured more than once" in words
