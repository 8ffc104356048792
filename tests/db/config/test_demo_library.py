"""What stands in Fjordvik's library from the start."""

from __future__ import annotations

from django.utils import timezone

from medvirk.config.demo.library import FOLDER, LANGUAGES, SHIPPED, fill_library
from medvirk.library import queries
from medvirk.library.models import Version


def test_every_text_is_put_in_and_stands_in_all_languages(make):
    unit = make.unit("Mestringsenheten", kind="service")

    fill_library(unit=unit, now=timezone.now())

    assert Version.objects.count() == len(SHIPPED) * len(LANGUAGES) == len(list(FOLDER.iterdir()))
    assert {each.language for each in Version.objects.all()} == set(LANGUAGES)
    (public,) = queries.shelf(None, language="nn")
    assert public.version.title == "Kvifor vi spør"
    viewer = make.viewer(make.staff("practitioner", unit))
    assert [title for _, title in queries.choices(viewer)] == [
        "Hvorfor vi spør",
        "Når noen sier at livet er tungt å bære",
        "Å snakke om et signal",
    ]
