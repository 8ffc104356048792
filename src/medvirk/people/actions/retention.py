"""Letting go: a report first, then somebody approves, then it is done in steps that can be cut off anywhere."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, log_access
from medvirk.people.actions.checks import require, require_open
from medvirk.people.keeping import Tidying, partings, tidyings
from medvirk.people.logic import RefusedError
from medvirk.people.logic.retention import RULES, ErasureBasis, cutoff, own_months_faults
from medvirk.people.models import AccessAction, Citizen, Erasure, RetentionPeriod, RetentionRun
from medvirk.people.parting import free_the_person
from medvirk.people.queries.retention import (
    citizens_due,
    erasure_plan,
    months_in_force,
    retention_report,
    totals,
    waiting_erasure,
)

#: A report older than this is no longer what somebody should say yes to.
REPORT_HOLDS = timedelta(days=30)
#: For so long after an erasure there may come in what somebody was writing at that very moment.
LATE = timedelta(hours=1)
#: Rows that go in one transaction.
BATCH = 500


@transaction.atomic
def set_retention(*, by: Viewer | None, rule: str, months: int | None) -> None:
    """Set the municipality's own number of months for a class; None goes back to ours.

    Raises:
        RefusedError: shorter than the law asks, longer than anybody means, or a class that is kept.
        PermissionDenied: the viewer does not keep the rules.
    """
    require(by, Permission.MANAGE_RETENTION)
    if months is None:
        for held in RetentionPeriod.objects.filter(rule=rule):
            held.delete()
        return
    if fault := own_months_faults(RULES[rule], months):
        raise RefusedError([fault])
    RetentionPeriod.objects.update_or_create(rule=rule, defaults={"months": months})


@transaction.atomic
def make_report(*, by: Viewer | None, now: datetime) -> RetentionRun:
    """Store what is due now, as counts, for somebody to read and approve. Nothing is erased by it.

    Raises:
        PermissionDenied: the viewer does not keep the rules.
    """
    require(by, Permission.MANAGE_RETENTION)
    report = {
        each.rule.key: {line.key: line.count for line in each.due}
        for each in retention_report(by, timezone.localdate(now))
        if each.due
    }
    return RetentionRun.objects.create(
        made_at=now, made_by_id=by.staff_id if by else None, report=report, months=months_in_force()
    )


@transaction.atomic
def approve_run(*, by: Viewer | None, run: RetentionRun, now: datetime) -> RetentionRun:
    """Let the worker process carry out what the report lists.

    Raises:
        RefusedError: approved already, the report is old, or other months are in force than when it was made.
        PermissionDenied: the viewer does not keep the rules.
    """
    require(by, Permission.MANAGE_RETENTION)
    held = RetentionRun.objects.select_for_update().get(pk=run.pk)
    if held.approved_at is not None:
        raise RefusedError([_("This report is approved already.")])
    if now - held.made_at > REPORT_HOLDS:
        raise RefusedError([_("This report is more than a month old. Make a new one and read that.")])
    if held.months != months_in_force():
        raise RefusedError(
            [_("How long things are kept has been changed since. Make a new report and read that.")]
        )
    held.approved_at, held.approved_by_id = now, by.staff_id if by else None
    held.save(update_fields=["approved_at", "approved_by"])
    return held


def carry_out_approved(now: datetime) -> None:
    """A duty of `medvirk worker`: do what was approved. Cut off anywhere, it goes on where it was."""
    for erasure in Erasure.objects.filter(done_at__gt=now - LATE):
        _part_again(erasure)
    for run in RetentionRun.objects.filter(approved_at__isnull=False, done_at__isnull=True):
        carry_out(run=run, now=now)


def carry_out(*, run: RetentionRun, now: datetime) -> RetentionRun:
    """Erase what was due on the day of the report and still is: each batch, and each citizen, in one transaction.

    What is due is asked for anew, so somebody who came back meanwhile is not touched, and nothing is done twice, not
    by two worker processes either.
    """
    for tidying in tidyings():
        before = _cutoff_of(run, tidying.retention)
        if before is not None and tidying.key in run.report.get(tidying.retention, {}):
            _tidy(run, tidying, before)
    before = _cutoff_of(run, "journal")
    if before is not None and "people.citizens" in run.report.get("journal", {}):
        for citizen_id in list(citizens_due(before)):
            _erase_if_due(run, citizen_id, before, now)
    with transaction.atomic():
        held = RetentionRun.objects.select_for_update().get(pk=run.pk)
        held.done_at = now
        held.save(update_fields=["done_at"])
    return held


def _cutoff_of(run: RetentionRun, rule: str) -> date | None:
    """What ended before this day goes: by the months that were read and approved, or by those since, if they are more.

    None: it is kept.
    """
    then, now = run.months.get(rule), months_in_force()[rule]
    if then is None or now is None:
        return None
    return cutoff(max(then, now), timezone.localdate(run.made_at))


def _tidy(run: RetentionRun, tidying: Tidying, before: date) -> None:
    while True:
        with transaction.atomic():
            held = _locked(run)
            count = tidying.remove(before) if tidying.remove else _delete_some(tidying, before)
            _count(held, tidying.key, count)
        if not count:
            return


def _delete_some(tidying: Tidying, before: date) -> int:
    due = tidying.due(before)
    ids = list(due.order_by("pk").values_list("pk", flat=True)[:BATCH])
    # Asked for again: one of them may have been touched since.
    due.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic
def _erase_if_due(run: RetentionRun, citizen_id: uuid.UUID, before: date, now: datetime) -> None:
    held = _locked(run)
    citizen = _locked_citizen(citizen_id)
    if not list(citizens_due(before, only=citizen.pk)):
        return
    erasure = Erasure.objects.create(
        citizen=citizen,
        basis=ErasureBasis.RETENTION,
        run=run,
        proposed_at=run.made_at,
        proposed_by_id=run.made_by_id,
        approved_at=run.approved_at,
        approved_by_id=run.approved_by_id,
    )
    _erase(erasure, citizen, now)
    _count(held, "people.citizens", 1)


def _locked(run: RetentionRun) -> RetentionRun:
    """Held until this step is done: another process that carries out the same waits, and finds it done."""
    return RetentionRun.objects.select_for_update().get(pk=run.pk)


def _locked_citizen(citizen_id: uuid.UUID) -> Citizen:
    """Nobody starts anything with this citizen, or finds them to be somebody else, until they are erased or not."""
    return (
        Citizen.objects.select_for_update(of=("self", "person")).select_related("person").get(pk=citizen_id)
    )


def _count(held: RetentionRun, key: str, count: int) -> None:
    held.result = dict(Counter(held.result) + Counter({key: count}))
    held.save(update_fields=["result"])


def _erase(erasure: Erasure, citizen: Citizen, now: datetime) -> None:
    """Let every room let go, in the transaction that is open: all of it or nothing."""
    result = totals(erasure_plan(None, citizen))
    free_the_person(citizen)
    for parting in partings():
        parting.part(citizen, now)
    erasure.done_at, erasure.reason, erasure.result = now, "", result
    erasure.save()


@transaction.atomic
def _part_again(erasure: Erasure) -> None:
    """Take with it what was let in before the erasure and stored after it; nothing came, mostly."""
    citizen = _locked_citizen(erasure.citizen_id)
    for parting in partings():
        parting.part(citizen, erasure.done_at or erasure.proposed_at)


@transaction.atomic
def propose_erasure(*, by: Viewer, citizen: Citizen, basis: ErasureBasis | str, reason: str) -> Erasure:
    """Propose to erase somebody before their time; one who keeps the rules decides.

    Raises:
        RefusedError: no reason, one is proposed already, or "by mistake" though something was answered.
        PermissionDenied: only a team leader with a relation proposes.
    """
    basis_of_access = require_open(by, Permission.LEAD_TEAM, citizen)
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    faults = [] if reason.strip() else [_("Say why, and by which decision.")]
    if waiting_erasure(citizen) is not None:
        faults.append(_("It is proposed already, and waits for a decision."))
    if ErasureBasis(basis) is ErasureBasis.MISTAKE and _help_was_given(citizen):
        faults.append(
            _(
                "Help was given or something was answered, so this was no mistake: the law keeps it. See the plan."
            )
        )
    if faults:
        raise RefusedError(faults)
    erasure = Erasure.objects.create(
        citizen=citizen, basis=basis, reason=reason.strip(), proposed_at=by.now, proposed_by_id=by.staff_id
    )
    log_access(by, [citizen.pk], "people.erasure", action=AccessAction.CHANGED, basis=basis_of_access)
    return erasure


@transaction.atomic
def decide_erasure(*, by: Viewer, erasure: Erasure, approve: bool) -> Erasure:
    """Approve, and erase in the same transaction, or decline. Whoever proposed it cannot approve it.

    Raises:
        RefusedError: decided already, proposed by oneself, or "by mistake" though help was given since.
        PermissionDenied: the viewer does not keep the rules.
    """
    require(by, Permission.MANAGE_RETENTION)
    held = Erasure.objects.select_for_update().get(pk=erasure.pk)
    citizen = _locked_citizen(held.citizen_id)
    if held.done_at is not None or held.declined_at is not None:
        raise RefusedError([_("This is decided already.")])
    if held.proposed_by_id == by.staff_id:
        raise RefusedError([_("Two must agree: somebody else than the one who proposed it decides.")])
    if approve and held.basis == ErasureBasis.MISTAKE and _help_was_given(citizen):
        raise RefusedError(
            [
                _(
                    "Help was given or something was answered since it was proposed: the law keeps it. Decline it."
                )
            ]
        )
    log_access(by, [held.citizen_id], "people.erasure", action=AccessAction.CHANGED, basis="erasure")
    if approve:
        held.approved_at, held.approved_by_id = by.now, by.staff_id
        _erase(held, citizen, by.now)
    else:
        held.declined_at, held.reason = by.now, ""
        held.save()
    return held


def _help_was_given(citizen: Citizen) -> bool:
    return any(line.is_help for line in erasure_plan(None, citizen))
