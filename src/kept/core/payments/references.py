"""What the free text of a transfer may name: tokens that could be a reference or an account number.

Pure and small: whether a token is one of the book's is asked set-based, in the database.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

__all__ = ["TOKENS_MOST", "TOKEN_LEAST", "reference_key", "tokens_of"]

#: Shorter runs are words, dates and amounts.
TOKEN_LEAST: Final = 5
TOKENS_MOST: Final = 24
_RUN: Final = re.compile(r"[0-9A-Z](?:[0-9A-Z_/.-]*[0-9A-Z])?", re.ASCII)
_GROUPS: Final = re.compile(r"(?:[0-9]{3,}[ -])+[0-9]{2,}", re.ASCII)
_JOINTS: Final = re.compile(r"[\s_/.-]+")


def reference_key(text: str) -> str:
    """A reference as it is compared: no spaces or joints, upper case, full-width made plain."""
    return _JOINTS.sub("", unicodedata.normalize("NFKC", text).upper())


def tokens_of(text: str) -> tuple[str, ...]:
    """Distinct tokens in the order of the text, each with at least one digit.

    Each as it stands and as references are compared. A number written in groups ("6222 0212 3456")
    counts whole as well.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    found = [*_RUN.findall(plain), *_GROUPS.findall(plain)]
    keys = dict.fromkeys(key for each in found for key in (each, reference_key(each)))
    good = [key for key in keys if len(key) >= TOKEN_LEAST and any(c.isdigit() for c in key)]
    return tuple(good[:TOKENS_MOST])
