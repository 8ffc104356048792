"""Official wording as people have it: TOML, a table (CSV, .xlsx) with a row per item, or a FHIR R4 Questionnaire."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from medvirk.instruments.definitions import Format, Instrument, Item, Wording
from medvirk.instruments.faults import Fault, InstrumentFaults, Notebook
from medvirk.instruments.loader import read_toml
from medvirk.instruments.parsing import parse_wording, parse_wordings
from medvirk.instruments.questionnaires import FILE, Found, read_questionnaire
from medvirk.instruments.reading import LANGUAGE, Table, check_language

# Rows of a table that are not items, by what stands in the column `item`.
TITLE, INTRO, OPTIONS = "title", "intro", "options"
COLUMNS = ("item", "text", "low", "high")
OPTION_COLUMN = "option_"
# Spoken in Norwegian municipalities and not among Django's: Sami, Kven, and languages of those who came later.
FURTHER_LANGUAGES = frozenset(
    {"se", "sma", "smj", "fkv", "am", "kmr", "ku", "om", "prs", "ps", "rom", "so", "ti", "tl"}
)
UNKNOWN_LANGUAGE = (
    "%r is no language known here. Write its code, such as nb (Bokmål), nn (Nynorsk), en (English), "
    "se (Northern Sami), pl (Polish), uk (Ukrainian) or ar (Arabic)."
)


def read_wordings(
    path: Path,
    instrument: Instrument,
    *,
    language: str | None = None,
    translator: str = "",
    licence: str = "",
    source: str = "",
    by_order: bool = False,
) -> tuple[Wording, ...]:
    """The wordings in a file, wholly checked against the instrument.

    From TOML all languages are taken, or only `language`. A table holds one language, which must be named;
    there `translator`, `licence` and `source` are needed too, and in TOML they fill in what the file does not
    say. A FHIR R4 Questionnaire (.json) brings its language and translations, copyright and publisher, which
    are kept beside what is given here; `by_order` says that its questions stand in the order of the items.
    Raises InstrumentFaults with every fault in the file.
    """
    if language is not None and not _is_known(language):
        raise InstrumentFaults([Fault(path.name, "--language", UNKNOWN_LANGUAGE % language)])
    said = {"translator": translator, "licence": licence, "source": source}
    if path.suffix.lower() == ".toml":
        return _from_toml(path, instrument, language, said)
    if path.suffix.lower() == ".json":
        return _from_questionnaire(path, instrument, language, said, by_order=by_order)
    return _from_table(path, instrument, language, said)


def _is_known(language: str) -> bool:
    """Is it a language that Django or we know? A country or script after it may be anything."""
    from django.conf.locale import LANG_INFO

    known = {code.split("-")[0] for code in LANG_INFO} | FURTHER_LANGUAGES
    return LANGUAGE.fullmatch(language) is not None and language.split("-", maxsplit=1)[0] in known


def _from_toml(
    path: Path, instrument: Instrument, language: str | None, said: Mapping[str, str]
) -> tuple[Wording, ...]:
    data = read_toml(path)
    notebook = Notebook(path.name)
    for name, expected in (("key", instrument.key), ("version", instrument.version)):
        if name in data and data[name] != expected:
            notebook.note("", f"`{name}` says {data[name]!r}, but the wording is for {instrument.id}.")
    languages = data.get("wording")
    if isinstance(languages, dict) and languages:
        if language is not None and language not in languages:
            notebook.note("wording", f"there is none in {language!r}; the file has {', '.join(languages)}.")
        data = {
            "wording": {
                code: _with(said, found) for code, found in languages.items() if language in {None, code}
            }
        }
    else:
        notebook.note("", "there is no table [wording.<language>], such as [wording.nb].")
    found = parse_wordings(Table(data, "", notebook), instrument.items, local=True)
    notebook.raise_if_any()
    return tuple(found.values())


def _with(said: Mapping[str, str], wording: object) -> object:
    if not isinstance(wording, dict):
        return wording
    return {**{name: text for name, text in said.items() if text}, **wording}


def _from_questionnaire(
    path: Path, instrument: Instrument, language: str | None, said: Mapping[str, str], *, by_order: bool
) -> tuple[Wording, ...]:
    notebook = Notebook(path.name)
    found = read_questionnaire(path, instrument, by_order=by_order, notebook=notebook)
    origin = {
        "translator": said["translator"],
        "licence": "; ".join(filter(None, (said["licence"], found.copyright))),
        "source": "; ".join(filter(None, (said["source"], found.origin))),
    }
    for name, text in origin.items():
        if not text:
            notebook.note("", f"the Questionnaire does not say the {name}: give it with --{name}.")
    wordings = []
    for there, here in _languages(found, language, notebook):
        content = {**origin, **found.content(there, notebook)}
        table = Table(content, f"wording {here}", notebook)
        wordings.append(parse_wording(table, here, instrument.items, local=True))
    notebook.raise_if_any()
    return tuple(wordings)


def _languages(found: Found, wanted: str | None, notebook: Notebook) -> list[tuple[str, str]]:
    """Pairs of a language as the file has it ("" is its own) and as it is loaded here."""
    own = {FILE: found.language}
    there = {**own, **{code: code for code in found.translations if code != found.language}}
    if wanted is not None:
        fits = [
            key
            for test in (lambda code: code == wanted, lambda code: _near(code, wanted))
            for key, code in there.items()
            if test(code)
        ]
        if fits or not found.language:
            return [(fits[0] if fits else FILE, wanted)]
        notebook.note("", f"there is none in {wanted!r}; the file has {', '.join(there.values())}.")
        return []
    pairs = [(key, _without_country(code)) for key, code in there.items()]
    if len({code for _, code in pairs}) < len(pairs):
        notebook.note(
            "", f"it has a language twice: {', '.join(there.values())}. Choose one with --language."
        )
    for key, code in pairs:
        if not code:
            notebook.note("", "the Questionnaire does not say its language: give it with --language.")
        elif code.split("-")[0] == "no":
            notebook.note("", f"{there[key]!r} may be Bokmål or Nynorsk: say which with --language nb or nn.")
        elif not _is_known(code):
            notebook.note("", UNKNOWN_LANGUAGE % code)
    return pairs


def _near(code: str, wanted: str) -> bool:
    """The same language of another country, or Norwegian that does not say which."""
    main = code.split("-", maxsplit=1)[0]
    return main == wanted.split("-", maxsplit=1)[0] or (main == "no" and wanted in {"nb", "nn"})


def _without_country(code: str) -> str:
    """nb-NO is what is called nb here; other countries may have a wording of their own."""
    return code.split("-", maxsplit=1)[0] if code in {"nb-NO", "nn-NO"} else code


def _from_table(
    path: Path, instrument: Instrument, language: str | None, said: Mapping[str, str]
) -> tuple[Wording, ...]:
    from medvirk.tables import TableFaults, read_table

    notebook = Notebook(path.name)
    if language is None:
        notebook.note("", "a table holds one language: say which with --language.")
    for name, text in said.items():
        if not text:
            notebook.note("", f"a table does not hold the {name}: give it with --{name}.")
    try:
        table = read_table(path)
    except TableFaults as error:
        raise InstrumentFaults(
            [*notebook.faults, *(Fault(path.name, "", str(each)) for each in error.faults)]
        ) from None
    rows = _rows(table.columns, [_texts(row) for row in table.rows], table.row_numbers, notebook)
    content = Table(
        {**said, **_content(rows, instrument, notebook)}, f"wording {language or ''}".strip(), notebook
    )
    if language is not None:
        check_language(language, content)
    # Without its columns the table says nothing, and every item would be told to be missing.
    if rows:
        found = parse_wording(content, language or "", instrument.items, local=True)
    notebook.raise_if_any()
    return (found,)


def _texts(row: Mapping[str, object]) -> dict[str, str]:
    """Every cell as text. Excel turns a label such as 5 into a number, which comes back as 5.0."""
    return {
        name: f"{cell:g}" if isinstance(cell, float) else "" if cell is None else str(cell).strip()
        for name, cell in row.items()
    }


def _rows(
    columns: tuple[str, ...], rows: list[dict[str, str]], numbers: tuple[int, ...], notebook: Notebook
) -> dict[str, dict[str, str]]:
    """The rows by what stands in `item`, with faults in headings and keys noted."""
    for name in columns:
        if name not in COLUMNS and not name.startswith(OPTION_COLUMN):
            notebook.note(
                f"column {name}", f"is not known; known are {', '.join(COLUMNS)} and option_0, option_1, ..."
            )
    lacking = [name for name in ("item", "text") if name not in columns]
    if lacking:
        notebook.note("", f"the column {' and '.join(lacking)} is missing.")
        return {}
    if not rows:
        notebook.note("", "the table has no rows below its headings.")
    found: dict[str, dict[str, str]] = {}
    for number, row in zip(numbers, rows, strict=True):
        key = row["item"]
        if not key or key in found:
            notebook.note(f"row {number}", f"item {key!r} stands here twice." if key else "`item` is empty.")
        found.setdefault(key, row)
    return found


def _content(
    rows: Mapping[str, Mapping[str, str]], instrument: Instrument, notebook: Notebook
) -> dict[str, object]:
    """The table in the shape of a TOML wording, so that both are checked by the same code."""
    content: dict[str, object] = {name: rows[name]["text"] for name in (TITLE, INTRO) if name in rows}
    shared = _labels(rows.get(OPTIONS, {}))
    known = {item.key: item for item in instrument.items}
    items: dict[str, object] = {}
    for key, row in rows.items():
        if key in {TITLE, INTRO, OPTIONS}:
            continue
        words: dict[str, object] = {name: row[name] for name in ("text", "low", "high") if row.get(name)}
        if labels := _labels_of(known.get(key), _labels(row), shared, notebook):
            words["options"] = labels
        items[key] = words
    return {**content, "items": items}


def _labels(row: Mapping[str, str]) -> dict[str, str]:
    """The labels of a row by the value in their heading."""
    return {
        name.removeprefix(OPTION_COLUMN): text
        for name, text in row.items()
        if name.startswith(OPTION_COLUMN) and text
    }


def _labels_of(
    item: Item | None, own: Mapping[str, str], shared: Mapping[str, str], notebook: Notebook
) -> list[str]:
    """An item's labels in the order of its values, whatever the order of the columns."""
    if item is None:
        return []
    values = [f"{value:g}" for value in item.options]
    for strange in sorted(own.keys() - values):
        notebook.note(
            f"item {item.key}", f"has a label in {OPTION_COLUMN}{strange}, which it cannot be answered with."
        )
    labels = own or (shared if item.format is Format.LIKERT else {})
    return [labels[value] for value in values if value in labels]
