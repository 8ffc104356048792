"""Triggers by which the database itself refuses to change or remove rows of the access log and its seals.

They stop mistakes and hasty hands. Whoever owns the database can take them away; that is what the seals are for.

Two narrow ways are left open. The encrypted ids and their hashes may be written anew, when keys are changed: the
code of the row is over the plain text, so it shows whether it is still the same. And rows may be removed when a
stone stands for them (`people.actions.sealing.remove_sealed`).
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

EVENTS, SEALS, STONES = "people_accessevent", "people_logseal", "people_logstone"
#: Every column but the two encrypted ids and their hashes.
FIXED = "id, at, nonce, actor_kind, action, what, basis, mac"
NEVER = "The access log is only added to."
#: Table → which rows may be removed.
REMOVABLE = {
    EVENTS: f"EXISTS (SELECT 1 FROM {STONES} WHERE OLD.id <= last_id)",  # noqa: S608  nothing here comes from outside
    SEALS: f"EXISTS (SELECT 1 FROM {STONES} WHERE OLD.number <= up_to)",  # noqa: S608
    STONES: "FALSE",
}
#: Only PostgreSQL can empty a table without looking at its rows.
VERBS = {"sqlite": ("keeps", "stays"), "postgresql": ("keeps", "stays", "lasts")}


def names(vendor: str) -> list[str]:
    """What the triggers are called in this kind of database."""
    return [f"{table}_{verb}" for table in REMOVABLE for verb in VERBS[vendor]]


def create(connection: BaseDatabaseWrapper) -> None:
    """Make the triggers; those that are there already stay."""
    drop(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION people_log_never() RETURNS trigger AS $$ "
                f"BEGIN RAISE EXCEPTION '{NEVER}'; END $$ LANGUAGE plpgsql"
            )
        for table, removable in REMOVABLE.items():
            columns = f" OF {FIXED}" if table == EVENTS else ""
            for statement in _statements(connection.vendor, table, columns, removable):
                cursor.execute(statement)


def _statements(vendor: str, table: str, columns: str, removable: str) -> list[str]:
    update = f"CREATE TRIGGER {table}_keeps BEFORE UPDATE{columns} ON {table}"
    delete = f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table}"
    if vendor == "postgresql":
        # A condition of a trigger cannot look into other tables: a function does.
        body = f"BEGIN IF {removable} THEN RETURN OLD; END IF; RAISE EXCEPTION '{NEVER}'; END"
        return [
            f"{update} FOR EACH ROW EXECUTE FUNCTION people_log_never()",
            f"CREATE OR REPLACE FUNCTION {table}_may_go() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql",
            f"{delete} FOR EACH ROW EXECUTE FUNCTION {table}_may_go()",
            f"CREATE TRIGGER {table}_lasts BEFORE TRUNCATE ON {table} EXECUTE FUNCTION people_log_never()",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{NEVER}'); END"
    return [f"{update} {refuse}", f"{delete} WHEN NOT {removable} {refuse}"]


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for a migration that makes the table anew, and for tests that empty it."""
    with connection.cursor() as cursor:
        for name in names(connection.vendor):
            table = name.rpartition("_")[0]
            on = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers that are not there, or have been turned off."""
    question = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        question = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connection.cursor() as cursor:
        cursor.execute(question)
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in names(connection.vendor) if name not in there]
