"""Is it looked after? A worker that runs, a log that is sealed, backups that are made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core.checks import CheckMessage, Error
from django.db.models import Max
from django.utils import timezone

from medvirk.people.checkup import backup_mark, register

WORKER_WITHIN = timedelta(minutes=15)
SEAL_WITHIN = timedelta(hours=1)
BACKUP_WITHIN = timedelta(days=2)


def clock(moment: datetime | None) -> str:
    return f"since {timezone.localtime(moment):%Y-%m-%d %H:%M}" if moment else "yet"


@register("worker", deploy=True)
def worker_runs(**_: object) -> list[CheckMessage]:
    from medvirk.messages.models import DutyState

    last = DutyState.objects.aggregate(last=Max("done_at"))["last"]
    if last is not None and last >= timezone.now() - WORKER_WITHIN:
        return []
    return [
        Error(
            f"No worker has run {clock(last)}: messages are not sent and the log is not sealed.",
            hint="Keep `medvirk worker` running beside the server (docs/running.md).",
            id="medvirk.worker",
        )
    ]


@register("worker", deploy=True)
def duties_get_done(**_: object) -> list[CheckMessage]:
    from medvirk.messages.models import DutyState

    failing = DutyState.objects.filter(failures__gte=3).order_by("name")
    return [
        Error(
            f"{duty.name} has failed {duty.failures} times in a row ({duty.last_error}).",
            hint="See the log of `medvirk worker`.",
            id="medvirk.worker",
        )
        for duty in failing
    ]


@register("seal", deploy=True)
def log_is_sealed(**_: object) -> list[CheckMessage]:
    from medvirk.people.models import AccessEvent, LogSeal

    last = LogSeal.objects.aggregate(last=Max("sealed_at"))["last"]
    waiting = AccessEvent.objects.filter(at__lt=timezone.now() - SEAL_WITHIN)
    if last is not None:
        waiting = waiting.filter(at__gt=last)
    if not waiting.exists():
        return []
    return [
        Error(
            f"The access log has not been sealed {clock(last)}: a row taken from its end would not be missed.",
            hint="Keep `medvirk worker` running, and see that MEDVIRK_LOG_HEAD can be written to.",
            id="medvirk.seal",
        )
    ]


@register("backup", deploy=True)
def backups_are_made(**_: object) -> list[CheckMessage]:
    mark = backup_mark()
    last = datetime.fromtimestamp(mark.stat().st_mtime, UTC) if mark.exists() else None
    if last is not None and last >= timezone.now() - BACKUP_WITHIN:
        return []
    return [
        Error(
            f"No backup has been made {clock(last)}.",
            hint=f"Run `medvirk backup` every night; if you make backups in another way, `touch {mark}` after each.",
            id="medvirk.backup",
        )
    ]
