"""Which version is in force, and what may be put into the library."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from io import BytesIO
from typing import Protocol, TypeVar

from django.utils.translation import gettext as _

from medvirk.people.logic import RefusedError
from medvirk.ui.languages import NAMES

MOST_BYTES = 10_000_000
MOST_SIGNS = 100_000
LONGEST_TITLE = 200
LONGEST_NOTE = 500


class Dated(Protocol):
    """What of a version decides whether it is in force."""

    language: str
    number: int
    valid_from: date


Version = TypeVar("Version", bound=Dated)


def in_force(versions: Iterable[Version], today: date) -> dict[str, Version]:
    """By language, the version that holds today: the one that came into force last.

    By day before number: a correction published after a planned version must not keep that one away.
    """
    held: dict[str, Version] = {}
    for each in versions:
        other = held.get(each.language)
        if each.valid_from <= today and (
            other is None or (each.valid_from, each.number) > (other.valid_from, other.number)
        ):
            held[each.language] = each
    return held


class FileKind(Enum):
    """What can be taken out of the library: (ending, media type, name)."""

    PDF = ("pdf", "application/pdf", "PDF")
    DOCX = ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word")
    XLSX = ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel")
    PPTX = ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint")
    ODT = ("odt", "application/vnd.oasis.opendocument.text", "OpenDocument")
    ODS = ("ods", "application/vnd.oasis.opendocument.spreadsheet", "OpenDocument")
    ODP = ("odp", "application/vnd.oasis.opendocument.presentation", "OpenDocument")
    PNG = ("png", "image/png", "PNG")
    JPEG = ("jpg", "image/jpeg", "JPEG")

    @property
    def ending(self) -> str:
        return self.value[0]

    @property
    def media_type(self) -> str:
        return self.value[1]

    @property
    def label(self) -> str:
        return self.value[2]


BY_ENDING: Mapping[str, FileKind] = {kind.ending: kind for kind in FileKind}
_BEGINNINGS = {b"%PDF-": FileKind.PDF, b"\x89PNG\r\n\x1a\n": FileKind.PNG, b"\xff\xd8\xff": FileKind.JPEG}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS = {
    "word/document.xml": FileKind.DOCX, "xl/workbook.xml": FileKind.XLSX, "ppt/presentation.xml": FileKind.PPTX,
}  # fmt: skip
_OPEN_DOCUMENT = {kind.media_type: kind for kind in (FileKind.ODT, FileKind.ODS, FileKind.ODP)}


def kind_of_file(content: bytes) -> FileKind | str:
    """What a file is by its content, whatever it is called; or a sentence that says why it is not taken."""
    for beginning, kind in _BEGINNINGS.items():
        if content.startswith(beginning):
            return kind
    if content.startswith(_OLD_OFFICE):
        return _(
            "This is an older Office file. Save it as PDF, or as .docx, .xlsx or .pptx, and choose that."
        )
    found = _office_kind(content) if content.startswith(b"PK") else None
    return found or _("This kind of file is not taken. Save it as PDF, Word, Excel, PowerPoint, PNG or JPEG.")


def _office_kind(content: bytes) -> FileKind | str | None:
    """From the names of the parts; nothing is unpacked but the few bytes that say what an OpenDocument is."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            names = set(packed.namelist())
            stated = ""
            if "mimetype" in names:
                with packed.open("mimetype") as first:
                    stated = first.read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return _("The file is damaged. Save it once more and choose it again.")
    if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
        return _("The file holds macros, which can do harm. Save it without them, or as PDF.")
    if stated:
        return _OPEN_DOCUMENT.get(stated)
    return next((kind for part, kind in _PARTS.items() if part in names), None)


@dataclass(frozen=True)
class NewVersion:
    """What somebody writes, in one language: a page (`body`, Markdown) or a file (`content`). `size`: of the file as
    it was sent; more than `MOST_BYTES` are not kept."""

    language: str
    title: str
    valid_from: date
    body: str = ""
    content: bytes | None = None
    size: int = 0
    note: str = ""


def checked(new: NewVersion, *, before: Dated | None) -> tuple[NewVersion, FileKind | None]:
    """The version, trimmed, and what its file is. `before`: what holds now in the same language.

    Raises:
        RefusedError: with every fault.
    """
    body = "\n".join(new.body.splitlines()).strip()
    cleaned = replace(new, title=" ".join(new.title.split()), body=body, note=new.note.strip())
    faults = []
    if not 0 < len(cleaned.title) <= LONGEST_TITLE:
        faults.append(_("The title has between 1 and %(most)d signs.") % {"most": LONGEST_TITLE})
    if cleaned.language not in NAMES:
        faults.append(_("Choose one of the languages in the list."))
    if len(cleaned.note) > LONGEST_NOTE:
        faults.append(_("Say in at most %(most)d signs what is changed.") % {"most": LONGEST_NOTE})
    if before is not None and not cleaned.note:
        faults.append(_("Say what is changed: whoever used the version before looks for it."))
    if before is not None and cleaned.valid_from < before.valid_from:
        faults.append(
            _("The version before holds from %(day)s. Choose that day or a later one.")
            % {"day": f"{before.valid_from:%d.%m.%Y}"}
        )
    kind = _checked_content(cleaned, faults)
    if faults:
        raise RefusedError(faults)
    return cleaned, kind


def _checked_content(new: NewVersion, faults: list[str]) -> FileKind | None:
    if (new.content is None) == (not new.body):
        faults.append(_("Write the text, or choose a file: one of the two."))
    if len(new.body) > MOST_SIGNS:
        faults.append(_("The text has more than %(most)d signs. Divide it.") % {"most": MOST_SIGNS})
    if new.content is None:
        return None
    if new.size > MOST_BYTES:
        faults.append(
            _(
                "The file has %(has)d MB, and at most %(most)d MB are taken. Make it smaller, for example as PDF."
            )
            % {"has": math.ceil(new.size / 1_000_000), "most": MOST_BYTES // 1_000_000}
        )
        return None
    kind = kind_of_file(new.content)
    if isinstance(kind, str):
        faults.append(kind)
        return None
    return kind


def words_of(text: str) -> list[str]:
    """What somebody looks for, as it is compared."""
    return text.replace("\0", "").casefold().split()


def tags_of(text: str) -> str:
    """Tags as they are kept: small letters, each once, parted by commas."""
    return ", ".join(dict.fromkeys(each for tag in text.split(",") if (each := " ".join(words_of(tag)))))
