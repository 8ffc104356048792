"""Lists of the feedback room (tests/web/test_query_counts.py)."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from factories_feedback import DAY, Care, marks
from lists import Listed

from medvirk.feedback.models import Signal
from medvirk.people.models import Relation


def my_citizens(make) -> Listed:
    care = Care(make)

    def add() -> str:
        return care.course([20.0, 24.0]).citizens.get().person.name

    return Listed(care.worker, reverse("feedback:my_citizens"), add)


def sessions(make) -> Listed:
    care = Care(make)
    episode = care.episode()
    days = iter(range(30, 0, -7))

    def add() -> str:
        at = care.now - next(days) * DAY
        care.held(episode, at, life=20.0, meeting=40.0)
        return date_format(timezone.localtime(at), "d.m.Y")

    return Listed(care.worker, reverse("feedback:episode", args=[episode.pk]), add)


def courses_of_a_citizen(make) -> Listed:
    """Each in a unit of its own."""
    care = Care(make)
    citizen = make.citizen(worker=care.worker)

    def add() -> str:
        unit = make.unit()
        course = care.course([20.0, 24.0], episode=care.episode(citizen=citizen))
        type(course).objects.filter(pk=course.pk).update(unit=unit)
        return unit.name

    return Listed(care.worker, reverse("people:citizen", args=[citizen.pk]), add)


def conversation(make) -> Listed:
    """The course on the page of a conversation: a line in its table per session before."""
    care = Care(make)
    episode = care.episode()
    session = care.session(episode)
    days = iter(range(30, 0, -7))

    def add() -> str:
        at = care.now - next(days) * DAY
        care.held(episode, at, life=20.0, meeting=40.0)
        return date_format(timezone.localtime(at), "d.m.Y")

    return Listed(care.worker, reverse("feedback:conversation", args=[session.pk]), add)


def own_words(make) -> Listed:
    """The citizen's own page of one course: what they wrote, conversation by conversation."""
    care = Care(make)
    episode = care.episode()
    days = iter(range(30, 0, -7))

    def add() -> str:
        at, words = care.now - next(days) * DAY, f"Om {make.unit().name}"
        session = care.session(episode, at=at)
        care.send(care.way_in(session.asks("before")), marks("life-now", 20.0), own_words=words, now=at)
        return words

    citizen = episode.citizens.get()
    return Listed(make.own_account(citizen.person), reverse("feedback:own_course", args=[citizen.pk]), add)


def own_courses(make) -> Listed:
    """Several courses of one citizen, each in a unit of its own."""
    care = Care(make)
    citizen = make.citizen(worker=care.worker)
    first = care.course([20.0, 24.0], episode=care.episode(citizen=citizen))

    def add() -> str:
        unit = make.unit()
        later = care.course([20.0, 24.0], episode=care.episode(citizen=citizen))
        type(later).objects.filter(pk=later.pk).update(unit=unit)
        return unit.name

    path = reverse("feedback:own_episode", args=[citizen.pk, first.pk])
    return Listed(make.own_account(citizen.person), path, add)


def goals(make) -> Listed:
    return _goals(make, "worker")


def own_goals(make) -> Listed:
    return _goals(make, "citizen")


def _goals(make, who: str) -> Listed:
    """Goals and life events of one citizen."""
    from medvirk.feedback.actions.goals import add_goal, note_event

    care = Care(make)
    episode = care.episode()
    citizen = episode.citizens.get()

    def add() -> str:
        words = f"Ut i {make.unit().name}"
        add_goal(by=care.viewer, citizen=citizen, episode=episode, words=words, now=care.now)
        note_event(by=care.viewer, citizen=citizen, day=care.viewer.today, words=words, now=care.now)
        return words

    if who == "worker":
        return Listed(care.worker, reverse("feedback:goals", args=[episode.pk]), add)
    path = reverse("feedback:own_goals", args=[citizen.pk])
    return Listed(make.own_account(citizen.person), path, add)


def unit_schedules(make) -> Listed:
    top = make.unit()

    def add() -> str:
        return make.unit(parent=top).name

    return Listed(make.staff("team_leader", top), reverse("feedback:unit_schedules"), add)


def reminder_units(make) -> Listed:
    top = make.unit()

    def add() -> str:
        return make.unit(parent=top).name

    return Listed(make.staff("team_leader", top), reverse("feedback:reminder_units"), add)


def _plan(make, *, of_unit: bool) -> Listed:
    """The lines of a plan, of a unit or of a course."""
    from medvirk.feedback.actions.schedules import add_line
    from medvirk.feedback.logic.schedules import Line, When
    from medvirk.feedback.wording.schedules import rule_in_words

    care = Care(make)
    leader = make.staff("team_leader", care.unit)
    episode = care.episode()
    months = iter(range(21, 40))

    def add() -> str:
        line = Line(("recovery", 1), "before", When.AFTER_MONTHS, next(months))
        by, of = (make.viewer(leader), care.unit) if of_unit else (care.viewer, episode)
        add_line(by=by, of=of, line=line, now=care.now)
        return rule_in_words(line)

    if of_unit:
        return Listed(leader, reverse("feedback:unit_schedule", args=[care.unit.pk]), add)
    return Listed(care.worker, reverse("feedback:episode_schedule", args=[episode.pk]), add)


def unit_plan(make) -> Listed:
    return _plan(make, of_unit=True)


def course_plan(make) -> Listed:
    return _plan(make, of_unit=False)


def my_signals(make) -> Listed:
    """Mine, each of another citizen, with what was agreed to be looked at again."""
    care = Care(make)

    def add() -> str:
        return signal_with_steps(care, care.episode()).citizen.person.name

    return Listed(care.worker, reverse("feedback:signals"), add)


def teams_overdue(make) -> Listed:
    """What lies in the team of a leader, with and without a relation to the citizen."""
    care = Care(make)
    leader = make.staff("team_leader", care.unit)

    def add() -> str:
        held = signal_with_steps(care, care.episode())
        Relation.objects.create(citizen=held.citizen, staff=leader, valid_from=make.long_ago)
        signal_with_steps(care, care.episode())
        return held.citizen.person.name

    return Listed(leader, reverse("feedback:signals"), add)


def history_of_a_signal(make) -> Listed:
    care = Care(make)
    held = signal_with_steps(care, care.episode())

    def add() -> str:
        words = f"Om {make.unit().name}"
        held.steps.create(kind="seen", by=make.staff(unit=care.unit), text=words)
        return words

    return Listed(care.worker, reverse("feedback:signal", args=[held.pk]), add)


def done_before(make) -> Listed:
    """Beneath a signal in a conversation: what was done with this kind earlier."""
    care = Care(make)
    episode = care.course([20.0, 21.0], meeting=46.0)
    care.held(episode, care.now - DAY, life=26.0, meeting=18.0)
    session = care.session(episode)
    citizen, days = episode.citizens.get(), iter(range(30, 0, -7))

    def add() -> str:
        at, words = care.now - next(days) * DAY, f"Om {make.unit().name}"
        held = Signal.objects.create(
            episode=episode, citizen=citizen, session=care.held(episode, at, life=20.0), kind="alliance_falling",
            raised_at=at, owner=care.worker, due_at=at, tell_at=at, settled_at=at,
        )  # fmt: skip
        held.steps.create(kind="raised", at=at)
        held.steps.create(kind="talked", at=at, text=words)
        held.steps.create(kind="not_moved", at=at)
        return words

    return Listed(care.worker, reverse("feedback:conversation", args=[session.pk]), add)


def short_list(make) -> Listed:
    unit = make.unit()
    leader = make.staff("team_leader", unit)

    def add() -> str:
        return make_line(make.viewer(leader), unit, f"Linje {make.next_number()}")

    return Listed(leader, reverse("feedback:unit_support", args=[unit.pk]), add)


def house_list(make) -> Listed:
    administrator = make.staff("administrator")

    def add() -> str:
        return make_line(make.viewer(administrator), None, f"Linje {make.next_number()}")

    return Listed(administrator, reverse("feedback:house_support"), add)


def make_line(viewer, unit, words: str) -> str:
    from medvirk.feedback.actions.support import add_line

    add_line(by=viewer, unit=unit, words={"nb": words}, now=timezone.now())
    return words


def units_led(url_name: str):
    """A page that lists the units that one leads."""

    def listed(make) -> Listed:
        above = make.unit()
        leader = make.staff("team_leader", above)
        return Listed(leader, reverse(url_name), lambda: make.unit(parent=above).name)

    return listed


def units_with_numbers(make) -> Listed:
    above = make.unit()
    manager = make.staff("manager", above)
    return Listed(manager, reverse("feedback:signal_numbers"), lambda: make.unit(parent=above).name)


def signal_with_steps(care, episode):
    """An overdue signal, with what was done and agreed."""
    session, at = care.session(episode), care.now - 9 * DAY
    held = Signal.objects.create(
        episode=episode, citizen=episode.citizens.get(), session=session, kind="sudden_fall", raised_at=at,
        owner=episode.responsible, due_at=at, tell_at=at,
    )  # fmt: skip
    held.steps.create(kind="raised", at=at, owner=episode.responsible)
    held.steps.create(kind="assigned", at=at, by=episode.responsible, owner=episode.responsible)
    held.agreements.create(episode=episode, text="Gå tur", due_on=at.date(), noted_by=episode.responsible)
    return held


def members(make) -> Listed:
    """A group that grows: everybody stands on its page, on the course's and on the conversation's."""
    return _group(make, "feedback:members", lambda session: [session.episode_id])


def group_conversation(make) -> Listed:
    return _group(make, "feedback:conversation", lambda session: [session.pk])


def group_shows(make) -> Listed:
    return _group(make, "feedback:together", lambda session: [session.pk])


def _group(make, name, arguments) -> Listed:
    from medvirk.feedback.actions import add_member, say_what_is_shown

    care = Care(make)
    session = care.session()

    def add() -> str:
        citizen = make.citizen(worker=care.worker)
        more = {
            "by": make.viewer(care.worker),
            "episode": session.episode,
            "citizen": citizen,
            "now": care.now,
        }
        add_member(kind="group", since=care.viewer.today, **more)
        for part in ("curve", "agreed"):
            say_what_is_shown(part=part, yes=True, **more)
        care.send(care.way_in(session.asks("before", citizen.pk)), marks("life-now", 20.0))
        return citizen.person.given_name

    return Listed(care.worker, reverse(name, args=arguments(session)), add)


def said_by_others(make) -> Listed:
    """Everybody who was asked how they see it."""
    from medvirk.feedback.actions import ask_somebody

    care = Care(make)
    session = care.session()
    citizen = session.asks("before").about

    def add() -> str:
        name = make.unit().name.replace(" ", "")
        ask_somebody(
            by=make.viewer(care.worker), session=session, citizen=citizen, whom=(name, "Nær"), basis="citizen",
            now=care.now,
        )  # fmt: skip
        return name

    return Listed(care.worker, reverse("feedback:who_answers", args=[session.pk]), add)


def waiting(make) -> Listed:
    """Who has not answered, each with a message that was sent."""
    from medvirk.feedback.models import Reminder

    care = Care(make)

    def add() -> str:
        asked = care.session(care.episode(), at=care.now + DAY).askings.get(moment="before")
        Reminder.objects.create(
            asking=asked, kind="invitation", for_time=care.now + DAY, made_at=care.now, channel="sms"
        )
        return asked.citizen.person.name

    return Listed(care.worker, reverse("feedback:waiting"), add)


def board_cards(make) -> Listed:
    care = Care(make)

    def add() -> str:
        return care.course([20.0, 24.0]).citizens.get().person.name

    return Listed(care.worker, reverse("feedback:board", args=[care.unit.pk]), add)


def board_of_today(make) -> Listed:
    """A conversation of today and a task for each."""
    from medvirk.feedback.actions.board import give_task

    care = Care(make)

    def add() -> str:
        episode = care.session().episode
        give_task(
            by=care.viewer,
            episode=episode,
            text="Ringe",
            who=care.worker,
            due_on=care.viewer.today,
            now=care.now,
        )
        return episode.citizens.get().person.name

    return Listed(care.worker, reverse("feedback:board_today", args=[care.unit.pk]), add)


def board_in_the_morning(make) -> Listed:
    care = Care(make)

    def add() -> str:
        return care.course([20.0, 24.0]).citizens.get().person.name

    return Listed(care.worker, reverse("feedback:board_morning", args=[care.unit.pk]), add)


def moves_of_a_card(make) -> Listed:
    from medvirk.feedback.actions.board import move

    care = Care(make)
    episode = care.episode()

    def add() -> str:
        reason = f"Om {make.unit().name}"
        move(by=care.viewer, episode=episode, to=0, reason=reason, now=care.now)
        return reason

    return Listed(care.worker, reverse("feedback:board_card", args=[episode.pk]), add)


def crisis_plans(make) -> Listed:
    from medvirk.feedback.actions.board import write_plan

    care = Care(make)
    citizen = make.citizen(worker=care.worker)

    def add() -> str:
        signs = f"Om {make.unit().name}"
        write_plan(
            by=care.viewer, citizen=citizen, signs=signs, helps="", calls="", with_citizen=True, now=care.now
        )
        return signs

    return Listed(care.worker, reverse("feedback:crisis_plan", args=[citizen.pk]), add)


def own_wishes(make) -> Listed:
    from medvirk.feedback.actions.board import wish_for

    care = Care(make)
    account = make.own_account(make.citizen(worker=care.worker).person)
    citizen = account.person.citizen

    def add() -> str:
        text = f"Om {make.unit().name}"
        wish_for(by=make.viewer(account), citizen=citizen, text=text, now=care.now)
        return text

    return Listed(account, reverse("feedback:own_plan", args=[citizen.pk]), add)


def boards(make) -> Listed:
    """With one team its board is opened at once: here there are always two more."""
    worker = make.staff("practitioner")

    def add() -> str:
        unit = make.unit()
        worker.grants.create(role="practitioner", unit=unit, valid_from=make.long_ago)
        return unit.name

    add()
    return Listed(worker, reverse("feedback:boards"), add)


def shared_boards(make) -> Listed:
    from medvirk.feedback.actions.board import give_task
    from medvirk.people.actions import share_with

    care, partner = Care(make), make.staff("partner")
    last = care.viewer.today + 30 * DAY

    def add() -> str:
        episode = care.episode()
        citizen = episode.citizens.get()
        share_with(by=care.viewer, citizen=citizen, staff=partner, parts=["feedback.board"], last_day=last)
        give_task(
            by=care.viewer,
            episode=episode,
            text="Ringe",
            who=care.worker,
            due_on=care.viewer.today,
            now=care.now,
        )
        return citizen.person.name

    return Listed(partner, reverse("feedback:shared_board"), add)


def agenda(make) -> Listed:
    """A meeting ahead: a course that goes badly for each."""
    from medvirk.feedback.actions.supervision import plan_supervision

    care = Care(make)
    meeting = plan_supervision(by=care.viewer, unit=care.unit, day=care.viewer.today, now=care.now)

    def add() -> str:
        return care.course([35.0, 12.0]).citizens.get().person.name

    return Listed(care.worker, reverse("feedback:supervision", args=[meeting.pk]), add)


def agenda_without_names(make) -> Listed:
    from medvirk.feedback.actions.supervision import plan_supervision

    care = Care(make)
    meeting = plan_supervision(by=care.viewer, unit=care.unit, day=care.viewer.today, now=care.now)
    scores = iter((11.0, 12.0, 13.0))

    def add() -> str:
        score = next(scores)
        care.course([35.0, score])
        return f"Nå: {score:g} av 50"

    return Listed(care.worker, reverse("feedback:supervision_plain", args=[meeting.pk]), add)


def notes_of_a_case(make) -> Listed:
    from medvirk.feedback.actions import supervision
    from medvirk.feedback.models import SupervisionCase

    care = Care(make)
    care.course([35.0, 12.0])
    meeting = supervision.plan_supervision(
        by=care.viewer, unit=care.unit, day=care.viewer.today, now=care.now
    )
    supervision.begin(by=care.viewer, meeting=meeting, present=[care.worker], now=care.now)
    case = SupervisionCase.objects.select_related("supervision", "episode").get()

    def add() -> str:
        text = f"Om {make.unit().name}"
        supervision.note(by=care.viewer, case=case, text=text, now=care.now)
        return text

    return Listed(care.worker, reverse("feedback:supervision_case", args=[case.pk]), add)


def past_meetings(make) -> Listed:
    from medvirk.feedback.models import Supervision

    care = Care(make)
    days = iter(range(30, 0, -7))

    def add() -> str:
        at = care.now - next(days) * DAY
        Supervision.objects.create(
            unit=care.unit, day=at.date(), begun_at=at, ended_at=at, planned_by=care.worker, planned_at=at
        )
        return f"{at.day}. "

    return Listed(care.worker, reverse("feedback:supervisions"), add)


def guesses(make) -> Listed:
    """A guess at a conversation that was then answered."""
    from medvirk.feedback.models import MeetingGuess

    care = Care(make)
    episode = care.episode()
    days, guessed = iter(range(30, 0, -7)), iter((41.1, 41.2, 41.3))

    def add() -> str:
        at, score = care.now - next(days) * DAY, next(guessed)
        session = care.held(episode, at, life=20.0, meeting=40.0)
        asking = session.askings.get(moment="after")
        MeetingGuess.objects.create(asking=asking, staff=care.worker, score=score, guessed_at=at)
        return f"{score}".replace(".", ",")

    return Listed(care.worker, reverse("feedback:learning"), add)


def risk_units(make) -> Listed:
    above = make.unit()
    leader = make.staff("team_leader", above)

    def add() -> str:
        from datetime import time

        from medvirk.feedback.models import RiskLine

        unit = make.unit(parent=above)
        RiskLine.objects.create(unit=unit, begins=time(0), ends=time(0), who="vakt", within_minutes=30)
        return unit.name

    return Listed(leader, reverse("feedback:risk_units"), add)


def units_of_use(make) -> Listed:
    above = make.unit()
    manager = make.staff("manager", above)
    return Listed(manager, reverse("feedback:use"), lambda: make.unit(parent=above).name)


def notes_of_use(make) -> Listed:
    """What changed in a unit, month by month."""
    from medvirk.feedback.logic.use import months_until
    from medvirk.feedback.models import UseNote

    unit = make.unit()
    leader = make.staff("team_leader", unit)
    months = iter(months_until(make.viewer(leader).today))

    def add() -> str:
        words = f"Opplæring {make.next_number()}"
        UseNote.objects.create(unit=unit, month=next(months), words=words, noted_by=leader)
        return words

    return Listed(leader, reverse("feedback:use_of_unit", args=[unit.pk]), add)


LISTS = {
    "feedback:risk_units": risk_units,
    "feedback:use": units_of_use,
    "feedback:use_of_unit": notes_of_use,
    "feedback:board": board_cards,
    "feedback:board_today": board_of_today,
    "feedback:board_morning": board_in_the_morning,
    "feedback:board_card": moves_of_a_card,
    "feedback:crisis_plan": crisis_plans,
    "feedback:own_plan": own_wishes,
    "feedback:boards": boards,
    "feedback:shared_board": shared_boards,
    "feedback:supervision": agenda,
    "feedback:supervision_plain": agenda_without_names,
    "feedback:supervision_case": notes_of_a_case,
    "feedback:supervisions": past_meetings,
    "feedback:learning": guesses,
    "feedback:waiting": waiting,
    "feedback:reminder_units": reminder_units,
    "feedback:members": members,
    "feedback:conversation, of a group": group_conversation,
    "feedback:together": group_shows,
    "feedback:who_answers": said_by_others,
    "feedback:signals": my_signals,
    "feedback:signals, of the team": teams_overdue,
    "feedback:signal": history_of_a_signal,
    "feedback:conversation, done before": done_before,
    "feedback:unit_support": short_list,
    "feedback:house_support": house_list,
    "feedback:support": units_led("feedback:support"),
    "answers:unit_texts": units_led("answers:unit_texts"),
    "feedback:signal_numbers": units_with_numbers,
    "feedback:goals": goals,
    "feedback:own_goals": own_goals,
    "feedback:unit_schedules": unit_schedules,
    "feedback:unit_schedule": unit_plan,
    "feedback:episode_schedule": course_plan,
    "feedback:own_course": own_words,
    "feedback:own_episode": own_courses,
    "feedback:my_citizens": my_citizens,
    "feedback:episode": sessions,
    "feedback:conversation": conversation,
    "people:citizen, courses": courses_of_a_citizen,
}
NO_LIST = {
    "feedback:risk_procedure",
    "feedback:use_note",
    "feedback:use_note_remove",
    "feedback:board_columns",
    "feedback:board_look",
    "feedback:board_task",
    "feedback:guess",
    "feedback:own_check",
    "feedback:supervision_agreement_end",
    "feedback:supervision_ask",
    "feedback:supervision_begin",
    "feedback:supervision_finish",
    "feedback:supervision_note_undo",
    "feedback:supervision_plan",
    "feedback:supervision_put",
    "feedback:team_check",
    "feedback:remind_now",
    "feedback:rather_not",
    "feedback:reminder_unit",
    "feedback:episode_reminders",
    "feedback:another_again",
    "feedback:answer_as_worker",
    "feedback:ask_another",
    "feedback:help_noted",
    "feedback:join",
    "feedback:leave",
    "feedback:own_showing",
    "feedback:say_showing",
    "answers:edit_unit_text",
    "feedback:agreement",
    "feedback:house_line",
    "feedback:house_line_new",
    "feedback:open_here",
    "feedback:signal_guide",
    "feedback:signal_hand",
    "feedback:signal_reopen",
    "feedback:signal_see",
    "feedback:signal_snooze",
    "feedback:signal_talk",
    "feedback:talk_here",
    "feedback:unit_line",
    "feedback:unit_line_new",
    "feedback:add_event",
    "feedback:add_goal",
    "feedback:goal",
    "feedback:goal_step",
    "feedback:last_measure",
    "feedback:own_event_remove",
    "feedback:own_goal",
    "feedback:own_goal_step",
    "feedback:own_pause",
    "feedback:own_pause_end",
    "feedback:pause",
    "feedback:pause_end",
    "feedback:remove_event",
    "feedback:arrived",
    "feedback:cancel_session",
    "feedback:move_session",
    "feedback:end_episode",
    "feedback:measuring_list",
    "feedback:measuring_page",
    "feedback:news",
    "feedback:note_change",
    "feedback:phone",
    "feedback:plan_session",
    "feedback:reopen_episode",
    "feedback:restore_session",
    "feedback:screen",
    "feedback:start_episode",
    "feedback:tablet",
}
