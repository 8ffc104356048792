"""Courses of help, as `tests/factories_feedback.py` makes them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from factories_feedback import care  # noqa: F401
