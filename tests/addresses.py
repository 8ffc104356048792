"""Every address of the URL table, and the world it is called on. `tests/web/<room>/examples.py` fill it.

How a room plugs its addresses in is said in tests/web/test_all_addresses.py.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, reverse


@dataclass(frozen=True)
class Address:
    name: str
    arguments: tuple[str, ...]
    view: Callable[..., HttpResponse]

    @property
    def declares(self) -> str:
        declared = getattr(self.view, "declares", None)
        if declared is None:
            raise ImproperlyConfigured(
                f"{self.name} does not say who may open it: put @needs(…), @for_signed_in or @for_everyone "
                "of medvirk.people.access on its view."
            )
        return declared


def addresses(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[Address]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from addresses(entry, inner)
        elif isinstance(entry, URLPattern):
            arguments = tuple(entry.pattern.converters)
            yield Address(f"{prefix}{entry.name}", arguments, entry.callback)


def example_modules() -> list[ModuleType]:
    modules = []
    for path in sorted((Path(__file__).parent / "web").glob("*/examples.py")):
        spec = importlib.util.spec_from_file_location(f"examples_of_{path.parent.name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        modules.append(module)
    return modules


MODULES = example_modules()
#: Addresses of one citizen's record: unseen, so 404, for a colleague without relation.
OPEN_RECORDS = frozenset().union(*(getattr(module, "OPEN_RECORDS", set()) for module in MODULES))


@dataclass
class World:
    """What the addresses are called on: the owner has a relation to the citizen, the colleague has none."""

    make: object
    owner: object
    colleague: object
    citizen: object
    examples: dict[str, object] = field(default_factory=dict)

    def read_anew(self, make: object) -> World:
        """The same, with objects of its own, and `make` for what comes to it."""
        owner, colleague, citizen = (
            type(each)._default_manager.get(pk=each.pk) for each in (self.owner, self.colleague, self.citizen)
        )
        return World(make, owner, colleague, citizen, dict(self.examples))

    def path_of(self, address: Address) -> str:
        if not address.arguments:
            return reverse(address.name)
        known = self.examples.get(address.name) or {
            name: self.examples[name] for name in address.arguments if name in self.examples
        }
        if missing := set(address.arguments) - set(known):
            room = address.name.partition(":")[0]
            raise ImproperlyConfigured(
                f"No example of {sorted(missing)} for {address.name}: add one to "
                f"tests/web/{room}/examples.py, as said in test_all_addresses.py."
            )
        return reverse(address.name, kwargs=known)


def make_world(make) -> World:
    unit = make.unit()
    owner = make.staff("practitioner", unit)
    details = make.details(**PLANTED, national_id=make.national_id())
    made = World(
        make=make,
        owner=owner,
        colleague=make.staff("practitioner"),
        citizen=make.citizen(worker=owner, details=details),
    )
    for module in MODULES:
        made.examples.update(module.examples(made))
    return made


#: What nobody may read who has nothing to do with the citizen. No page says it by itself.
PLANTED = {
    "given_name": "Plantasia",
    "family_name": "Hemmeligberg",
    "phone": "91919191",
    "email": "plantasia@hemmeligberg.example",
}


ALL = sorted(addresses(), key=lambda address: address.name)
