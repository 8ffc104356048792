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


def deaths(make) -> Listed:
    from medvirk.people.models import Death

    worker = make.staff("team_leader")

    def add() -> str:
        citizen = make.citizen(worker=worker)
        Death.objects.create(citizen=citizen, closed={"relations": []}, registered_by=worker)
        return citizen.person.name

    return Listed(worker, reverse("people:deaths"), add)


def emergencies(make) -> Listed:
    unit = make.unit()

    def add() -> str:
        worker = make.staff("practitioner", unit)
        emergency_of(make, make.citizen(team=unit), worker)
        return worker.person.name

    return Listed(make.staff("team_leader", unit), reverse("people:emergencies"), add)


def emergency_of(make, citizen, worker) -> None:
    """An emergency access that is over, and that the leader has looked at."""
    from medvirk.people.models import EmergencyReview, Relation

    used = Relation.objects.create(
        citizen=citizen, staff=worker, basis="emergency", reason="Ringte om natten", valid_from=make.long_ago,
        valid_to=make.long_ago, ends_at=citizen.registered_at,
    )  # fmt: skip
    EmergencyReview.objects.create(
        relation=used, reviewed_by=make.staff("team_leader"), reviewed_at=citizen.registered_at
    )


def wards(make) -> Listed:
    """A mother who is followed herself, and her children."""
    from datetime import timedelta

    from django.utils import timezone

    from medvirk.people.models import Guardianship

    mother = make.citizen()
    born = timezone.localdate() - timedelta(days=5 * 365)

    def add() -> str:
        child = make.citizen(details=make.details(birth_date=born))
        Guardianship.objects.create(
            citizen=child, guardian=mother.person, kind="parent", valid_from=make.long_ago
        )
        return child.person.name

    return Listed(make.own_account(mother.person), reverse("people:own"), add)


def shared_by(make, citizen, **more):
    from medvirk.people.models import Relation

    return Relation.objects.create(
        citizen=citizen, basis="consent", opens_all=False, parts=["people.contact"], valid_from=make.long_ago,
        **more,
    )  # fmt: skip


def own_sharing(make) -> Listed:
    """Each list of the page gets a row: helpers, partners, those kept out, emergencies, and what is over."""
    from medvirk.people.models import Bar, Relation

    citizen = make.citizen()

    def add() -> str:
        partner = make.staff("partner")
        shared_by(make, citizen, staff=partner)
        shared_by(make, citizen, staff=make.staff("partner"), valid_to=make.long_ago)
        Relation.objects.create(citizen=citizen, staff=make.staff(), valid_from=make.long_ago)
        Bar.objects.create(citizen=citizen, staff=make.staff(), kind="citizen")
        emergency_of(make, citizen, make.staff())
        return partner.person.name

    return Listed(make.own_account(citizen.person), reverse("people:own_sharing", args=[citizen.pk]), add)


def shared_list(make) -> Listed:
    partner = make.staff("partner")

    def add() -> str:
        citizen = make.citizen()
        shared_by(make, citizen, staff=partner)
        return citizen.person.name

    return Listed(partner, reverse("people:shared_list"), add)


def shared_record(make) -> Listed:
    """One citizen, who shares with several of the partner's organisations."""
    from medvirk.people.actions import NewGrant, grant_role

    partner, citizen = make.staff("partner"), make.citizen()

    def add() -> str:
        unit = make.unit()
        grant_role(by=None, staff=partner, grant=NewGrant("partner", unit, make.long_ago))
        return shared_by(make, citizen, unit=unit, reason=f"Om {unit.name}").reason

    return Listed(partner, reverse("people:shared_record", args=[citizen.pk]), add)


def found(make) -> Listed:
    """In one household several have the same phone: each whose record is open is named.

    One stands there from the beginning: who alone is found is asked about once more, as one could start to help them.
    """
    worker = make.staff("practitioner")
    make.citizen(worker=worker, details=make.details(phone="90123456"))

    def add() -> str:
        return make.citizen(worker=worker, details=make.details(phone="90123456")).person.name

    return Listed(worker, reverse("people:find"), add, {"phone": "90123456"})


def retention(make) -> Listed:
    """Reports that were made, and erasures that wait."""
    from medvirk.people.models import Erasure, RetentionRun

    leader = make.staff("team_leader")

    def add() -> str:
        RetentionRun.objects.create(report={"journal": {"people.citizens": 1}}, made_by=leader)
        reason = f"Ba om det: {make.unit().name}"
        Erasure.objects.create(citizen=make.citizen(), basis="mistake", reason=reason, proposed_by=leader)
        return reason

    return Listed(make.staff("administrator"), reverse("people:retention"), add)


def retention_run(make) -> Listed:
    from medvirk.people.models import RetentionRun

    run = RetentionRun.objects.create(report={"journal": {}})

    def add() -> str:
        line = f"Linje {make.unit().name}"
        run.report["journal"][line] = 1
        run.save()
        return line

    return Listed(make.staff("administrator"), reverse("people:retention_run", args=[run.pk]), add)


def passkeys(make) -> Listed:
    from allauth.mfa.models import Authenticator

    from medvirk.people import crypto

    worker = make.staff("practitioner")

    def add() -> str:
        name = f"Nøkkel {make.unit().name}"
        Authenticator.objects.create(
            user=worker.user, type=Authenticator.Type.WEBAUTHN, data={"name": crypto.encrypt(name)}
        )
        return name

    return Listed(worker, reverse("mfa_index"), add)


LISTS = {
    "mfa_index": passkeys,
    "people:deaths": deaths,
    "people:emergencies": emergencies,
    "people:find": found,
    "people:own": wards,
    "people:own_sharing": own_sharing,
    "people:retention": retention,
    "people:retention_run": retention_run,
    "people:shared_list": shared_list,
    "people:shared_record": shared_record,
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
    "account_handed_over",
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
