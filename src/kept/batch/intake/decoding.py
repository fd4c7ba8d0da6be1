"""From a text file's bytes to blocks of UTF-8, in bounded memory.

The encoding is decided over the whole file before the first row is read: a file that is ASCII for a
gigabyte and GB18030 after it must not be half applied. Nothing is replaced or skipped; what cannot
be decoded refuses the file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from kept.batch.intake.raw import RawFile
from kept.batch.intake.refusals import FileRefused
from kept.core.intake import Encoding, FileCode

__all__ = ["TextFile", "inspect_text", "last_lines", "utf8_blocks"]

BLOCK_BYTES = 1 << 22

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODECS = {
    Encoding.UTF_8: "utf-8",
    Encoding.GB18030: "gb18030",
    Encoding.UTF_16_LE: "utf-16-le",
    Encoding.UTF_16_BE: "utf-16-be",
    Encoding.LATIN_1: "latin-1",
    Encoding.WINDOWS_1252: "cp1252",
}
# Chinese text in GB18030 is nearly all two bytes above 0xA0 (GB 2312); Western text read as
# GB18030 pairs an accented letter with the ASCII letter after it.
_COMMON_PER_CENT = 90
_CHARACTERS_LOOKED_AT = 50_000
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file whose every byte was decoded once."""

    raw: RawFile
    codec: str
    mark_bytes: int
    ends_with_line_end: bool
    # Files of old machines end their lines with a carriage return alone.
    carriage_returns_only: bool


def inspect_text(raw: RawFile, wanted: Encoding) -> TextFile:
    """Decide the encoding and decode the whole file once; refuses what does not decode."""
    codec, mark = _codec_of(raw, wanted)
    if wanted is not Encoding.AUTO or mark:
        return _inspected(raw, codec, mark)
    try:
        return _inspected(raw, codec, mark)
    except FileRefused as refusal:
        if refusal.code is FileCode.UNDECODABLE and _looks_chinese(raw):
            return _inspected(raw, "gb18030", 0)
        raise


def _inspected(raw: RawFile, codec: str, mark: int) -> TextFile:
    last, feeds, returns = "", False, False
    for text in _texts(raw, codec, mark):
        feeds = feeds or "\n" in text
        returns = returns or "\r" in text
        last = text[-1:] or last
    if not last:
        raise FileRefused(FileCode.EMPTY_FILE)
    return TextFile(raw, codec, mark, last in "\r\n", returns and not feeds)


def utf8_blocks(file: TextFile, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The file's text as UTF-8, without its byte order mark, line ends as they are."""
    if file.codec == "utf-8" and not file.carriage_returns_only:
        yield from file.raw.blocks(file.mark_bytes, block_bytes)
        return
    for text in _texts(file.raw, file.codec, file.mark_bytes, block_bytes):
        if file.carriage_returns_only:
            text = text.replace("\r", "\n")
        yield text.encode()


def last_lines(file: TextFile, most_bytes: int = 1 << 16) -> list[str]:
    """The lines that end the file, as far as `most_bytes` reach; the first may be a piece."""
    width = 2 if file.codec.startswith("utf-16") else 1
    start = max(file.mark_bytes, file.raw.size - most_bytes)
    data = file.raw.piece(start - (start - file.mark_bytes) % width, most_bytes + width)
    return data.decode(file.codec, errors="replace").splitlines()


def _texts(raw: RawFile, codec: str, skip: int, block_bytes: int = BLOCK_BYTES) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)()
    done, lines = skip, 1
    for block in raw.blocks(skip, block_bytes):
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block)
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].count(b"\n")
            byte = done - pending + error.start
            raise _undecodable(codec, byte, line) from error
        done += len(block)
        lines += text.count("\n")
        yield text
    if decoder.getstate()[0]:
        # Whole until its last bytes, which begin a character that is not there.
        raise FileRefused(FileCode.CUT_FILE, line=lines)


def _undecodable(codec: str, byte: int, line: int) -> FileRefused:
    return FileRefused(FileCode.UNDECODABLE, encoding=codec, byte=byte, line=line)


def _codec_of(raw: RawFile, wanted: Encoding) -> tuple[str, int]:
    """Python's codec and the length of the byte order mark."""
    start = raw.piece(0, 4096)
    for mark, codec in _MARKS:
        if start.startswith(mark) and _allows(wanted, codec):
            return codec, len(mark)
    if wanted is Encoding.UTF_16:
        raise FileRefused(FileCode.UNDECODABLE, encoding="utf-16 with its mark", byte=0, line=1)
    if wanted is not Encoding.AUTO:
        return _CODECS[wanted], 0
    if b"\0" in start:
        raise FileRefused(FileCode.ENCODING_UNCLEAR)
    return "utf-8", 0


def _allows(wanted: Encoding, codec: str) -> bool:
    if wanted is Encoding.UTF_16:
        return codec.startswith("utf-16")
    return wanted is Encoding.AUTO or _CODECS[wanted] == codec


def _looks_chinese(raw: RawFile) -> bool:
    """Whether the first non-ASCII characters of the file, read as GB18030, are common ones."""
    try:
        for text in _texts(raw, "gb18030", 0):
            if found := "".join(_BEYOND_ASCII.findall(text))[:_CHARACTERS_LOOKED_AT]:
                encoded = [character.encode("gb18030") for character in found]
                common = sum(len(each) == 2 and min(each) > 0xA0 for each in encoded)
                return common * 100 >= len(encoded) * _COMMON_PER_CENT
    except FileRefused:
        pass
    return False
