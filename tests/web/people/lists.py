"""Lists of the people room (tests/web/test_query_counts.py)."""

from __future__ import annotations

from django.urls import reverse
from lists import Listed


def staff_list(make) -> Listed:
    unit = make.unit()

    def add() -> str:
        return make.staff("practitioner", unit).person.name

    return Listed(make.staff("administrator", unit), reverse("people:staff_list"), add)


def units(make) -> Listed:
    top = make.unit(kind="municipality")
    return Listed(
        make.staff("administrator", top), reverse("people:units"), lambda: make.unit(parent=top).name
    )


def roles(make) -> Listed:
    from medvirk.people.actions import NewGrant, grant_role

    top = make.unit(kind="municipality")
    worker, administrator = make.staff("practitioner", top), make.staff("administrator", top)

    def add() -> str:
        unit = make.unit(parent=top)
        grant_role(
            by=make.viewer(administrator), staff=worker, grant=NewGrant("peer_worker", unit, make.long_ago)
        )
        return unit.name

    return Listed(administrator, reverse("people:staff", args=[worker.pk]), add)


def relations(make) -> Listed:
    from medvirk.people.actions import start_relation

    worker = make.staff("practitioner")
    citizen = make.citizen(worker=worker)

    def add() -> str:
        unit = make.unit()
        start_relation(
            by=make.viewer(worker),
            citizen=citizen,
            worker=None,
            team=unit,
            reason="Help",
            valid_from=make.long_ago,
        )
        return unit.name

    return Listed(worker, reverse("people:citizen", args=[citizen.pk]), add)


def looked(make) -> Listed:
    from medvirk.people.access import open_record

    worker = make.staff("practitioner")
    team = make.unit()
    citizen = make.citizen(worker=worker)

    def add() -> str:
        from medvirk.people.actions import start_relation

        colleague = make.staff("practitioner", team)
        start_relation(
            by=make.viewer(worker),
            citizen=citizen,
            worker=colleague,
            team=None,
            reason="Help",
            valid_from=make.long_ago,
        )
        open_record(make.viewer(colleague), citizen, "people.person")
        return colleague.person.name

    return Listed(worker, reverse("people:citizen", args=[citizen.pk]), add)


LISTS = {
    "people:staff_list": staff_list,
    "people:units": units,
    "people:staff": roles,
    "people:citizen": relations,
    "people:citizen, who has looked": looked,
}
NO_LIST = {
    "account_change_password",
    "account_inactive",
    "account_login",
    "account_logout",
    "people:citizen_change",
    "people:citizen_new",
    "people:find",
    "people:relation_after_search",
    "people:relation_end",
    "people:relation_new",
    "people:role_end",
    "people:role_new",
    "people:staff_account",
    "people:staff_change",
    "people:staff_new",
    "people:staff_password",
    "people:unit",
    "people:unit_end",
    "people:unit_new",
    "set_language",
    "start",
}


def who_has_looked(make) -> Listed:
    from medvirk.people.access import log_access

    worker = make.staff("practitioner")
    citizen = make.citizen(worker=worker)

    def add() -> str:
        other = make.staff("practitioner")
        log_access(make.viewer(other), [citizen.pk], "people.person", action="opened", basis="service:own")
        return other.person.name

    return Listed(worker, reverse("people:citizen_log", args=[citizen.pk]), add)


def log_search(make) -> Listed:
    from medvirk.people.access import log_access

    def add() -> str:
        worker = make.staff("practitioner")
        citizen = make.citizen(worker=worker)
        log_access(make.viewer(worker), [citizen.pk], "people.person", action="opened", basis="emergency:own")
        return citizen.person.name

    auditor = make.staff("auditor", make.unit(kind="municipality"))
    return Listed(auditor, reverse("people:log_search"), add, {"emergency": "on"})


def unusual_openings(make) -> Listed:
    from django.utils import timezone

    from medvirk.people.models import UnusualOpening

    unit, now = make.unit(kind="municipality"), timezone.now()

    def add() -> str:
        worker = make.staff("practitioner", unit)
        UnusualOpening.objects.create(
            day=now.date(), kind="colleague", staff=worker, records=1, first_at=now, last_at=now
        )
        return worker.person.name

    return Listed(make.staff("team_leader", unit), reverse("people:patterns"), add)
