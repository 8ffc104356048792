"""Units merged, divided, renamed and moved from a day; all of it as dated facts, and none of it overwritten."""

from medvirk.people.actions.succession.changes import (
    NewUnit,
    Placed,
    described,
    merge_units,
    move_unit,
    place_rest,
    split_unit,
)
from medvirk.people.actions.succession.later import carry_on, show_todays_structure, undo_reorganisation

__all__ = [
    "NewUnit",
    "Placed",
    "carry_on",
    "described",
    "merge_units",
    "move_unit",
    "place_rest",
    "show_todays_structure",
    "split_unit",
    "undo_reorganisation",
]
