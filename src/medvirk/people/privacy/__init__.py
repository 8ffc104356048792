"""What every field is: identifying, sensitive or plain; what it is for; how long it is kept; how it is hidden.

Each room states this beside its models, in `<room>/privacy.py`, by calling `classify` once a model. The modules are
found by their name, so a room has nothing to register. Here stand `people`'s own and those of other people's tables.
A test fails on a field that nobody has classed.
"""

from medvirk.people.privacy.classes import (
    EncryptedColumn,
    KeyedColumn,
    Level,
    ModelRule,
    Purpose,
    classify,
    encrypted_columns,
    every_rule,
    export_fields,
    keyed_columns,
    rule_of,
    unclassed,
)

__all__ = [
    "EncryptedColumn",
    "KeyedColumn",
    "Level",
    "ModelRule",
    "Purpose",
    "classify",
    "encrypted_columns",
    "every_rule",
    "export_fields",
    "keyed_columns",
    "rule_of",
    "unclassed",
]
