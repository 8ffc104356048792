"""What every definition that comes with Medvirk must keep, and the facts of each."""

import pytest

from medvirk.instruments.definitions import Confidence, Direction, Format, LicenceClass, Status
from medvirk.instruments.loader import SHIPPED, catalogue, get

OURS = ("citizenship", "life-now", "recovery", "safety", "this-meeting")
STRUCTURES = ("ces-d", "core-10", "gad-7", "ors", "phq-9", "srs")
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


def test_ces_d_has_a_cutoff_but_no_published_reliable_change():
    scale = get("ces-d").scale("total")

    assert [cutoff.value for cutoff in scale.cutoffs] == [16]
    assert scale.reliable_change is None


@pytest.mark.parametrize("key", ["ors", "srs"])
def test_the_licence_holders_numbers_are_not_filled_in(key):
    instrument = get(key)

    assert instrument.licence.category is LicenceClass.CLOSED
    assert instrument.scale("total").cutoffs == ()
    assert instrument.scale("total").reliable_changes == ()
    assert instrument.scale("total").banding is None


@pytest.mark.parametrize(
    ("key", "item", "at_least"), [("phq-9", "q9", 1), ("core-10", "q6", 1), ("safety", "q1", 1)]
)
def test_risk_items(key, item, at_least):
    (alert,) = get(key).alerts

    assert (alert.item, alert.at_least) == (item, at_least)


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
