"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations

from django.utils import timezone

OPEN_RECORDS = {
    "feedback:start_episode",
    "feedback:episode",
    "feedback:plan_session",
    "feedback:end_episode",
    "feedback:reopen_episode",
    "feedback:conversation",
    "feedback:news",
    "feedback:arrived",
    "feedback:phone",
    "feedback:screen",
    "feedback:tablet",
    "feedback:note_change",
    "feedback:who_answers",
    "feedback:help_noted",
    "feedback:ask_another",
    "feedback:answer_as_worker",
    "feedback:another_again",
    "feedback:together",
    "feedback:say_showing",
    "feedback:members",
    "feedback:join",
    "feedback:leave",
    "feedback:cancel_session",
    "feedback:move_session",
    "feedback:restore_session",
    "feedback:pause",
    "feedback:pause_end",
    "feedback:goals",
    "feedback:goal",
    "feedback:goal_step",
    "feedback:add_goal",
    "feedback:add_event",
    "feedback:remove_event",
    "feedback:episode_schedule",
    "feedback:last_measure",
    "feedback:remind_now",
    "feedback:rather_not",
    "feedback:episode_reminders",
    "feedback:supervision_ask",
    "feedback:supervision_case",
    "feedback:supervision_agreement_end",
    "feedback:supervision_note_undo",
    "feedback:guess",
    "feedback:board_card",
    "feedback:board_look",
    "feedback:board_task",
    "feedback:crisis_plan",
    "feedback:signal",
    "feedback:signal_see",
    "feedback:signal_talk",
    "feedback:signal_hand",
    "feedback:signal_snooze",
    "feedback:signal_reopen",
    "feedback:agreement",
    "feedback:talk_here",
    "feedback:open_here",
}


def examples(world) -> dict[str, object]:
    from medvirk.feedback.actions import ask_somebody, plan_session, start_episode

    viewer = world.make.viewer(world.owner)
    episode = start_episode(
        by=viewer,
        citizen=world.citizen,
        unit=world.owner.grants.get().unit,
        responsible=world.owner,
        started_on=world.make.long_ago,
        outcome=("life-now", 1),
        meeting=("this-meeting", 1),
    )
    now = timezone.now()
    session = plan_session(by=viewer, episode=episode, starts_at=now, now=now)
    asked = ask_somebody(
        by=viewer,
        session=session,
        citizen=world.citizen,
        whom=("Siv", "Strandvollen"),
        basis="citizen",
        now=now,
    )
    again = {"feedback:another_again": {"session_id": session.pk, "occasion_id": asked.pk}}
    return (
        goals_and_events(world, episode)
        | of_the_team(world, episode)
        | again
        | signals(world, session)
        | {
            "episode_id": episode.pk,
            "session_id": session.pk,
            "asking_id": session.askings.order_by("pk")[0].pk,
            "moment": "before",
            "feedback:measuring_page": {"instrument_key": "life-now", "version": 1},
        }
    )


def signals(world, session) -> dict[str, object]:
    """A signal of the owner's and something agreed to be looked at again."""
    from medvirk.feedback.models import Agreement, Signal

    now = timezone.now()
    held = Signal.objects.create(
        episode=session.episode,
        citizen=world.citizen,
        session=session,
        kind="sudden_fall",
        raised_at=now,
        owner=world.owner,
        due_at=now,
        tell_at=now,
    )
    held.steps.create(kind="raised", at=now, owner=world.owner)
    agreement = Agreement.objects.create(
        episode=session.episode, signal=held, text="Gå tur", due_on=now.date(), noted_by=world.owner
    )
    unit = world.owner.grants.get().unit_id
    return {
        "signal_id": held.pk,
        "agreement_id": agreement.pk,
        "signal_kind": "sudden_fall",
        "place": 1,
        "feedback:unit_support": {"unit_id": unit},
        "feedback:risk_procedure": {"unit_id": unit},
        "feedback:use_of_unit": {"unit_id": unit},
        "feedback:use_note": {"unit_id": unit},
        "feedback:use_note_remove": {"unit_id": unit, "note_id": 1},
        **{f"journal:{name}": {"of": "sessions", "key": session.pk} for name in ("summary", "taken", "undo")},
        "journal:file": {"of": "sessions", "key": session.pk, "kind": "pdf"},
        "feedback:unit_line": {"unit_id": unit, "place": 1},
        "feedback:unit_line_new": {"unit_id": unit},
        "answers:edit_unit_text": {"unit_id": unit, "key": "talk-goal"},
    }


def goals_and_events(world, episode) -> dict[str, object]:
    """A goal, an event noted by the worker and one noted by the citizen."""
    from medvirk.feedback.actions.goals import add_goal, note_event
    from medvirk.feedback.models import LifeEvent

    viewer, now = world.make.viewer(world.owner), timezone.now()
    goal = add_goal(by=viewer, citizen=world.citizen, episode=episode, words="Sove bedre", now=now)
    event = note_event(by=viewer, citizen=world.citizen, day=viewer.today, words="Flyttet", now=now)
    own = LifeEvent.objects.create(
        citizen=world.citizen, day=viewer.today, words="Ny jobb", noted_by=world.citizen.person
    )
    return {
        "goal_id": goal.pk,
        "event_id": event.pk,
        "step": "reach",
        "feedback:own_event_remove": {"citizen_id": world.citizen.pk, "event_id": own.pk},
    }


def of_the_team(world, episode) -> dict[str, object]:
    """A supervision that is going on with a note and a decision, a task, and a board."""
    from medvirk.feedback.actions import board, supervision
    from medvirk.feedback.models import SupervisionCase

    viewer, now = world.make.viewer(world.owner), timezone.now()
    unit = world.owner.grants.get().unit
    supervision.ask_for(by=viewer, episode=episode, words="Hva nå?", now=now)
    meeting = supervision.plan_supervision(by=viewer, unit=unit, day=viewer.today, now=now)
    supervision.begin(by=viewer, meeting=meeting, present=[world.owner], now=now)
    case = SupervisionCase.objects.select_related("episode", "supervision").get(supervision=meeting)
    note = supervision.note(by=viewer, case=case, text="Prøve noe annet", now=now)
    agreed = supervision.decide(by=viewer, case=case, text="Ringe", due_on=None, now=now)
    task = board.give_task(
        by=viewer, episode=episode, text="Ringe", who=world.owner, due_on=viewer.today, now=now
    )
    team = {name: {"unit_id": unit.pk} for name in TEAM_PAGES}
    return team | {
        "supervision_id": meeting.pk,
        "case_id": case.pk,
        "note_id": note.pk,
        "feedback:supervision_agreement_end": {"case_id": case.pk, "agreement_id": agreed.pk},
        "task_id": task.pk,
    }


TEAM_PAGES = (
    "feedback:supervision_plan",
    "feedback:team_check",
    "feedback:board",
    "feedback:board_today",
    "feedback:board_morning",
    "feedback:board_columns",
)
