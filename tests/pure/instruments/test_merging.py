"""What the municipality adds is used in place of what is shipped, and nothing shipped is lost."""

import pytest

from medvirk.instruments.definitions import Confidence, ItemWording, Wording
from medvirk.instruments.loader import get
from medvirk.instruments.merging import Parameters, merge, stored_wording, wording_content


def wording(language: str, text: str = "made up", items: int = 4) -> Wording:
    return Wording(
        language=language,
        title="Made up",
        intro="",
        items={f"q{number}": ItemWording(text, "low", "high") for number in range(1, items + 1)},
        translator="nobody",
        licence="none",
        source="test",
        local=True,
    )


def test_local_wording_makes_an_instrument_askable_in_its_language():
    merged = merge(get("ors"), [wording("nb")], [])

    assert merged.languages == ("nb",)
    assert merged.title("nb") == "Made up"
    assert get("ors").languages == ()


def test_shipped_wording_is_never_replaced():
    merged = merge(get("life-now"), [wording("nb", items=5), wording("se", items=5)], [])

    assert merged.wordings["nb"] == get("life-now").wordings["nb"]
    assert sorted(merged.languages) == ["en", "nb", "nn", "se"]


@pytest.mark.parametrize(
    ("chosen", "cutoff", "change"),
    [
        ([], None, None),
        ([Parameters("total", 25, None, None, "a")], 25, None),
        ([Parameters("total", 25, 5, 0.95, "a"), Parameters("total", None, 6, 0.95, "b")], 25, 6),
        ([Parameters("total", 25, 5, 0.95, "a"), Parameters("total", None, None, None, "b")], None, None),
        (
            [Parameters("total", None, None, None, "a"), Parameters("total", 24, None, None, "b")],
            24,
            None,
        ),
        ([Parameters("elsewhere", 25, 5, 0.95, "a")], None, None),
    ],
)
def test_of_each_number_the_newest_holds_until_all_are_taken_back(chosen, cutoff, change):
    scale = merge(get("ors"), [], chosen).scale("total")

    assert (scale.cutoffs[0].value if scale.cutoffs else None) == cutoff
    assert (scale.reliable_change.value if scale.reliable_change else None) == change


def test_local_numbers_stand_before_the_shipped_ones_and_are_marked():
    scale = merge(get("phq-9"), [], [Parameters("total", 12, 7, 0.9, "our data")]).scale("total")

    assert [cutoff.value for cutoff in scale.cutoffs] == [12, 10]
    assert scale.reliable_change is not None
    assert (scale.reliable_change.value, scale.reliable_change.level) == (7, 0.9)
    assert scale.reliable_change.confidence is Confidence.LOCAL
    assert scale.cutoffs[0].source == "our data"


@pytest.mark.parametrize(("key", "inclusive"), [("phq-9", True), ("ors", False)])
def test_which_side_a_local_cutoff_itself_lies_on(key, inclusive):
    scale = merge(get(key), [], [Parameters("total", 12, None, None, "ours")]).scale("total")

    assert scale.cutoffs[0].inclusive is inclusive


def test_a_wording_comes_back_from_storage_as_it_was():
    original = wording("nb")

    stored = stored_wording(
        wording_content(original), language="nb", translator="nobody", licence="none", source="test"
    )

    assert stored == original
