import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.ui.charts import (
    OUTCOMES,
    ControlPicture,
    CoursePicture,
    CoursesPicture,
    FirstLastPicture,
    Move,
    MovesPicture,
    Size,
    control_chart,
    course_chart,
    courses_chart,
    first_last_chart,
    moves_chart,
    sparkline_svg,
    to_png,
    to_svg,
)
from medvirk.ui.charts.person import BOX_HALF, session_ticks

BAND = ((0.0, 8.0, 20.0), (3.0, 10.0, 30.0), (6.0, 12.5, 36.0))
LABELS = {
    "title": "Forløpet", "description": "Fra 14 til 31 <av 50>", "session": "Samtale", "time": "Uker",
    "score": "Slik har jeg det", "score_axis": "Skåre", "meeting": "Dette møtet", "meeting_axis": "Møtet",
    "cutoff": "Grense 25", "band50": "Halvparten", "band80": "Åtte av ti", "first": "Første", "last": "Siste",
    "course": "Én person", "mean": "Forventet", "observed": "Målt",
}  # fmt: skip
COURSE = CoursePicture(
    sessions=[0, 1, 2, 3],
    scores=[14, 16, None, 31],
    low=0,
    high=50,
    labels=LABELS,
    band50=BAND,
    band80=BAND,
    cutoff=25,
    meeting=[40, None, 42, 45],
    changes=[(2, "Hjemmebesøk")],
)
FIRST_LAST = FirstLastPicture(
    [30, 20],
    [10, 20],
    ["recovered", "unchanged"],
    0,
    60,
    9.3,
    LABELS,
    {"recovered": "R (1)", "unchanged": "U (1)"},
    16,
)
MOVES = MovesPicture(
    [Move("Alle", "improved", "Bedre", 0.5, "1 (50 %)"), Move("Alle", "unchanged", "Likt", 0.5, "1")], LABELS
)
COURSES = CoursesPicture(
    [[(0, 30), (6, 20)], [(0, 10)]], 0, 60, LABELS, [(0, 25), (6, 15)], BAND, BAND, [(0, 20)], 16
)
DRAWN = [
    (course_chart, COURSE),
    (first_last_chart, FIRST_LAST),
    (moves_chart, MOVES),
    (courses_chart, COURSES),
]


@pytest.mark.parametrize("size", list(Size))
@pytest.mark.parametrize(("chart", "picture"), DRAWN)
def test_a_strict_page_lets_the_picture_in_and_it_has_a_name(chart, picture, size):
    root = ET.fromstring(to_svg(chart(picture, size)))

    tags = {element.tag.partition("}")[2] for element in root.iter()}
    attributes = {name for element in root.iter() for name in element.attrib}
    names = {element.get("id"): element.text for element in root if element.get("id")}
    assert not tags & {"script", "style", "foreignObject"}
    assert not [name for name in attributes if name == "style" or name.startswith("on")]
    assert root.get("role") == "img"
    assert [names[key] for key in root.get("aria-labelledby").split()] == [
        LABELS["title"],
        LABELS["description"],
    ]


@pytest.mark.parametrize(("chart", "picture"), DRAWN)
def test_the_same_picture_gives_the_same_text_and_two_can_share_a_page(chart, picture):
    wide, again, narrow = (to_svg(chart(picture, size)) for size in (Size.WIDE, Size.WIDE, Size.NARROW))

    assert wide == again
    assert not set(re.findall(r'id="([^"]+)"', wide)) & set(re.findall(r'id="([^"]+)"', narrow))
    for used in re.findall(r"url\(#([^)]+)\)", wide):
        assert f'id="{used}"' in wide


@pytest.mark.parametrize(("chart", "picture"), DRAWN)
def test_the_narrow_picture_fits_a_phone(chart, picture):
    width = float(ET.fromstring(to_svg(chart(picture, Size.NARROW))).get("width"))

    assert 220 <= width <= 300


@pytest.mark.parametrize(("chart", "picture"), DRAWN)
def test_the_specification_follows_vega_lites_schema(chart, picture):
    specification = chart(picture).chart.to_dict(validate=True)

    assert json.dumps(specification)


def texts_of(svg: str) -> list[str]:
    return [element.text for element in ET.fromstring(svg).iter() if element.tag.endswith("}text")]


def test_the_course_shows_bands_cutoff_meetings_and_numbered_changes():
    told = texts_of(to_svg(course_chart(COURSE)))

    for text in (
        "Slik har jeg det",
        "Halvparten",
        "Åtte av ti",
        "Dette møtet",
        "Grense 25",
        "1",
        "Møtet",
        "Samtale",
    ):
        assert text in told


def test_a_missing_score_breaks_the_line_and_gets_no_point():
    whole = to_svg(course_chart(CoursePicture([0, 1, 2, 3], [14, 16, 20, 31], 0, 50, LABELS)))
    broken = to_svg(course_chart(CoursePicture([0, 1, 2, 3], [14, 16, None, 31], 0, 50, LABELS)))

    points = [len(re.findall(r'<path [^>]*d="M[\d.]+,0A', svg)) for svg in (whole, broken)]
    assert points == [4, 3]
    assert "Dette møtet" not in texts_of(whole)


def test_a_course_without_anything_to_show_is_refused():
    with pytest.raises(ValueError, match="at least one session"):
        course_chart(CoursePicture([], [], 0, 50, LABELS))


def test_outcomes_differ_in_shape_and_not_by_colour_alone():
    shapes = [shape for _, shape in OUTCOMES.values()]

    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize(("language", "number"), [("nb", "0,5"), ("en", "0.5")])
def test_numbers_have_the_decimal_sign_of_the_language(language, number):
    picture = CoursePicture([0, 1], [0.2, 0.8], 0, 1, LABELS)

    assert any(text.startswith(number[:2]) for text in texts_of(to_svg(course_chart(picture), language)))


def test_a_png_is_made_for_places_that_take_no_svg():
    assert to_png(first_last_chart(FIRST_LAST), scale=1).startswith(b"\x89PNG")


def test_a_sparkline_leaves_gaps_and_marks_the_last_score():
    svg = ET.fromstring(sparkline_svg([10, None, 20, 30], 0, 50, label="Fra 10 til 30 & videre"))

    tags = [element.tag.partition("}")[2] for element in svg.iter()]
    assert (tags.count("path"), tags.count("circle")) == (1, 3)
    assert svg.get("aria-label") == "Fra 10 til 30 & videre"
    assert not [element for element in svg.iter() if "style" in element.attrib]


@given(st.lists(st.none() | st.floats(-100, 200, allow_nan=False), max_size=30))
def test_a_sparkline_stays_inside_its_frame(values):
    svg = ET.fromstring(sparkline_svg(values, 0, 50))

    assert svg.get("aria-hidden") == "true"
    for circle in (element for element in svg.iter() if element.tag.endswith("}circle")):
        assert 0 <= float(circle.get("cx")) <= 96
        assert 0 <= float(circle.get("cy")) <= 28


def marked(count: int) -> CoursePicture:
    """A course of so many sessions, with meeting scores, where the help was changed at the first session."""
    sessions = list(range(1, count + 1))
    return CoursePicture(
        sessions, [20] * count, 0, 50, LABELS, meeting=[40] * count, changes=[(1, "Hjemmebesøk")]
    )


@pytest.mark.parametrize(
    ("count", "narrow", "wide"),
    [
        (1, "1 2 3 4", "1 2 3 4"),
        (2, "1 2 3 4", "1 2 3 4"),
        (5, "1 2 3 4 5", "1 2 3 4 5"),
        (14, "1 5 10", "1 2 3 4 5 6 7 8 9 10 11 12 13 14"),
        (60, "1 20 40 60", "1 5 10 15 20 25 30 35 40 45 50 55 60"),
    ],
)
def test_the_axis_of_sessions_counts_in_whole_numbers_that_fit(count, narrow, wide):
    pictures = [to_svg(course_chart(marked(count), size)) for size in (Size.NARROW, Size.WIDE)]

    # The numbers stand under the scores and again under the meetings, just before the name of that axis.
    for svg, expected in zip(pictures, (narrow, wide), strict=True):
        told = texts_of(svg)
        numbers, end = expected.split(), told.index("Samtale")
        assert told[: told.index("0")] == numbers
        assert told[end - len(numbers) : end] == numbers


def test_an_axis_without_room_for_two_numbers_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        session_ticks(1, 10, 0)


@pytest.mark.parametrize("size", list(Size))
def test_the_box_of_a_change_at_the_first_session_stays_inside_the_plot(size):
    specification = course_chart(marked(5), size).chart.to_dict()

    rows = [
        row
        for drawn in specification["vconcat"][0]["layer"]
        for row in drawn["data"]["values"]
        if "shift" in row
    ]
    assert {row["shift"] for row in rows} == {BOX_HALF}
    svg = to_svg(course_chart(marked(5), size))
    assert f"translate({BOX_HALF},11)" in svg


def controlled(**changes) -> ControlPicture:
    """Two years of a share, with a month that is not shown and one that is unusual."""
    shares = [0.6, None, 0.9] + [0.6] * 21
    flat = [0.6] * 24
    held = {
        "months": [f"m{number}" for number in range(24)], "shares": shares, "centre": flat,
        "lower": [0.4] * 24, "upper": [0.8] * 24, "unusual": frozenset({2}),
        "labels": {"title": "Andel som svarte", "description": "Én måned skiller seg ut."},
    }  # fmt: skip
    return ControlPicture(**held | changes)


@pytest.mark.parametrize("size", list(Size))
def test_a_control_chart_says_in_words_what_it_shows(size):
    svg = ET.fromstring(to_svg(control_chart(controlled(), size)))

    told = [element.text for element in svg.iter() if element.tag.endswith(("title", "desc"))]
    assert "Andel som svarte" in told
    assert "Én måned skiller seg ut." in told


@pytest.mark.parametrize(("size", "most"), [(Size.NARROW, 3), (Size.WIDE, 8)])
def test_names_of_months_have_room_and_the_last_is_named(size, most):
    names = [text for text in texts_of(to_svg(control_chart(controlled(), size))) if text.startswith("m")]

    assert names[-1] == "m23"
    assert len(names) == most


def test_a_month_that_is_not_shown_is_no_point_and_breaks_the_line():
    layers = control_chart(controlled()).chart.to_dict()["layer"]

    points = [
        row["month"] for each in layers if each["mark"]["type"] == "point" for row in each["data"]["values"]
    ]
    assert sorted(points) == sorted(f"m{number}" for number in range(24) if number != 1)
    diamonds = [each for each in layers if each["mark"].get("shape") == "diamond"]
    assert [row["month"] for row in diamonds[0]["data"]["values"]] == ["m2"]


def test_what_was_changed_stands_on_the_chart_with_its_letter():
    assert "B" in texts_of(to_svg(control_chart(controlled(notes=[(4, "A"), (12, "B")]))))
    assert "A" not in texts_of(to_svg(control_chart(controlled())))
