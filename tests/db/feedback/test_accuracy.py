"""What ended courses here say of the signals: worked out every night, read once, and seen by the worker."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from factories_feedback import DAY, stored_session

from medvirk.answers.models import Answer, Occasion, Score, Submission
from medvirk.feedback import actions, queries
from medvirk.feedback.accuracy import CANNOT, NOT_YET, TOO_FEW, LocalAccuracy, judge
from medvirk.feedback.commands import norms
from medvirk.feedback.models import Episode, LocalNorms, Participation
from medvirk.feedback.norms.basis import bases_for, in_one_line
from medvirk.instruments.queries import effective

LIFE = ("life-now", 1, "total")
NB = {"language": "nb"}


def courses(number: int = 40) -> list[list[float]]:
    """Four scores each; every other course goes downhill."""
    rng = np.random.default_rng(3)
    t = np.log1p(np.arange(4))
    found = []
    for course in range(number):
        level = rng.normal(28, 5) + (-8.0 if course % 2 else 5.0) * t + rng.normal(0, 2.5, t.size)
        found.append([float(score) for score in np.clip(np.rint(level), 0, 50)])
    return found


def rows_of(scores):
    return [(f"{n:03}", k, score) for n, course in enumerate(scores) for k, score in enumerate(course)]


@pytest.fixture
def stored(care):
    """`stored(scores)`: courses that have ended, or not, stored as sending stores them."""

    def store(scores, *, ended: bool = True, key: str = "life-now", scale: str = "total"):
        citizen = care.make.citizen(worker=care.worker)
        for course in scores:
            episode = Episode.objects.create(
                unit=care.unit,
                responsible=care.worker,
                started_on=care.make.long_ago,
                ended_on=care.now.date() if ended else None,
                ending="planned" if ended else "",
                outcome_key=key,
                outcome_version=1,
                meeting_key="this-meeting",
                meeting_version=1,
            )
            Participation.objects.create(episode=episode, citizen=citizen)
            for week, score in enumerate(course):
                before, after = (
                    Occasion.objects.create(about=citizen, respondent=citizen.person) for _ in range(2)
                )
                stored_session(episode, care.now - timedelta(weeks=9 - week), before=before, after=after)
                sent = Submission.objects.create(occasion=before, client_id=uuid.uuid4(), channel="phone")
                answer = Answer.objects.create(
                    submission=sent, instrument_key=key, instrument_version=1, language="nb"
                )
                Score.objects.create(answer=answer, scale=scale, value=score, answered=5, of=5)

    return store


def fitted(care, *, after=0 * DAY) -> LocalAccuracy:
    [row] = actions.fit_norms(now=care.now + after)
    return LocalAccuracy.from_dict(json.loads(json.dumps(row.accuracy)))


def seen(care):
    return queries.caseload(care.viewer, now=care.now, **NB)


# what is worked out


def test_only_ended_courses_are_judged(care, stored):
    stored(courses(32))
    before = fitted(care)
    stored(courses(5), ended=False)

    found = fitted(care, after=DAY)

    assert (found.ended, found.judged) == (32, 32)
    assert found.kinds == before.kinds
    assert LocalNorms.objects.get().persons == 37


def test_the_figures_are_those_of_the_same_rows(care, stored):
    stored(courses())

    found = fitted(care)

    expected = judge(rows_of(courses()), queries.measure_of(effective("life-now"), "nb"))
    worse, alike = found.kinds["deteriorated"], expected.kinds["deteriorated"]
    assert worse.right.count == alike.right.count > 3
    assert (worse.right.of, worse.base_rate.count) == (alike.right.of, alike.base_rate.count)
    assert found.outlook.forecast.model.beta == pytest.approx(expected.outlook.forecast.model.beta)


def test_with_too_few_ended_courses_the_reason_is_kept(care, stored):
    stored(courses(29))

    assert (fitted(care).reason, fitted(care).judged) == (TOO_FEW, 29)


def test_a_fault_in_one_scale_does_not_stop_the_others(care, stored):
    stored([[3.0, 5.0, 99.0]] * 30, key="phq-9")
    stored(courses())

    rows = {row.instrument_key: row for row in actions.fit_norms(now=care.now)}

    bad, good = (LocalAccuracy.from_dict(rows[key].accuracy) for key in ("phq-9", "life-now"))
    assert (bad.reason, dict(bad.kinds)) == (CANNOT, {})
    assert "99" in bad.faults[0]
    assert set(good.kinds) >= {"worse_expected", "deteriorated"}


# what the worker sees


def test_a_running_course_is_held_against_the_forecast(care, stored):
    stored([[30.0, 21.0]], ended=False)
    assert "worse_expected" not in {each.kind for each in seen(care)[0].found}
    stored(courses())

    outlook = fitted(care).outlook

    [row] = seen(care)
    found = next(each for each in row.found if each.kind == "worse_expected")
    measure = queries.measure_of(effective("life-now"), "nb")
    chance = outlook.forecast.one(
        np.log1p([0.0, 1.0]), [30.0, 21.0], direction=measure.direction, rci=measure.rci
    )
    assert found.facts["chance"] == pytest.approx(chance["deteriorated"])
    assert found.facts["chance"] >= outlook.worrying == found.facts["worrying"]
    assert row.urgency == "talk"


def test_the_row_is_read_again_only_when_the_norms_are_fitted_anew(
    care, stored, django_assert_num_queries, monkeypatch
):
    stored(courses(30))
    actions.fit_norms(now=care.now)
    first = bases_for({LIFE})[LIFE]
    read = []
    real = LocalAccuracy.from_dict
    monkeypatch.setattr(LocalAccuracy, "from_dict", lambda data: read.append(data) or real(data))

    with django_assert_num_queries(1):
        assert bases_for({LIFE})[LIFE] is first
    assert read == []

    actions.fit_norms(now=care.now + DAY)
    with django_assert_num_queries(2):
        assert bases_for({LIFE})[LIFE] is not first
    assert len(read) == 1


def test_without_local_courses_nothing_is_known(db):
    found = bases_for({LIFE})[LIFE].accuracy

    assert (found.reason, found.judged, found.outlook) == (TOO_FEW, 0, None)


@pytest.mark.parametrize(
    "stored_before", [{}, {"format": "medvirk-accuracy-0"}, {"format": "medvirk-accuracy-1"}]
)
def test_figures_of_another_release_stop_no_page(care, stored, stored_before):
    stored([[26.0, 24.0]], ended=False)
    actions.fit_norms(now=care.now)
    LocalNorms.objects.update(accuracy=stored_before, fitted_at=care.now + DAY)

    assert seen(care)[0].accuracy.reason == NOT_YET


# the command


def test_the_command_tells_whether_the_signals_are_judged(care, stored):
    stored(courses(30))
    stored([[3.0, 5.0, 4.0]] * 3, key="phq-9")

    lines = CliRunner().invoke(norms, ["fit"]).output.splitlines()

    assert lines == [in_one_line(row) for row in LocalNorms.objects.order_by("pk")]
    by_name = {line.split("@")[0]: line for line in lines}
    assert by_name["life-now"] == (
        "life-now@1 total: 30 courses, in use; how often signals were right is known from 30 of 30 ended courses. "
        "Not validated. Fewer than 10 people have answered it before this month."
    )
    assert by_name["phq-9"].startswith("phq-9@1 total: 3 courses, not in use")
    assert "how often signals are right is not known." in by_name["phq-9"]
    assert "found 3" in by_name["phq-9"]
