"""All logs of the test run, searched for names and numbers as they grow.

Everything that is logged in the test process goes through kept's own formatter into one file; the
embedded server of the tests writes its own. Searched for: any Chinese sign, the surnames of the
demo book, and runs of digits as long as a telephone or identity number.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Final

_CHINESE: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
# Not the names of the server's log segments, which have 24 digits.
_NUMBER: Final = re.compile(r"(?<![\w.])\d{9,18}X?(?!\w)")
_watched: dict[Path, int] = {}


def begin(home: Path) -> None:
    from kept.running.logs import JsonLines

    path = home / "tests.log"
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(JsonLines())
    for shown in logging.getLogger().handlers:
        shown.setLevel(logging.WARNING)  # the file has it all
    logging.getLogger().addHandler(handler)
    for name in ("kept", "django", "procrastinate"):
        logging.getLogger(name).setLevel(logging.INFO)
    _watched[path] = 0


def watch(path: Path) -> None:
    """Another log, such as the database server's."""
    _watched.setdefault(path, 0)


def found_since_last_look() -> list[str]:
    """Lines of the logs, new since the last call, in which somebody can be found."""
    found = []
    for path, begin_at in _watched.items():
        if path.exists() and path.stat().st_size > begin_at:
            with path.open("rb") as file:
                file.seek(begin_at)
                lines = file.read()
            _watched[path] = begin_at + len(lines)
            found += [line for line in lines.decode(errors="replace").splitlines() if names(line)]
    return found


def names(line: str) -> bool:
    """Whether a line holds what could be a person's name or number."""
    if "listening on Unix socket" in line:
        return False  # the folder's name is random, now and then of nine digits in a row
    shown = _without_time(line)
    return bool(_CHINESE.search(shown) or _NUMBER.search(shown) or _surnames().search(shown))


def _without_time(line: str) -> str:
    try:
        read = json.loads(line)
    except ValueError:
        return re.sub(r"/\S+", "", line)  # the server's own lines name folders, digits and all
    read.pop("time", None)
    return json.dumps(read, ensure_ascii=False)


def _surnames() -> re.Pattern[str]:
    global _surnames_found
    if _surnames_found is None:
        from kept.batch.synthetic.wording import ENGLISH_SURNAMES

        _surnames_found = re.compile(rf"\b({'|'.join(ENGLISH_SURNAMES)})\b")
    return _surnames_found


_surnames_found: re.Pattern[str] | None = None
