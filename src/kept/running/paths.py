"""Where the files of an installation lie: its home `var`, and the place of the embedded database.

The place is `var/database`, unless root runs kept and the account that PostgreSQL runs as cannot
enter `var` (root's own home is closed to it). Then it is a folder of its own under
`/var/lib/kept`, and `var/database.place` says which, so that a clone that moves keeps its data.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kept.running.account import Account, can_run
from kept.running.errors import DatabaseUnavailable
from kept.running.settings import Settings
from kept.running.whole_files import replace_whole

__all__ = [
    "SHARED_FOLDER",
    "Place",
    "claim_sockets",
    "find_place",
    "home_folder",
    "make_place",
    "socket_folder",
]

SHARED_FOLDER = Path("/var/lib/kept")
SOCKET_PARENT = Path("/tmp")  # a socket's path may have 107 bytes, so not below `var`


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one embedded database.

    `folder` is owned by whoever runs kept, `data` and `sockets` by the account that runs
    PostgreSQL, and nobody else can enter those two.
    """

    folder: Path
    is_elsewhere: bool = False

    @property
    def data(self) -> Path:
        return self.folder / "cluster" / "data"

    @property
    def unfinished(self) -> Path:
        """Where initdb works until it is done; the rename to `data` makes a cluster of it."""
        return self.folder / "cluster" / "data.unfinished"

    @property
    def waiting_log(self) -> Path:
        """Where finished segments of the server's log wait until kept seals them (archiving.py)."""
        return self.folder / "cluster" / "log"

    @property
    def binaries(self) -> Path:
        return self.folder / "binaries"

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"


def home_folder(settings: Settings) -> Path:
    """The `var` folder: the setting, else beside the checkout, else in the working directory."""
    if settings.home is not None:
        return settings.home
    for folder in Path(__file__).resolve().parents:
        if (folder / "pyproject.toml").is_file():
            return folder / "var"
    return Path.cwd() / "var"


def find_place(home: Path) -> Place | None:
    """The place that an earlier start chose, or None before the first start. Touches nothing."""
    pointer = home / "database.place"
    if pointer.exists():
        return Place(Path(pointer.read_text(encoding="utf-8").strip()), is_elsewhere=True)
    if (home / "database").exists():
        return Place(home / "database")
    return None


def make_place(home: Path, account: Account) -> Place:
    """The place of the database, made where it is absent; the caller holds the lock of `home`."""
    place = find_place(home)
    if place is None:
        home.mkdir(parents=True, exist_ok=True)
        place = _choose(home, account)
    _make_cluster_folder(place, account)
    return place


def _choose(home: Path, account: Account) -> Place:
    if _can_enter(home, account):
        place = Place(home / "database")
        place.folder.mkdir()
        place.folder.chmod(0o755)  # ours; a narrow umask would close it to the account
        return place
    # The name is random: a fresh clone at the path of an old one must not meet the old one's data.
    folder = SHARED_FOLDER / f"{home.parent.name}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    for each in (SHARED_FOLDER, folder):
        each.chmod(0o755)
    replace_whole(home / "database.place", f"{folder}\n")
    return Place(folder, is_elsewhere=True)


def _make_cluster_folder(place: Place, account: Account) -> None:
    cluster = place.data.parent
    cluster.mkdir(mode=0o700, exist_ok=True)
    if not any(cluster.iterdir()):
        _give(cluster, account)
    _refuse_other_owner(cluster, account)
    if not _can_enter(cluster, account):
        raise DatabaseUnavailable(
            "The database lies in {cluster}, which the account {name} cannot enter: open "
            "the folders above it to that account (chmod o+x), or move them back to where "
            "they were.",
            cluster=cluster,
            name=account.name,
        )


def _can_enter(folder: Path, account: Account) -> bool:
    return can_run(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", folder])


def _refuse_other_owner(cluster: Path, account: Account) -> None:
    owner = cluster.stat().st_uid
    if owner != account.uid:
        raise DatabaseUnavailable(
            "The database in {cluster} belongs to the user with number {owner}, not to "
            "{name}: run kept as that user, as root set KEPT_PG_USER to that user, or set "
            "KEPT_HOME to another folder.",
            cluster=cluster,
            owner=owner,
            name=account.name,
        )


def _give(folder: Path, account: Account) -> None:
    if os.geteuid() != 0:
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fchown(handle, account.uid, account.gid)
    finally:
        os.close(handle)


def socket_folder(place: Place) -> Path:
    """The folder of the database's sockets: short, and the same at every start."""
    recorded = place.folder / "sockets"
    if recorded.exists():
        return Path(recorded.read_text(encoding="utf-8").strip())
    digest = hashlib.sha256(os.fsencode(place.data.absolute())).hexdigest()[:12]
    return SOCKET_PARENT / f"kept-{digest}"


def claim_sockets(place: Place, account: Account) -> Path:
    """Make the socket folder, owned by the account and closed to everybody else.

    The folder above is shared by all users. Where somebody else has taken the name, the database
    opens its door in a folder with a name that nobody can foresee, and writes that down.
    """
    folder = socket_folder(place)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        if not _belongs_to(folder, account):
            folder = Path(tempfile.mkdtemp(prefix="kept-", dir=SOCKET_PARENT))
            _give(folder, account)
            replace_whole(place.folder / "sockets", f"{folder}\n")
    else:
        _give(folder, account)
    return folder


def _belongs_to(folder: Path, account: Account) -> bool:
    """Whether the account owns the folder; bits that others were given are taken back."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
        return False
    if stat.S_IMODE(found.st_mode) != 0o700:
        folder.chmod(0o700)
    return True
