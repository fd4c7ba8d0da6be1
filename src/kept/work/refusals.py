"""What a use case says when it does not do what was asked: the one exception of this floor.

Nothing was changed when it is raised. Broken invariants are not refusals; they raise as they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

__all__ = ["NotAllowed", "NotThere", "Refusal", "refuse", "refuse_invalid"]


class Refusal(Exception):
    """Asked and not done. The message says what to do; `fields` says it for each input."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class NotAllowed(Refusal):
    """The actor's roles do not hold the permission."""


class NotThere(Refusal):
    """The row does not exist, or the actor may not see it: nobody learns which."""


def refuse(errors: Mapping[str, str]) -> None:
    """Raise one refusal of all the errors, by input; does nothing when there is none."""
    if errors:
        raise Refusal("; ".join(f"{name}: {text}" for name, text in errors.items()), errors)


def refuse_invalid(row: Model) -> None:
    """Refuse a row that its model or a constraint of the database would not take."""
    try:
        row.full_clean()
    except ValidationError as error:
        refuse({_input(name): " ".join(texts) for name, texts in error.message_dict.items()})


def _input(name: str) -> str:
    return "" if name == NON_FIELD_ERRORS else name
