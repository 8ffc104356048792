import pytest

from medvirk.interop.scores.options import Options, Origin, settle
from medvirk.stats.change import Direction
from medvirk.tables import TableFaults

COLUMNS = ("id", "week", "total", *(f"q{number}" for number in range(1, 21)))
PLAIN = {
    "person": "id",
    "time": "week",
    "score": "total",
    "direction": "lower",
    "score_range": "0,60",
    "rci": "9",
}


def faults_of(**options: str) -> list[str]:
    with pytest.raises(TableFaults) as caught:
        settle(Options(**options), COLUMNS)
    return [str(fault) for fault in caught.value.faults]


def test_plain_options_say_all_that_is_needed():
    plan = settle(Options(**PLAIN, cutoff="16,5"), COLUMNS)

    assert (plan.person, plan.time, plan.score, plan.items) == ("id", "week", "total", ())
    assert (plan.measure.direction, plan.measure.low, plan.measure.high) == (Direction.LOWER, 0, 60)
    assert (plan.measure.cutoff, plan.measure.cutoff_origin) == (16.5, Origin.OPTION)
    assert (plan.measure.rci.value, plan.measure.rci.inclusive, plan.measure.rci_origin) == (
        9,
        True,
        Origin.OPTION,
    )
    assert plan.transform == "log1p"


def test_sd_and_reliability_give_the_reliable_change_of_jacobson_and_truax():
    plan = settle(Options(**{**PLAIN, "rci": None}, sd="7.5", reliability="0.80"), COLUMNS)

    assert plan.measure.rci.value == pytest.approx(9.297, abs=5e-4)
    assert not plan.measure.rci.inclusive


@pytest.mark.parametrize(
    ("items", "expected"),
    [("q1,q3", ("q1", "q3")), ("q1:q4", ("q1", "q2", "q3", "q4")), ("q2, q5:q6", ("q2", "q5", "q6"))],
)
def test_items_are_named_one_by_one_or_as_a_run_of_columns(items, expected):
    plan = settle(Options(**{**PLAIN, "score": None}, items=items), COLUMNS)

    assert plan.items == expected


def test_an_instrument_gives_direction_range_and_cutoff_and_options_may_move_the_cutoff():
    named = Options(person="id", time="week", items="q1:q20", instrument="ces-d")
    moved = Options(person="id", time="week", items="q1:q20", instrument="ces-d@1", cutoff="20")

    measure, other = settle(named, COLUMNS).measure, settle(moved, COLUMNS).measure

    assert (measure.direction, measure.low, measure.high, measure.cutoff) == (Direction.LOWER, 0, 60, 16)
    assert (measure.cutoff_origin, measure.rci, measure.rci_origin) == (
        Origin.INSTRUMENT,
        None,
        Origin.OWN_DATA,
    )
    assert (other.cutoff, other.cutoff_origin) == (20, Origin.OPTION)


def test_the_reliable_change_of_an_instrument_is_used():
    measure = settle(Options(person="id", time="week", score="total", instrument="phq-9"), COLUMNS).measure

    assert measure.rci_origin is Origin.INSTRUMENT
    assert measure.rci.value == measure.scale.reliable_change.value
    assert measure.rci.inclusive == measure.scale.reliable_change.inclusive


def test_nothing_given_lists_everything_that_is_needed():
    told = "\n".join(faults_of())

    for needed in (
        "--person is needed",
        "--time is needed",
        "--score COLUMN",
        "--direction lower",
        "--range LO,HI",
    ):
        assert needed in told


def test_all_faults_come_at_once():
    told = faults_of(
        person="ID", time="day", score="totl", items="q1:q99", instrument="cesd", cutoff="x", rci="-1", sd="2"
    )

    assert len(told) == 9
    assert any("Did you mean id?" in fault for fault in told)
    assert any("Did you mean total?" in fault for fault in told)
    assert any("ces-d" in fault for fault in told)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"items": "q1,q2"}, "--score and --items cannot be used together"),
        ({"time": "id"}, "same column is named for several things"),
        ({"score": None, "items": "q4:q1"}, "stands before the first"),
        ({"score": None, "items": "q1,q1"}, "same column is named for several things"),
        ({"score_range": "60,0"}, "--range must be two numbers"),
        ({"score_range": "0;60"}, "--range must be two numbers"),
        ({"cutoff": "61"}, "within the range of the score, 0 to 60"),
        ({"rci": None, "sd": "5"}, "belong together"),
        ({"rci": None, "sd": "5", "reliability": "1"}, "--reliability must be from 0"),
        ({"rci": "3", "sd": "5", "reliability": "0.8"}, "not both"),
        ({"rci": "0"}, "--rci must be above 0"),
        ({"direction": "down"}, "must be one of: higher, lower"),
        ({"transform": "sqrt"}, "must be one of: log1p, log, none"),
        ({"scale": "total"}, "--scale belongs to --instrument"),
        ({"instrument": "phq-9", "score_range": None, "direction": "higher"}, "which has lower"),
        ({"instrument": "phq-9", "direction": None}, "which has 0,27"),
        ({"instrument": "phq-9", "score_range": None, "scale": "nosuch"}, "has no such scale"),
        ({"instrument": "safety"}, "has no scale"),
        ({"instrument": "phq-9", "score": None, "score_range": None, "items": "q1:q8"}, "has 9 items"),
    ],
)
def test_each_fault_says_what_to_do(options, problem):
    assert any(problem in fault for fault in faults_of(**{**PLAIN, **options}))


def test_an_instrument_without_reliable_change_is_no_fault():
    measure = settle(Options(person="id", time="week", score="total", instrument="ces-d"), COLUMNS).measure

    assert (measure.rci, measure.cutoff) == (None, 16)


@pytest.mark.parametrize("wrong", [{"instrument": "cesd"}, {"instrument": "ces-d", "time": "id"}])
def test_a_fault_is_not_followed_by_one_about_the_reliable_change(wrong):
    told = faults_of(**{"person": "id", "time": "week", "score": "total", **wrong})

    assert len(told) == 1
    assert "reliable" not in told[0]


def test_every_shipped_cutoff_means_what_the_science_room_takes_it_to_mean():
    from medvirk.instruments.loader import catalogue

    for instrument in catalogue().values():
        for scale in instrument.scales:
            for cutoff in scale.cutoffs:
                assert cutoff.inclusive == (scale.direction == "lower"), instrument.id
