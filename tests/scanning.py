"""Reads QR codes as a telephone does: from what is shown on a screen, and from what is printed."""

from __future__ import annotations

import io

import pypdfium2
import zxingcpp
from PIL import Image
from playwright.sync_api import Locator

#: Pixels a point of paper: 150 a inch, as a telephone held at arm's length sees it.
SHARPNESS = 150 / 72


def scanned(shown: Locator) -> str:
    """What the one QR code there says."""
    return _only(Image.open(io.BytesIO(shown.screenshot())))


def scanned_print(pdf: bytes, page: int = 0) -> str:
    """What the one QR code on that page says."""
    with pypdfium2.PdfDocument(pdf) as document:
        return _only(document[page].render(scale=SHARPNESS).to_pil())


def _only(picture: Image.Image) -> str:
    found = [each.text for each in zxingcpp.read_barcodes(picture)]
    assert len(found) == 1, found
    return found[0]
