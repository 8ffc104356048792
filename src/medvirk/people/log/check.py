"""`medvirk check` and `medvirk log check`: is the access log whole, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.core import checks
from django.core.checks import CheckMessage
from django.utils import timezone

from medvirk.people import checkup
from medvirk.people.logic.log import Finding, Kind, Verdict

#: The duty seals every minute. Later than this, the worker does not run.
SEALED_WITHIN = timedelta(minutes=15)
KEEP = "Change nothing. Keep a copy of the database and of the file outside, and compare with a backup."
ASK = f"{KEEP} Somebody who could write to the database may have hidden or added an opening."

#: Kind → (what is wrong, with %(where)s and %(when)s; what to do).
SENTENCES: dict[Kind, tuple[str, str]] = {
    Kind.WRONG_KEY: (
        "No row of the access log fits the key.",
        "The key file belongs to another database, or its lasting key was changed. Put back the right one.",
    ),
    Kind.ALTERED: ("Row %(where)s of the access log%(when)s was altered.", ASK),
    Kind.INSERTED: (
        "Row %(where)s of the access log%(when)s was not written by Medvirk, or altered before it was sealed.",
        ASK,
    ),
    Kind.HIDDEN: (
        "Row %(where)s of the access log%(when)s is not found by whom it is about.",
        f"{ASK} `medvirk keys rotate` makes the hash anew.",
    ),
    Kind.REMOVED: ("Rows of the access log are missing: %(where)s%(when)s.", ASK),
    Kind.REPLACED: ("Among the rows %(where)s of the access log%(when)s some have changed places.", ASK),
    Kind.COPIED: ("A row of the access log stands there twice.", ASK),
    Kind.SEAL_ALTERED: ("Seal %(where)s of the access log%(when)s was altered.", ASK),
    Kind.SEAL_REMOVED: ("Seals of the access log are missing: %(where)s%(when)s.", ASK),
    Kind.STONE_ALTERED: (
        "The mark of removed old rows, up to seal %(where)s%(when)s, was altered or not made by Medvirk.",
        ASK,
    ),
    Kind.NO_HEAD: (
        "The file of seals outside the database is missing.",
        (
            "Put it back (MEDVIRK_LOG_HEAD). If it is lost, say why with `medvirk log accept`: until then nothing "
            "shows whether rows were cut off the end."
        ),
    ),
    Kind.HEAD_ALTERED: (
        "The file of seals outside the database does not fit the database at %(where)s%(when)s.",
        f"{KEEP} One of the two was changed, or the file belongs to another installation.",
    ),
    Kind.HEAD_BEHIND: (
        "Seal %(where)s%(when)s is missing in the file outside the database.",
        (
            "The file was cut off, or replaced by an older one. Put back the right one. If that cannot be, say why "
            "with `medvirk log accept`."
        ),
    ),
    Kind.OLDER: (
        "The file outside the database knows seal %(where)s%(when)s; the database does not have it, or not its rows.",
        (
            "The database was restored from an older backup, or rows were cut off its end. If you restored it, say so "
            "with `medvirk log accept`; if not, treat it as a break-in."
        ),
    ),
    Kind.UNSEALED: (
        "Rows of the access log%(when)s are not sealed yet.",
        "Start `medvirk worker`: it seals every minute. If it runs, see whether MEDVIRK_LOG_HEAD can be written.",
    ),
    Kind.UNGUARDED: (
        "The database no longer refuses changes of the access log: %(where)s.",
        "Find out who took the triggers away, then put them back with `medvirk log guard`.",
    ),
    Kind.INTERRUPTED: (
        "Seal %(where)s%(when)s stands in the file outside and not yet in the database; its rows are all there.",
        (
            "A crash in the middle of sealing: `medvirk worker` puts it right within a minute. If this stays, somebody "
            "removed the seal."
        ),
    ),
}
#: What honest use can bring about by itself.
MILD = {Kind.UNSEALED, Kind.INTERRUPTED}


def register_check() -> None:
    """Called from `AppConfig.ready`."""
    checkup.register("access_log")(access_log_is_whole)


def access_log_is_whole(**_: object) -> list[CheckMessage]:
    """Everything that shows that the log is not as it was written."""
    from medvirk.people.queries.log_integrity import verify_log

    return list(messages_of(verify_log()))


def messages_of(verdict: Verdict) -> Iterable[CheckMessage]:
    """The findings as sentences, each with what to do."""
    for finding in verdict.findings:
        yield _message(finding)
    oldest = verdict.oldest_unsealed
    if oldest is not None and timezone.now() - oldest > SEALED_WITHIN:
        yield _message(Finding(Kind.UNSEALED, since=oldest))


def _message(finding: Finding) -> CheckMessage:
    sentence, hint = SENTENCES[finding.kind]
    if finding.more:
        sentence, hint = f"And {finding.more} more of the same kind: {finding.kind}.", ""
    text = sentence % {"where": finding.where, "when": _when(finding)}
    kind = checks.Warning if finding.kind in MILD else checks.Error
    return kind(text, hint=hint or None, id="medvirk.access_log")


def _when(finding: Finding) -> str:
    since, until = (
        each and f"{timezone.localtime(each):%d.%m.%Y %H:%M:%S}" for each in (finding.since, finding.until)
    )
    if since and until:
        return f" (between {since} and {until})"
    if since:
        return f" ({since})"
    return f" (before {until})" if until else ""
