"""What `medvirk signals evaluate` was asked for, beside the file itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medvirk.interop.scores.options import number
from medvirk.stats.signals import PROCESSES, RULES
from medvirk.tables import Fault, FaultList, gettext_noop

DEFAULT_RULES = ("forecast_deteriorated", "rule_table", "raw_change")
FEWEST_MADE_UP, MOST_MADE_UP = 30, 100_000
LARGEST_SEED = 2**31 - 1

UNKNOWN_RULE = gettext_noop("--rule: there is no such rule. There are: %(known)s.")
UNKNOWN_PROCESS = gettext_noop("--simulate: there is no such process. There are: %(known)s.")
NOT_A_BURDEN = gettext_noop(
    "--burden must lie between 0 and 1, both left out: 0.2 lets at most a fifth of the courses be flagged."
)
NOT_WHOLE = gettext_noop("%(option)s must be a whole number from %(low)s to %(high)s.")
NO_FILE = gettext_noop(
    "Give a FILE with the scores, or --simulate PROCESS for courses drawn from a process: one of %(known)s."
)
FILE_AND_PROCESS = gettext_noop(
    "FILE, and the options that describe it, do not go with --simulate. Leave out the one or the other."
)
PEOPLE_ALONE = gettext_noop("--people belongs to --simulate. Leave it out.")


@dataclass(frozen=True)
class Typed:
    """The options as they were typed; None is not given."""

    rules: Sequence[str] = ()
    burden: str | None = None
    by: str | None = None
    folds: str | None = None
    seed: str | None = None
    simulate: str | None = None
    people: str | None = None


@dataclass(frozen=True)
class Asked:
    """burden: the share of courses (0–1) that may be flagged by measurement number `by`.

    process: where the courses are drawn from, for so many people; None where they stand in a file.
    """

    rules: tuple[str, ...] = DEFAULT_RULES
    burden: float = 0.20
    by: int = 3
    folds: int = 5
    seed: int = 0
    process: str | None = None
    people: int = 2000


def settle_asked(typed: Typed, faults: FaultList) -> Asked:
    """What the options mean; what is wrong with them is put into `faults`."""
    known = ", ".join(RULES)
    for rule in dict.fromkeys(typed.rules):
        if rule not in RULES:
            faults.add(Fault(None, None, rule, UNKNOWN_RULE, {"known": known}))
    if typed.simulate is not None and typed.simulate not in PROCESSES:
        faults.add(Fault(None, None, typed.simulate, UNKNOWN_PROCESS, {"known": ", ".join(PROCESSES)}))
    if typed.simulate is None and typed.people is not None:
        faults.add(Fault(None, None, typed.people, PEOPLE_ALONE))
    usual = Asked()
    return Asked(
        rules=tuple(dict.fromkeys(typed.rules)) or usual.rules,
        burden=_burden(typed.burden, usual.burden, faults),
        by=_whole("--by", typed.by, usual.by, (2, 1000), faults),
        folds=_whole("--folds", typed.folds, usual.folds, (2, 30), faults),
        seed=_whole("--seed", typed.seed, usual.seed, (0, LARGEST_SEED), faults),
        process=typed.simulate,
        people=_whole("--people", typed.people, usual.people, (FEWEST_MADE_UP, MOST_MADE_UP), faults),
    )


def _burden(text: str | None, usual: float, faults: FaultList) -> float:
    value = number("--burden", text, faults)
    if value is None:
        return usual
    if not 0 < value < 1:
        faults.add(Fault(None, None, text, NOT_A_BURDEN))
        return usual
    return value


def _whole(option: str, text: str | None, usual: int, ends: tuple[int, int], faults: FaultList) -> int:
    if text is None:
        return usual
    low, high = ends
    digits = text.strip()
    if digits.isdecimal() and len(digits) < 12 and low <= int(digits) <= high:
        return int(digits)
    faults.add(Fault(None, None, text, NOT_WHOLE, {"option": option, "low": low, "high": high}))
    return usual
