"""The team's board: moves with a reason, tasks, looks, crisis plans, and what a partner sees."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from factories_feedback import DAY

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import board as acts
from medvirk.feedback.models import BoardColumn, BoardMove, CrisisPlan, PlanWish
from medvirk.feedback.queries.board import (
    board_of,
    columns_of,
    moves_of,
    own_tasks,
    plans_of,
    shared_boards,
    task_of,
    wishes_of,
)
from medvirk.people.actions import bar_worker, share_with
from medvirk.people.models import AccessEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(care):
    return care.episode(citizen=care.make.citizen(team=care.unit))


def cards(care, viewer=None) -> dict:
    return {each.episode.pk: each for each in board_of(viewer or care.viewer, care.unit, now=care.now).cards}


def move(care, episode, to: int, reason: str = "Sover ikke", **more):
    return acts.move(by=care.viewer, episode=episode, to=to, reason=reason, now=care.now, **more)


def task(care, episode, *, who=None, due_on=None, text="Ringe fastlegen"):
    return acts.give_task(
        by=care.viewer,
        episode=episode,
        text=text,
        who=who or care.worker,
        due_on=due_on or care.viewer.today,
        now=care.now,
    )


class TestColumns:
    def test_looking_at_a_board_makes_no_columns(self, care, episode):
        assert cards(care)[episode.pk].column == 1
        assert not BoardColumn.objects.exists()

    def test_the_first_move_makes_the_three(self, care, episode):
        move(care, episode, 0)

        assert [each.key for each in columns_of(care.unit.pk)] == ["intensive", "usual", "rarely"]
        card = cards(care)[episode.pk]
        assert (card.column, card.since, card.contacts) == (0, care.viewer.today, 3.0)

    def test_a_team_names_its_own_and_cards_stay_where_they_are(self, care, episode):
        move(care, episode, 2)
        held = columns_of(care.unit.pk)
        columns = [acts.NewColumn(f"Kolonne {n}", 2.0, each.key, each.id) for n, each in enumerate(held)]

        acts.set_columns(by=care.viewer, unit=care.unit, columns=columns, starts_in=0, now=care.now)

        assert [each.name for each in columns_of(care.unit.pk)] == ["Kolonne 0", "Kolonne 1", "Kolonne 2"]
        assert cards(care)[episode.pk].column == 2

    def test_whose_column_is_gone_stands_where_courses_begin(self, care, episode):
        move(care, episode, 2)
        columns = [acts.NewColumn("A", 2.0), acts.NewColumn("B", 1.0)]
        acts.set_columns(by=care.viewer, unit=care.unit, columns=columns, starts_in=1, now=care.now)

        card = cards(care)[episode.pk]
        assert (card.column, card.since) == (1, None)
        assert BoardMove.objects.get().column.retired_at == care.now

    def test_another_team_names_nothing_here(self, care):
        stranger = care.make.viewer(care.make.staff("practitioner"))
        with pytest.raises(PermissionDenied):
            acts.set_columns(
                by=stranger, unit=care.unit, columns=[acts.NewColumn("A", 1.0)], starts_in=0, now=care.now
            )


class TestMoves:
    def test_each_move_stands_with_its_reason_encrypted(self, care, episode):
        move(care, episode, 0, "Sover ikke")
        move(care, episode, 1, "Sover igjen", contacts=2.0)

        assert [each.reason for each in moves_of(care.viewer, episode)] == ["Sover igjen", "Sover ikke"]
        assert cards(care)[episode.pk].contacts == 2.0
        with connection.cursor() as cursor:
            cursor.execute("SELECT reason FROM feedback_boardmove")
            assert not any("Sover" in row[0] for row in cursor.fetchall())

    @pytest.mark.parametrize(("to", "reason", "refusal"), [(0, "  ", "no_reason"), (9, "x", "no_column")])
    def test_not_without_a_reason_and_not_to_nowhere(self, care, episode, to, reason, refusal):
        with pytest.raises(Refused, match=refusal):
            move(care, episode, to, reason)


class TestWhoSees:
    def test_cards_are_those_whose_record_one_may_open(self, care, episode):
        own = care.episode()
        colleague = care.make.staff("practitioner", care.unit)

        assert set(cards(care)) == {episode.pk, own.pk}
        assert set(cards(care, care.make.viewer(colleague))) == {episode.pk}
        bar_worker(by=care.viewer, citizen=episode.citizens.get(), worker=colleague)
        assert cards(care, care.make.viewer(colleague)) == {}

    @pytest.mark.parametrize("role", ["manager", "administrator", "partner", "auditor", "secretary"])
    def test_roles_that_help_nobody_see_no_cards(self, care, episode, role):
        assert cards(care, care.make.viewer(care.make.staff(role, care.unit))) == {}

    def test_what_one_may_not_open_one_does_not_change(self, care):
        own = care.episode()
        other = care.make.viewer(care.make.staff("practitioner", care.unit))
        given = task(care, own)

        assert task_of(other, given.pk) is None
        for act in (
            lambda: acts.move(by=other, episode=own, to=0, reason="x", now=care.now),
            lambda: acts.look(by=other, episode=own, now=care.now),
            lambda: acts.do_task(by=other, task=given, now=care.now),
            lambda: acts.write_plan(
                by=other,
                citizen=own.citizens.get(),
                signs="x",
                helps="",
                calls="",
                with_citizen=True,
                now=care.now,
            ),
        ):
            with pytest.raises(PermissionDenied):
                act()


class TestTasks:
    def test_a_task_is_done_and_undone_and_a_slip_goes_away(self, care, episode):
        given = task(care, episode)
        acts.do_task(by=care.viewer, task=given, now=care.now)
        card = cards(care)[episode.pk]
        assert (card.tasks, card.done_today) == ((), (given,))

        acts.undo_task(by=care.viewer, task=given)
        assert cards(care)[episode.pk].due(care.viewer.today) == [given]

        acts.drop_task(by=care.viewer, task=given, now=care.now)
        assert cards(care)[episode.pk].tasks == ()

    def test_a_task_is_given_to_somebody_who_may_open_the_record(self, care):
        own = care.episode()
        colleague = care.make.staff("practitioner", care.unit)
        with pytest.raises(Refused, match="cannot_do"):
            task(care, own, who=colleague)

    def test_late_is_told_apart(self, care, episode, time_machine):
        task(care, episode)
        later = board_of(care.viewer, care.unit, now=care.now + 2 * DAY).cards[0]
        assert len(later.late((care.now + 2 * DAY).date())) == 1
        with pytest.raises(Refused, match="too_soon"):
            task(care, episode, due_on=care.viewer.today - DAY)


def test_looked_at_stands_once_a_day_and_can_be_undone(care, episode):
    for _ in range(2):
        acts.look(by=care.viewer, episode=episode, now=care.now)
    assert cards(care)[episode.pk].looked_at == care.now
    assert board_of(care.viewer, care.unit, now=care.now + DAY).cards[0].looked_at is None

    acts.unlook(by=care.viewer, episode=episode, now=care.now)
    assert cards(care)[episode.pk].looked_at is None


class TestCrisisPlan:
    def write(self, care, citizen, signs="Slutter å svare", helps="Gå tur", calls="Siv"):
        return acts.write_plan(
            by=care.viewer,
            citizen=citizen,
            signs=signs,
            helps=helps,
            calls=calls,
            with_citizen=True,
            # Each version later than the last, as in life: at the same moment none is the newest.
            now=care.now + timedelta(minutes=CrisisPlan.objects.count()),
        )

    def test_each_version_is_kept_and_encrypted(self, care, episode):
        citizen = episode.citizens.get()
        # Long enough that none of them comes about by chance in what is encrypted.
        planted = ("Trekkerseg", "Skogsturer", "Strandvollen")
        self.write(care, citizen)
        self.write(care, citizen, *planted)

        assert [each.signs for each in plans_of(care.viewer, citizen)] == ["Trekkerseg", "Slutter å svare"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT signs, helps, calls FROM feedback_crisisplan")
            stored = " ".join(part for row in cursor.fetchall() for part in row)
        assert stored
        assert [word for word in planted if word in stored] == []

    def test_what_came_while_the_page_was_open_is_not_put_aside_unseen(self, care, episode):
        citizen = episode.citizens.get()
        self.write(care, citizen)
        account = care.make.viewer(care.make.own_account(citizen.person))
        opened = care.now + timedelta(minutes=5)
        acts.wish_for(by=account, citizen=citizen, text="Ikke ring broren", now=opened + timedelta(minutes=1))

        def late(opened_at):
            return acts.write_plan(
                by=care.viewer, citizen=citizen, signs="Sover lite", helps="", calls="", with_citizen=True,
                now=opened + timedelta(minutes=10), opened_at=opened_at,
            )  # fmt: skip

        late(opened)
        assert [each.text for each in wishes_of(care.viewer, citizen)] == ["Ikke ring broren"]
        with pytest.raises(Refused, match="newer"):
            late(opened)
        late(opened + timedelta(minutes=20))
        assert list(wishes_of(care.viewer, citizen)) == []

    def test_the_citizen_reads_it_and_says_what_should_change_and_a_new_version_answers(self, care, episode):
        citizen = episode.citizens.get()
        self.write(care, citizen)
        me = care.make.viewer(care.make.own_account(citizen.person))
        assert plans_of(me, citizen).count() == 1

        acts.wish_for(by=me, citizen=citizen, text="Ring søsteren min først", now=care.now)
        assert [each.text for each in wishes_of(care.viewer, citizen)] == ["Ring søsteren min først"]
        assert cards(care)[episode.pk].wishes == 1

        self.write(care, citizen, "Sover mindre")
        assert not wishes_of(care.viewer, citizen).exists()

    def test_a_wish_is_taken_back_by_the_one_who_sent_it(self, care, episode):
        citizen = episode.citizens.get()
        me = care.make.viewer(care.make.own_account(citizen.person))
        wish = acts.wish_for(by=me, citizen=citizen, text="x", now=care.now)
        with pytest.raises(PermissionDenied):
            acts.take_back_wish(by=care.viewer, wish=wish)
        acts.take_back_wish(by=me, wish=wish)
        assert not PlanWish.objects.exists()

    def test_another_citizen_reads_nothing(self, care, episode):
        citizen = episode.citizens.get()
        self.write(care, citizen)
        other = care.make.viewer(care.make.own_account(care.make.citizen().person))

        assert not plans_of(other, citizen).exists()
        assert own_tasks(other, citizen, today=care.viewer.today) == []


class TestPartner:
    def share(self, care, citizen, partner, parts):
        last = care.viewer.today + 30 * DAY
        share_with(by=care.viewer, citizen=citizen, staff=partner, parts=parts, last_day=last)

    def test_a_partner_sees_plan_and_tasks_of_those_who_share_them_and_just_that(self, care, episode):
        citizen, other = episode.citizens.get(), care.make.citizen(worker=care.worker)
        partner = care.make.staff("partner")
        acts.write_plan(
            by=care.viewer, citizen=citizen, signs="x", helps="", calls="", with_citizen=True, now=care.now
        )
        given = task(care, episode)
        self.share(care, citizen, partner, ["feedback.board"])
        self.share(care, other, partner, ["feedback.next"])

        (row,) = shared_boards(care.make.viewer(partner), today=care.viewer.today)

        assert (row.citizen, row.plan, row.tasks) == (citizen, CrisisPlan.objects.get(), (given,))
        assert cards(care, care.make.viewer(partner)) == {}

    def test_a_stranger_sees_nothing(self, care, episode):
        task(care, episode)
        assert shared_boards(care.make.viewer(care.make.staff("partner")), today=care.viewer.today) == []


@pytest.mark.parametrize("many", [1, 3, 60])
def test_the_board_takes_the_same_queries_however_many_cards(care, many, django_assert_num_queries):
    citizen = care.make.citizen(team=care.unit)
    for number in range(many):
        held = care.episode(citizen=citizen)
        if number < 3:
            task(care, held)
            move(care, held, 0)
    with django_assert_num_queries(9):
        assert len(board_of(care.make.viewer(care.worker), care.unit, now=care.now).cards) == many


def test_what_was_done_is_in_the_log(care, episode):
    move(care, episode, 0)
    assert AccessEvent.objects.filter(what="feedback.board", action="changed").exists()
