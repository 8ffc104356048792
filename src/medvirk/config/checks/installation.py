"""Is this installation whole? The database as the code expects it, keys that fit it, instruments that can be used."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from medvirk.people import crypto
from medvirk.people.checkup import register

PREPARE = "`medvirk serve` brings it up to date when it starts; or run `medvirk manage migrate`."


@register("database")
def database_is_up_to_date(**_: object) -> list[CheckMessage]:
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as failure:
        return [
            Error(
                f"The database cannot be reached: {type(failure).__name__}.",
                hint="Is the server running, and does DATABASE_URL or MEDVIRK_DATA point to it?",
                id="medvirk.database",
            )
        ]
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return []
    waiting = f"{len(plan)} {'change' if len(plan) == 1 else 'changes'}"
    return [
        Error(
            f"The database is behind the program by {waiting}, the first of them {plan[0][0]}.",
            hint=PREPARE,
            id="medvirk.database",
        )
    ]


@register("cache")
def cache_can_be_used(**_: object) -> list[CheckMessage]:
    try:
        cache.get("medvirk.check")
    except DatabaseError:
        return [
            Error(
                "The table of the cache is missing, so limits on sign-in count nothing.",
                hint="`medvirk serve` makes it when it starts; or run `medvirk manage createcachetable`.",
                id="medvirk.cache",
            )
        ]
    return []


@register("keys")
def keys_fit_the_database(**_: object) -> list[CheckMessage]:
    """Tried on a sign-in name: it is both encrypted and hashed, so both keys are tried."""
    from medvirk.people.models import User

    try:
        crypto.keys()
    except ImproperlyConfigured as fault:
        return [Error("The keys of identifiers cannot be used.", hint=str(fault), id="medvirk.keys")]
    wrong = [
        Error(
            f"{settings.KEY_FILE} is not the key file of this database: what stands there cannot be read with it.",
            hint="Put back the copy that belongs to this database. No name can be read until then, but none is lost.",
            id="medvirk.keys",
        )
    ]
    try:
        user = User.objects.first()
    except ImproperlyConfigured:
        return wrong
    return wrong if user is not None and not _is_found_by_its_name(user.login, user.login_hash) else []


def _is_found_by_its_name(login: str, stored: str) -> bool:
    from medvirk.people.models import User

    try:
        return User.objects.get_by_natural_key(login).login_hash == stored
    except User.DoesNotExist:
        return False


@register("instruments")
def instruments_can_be_used(**_: object) -> list[CheckMessage]:
    from medvirk.instruments.faults import InstrumentFaults
    from medvirk.instruments.queries import effective_catalogue

    try:
        effective_catalogue()
    except InstrumentFaults as faults:
        return [
            Error(
                f"An instrument cannot be used: {fault}",
                hint="See `medvirk instruments check`.",
                id="medvirk.instruments",
            )
            for fault in faults.faults
        ]
    return []
