"""A backup is restored on trial; restored elsewhere it is the same book; a bad one is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from kept.batch.backup import BackupRefused, Tools, open_backup, restore_backup, take_backup
from kept.batch.backup.examining import broken_invariants, examine_book
from kept.batch.backup.house import back_up_house, house_tools
from kept.batch.backup.opening import list_backups
from kept.core.key_rings import KeyRing
from kept.running.migrations import known_migrations
from kept.store.models import ContactPoint
from kept.store.sealing import open_sealed, seal_file
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

NOW = factories.NOW
PHONE = "+8613800138000"


@pytest.fixture
def book() -> None:
    factories.make_partitions()
    debtor = factories.make_debtor(factories.make_creditor())
    factories.make_event(factories.make_case(debtor))
    factories.make_contact_point(debtor, PHONE)


@pytest.fixture
def tools(tmp_path: Path, book: None) -> Tools:
    home = tmp_path / "home"
    seal_file(io.BytesIO(b"a creditor's file"), home / "received" / "ACME")
    return replace(house_tools(), home=home)


@contextmanager
def other_database(tools: Tools) -> Iterator[Tools]:
    """Another installation: an empty database, an empty home, the same keys."""
    name = f"restored_{os.getpid()}"
    parts = urlsplit(tools.url)
    url = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    with psycopg.connect(tools.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield replace(tools, url=url, home=tools.home.parent / "other")
        finally:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def test_what_is_restored_is_the_same_book(tools: Tools, tmp_path: Path) -> None:
    folder, manifest = take_backup(tools, tmp_path / "backups", NOW)
    assert (manifest.is_checked, manifest.broken) == (True, ())
    with other_database(tools) as other:
        restore_backup(other, folder, known_migrations())
        with psycopg.connect(tools.url) as old, psycopg.connect(other.url) as new:
            assert examine_book(new) == examine_book(old) == manifest.book
            query = "SELECT value_hash, value_cipher FROM contact_points ORDER BY id"
            assert new.execute(query).fetchall() == old.execute(query).fetchall()
        assert broken_invariants(other.url) == []
        (path,) = (other.home / "received" / "ACME").iterdir()
        with open_sealed(path) as plain:
            assert plain.read() == b"a creditor's file"
        with pytest.raises(BackupRefused, match="not empty"):
            restore_backup(other, folder, known_migrations())
    assert manifest.book["tables"]["contact_points"] == ContactPoint.objects.count() == 1


def test_nothing_in_a_backup_is_in_clear(tools: Tools, tmp_path: Path) -> None:
    name = "Zhang Sanfeng the Tall"
    factories.make_debtor(factories.make_creditor(), name=name)
    folder, _ = take_backup(tools, tmp_path / "backups", NOW, is_checked=False)
    for path in folder.rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o777 == 0o600
            assert name.encode() not in path.read_bytes()
    assert folder.stat().st_mode & 0o777 == 0o700


def damaged(how: str, folder: Path) -> None:
    dump, manifest = folder / "database.dump.sealed", folder / "manifest.json"
    match how:
        case "cut short":
            dump.write_bytes(dump.read_bytes()[:-100])
        case "missing":
            dump.unlink()
        case "altered":
            content = bytearray(dump.read_bytes())
            content[len(content) // 2] ^= 1
            dump.write_bytes(content)
        case "figures":
            told = json.loads(manifest.read_text())
            told["book"]["tables"]["cases"] = 7
            manifest.write_text(json.dumps(told))
        case "manifest cut":
            manifest.write_text(manifest.read_text()[:200])
        case "no manifest":
            manifest.unlink()


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("cut short", "is cut short: database.dump.sealed has"),
        ("missing", "is not whole: database.dump.sealed is missing"),
        ("altered", "was altered: database.dump.sealed is not what was written"),
        ("figures", "The manifest of .* was altered"),
        ("manifest cut", "is cut short or was altered"),
        ("no manifest", "is not a backup of kept"),
    ],
)
def test_a_bad_backup_touches_nothing(
    tools: Tools, tmp_path: Path, how: str, sentence: str
) -> None:
    folder, _ = take_backup(tools, tmp_path / "backups", NOW, is_checked=False)
    damaged(how, folder)
    with pytest.raises(BackupRefused, match=sentence):
        restore_backup(replace(tools, home=tmp_path / "other"), folder, known_migrations())
    assert not (tmp_path / "other").exists()


def test_the_wrong_key_is_named(tools: Tools, tmp_path: Path) -> None:
    folder, _ = take_backup(tools, tmp_path / "backups", NOW, is_checked=False)
    right = tools.ring.sealing.fingerprint
    for wrong in (KeyRing.single(bytes(32)), KeyRing.single(bytes(32), 2)):
        with pytest.raises(BackupRefused, match=f"data key 1 .fingerprint {right}.*key import"):
            open_backup(folder, wrong)
    assert open_backup(folder, tools.ring.with_new(bytes(32))).key_number == 1


def test_a_backup_of_a_newer_kept_is_refused(tools: Tools, tmp_path: Path) -> None:
    folder, _ = take_backup(tools, tmp_path / "backups", NOW, is_checked=False)
    newest = max(name for name in known_migrations() if name.startswith("store."))
    with pytest.raises(BackupRefused, match=f"newer kept .*{newest}"):
        restore_backup(tools, folder, known_migrations() - {newest})


def test_unchanged_files_are_linked_and_old_backups_go(
    tools: Tools, tmp_path: Path, settings: object
) -> None:
    target = tmp_path / "backups"
    (target / ".unfinished-kept-of-a-killed-one").mkdir(parents=True)
    made = [
        take_backup(tools, target, NOW + timedelta(days=day), is_checked=False)[0]
        for day in range(2)
    ]
    stored = [next((folder / "files").rglob("*.sealed")) for folder in made]
    assert stored[0].stat().st_ino == stored[1].stat().st_ino
    found = back_up_house(NOW + timedelta(days=2), target=target, keep=2, is_checked=False)
    assert found.removed == (made[0],)
    assert [folder for folder, _ in list_backups(target, tools.ring)] == [found.folder, made[1]]
    assert open_backup(made[1], tools.ring)
    assert sorted(path.name for path in target.iterdir()) == [made[1].name, found.folder.name]


def test_a_backup_that_does_not_fit_on_the_disk_leaves_nothing(tools: Tools) -> None:
    with pytest.raises(BackupRefused, match="cannot write into"):
        take_backup(tools, Path("/proc/no-such-folder"), NOW)


@pytest.mark.breaks_invariants
def test_a_faulty_book_is_backed_up_and_said_to_be_faulty(tools: Tools, tmp_path: Path) -> None:
    with psycopg.connect(tools.url) as connection:
        connection.execute("UPDATE event_heads SET sequence = sequence + 1")
    _, manifest = take_backup(tools, tmp_path / "backups", NOW)
    assert any("event_heads_are_the_newest_events" in each for each in manifest.broken)


def test_a_dump_that_differs_is_found_by_the_trial(tools: Tools, tmp_path: Path) -> None:
    """The trial compares with the snapshot: one restored row less is a refusal."""

    @contextmanager
    def leaking() -> Iterator[str]:
        with tools.scratch() as url:
            with psycopg.connect(url) as connection:  # a table more than the book has
                connection.execute("CREATE TABLE extra (n int)")
            yield url

    with pytest.raises(BackupRefused, match="differs from the book"):
        take_backup(replace(tools, scratch=leaking), tmp_path / "backups", NOW)
    assert list((tmp_path / "backups").iterdir()) == []
    shutil.rmtree(tmp_path / "backups")
