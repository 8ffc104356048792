"""Dates as each language writes them, with the names of formats that pages use."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils.formats import date_format
from django.utils.translation import override


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nb", ("3. mars 2026", "3. mars 2026 14:05", "3. mars")),
        ("nn", ("3. mars 2026", "3. mars 2026 14:05", "3. mars")),
        ("en", ("3 March 2026", "3 March 2026 14:05", "3 March")),
    ],
)
def test_a_day_is_written_as_the_language_does(language, expected):
    at = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
    with override(language):
        assert (
            tuple(date_format(at, f"{name}_FORMAT") for name in ("DATE", "DATETIME", "MONTH_DAY")) == expected
        )
