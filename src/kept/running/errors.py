"""What this room raises when it refuses. Each message says what to do.

A message is kept as its English source text with the values of its places, so that a face can say
it in another language; this room translates nothing itself.
"""

from __future__ import annotations

from kept.core.said import Said

__all__ = [
    "DatabaseUnavailable",
    "KeyFileError",
    "ProcessError",
    "RunningError",
    "Said",
    "SettingError",
    "WrongValue",
]


class WrongValue(ValueError):
    """A value of a setting cannot be used; the text says what to set."""

    def __init__(self, source: str, **values: object) -> None:
        self.said = Said(source, **values)
        super().__init__(str(self.said))


class RunningError(Exception):
    """kept cannot start or go on; the message says what to do about it."""

    def __init__(self, source: str | Said, **values: object) -> None:
        self.said = source if isinstance(source, Said) else Said(source, **values)
        super().__init__(str(self.said))


class SettingError(RunningError):
    """An environment variable holds a value that kept cannot use."""


class KeyFileError(RunningError):
    """A file of `var/keys` is unreadable, open to others, or not a key."""


class DatabaseUnavailable(RunningError):
    """The database is absent, full, somebody else's, or does not start."""


class ProcessError(RunningError):
    """A process of kept cannot be started or ended by itself."""
