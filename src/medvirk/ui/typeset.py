"""Files that people read on paper, as PDF/UA."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def typeset(source: Path, data: Mapping[str, Any], *, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """PDF/UA-1 of a Typst source that reads the data as `data.json`, and each picture under its name.

    Typst refuses to make it if something in it is not accessible. It has the fonts that come with it alone: the same
    look on every machine.
    """
    import typst

    files = {"main.typ": source.read_bytes(), "data.json": json.dumps(data).encode()} | dict(pictures or {})
    pdf: bytes = typst.compile(
        files,  # type: ignore[call-overload] # its stub lacks this
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
    )
    return pdf
