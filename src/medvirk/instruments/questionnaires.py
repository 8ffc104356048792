"""Official wording from a FHIR R4 Questionnaire (JSON): which question is which item, and what is shown for it.

Read with the standard library alone: only a few of the resource's elements matter here, and each is checked against
the definition, which a general FHIR model knows nothing of. Elements as in https://hl7.org/fhir/R4/questionnaire.html.

A question belongs to the item whose key is its linkId, or whose LOINC code it carries; without either the order
decides, but only where that is asked for. Answers take their number from the extension ordinalValue (or
itemWeight, or iso21090-CO-value), else from a code that is itself a number; never from their order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from medvirk.instruments.definitions import Format, Instrument, Item
from medvirk.instruments.faults import Fault, InstrumentFaults, Notebook
from medvirk.instruments.reading import is_number

EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
ORDINALS = tuple(EXTENSION + name for name in ("ordinalValue", "itemWeight", "iso21090-CO-value"))
ORDINALS += (EXTENSION + "questionnaire-ordinalValue",)
TRANSLATION = EXTENSION + "translation"
HIDDEN = EXTENSION + "questionnaire-hidden"
CONTROL = EXTENSION + "questionnaire-itemControl"
BOUNDS = {"lowest": EXTENSION + "minValue", "highest": EXTENSION + "maxValue"}
LOINC = "http://loinc.org"
TYPES: Mapping[Format, tuple[str, ...]] = {
    Format.LIKERT: ("choice", "integer"),
    Format.YESNO: ("boolean", "choice"),
    Format.VAS: ("integer", "decimal", "quantity"),
    Format.NUMBER: ("integer", "decimal", "quantity"),
    Format.TEXT: ("string", "text"),
}
NUMBER = re.compile(r"-?\d+(\.\d+)?")

Json = Mapping[str, object]
# A text by language: "" is the language of the file, "*" any (a number is the same in all).
Texts = Mapping[str, str]
FILE, ANY = "", "*"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer: its number, None where the file gives none, and its label."""

    value: float | None
    label: Texts


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the file. `heading` is what stands above it since the question before."""

    place: str
    link_id: str
    kind: str
    loinc: frozenset[str]
    text: Texts
    heading: tuple[Texts, ...]
    low: Texts
    high: Texts
    options: tuple[Option, ...]
    bounds: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Found:
    """What a Questionnaire holds: its own language ("" if it does not say), those it is translated into, where
    it comes from, and by language what is shown, in the shape of a wording in TOML."""

    language: str
    translations: tuple[str, ...]
    copyright: str
    origin: str
    title: Texts
    questions: Mapping[str, Question]
    instrument: Instrument

    def content(self, language: str, notebook: Notebook) -> dict[str, object]:
        """What is shown in one of the file's languages ("" is its own)."""
        asked = [item for item in self.instrument.items if item.key in self.questions]
        first = next(iter(self.questions.values()), None)
        items: dict[str, object] = {}
        for item in asked:
            question = self.questions[item.key]
            above = () if question is first else question.heading
            words: dict[str, object] = {
                "text": _joined((*above, question.text), language, question.place, notebook)
            }
            for name, text in (("low", question.low), ("high", question.high)):
                if item.format is Format.VAS and text:
                    words[name] = _in(text, language)
            if item.options and question.options:
                by_value = {option.value: option.label for option in question.options}
                words["options"] = [
                    _in(by_value[value], language) for value in item.options if value in by_value
                ]
            items[item.key] = words
        intro = (
            _joined(first.heading, language, "the text above the first question", notebook) if first else ""
        )
        return {"title": _in(self.title, language), "intro": intro, "items": items}


def read_questionnaire(path: Path, instrument: Instrument, *, by_order: bool, notebook: Notebook) -> Found:
    """The questions of the file by the key of their item; what does not fit is noted.

    Raises InstrumentFaults when the file is no Questionnaire at all.
    """
    data = _load(path)
    try:
        reader = _Reader(data, instrument, notebook)
        questions = reader.questions()
    except RecursionError:
        raise InstrumentFaults(
            [Fault(path.name, "", "its groups are nested too deeply to be a form.")]
        ) from None
    said = [_string(data, name) for name in ("publisher", "title", "version", "url")]
    return Found(
        language=_string(data, "language"),
        translations=tuple(sorted(reader.languages)),
        copyright=_string(data, "copyright"),
        origin=", ".join(filter(None, said)),
        title=reader.text(data, "title"),
        questions=_matched(questions, instrument, by_order, notebook),
        instrument=instrument,
    )


def _load(path: Path) -> Json:
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}."
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 (byte {error.start + 1}); save it as UTF-8."
    except json.JSONDecodeError as error:
        problem = f"is not valid JSON: {error.msg} in line {error.lineno}."
    except RecursionError:
        problem = "its groups are nested too deeply to be a form."
    else:
        kind = data.get("resourceType") if isinstance(data, dict) else None
        if kind == "Questionnaire":
            return dict(data)
        there = f"holds a {kind}" if isinstance(kind, str) else "has no `resourceType`"
        problem = f"{there}; it must be one FHIR R4 Questionnaire."
    raise InstrumentFaults([Fault(path.name, "", problem)])


def _string(element: Json, name: str) -> str:
    value = element.get(name)
    return value.strip() if isinstance(value, str) else ""


def _objects(value: object) -> list[Json]:
    """The objects in a list; FHIR has nothing else in the lists that are read here."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _extensions(element: Json, *urls: str) -> list[Json]:
    return [each for each in _objects(element.get("extension")) if each.get("url") in urls]


def _value(extension: Json) -> object:
    """The value of an extension, whatever its type."""
    return next((value for name, value in extension.items() if name.startswith("value")), None)


def _control(element: Json) -> frozenset[str]:
    """What an item is for on the page: `lower` and `upper` are the ends of a line."""
    concepts = [value for each in _extensions(element, CONTROL) if isinstance(value := _value(each), dict)]
    return frozenset(
        _string(coding, "code") for concept in concepts for coding in _objects(concept.get("coding"))
    )


def _in(text: Texts, language: str) -> str:
    return text.get(language) or text.get(ANY, "")


def _joined(texts: Sequence[Texts], language: str, place: str, notebook: Notebook) -> str:
    """Texts that stand together. One that lacks the language must not be left out in silence."""
    found = [_in(text, language) for text in texts]
    if not all(found):
        notebook.note(place, f"a part of its text is missing in {language or 'the language of the file'}.")
    return " ".join(filter(None, found))


class _Reader:
    """Walks through the items of one Questionnaire. `languages` gathers those that anything is translated into."""

    def __init__(self, data: Json, instrument: Instrument, notebook: Notebook) -> None:
        self.data = data
        self.notebook = notebook
        self.languages: set[str] = set()
        self.scores = {codes["loinc"] for codes in _all_codes(instrument) if "loinc" in codes}
        self.above: list[Texts] = []

    def text(self, element: Json, name: str) -> Texts:
        """A text and its translations."""
        found = {FILE: text} if (text := _string(element, name)) else {}
        beside = element.get("_" + name)
        for extension in _extensions(beside, TRANSLATION) if isinstance(beside, dict) else []:
            parts = {part.get("url"): _value(part) for part in _objects(extension.get("extension"))}
            language, content = parts.get("lang"), parts.get("content")
            if isinstance(language, str) and isinstance(content, str) and content.strip():
                found[language] = content.strip()
                self.languages.add(language)
        return found

    def questions(self) -> list[Question]:
        found = list(self._walk(self.data))
        if self.above:
            left = "”, “".join(text.get(FILE, "") for text in self.above)
            self.notebook.note(
                "after the last question",
                f"there is no place for the text “{left}”. Take it out if people need not see it.",
            )
        if not found:
            self.notebook.note("", "there is no question in it.")
        return found

    def _walk(self, parent: Json) -> Iterator[Question]:
        for element in _objects(parent.get("item")):
            if any(_value(each) is True for each in _extensions(element, HIDDEN)):
                continue
            kind = _string(element, "type")
            if kind in {"group", "display"}:
                if (text := self.text(element, "text")) and not _control(element) & {"lower", "upper"}:
                    self.above.append(text)
            elif element.get("readOnly") is not True and not self._loinc(element) & self.scores:
                yield self._question(element, kind)
            yield from self._walk(element)

    def _question(self, element: Json, kind: str) -> Question:
        link_id = _string(element, "linkId")
        place = f"question {link_id or '(without linkId)'}"
        ends = {
            end: self.text(child, "text")
            for child in _objects(element.get("item"))
            for end in _control(child) & {"lower", "upper"}
        }
        bounds = {
            name: float(value)
            for name, url in BOUNDS.items()
            for each in _extensions(element, url)
            if is_number(value := _value(each)) and isinstance(value, int | float)
        }
        if element.get("repeats") is True:
            self.notebook.note(place, "takes several answers; an item has one.")
        heading, self.above = tuple(self.above), []
        return Question(
            place,
            link_id,
            kind,
            self._loinc(element),
            self.text(element, "text"),
            heading,
            ends.get("lower", {}),
            ends.get("upper", {}),
            tuple(self._options(element, place)),
            bounds,
        )

    def _loinc(self, element: Json) -> frozenset[str]:
        """LOINC codes of a question, also where one is the last part of its linkId, as LOINC's own forms have it."""
        stated = {
            _string(each, "code") for each in _objects(element.get("code")) if each.get("system") == LOINC
        }
        return frozenset(stated | {_string(element, "linkId").rsplit("/", 1)[-1]})

    def _options(self, element: Json, place: str) -> Iterator[Option]:
        for option in _objects(element.get("answerOption")):
            coding, number = option.get("valueCoding"), option.get("valueInteger")
            if isinstance(coding, dict):
                value = self._number(place, option, coding, code=_string(coding, "code"))
                yield Option(value, self.text(coding, "display"))
            elif isinstance(number, int) and not isinstance(number, bool):
                yield Option(float(number), {ANY: str(number)})
            elif isinstance(option.get("valueString"), str):
                yield Option(self._number(place, option), self.text(option, "valueString"))
            else:
                self.notebook.note(place, "has an answer that is no coding, whole number or text.")
        if not element.get("answerOption") and (value_set := _string(element, "answerValueSet")):
            yield from self._value_set(value_set, place)

    def _value_set(self, address: str, place: str) -> Iterator[Option]:
        """The answers of a value set that the file itself contains."""
        contained = _objects(self.data.get("contained"))
        found = [each for each in contained if address == f"#{each.get('id')}" and each.get("id")]
        if not found:
            self.notebook.note(
                place, f"its answers stand elsewhere ({address}). Write them as `answerOption`."
            )
        for value_set in found[:1]:
            expansion, compose = value_set.get("expansion"), value_set.get("compose")
            parts = _objects(compose.get("include")) if isinstance(compose, dict) else []
            concepts = [concept for part in parts for concept in _objects(part.get("concept"))]
            if isinstance(expansion, dict):
                concepts = _objects(expansion.get("contains"))
            for concept in concepts:
                label = dict(self.text(concept, "display"))
                for each in _objects(concept.get("designation")):
                    if (language := _string(each, "language")) and (text := _string(each, "value")):
                        label[language] = text
                        self.languages.add(language)
                yield Option(self._number(place, concept, code=_string(concept, "code")), label)

    def _number(self, place: str, *elements: Json, code: str = "") -> float | None:
        stated = [_value(each) for element in elements for each in _extensions(element, *ORDINALS)]
        numbers = {float(value) for value in stated if is_number(value) and isinstance(value, int | float)}
        if len(numbers) > 1:
            told = " and ".join(f"{number:g}" for number in sorted(numbers))
            self.notebook.note(place, f"one of its answers has two numbers, {told}.")
        if numbers:
            return min(numbers)
        return float(code) if NUMBER.fullmatch(code) else None


def _all_codes(instrument: Instrument) -> list[Mapping[str, str]]:
    """Codes of the form and its scores: a question with one of them is filled in by a computer."""
    return [instrument.codes, *(scale.codes for scale in instrument.scales)]


def _matched(
    questions: Sequence[Question], instrument: Instrument, by_order: bool, notebook: Notebook
) -> dict[str, Question]:
    """The questions by the key of their item, in the order of the file."""
    if by_order and len(questions) != len(instrument.items):
        counts = f"{len(questions)} questions and {instrument.id} has {len(instrument.items)} items"
        notebook.note("", f"the file has {counts}, so the order does not tell which is which.")
    found: dict[str, Question] = {}
    unknown = False
    for at, question in enumerate(questions):
        keys = _keys(question, instrument)
        if by_order and not keys and at < len(instrument.items):
            keys = [instrument.items[at].key]
        elif by_order and at < len(instrument.items) and instrument.items[at].key not in keys:
            notebook.note(
                question.place, f"is {keys[0]} by its code, but stands where {instrument.items[at].key} is."
            )
        if len(keys) > 1:
            notebook.note(question.place, f"its linkId and its code say different items: {', '.join(keys)}.")
        elif not keys:
            unknown = True
            notebook.note(
                question.place, f"is no item of {instrument.id}: neither its linkId nor its code says so."
            )
        elif keys[0] in found:
            notebook.note(question.place, f"is {keys[0]}, as is {found[keys[0]].place}.")
        else:
            found[keys[0]] = question
            _check(question, instrument.item(keys[0]), notebook)
    if unknown and not found and len(questions) == len(instrument.items):
        notebook.note("", "if its questions stand in the order of the items, say so with --by-order.")
    return found


def _keys(question: Question, instrument: Instrument) -> list[str]:
    """The items that a question says it is."""
    return [
        item.key
        for item in instrument.items
        if question.link_id.lower() == item.key.lower() or item.codes.get("loinc") in question.loinc
    ]


def _check(question: Question, item: Item, notebook: Notebook) -> None:
    """Notes where the question asks for other answers than the item has."""
    place = f"{question.place} (item {item.key})"
    if question.kind not in TYPES[item.format]:
        wanted = " or ".join(TYPES[item.format])
        notebook.note(
            place, f"its type is {question.kind or 'not given'}; for a {item.format} item it is {wanted}."
        )
    if item.options and (question.options or item.format is Format.LIKERT):
        _check_options(question, item, place, notebook)
    for name, end in (("lowest", item.low), ("highest", item.high)):
        bound = question.bounds.get(name, end)
        if bound != end and end is not None and bound is not None:
            notebook.note(place, f"its {name} answer is {bound:g}, but the item's is {end:g}.")


def _check_options(question: Question, item: Item, place: str, notebook: Notebook) -> None:
    for option in question.options:
        if option.value is None:
            label = _in(option.label, FILE) or "without a label"
            notebook.note(place, f"the answer “{label}” has no number: give it the extension ordinalValue.")
    values = [option.value for option in question.options if option.value is not None]
    if len(values) == len(question.options) and sorted(values) != sorted(item.options):
        there = ", ".join(f"{value:g}" for value in values) or "none"
        wanted = ", ".join(f"{value:g}" for value in item.options)
        notebook.note(place, f"the numbers of its answers are {there}, but the item's are {wanted}.")
