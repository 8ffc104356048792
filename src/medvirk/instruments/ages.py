"""Which version of a form is asked at which age. Pure.

A family holds forms that ask the same of people of different ages. Scores of two of them are never compared, and none
is worked out anew as if it were the other.
"""

from __future__ import annotations

from collections.abc import Iterable

from medvirk.instruments.definitions import Instrument


def family_of(instrument: Instrument, among: Iterable[Instrument]) -> list[Instrument]:
    """All forms of its family, the one for the youngest first; itself alone where it has none."""
    if not instrument.family:
        return [instrument]
    held = [each for each in among if each.family == instrument.family]
    return sorted(held, key=lambda each: (each.age.low if each.age else 0, each.version))


def for_age(instrument: Instrument, age: int | None, among: Iterable[Instrument]) -> Instrument:
    """The form of the same family for this age in whole years; without an age the one for adults.

    The form itself where none of the family suits, or the one that does has no wording here and cannot be asked.
    """
    family = [each for each in family_of(instrument, among) if each.wordings or each == instrument]
    if not instrument.family or not family:
        return instrument
    if age is None:
        return next((each for each in reversed(family) if each.age and each.age.high is None), instrument)
    # The newest version of those that suit.
    return next((each for each in reversed(family) if each.age and each.age.holds(age)), instrument)
