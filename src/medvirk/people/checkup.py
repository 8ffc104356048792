"""What `medvirk check` looks at in an installation: its database, keys and logs. Each room adds its own checks.

They are Django's checks in a registry of their own, since they read the database and take their time: `migrate` and
`runserver` must not run them. A room registers from its `AppConfig.ready`, under a name that `--only NAME` takes:

    from django.core.checks import CheckMessage, Error
    from medvirk.people.checkup import register

    @register("access_log")                     # with deploy=True only under `medvirk check --deploy`
    def log_is_whole(**_: object) -> list[CheckMessage]:
        return [Error("Row 17 of the access log was altered.", hint="Compare with …", id="medvirk.access_log")]

The sentence says what is wrong and where, the hint what to do; neither names a person. `Error` makes the command end
with 1, `Warning` only tells. What a check raises is told by its class, and counts as a fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks.registry import CheckRegistry

Check = TypeVar("Check", bound=Callable[..., Iterable[CheckMessage]])

registry = CheckRegistry()


def register(name: str, *, deploy: bool = False) -> Callable[[Check], Check]:
    """Add a check under a name; several checks may share one."""

    def add(check: Check) -> Check:
        registry.register(check, name, deploy=deploy)
        return check

    return add


def backup_mark() -> Path:
    """Its time of change says when the last backup was made."""
    return Path(settings.DATA) / "last-backup"


def names() -> list[str]:
    """Every name there is, for `--only`."""
    return sorted(registry.tags_available(deployment_checks=True))


def look(*, deploy: bool, only: Iterable[str] = ()) -> list[CheckMessage]:
    """Run the checks, in the order of their names, and gather what they say."""
    wanted = set(only)
    found: list[CheckMessage] = []
    for check in sorted(registry.get_checks(deploy), key=lambda each: (each.tags, each.__name__)):
        if wanted and wanted.isdisjoint(check.tags):
            continue
        try:
            found += check(app_configs=None, databases=["default"])
        except Exception as failure:  # noqa: BLE001  one check that fails must not hide what the others find
            found.append(
                Error(
                    f"The check {check.tags[0]} could not be made: {type(failure).__name__}.",
                    hint="Mend what the other sentences say first, then check again.",
                    id=f"medvirk.{check.tags[0]}",
                )
            )
    return found
