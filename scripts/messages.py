"""Translation catalogues without system gettext: collect, check and compile.

`update [ROOM …]` collects every marked text into `<room>/locale/<language>/LC_MESSAGES/django.po` and keeps what is
translated; `check` fails on a text that is missing, empty, fuzzy, stale or whose placeholders differ;
`compile` writes the .mo files.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ROOT / "src" / "medvirk"
# English is the source text; its own catalogue would only repeat it.
LANGUAGES = ("nb", "nn")
PLURALS = "nplurals=2; plural=(n != 1);"

# Function name → positions of (context, singular, plural) among the arguments.
MARKERS = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "_": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


class Message(NamedTuple):
    context: str | None
    singular: str
    plural: str | None
    place: str


def in_python(source: str, place: str) -> Iterator[Message]:
    """Marked texts in a Python source."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", None)
        if name not in MARKERS:
            continue
        try:
            context, singular, plural = (
                None if at is None else ast.literal_eval(node.args[at]) for at in MARKERS[name]
            )
        except (ValueError, IndexError):
            raise SystemExit(
                f"{place}:{node.lineno}: {name}() needs its text as a literal, so that it can be translated."
            ) from None
        yield Message(context, singular, plural, f"{place}:{node.lineno}")


def in_template(source: str, place: str) -> Iterator[Message]:
    """Marked texts in a Django template: what Django's own collector would hand to xgettext."""
    from django.utils.translation.template import templatize

    code = templatize(source, origin=place)
    call = re.compile(
        r"\b(npgettext|pgettext|ngettext|gettext|_)\((u?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\").*)"
    )
    for line, text in enumerate(code.split("\n"), start=1):
        rest = text
        while found := call.search(rest):
            literal_call = _balanced(f"{found[1]}({found[2]}")
            for message in in_python(literal_call, place):
                yield message._replace(place=f"{place}:{line}")
            rest = rest[found.end(1) :]


def _balanced(text: str) -> str:
    """The shortest beginning of `text` that is a whole Python call; counts dropped as names are not literals."""
    for end in (at for at, sign in enumerate(text, start=1) if sign == ")"):
        try:
            ast.parse(text[:end])
        except SyntaxError:
            continue
        return text[:end]
    raise SystemExit(f"Cannot read the marked text: {text}")


def collect(room: Path) -> dict[tuple[str | None, str], tuple[Message, list[str]]]:
    found: dict[tuple[str | None, str], tuple[Message, list[str]]] = {}
    for path in sorted([*room.rglob("*.py"), *room.rglob("*.html"), *room.rglob("*.txt")]):
        if "migrations" in path.parts or "static" in path.parts:
            continue
        place = str(path.relative_to(ROOT))
        reader = in_python if path.suffix == ".py" else in_template
        for message in reader(path.read_text(encoding="utf-8"), place):
            _, places = found.setdefault((message.context, message.singular), (message, []))
            places.append(place)
    return found


def catalogue(room: Path, language: str) -> Path:
    return room / "locale" / language / "LC_MESSAGES" / "django.po"


def rooms() -> list[Path]:
    return sorted(path for path in ROOMS.iterdir() if (path / "__init__.py").exists())


def update(*names: str) -> None:
    for room in (room for room in rooms() if not names or room.name in names):
        messages = collect(room)
        for language in LANGUAGES:
            path = catalogue(room, language)
            if not messages and not path.exists():
                continue
            known = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(path))} if path.exists() else {}
            fresh = polib.POFile(wrapwidth=110)
            fresh.metadata = {
                "Language": language,
                "MIME-Version": "1.0",
                "Content-Type": "text/plain; charset=UTF-8",
                "Content-Transfer-Encoding": "8bit",
                "Plural-Forms": PLURALS,
            }
            for key, (message, places) in sorted(
                messages.items(), key=lambda item: (item[1][1][0], item[0][1])
            ):
                entry = known.get(key) or polib.POEntry(msgctxt=message.context, msgid=message.singular)
                entry.occurrences = [(place, "") for place in sorted(set(places))]
                if message.plural is None:
                    entry.msgid_plural, entry.msgstr_plural = "", {}
                else:
                    entry.msgid_plural = message.plural
                    entry.msgstr_plural = entry.msgstr_plural or {0: "", 1: ""}
                fresh.append(entry)
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh.save(str(path))


def faults() -> Iterator[str]:
    for room in rooms():
        messages = collect(room)
        for language in LANGUAGES:
            path = catalogue(room, language)
            entries = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(path))} if path.exists() else {}
            where = f"{room.name}/{language}"
            for key, (message, places) in messages.items():
                entry = entries.pop(key, None)
                if entry is None:
                    yield f"{where}: not collected (run `make messages`): {message.singular!r} in {places[0]}"
                    continue
                texts = list(entry.msgstr_plural.values()) if message.plural is not None else [entry.msgstr]
                if entry.fuzzy or not texts or not all(texts):
                    yield f"{where}: not translated: {message.singular!r}"
                    continue
                allowed = set(PLACEHOLDER.findall(message.singular + (message.plural or "")))
                for text in texts:
                    strange = set(PLACEHOLDER.findall(text)) - allowed
                    lost = set() if message.plural else allowed - set(PLACEHOLDER.findall(text))
                    if strange or lost:
                        yield f"{where}: placeholders differ {sorted(strange | lost)}: {message.singular!r}"
            for _, text in entries:
                yield f"{where}: no longer used: {text!r}"


def check() -> int:
    found = list(faults())
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        print(f"{len(found)} faults in the translations.", file=sys.stderr)
    return 1 if found else 0


def compile_all() -> None:
    for room in rooms():
        for language in LANGUAGES:
            path = catalogue(room, language)
            if path.exists():
                polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True, INSTALLED_APPS=[])
    django.setup()
    verb = {"update": update, "check": check, "compile": compile_all}.get((sys.argv[1:] or [""])[0])
    if verb is None:
        raise SystemExit("Usage: messages.py update [ROOM …] | check | compile")
    raise SystemExit(verb(*sys.argv[2:]))
