"""Data keys on paper: groups of letters that a person can type back, each line with its own check.

    kept data key 1, fingerprint 3f0c9d21a7be
    line 1   K7QM2 9ZT4A X0WBC 8R
    ...

Letters are those of base 32 without the ones people confuse (I, L, O, U). A line holds eight bytes
and two check letters, so a mistake is found in the line it was made in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from kept.core.key_faults import KeyFault
from kept.core.key_rings import KEY_BYTES, DataKey, KeyRing

__all__ = ["read_paper", "write_paper"]

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
_LINE_BYTES = 8
_LINE_LETTERS = 13  # 64 bits in groups of five
_CHECK_LETTERS = 2
_HEADING = re.compile(r"kept data key ([0-9]{1,3}), fingerprint ([0-9a-f]{12})")
_LINE = re.compile(r"line ([1-4])\s+([0-9A-Za-z ]+)")


def write_paper(ring: KeyRing) -> str:
    """Every key of the ring, for the safe."""
    return "\n".join(line for key in ring for line in (*_paper_of(key), "")) + "\n"


def _paper_of(key: DataKey) -> Iterator[str]:
    yield f"kept data key {key.number}, fingerprint {key.fingerprint}"
    for line in range(KEY_BYTES // _LINE_BYTES):
        piece = key.secret[line * _LINE_BYTES : (line + 1) * _LINE_BYTES]
        letters = _letters(int.from_bytes(piece, "big"), _LINE_LETTERS) + _check(line, piece)
        groups = " ".join(letters[at : at + 5] for at in range(0, len(letters), 5))
        yield f"line {line + 1}   {groups}"


def read_paper(text: str) -> KeyRing:
    """The keys written on paper, the first one sealing; ValueError names the line that is wrong."""
    parts = re.split(r"(?=kept data key )", text)
    keys = [_read_key(part) for part in parts if part.startswith("kept data key ")]
    if not keys:
        raise KeyFault("it has no line such as `kept data key 1, fingerprint …`")
    return KeyRing(tuple(keys), keys[0].number)


def _read_key(text: str) -> DataKey:
    heading = _HEADING.match(text)
    if heading is None:
        raise KeyFault("a heading is not `kept data key NUMBER, fingerprint TWELVE DIGITS`")
    lines = {int(number): letters for number, letters in _LINE.findall(text)}
    secret = b"".join(_read_line(line, lines.get(line + 1, "")) for line in range(4))
    key = DataKey(int(heading[1]), secret)
    if key.fingerprint != heading[2]:
        raise KeyFault(
            "the lines of key {number} are right and its fingerprint is not", number=key.number
        )
    return key


def _read_line(line: int, typed: str) -> bytes:
    letters = typed.replace(" ", "").upper().translate(_READ_AS)
    wrong = KeyFault("line {line} is mistyped: compare it with the paper", line=line + 1)
    if len(letters) != _LINE_LETTERS + _CHECK_LETTERS or any(c not in _LETTERS for c in letters):
        raise wrong
    number = 0
    for letter in letters[:_LINE_LETTERS]:
        number = number * 32 + _LETTERS.index(letter)
    if number >= 1 << (8 * _LINE_BYTES):
        raise wrong
    piece = number.to_bytes(_LINE_BYTES, "big")
    if _check(line, piece) != letters[_LINE_LETTERS:]:
        raise wrong
    return piece


def _check(line: int, piece: bytes) -> str:
    digest = hashlib.sha256(bytes([line]) + piece).digest()
    return _letters(int.from_bytes(digest[:2], "big") & 1023, _CHECK_LETTERS)


def _letters(number: int, count: int) -> str:
    found = ""
    for _ in range(count):
        number, digit = divmod(number, 32)
        found = _LETTERS[digit] + found
    return found
