"""The key files of an installation, in `var/keys`: made once, read ever after, open to nobody else.

Two starts at the same moment agree on one key, and a start that is killed leaves either no file or
a whole one. No key is ever replaced: a damaged file is an error, because a fresh data key would
make every encrypted value unreadable.
"""

from __future__ import annotations

import base64
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from kept.running.errors import KeyFileError, SettingError
from kept.running.paths import home_folder
from kept.running.settings import DATA_KEY_BYTES, Settings, load_settings
from kept.running.whole_files import create_whole

__all__ = ["data_key", "key_folder", "new_password", "read_or_make", "secret_key"]


def key_folder(settings: Settings) -> Path:
    return home_folder(settings) / "keys"


def secret_key(settings: Settings) -> str:
    """The key that signs sessions and forms: the setting, or the file that is made once."""
    if settings.secret_key is not None:
        return settings.secret_key
    return read_or_make(key_folder(settings) / "secret_key", lambda: secrets.token_urlsafe(48))


def data_key(settings: Settings) -> bytes:
    """The 32 bytes that encrypt personal values at rest: the setting, or the file made once."""
    if settings.data_key is not None:
        return settings.data_key
    path = key_folder(settings) / "data_key"
    text = read_or_make(path, _new_data_key)
    try:
        read = load_settings({"KEPT_DATA_KEY": text}).data_key
    except SettingError:
        read = None
    if read is None:
        raise KeyFileError(
            f"{path} does not hold a data key of {DATA_KEY_BYTES} bytes in base64: "
            "put the copy of the key back."
        )
    return read


def _new_data_key() -> str:
    return base64.b64encode(secrets.token_bytes(DATA_KEY_BYTES)).decode()


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
            f"The key file {path} cannot be used ({error.strerror}): run kept as the account that "
            "owns it, or set KEPT_HOME to a folder of your own."
        ) from error


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyFileError(
                f"{path} can be opened by other users (mode {mode:04o}): run `chmod 600 {path}`, "
                "and replace the key if somebody may have read it."
            )
        text = file.read().strip()
    if not text:
        raise KeyFileError(f"{path} is empty: put the copy of the key back.")
    return text
