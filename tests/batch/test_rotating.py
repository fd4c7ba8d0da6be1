"""A data key is rotated while everybody works on: every value opens and is found at any moment."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import override_settings

from kept.batch.rotating import RotationBusy, retire_key, rotate_key, uses_of_key
from kept.core.actors import job
from kept.core.key_rings import KeyRing
from kept.store.cipher import CipherError, KeyAbsent, house_cipher
from kept.store.key_check import HASHING_LOCK, HashingMoved, check_data_key, hashing_held
from kept.store.models import ContactPoint, Debtor, IdentityKey, IntakeReject, KeyCheck
from kept.store.rotation import SEALED_COLUMNS, reseal_batch
from kept.store.sealing import open_sealed, seal_file, vault_folder
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

ACTOR, NOW = job("key_rotation"), factories.NOW
OLD, NEW = bytes(range(32)), bytes(range(1, 33))
NUMBERS = [f"+86138001380{n:02d}" for n in range(20)]


class Keys:
    """The ring of a running installation, which a rotation changes under everybody's feet."""

    def __init__(self) -> None:
        self.ring = KeyRing.single(OLD)

    def __call__(self) -> KeyRing:
        return self.ring

    def publish(self, ring: KeyRing) -> None:
        self.ring = ring


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Keys]:
    found = Keys()
    with override_settings(KEPT_KEYS=found, KEPT_HOME=tmp_path):
        factories.make_partitions()
        check_data_key()
        yield found


@pytest.fixture
def book(keys: Keys) -> Debtor:
    """A debtor whom files name by identity alone, with numbers, a refused value and a file."""
    creditor = factories.make_creditor()
    debtor = factories.make_debtor(creditor)
    identity = factories.make_identity_key(debtor.person, "11010519491231002X")
    Debtor.objects.filter(pk=debtor.pk).update(external_id="I:" + bytes(identity.value_hash).hex())
    for number in NUMBERS:
        factories.make_contact_point(debtor, number)
    reject = factories.make_reject(factories.make_intake_file(creditor))
    sealed = house_cipher().seal("reject", ["not a number"])[0]
    IntakeReject.objects.filter(pk=reject.pk).update(value_cipher=sealed)
    seal_file(io.BytesIO(b"a creditor's file"), vault_folder() / "ACME")
    return debtor


def assert_all_is_there(debtor: Debtor) -> None:
    """Every value opens and is found by a search, whatever the moment."""
    cipher = house_cipher()
    points = ContactPoint.objects.order_by("id")
    assert [cipher.open("phone", point.value_cipher) for point in points] == NUMBERS
    for number in NUMBERS:
        sought = cipher.sought_hashes("phone", [number])
        assert ContactPoint.objects.filter(value_hash__in=sought).count() == 1
    identity = IdentityKey.objects.get()
    opened = cipher.open(identity.kind, identity.value_cipher)
    assert opened == "11010519491231002X"
    assert bytes(identity.value_hash) in cipher.sought_hashes(identity.kind, [opened])
    debtor.refresh_from_db()
    assert debtor.external_id == "I:" + bytes(identity.value_hash).hex()
    assert cipher.open("reject", IntakeReject.objects.get().value_cipher or b"") == "not a number"
    (path,) = vault_folder().rglob("*.sealed")
    with open_sealed(path) as plain:
        assert plain.read() == b"a creditor's file"


def test_every_value_opens_before_during_and_after(keys: Keys, book: Debtor) -> None:
    assert_all_is_there(book)
    keys.ring = keys.ring.with_new(NEW)
    seen: list[str] = []

    def look(stage: str, done: int) -> None:
        seen.append(stage)
        assert_all_is_there(book)

    done = rotate_key(actor=ACTOR, now=NOW, publish=keys.publish, say=look)
    assert (done.number, done.values, done.files) == (2, 22, 1)
    assert seen == ["identity_keys", "contact_points", "intake_rejects", "files"]
    assert_all_is_there(book)
    assert (keys.ring.sealing.number, keys.ring.hashing) == (2, 2)
    assert list(KeyCheck.objects.filter(hashes=True).values_list("number", flat=True)) == [2]
    assert uses_of_key(1, None) == []
    retire_key(actor=ACTOR, number=1, now=NOW)
    keys.ring = keys.ring.without(1)
    check_data_key()
    assert_all_is_there(book)  # with the new key alone
    again = rotate_key(actor=ACTOR, now=NOW, publish=keys.publish)
    assert (again.values, again.files) == (0, 0)


def test_a_rotation_that_was_ended_goes_on(keys: Keys, book: Debtor) -> None:
    keys.ring = keys.ring.with_new(NEW)
    check_data_key()
    assert reseal_batch(SEALED_COLUMNS[1], 0) == (ContactPoint.objects.latest("id").pk, 20)
    assert_all_is_there(book)
    ContactPoint.objects.filter(pk=ContactPoint.objects.latest("id").pk).delete()
    factories.make_contact_point(book, NUMBERS[-1])  # written while it was down
    done = rotate_key(actor=ACTOR, now=NOW, publish=keys.publish)
    assert done.values == 3
    assert_all_is_there(book)
    assert uses_of_key(1, None) == []


def test_ended_after_the_hashes_moved_only_the_ring_is_written(keys: Keys, book: Debtor) -> None:
    class Killed(Exception):
        pass

    def die(ring: KeyRing) -> None:
        raise Killed

    keys.ring = keys.ring.with_new(NEW)
    with pytest.raises(Killed):
        rotate_key(actor=ACTOR, now=NOW, publish=die)
    assert_all_is_there(book)
    with pytest.raises(HashingMoved, match="kept key rotate"), hashing_held():
        pass
    done = rotate_key(actor=ACTOR, now=NOW, publish=keys.publish)
    assert (done.values, keys.ring.is_rotating) == (0, False)
    with hashing_held():
        assert_all_is_there(book)


def test_the_last_step_waits_for_a_file_that_is_being_taken_in(
    keys: Keys, book: Debtor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kept.batch.rotating.WAIT_MILLISECONDS", 200)
    keys.ring = keys.ring.with_new(NEW)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [HASHING_LOCK])
        with pytest.raises(RotationBusy, match="again after it"):
            rotate_key(actor=ACTOR, now=NOW, publish=keys.publish)
        assert_all_is_there(book)
    finally:
        other.close()
    rotate_key(actor=ACTOR, now=NOW, publish=keys.publish)
    assert_all_is_there(book)


def test_a_key_in_use_is_not_retired(keys: Keys, book: Debtor) -> None:
    assert uses_of_key(1, None) == [
        "1 values in identity_keys",
        "20 values in contact_points",
        "1 values in intake_rejects",
        "1 received files",
    ]


def test_without_its_key_a_value_does_not_open(keys: Keys, book: Debtor) -> None:
    keys.ring = KeyRing.single(NEW, 2)
    with pytest.raises(KeyAbsent, match="kept key import"):
        house_cipher().open("phone", ContactPoint.objects.first().value_cipher)  # type: ignore[union-attr]
    with pytest.raises(CipherError, match="put the right one back"):
        check_data_key()


def test_every_sealed_column_of_the_database_is_rotated() -> None:
    """Bytes in the database are sealed, hashed, or said here to be neither."""
    neither = {
        "api_keys.secret_hash",  # plain SHA-256 of a long random secret
        "approvals.command_hash",  # plain SHA-256
        "commands.answer",  # sealed with the command's own key, which is not stored
        "commands.input_hash",
        "commands.key_hash",
        "accounts.row_hash",  # of a file's row: made anew with the next file
        "loaded_rows.row_hash",  # the same; `key_number` says under which key
        "events.hash",
        "events.previous_hash",
        "events.personal",  # sealed with a key per person, which is in person_keys
        "event_heads.hash",
        "intake_files.sha256",
        "key_checks.value_hash",
        "rotated_hashes.old_hash",
        "rotated_hashes.value_hash",
        "debtors.value_hash",
        "documents.sha256",  # of the PDF, which lies sealed in the vault
        "documents.data_hash",
        "documents.code_hash",  # plain SHA-256 of a long random code
    }
    # Words about a person are sealed with the person's key, which is in person_keys.
    of_persons = (
        *("circumstances", "complaints", "consents", "disputes", "hardships"),
        "household_figures",
        *("representations", "stops", "vulnerabilities"),
    )
    neither |= {f"{table}.sealed" for table in of_persons}
    neither.add("permits.content_hash")  # of a right of minutes; another key refuses it
    rotated = {f"{each.table}.{each.cipher}" for each in SEALED_COLUMNS}
    rotated |= {f"{each.table}.{each.hashed}" for each in SEALED_COLUMNS if each.hashed}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid"
            " WHERE atttypid = 'bytea'::regtype AND relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition AND NOT attisdropped"
            " AND relname NOT LIKE 'staged%'"
        )
        found = {name for (name,) in cursor.fetchall()}
    proofs = {name for name in found if name.startswith(("seal", "event_", "idempoten"))}
    assert found - rotated - neither - proofs == set()


def test_a_killed_rotation_of_a_real_process_goes_on(
    child_environment: dict[str, str], tmp_path: Path
) -> None:
    """`kept key rotate` is killed in mid-work, given again, and all is sealed with the new key."""
    environment = {**child_environment, "KEPT_HOME": str(tmp_path)}
    environment.pop("KEPT_DATA_KEY")
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys" / "data_key").write_text(KeyRing.single(OLD).text)
    (tmp_path / "keys" / "data_key").chmod(0o600)
    factories.make_partitions()
    debtor = factories.make_debtor(factories.make_creditor())
    for number in NUMBERS:
        factories.make_contact_point(debtor, number)
    command = [sys.executable, "-m", "kept.cli", "key", "rotate"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "contact_points" in line:
                os.kill(process.pid, signal.SIGKILL)
                break
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "Data key 2 seals everything now" in done.stdout
    ring_text = (tmp_path / "keys" / "data_key").read_text()
    assert ring_text.startswith("2:")
    assert "hashes" not in ring_text
    assert all(bytes(point.value_cipher)[0] == 2 for point in ContactPoint.objects.all())
    retired = subprocess.run(
        [*command[:-1], "retire", "1"], env=environment, capture_output=True, text=True, check=True
    )
    assert "Data key 1 is forgotten here" in retired.stdout
