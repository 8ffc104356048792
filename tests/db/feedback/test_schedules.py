"""Plans of units and of courses: what is asked follows them, and who may change them."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from factories_feedback import DAY

from medvirk.answers.actions import save_draft
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import schedules as actions
from medvirk.feedback.actions.asking import settle
from medvirk.feedback.actions.ending import ask_last_measure
from medvirk.feedback.logic.schedules import Line, When
from medvirk.feedback.models import Schedule, Session, Signal
from medvirk.feedback.queries.schedules import asks_at_the_end, choosable, schedule_of_unit

RECOVERY = ("recovery", 1)
START = Line(RECOVERY, "before", When.START)
EVERY_THIRD = Line(RECOVERY, "after", When.EVERY_NTH, 3)
END = Line(RECOVERY, "before", When.END)


def asked(session, moment="before"):
    return [ask.instrument_key for ask in session.asks(moment).asks.all()]


def add(care, of, line, by=None):
    return actions.add_line(by=by or care.viewer, of=of, line=line, now=care.now)


@pytest.fixture
def leader(care, make):
    return make.viewer(make.staff("team_leader", care.unit))


def test_who_sets_nothing_is_asked_as_always(care):
    session = care.session()

    assert asked(session) == ["life-now", "safety"]
    assert asked(session, "after") == ["this-meeting"]
    assert not Schedule.objects.exists()


def test_a_course_starts_with_the_plan_of_its_unit_and_keeps_it(care, leader):
    add(care, care.unit, START, leader)
    episode = care.episode()

    for line in list(schedule_of_unit(care.unit.pk, leader.today).lines.all()):
        actions.remove_line(by=leader, of=care.unit, line_id=line.pk, now=care.now)

    assert asked(care.session(episode)) == ["life-now", "safety", "recovery"]
    assert asked(care.session(care.episode())) == ["life-now", "safety"]


def test_a_unit_without_a_plan_has_that_of_the_nearest_above(care, make):
    top = make.unit("Øverst", kind="service")
    middle = make.unit("Midten", parent=top)
    bottom = make.unit("Nederst", parent=middle)
    boss = make.viewer(make.staff("team_leader", top))
    add(care, top, START, boss)
    assert schedule_of_unit(bottom.pk, boss.today).unit == top

    add(care, middle, EVERY_THIRD, boss)

    assert schedule_of_unit(bottom.pk, boss.today).unit == middle
    assert schedule_of_unit(top.pk, boss.today).unit == top


def test_what_nobody_has_begun_follows_a_change_at_once(care):
    episode = care.episode()
    waiting, begun = care.session(episode), care.session(episode, at=care.now + DAY)
    save_draft(
        way_in=care.way_in(begun.asks("before")), client_id=uuid.uuid4(), content={"a": "1"}, now=care.now
    )

    line = add(care, episode, START)

    assert asked(waiting) == ["life-now", "safety", "recovery"]
    assert asked(begun) == ["life-now", "safety"]
    actions.remove_line(by=care.viewer, of=episode, line_id=line.pk, now=care.now)
    assert asked(waiting) == ["life-now", "safety"]


def test_every_third_is_asked_at_the_first_and_the_fourth(care):
    episode = care.episode()
    add(care, episode, EVERY_THIRD)

    sessions = [care.session(episode, at=care.now + number * DAY) for number in range(5)]

    with_it = [number for number, each in enumerate(sessions, 1) if "recovery" in asked(each, "after")]
    assert with_it == [1, 4]


def test_a_plan_is_settled_anew_where_conversations_were_moved_about(care):
    """What is handed out asks what the plan says on that day: a cancelled conversation does not count."""
    from medvirk.feedback.actions import cancel_session

    episode = care.episode()
    add(care, episode, EVERY_THIRD)
    sessions = [care.session(episode, at=care.now + number * DAY) for number in range(5)]
    cancel_session(by=care.viewer, session=sessions[1], now=care.now)

    settle(session=Session.objects.get(pk=sessions[4].pk))

    assert "recovery" in asked(sessions[4], "after")


def steady(care, scores):
    episode = care.course(scores)
    actions.set_easing(by=care.viewer, of=episode, eases=True, now=care.now)
    add(care, episode, Line(RECOVERY, "before", When.EVERY))
    return episode


def test_fewer_questions_when_nothing_moves(care):
    episode = steady(care, [30.0, 30.5, 30.0, 30.5, 30.0, 30.5])
    Signal.objects.all().delete()

    session = care.session(episode)

    assert asked(session) == ["safety"]
    assert asked(session, "after") == ["this-meeting"]


@pytest.mark.parametrize(
    "scores", [[30.0] * 5, [30.0, 30.0, 10.0, 30.0, 30.0, 30.0], [30.0, 30.0, 30.0, 30.0, 30.0, None]]
)
def test_all_of_them_when_something_does_or_too_little_is_known(care, scores):
    assert "life-now" in asked(care.session(steady(care, scores)))


def test_a_signal_ends_the_easing(care):
    episode = steady(care, [30.0, 30.5, 30.0, 30.5, 30.0, 30.5])
    Signal.objects.create(
        episode=episode,
        citizen=episode.citizens.get(),
        session=episode.sessions.last(),
        kind="alliance_falling",
        raised_at=care.now,
        owner=care.worker,
        due_at=care.now,
        tell_at=care.now,
    )

    assert "life-now" in asked(care.session(episode))


def test_a_form_that_was_not_asked_is_not_missing(care):
    from medvirk.feedback import queries

    episode = steady(care, [30.0, 30.5, 30.0, 30.5, 30.0, 30.5])
    care.session(episode, at=care.now - DAY)

    chosen = queries.episodes(care.viewer).filter(pk=episode.pk)
    followed = queries.follow(care.viewer, queries.fetch(chosen), now=care.now, language="nb")[0]

    assert followed.course.points[-1].missing == "not_asked"
    assert "missing_measure" not in {found.kind for found in followed.found}


def test_the_question_about_safety_is_turned_off_only_on_purpose(care):
    episode = care.episode()
    session = care.session(episode)

    actions.set_safety(by=care.viewer, episode=episode, asks=False, now=care.now)
    assert asked(session) == ["life-now"]

    actions.set_safety(by=care.viewer, episode=episode, asks=True, now=care.now)
    assert asked(session) == ["life-now", "safety"]


# at the end


def test_the_last_measure_is_asked_around_the_next_conversation(care):
    episode = care.episode()
    add(care, episode, END)
    coming = care.session(episode, at=care.now + DAY)
    assert asks_at_the_end(episode)

    last = ask_last_measure(by=care.viewer, episode=episode, now=care.now)

    assert last == coming
    assert asked(last) == ["life-now", "safety", "recovery"]
    assert not asks_at_the_end(episode)


def test_where_none_is_planned_one_begins(care):
    episode = care.course([20.0])
    add(care, episode, END)

    last = ask_last_measure(by=care.viewer, episode=episode, now=care.now)

    assert last.starts_at == care.now
    assert "recovery" in asked(last)


def test_a_course_without_such_a_line_asks_nothing_at_the_end(care):
    assert not asks_at_the_end(care.episode())


# who may


def test_leaders_plan_their_units_and_administrators_all_below(care, make, leader):
    administrator = make.viewer(make.staff("administrator", care.unit))
    elsewhere = make.viewer(make.staff("team_leader", make.unit(parent=care.unit)))

    add(care, care.unit, START, leader)
    add(care, care.unit, EVERY_THIRD, administrator)

    for viewer in (care.viewer, elsewhere, make.viewer(make.staff("manager", care.unit))):
        with pytest.raises(PermissionDenied):
            add(care, care.unit, END, viewer)
    assert Schedule.objects.get(unit=care.unit).lines.count() == 2


def test_nobody_plans_a_course_that_is_closed_to_them(care, make, leader):
    episode = care.episode()
    stranger = make.viewer(make.staff("practitioner", care.unit))

    for change in (
        lambda: add(care, episode, START, stranger),
        lambda: actions.set_easing(by=stranger, of=episode, eases=True, now=care.now),
        lambda: actions.set_safety(by=stranger, episode=episode, asks=False, now=care.now),
        lambda: actions.take_the_units_plan(by=stranger, episode=episode, now=care.now),
    ):
        with pytest.raises(PermissionDenied):
            change()


def test_a_line_of_another_plan_is_not_taken_out(care):
    one, other = care.episode(), care.episode()
    line = add(care, one, START)

    assert not actions.remove_line(by=care.viewer, of=other, line_id=line.pk, now=care.now)
    assert Schedule.objects.get(episode=one).lines.count() == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (Line(("ors", 1), "before", When.START), "no_wording"),
        (Line(("unheard-of", 1), "before", When.START), "no_wording"),
        (Line(("safety", 1), "before", When.EVERY_NTH, 4), "no_wording"),
        (Line(RECOVERY, "before", When.EVERY_NTH, 0), "no_number"),
        (Line(RECOVERY, "before", When.AFTER_MONTHS, 61), "no_number"),
    ],
)
def test_what_cannot_be_asked_does_not_come_into_a_plan(care, line, reason):
    with pytest.raises(Refused, match=reason):
        add(care, care.episode(), line)


def test_a_plan_says_a_thing_once(care):
    episode = care.episode()
    add(care, episode, START)

    with pytest.raises(Refused, match="said_already"):
        add(care, episode, START)


def test_what_can_be_chosen_has_wording(care):
    askable, lacking = choosable()

    assert {"recovery", "life-now"} <= {each.key for each in askable}
    assert "ors" in {each.key for each in lacking}
    assert not {"safety", "own-goal"} & {each.key for each in (*askable, *lacking)}


def test_taking_the_units_plan_again(care, leader):
    episode = care.episode()
    add(care, episode, EVERY_THIRD)
    add(care, care.unit, START, leader)
    session = care.session(episode)

    actions.take_the_units_plan(by=care.viewer, episode=episode, now=care.now)

    assert asked(session) == ["life-now", "safety", "recovery"]
    assert asked(session, "after") == ["this-meeting"]
