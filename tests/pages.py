"""What a rendered page holds, as a browser would find it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page:
    """Elements in order: (tag, attributes). `inline`: what the Content-Security-Policy would stop."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    text: str = ""
    inline: list[str] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        return [
            has
            for name, has in self.elements
            if name == tag and all(has.get(key.rstrip("_")) == value for key, value in attributes.items())
        ]

    def links(self) -> list[str]:
        """Style sheets, scripts and pictures that the page loads."""
        sheets = [has["href"] for has in self.all("link") if has["rel"] in {"stylesheet", "icon"}]
        sources = [has["src"] for tag in ("script", "img") for has in self.all(tag) if "src" in has]
        return list(dict.fromkeys([*sheets, *sources]))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.page.elements.append((tag, has))
        if tag == "style" or (tag == "script" and "src" not in has):
            self.page.inline.append(f"<{tag}>")
        self.page.inline += [f"<{tag} {name}=…>" for name in has if name == "style" or name.startswith("on")]
        self.page.inline += [
            f"<{tag} {name}={value!r}>"
            for name, value in has.items()
            if value.strip().lower().startswith("javascript:")
        ]

    def handle_data(self, data: str) -> None:
        self.page.text += data


def parse(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.page.text = " ".join(reader.page.text.split())
    return reader.page


def read(response) -> Page:
    """The page in a response of the Django test client."""
    return parse(response.content.decode())
