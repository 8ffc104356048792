"""A backup carries the files of the library, byte for byte: for real, in processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from installation import Installation, installations

# The installations are copies of the database of the tests, which is made for tests with this mark only.
pytestmark = pytest.mark.django_db

#: Every byte there is, so that a copy that takes text for bytes, or the other way round, shows.
CONTENT = "b'%PDF-1.7' + bytes(range(256)) * 400"
PUT_IN = f"""
from datetime import date
from django.utils import timezone
from medvirk.library.actions import add_document
from medvirk.library.logic import NewVersion
from medvirk.people.models import Unit
content = {CONTENT}
version = NewVersion("nb", "Plakat", date(2026, 1, 1), content=content, size=len(content))
add_document(by=None, kind="brochure", audience="everybody", unit=Unit.objects.first(), tags="", version=version,
             now=timezone.now())
"""
DOWNLOAD = f"""
from django.test import Client
from medvirk.library.models import Version
version = Version.objects.get()
response = Client().get(f"/library/{{version.document_id}}/versions/{{version.pk}}/file/")
print(b"".join(response.streaming_content) == {CONTENT})
"""


@pytest.fixture(scope="module")
def another(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker
) -> Iterator[Callable[[], Installation]]:
    folder = tmp_path_factory.mktemp("library")
    with django_db_blocker.unblock(), installations(folder, 1) as make_another:
        yield make_another


def test_files_come_back_byte_for_byte(another, tmp_path: Path):
    key, file = tmp_path / "backup.key", tmp_path / "medvirk.backup"
    identity = pyrage.x25519.Identity.generate()
    key.write_text(f"{identity}\n")
    place, fresh = another(), another()
    place.python(PUT_IN)
    place.medvirk("backup", file, "--recipient", str(identity.to_public()))
    place.medvirk("backup", "--verify", file, "--identity", key)

    fresh.medvirk("restore", file, "--identity", key, "--replace")

    assert fresh.python(DOWNLOAD).strip() == "True"
