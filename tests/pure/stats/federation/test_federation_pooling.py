"""Pooling files: exact, and nothing is pooled that does not belong together."""

from dataclasses import replace

import numpy as np
import pytest

from medvirk.stats.federation import BadNormsFileError, pool, read, write
from medvirk.stats.growth import Norms, fit
from medvirk.stats.growth.timescale import TimeScale


@pytest.fixture(scope="module")
def files(municipality, released):
    """Files of fifteen municipalities in which no pattern was withheld, and all their rows."""
    cohorts = [municipality(40 + number, seed=number, sessions=5, missed=0, ends=0) for number in range(15)]
    named = [
        (f"{number}.json", released(each, number=f"{9901 + number}")) for number, each in enumerate(cohorts)
    ]
    return named, cohorts


def test_pooled_files_give_the_fit_on_all_the_data(files):
    named, cohorts = files
    complete = fit(
        sum(Norms.from_scores(person=c.person, t=np.log1p(c.time), score=c.score) for c in cohorts)
    )

    pooled = pool(named)
    model = fit(read(write(pooled)).norms)

    assert (model.persons, model.scores) == (complete.persons, complete.scores)
    assert model.beta == pytest.approx(complete.beta, rel=1e-8)
    assert pytest.approx(complete.G, rel=1e-8) == model.G
    assert model.sigma2 == pytest.approx(complete.sigma2, rel=1e-8)
    assert [part.number for part in pooled.parts] == [f"{9901 + number}" for number in range(15)]


def test_order_and_grouping_do_not_matter(files):
    named, _cohorts = files

    at_once = pool(named)
    in_steps = pool([("rest", pool(named[5:][::-1])), ("first", pool(named[:5]))])

    assert in_steps.parts == at_once.parts
    assert in_steps.norms.count.tolist() == at_once.norms.count.tolist()
    assert in_steps.norms.sum_yy == pytest.approx(at_once.norms.sum_yy, rel=1e-12)


def test_a_pooled_file_remembers_what_is_in_it(files):
    named, _cohorts = files
    pooled = read(write(pool(named[:3])))

    with pytest.raises(
        BadNormsFileError, match=r"pooled and 1\.json both hold Kommune 9902 2025\. Give it once"
    ):
        pool([("pooled", pooled), named[1]])


def test_periods_of_one_municipality_are_pooled(municipality, released):
    first = released(municipality(60, 1), period="2025-H1")
    second = released(municipality(60, 2), period="2025-H2")

    assert pool([("a", first), ("b", second)]).norms.persons == 120


def test_overlapping_periods_are_refused_with_what_they_would_tell(municipality, released):
    courses = municipality(300, 1)
    fewer = courses._replace(
        **{key: values[courses.person != 7] for key, values in courses._asdict().items()}
    )

    with pytest.raises(BadNormsFileError) as error:
        pool([("old.json", released(fewer, period="2025-H1")), ("new.json", released(courses))])

    told = "\n".join(error.value.faults)
    assert "old.json and new.json hold Kommune 9901 2025-H1 and Kommune 9901 2025, over the same time" in told
    assert "they differ by 1 of" in told


def test_overlapping_files_are_refused_also_when_they_tell_nothing(municipality, released):
    one, other = (released(municipality(60, seed, sessions=3, missed=0, ends=0)) for seed in (1, 2))

    with pytest.raises(BadNormsFileError, match="A course must be in one release only"):
        pool([("a", one), ("b", other)])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"instrument": "ors"}, "instrument and scale ors@1 total, but life-now@1 total in a"),
        ({"version": 2}, "life-now@2 total"),
        ({"scale": "other"}, "life-now@1 other"),
        ({"high": 60.0}, "range 0 to 60, but 0 to 50"),
        ({"better": "lower"}, "better direction lower"),
    ],
)
def test_other_measures_are_refused(municipality, released, measure, change, fault):
    mine = released(municipality(60, 1))
    theirs = released(municipality(60, 2), number="9902", measure=replace(measure, **change))

    with pytest.raises(BadNormsFileError, match=fault):
        pool([("a", mine), ("b", theirs)])


def test_other_time_scales_are_refused(municipality, released):
    mine, theirs = released(municipality(60, 1)), released(municipality(60, 2), number="9902")

    with pytest.raises(BadNormsFileError, match=r"time scale log1p\(weeks\)"):
        pool([("a", mine), ("b", replace(theirs, time_scale=TimeScale("weeks")))])


def test_nothing_to_pool():
    with pytest.raises(BadNormsFileError, match="no file to pool"):
        pool([])
