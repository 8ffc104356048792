"""docs/instruments.md says what is so."""

import re
from pathlib import Path

from medvirk.instruments.loader import catalogue, load_file

PAGE = Path(__file__).resolve().parents[3] / "docs" / "instruments.md"


def test_every_instrument_is_described():
    text = PAGE.read_text(encoding="utf-8")

    assert [key for key, _ in catalogue() if f"`{key}`" not in text] == []


def test_the_example_is_a_valid_definition(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "sample@1.toml"
    path.write_text(example, encoding="utf-8")

    assert load_file(path).id == "sample@1"
