"""Data about payments that ships with kept: the payment policy, and why money goes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import yaml

from kept.core.payments.policies import PaymentPolicy, read_policy

__all__ = ["CLASSES", "ReturnCode", "load_payment_policy", "load_return_codes"]

#: What is done about a return goes by its class, not by its code.
CLASSES: Final = frozenset(
    {
        "funds",
        "account",
        "mandate",
        "deceased",
        "disputed",
        "stopped",
        "technical",
        "duplicate",
        "regulatory",
    }
)


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """One code of a scheme: what it means, of which class, and whether another try may do."""

    code: str
    scheme: str
    meaning: str
    class_: str
    may_try_again: bool


@cache
def load_payment_policy() -> PaymentPolicy:
    return read_policy(yaml.safe_load(_text("payments.yaml")))


@cache
def load_return_codes() -> Mapping[str, ReturnCode]:
    """By code; raises ValueError where two schemes use one code or a class is not known."""
    found: dict[str, ReturnCode] = {}
    for scheme in yaml.safe_load(_text("returns.yaml"))["schemes"]:
        for code, row in scheme["codes"].items():
            if code in found or row["class"] not in CLASSES:
                raise ValueError(f"returns.yaml: {code} stands twice or has no known class")
            found[code] = ReturnCode(
                code, scheme["id"], row["meaning"], row["class"], bool(row["again"])
            )
    return found


def _text(name: str) -> str:
    return files("kept.packs").joinpath("money", name).read_text(encoding="utf-8")
