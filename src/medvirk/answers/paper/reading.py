"""What was typed from a paper: what it says, and where two typings differ. Pure, on plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from medvirk.answers.logic import Asked, Fault, Problem, Value, read_values
from medvirk.instruments.definitions import Format, Item

#: What is typed where the paper has no answer.
NOTHING_THERE = frozenset({"-", "–", "—", "−"})
#: Nothing was typed: the line was passed by, which is not the same as no answer.
MISSED = "missed"
_NUMBER = re.compile(r"^[0-9]+([.,][0-9]*)?$")

Typed = dict[str, str]


def fields_of(asked: Sequence[Asked]) -> Iterator[tuple[Asked, Item, str]]:
    """Every question in the order in which the paper has it, with the name of its field."""
    for each in asked:
        for item in each.instrument.items:
            yield each, item, each.field(item)


def numbered_fields(asked: Sequence[Asked]) -> list[tuple[Asked, Item, str]]:
    """Those that are typed twice: a number is easily mistyped, and nobody would see it."""
    return [field for field in fields_of(asked) if field[1].format is not Format.TEXT]


def read_typing(
    asked: Sequence[Asked], sent: Mapping[str, str], *, texts: bool
) -> tuple[Typed, dict[str, str]]:
    """(values by field name, faults by field name). A value is as `read_values` takes it; "" says: not answered.

    texts: whether free texts are typed too. A number left empty is a fault: it may have been passed by.
    """
    typed: Typed = {}
    faults: dict[str, str] = {}
    for _asked, item, name in fields_of(asked):
        raw = sent.get(name, "").strip()
        if item.format is Format.TEXT:
            if texts:
                typed[name] = "" if raw in NOTHING_THERE else raw
        elif not raw:
            faults[name] = MISSED
        else:
            typed[name] = "" if raw in NOTHING_THERE else _plain(raw)
    for each in asked:
        faults |= {fault.field: str(fault.problem) for fault in _faults(each, typed)}
    return typed, faults


def _faults(asked: Asked, typed: Typed) -> list[Fault]:
    return read_values(asked, typed)[1]


def _plain(raw: str) -> str:
    """The same number written the same way: 7, 7.0 and 7,0 are no difference to settle."""
    return f"{float(raw.replace(',', '.')):g}" if _NUMBER.match(raw) else raw


def differences(first: Typed, second: Typed) -> list[str]:
    """Names of the fields, in order, where what was typed the second time is not what was typed at first."""
    return [name for name, value in second.items() if first.get(name, "") != value]


def values_of(asked: Sequence[Asked], typed: Typed) -> list[tuple[Asked, dict[str, Value]]]:
    """What is stored: the answers of every instrument, as from any other way of answering."""
    return [(each, read_values(each, typed)[0]) for each in asked]


def says_nothing(asked: Sequence[Asked], typed: Typed, own_words: str) -> bool:
    """A paper on which nothing stands is none."""
    return not own_words and not any(values for _, values in values_of(asked, typed))


__all__ = [
    "MISSED",
    "NOTHING_THERE",
    "Problem",
    "Typed",
    "differences",
    "fields_of",
    "numbered_fields",
    "read_typing",
    "says_nothing",
    "values_of",
]
