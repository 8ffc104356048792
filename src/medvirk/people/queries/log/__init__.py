"""Reading the access log: by the citizen, by those who help them, by the auditor, and by those who review it."""

from medvirk.people.queries.log.audit import (
    NOBODY,
    AuditPage,
    LogSearch,
    log_file,
    search_log,
    staff_to_audit,
    units_to_audit,
)
from medvirk.people.queries.log.own import LogDay, LogLine, LogPage, own_log
from medvirk.people.queries.log.review import INNOCENT, DayOfPatterns, pattern_to_settle, patterns

__all__ = [
    "INNOCENT",
    "NOBODY",
    "AuditPage",
    "DayOfPatterns",
    "LogDay",
    "LogLine",
    "LogPage",
    "LogSearch",
    "log_file",
    "own_log",
    "pattern_to_settle",
    "patterns",
    "search_log",
    "staff_to_audit",
    "units_to_audit",
]
