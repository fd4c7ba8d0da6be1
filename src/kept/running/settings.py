"""Every setting of kept: declared once, read from environment variables, checked before use.

Reads neither files nor the environment by itself (the caller passes the mapping), and makes no
keys: see `keys.py` for the two that are made on first use.
"""

# `_setting` returns a dataclass field, which is what a default may be.
# ruff: noqa: RUF009

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kept.core.key_rings import KEY_BYTES, KeyRing, read_key_ring
from kept.running.errors import Said, SettingError, WrongValue

__all__ = ["Settings", "given_settings", "load_settings", "settings_page"]

LANGUAGES = ("zh-hans", "en")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")

Reader = Callable[[str], Any]


def _text(raw: str) -> str:
    return raw


def _folder(raw: str) -> Path:
    if "\0" in raw:
        raise WrongValue("set it to the path of a folder")
    try:
        return Path(raw).expanduser().absolute()
    except RuntimeError:  # ~name of a user that is not there
        raise WrongValue("set it to the path of a folder") from None


def _whole_number(least: int, greatest: int) -> Reader:
    def read(raw: str) -> int:
        try:
            number = int(raw)
        except ValueError:
            number = least - 1
        if not least <= number <= greatest:
            raise WrongValue(
                "set it to a whole number from {least} to {greatest}",
                least=least,
                greatest=greatest,
            )
        return number

    return read


def _switch(raw: str) -> bool:
    answers = {"1": True, "true": True, "yes": True, "on": True}
    answers |= {"0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in answers:
        raise WrongValue("set it to yes or no")
    return answers[raw.lower()]


def _one_of(choices: tuple[str, ...]) -> Reader:
    def read(raw: str) -> str:
        if raw.lower() not in choices:
            raise WrongValue("set it to one of {choices}", choices=", ".join(choices))
        return raw.lower()

    return read


def _names(raw: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in raw.split(",") if name.strip())
    if not names or any("/" in name or " " in name for name in names):
        raise WrongValue("set it to host names with commas between, without http:// and paths")
    return names


def _host(raw: str) -> str:
    if not raw.strip() or any(mark in raw for mark in "/ ,"):
        raise WrongValue("set it to one host name or address, for example 127.0.0.1 or 0.0.0.0")
    return raw.strip()


def _time_zone(raw: str) -> str:
    try:
        return zoneinfo.ZoneInfo(raw).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise WrongValue("set it to a zone name such as Asia/Shanghai or UTC") from None


def _time_of_day(raw: str) -> time | None:
    if raw.lower() == "off":
        return None
    if not re.fullmatch(r"[0-9]{1,2}:[0-9]{2}", raw, re.ASCII):
        raise ValueError("set it to a time such as 02:00, or to off")
    hour, _, minute = raw.partition(":")
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError("set it to a time such as 02:00, or to off") from None


def _database_url(raw: str) -> str:
    wanted = Said("set it to postgresql://user:password@host:5432/name, or unset it")
    try:
        parts = urlsplit(raw)
        named = parts.port != 0 and len(parts.path) > 1
    except ValueError:
        raise WrongValue(wanted.source) from None
    if parts.scheme not in ("postgres", "postgresql"):
        raise WrongValue("{wanted}: kept works with PostgreSQL only", wanted=wanted)
    if not named:
        raise WrongValue("{wanted}: the name of the database is missing", wanted=wanted)
    return raw


def _public_url(raw: str) -> str:
    try:
        parts = urlsplit(raw)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_address = False
    if not is_address or "?" in raw or "#" in raw:
        raise WrongValue("set it to an address such as https://kept.example")
    return raw.rstrip("/")


def _secret_text(raw: str) -> str:
    if len(raw) < 32:
        raise WrongValue("set it to at least 32 random characters, or unset it")
    return raw


def _data_keys(raw: str) -> KeyRing:
    try:
        return read_key_ring(raw)
    except ValueError:
        raise WrongValue(
            "set it to {bytes} bytes in base64 (44 characters), or while a key is rotated to "
            "the lines of the key file with commas between, or unset it",
            bytes=KEY_BYTES,
        ) from None


def _setting(
    variable: str, read: Reader, default: Any, about: str, *, shown: str = "", secret: bool = False
) -> Any:
    """A field with its variable; `shown` is the default as the documentation words it."""
    declared = {
        "variable": variable,
        "read": read,
        "about": about,
        "shown": shown or f"`{default}`",
        "secret": secret,
    }
    return field(default=default, metadata=declared, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one installation; build it with `load_settings`."""

    home: Path | None = _setting(
        "KEPT_HOME",
        _folder,
        None,
        "Folder for the embedded database, the keys and the logs.",
        shown="`var` beside the checkout, or in the working directory when kept is installed "
        "as a package",
    )
    database_url: str | None = _setting(
        "DATABASE_URL",
        _database_url,
        None,
        "A PostgreSQL database to use in place of the embedded one, as "
        "`postgresql://user:password@host:5432/name`.",
        shown="the embedded database",
        secret=True,
    )
    pg_user: str = _setting(
        "KEPT_PG_USER",
        _text,
        "nobody",
        "Account that runs the embedded database when kept is started by root, because PostgreSQL "
        "refuses to run as root. Other users' kept runs the database as themselves.",
    )
    web_host: str = _setting(
        "KEPT_WEB_HOST", _host, "127.0.0.1", "Address on which the pages are served."
    )
    web_port: int = _setting(
        "KEPT_WEB_PORT", _whole_number(1, 65535), 8000, "Port on which the pages are served."
    )
    web_workers: int = _setting(
        "KEPT_WEB_WORKERS", _whole_number(1, 256), 2, "Number of processes that answer requests."
    )
    worker_concurrency: int = _setting(
        "KEPT_WORKER_CONCURRENCY",
        _whole_number(1, 64),
        2,
        "Number of jobs that one worker process runs at a time.",
    )
    secret_key: str | None = _setting(
        "KEPT_SECRET_KEY",
        _secret_text,
        None,
        "Signs sessions and forms; changing it signs everybody out.",
        shown="made once in `var/keys/secret_key`",
        secret=True,
    )
    data_keys: KeyRing | None = _setting(
        "KEPT_DATA_KEY",
        _data_keys,
        None,
        f"{KEY_BYTES} bytes in base64 that encrypt personal values at rest, and every backup. Keep "
        "a copy outside this machine (`kept key export`): without it neither can be read again. "
        "While a key is rotated it holds several, as `NUMBER:KEY` with commas between.",
        shown="made once in `var/keys/data_key`",
        secret=True,
    )
    backup_dir: Path | None = _setting(
        "KEPT_BACKUP_DIR",
        _folder,
        None,
        "Folder for backups, best on another disk. `kept backup` writes there, every night too, "
        "and the embedded database's log is archived there for recovery to a point in time.",
        shown="none: no backup by itself",
    )
    backup_keep: int = _setting(
        "KEPT_BACKUP_KEEP",
        _whole_number(1, 10_000),
        14,
        "How many backups are kept in KEPT_BACKUP_DIR; older ones are removed after a good one.",
    )
    allowed_hosts: tuple[str, ...] = _setting(
        "KEPT_ALLOWED_HOSTS",
        _names,
        LOCAL_NAMES,
        "Host names under which the pages may be asked for, with commas between. Name the public "
        "ones when kept is served behind a proxy.",
        shown="`" + ",".join(LOCAL_NAMES) + "`",
    )
    language: str = _setting(
        "KEPT_LANGUAGE",
        _one_of(LANGUAGES),
        "zh-hans",
        "Language of the pages until somebody chooses: `zh-hans` or `en`.",
    )
    time_zone: str = _setting(
        "KEPT_TIME_ZONE",
        _time_zone,
        "Asia/Shanghai",
        "Zone in which the pages show times, and in which the house's day begins.",
    )
    log_level: str = _setting(
        "KEPT_LOG_LEVEL",
        _one_of(LOG_LEVELS),
        "INFO",
        "How much kept writes to standard error, one line of JSON each: `DEBUG`, `INFO`, "
        "`WARNING` or `ERROR`. No level writes personal data.",
    )
    metrics_token: str | None = _setting(
        "KEPT_METRICS_TOKEN",
        _secret_text,
        None,
        "Whoever sends it as `Authorization: Bearer …` may read `/metrics`; 32 characters or more.",
        shown="none: there is no such page",
        secret=True,
    )
    proxies: int = _setting(
        "KEPT_PROXIES",
        _whole_number(0, 9),
        0,
        "How many proxies of yours stand before kept. The address of who asks, by which sign-in "
        "is limited, is then read from `X-Forwarded-For`.",
    )
    reveals_per_hour: int = _setting(
        "KEPT_REVEALS_PER_HOUR",
        _whole_number(1, 100_000),
        60,
        "How many masked numbers one person may be shown within an hour of the clock.",
    )
    upload_megabytes: int = _setting(
        "KEPT_UPLOAD_MEGABYTES",
        _whole_number(1, 102_400),
        1024,
        "The largest file that a page takes, in megabytes; `kept intake take` has no such limit.",
    )
    night_at: time | None = _setting(
        "KEPT_NIGHT_AT",
        _time_of_day,
        time(2, 0),
        "When the worker runs each creditor's night, in the creditor's own time zone, or `off`. "
        "What was missed in the last week is caught up by one night.",
        shown="`02:00`",
    )
    webhooks_private: bool = _setting(
        "KEPT_WEBHOOKS_PRIVATE",
        _switch,
        False,
        "Whether subscribers may have private addresses, and addresses without encryption: only "
        "where everybody who may add a subscriber may also reach every machine of this network.",
        shown="no",
    )
    public_url: str = _setting(
        "KEPT_PUBLIC_URL",
        _public_url,
        "",
        "Address under which everybody reaches the pages, as `https://kept.example`: it stands on "
        "printed documents, so that their codes can be checked.",
        shown="`http://` with KEPT_WEB_HOST and KEPT_WEB_PORT",
    )
    font_file: Path | None = _setting(
        "KEPT_FONT_FILE",
        _folder,
        None,
        "Another font for documents, a file with every character that is printed. kept looks for "
        "what it lacks before it prints.",
        shown="Noto Sans CJK SC, of the package noto-cjk-sans-otc or of Debian's fonts-noto-cjk",
    )
    debug: bool = _setting(
        "KEPT_DEBUG",
        _switch,
        False,
        "Error pages with details, for development only: never where debtors' data is real.",
        shown="no",
    )

    @property
    def reached_at(self) -> str:
        """The address that stands on printed documents."""
        return self.public_url or f"http://{self.web_host}:{self.web_port}"

    @property
    def is_local(self) -> bool:
        """Whether the pages can only be asked for on this machine, without encryption."""
        return self.debug or set(self.allowed_hosts) <= set(LOCAL_NAMES)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings that `environ` asks for; an empty variable counts as unset.

    Raises `SettingError`, whose message names the variable, its value and what to set.
    """
    values = {}
    for each in fields(Settings):
        raw = environ.get(each.metadata["variable"], "")
        if raw:
            values[each.name] = _read(each.metadata, raw)
    return Settings(**values)


def given_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that are set and hold no secret, for a person who sets kept up elsewhere."""
    declared = (each.metadata for each in fields(Settings) if not each.metadata["secret"])
    names = (each["variable"] for each in declared)
    return {name: environ[name] for name in names if environ.get(name)}


def _read(declared: Mapping[str, Any], raw: str) -> Any:
    try:
        return declared["read"](raw)
    except WrongValue as error:
        name, wanted = declared["variable"], error.said
        if declared["secret"]:
            raise SettingError(
                "{name} holds a value (not shown, it is a secret) that kept cannot use: {wanted}.",
                name=name,
                wanted=wanted,
            ) from None
        raise SettingError(
            "{name} is {found} that kept cannot use: {wanted}.",
            name=name,
            found=repr(raw),
            wanted=wanted,
        ) from None


def settings_page() -> str:
    """The text of `docs/settings.md`."""
    lines = [
        "# Settings",
        "",
        "kept reads its settings from environment variables when a process starts; a value that it",
        "cannot use stops the start with a sentence that says what to set. None is needed to try",
        "kept out. An empty variable counts as unset.",
        "",
        "This page is made from `src/kept/running/settings.py` by",
        "`python -m kept.running.settings > docs/settings.md`; a test fails when it is stale.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for each in fields(Settings):
        declared = each.metadata
        lines.append(f"| `{declared['variable']}` | {declared['shown']} | {declared['about']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(settings_page(), end="")
