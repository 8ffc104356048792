"""What protects people's data: what the program always does, and what this installation has switched on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.checks import CheckMessage
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.interop.processing.facts import known_providers
from medvirk.people import checkup
from medvirk.people.signin.providers import CITIZENS


@dataclass(frozen=True)
class Setting:
    """Something that may be off. `words` say what it does when it is on, `to_do` how to switch it on.

    It is off when a check of `medvirk check --deploy` says `fault` (the id of its message), or `on()` says so.
    """

    words: Promise
    to_do: Promise
    check: str = ""
    fault: str = ""
    on: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Measure:
    """One measure as it is today. `to_do` is empty when it is on."""

    key: str
    words: str
    to_do: str = ""

    @property
    def on(self) -> bool:
        return not self.to_do


#: What the program does by itself and nobody can switch off.
ALWAYS: dict[str, Promise] = {
    "relations": gettext_lazy(
        "A record opens only for those whom a dated relation ties to the citizen; for others it does not exist."
    ),
    "bars": gettext_lazy(
        "Workers are kept out of their own record, of those of people close to them, and of those of citizens who "
        "do not want them there."
    ),
    "log_shown": gettext_lazy(
        "Every opening of a record is written down; the citizen reads who looked and why, and unusual openings come "
        "up for review."
    ),
    "emergency": gettext_lazy(
        "Emergency access takes a reason, lasts 60 minutes, is told to a leader and shown to the citizen."
    ),
    "search": gettext_lazy(
        "A search finds only somebody named exactly; nobody can browse, and it is written down."
    ),
    "link": gettext_lazy(
        "A link to answer by opens one form and nothing else, runs out, and can be called back. What was answered is "
        "not shown again."
    ),
    "own_sign_in": gettext_lazy("One's own course and the log need sign-in; nothing is kept by the browser."),
    "quiet_messages": gettext_lazy(
        "Messages hold nothing about health; they say that there is something to read."
    ),
    "protected": gettext_lazy("Protected addresses are hidden everywhere."),
    "words": gettext_lazy("Own words, agreements and reasons are encrypted, as names are."),
    "purpose": gettext_lazy(
        "A signal is worded as a reason to talk, with how often such signals are right. Nothing is decided by the "
        "program."
    ),
    "lent": gettext_lazy(
        "A screen that is handed over is locked to one form until the worker unlocks it; the tablet opens one form by "
        "a code that works once, and keeps nothing."
    ),
    "together": gettext_lazy(
        "Answers are looked at by the two together; nobody watches between conversations."
    ),
    "few": gettext_lazy("What is shared with others is sums of ten people or more. Nobody is ranked."),
    "twice": gettext_lazy(
        "Records that look alike are pointed out, are compared before they are put together, and can be taken apart "
        "again exactly."
    ),
    "durable": gettext_lazy(
        "An answer that was acknowledged is on disk; changes keep what was there before."
    ),
    "administrators": gettext_lazy(
        "The administrator's role opens no record, and whoever gives themselves a relation stands in the log "
        "that the "
        "citizen reads."
    ),
    "files": gettext_lazy(
        "Files are taken in on the command line only, and are limited before they are read."
    ),
    "versions": gettext_lazy("All that the program is built of has exact versions with checksums."),
}

SETTINGS: dict[str, Setting] = {
    "no_demo": Setting(
        gettext_lazy("Everybody signs in as themselves; the demo, where one may be anybody, is off."),
        gettext_lazy("Unset MEDVIRK_DEMO, and start with an empty database."),
        check="demo",
        fault="medvirk.demo",
    ),
    "encryption": Setting(
        gettext_lazy("Names, numbers and contact details are encrypted in the database."),
        gettext_lazy("Put the key file of this database in its place (docs/keys.md)."),
        check="keys",
        fault="medvirk.keys",
    ),
    "keys_apart": Setting(
        gettext_lazy("The keys lie apart from the database, so that a copy of it shows no name."),
        gettext_lazy("Move the key file to another folder, in no backup of the database, and set MEDVIRK_KEY_FILE."),
        check="files",
        fault="medvirk.files.keys_apart",
    ),
    "own_files": Setting(
        gettext_lazy("Database, keys and secrets can be read by one user of the machine only."),
        gettext_lazy("Run `medvirk check --deploy --only files` on the server; it names the files."),
        check="files",
        fault="medvirk.files.readable",
    ),
    "https": Setting(
        gettext_lazy("Pages and cookies go over encrypted connections only."),
        gettext_lazy("Unset MEDVIRK_HTTPS, and set MEDVIRK_BEHIND_PROXY (docs/running.md)."),
        check="https",
        fault="medvirk.https",
    ),
    "policy": Setting(
        gettext_lazy("Pages load nothing from elsewhere and run no foreign script; no usage is measured."),
        gettext_lazy("Put CONTENT_SECURITY_POLICY back as it was shipped."),
        check="csp",
        fault="medvirk.csp",
    ),
    "two_factors": Setting(
        gettext_lazy("Workers who may see people sign in with two factors."),
        gettext_lazy("Unset MEDVIRK_STAFF_LEVEL."),
        on=lambda: settings.STAFF_LEVEL == "two",
    ),
    "citizen_level": Setting(
        gettext_lazy("Citizens sign in to their own pages at the high level of ID-porten."),
        gettext_lazy("Set up ID-porten (docs/signin.md), and unset MEDVIRK_CITIZEN_LEVEL."),
        on=lambda: CITIZENS in known_providers() and settings.CITIZEN_LEVEL == "high",
    ),
    "sealed": Setting(
        gettext_lazy("The access log is sealed every minute, so that a change in it is found."),
        gettext_lazy("Keep `medvirk worker` running."),
        check="seal",
        fault="medvirk.seal",
    ),
    "head_apart": Setting(
        gettext_lazy("What shows that nothing was cut off the log is kept outside the database's folder."),
        gettext_lazy("Set MEDVIRK_LOG_HEAD to a place that whoever can change the database cannot change."),
        check="files",
        fault="medvirk.files.log_head",
    ),
    "backup": Setting(
        gettext_lazy("Backups are made at least every second day; those of Medvirk are encrypted to a key that "
                     "the server lacks."),
        gettext_lazy("Run `medvirk backup` every night, and try to restore one."),
        check="backup",
        fault="medvirk.backup",
    ),
    "mail": Setting(
        gettext_lazy("Leaders are told of emergency access by e-mail too."),
        gettext_lazy("Set MEDVIRK_SMTP (docs/messages.md)."),
        check="mail",
        fault="medvirk.mail",
    ),
}  # fmt: skip


def measures_today() -> dict[str, Measure]:
    """Every measure by key, in the language that is active: what can be off first. It reads database and files.

    Raises:
        LookupError: a check that a measure rests on is not registered (`medvirk.config.checks`).
    """
    wanted = {each.check for each in SETTINGS.values() if each.check}
    if missing := wanted - set(checkup.names()):
        raise LookupError(f"These checks are not registered: {', '.join(sorted(missing))}.")
    said = checkup.look(deploy=True, only=wanted)
    found = {key: _as_it_is(key, each, said) for key, each in SETTINGS.items()}
    return found | {key: Measure(key, str(words)) for key, words in ALWAYS.items()}


def _as_it_is(key: str, setting: Setting, said: Collection[CheckMessage]) -> Measure:
    # A check that could not be made answers with the name of the check alone.
    faults = {setting.fault, f"medvirk.{setting.check}"} if setting.fault else set()
    off = not setting.on() or any(each.id in faults for each in said)
    words = str(setting.words)
    if key == "backup" and not off:
        words = f"{words} {_last_backup()}"
    return Measure(key, words, str(setting.to_do) if off else "")


def _last_backup() -> str:
    last = datetime.fromtimestamp(checkup.backup_mark().stat().st_mtime, UTC)
    return _("The last one: %(day)s.") % {"day": f"{timezone.localtime(last):%d.%m.%Y}"}
