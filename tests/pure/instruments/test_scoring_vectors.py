"""Every structure without wording, scored by hand: all lowest answers, all highest, a mixed sheet, and missing ones."""

import pytest

from medvirk.instruments.definitions import Instrument
from medvirk.instruments.loader import catalogue, get
from medvirk.instruments.logic import MissingReason, score

# key, scale: score of all lowest answers, of all highest, a mixed sheet in the order of the items, its score.
VECTORS = {
    ("cors", "total"): (0, 40, (1.5, 2.5, 3, 10), 17),
    ("csrs", "total"): (0, 40, (9.9, 9.8, 10, 0.1), 29.8),
    ("gsrs", "total"): (0, 40, (7.2, 8.1, 0, 3.3), 18.6),
    # All 0: eight turned items give 4 each, 32 / 34 * 10. All 4: the other 26 give 104 / 34 * 10.
    # Mixed: q1 = 3 and q3 = 1, the rest 0: 3 + (4 - 1) + 7 * 4 = 34, so 10.
    ("core-om", "total"): (320 / 34, 1040 / 34, (3, 0, 1, *[0] * 31), 10),
    ("k6-0-24", "total"): (0, 24, (0, 1, 2, 3, 4, 3), 13),
    ("k6-6-30", "total"): (6, 30, (1, 2, 3, 4, 5, 4), 19),
    ("k10-0-40", "total"): (0, 40, (0, 1, 2, 3, 4, 4, 3, 2, 1, 0), 20),
    ("k10-10-50", "total"): (10, 50, (1, 2, 3, 4, 5, 5, 4, 3, 2, 1), 30),
    ("who-5", "total"): (0, 100, (5, 4, 3, 2, 1), 60),
    ("swemwbs", "raw"): (7, 35, (1, 2, 3, 4, 5, 4, 3), 22),
    # The four yes/no answers at the end change nothing: 54 / 12.
    ("mansa", "satisfaction"): (1, 7, (7, 7, 7, 6, 6, 5, 5, 4, 3, 2, 1, 1, 1, 0, 1, 0), 4.5),
    ("swls", "total"): (5, 35, (7, 6, 5, 1, 2), 21),
    # no_work is the last answer. All highest: it is 1, so question 1 is left out and four eights remain.
    ("wsas", "total"): (0, 32, (8, 7, 6, 5, 4, 0), 30),
    ("wsas", "without_work"): (0, 32, (8, 7, 6, 5, 4, 0), 22),
    ("eq-5d-5l", "vas"): (0, 100, (1, 2, 3, 4, 5, 65), 65),
    ("ucla-3", "total"): (3, 9, (1, 2, 3), 6),
    ("gse", "total"): (10, 40, (1, 2, 3, 4, 1, 2, 3, 4, 1, 2), 23),
    ("qpr-15", "total"): (0, 60, (0, 1, 2, 3, 4) * 3, 30),
    ("ras-ds", "raw"): (38, 152, (*(1, 2, 3, 4) * 9, 1, 2), 93),
    ("ras-r", "total"): (24, 120, (*(1, 2, 3, 4, 5) * 4, 1, 2, 3, 4), 70),
    ("csq-8", "total"): (8, 32, (4, 3, 4, 3, 2, 1, 4, 4), 25),
    ("audit", "total"): (0, 40, (2, 1, 0, 3, 4, 0, 1, 2, 2, 4), 19),
    ("audit-c", "total"): (0, 12, (3, 1, 2), 6),
    ("dudit", "total"): (0, 44, (4, 3, 2, 1, 0, 1, 2, 3, 4, 2, 4), 26),
    ("uwes-9", "total"): (0, 6, (6, 5, 4, 3, 2, 1, 0, 6, 5), 32 / 9),
    ("uwes-9", "vigour"): (0, 6, (6, 5, 4, 3, 2, 1, 0, 6, 5), 13 / 3),
    ("uwes-9", "dedication"): (0, 6, (6, 5, 4, 3, 2, 1, 0, 6, 5), 7 / 3),
    ("uwes-9", "absorption"): (0, 6, (6, 5, 4, 3, 2, 1, 0, 6, 5), 4),
    ("ips-25", "total"): (25, 125, (5, 4, 3, 2, 1) * 5, 75),
    # Item 3 is turned: all 1 give (4 + 7) / 5, all 7 give (28 + 1) / 5, and 6 5 2 7 4 gives (22 + 6) / 5.
    ("arm-5", "total"): (2.2, 5.8, (6, 5, 2, 7, 4), 5.6),
    ("wai-sr", "total"): (12, 60, (1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 1, 2), 33),
}  # fmt: skip
IN_OTHER_TESTS = {"ces-d", "core-10", "gad-7", "ors", "phq-9", "srs"}
# How many answers may be missing, where that is not none.
MAY_LACK = {"core-om": 3, "gse": 3}


def sheet(instrument: Instrument, values) -> dict[str, float | None]:
    return dict(zip((item.key for item in instrument.items), values, strict=True))


def test_every_structure_has_its_vectors():
    scored = {
        (each.key, scale.key) for each in catalogue().values() for scale in each.scales if not each.wordings
    }

    assert scored - set(VECTORS) == {(key, "total") for key in IN_OTHER_TESTS}


@pytest.mark.parametrize(("key", "scale"), VECTORS, ids="/".join)
def test_by_hand(key, scale):
    instrument = get(key)
    lowest, highest, mixed, expected = VECTORS[key, scale]

    found = [
        score(instrument, sheet(instrument, values))[scale].value
        for values in (
            [item.low for item in instrument.items],
            [item.high for item in instrument.items],
            mixed,
        )
    ]

    assert found == pytest.approx([lowest, highest, expected], abs=1e-8)


@pytest.mark.parametrize("key", sorted({key for key, _ in VECTORS} - {"wsas", "audit", "audit-c"}))
def test_missing_answers_at_the_edge(key):
    instrument = get(key)
    mixed = VECTORS[key, instrument.scales[0].key][2]
    values = sheet(instrument, mixed)
    items = instrument.scales[0].items
    allowed = MAY_LACK.get(key, 0)

    lacking = {**values, **dict.fromkeys(items[len(items) - allowed :])}
    too_many = {**values, **dict.fromkeys(items[len(items) - allowed - 1 :])}

    assert score(instrument, lacking)[instrument.scales[0].key].value is not None
    found = score(instrument, too_many)[instrument.scales[0].key]
    assert (found.value, found.missing) == (None, items[len(items) - allowed - 1 :])


def test_prorated_by_hand():
    core, gse = get("core-om"), get("gse")

    # The mean of the 31 answered: 3 + 3 + 5 * 4 (two of the turned ones lack an answer), over 31, times ten.
    found = score(core, sheet(core, (3, 0, 1, *[0] * 27, None, None, 0, None)))["total"]
    assert found.value == pytest.approx(10 * 26 / 31)
    # Seven answers with the sum 16 stand for ten.
    found = score(gse, sheet(gse, (1, 2, 3, 4, 1, 2, 3, None, None, None)))["total"]
    assert found.value == pytest.approx(16 * 10 / 7)


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        # Never drinks: what question 1 sends past counts as 0, the last two still have to be answered.
        ("audit", (0, *[None] * 7, 2, 0), 2),
        ("audit", (0, *[None] * 7, None, 0), None),
        # Drinks: nothing may be left out, also where only question 1 has an answer.
        ("audit", (1, *[None] * 7, 2, 0), None),
        ("audit", (None, *[0] * 9), None),
        # An answer that was given although question 1 says never is kept: it contradicts, and somebody should see it.
        ("audit", (0, 1, *[None] * 6, 0, 0), 1),
        ("audit-c", (0, None, None), 0),
        ("audit-c", (1, None, 0), None),
        # Does not work: question 1 is left out, whatever was answered to it.
        ("wsas", (None, 7, 6, 5, 4, 1), 22),
        ("wsas", (8, 7, 6, 5, 4, 1), 22),
        ("wsas", (None, 7, 6, 5, 4, 0), None),
        ("wsas", (None, 7, 6, 5, 4, None), None),
        ("wsas", (3, 7, 6, 5, 4, None), 25),
        ("wsas", (None, 7, 6, 5, None, 1), None),
    ],
)
def test_forms_that_let_people_skip(key, values, expected):
    instrument = get(key)

    assert score(instrument, sheet(instrument, values))["total"].value == expected


def test_what_may_be_skipped_is_not_called_missing():
    audit = get("audit")

    found = score(audit, sheet(audit, (0, *[None] * 7, None, 0)))["total"]

    assert (found.missing, found.answered, found.of) == (("q9",), 9, 10)
    assert found.missing_reason is MissingReason.NOT_ALL_ANSWERED
