"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations

from django.utils import timezone

OPEN_RECORDS = {"answers:paper", "answers:print_paper"}


def examples(world) -> dict[str, object]:
    from medvirk.answers.actions import ask, make_link

    viewer, now = world.make.viewer(world.owner), timezone.now()
    occasion = ask(
        by=viewer,
        about=world.citizen,
        respondent=world.citizen.person,
        instruments=[("life-now", 1)],
        opens_at=now,
    )
    return {
        "token": make_link(by=viewer, occasion=occasion, channel="phone", now=now),
        "key": "crisis",
        "answers:paper": {"occasion_id": occasion.pk},
        "answers:print_paper": {"occasion_id": occasion.pk},
    }
