"""What this installation really is: read from its settings and its database. No secret, and nobody's data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Count
from django.utils import timezone

from medvirk.answers.models import Ask
from medvirk.answers.texts import own_texts
from medvirk.instruments.loader import UnknownInstrument, get
from medvirk.people.models import Basis, Grant, Relation, Role, Unit, UnitKind
from medvirk.people.purposes import PurposeText
from medvirk.people.queries.consents import current_texts
from medvirk.people.queries.retention import months_in_force
from medvirk.people.signin.providers import CITIZENS, Provider, providers
from medvirk.ui.languages import current_language


@dataclass(frozen=True)
class SignInService:
    """`who` is "citizens" or "staff"."""

    who: str
    name: str
    host: str


@dataclass(frozen=True)
class Facts:
    """What everybody may know of the installation.

    `municipalities` are its names, none where none is registered. `officer` says how to reach the data protection
    officer; empty where nobody has said so. `own_notice`: the municipality has written the text on privacy itself.
    """

    made_at: datetime
    municipalities: tuple[str, ...]
    officer: str
    host: str
    months: Mapping[str, int | None]
    consents: tuple[PurposeText, ...]
    sign_in: tuple[SignInService, ...]
    own_notice: bool

    @property
    def citizens_sign_in(self) -> SignInService | None:
        return next((each for each in self.sign_in if each.who == CITIZENS), None)


@dataclass(frozen=True)
class InUse:
    """What those who run it may know besides.

    `roles` counts how many hold each role today, `partners` the organisations or partners with whom something is
    shared today. `instruments` are names with version; `mail_host` is empty where no mail is sent, `sms_host`
    where no text messages are.
    """

    units: int
    roles: Mapping[str, int]
    partners: int
    instruments: tuple[str, ...]
    database: str
    mail_host: str
    sms_host: str


def gather(now: datetime) -> Facts:
    """Five short queries, the same however many people there are."""
    day = timezone.localdate(now)
    named = Unit.objects.on(day).as_on(day).filter(kind=UnitKind.MUNICIPALITY).order_by("name_then")
    return Facts(
        made_at=now,
        municipalities=tuple(named.values_list("name_then", flat=True)),
        officer=settings.PRIVACY_CONTACT,
        host=urlsplit(settings.ADDRESS).hostname or "",
        months=months_in_force(),
        consents=tuple(current_texts().values()),
        sign_in=tuple(
            SignInService(each.key, each.name, urlsplit(each.issuer).hostname or "")
            for each in known_providers().values()
        ),
        own_notice=bool(own_texts("privacy")),
    )


def known_providers() -> Mapping[str, Provider]:
    """None where their settings cannot be used: `medvirk check --deploy` says what is wrong with them."""
    try:
        return providers()
    except (ImproperlyConfigured, OSError):
        return {}


def gather_use(now: datetime) -> InUse:
    """Four queries, one of them over all that was asked."""
    day = timezone.localdate(now)
    held = Grant.objects.on(day).values("role").annotate(people=Count("staff", distinct=True))
    sharing = Relation.objects.at(now).filter(basis=Basis.CONSENT).values_list("unit", "staff").distinct()
    return InUse(
        units=Unit.objects.on(day).count(),
        roles={Role(row["role"]): row["people"] for row in held.order_by()},
        partners=len(sharing),
        instruments=_instruments(),
        database={"postgresql": "PostgreSQL", "sqlite": "SQLite"}.get(connection.vendor, connection.vendor),
        mail_host=settings.EMAIL_HOST,
        sms_host=(urlsplit(settings.SMS_GATEWAY.address).hostname or "") if settings.SMS_GATEWAY else "",
    )


def _instruments() -> tuple[str, ...]:
    """Names of what has been asked here, as `key` and version where the definition is gone."""
    asked = Ask.objects.values_list("instrument_key", "instrument_version").order_by().distinct()
    return tuple(sorted(_name(key, version) for key, version in asked))


def _name(key: str, version: int) -> str:
    try:
        return f"{get(key, version).title(current_language())} ({key}, {version})"
    except UnknownInstrument:
        return f"{key}, {version}"
