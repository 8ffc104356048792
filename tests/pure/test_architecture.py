"""The house (docs: DESIGN 2): which room and which floor may import which, and how long things may be.

The checks are plain functions on a folder, so that the last tests can plant a fault in a made-up house and
see it found.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2] / "src" / "medvirk"

ROOMS = (
    "stats", "tables", "ui", "people", "messages", "library", "instruments", "answers", "feedback", "offers",
    "pathways", "voice", "research", "insight", "interop", "config",
)  # fmt: skip

#: Each floor imports only from those on its left. What a room has beside these floors stands where it must.
FLOORS = ("logic", "models", "queries", "actions", "forms", "tasks", "views", "urls")
BETWEEN = {
    # Before the models: what the model fields are made of.
    "crypto": "models", "fields": "models", "identity": "models", "privacy": "models",
    # After the models, before the queries.
    "access": "models", "matching": "models", "keys": "models",
    # Django's own doors to database and log, made private.
    "sessions": "models", "cache": "models", "logs": "models",
    # The ways out of the house; they know what a message is, and nothing of who sends it when.
    "channels": "models",
    # What citizens may be sent, in words.
    "kinds": "models",
    # The access log outside the database, and the triggers inside it.
    "log/head": "models", "log/guard": "models", "log/turns": "models",
    # The script that keeps a page on a device: an address beside those of the pages.
    "device": "views",
    # What a worker does, and what makes messages of other rooms' notices.
    "notices": "tasks", "work": "tasks", "wording": "tasks",
}  # fmt: skip
# What is named in neither stands outside the floors: it ties a room to Django, the command line or other rooms.

LONGEST_FUNCTION = 50
LONGEST_FILE = 450
PURE_ROOMS = {"stats", "tables"}
FRAMEWORK = {"django", "allauth", "simple_history"}
# Translation and its lazy texts are words, not the web or a database.
PURE_DJANGO = ("django.utils.translation", "django.utils.functional")


def sources(house: Path) -> Iterator[tuple[str, tuple[str, ...], Path]]:
    """(room, path of modules inside the room, file) of every Python file but migrations."""
    for path in sorted(house.rglob("*.py")):
        parts = path.relative_to(house).with_suffix("").parts
        if "migrations" not in parts and len(parts) > 1:
            yield parts[0], parts[1:], path


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """(line, full dotted name) of everything imported, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield node.lineno, name.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                yield node.lineno, f"{node.module}.{name.name}"


def room_faults(house: Path) -> Iterator[str]:
    for room, _parts, path in sources(house):
        if room not in ROOMS:
            yield f"{path}: the room {room} has no place in the order of rooms"
            continue
        for line, name in imported(path):
            other = name.split(".")[1] if name.startswith("medvirk.") else None
            if other in ROOMS and ROOMS.index(other) > ROOMS.index(room):
                yield f"{path}:{line}: {room} stands above {other} and cannot import {name}"


def floor_of(parts: Sequence[str]) -> int | None:
    """The floor of a file by its folder, or by itself where a folder holds files of several; None: it has none."""
    name = BETWEEN.get("/".join(parts[:2])) or BETWEEN.get(parts[0], parts[0])
    return FLOORS.index(name) if name in FLOORS else None


def floor_faults(house: Path) -> Iterator[str]:
    for room, parts, path in sources(house):
        mine = floor_of(parts)
        if mine is None:
            continue
        for line, name in imported(path):
            words = name.split(".")
            if words[:2] != ["medvirk", room] or len(words) < 3:
                continue
            other = floor_of(words[2:])
            if other is not None and other > mine:
                yield f"{path}:{line}: the floor {parts[0]} cannot import from {words[2]}"


def framework_faults(house: Path) -> Iterator[str]:
    for room, parts, path in sources(house):
        for line, name in imported(path):
            is_framework = name.split(".")[0] in FRAMEWORK
            if room in PURE_ROOMS and is_framework:
                yield f"{path}:{line}: {room} does without {name}"
            if parts[0] == "logic" and is_framework and not name.startswith(PURE_DJANGO):
                yield f"{path}:{line}: logic decides on plain values and does without {name}"


def length_faults(house: Path) -> Iterator[str]:
    for _room, _parts, path in sources(house):
        text = path.read_text(encoding="utf-8")
        if (lines := len(text.splitlines())) > LONGEST_FILE:
            yield f"{path}: {lines} lines; at most {LONGEST_FILE}: make it a folder of the same name"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    yield f"{path}:{node.lineno}: {node.name} has {lines} lines; at most {LONGEST_FUNCTION}"


INLINE = re.compile(
    r"<style\b|<script\b(?![^>]*\bsrc=)|\sstyle=[\"']|\son[a-z]+=[\"']|javascript:", re.IGNORECASE
)


def inline_faults(house: Path) -> Iterator[str]:
    """Style and script inside pages: the Content-Security-Policy stops both. Reports are files, not pages."""
    for path in sorted(house.rglob("*.html")):
        if "report" in path.stem or "static" in path.parts:
            continue
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if found := INLINE.search(text):
                yield f"{path}:{line}: {found[0].strip()} stands in the page; put it in a file of its own"


CHECKS = [room_faults, floor_faults, framework_faults, length_faults, inline_faults]


@pytest.mark.parametrize("check", CHECKS)
def test_the_house_stands(check):
    assert list(check(HOUSE)) == []


def test_there_is_a_house_to_check():
    rooms = {room for room, _parts, _path in sources(HOUSE)}

    assert {"stats", "people", "config"} <= rooms


@pytest.mark.parametrize(
    ("check", "file", "text", "part_of_fault"),
    [
        (
            room_faults,
            "people/views.py",
            "from medvirk.feedback.models import Episode",
            "people stands above feedback",
        ),
        (
            room_faults,
            "ui/context.py",
            "def f():\n    import medvirk.people.access",
            "ui stands above people",
        ),
        (room_faults, "stats/x.py", "from medvirk import config", "stats stands above config"),
        (room_faults, "kitchen/views.py", "", "no place in the order"),
        (
            floor_faults,
            "people/queries.py",
            "from medvirk.people.actions import act",
            "queries cannot import",
        ),
        (
            floor_faults,
            "people/queries/a.py",
            "from medvirk.people.actions.b import act",
            "queries cannot import",
        ),
        (floor_faults, "people/models.py", "from medvirk.people import views", "models cannot import"),
        (floor_faults, "people/logic.py", "from medvirk.people.crypto import keys", "logic cannot import"),
        (floor_faults, "people/access.py", "from medvirk.people.queries import all_", "access cannot import"),
        (floor_faults, "people/log/head.py", "from medvirk.people.queries import all_", "log cannot import"),
        (floor_faults, "people/logic.py", "from medvirk.people.log import head", "logic cannot import"),
        (framework_faults, "stats/change.py", "import django", "stats does without"),
        (framework_faults, "answers/logic.py", "from django.db import models", "logic decides on plain"),
        (
            framework_faults,
            "answers/logic/a.py",
            "from django.utils import timezone",
            "logic decides on plain",
        ),
        (length_faults, "people/views.py", "def long():\n" + "    x = 1\n" * 50, "long has 51 lines"),
        (length_faults, "people/views.py", "x = 1\n" * 451, "451 lines"),
        (inline_faults, "ui/templates/a.html", '<p style="color: red">', "style="),
        (inline_faults, "ui/templates/a.html", "<script>alert(1)</script>", "<script"),
        (inline_faults, "ui/templates/a.html", '<button onclick="go()">', "onclick="),
        (inline_faults, "ui/templates/a.html", "<STYLE>p {}</STYLE>", "<STYLE"),
    ],
)
def test_a_planted_fault_is_found(tmp_path, check, file, text, part_of_fault):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)

    (fault,) = check(tmp_path)

    assert part_of_fault in fault


@pytest.mark.parametrize(
    ("check", "file", "text"),
    [
        (room_faults, "feedback/views.py", "from medvirk.people.models import Citizen"),
        (floor_faults, "people/views.py", "from medvirk.people.actions import act"),
        (floor_faults, "people/apps.py", "from medvirk.people.views import page"),
        (floor_faults, "people/models.py", "from medvirk.people.fields import Field"),
        (floor_faults, "people/log/check.py", "from medvirk.people.queries import all_"),
        (framework_faults, "people/logic.py", "from django.utils.translation import gettext"),
        (length_faults, "people/views.py", "def fits():\n" + "    x = 1\n" * 49),
        (inline_faults, "ui/templates/a.html", '<script src="a.js" defer></script>'),
    ],
)
def test_what_is_allowed_is_left_alone(tmp_path, check, file, text):
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)

    assert list(check(tmp_path)) == []
