"""Files that are sent: only by who is signed in or has a key, and only up to the set size.

The gate stands before the file is read from the network. It counts what arrives too, since the
announced length may be missing or wrong.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from kept.core.actors import Actor

__all__ = ["UploadGate"]

MEGABYTE = 1_000_000


class UploadGate(FileUploadHandler):
    """The first of the upload handlers: lets pass or refuses, and stores nothing."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        self._left = 0
        if not _is_known(self.request):
            return
        self._left = settings.KEPT.upload_megabytes * MEGABYTE
        if content_length > self._left:
            raise RequestDataTooBig("the announced length is over KEPT_UPLOAD_MEGABYTES")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if not _is_known(self.request):
            raise StopUpload(connection_reset=True)
        self._left -= len(raw_data)
        if self._left < 0:
            raise RequestDataTooBig("more arrived than KEPT_UPLOAD_MEGABYTES")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Another handler holds the file."""


def _is_known(request: Any) -> bool:
    """By session, or by a key, which the interface looks at before it reads what was sent."""
    return request.user.is_authenticated or isinstance(getattr(request, "auth", None), Actor)
