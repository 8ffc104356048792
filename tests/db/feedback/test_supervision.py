"""Supervision: what stands on the agenda, who may see what of it, and that what was agreed comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from factories_feedback import DAY, marks

from medvirk.feedback.actions import Refused, end_episode
from medvirk.feedback.actions import supervision as acts
from medvirk.feedback.actions.following import end_agreement
from medvirk.feedback.logic.supervision import Moved
from medvirk.feedback.models import Agreement, Episode, Supervision, SupervisionCase
from medvirk.feedback.queries.supervision import Aside, agenda, case_of, supervision_of, talked_about
from medvirk.people.actions import bar_worker
from medvirk.people.models import AccessEvent

pytestmark = pytest.mark.django_db
DOWN = [35.0, 33.0, 20.0, 12.0]


@pytest.fixture
def team(care):
    """A second worker of the team."""
    return care.make.staff("practitioner", care.unit)


@pytest.fixture
def course(care):
    """A course that goes badly, of a citizen whom the whole team helps."""
    return care.course(DOWN, episode=care.episode(citizen=care.make.citizen(team=care.unit)))


def goes_well(care, scores):
    """A course that began seven weeks ago, of a citizen whom the whole team helps."""
    episode = care.course(scores, episode=care.episode(citizen=care.make.citizen(team=care.unit)))
    Episode.objects.filter(pk=episode.pk).update(started_on=care.viewer.today - 49 * DAY)
    return episode


def plan(care, day=None) -> Supervision:
    return acts.plan_supervision(by=care.viewer, unit=care.unit, day=day or care.viewer.today, now=care.now)


def begin(care, meeting, *present) -> Supervision:
    return acts.begin(by=care.viewer, meeting=meeting, present=present or [care.worker], now=care.now)


def seen(care, viewer, meeting, now=None):
    return agenda(viewer, Supervision.objects.get(pk=meeting.pk), now=now or care.now, language="nb")


def on(care, viewer, meeting, now=None) -> dict:
    return {each.episode.pk: each for each in seen(care, viewer, meeting, now).lines}


def case(meeting, episode) -> SupervisionCase:
    return SupervisionCase.objects.select_related("episode", "supervision").get(
        supervision=meeting, episode=episode
    )


class TestAgenda:
    def test_a_course_that_goes_badly_is_on_it_by_itself_and_one_that_goes_well_is_not(self, care, course):
        well = goes_well(care, [20.0, 24.0, 28.0])
        meeting = plan(care)

        found = seen(care, care.viewer, meeting)

        assert [each.episode.pk for each in found.lines] == [course.pk]
        assert "deteriorated" in [each.kind for each in found.lines[0].reasons]
        assert well.pk in {each.episode.pk for each in found.others}

    def test_an_own_case_is_put_on_with_a_sentence_also_before_a_meeting_is_planned(self, care):
        well = goes_well(care, [20.0, 24.0])
        acts.ask_for(by=care.viewer, episode=well, words="Hva  overser jeg?", now=care.now)
        meeting = plan(care)

        line = on(care, care.viewer, meeting)[well.pk]

        assert [each.kind for each in line.reasons] == ["asked"]
        assert line.row.asked == "Hva overser jeg?"

    def test_asked_again_the_new_words_stand_and_it_can_be_taken_back(self, care, course):
        for words in ("Først", "Så"):
            acts.ask_for(by=care.viewer, episode=course, words=words, now=care.now)
        row = SupervisionCase.objects.get(episode=course)
        assert row.asked == "Så"

        acts.unask(by=care.viewer, case=row)

        assert not SupervisionCase.objects.exists()

    def test_a_line_is_taken_off_and_put_back(self, care, course):
        meeting = plan(care)
        acts.take_off(by=care.viewer, meeting=meeting, episode=course, now=care.now)
        assert on(care, care.viewer, meeting) == {}
        assert [each.episode.pk for each in seen(care, care.viewer, meeting).off] == [course.pk]

        acts.put_on(by=care.viewer, meeting=meeting, episode=course, now=care.now)

        assert set(on(care, care.viewer, meeting)) == {course.pk}

    def test_once_begun_it_stays_as_it_was(self, care, course):
        meeting = plan(care)
        begin(care, meeting)
        before = on(care, care.viewer, meeting)[course.pk].reasons

        care.held(course, care.now - timedelta(hours=20), life=45.0, meeting=40.0)

        assert on(care, care.viewer, meeting)[course.pk].reasons == before
        assert before

    def test_what_was_overdue_is_told_first(self, care, course):
        from medvirk.feedback.actions.raising import evaluate_due

        evaluate_due(care.now)
        late = care.now + 9 * DAY

        line = on(care, care.viewer, plan(care), now=late)[course.pk]

        assert line.reasons[0].kind == "overdue"

    def test_an_ended_course_is_not_on_the_next_agenda(self, care, course):
        end_episode(
            by=care.viewer, episode=course, now=care.now, ended_on=care.viewer.today, ending="planned"
        )
        assert on(care, care.viewer, plan(care)) == {}

    def test_a_team_has_one_ahead(self, care):
        plan(care)
        with pytest.raises(Refused, match="one_ahead"):
            plan(care)

    def test_not_on_a_day_that_has_passed(self, care):
        with pytest.raises(Refused, match="too_soon"):
            plan(care, care.viewer.today - DAY)


class TestWhoSees:
    def test_a_case_whose_record_a_colleague_may_not_open_is_not_shown_to_them(self, care, team):
        own = care.course(DOWN)  # a relation to the worker alone
        meeting = plan(care)
        begin(care, meeting)
        acts.note(by=care.viewer, case=case(meeting, own), text="Hemmelig", now=care.now)

        assert set(on(care, care.viewer, meeting)) == {own.pk}
        other = care.make.viewer(team)
        found = seen(care, other, meeting)
        assert [*found.lines, *found.off, *found.aside, *found.others] == []
        assert case_of(other, case(meeting, own).pk) is None

    def test_another_team_does_not_see_the_meeting(self, care):
        stranger = care.make.viewer(care.make.staff("practitioner"))
        assert supervision_of(stranger, plan(care).pk) is None

    @pytest.mark.parametrize("role", ["manager", "administrator", "partner", "auditor", "secretary"])
    def test_roles_that_help_nobody_see_no_meeting(self, care, role):
        assert supervision_of(care.make.viewer(care.make.staff(role, care.unit)), plan(care).pk) is None

    def test_whom_a_citizen_keeps_out_sees_nothing_and_while_they_are_there_nobody_is_shown_it(
        self, care, course, team
    ):
        bar_worker(by=care.viewer, citizen=course.citizens.get(), worker=team, reason="Nabo")
        meeting = plan(care)
        begin(care, meeting, care.worker, team)

        barred, found = seen(care, care.make.viewer(team), meeting), seen(care, care.viewer, meeting)

        assert [*barred.lines, *barred.off, *barred.aside, *barred.others] == []
        assert found.lines == ()
        assert [(each.episode.pk, each.aside) for each in found.aside] == [(course.pk, Aside.KEPT_OUT)]

        acts.change_present(by=care.viewer, meeting=meeting, present=[care.worker], now=care.now)
        assert set(on(care, care.viewer, meeting)) == {course.pk}

    def test_what_one_of_those_there_may_not_open_is_set_aside(self, care, team):
        own = care.course(DOWN)
        meeting = plan(care)
        begin(care, meeting, care.worker, team)

        found = seen(care, care.viewer, meeting)

        assert found.lines == ()
        assert [(each.episode.pk, each.aside) for each in found.aside] == [(own.pk, Aside.NOT_OPEN)]

    def test_only_those_of_the_team_are_there(self, care):
        outside = care.make.staff("practitioner")
        with pytest.raises(Refused, match="not_of_the_team"):
            begin(care, plan(care), outside)

    def test_what_is_not_theirs_to_open_is_not_theirs_to_change(self, care, team):
        own = care.course(DOWN)
        meeting = plan(care)
        begin(care, meeting)
        other, held = care.make.viewer(team), case(meeting, own)

        for act in (
            lambda: acts.note(by=other, case=held, text="x", now=care.now),
            lambda: acts.decide(by=other, case=held, text="x", due_on=None, now=care.now),
            lambda: acts.ask_for(by=other, episode=own, words="x", now=care.now),
            lambda: acts.take_off(by=other, meeting=meeting, episode=own, now=care.now),
        ):
            with pytest.raises(PermissionDenied):
                act()


class TestNotesAndDecisions:
    def test_notes_are_encrypted_and_logged_and_a_slip_is_taken_back(self, care, course):
        from django.db import connection

        meeting = plan(care)
        begin(care, meeting)
        held = case(meeting, course)
        note = acts.note(by=care.viewer, case=held, text="Spør om søvnen", now=care.now)

        with connection.cursor() as cursor:
            cursor.execute("SELECT text FROM feedback_supervisionnote")
            assert "søvnen" not in cursor.fetchone()[0]
        assert AccessEvent.objects.filter(what="feedback.supervision", action="created").exists()
        assert [each.text for each in on(care, care.viewer, meeting)[course.pk].notes] == ["Spør om søvnen"]

        acts.take_back_note(by=care.viewer, written=note, now=care.now)
        assert on(care, care.viewer, meeting)[course.pk].notes == ()

    def test_nobody_takes_back_what_another_wrote(self, care, course, team):
        meeting = plan(care)
        begin(care, meeting)
        note = acts.note(by=care.viewer, case=case(meeting, course), text="x", now=care.now)

        with pytest.raises(PermissionDenied):
            acts.take_back_note(by=care.make.viewer(team), written=note, now=care.now)

    def test_before_the_meeting_nothing_is_noted_or_decided(self, care, course):
        row = acts.ask_for(by=care.viewer, episode=course, words="Hva nå?", now=care.now)
        for act in (
            lambda: acts.note(by=care.viewer, case=row, text="x", now=care.now),
            lambda: acts.decide(by=care.viewer, case=row, text="x", due_on=None, now=care.now),
        ):
            with pytest.raises(Refused, match="not_now"):
                act()

    def test_what_was_agreed_comes_back_at_the_next_meeting_with_what_the_measures_did(self, care, course):
        first = plan(care)
        begin(care, first)
        agreed = acts.decide(
            by=care.viewer, case=case(first, course), text="Bytte til gåturer", due_on=None, now=care.now
        )
        acts.finish(by=care.viewer, meeting=first, now=care.now)
        later = care.now + 14 * DAY
        with_later = care.session(course, at=later - 2 * DAY)
        care.send(care.way_in(with_later.asks("before")), marks("life-now", 45.0), now=care.now)
        second = acts.plan_supervision(
            by=care.viewer, unit=care.unit, day=timezone.localdate(later), now=later
        )

        line = on(care, care.viewer, second, now=later)[course.pk]

        assert "agreed" in [each.kind for each in line.reasons]
        (earlier,) = line.earlier
        assert earlier.agreement == agreed
        assert [since.moved for _, since in earlier.since] == [Moved.BETTER]

        end_agreement(by=care.viewer, agreement=agreed, done=True, on=timezone.localdate(later))
        again = {each.episode.pk: each for each in [*seen(care, care.viewer, second, later).lines,
                                                    *seen(care, care.viewer, second, later).others]}  # fmt: skip
        assert "agreed" not in [each.kind for each in again[course.pk].reasons]

    def test_the_citizen_reads_that_they_were_talked_about_and_what_was_agreed_and_not_before_it_is_over(
        self, care, course
    ):
        meeting = plan(care)
        begin(care, meeting)
        held = case(meeting, course)
        acts.note(by=care.viewer, case=held, text="Arbeidsnotat", now=care.now)
        acts.decide(by=care.viewer, case=held, text="Ringe på fredag", due_on=None, now=care.now)
        assert talked_about([course.pk]) == []

        acts.finish(by=care.viewer, meeting=meeting, now=care.now)

        (told,) = talked_about([course.pk])
        assert (told.day, told.agreed) == (meeting.day, ("Ringe på fredag",))

    def test_notes_are_part_of_what_a_citizen_gets_out(self, care, course):
        from medvirk.people.hooks import own_data

        citizen = course.citizens.get()
        meeting = plan(care)
        begin(care, meeting)
        acts.note(by=care.viewer, case=case(meeting, course), text="Arbeidsnotat", now=care.now)
        viewer = care.make.viewer(care.make.own_account(citizen.person))
        data = next(each for each in own_data() if each.key == "feedback.supervision")

        (row,) = data.collect(viewer, citizen)

        assert "Arbeidsnotat" in row["notes"].words
        assert set(row) == set(data.fields)

    def test_an_end_is_taken_back(self, care):
        meeting = plan(care)
        begin(care, meeting)
        acts.finish(by=care.viewer, meeting=meeting, now=care.now)
        acts.go_on(by=care.viewer, meeting=meeting)
        assert Supervision.objects.get().ended_at is None

    def test_a_decision_does_not_show_as_a_mark_on_a_conversation(self, care, course):
        from medvirk.feedback.queries import episodes, fetch

        meeting = plan(care)
        begin(care, meeting)
        acts.decide(by=care.viewer, case=case(meeting, course), text="x", due_on=None, now=care.now)

        (found,) = fetch(episodes(care.viewer).filter(pk=course.pk))

        assert found.changes == {}
        assert Agreement.objects.get().case == case(meeting, course)


@pytest.mark.parametrize("many", [1, 3, 12])
def test_the_agenda_takes_the_same_queries_however_many_courses(care, many, django_assert_max_num_queries):
    citizen = care.make.citizen(team=care.unit)
    for _ in range(many):
        care.course([35.0, 12.0], episode=care.episode(citizen=citizen))
    meeting = plan(care)
    begin(care, meeting)

    with django_assert_max_num_queries(21):
        assert len(seen(care, care.viewer, meeting).lines) == many
