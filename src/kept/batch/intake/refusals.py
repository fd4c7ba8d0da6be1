"""The one exception by which a file as a whole is refused."""

from __future__ import annotations

from kept.core.intake import FileCode, sentence

__all__ = ["FileRefused"]


class FileRefused(Exception):
    """The file is not taken: `code` says why, `detail` fills the sentence of the code."""

    def __init__(self, code: FileCode, **detail: str | int) -> None:
        self.code = code
        self.detail = detail
        super().__init__(sentence(code, detail))
