"""Files are taken where a view says so, from those who may use it, and nowhere else.

Django reads a sent form before the view is asked, so a page without any file field would take files too.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

View = TypeVar("View", bound=Callable[..., Any])
#: A file somewhat too large is read and dropped, so that the form can say so. More is not even read.
MOST_READ = 10


def takes_file(*, most_bytes: int) -> Callable[[View], View]:
    """Declare that a view takes one file of at most `most_bytes`; outermost, above what it needs."""

    def declare(view: View) -> View:
        view.takes_file = most_bytes  # type: ignore[attr-defined]
        return view

    return declare


def _most_bytes(request: HttpRequest | None) -> int:
    """0 where this request may bring no file."""
    match = getattr(request, "resolver_match", None)
    viewer = getattr(request, "viewer", None)
    if match is None or not viewer or getattr(match.func, "declares", None) not in viewer.permissions:
        return 0
    return getattr(match.func, "takes_file", 0)


class OneFileWhereItIsTaken(FileUploadHandler):
    """Keeps a file in memory: what is taken is small, and nothing that was sent is left on a disk."""

    def handle_raw_input(
        self,
        input_data: Any,  # noqa: ARG002
        META: Any,  # noqa: ARG002
        content_length: int,
        boundary: Any,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> None:
        """
        Raises:
            RequestDataTooBig: far more than is taken.
        """
        self.most_bytes = _most_bytes(self.request)
        if self.most_bytes and content_length > MOST_READ * self.most_bytes:
            raise RequestDataTooBig

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """
        Raises:
            TooManyFilesSent: none is taken here.
        """
        super().new_file(*args, **kwargs)
        if not self.most_bytes:
            raise TooManyFilesSent
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= self.most_bytes:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
