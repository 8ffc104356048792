"""What every definition that comes with Medvirk must keep, and the facts of each."""

import pytest

from medvirk.instruments.definitions import Confidence, Direction, Format, LicenceClass, Status
from medvirk.instruments.loader import SHIPPED, catalogue, get
from medvirk.instruments.logic import cutoff_for

OURS = ("citizenship", "fit-own", "fit-team", "life-now", "own-goal", "recovery", "safety", "this-meeting")
STRUCTURES = (
    "arm-5", "audit", "audit-c", "ces-d", "core-10", "core-om", "cors", "csq-8", "csrs", "dudit", "eq-5d-5l", "gad-7",
    "gse", "gsrs", "ips-25", "k10-0-40", "k10-10-50", "k6-0-24", "k6-6-30", "mansa", "ors", "phq-9", "qpr-15", "ras-ds",
    "ras-r", "srs", "swemwbs", "swls", "ucla-3", "uwes-9", "wai-sr", "who-5", "wsas",
)  # fmt: skip
LICENSED = ("cors", "csrs", "gsrs", "ors", "srs")
LONGEST_QUESTION = 75


def test_every_file_is_valid_and_listed():
    assert sorted(f"{instrument.id}.toml" for instrument in catalogue().values()) == sorted(
        path.name for path in SHIPPED.glob("*.toml")
    )
    assert {key for key, _ in catalogue()} == {*OURS, *STRUCTURES}


@pytest.mark.parametrize(
    ("key", "items", "low", "high", "direction", "reversed_items", "missing"),
    [
        ("phq-9", 9, 0, 27, Direction.LOWER, (), 2),
        ("gad-7", 7, 0, 21, Direction.LOWER, (), 2),
        ("core-10", 10, 0, 40, Direction.LOWER, ("q2", "q3"), 1),
        ("ces-d", 20, 0, 60, Direction.LOWER, ("q4", "q8", "q12", "q16"), 0),
        ("core-om", 34, 0, 40, Direction.LOWER, ("q3", "q4", "q7", "q12", "q19", "q21", "q31", "q32"), 3),
        ("k6-0-24", 6, 0, 24, Direction.LOWER, (), 0),
        ("k6-6-30", 6, 6, 30, Direction.LOWER, (), 0),
        ("k10-0-40", 10, 0, 40, Direction.LOWER, (), 0),
        ("k10-10-50", 10, 10, 50, Direction.LOWER, (), 0),
        ("who-5", 5, 0, 100, Direction.HIGHER, (), 0),
        ("swemwbs", 7, 7, 35, Direction.HIGHER, (), 0),
        ("swls", 5, 5, 35, Direction.HIGHER, (), 0),
        ("ucla-3", 3, 3, 9, Direction.LOWER, (), 0),
        ("gse", 10, 10, 40, Direction.HIGHER, (), 3),
        ("qpr-15", 15, 0, 60, Direction.HIGHER, (), 0),
        ("ras-ds", 38, 38, 152, Direction.HIGHER, (), 0),
        ("ras-r", 24, 24, 120, Direction.HIGHER, (), 0),
        ("csq-8", 8, 8, 32, Direction.HIGHER, (), 0),
        ("audit", 10, 0, 40, Direction.LOWER, (), 0),
        ("audit-c", 3, 0, 12, Direction.LOWER, (), 0),
        ("dudit", 11, 0, 44, Direction.LOWER, (), 0),
        ("uwes-9", 9, 0, 6, Direction.HIGHER, (), 0),
        ("ips-25", 25, 25, 125, Direction.HIGHER, (), 0),
        ("arm-5", 5, 1, 7, Direction.HIGHER, ("q3",), 0),
        ("wai-sr", 12, 12, 60, Direction.HIGHER, (), 0),
        ("cors", 4, 0, 40, Direction.HIGHER, (), 0),
        ("csrs", 4, 0, 40, Direction.HIGHER, (), 0),
        ("gsrs", 4, 0, 40, Direction.HIGHER, (), 0),
        ("ors", 4, 0, 40, Direction.HIGHER, (), 0),
        ("srs", 4, 0, 40, Direction.HIGHER, (), 0),
        ("life-now", 5, 0, 50, Direction.HIGHER, (), 0),
        ("this-meeting", 5, 0, 50, Direction.HIGHER, (), 0),
        ("citizenship", 12, 0, 4, Direction.HIGHER, (), 2),
        ("recovery", 10, 0, 4, Direction.HIGHER, (), 2),
    ],
)
def test_structure(key, items, low, high, direction, reversed_items, missing):
    instrument = get(key)
    scale = instrument.main_scale

    assert scale is not None
    assert (len(instrument.items), scale.low, scale.high) == (items, low, high)
    assert scale.direction is direction
    assert scale.reversed == reversed_items
    assert scale.missing_allowed == missing
    assert scale.items == tuple(item.key for item in instrument.items)


@pytest.mark.parametrize(
    ("key", "cutoff", "change"),
    [
        ("phq-9", 10, (6, True, Confidence.SECONDARY)),
        ("gad-7", 8, (4, True, Confidence.SECONDARY)),
        ("core-10", 11, (6.75, False, Confidence.COMPUTED)),
    ],
)
def test_numbers_in_use_come_first(key, cutoff, change):
    scale = get(key).scale("total")

    assert scale.cutoffs[0].value == cutoff
    assert scale.cutoffs[0].inclusive
    first = scale.reliable_change
    assert first is not None
    assert (first.value, first.inclusive, first.confidence) == change


@pytest.mark.parametrize(
    ("key", "facts", "cutoff"),
    [
        ("audit", {}, 8),
        ("audit-c", {}, 5),
        ("audit-c", {"sex": "female"}, 3),
        ("audit-c", {"sex": "male"}, 4),
        ("dudit", {}, 25),
        ("dudit", {"sex": "female"}, 2),
        ("dudit", {"sex": "male"}, 6),
        ("who-5", {}, 50),
        ("who-5", {"age": 15}, 48),
        ("who-5", {"age": 17}, 50),
        ("core-om", {"sex": "male"}, 10),
        ("k6-0-24", {}, 13),
        ("k6-6-30", {}, 19),
        ("k10-0-40", {}, 10),
        ("k10-10-50", {}, 20),
        ("wsas", {}, 10),
        ("ucla-3", {}, 6),
        ("gse", {}, None),
        ("qpr-15", {}, None),
        ("ips-25", {}, None),
    ],
)
def test_the_cutoff_for_a_person(key, facts, cutoff):
    found = cutoff_for(get(key).scales[0], facts)

    assert (found.value if found else None) == cutoff
    assert found is None or found.inclusive == (get(key).scales[0].direction is Direction.LOWER)


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("core-om", 5.09), ("k10-0-40", 5.87), ("k10-10-50", 5.87), ("who-5", 21.47), ("mansa", 0.97), ("swls", 6.50),
        ("wsas", 9.66), ("qpr-15", 14.13), ("ras-r", 9.53), ("audit", None), ("ucla-3", None), ("gse", None),
        ("swemwbs", None), ("eq-5d-5l", None), ("csq-8", None), ("ips-25", None),
    ],
)  # fmt: skip
def test_the_reliable_change_in_use(key, change):
    fact = get(key).scales[0].reliable_change

    assert (fact.value if fact else None) == change
    assert fact is None or (fact.level, fact.confidence) == (0.95, Confidence.COMPUTED)


def test_ten_points_of_who_5_are_not_one_persons_change():
    assert [fact.value for fact in get("who-5").scales[0].reliable_changes] == [21.47]
    assert "convention for groups" in get("who-5").notes


@pytest.mark.parametrize("instrument", catalogue().values(), ids=lambda instrument: instrument.id)
def test_what_is_uncertain_is_not_shipped(instrument):
    facts = [
        fact
        for scale in instrument.scales
        for fact in (*scale.cutoffs, *scale.reliable_changes, *scale.evidence)
    ]
    confidences = [instrument.confidence, *(fact.confidence for fact in facts)]
    confidences += [scale.banding.confidence for scale in instrument.scales if scale.banding]

    assert Confidence.RECALLED_LOW not in confidences


def test_both_codings_of_k10_and_k6_are_the_same_questions():
    for low, high in (("k6-0-24", "k6-6-30"), ("k10-0-40", "k10-10-50")):
        one, other = get(low).scales[0], get(high).scales[0]
        k = len(one.items)

        assert [cutoff.value + k for cutoff in one.cutoffs] == [cutoff.value for cutoff in other.cutoffs]
        assert (one.low + k, one.high + k) == (other.low, other.high)
        if one.banding and other.banding:
            assert [band.start + k for band in one.banding.bands] == [
                band.start for band in other.banding.bands
            ]


def test_ces_d_has_a_cutoff_but_no_published_reliable_change():
    scale = get("ces-d").scale("total")

    assert [cutoff.value for cutoff in scale.cutoffs] == [16]
    assert scale.reliable_change is None


@pytest.mark.parametrize("key", LICENSED)
def test_the_licence_holders_numbers_are_not_filled_in(key):
    instrument = get(key)

    assert instrument.licence.category is LicenceClass.CLOSED
    assert instrument.scale("total").cutoffs == ()
    assert instrument.scale("total").reliable_changes == ()
    assert instrument.scale("total").banding is None


@pytest.mark.parametrize(
    ("key", "items", "at_least"),
    [
        ("phq-9", ["q9"], 1),
        ("core-10", ["q6"], 1),
        ("core-om", ["q6", "q9", "q16", "q22", "q24", "q34"], 1),
        ("safety", ["q1"], 1),
    ],
)
def test_risk_items(key, items, at_least):
    assert [(alert.item, alert.at_least) for alert in get(key).alerts] == [(item, at_least) for item in items]


@pytest.mark.parametrize("key", STRUCTURES)
def test_published_instruments_ship_no_wording(key):
    instrument = get(key)

    assert instrument.wordings == {}
    assert not instrument.licence.wording_may_ship
    assert instrument.status is Status.VALIDATED


@pytest.mark.parametrize("key", OURS)
def test_ours_are_free_unvalidated_and_without_cutoff(key):
    instrument = get(key)

    assert instrument.licence.terms == "CC0-1.0"
    assert instrument.status is Status.NOT_VALIDATED
    assert sorted(instrument.languages) == ["en", "nb", "nn"]
    for scale in instrument.scales:
        assert scale.cutoffs == ()
        assert scale.banding is None
        assert [change.confidence for change in scale.reliable_changes] == [Confidence.GUESS]


def test_safety_is_never_scored():
    assert get("safety").scales == ()
    assert get("safety").main_scale is None


@pytest.mark.parametrize("key", ["life-now", "this-meeting"])
def test_marks_on_a_line_go_from_0_to_10(key):
    assert {(item.format, item.low, item.high) for item in get(key).items} == {(Format.VAS, 0, 10)}


@pytest.mark.parametrize("key", OURS)
def test_our_wording_is_short_and_written_in_each_language(key):
    wordings = get(key).wordings

    for wording in wordings.values():
        for item in wording.items.values():
            assert len(item.text) <= LONGEST_QUESTION
            assert item.text[-1] in ".?"
            assert item.text.count(".") + item.text.count("?") == 1, "one sentence, one idea"
    # Single sentences may be the same in both Norwegian languages; a whole form is not.
    assert len({repr(wordings[language].items) for language in ("nb", "nn", "en")}) == 3


@pytest.mark.parametrize("instrument", catalogue().values(), ids=lambda instrument: instrument.id)
def test_everything_told_to_workers_is_in_three_languages(instrument):
    texts = [instrument.about, *(scale.title for scale in instrument.scales)]
    texts += [band.label for scale in instrument.scales if scale.banding for band in scale.banding.bands]
    texts += [cutoff.meaning for scale in instrument.scales for cutoff in scale.cutoffs if cutoff.meaning]

    assert [sorted(text) for text in texts] == [["en", "nb", "nn"]] * len(texts)
