"""Codes that stand on papers: 74 random bits and a check letter, in groups of four.

Thirty-one letters, so that the check letter (a weighted sum modulo the prime 31) finds every wrong
letter and every two that changed places. Letters that look like another are none of them, and are
read as the one they look like. Only the hash is stored: who reads the table cannot make a paper
that proves itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

__all__ = ["CODE_LETTERS", "RANDOM_LETTERS", "code_hash", "code_of", "grouped", "read_code"]

CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXY"
#: How many letters are random; one more checks them.
RANDOM_LETTERS: Final = 15
_LOOKS_LIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})
_GROUP: Final = 4


def code_of(letters: str) -> str:
    """The code of so many random letters of `CODE_LETTERS`."""
    if len(letters) != RANDOM_LETTERS or not set(letters) <= set(CODE_LETTERS):
        raise ValueError(f"a code is made of {RANDOM_LETTERS} letters of {CODE_LETTERS}")
    return letters + _check(letters)


def _check(letters: Sequence[str]) -> str:
    total = sum(place * CODE_LETTERS.index(each) for place, each in enumerate(letters, 1))
    return CODE_LETTERS[total % len(CODE_LETTERS)]


def grouped(code: str) -> str:
    """As it is printed: `K7QD-9M3X-4T0P-12AB`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def read_code(typed: str) -> str | None:
    """The code that somebody typed or scanned; None where it can be none."""
    signs = (sign for sign in typed.upper() if sign not in "- \t\n.·")
    code = "".join(signs).translate(_LOOKS_LIKE)
    if len(code) != RANDOM_LETTERS + 1 or not set(code) <= set(CODE_LETTERS):
        return None
    return code if code[-1] == _check(code[:-1]) else None


def code_hash(code: str) -> bytes:
    """What is stored of a code; 74 random bits need no key against guessing."""
    return hashlib.sha256(b"kept document code 1\n" + code.encode()).digest()
