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


LISTS = {
    "people:staff_list": staff_list,
    "people:units": units,
    "people:staff": roles,
    "people:citizen": relations,
    "people:citizen, who has looked": looked,
    "people:patterns": unusual_openings,
    "people:log_search": log_search,
    "people:citizen_log": who_has_looked,
}
COUNTED = {
    "people:citizen_access": "tests/db/people/test_log_reading.py",
    "people:consents": "tests/db/people/test_consents.py",
    "people:duplicates": "tests/db/people/test_merging_persons.py",
    "people:own_consents": "tests/db/people/test_consents.py",
    "people:own_log": "tests/db/people/test_log_reading.py",
    "people:own_requests": "tests/web/people/test_own_pages.py",
    "people:reorganisation": "tests/web/people/test_over_time_pages.py",
    "people:reorganisations": "tests/web/people/test_over_time_pages.py",
    "people:requests": "tests/web/people/test_own_pages.py",
}
NO_LIST = {
    "account_change_password",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_remove_passkey",
    "account_sign_out_everywhere",
    "account_stay",
    "account_time_left",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_view_recovery_codes",
    "people:bar_lift",
    "people:bar_new",
    "people:citizen_change",
    "people:citizen_new",
    "people:consent_answer",
    "people:consent_text",
    "people:consent_texts",
    "people:contact",
    "people:death_new",
    "people:death_undo",
    "people:emergency_end",
    "people:emergency_look",
    "people:emergency_open",
    "people:erasure",
    "people:erasure_decide",
    "people:find",
    "people:guardian_change",
    "people:guardian_new",
    "people:know_privately",
    "people:leave",
    "people:left",
    "people:log_download",
    "people:merge",
    "people:merge_not",
    "people:merge_propose",
    "people:merged",
    "people:own_bar",
    "people:own_bar_lift",
    "people:own_consent_answer",
    "people:own_home",
    "people:own_request_close",
    "people:own_share",
    "people:own_sharing_change",
    "people:own_sharing_stop",
    "people:pattern",
    "people:protect_after_search",
    "people:protection",
    "people:relation_after_search",
    "people:relation_end",
    "people:relation_new",
    "people:reorganisation_undo",
    "people:request",
    "people:request_seen",
    "people:retention_period",
    "people:retention_report_new",
    "people:role_end",
    "people:role_new",
    "people:roles",
    "people:share_change",
    "people:share_new",
    "people:share_stop",
    "people:shared_record",
    "people:staff_account",
    "people:staff_change",
    "people:staff_new",
    "people:staff_password",
    "people:staff_ways_in",
    "people:unit",
    "people:unit_end",
    "people:unit_move",
    "people:unit_new",
    "people:unit_split",
    "people:units_merge",
    "set_language",
    "sign_in_back",
    "sign_in_with",
    "start",
}
#: Lists whose queries nothing counts yet: give each a function above.
NOT_COUNTED = {
    "people:deaths",
    "people:emergencies",
    "people:own",
    "people:own_sharing",
    "people:retention",
    "people:retention_run",
    "people:shared_list",
}
