"""The mark *not validated* beside a curve follows the answers given here, in both directions."""

from __future__ import annotations

import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from factories_feedback import DAY

from medvirk.answers.models import Answer
from medvirk.feedback import actions, queries
from medvirk.feedback.accuracy import CANNOT
from medvirk.feedback.measuring import NOT_JUDGED, month_start
from medvirk.feedback.models import Episode, LocalNorms
from medvirk.feedback.norms.basis import bases_for, in_one_line
from medvirk.stats.growth import Norms
from medvirk.stats.reliability import Criterion, State

LIFE = ("life-now", 1, "total")
#: When the night after the next month's first day comes.
MONTH = timedelta(days=32)


def sheets(people: int) -> np.ndarray:
    """Five marks from 0 to 10 by one factor, a row per person."""
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(people, 5))
    return np.clip(np.round(5 + 1.5 * rng.normal(size=(people, 1)) + noise, 1), 0, 10)


@pytest.fixture
def answer(care):
    """`answer(table, at, episodes)`: a conversation at that time with each, answered; returns the episodes."""

    def each(table, at, episodes=None):
        episodes = episodes or [care.episode(asks_safety=False) for _ in table]
        for episode, row in zip(episodes, table.tolist(), strict=True):
            session = care.session(episode, at=at)
            sent = {f"life-now.q{number}": f"{mark:g}" for number, mark in enumerate(row, start=1)}
            care.send(care.way_in(session.asks("before")), sent, now=at, client_id=uuid.uuid4())
        return episodes

    return each


@pytest.fixture
def steady(care, answer):
    """A hundred people and a week later fifty of them again, all last month: every criterion is met."""
    first, start = sheets(100), month_start(care.now)
    again = np.clip(first + np.random.default_rng(2).normal(scale=0.3, size=first.shape), 0, 10).round(1)
    episodes = answer(first, start - 10 * DAY)
    answer(again[:50], start - 3 * DAY, episodes[:50])
    return episodes


def measure_on_the_page(care):
    seen = queries.caseload(care.viewer, now=care.now, language="nb")
    [measure] = {each.course.measure for each in seen}
    return measure


def states(criteria=Criterion):
    found = bases_for({LIFE})[LIFE].measuring
    return {each.state for each in found.verdicts if each.criterion in criteria}


def test_it_comes_off_when_the_criteria_are_met_and_back_when_they_no_longer_are(care, steady, answer):
    assert not measure_on_the_page(care).meets_criteria  # nothing is judged before the night

    [row] = actions.fit_norms(now=care.now)

    assert states() == {State.MET}
    measure = measure_on_the_page(care)
    assert measure.meets_criteria
    assert not measure.validated
    assert in_one_line(row).endswith(
        f"The answers to the end of {row.measuring['month']} meet the stated criteria."
    )

    # Then thirty people come who all choose the best there is: the form no longer tells them apart.
    answer(np.full((30, 5), 10.0), care.now)
    actions.fit_norms(now=care.now + timedelta(seconds=1))
    assert measure_on_the_page(care).meets_criteria  # the month is not over

    [row] = actions.fit_norms(now=care.now + MONTH)

    assert states({Criterion.CEILING}) == {State.NOT_MET}
    assert not measure_on_the_page(care).meets_criteria
    assert "Not validated: the answers to the end of" in in_one_line(row)


# one row of norms, with verdicts as a night keeps them


def kept(*, met: bool = True, **more):
    verdicts = [
        {"criterion": str(each), "state": "met" if met else "not_met", "value": 0.8, "second": None, "n": 120}
        for each in Criterion
    ]
    return {
        "format": "medvirk-measuring-1",
        "month": "2026-02",
        "verdicts": verdicts,
        "meets_all": met,
        "reason": "",
        "faults": [],
    } | more


@pytest.fixture
def row(care):
    """`row(measuring)`: norms of Life now, with these verdicts."""
    sums = Norms.from_scores(person=["a", "a"], t=np.log1p([0, 1]), score=[20.0, 25.0])

    def store(measuring, key="life-now"):
        return LocalNorms.objects.create(
            instrument_key=key,
            instrument_version=1,
            scale="total",
            norms=sums.to_dict(),
            persons=1,
            measuring=measuring,
            fitted_at=care.now,
        )

    return store


@pytest.mark.parametrize(
    ("measuring", "meets"),
    [
        (kept(), True),
        (kept(met=False), False),
        (kept(met=False, meets_all=True), False),
        (kept(format="medvirk-measuring-0"), False),
        (kept(verdicts=[{"criterion": "looks"}]), False),
        ({}, False),
        (None, False),
    ],
)
def test_the_page_reads_what_is_kept_and_takes_nothing_else_for_met(care, row, measuring, meets):
    care.course([30.0, 31.0])
    row(measuring)

    assert measure_on_the_page(care).meets_criteria is meets


def test_the_mark_costs_no_query(care, row):
    care.course([30.0, 31.0])

    def cost():
        with CaptureQueriesContext(connection) as captured:
            measure_on_the_page(care)
        return len(captured)

    cost()
    without = cost()
    row(kept())
    read, then = cost(), cost()

    assert (read, then) == (without + 1, without)  # once for each time it is fitted, as the norms themselves


def test_without_a_row_the_mark_stands(db):
    found = bases_for({LIFE})[LIFE].measuring

    assert (found.meets_criteria, found.reason) == (False, NOT_JUDGED)


def test_a_scale_that_can_no_longer_be_fitted_keeps_its_sums_but_not_its_mark(care, row):
    before = row(kept())

    assert actions.fit_norms(now=care.now + DAY) == []

    after = LocalNorms.objects.get()
    assert (after.norms, after.persons) == (before.norms, before.persons)
    assert after.measuring["reason"] == "too_few_people"
    assert not bases_for({LIFE})[LIFE].measuring.meets_criteria


def test_a_scale_without_courses_gets_no_row(care, answer):
    answer(sheets(2), month_start(care.now) - DAY)
    Episode.objects.update(outcome_key="who-5")

    assert actions.fit_norms(now=care.now) == []
    assert not LocalNorms.objects.exists()


def test_what_cannot_be_judged_is_kept_with_its_reason_and_stops_no_other(care, answer, row):
    """Answers that were damaged after they were sent."""
    row(kept(), key="phq-9")
    episodes = answer(sheets(11), month_start(care.now) - DAY)
    sent = Answer.objects.order_by("pk").first()
    Answer.objects.filter(pk=sent.pk).update(values=sent.values | {"q1": 99.0})

    [fitted] = actions.fit_norms(now=care.now)

    assert fitted.persons == len(episodes)
    assert (fitted.measuring["reason"], fitted.measuring["verdicts"]) == (CANNOT, [])
    assert "Item q1: 1 answer(s) outside 0 to 10" in fitted.measuring["faults"][0]
    others = LocalNorms.objects.get(instrument_key="phq-9")
    assert others.measuring["reason"] == "too_few_people"
    assert "Not validated. Item q1: 1 answer(s)" in in_one_line(fitted)


def test_the_command_says_nothing_of_the_mark_where_there_is_none(care, row):
    row(None)
    row(kept(met=False), key="phq-9")

    by_name = {each.instrument_key: in_one_line(each) for each in LocalNorms.objects.all()}

    assert "Not validated" in by_name["life-now"]
    assert "alidated" not in by_name["phq-9"]
