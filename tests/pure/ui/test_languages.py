"""Which language somebody is shown when theirs is not there, and how languages are named."""

from __future__ import annotations

import pytest
from django.conf import settings

from medvirk.ui.languages import NAMES, RIGHT_TO_LEFT, choose_language, direction_of, name_of


@pytest.mark.parametrize(
    ("wanted", "available", "expected"),
    [
        ("nn", ("nb", "nn", "en"), "nn"),
        ("nn", ("en", "nb"), "nb"),
        ("nb", ("en", "nn"), "nn"),
        ("nn", ("se", "en"), "en"),
        ("en", ("nb", "nn"), "nb"),
        ("pl", ("nn", "en"), "en"),
        ("pl", ("se",), "se"),
        ("nb", (), None),
    ],
)
def test_the_nearest_language_is_chosen(wanted, available, expected):
    assert choose_language(wanted, available) == expected


def test_every_language_of_the_interface_has_a_name_and_a_direction():
    assert {code for code, _ in settings.LANGUAGES} <= set(NAMES)
    assert set(NAMES) >= RIGHT_TO_LEFT
    assert (direction_of("ar"), direction_of("nb")) == ("rtl", "ltr")


def test_a_language_without_a_name_is_called_by_its_code():
    assert name_of("se") == "Davvisámegiella"
    assert name_of("tlh") == "tlh"
