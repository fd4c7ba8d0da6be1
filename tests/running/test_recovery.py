"""The embedded database is recovered to the minute before something went wrong."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from kept.batch.backup.log_archive import (
    Base,
    base_for,
    collect_log,
    drop_old_bases,
    list_bases,
    needs_base,
    read_base,
    take_base,
    unseal_log,
)
from kept.batch.backup.manifest import BackupRefused
from kept.batch.backup.taking import Tools
from kept.core.key_rings import KeyRing
from kept.running.archiving import LogArchive, log_archive
from kept.running.cluster import Cluster
from kept.running.errors import DatabaseUnavailable
from kept.running.programs import client_programs
from kept.running.recovery import recover_cluster
from kept.running.settings import load_settings
from tests.conftest import guarded, make_home

RING = KeyRing.single(bytes(range(32)))
PG_USER = os.environ.get("KEPT_PG_USER", "nobody")


@contextmanager
def fresh_home() -> Iterator[Path]:
    folder = make_home()
    with guarded(folder):
        yield folder


def ask(cluster: Cluster, statement: str) -> object:
    with psycopg.connect(cluster.url()) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def test_a_deletion_is_undone_by_recovering_to_the_moment_before_it(
    home: Path, tmp_path: Path
) -> None:
    target = tmp_path / "backups"
    settings = load_settings(
        {
            "KEPT_HOME": str(home),
            "KEPT_BACKUP_DIR": str(target),
            "KEPT_DATA_KEY": base64.b64encode(RING.sealing.secret).decode(),
            "KEPT_PG_USER": PG_USER,
        }
    )
    old = Cluster(home, PG_USER, is_archived=True)
    old.ensure()
    source = log_archive(settings)
    assert isinstance(source, LogArchive)
    tools = Tools(home, client_programs(settings), old.url(), RING, None, {})  # type: ignore[arg-type]
    ask(old, "CREATE TABLE promises AS SELECT n FROM generate_series(1, 100) n")
    take_base(tools, source, target, datetime.now(UTC))
    # A quiet database has begun no further segment; nobody waits for one.
    collect_log(source, target, RING, is_switched=True)
    assert collect_log(source, target, RING, is_switched=True) == 0
    ask(old, "INSERT INTO promises SELECT n FROM generate_series(101, 200) n")
    before = ask(old, "SELECT clock_timestamp()")
    assert isinstance(before, datetime)
    ask(old, "DELETE FROM promises")
    assert collect_log(source, target, RING, is_switched=True) >= 1
    assert [path for path in source.waiting.iterdir() if path.suffix == ""] == []

    base = base_for(target, before)
    assert b"promises" not in b"".join(p.read_bytes() for p in target.rglob("*.sealed"))
    with fresh_home() as elsewhere:
        new = Cluster(elsewhere, PG_USER, is_durable=False)
        recover_cluster(new, read_base(base, RING), unseal_log(target, base, RING), before)
        new.ensure()
        assert ask(new, "SELECT count(*) FROM promises") == 200
        assert ask(new, "SELECT pg_is_in_recovery()") is False
        with pytest.raises(DatabaseUnavailable, match="overwrites nothing"):
            recover_cluster(new, read_base(base, RING), (), before)
    with fresh_home() as elsewhere:
        new = Cluster(elsewhere, PG_USER, is_durable=False)
        later = datetime.now(UTC) + timedelta(hours=1)
        with pytest.raises(DatabaseUnavailable, match="The archived log ends before"):
            recover_cluster(new, read_base(base, RING), unseal_log(target, base, RING), later)
        assert not (elsewhere / "database" / "cluster" / "data").exists()
    with pytest.raises(BackupRefused, match="begins at"):
        base_for(target, before - timedelta(days=1))
    with pytest.raises(BackupRefused, match="no copy of the database's files"):
        base_for(tmp_path, before)
    assert drop_old_bases(target) >= 0
    assert base_for(target, before) == base
    _refuse_copies_of_another(source, target, base)


def _refuse_copies_of_another(source: LogArchive, target: Path, base: Base) -> None:
    """A copy of the database before a restore does not spare one of the database after it."""
    now = datetime.now(UTC)
    assert not needs_base(source, target, now)
    assert needs_base(source, target, now + timedelta(days=8))
    note = base.folder / "base.json"
    told = note.read_text(encoding="utf-8")
    note.write_text(told.replace(base.system, "4711"), encoding="utf-8")
    assert needs_base(source, target, now)
    for days in (1, 2):
        later = target / f"base-2099010{days}T000000Z"
        later.mkdir()
        (later / "base.json").write_text(told, encoding="utf-8")
    (target / "log" / "4711").mkdir()
    drop_old_bases(target)
    assert [each.system for each in list_bases(target)] == [base.system, base.system]
    assert not (target / "log" / "4711").exists()
    assert (target / "log" / base.system).exists()
