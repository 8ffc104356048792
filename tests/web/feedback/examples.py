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
    "feedback:note_change",
    "feedback:cancel_session",
    "feedback:restore_session",
}


def examples(world) -> dict[str, object]:
    from medvirk.feedback.actions import plan_session, start_episode

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
    return {
        "episode_id": episode.pk,
        "session_id": session.pk,
        "moment": "before",
        "feedback:measuring_page": {"instrument_key": "life-now", "version": 1},
    }
