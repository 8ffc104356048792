"""Courses of help, as `tests/factories_feedback.py` makes them, and an OpenID provider (`tests/oidc.py`)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from factories_feedback import care  # noqa: F401
from oidc import provider, running_provider, set_up  # noqa: F401
