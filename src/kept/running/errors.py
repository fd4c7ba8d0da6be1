"""What this room raises when it refuses. Each message says what to do."""

__all__ = ["DatabaseUnavailable", "KeyFileError", "ProcessError", "RunningError", "SettingError"]


class RunningError(Exception):
    """kept cannot start or go on; the message says what to do about it."""


class SettingError(RunningError):
    """An environment variable holds a value that kept cannot use."""


class KeyFileError(RunningError):
    """A file of `var/keys` is unreadable, open to others, or not a key."""


class DatabaseUnavailable(RunningError):
    """The database is absent, full, somebody else's, or does not start."""


class ProcessError(RunningError):
    """A process of kept cannot be started or ended by itself."""
