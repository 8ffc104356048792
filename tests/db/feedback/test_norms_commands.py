"""`medvirk norms export | pool | show`: what is released, once, and what is refused."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from itertools import count

import numpy as np
import pytest
from click.testing import CliRunner
from factories_feedback import stored_session

from medvirk.answers.models import Answer, Occasion, Score, Submission
from medvirk.feedback.commands import norms
from medvirk.feedback.models import Episode, NormsRelease, Participation
from medvirk.feedback.norms.releasing import Rules, release_norms
from medvirk.instruments.queries import effective
from medvirk.stats.faults import FaultsError
from medvirk.stats.federation import Period, Rare, read
from medvirk.stats.growth import Norms, fit

SESSIONS = datetime(2025, 9, 1, 9, 0, tzinfo=UTC)
SPREAD = np.rint(np.random.default_rng(1).uniform(10, 40, size=(40, 2)) * 2) / 2


def run(*arguments: str):
    return CliRunner().invoke(norms, [str(each) for each in arguments])


def export(out, *more, period="2025", number="9901"):
    named = ("--instrument", "life-now", "--period", period, "--number", number, "--municipality", "Fjordvik")
    return run("export", *named, "--out", out, *more)


class Municipality:
    """Courses of two measured sessions, shared by three workers, ended on a day; stored as sending stores them."""

    def __init__(self, make) -> None:
        self.make, self.unit, self.number = make, make.unit(), count()
        self.workers = [make.staff("practitioner", self.unit) for _ in range(3)]

    def course(self, *, ended: date | None = date(2025, 10, 1), scores=None, citizen=None) -> Episode:
        number = next(self.number)
        worker = self.workers[number % len(self.workers)]
        citizen = citizen or self.make.citizen(worker=worker)
        episode = Episode.objects.create(
            unit=self.unit,
            responsible=worker,
            started_on=self.make.long_ago,
            ended_on=ended,
            ending="planned" if ended else "",
            outcome_key="life-now",
            outcome_version=1,
            meeting_key="this-meeting",
            meeting_version=1,
        )
        Participation.objects.create(episode=episode, citizen=citizen)
        for week, score in enumerate(SPREAD[number] if scores is None else scores):
            self.session(episode, citizen, week, score)
        return episode

    def session(self, episode, citizen, week, score) -> None:
        """A session at which this was scored; None was not answered."""
        before, after = (Occasion.objects.create(about=citizen, respondent=citizen.person) for _ in range(2))
        starts_at = SESSIONS + timedelta(weeks=week)
        stored_session(episode, starts_at, before=before, after=after)
        if score is not None:
            sent = Submission.objects.create(occasion=before, client_id=uuid.uuid4(), channel="phone")
            answer = Answer.objects.create(
                submission=sent, instrument_key="life-now", instrument_version=1, language="nb"
            )
            Score.objects.create(answer=answer, scale="total", value=float(score), answered=5, of=5)

    def courses(self, number: int, **more) -> list[Episode]:
        return [self.course(**more) for _ in range(number)]

    def release(self, period: str = "2025", **rules):
        return release_norms(
            instrument=effective("life-now"),
            period=Period.parse(period),
            municipality="Fjordvik",
            rules=Rules(**{"number": "9901"} | rules),
            now=datetime(2027, 2, 1, tzinfo=UTC),
        )


@pytest.fixture
def here(make) -> Municipality:
    return Municipality(make)


def test_the_file_holds_the_sums_of_the_courses_that_ended_in_the_period(here, tmp_path):
    inside = here.courses(10)
    here.courses(1, ended=date(2024, 12, 31))
    here.courses(1, ended=date(2026, 1, 1))
    here.courses(1, ended=None)

    result = export(tmp_path / "norms.json")

    assert (result.exit_code, result.stderr) == (0, "")
    assert "life-now@1 total 2025: released" in result.stdout
    found = read((tmp_path / "norms.json").read_text(encoding="utf-8"))
    rows = [(person, session, score) for person in range(10) for session, score in enumerate(SPREAD[person])]
    person, session, score = zip(*rows, strict=True)
    expected = Norms.from_scores(person=person, t=np.log1p(session), score=score)
    assert found.norms.sum_zyyz == pytest.approx(expected.sum_zyyz, rel=1e-12)
    assert (found.norms.sum_yy.tolist(), found.norms.times.tolist()) == (
        expected.sum_yy.tolist(),
        expected.times.tolist(),
    )
    assert (found.parts[0].municipality, found.parts[0].courses, found.parts[0].withheld) == (
        "Fjordvik",
        10,
        (0, 0, 0),
    )
    row = NormsRelease.objects.get()
    assert set(row.episodes.all()) == set(inside)
    assert (row.period, row.municipality_number, row.checksum) == ("2025", "9901", found.parts[0].checksum)
    assert (tmp_path / "norms.json").stat().st_mode & 0o777 == 0o644


def test_no_person_is_in_the_file(here, tmp_path):
    here.courses(10)
    export(tmp_path / "norms.json")

    text = (tmp_path / "norms.json").read_text(encoding="utf-8")

    for episode in Episode.objects.all():
        person = episode.citizens.get().person
        secrets = [
            str(episode.pk),
            str(episode.responsible_id),
            str(person.pk),
            person.given_name,
            person.family_name,
        ]
        assert [secret for secret in secrets if secret in text] == []
    numbers = json.loads(text)["patterns"]
    assert [row["persons"] for row in numbers] == [10]


def test_asked_again_the_same_file_is_written_though_more_courses_have_come(here, tmp_path):
    here.courses(10)
    export(tmp_path / "first.json")
    here.courses(3)

    result = export(tmp_path / "second.json")

    assert result.exit_code == 0
    assert "released before; the same file is written" in result.stdout
    assert "3 courses are not in it" in result.stdout
    assert (tmp_path / "second.json").read_bytes() == (tmp_path / "first.json").read_bytes()
    assert NormsRelease.objects.count() == 1


def test_late_courses_come_in_the_next_release_and_no_course_twice(here):
    early = here.courses(10)
    here.release("2025")
    late, later = here.courses(6), here.courses(6, ended=date(2026, 3, 1))
    reopened = early[0]
    reopened.ended_on = date(2026, 4, 1)
    reopened.save()

    made = here.release("2026")

    assert set(made.row.episodes.all()) == {*late, *later}
    assert read(made.row.text).parts[0].courses == 12


def test_withheld_courses_come_in_the_next_release(here):
    here.courses(10)
    rare = here.courses(6, scores=[20.0, None, 30.0])
    first = here.release("2025", rare=Rare.WITHHOLD)
    assert (first.waiting, first.row.episodes.count()) == (6, 10)
    more = [
        here.course(ended=date(2026, 3, 1), scores=[10.0 + 2 * number, None, 35.0 - 3 * (number % 4)])
        for number in range(6)
    ]

    second = here.release("2026", rare=Rare.WITHHOLD)

    assert set(second.row.episodes.all()) == {*rare, *more}


def test_of_each_citizen_one_course_counts(here):
    episodes = here.courses(9)
    again = here.course(citizen=episodes[0].citizens.get(), ended=date(2025, 11, 1))

    with pytest.raises(FaultsError, match="None of the 9 courses may leave"):
        here.release()

    here.courses(1)
    made = here.release()
    assert (made.row.episodes.count(), made.waiting) == (10, 1)
    assert again not in made.row.episodes.all()


def test_courses_of_two_workers_stay_at_home(here):
    here.workers = here.workers[:2]
    here.courses(12)

    with pytest.raises(FaultsError, match="of 3 workers"):
        here.release()
    assert NormsRelease.objects.count() == 0


def test_a_period_that_overlaps_a_released_one_is_refused(here, tmp_path):
    here.courses(10)
    export(tmp_path / "first.json")

    result = export(tmp_path / "half.json", period="2025-H2")

    assert result.exit_code == 2
    assert "2025 was released on" in result.stderr
    assert "2025-H2 overlaps it" in result.stderr
    assert not (tmp_path / "half.json").exists()


@pytest.mark.parametrize(
    ("more", "number"), [(("--first-sessions", "2"), "9901"), (("--rare", "withhold"), "9901"), ((), "9902")]
)
def test_the_same_period_by_other_rules_is_refused(here, tmp_path, more, number):
    here.courses(10)
    export(tmp_path / "first.json")

    result = export(tmp_path / "second.json", *more, number=number)

    assert result.exit_code == 2
    assert "could be subtracted to find someone" in result.stderr
    assert not (tmp_path / "second.json").exists()


def test_another_number_is_refused(here):
    here.courses(10)
    here.release("2025")

    with pytest.raises(FaultsError, match="Earlier releases carry the number 9901, not 9902"):
        here.release("2026", number="9902")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"period": "2025-Q1"}, "not a period of releases"),
        ({"period": "2099"}, "nothing to release"),
        ({"number": "99"}, "four digits"),
        ({"instrument": "nothing"}, "nothing"),
        ({"instrument": "safety"}, "has no score"),
        ({"municipality": ""}, "--municipality NAME (registered municipalities: none)"),
    ],
)
def test_what_cannot_be_exported_is_said_and_nothing_is_written(db, tmp_path, change, fault):
    said = {"instrument": "life-now", "period": "2025", "number": "9901", "municipality": "Fjordvik"} | change
    options = [word for key, value in said.items() for word in (f"--{key}", value)]

    result = run("export", *options, "--out", tmp_path / "norms.json")

    assert result.exit_code == 2
    assert fault in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_period_that_is_not_over_is_refused(here, tmp_path):
    here.courses(10, ended=date(2098, 5, 1))

    result = export(tmp_path / "norms.json", period="2098")

    assert result.exit_code == 2
    assert "2098 lasts until 31.12.2098" in result.stderr
    assert NormsRelease.objects.count() == 0


def test_the_municipality_is_the_one_registered(here, make, tmp_path):
    make.unit("Fjordvik kommune", kind="municipality")
    here.courses(10)

    result = export(tmp_path / "norms.json", "--municipality", "")

    assert result.exit_code == 0, result.stderr
    assert (
        read((tmp_path / "norms.json").read_text(encoding="utf-8")).parts[0].municipality
        == "Fjordvik kommune"
    )


def test_another_file_is_not_overwritten_and_can_be_asked_for_again(here, tmp_path):
    here.courses(10)
    (tmp_path / "norms.json").write_text("mine", encoding="utf-8")

    refused = export(tmp_path / "norms.json")
    nowhere = export(tmp_path / "no" / "norms.json")
    again = export(tmp_path / "other.json")

    assert refused.exit_code == nowhere.exit_code == 2
    assert "exists and holds something else" in refused.stderr
    assert "cannot be written" in nowhere.stderr
    assert (tmp_path / "norms.json").read_text(encoding="utf-8") == "mine"
    assert again.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["norms.json", "other.json"]


def test_exported_files_are_pooled_and_shown(here, tmp_path):
    here.courses(10)
    export(tmp_path / "first.json")
    here.courses(12, ended=date(2026, 3, 1))
    (tmp_path / "second.json").write_text(here.release("2026").row.text, encoding="utf-8")

    pooled = run("pool", tmp_path / "first.json", tmp_path / "second.json", "--out", tmp_path / "pooled.json")
    shown = run("show", tmp_path / "pooled.json")

    assert (pooled.exit_code, shown.exit_code) == (0, 0)
    assert shown.stdout == pooled.stdout
    assert "22 courses with 44 scores in 1 patterns" in shown.stdout
    assert "Fjordvik (9901) 2026: 12 courses" in shown.stdout
    assert read((tmp_path / "pooled.json").read_text(encoding="utf-8")).norms.persons == 22


def test_files_that_cannot_be_pooled_are_all_named(here, tmp_path):
    here.courses(10)
    export(tmp_path / "good.json")
    (tmp_path / "text.json").write_text("hello", encoding="utf-8")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    files = [tmp_path / name for name in ("good.json", "text.json", "bytes.json")]

    result = run("pool", *files, "--out", tmp_path / "pooled.json")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "text.json: This is not JSON: line 1, column 1" in result.stderr
    assert "bytes.json: This is not a norms file" in result.stderr
    assert not (tmp_path / "pooled.json").exists()
    twice = run("pool", files[0], files[0])
    assert twice.exit_code == 2
    assert "Give it once" in twice.stderr
    assert run("show", tmp_path / "text.json").exit_code == 2


def test_a_pooled_file_can_be_fitted(here):
    here.courses(12, scores=None)
    third = [here.course(scores=[*SPREAD[20 + n], *SPREAD[n][:1]]) for n in range(12)]

    made = here.release()

    model = fit(read(made.row.text).norms)
    assert (model.persons, model.scores) == (24, 60)
    assert set(third) <= set(made.row.episodes.all())
