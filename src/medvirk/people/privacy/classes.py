"""The classes of fields and the register of them."""

# What Django names `_meta` and `_base_manager` is documented and meant to be used.
# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.module_loading import autodiscover_modules

from medvirk.people import crypto
from medvirk.people.fields import EncryptedTextField, EncryptedTextsJSONField


class Level(IntEnum):
    """How much a value tells about somebody; the higher, the fewer may have it.

    `IDENTIFYING` says who it is: a name, a number, an address, free text in which a name may stand. Such text is
    encrypted or a keyed hash. `SENSITIVE` says something about somebody, or which rows are about the same person,
    without saying who. `PLAIN` says nothing about anybody.
    """

    PLAIN = 1
    SENSITIVE = 2
    IDENTIFYING = 3


class Purpose(StrEnum):
    """What a table is for. Data of one purpose are not used for another without a decision."""

    CARE = "care"
    IMPROVEMENT = "improvement"
    RESEARCH = "research"
    OPERATION = "operation"


@dataclass(frozen=True)
class KeyedColumn:
    """A column that holds a keyed hash, and how the hash is made again from what stands encrypted.

    `make(row)` gives the hash under the search key in force (`crypto.keyed_hash` does that by itself), or None when
    it cannot be made any more. `related` is read together with each row.
    """

    name: str
    make: Callable[[Any], str | None]
    related: tuple[str, ...] = ()
    model: type[models.Model] | None = None


@dataclass(frozen=True)
class EncryptedColumn:
    """A column that holds encrypted text outside an `EncryptedTextField`, as those of other people's tables.

    `renew(stored)` gives the stored value under the first key, or the very same value when it stands so already;
    `tokens(stored)` gives every encrypted piece in it. Without them the whole value is one encrypted text.
    """

    name: str
    renew: Callable[[str], str] = crypto.renew
    tokens: Callable[[str], Iterable[str]] = lambda stored: (stored,)
    model: type[models.Model] | None = None


@dataclass(frozen=True)
class ModelRule:
    """What holds for one table. `retention` names the class of how long a row is kept."""

    model: str
    fields: Mapping[str, Level]
    purpose: Purpose
    retention: str
    encrypted: tuple[EncryptedColumn, ...] = ()
    keyed: tuple[KeyedColumn, ...] = field(default=())


_stated: dict[str, ModelRule] = {}


def classify(
    model: str,
    *,
    purpose: Purpose,
    retention: str,
    identifying: str = "",
    sensitive: str = "",
    plain: str = "",
    encrypted: Iterable[EncryptedColumn] = (),
    keyed: Iterable[KeyedColumn] = (),
) -> None:
    """State the class of every field of `model` ("people.Person"); names of fields stand apart by blanks.

    A table of changes (`HistoricalPerson`) follows its model and is not stated. An app that is not installed may be
    stated too: its rule is never asked for.

    Raises:
        ValueError: a field stands in two classes.
    """
    fields: dict[str, Level] = {}
    for level, names in (
        (Level.IDENTIFYING, identifying),
        (Level.SENSITIVE, sensitive),
        (Level.PLAIN, plain),
    ):
        for name in names.split():
            if name in fields:
                raise ValueError(f"{model}.{name} stands in two classes.")
            fields[name] = level
    _stated[model.lower()] = ModelRule(
        model, MappingProxyType(fields), purpose, retention, tuple(encrypted), tuple(keyed)
    )


@cache
def _find_statements() -> None:
    """Read `<room>/privacy.py` of every installed app, once."""
    autodiscover_modules("privacy.rules", "privacy")


def _tracked(model: type[models.Model]) -> type[models.Model] | None:
    """The model whose changes `model` holds, if it is a table of changes."""
    return getattr(model, "instance_type", None) if hasattr(model, "history_object") else None


def rule_of(model: type[models.Model]) -> ModelRule:
    """The rule of a model, also of a table of changes.

    Raises:
        LookupError: nobody has classed it; the message says where to do it.
    """
    _find_statements()
    tracked = _tracked(model)
    rule = _stated.get((tracked or model)._meta.label_lower)
    if rule is None:
        raise LookupError(
            f"{model._meta.label} is not classed. Call `classify` for it in privacy.py of its room "
            "(people/privacy/rules.py for tables of other packages)."
        )
    if tracked is None:
        return rule
    known = {each.name for each in tracked._meta.concrete_fields}
    names = [each.name for each in model._meta.concrete_fields]
    kept = {name: level for name, level in rule.fields.items() if name in names}
    changes = {name: Level.PLAIN for name in names if name not in known}
    # Who made the change is a link to somebody.
    changes |= {name: Level.SENSITIVE for name in changes if name == "history_user"}
    return replace(rule, model=model._meta.label, fields=MappingProxyType({**kept, **changes}))


def every_model() -> list[type[models.Model]]:
    """Every table of the database that a model stands for: ours, other packages', histories and links."""
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def every_rule() -> Iterator[tuple[type[models.Model], ModelRule]]:
    for model in every_model():
        yield model, rule_of(model)


def unclassed() -> Iterator[str]:
    """A sentence for each fault: a model or field without a class, or a class for a field that is not there."""
    for model in every_model():
        try:
            rule = rule_of(model)
        except LookupError as fault:
            yield str(fault)
            continue
        names = {each.name for each in model._meta.concrete_fields}
        for name in sorted(names - set(rule.fields)):
            yield (
                f"{model._meta.label}.{name} has no class. Add it to identifying, sensitive or plain where "
                f"{rule.model} is classed (privacy.py of its room); see Level for what they mean."
            )
        for name in sorted(set(rule.fields) - names):
            yield f"{model._meta.label} has no field {name}, but it is classed: take the name away."


def export_fields(model: type[models.Model], level: Level) -> list[str]:
    """Names of the fields that an export at `level` may hold, in the model's order.

    Raises:
        LookupError: the model, or a field of it, is not classed: it is then never exported by oversight.
    """
    rule = rule_of(model)
    names = [each.name for each in model._meta.concrete_fields]
    if missing := [name for name in names if name not in rule.fields]:
        raise LookupError(f"{model._meta.label}: not classed: {', '.join(missing)}")
    return [name for name in names if rule.fields[name] <= level]


def encrypted_columns() -> Iterator[EncryptedColumn]:
    """Every column of the database that holds encrypted text: our own fields and what rooms have stated."""
    for model, rule in every_rule():
        for each in model._meta.concrete_fields:
            if isinstance(each, EncryptedTextField | EncryptedTextsJSONField):
                yield EncryptedColumn(each.name, each.renew, each.tokens, model)
        for stated in rule.encrypted:
            yield replace(stated, model=model)


def keyed_columns() -> Iterator[KeyedColumn]:
    """Every column of the database that holds a keyed hash which can be made again."""
    for model, rule in every_rule():
        for stated in rule.keyed:
            if stated.name in {each.name for each in model._meta.concrete_fields}:
                yield replace(stated, model=model)
