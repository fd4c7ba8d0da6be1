"""The key files of an installation, in `var/keys`: made once, read ever after, open to nobody else.

Two starts at the same moment agree on one key, and a start that is killed leaves either no file or
a whole one. No key is ever replaced by itself: a damaged file is an error, because a fresh data key
would make every encrypted value unreadable. `kept key rotate` adds keys to the file of data keys.
"""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from kept.core.key_rings import KEY_BYTES, KeyRing, read_key_ring
from kept.running.errors import KeyFileError, SettingError
from kept.running.paths import home_folder
from kept.running.settings import Settings
from kept.running.whole_files import create_whole, replace_whole

__all__ = [
    "KeySource",
    "data_key_file",
    "existing_ring",
    "key_folder",
    "key_ring",
    "new_password",
    "new_secret",
    "read_or_make",
    "replace_ring",
    "secret_key",
]


def key_folder(settings: Settings) -> Path:
    return home_folder(settings) / "keys"


def secret_key(settings: Settings) -> str:
    """The key that signs sessions and forms: the setting, or the file that is made once."""
    if settings.secret_key is not None:
        return settings.secret_key
    return read_or_make(key_folder(settings) / "secret_key", lambda: secrets.token_urlsafe(48))


def key_ring(settings: Settings) -> KeyRing:
    """The data keys that encrypt personal values at rest: the setting, or the file made once."""
    if settings.data_keys is not None:
        return settings.data_keys
    path = data_key_file(settings)
    return _ring_of(path, read_or_make(path, lambda: KeyRing.single(new_secret()).text))


def existing_ring(settings: Settings) -> KeyRing | None:
    """As `key_ring`, but nothing is made: None where this installation has no data key yet."""
    if settings.data_keys is None and not data_key_file(settings).exists():
        return None
    return key_ring(settings)


def data_key_file(settings: Settings) -> Path:
    return key_folder(settings) / "data_key"


def new_secret() -> bytes:
    """A new data key."""
    return secrets.token_bytes(KEY_BYTES)


def replace_ring(settings: Settings, ring: KeyRing) -> None:
    """Write the key file anew; running processes read it at their next use of a key."""
    if settings.data_keys is not None:
        raise SettingError(
            "KEPT_DATA_KEY is set, so kept cannot change the keys: change it in every process, or "
            "unset it to use the key file."
        )
    path = data_key_file(settings)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_whole(path, ring.text + "\n")


class KeySource:
    """The ring whenever it is asked for, read again when the key file was replaced."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = data_key_file(settings)
        self._ring = key_ring(settings)
        self._seen = self._mark()

    def __call__(self) -> KeyRing:
        if self._settings.data_keys is None and (mark := self._mark()) != self._seen:
            self._ring, self._seen = key_ring(self._settings), mark
        return self._ring

    def _mark(self) -> tuple[int, int] | None:
        if self._settings.data_keys is not None:
            return None
        try:
            found = self._path.stat()
        except OSError as error:
            raise KeyFileError(
                "{path} is gone ({reason}): put the copy of the key back.",
                path=self._path,
                reason=error.strerror,
            ) from error
        return found.st_ino, found.st_mtime_ns


def _ring_of(path: Path, text: str) -> KeyRing:
    try:
        return read_key_ring(text)
    except ValueError:
        raise KeyFileError(
            "{path} does not hold data keys of {key_bytes} bytes in base64: put the copy of"
            " the key back.",
            path=path,
            key_bytes=KEY_BYTES,
        ) from None


def new_password() -> str:
    """A random password that needs no quoting in an address."""
    return secrets.token_urlsafe(32)


def read_or_make(path: Path, make: Callable[[], str]) -> str:
    """The text of the key file; where it is absent it is made first, with mode 0600."""
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            create_whole(path, make() + "\n")  # where another start was first, its key is the key
        return _read(path)
    except OSError as error:
        raise KeyFileError(
            "The key file {path} cannot be used ({reason}): run kept as the account that "
            "owns it, or set KEPT_HOME to a folder of your own.",
            path=path,
            reason=error.strerror,
        ) from error


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyFileError(
                "{path} can be opened by other users (mode {mode}): run `chmod 600 {path}`, and"
                " replace the key if somebody may have read it.",
                path=path,
                mode=f"{mode:04o}",
            )
        text = file.read().strip()
    if not text:
        raise KeyFileError(
            "{path} is empty: put the copy of the key back.",
            path=path,
        )
    return text
