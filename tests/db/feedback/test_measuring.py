"""How well a questionnaire measures here: which answers count, who may see it, and what is kept for the mark."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.core.exceptions import PermissionDenied

from medvirk.answers.models import Answer, Channel, Occasion, Score, Submission
from medvirk.feedback.accuracy import CANNOT
from medvirk.feedback.measuring import (
    FEWEST,
    TOO_FEW_PEOPLE,
    LocalMeasuring,
    instruments_in_use,
    judged_here,
    measuring,
    month_start,
)
from medvirk.instruments.loader import get
from medvirk.instruments.logic import score
from medvirk.people.access import Permission, roles_with
from medvirk.people.models import Citizen, Person, Role
from medvirk.stats.faults import BadScoresError
from medvirk.stats.reliability import Criterion, State, Verdict, cronbach_alpha

OSLO = ZoneInfo("Europe/Oslo")
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=OSLO)
LIFE = get("life-now", 1)
ITEMS = [item.key for item in LIFE.items]


def marks(people: int, *, seed: int = 4) -> np.ndarray:
    """Five marks from 0 to 10 by one factor, a row per person."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(people, 5))
    return np.clip(np.round(5 + 1.5 * rng.normal(size=(people, 1)) + noise, 1), 0, 10)


class House:
    """Citizens who have answered, written in bulk: the verbs of the house are slow for hundreds."""

    def __init__(self, make) -> None:
        self.make = make
        self.leader = make.viewer(make.staff("team_leader"))

    def citizens(self, count: int) -> list[Citizen]:
        people = Person.objects.bulk_create([Person(**self._person(at)) for at in range(count)])
        return Citizen.objects.bulk_create([Citizen(person=person) for person in people])

    def _person(self, at: int) -> dict[str, str]:
        return {"given_name": "Kari", "family_name": f"Testesen{at}"}

    def answer(self, citizen: Citizen, at: datetime, values: dict[str, float], **more) -> Answer:
        """One sending; `about` and `respondent` differ where somebody answers for the citizen."""
        instrument = get(*more.get("instrument", ("life-now", 1)))
        occasion = Occasion.objects.create(
            about=citizen, respondent=more.get("respondent", citizen.person), opens_at=at
        )
        sent = Submission.objects.create(
            occasion=occasion, client_id=uuid.uuid4(), channel=Channel.PHONE, submitted_at=at
        )
        answer = Answer.objects.create(
            submission=sent,
            instrument_key=instrument.key,
            instrument_version=instrument.version,
            language="nb",
            values=values,
        )
        for scale, found in score(instrument, values).items():
            Score.objects.create(
                answer=answer,
                scale=scale,
                value=more.get("total", found.value),
                missing_reason=""
                if more.get("total", found.value) is not None
                else str(found.missing_reason),
                answered=found.answered,
                of=found.of,
            )
        return answer

    def answers(self, table: np.ndarray, at: datetime, *, citizens=None) -> list[Citizen]:
        citizens = citizens or self.citizens(len(table))
        for citizen, row in zip(citizens, table.tolist(), strict=True):
            self.answer(citizen, at, dict(zip(ITEMS, row, strict=True)))
        return citizens

    def measuring(self, **more):
        return measuring(self.leader, "life-now", 1, now=more.get("now", NOW))


@pytest.fixture
def house(make) -> House:
    return House(make)


FEBRUARY = datetime(2026, 2, 3, 10, 0, tzinfo=OSLO)
WEEK = timedelta(days=7)


# which answers count


def test_the_first_answer_of_each_person_counts_and_no_other(house):
    first = marks(30)
    citizens = house.answers(first, FEBRUARY)
    house.answers(marks(30, seed=9), FEBRUARY + WEEK, citizens=citizens)

    found = house.measuring()

    assert found.people == found.description.n == 30
    assert found.description.alpha.value == pytest.approx(cronbach_alpha(first))
    assert found.description.mean.value == pytest.approx(first.sum(axis=1).mean())


def test_pairs_are_two_answers_of_one_person_a_week_apart(house):
    first, second = marks(12), marks(12, seed=9)
    citizens = house.answers(first, FEBRUARY)
    house.answers(second, FEBRUARY + WEEK, citizens=citizens)
    house.answers(marks(12, seed=10), FEBRUARY + 2 * WEEK, citizens=citizens)

    retest = house.measuring().description.retest

    assert retest.correlation.n == 12
    expected = np.corrcoef(first.sum(axis=1), second.sum(axis=1))[0, 1]
    assert retest.correlation.value == pytest.approx(expected)
    assert retest.days == pytest.approx(7)


def test_two_answers_at_one_moment_are_one_measurement(house):
    citizens = house.answers(marks(12), FEBRUARY)
    house.answers(marks(12, seed=9), FEBRUARY, citizens=citizens)

    found = house.measuring()

    assert found.people == 12
    assert len(found.description.retest.pairs.first) == 0


def test_the_month_that_runs_does_not_count_yet(house):
    house.answers(marks(12), FEBRUARY)
    start = month_start(NOW)
    house.answers(marks(5), start - timedelta(seconds=1))
    house.answers(marks(7), start)

    assert house.measuring().people == 17
    assert house.measuring().until.isoformat() == "2026-02-28"
    assert house.measuring(now=NOW + timedelta(days=30)).people == 24


def test_what_somebody_else_answers_for_a_citizen_does_not_count(house):
    citizens = house.answers(marks(12), FEBRUARY)
    house.answer(house.citizens(1)[0], FEBRUARY, {"q1": 3.0}, respondent=citizens[0].person)

    assert house.measuring().people == 12


def test_an_imported_total_without_answers_tells_nothing_about_the_questions(house):
    house.answers(marks(12), FEBRUARY)
    house.answer(house.citizens(1)[0], FEBRUARY, {}, total=30.0)

    found = house.measuring().description

    assert (found.n, found.missing_share) == (12, 0)


def test_open_questions_are_counted_as_missing(house):
    citizens = house.answers(marks(11), FEBRUARY)
    assert len(citizens) == 11
    house.answer(house.citizens(1)[0], FEBRUARY, {"q1": 4.0, "q2": 5.0})

    found = house.measuring().description

    assert (found.n, found.complete, found.scored) == (12, 11, 11)
    assert found.missing_share == pytest.approx(3 / 60)
    assert [item.answered for item in found.items] == [12, 12, 11, 11, 11]


def test_items_that_count_the_other_way_are_turned(house):
    instrument = get("core-10", 1)
    turned = instrument.main_scale.reversed
    rng = np.random.default_rng(1)
    for citizen in house.citizens(20):
        level = int(rng.integers(0, 5))
        values = {key: 4 - level if key in turned else level for key in instrument.main_scale.items}
        house.answer(citizen, FEBRUARY, values, instrument=("core-10", 1))

    found = measuring(house.leader, "core-10", 1, now=NOW).description

    assert turned
    assert found.alpha.value == pytest.approx(1)


# few people, and who may see it


def test_below_ten_people_nothing_is_worked_out(house):
    house.answers(marks(FEWEST - 1), FEBRUARY)

    found = house.measuring()

    assert found.description is None
    assert found.verdicts == ()
    assert [row.people for row in instruments_in_use(house.leader, now=NOW)] == [None]


def test_at_ten_people_it_is(house):
    house.answers(marks(FEWEST), FEBRUARY)

    assert house.measuring().description.n == FEWEST
    assert [row.people for row in instruments_in_use(house.leader, now=NOW)] == [FEWEST]


def test_what_is_not_scored_or_unknown_has_no_page(house):
    assert measuring(house.leader, "safety", 1, now=NOW) is None
    assert measuring(house.leader, "nothing", 1, now=NOW) is None
    assert measuring(house.leader, "life-now", 99, now=NOW) is None


def test_who_may_see_it():
    assert set(roles_with(Permission.SEE_MEASURING)) == {
        Role.TEAM_LEADER,
        Role.MANAGER,
        Role.COORDINATOR,
        Role.RESEARCHER,
        Role.ADMINISTRATOR,
    }


@pytest.mark.parametrize("role", ["practitioner", "peer_worker", "secretary", "partner", "auditor", None])
def test_the_queries_themselves_bar_the_others(house, make, role):
    viewer = make.viewer(make.staff(role))

    with pytest.raises(PermissionDenied):
        instruments_in_use(viewer, now=NOW)
    with pytest.raises(PermissionDenied):
        measuring(viewer, "life-now", 1, now=NOW)


# what is kept for the mark


def test_the_verdicts_are_those_of_the_page(house):
    first = marks(100)
    steady = np.clip(first + np.random.default_rng(2).normal(scale=0.3, size=first.shape), 0, 10).round(1)
    citizens = house.answers(first[:99], FEBRUARY)
    house.answers(steady[:49], FEBRUARY + WEEK, citizens=citizens[:49])
    before = judged_here(LIFE, now=NOW)

    house.answers(steady[49:51], FEBRUARY + WEEK, citizens=citizens[49:51])
    house.answers(first[99:], FEBRUARY)
    found = judged_here(LIFE, now=NOW)

    assert State.MET not in {each.state for each in before.verdicts}
    assert not before.meets_criteria
    assert found.verdicts == house.measuring().verdicts
    assert {each.state for each in found.verdicts} == {State.MET}
    assert found.meets_criteria
    assert (found.month, found.reason) == ("2026-02", "")
    assert [row.meets_criteria for row in instruments_in_use(house.leader, now=NOW)] == [True]


def test_it_comes_back_from_json_as_it_was(house):
    house.answers(marks(12), FEBRUARY)
    found = judged_here(LIFE, now=NOW)

    kept = json.loads(json.dumps(found.to_dict(), allow_nan=False))

    assert LocalMeasuring.from_dict(kept) == found
    assert kept["meets_all"] is False
    assert len(kept["verdicts"]) == len(Criterion)


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {"format": "medvirk-measuring-0"},
        {"format": "medvirk-measuring-1"},
        {"format": "medvirk-measuring-1", "month": "2026-02", "reason": "", "faults": [], "verdicts": [3]},
        {
            "format": "medvirk-measuring-1",
            "month": "2026-02",
            "reason": "",
            "faults": [],
            "verdicts": [{"criterion": "looks", "state": "met", "value": 1, "second": None, "n": 1}],
        },
    ],
)
def test_what_is_no_set_of_verdicts_is_refused(kept):
    with pytest.raises(BadScoresError):
        LocalMeasuring.from_dict(kept)


def test_one_criterion_that_is_left_out_keeps_the_mark():
    every = tuple(Verdict(criterion, State.MET, 1.0, 100) for criterion in Criterion)

    assert LocalMeasuring("2026-02", every).meets_criteria
    assert not LocalMeasuring("2026-02", every[:-1]).meets_criteria
    assert not LocalMeasuring.from_dict(
        LocalMeasuring("2026-02", every[:-1]).to_dict() | {"meets_all": True}
    ).meets_criteria


def test_below_ten_people_only_the_reason_is_kept(house):
    house.answers(marks(FEWEST - 1), FEBRUARY)

    found = judged_here(LIFE, now=NOW)

    assert (found.verdicts, found.reason, found.meets_criteria) == ((), TOO_FEW_PEOPLE, False)
    assert "Fewer than 10" in found.faults[0]


def test_answers_outside_their_range_are_told_and_not_judged(house):
    house.answers(marks(12), FEBRUARY)
    wrong = dict.fromkeys(ITEMS, 4.0) | {"q1": 99.0}
    Answer.objects.filter(pk=Answer.objects.order_by("pk").first().pk).update(values=wrong)

    found = judged_here(LIFE, now=NOW)

    assert (found.verdicts, found.reason) == ((), CANNOT)
    assert "Item q1: 1 answer(s) outside 0 to 10" in found.faults[0]


def test_the_cost_does_not_grow_with_the_people(house, django_assert_num_queries):
    house.answers(marks(12), FEBRUARY)
    for citizen in house.citizens(12):
        house.answer(citizen, FEBRUARY, {"q1": 4.0}, instrument=("this-meeting", 1))
    for people in (0, 20):
        house.answers(marks(people), FEBRUARY) if people else None
        with django_assert_num_queries(4):
            assert len(instruments_in_use(house.leader, now=NOW)) == 2
        with django_assert_num_queries(3):
            house.measuring()
