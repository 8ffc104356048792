"""What reaches the log: what went wrong and where in the code, never about whom.

The text of an exception may quote a value (PostgreSQL's "Key (…)=(…) already exists", `int("Kari")`), a path may be a
link to answer by, and arguments of a message may be anything. So the formatter writes the message as it stands in the
code, with numbers and codes filled in and all other text left out; of an exception its classes and lines of code.
A library that builds its message before it logs it is written by its place only, for nothing says what is in it.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType

LEFT_OUT = "…"
#: They log messages whose text stands in the code, values apart. Others may build theirs from anything.
TRUSTED = ("medvirk", "django")
#: The class of a fault, as `type(fault).__name__` gives it.
FAULT_NAME = re.compile(r"(?:[A-Z][A-Za-z]*)?(?:Error|Exception|Exhausted|Timeout|Warning)")
#: "Not Found", "Internal Server Error": what Django says of a response.
PHRASES = frozenset(status.phrase for status in HTTPStatus)
#: What a database may say about a rule that was broken: the names of tables, columns and rules, which are ours.
RULE = re.compile(r"^(?:UNIQUE|CHECK|NOT NULL|FOREIGN KEY) constraint failed(?:: [\w.]+(?:, [\w.]+)*)?$")


class Code(str):
    """A text that comes from the code, as the name of a duty; it may stand in the log."""

    __slots__ = ()


class PrivateFormatter(logging.Formatter):
    """`2026-05-03 10:00:00,000 ERROR django.request Internal Server Error: people:citizen` and lines of code."""

    def format(self, record: logging.LogRecord) -> str:
        lines = [f"{self.formatTime(record)} {record.levelname} {record.name} {private_message(record)}"]
        if isinstance(record.exc_info, tuple) and record.exc_info[1] is not None:
            lines += private_traceback(record.exc_info[1])
        return "\n".join(lines)


def private_message(record: logging.LogRecord) -> str:
    """The message with everything left out that may be about somebody."""
    if record.name.split(".")[0] not in TRUSTED:
        return f"a message at {record.module}:{record.lineno}"
    view = _view_of(record)
    arguments = record.args
    if isinstance(arguments, dict):
        arguments = {name: _shown(value, view) for name, value in arguments.items()}
    elif arguments:
        arguments = tuple(_shown(value, view) for value in arguments)
    try:
        # A text with numbers and codes: `%d` takes the numbers, which are left as they are.
        return str(record.msg) % arguments if arguments else _without_values(str(record.msg))
    except (TypeError, ValueError):
        return f"a message at {record.module}:{record.lineno}"


def _without_values(text: str) -> str:
    """A message without arguments, which may have been built on the spot: what looks like a value is left out."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\S+@\S+|\S*\d{5,}\S*|\S*[/?&=]\S*", LEFT_OUT, text)


def _shown(value: object, view: str) -> object:
    if isinstance(value, bool | int | float | Code | type) or value is None:
        return value
    if isinstance(value, str) and view and value.startswith("/"):
        # Django logs the path of the request: its view says where, without the values in it.
        return view
    if isinstance(value, str) and (value in PHRASES or FAULT_NAME.fullmatch(value)):
        return value
    return LEFT_OUT


def _view_of(record: logging.LogRecord) -> str:
    """Name of the address that was asked for; empty when the record is about no request."""
    request = getattr(record, "request", None)
    if request is None:
        return ""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else "") or "an address that is none of ours"


def private_traceback(fault: BaseException) -> Iterator[str]:
    """Lines of code and classes of a fault and of what led to it; of the texts only the names of broken rules."""
    seen: set[int] = set()
    chain: list[BaseException] = []
    current: BaseException | None = fault
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        chain.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    for each in reversed(chain):
        yield from _frames(each.__traceback__)
        yield f"{type(each).__module__}.{type(each).__qualname__}{_rule(each)}"


def _frames(trace: TracebackType | None) -> Iterator[str]:
    for frame in traceback.extract_tb(trace):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
        if frame.line:
            yield f"    {frame.line}"


def _rule(fault: BaseException) -> str:
    """Which rule of the database was broken, without the values that broke it."""
    diagnosis = getattr(fault, "diag", None)
    if diagnosis is not None:
        names = [diagnosis.table_name, diagnosis.column_name, diagnosis.constraint_name]
        told = " ".join(str(name) for name in names if name)
        return f": {told}" if told else ""
    text = str(fault.args[0]) if fault.args and isinstance(fault.args[0], str) else ""
    return f": {text}" if RULE.match(text) else ""
