"""Courses of help are about days and weeks: here it is always noon of the same day."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def the_day(noon: None) -> None:
    """Tests of other hours travel on from here."""
