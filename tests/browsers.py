"""What browser tests share: sizes of screens, the keyboard, and the way to a line of the answering page."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

AXE = (Path(__file__).resolve().parents[1] / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 640}
SLIDER = "[data-line='life-now.q{}'] input[type=range]"


def tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until this element has the focus; fails if it is never reached."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by the Tab key")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
