"""Documents, as `tests/factories_library.py` makes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.utils import translation

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield
