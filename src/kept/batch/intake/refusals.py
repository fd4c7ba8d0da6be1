"""The one exception by which a file as a whole is refused."""

from __future__ import annotations

from kept.core.intake import FileCode, FileReason, MapFault, sentence

__all__ = ["FileRefused"]


class FileRefused(Exception):
    """The file is not taken: `code` says why, `detail` fills the sentence of the code.

    A reason in `detail` that is a text of ours is filled from it too; `reason_text` keeps its
    source, by which faces translate it.
    """

    def __init__(self, code: FileCode, **detail: str | int) -> None:
        reason = detail.get("reason")
        if isinstance(reason, (FileReason, MapFault)):
            detail |= {"reason": reason.format_map(detail), "reason_text": str(reason)}
        self.code = code
        self.detail = detail
        super().__init__(sentence(code, detail))
