"""Whatever is changed in a row of events or heads, by whoever owns the database, is found.

The owner of the tables switches the triggers and checks off and writes as they like; each change is
undone before the next.
"""

# ruff: noqa: S608 (the statements are of this file)
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.batch.seals import make_seal
from kept.core.actors import job
from kept.core.events import ChainKind
from kept.core.seals import read_seal
from kept.core.verification import Fault, SealFault, Verification
from kept.store.events import append_event
from kept.store.models import Event, Seal
from kept.store.person_keys import KeyOwner
from kept.store.verification import verify_events
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.breaks_invariants]

OPEN_TO_CHANGE = """
ALTER TABLE events DISABLE TRIGGER USER;
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
              WHERE contype IN ('c', 'p') AND coninhcount = 0
              AND conrelid IN ('events'::regclass, 'event_heads'::regclass) LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', it.of, it.conname);
    END LOOP;
    FOR it IN SELECT attname FROM pg_attribute WHERE attrelid = 'events'::regclass
              AND attnum > 0 AND attnotnull LOOP
        EXECUTE format('ALTER TABLE events ALTER COLUMN %I DROP NOT NULL', it.attname);
    END LOOP;
END $$;
"""
TEXTS = ("actor", "action", "subject", "body")
BYTES = ("personal", "previous_hash", "hash")
NUMBERS = ("chain_id", "sequence", "batch_id", "key_id")


def tell(number: int, chain: ChainKind = ChainKind.CASE, chain_id: int = 1, **more: Any) -> None:
    append_event(
        actor=job("test"),
        action="case.change",
        subject=f"case:{chain_id}",
        body={"n": number},
        now=make.NOW,
        chain=chain,
        chain_id=chain_id,
        **more,
    )


@pytest.fixture
def chains(db: None, settings: Any, tmp_path: Any) -> None:
    """Three chains with three, two and one events, one of them with sealed values."""
    settings.KEPT_HOME = tmp_path
    make.make_partitions()
    owner = KeyOwner(make.make_debtor(make.make_creditor()).pk)
    tell(1)
    tell(2, batch_id=5, personal={"note": "x"}, personal_of=owner)
    tell(3)
    tell(4, chain_id=2)
    tell(5, chain_id=2)
    tell(6, ChainKind.HOUSE, 0)


@pytest.fixture
def opened(chains: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(OPEN_TO_CHANGE)


@contextmanager
def changed(statement: str, parameters: Any = ()) -> Iterator[Verification]:
    """What verification says after the change, which is undone at the end."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
        yield verify_events()
        transaction.set_rollback(True)


def faults_after(statement: str, parameters: Any = ()) -> set[tuple[Fault, int]]:
    with changed(statement, parameters) as found:
        return {(each.fault, each.chain_id) for each in found.faults}


def test_untouched_chains_are_whole(chains: None) -> None:
    found = verify_events()
    assert found.is_whole
    assert (found.events, found.chains, found.chains_cut_by_retention) == (6, 3, 0)


def flips() -> Iterator[tuple[str, str]]:
    """A statement for each byte of each column of the richest row, and one for each null."""
    row = Event.objects.get(sequence=2, chain_id=1)
    for column in TEXTS:
        for place in range(1, len(getattr(row, column)) + 1):
            letter = f"chr(ascii(substr({column}, {place})) # 1)"
            yield column, f"{column} = overlay({column} placing {letter} from {place} for 1)"
    for column in BYTES:
        for place in range(len(getattr(row, column))):
            byte = f"get_byte({column}, {place}) # 16"
            yield column, f"{column} = set_byte({column}, {place}, {byte})"
    for column in NUMBERS:
        for byte in range(8):
            yield column, f"{column} = {column} # (1::bigint << {8 * byte})"
    for byte in range(3):  # further would leave the months that there are
        yield (
            "recorded_at",
            f"recorded_at = recorded_at + interval '{2 ** (8 * byte)} microseconds'",
        )
    for kind in ("dase", "house", "debtor"):
        yield "chain_kind", f"chain_kind = '{kind}'"
    for column in (*TEXTS, *BYTES, *NUMBERS, "chain_kind"):
        yield column, f"{column} = NULL"


def test_no_byte_of_a_row_can_be_changed_unseen(opened: None) -> None:
    tried: dict[str, int] = {}
    for column, change in flips():
        tried[column] = tried.get(column, 0) + 1
        with changed(f"UPDATE events SET {change} WHERE sequence = 2 AND chain_id = 1") as found:
            assert not found.is_whole, change
    columns = {field.column for field in Event._meta.local_concrete_fields}
    assert set(tried) == columns  # a new column needs its place in the hash, and here
    assert sum(tried.values()) > 180


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_value_of_any_row_can_be_replaced_unseen(opened: None, data: st.DataObject) -> None:
    rows = list(Event.objects.order_by("chain_kind", "chain_id", "sequence").values())
    row = data.draw(st.sampled_from(rows))
    column = data.draw(st.sampled_from([*TEXTS, *BYTES, *NUMBERS]))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9
        ),
        "bytes": st.binary(max_size=40),
        "number": st.integers(-(2**62), 2**62),
    }
    kind = "text" if column in TEXTS else "bytes" if column in BYTES else "number"
    value = data.draw(kinds[kind] | st.none())
    before = row[column]
    before = bytes(before) if isinstance(before, memoryview) else before
    statement = f"UPDATE events SET {column} = %s WHERE hash = %s"
    with changed(statement, [value, row["hash"]]) as found:
        assert found.is_whole == (value == before)


def test_what_is_wrong_is_said_with_its_place(opened: None) -> None:
    of_first = "chain_id = 1 AND sequence"
    assert faults_after(f"UPDATE events SET body = '{{}}' WHERE {of_first} = 2") == {
        (Fault.ALTERED, 1)
    }
    assert faults_after(f"DELETE FROM events WHERE {of_first} = 2") == {(Fault.MISSING, 1)}
    assert faults_after(f"DELETE FROM events WHERE {of_first} = 1") == {(Fault.MISSING, 1)}
    assert faults_after(f"DELETE FROM events WHERE {of_first} = 3") == {(Fault.CUT_SHORT, 1)}
    assert faults_after("DELETE FROM events WHERE chain_id = 1") == {(Fault.CUT_SHORT, 1)}
    assert faults_after("DELETE FROM event_heads WHERE chain_id = 2") == {(Fault.HEADLESS, 2)}
    assert faults_after(f"INSERT INTO events SELECT * FROM events WHERE {of_first} = 2") == {
        (Fault.DOUBLED, 1)
    }
    assert faults_after(
        "UPDATE events SET sequence = 5 - sequence WHERE chain_id = 1 AND sequence > 1"
    ) == {(Fault.ALTERED, 1)}
    with changed("DELETE FROM events WHERE chain_id = 1 AND sequence = 2") as found:
        assert (found.faults[0].sequence, found.faults[0].expected) == (3, 2)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("sequence = sequence + 1", Fault.CUT_SHORT),
        ("sequence = sequence - 1", Fault.HEAD_BEHIND),
        ("hash = set_byte(hash, 31, get_byte(hash, 31) # 1)", Fault.HEAD_ALTERED),
        ("chain_id = 9", Fault.HEADLESS),
        ("chain_kind = 'debtor'", Fault.HEADLESS),
    ],
)
def test_a_changed_head_is_found(opened: None, change: str, fault: Fault) -> None:
    statement = f"UPDATE event_heads SET {change} WHERE chain_kind = 'case' AND chain_id = 1"
    assert fault in {each for each, _ in faults_after(statement)}


REHASH = """
UPDATE events SET previous_hash = %(previous)s, hash = kept_event_hash(
    %(previous)s, chain_kind, chain_id, sequence, recorded_at, actor, action, subject,
    batch_id, key_id, personal, body)
WHERE chain_kind = 'case' AND chain_id = %(chain)s AND sequence = %(sequence)s RETURNING hash
"""


def rewrite(chain: int, change: str) -> None:
    """Change the first event of a chain and make every hash after it anew, the head's too."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE events SET {change} WHERE chain_id = %s AND sequence = 1", [chain])
        previous, last = bytes(32), Event.objects.filter(chain_id=chain).count()
        for sequence in range(1, last + 1):
            cursor.execute(REHASH, {"previous": previous, "chain": chain, "sequence": sequence})
            previous = bytes(cursor.fetchone()[0])
        cursor.execute(
            "UPDATE event_heads SET hash = %s WHERE chain_kind = 'case' AND chain_id = %s",
            [previous, chain],
        )


def test_a_history_written_anew_is_found_by_a_seal(opened: None) -> None:
    exported = read_seal(make_seal(actor=job("night"), now=make.NOW).text())
    tell(7)
    make_seal(actor=job("night"), now=make.NOW)
    assert verify_events([exported]).is_whole
    rewrite(1, "body = '{\"n\":9}'")
    found = verify_events()
    assert {(each.fault, each.chain_id) for each in found.faults} == {(Fault.REWRITTEN, 1)}


def test_an_exported_seal_finds_what_a_forger_of_everything_did(opened: None) -> None:
    exported = read_seal(make_seal(actor=job("night"), now=make.NOW).text())
    rewrite(2, "actor = 'somebody else'")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM seal_leaves; DELETE FROM seals")
        cursor.execute("UPDATE event_heads SET sealed_sequence = 0, sealed_hash = NULL")
    make_seal(actor=job("night"), now=make.NOW)
    assert verify_events().is_whole  # within the database nothing is left that could tell
    found = verify_events([exported])
    assert dict(found.seal_faults)[1] in {SealFault.UNKNOWN, SealFault.OTHER_ROOT}
    assert {SealFault.UNKNOWN, SealFault.OTHER_ROOT} <= {each for _, each in found.seal_faults}


BEGIN_LATER = """
INSERT INTO event_starts (chain_kind, chain_id, sequence, hash)
SELECT chain_kind, chain_id, sequence, hash FROM events
WHERE chain_kind = 'case' AND chain_id = 1 AND sequence = 2;
DELETE FROM events WHERE chain_kind = 'case' AND chain_id = 1 AND sequence <= 2
"""
FORGET_CHAIN = """
INSERT INTO event_starts (chain_kind, chain_id, sequence, hash) VALUES ('case', 1, 9, sha256('x'));
DELETE FROM events WHERE chain_kind = 'case' AND chain_id = 1;
DELETE FROM event_heads WHERE chain_kind = 'case' AND chain_id = 1
"""


def test_events_removed_as_if_by_retention_are_found(opened: None) -> None:
    exported = read_seal(make_seal(actor=job("night"), now=make.NOW).text())
    for statement in (BEGIN_LATER, FORGET_CHAIN):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            for given in ([], [exported]):
                faults = {each.fault for each in verify_events(given).faults}
                assert Fault.BEGINNING_ALTERED in faults
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE seals SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE number = 1",
        "UPDATE seals SET document = replace(document, '2026', '2025') WHERE number = 1",
        "UPDATE seals SET tree_size = tree_size + 1 WHERE number = 2",
        "UPDATE seals SET number = 3 WHERE number = 2",
        "DELETE FROM seals WHERE number = 1",
        "UPDATE seal_leaves SET hash = sha256(hash) WHERE chain_kind = 'house'",
        "UPDATE seal_leaves SET sequence = sequence + 9 WHERE chain_kind = 'house'",
        "DELETE FROM seal_leaves WHERE chain_kind = 'case' AND chain_id = 2",
        "UPDATE event_heads SET sealed_sequence = sealed_sequence - 1 WHERE chain_id = 2",
        "UPDATE event_heads SET sealed_hash = sha256(sealed_hash) WHERE chain_id = 2",
    ],
)
def test_a_changed_seal_is_found(opened: None, change: str) -> None:
    make_seal(actor=job("night"), now=make.NOW)
    make_seal(actor=job("night"), now=make.NOW)
    assert verify_events().is_whole
    with changed(change) as found:
        assert not found.is_whole


def test_a_seal_that_was_ended_midway_goes_on(
    chains: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kept.batch import seals

    def ended(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(seals, "finish_seal", ended)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            make_seal(actor=job("night"), now=make.NOW, chunk=1)
    again: Callable[..., Any] = make_seal
    document = again(actor=job("night"), now=make.NOW, chunk=1)
    assert (document.number, document.tree_size) == (1, 3)
    tell(7)
    tell(8, chain_id=3)
    second = again(actor=job("night"), now=make.NOW)
    assert (second.number, second.tree_size) == (2, 4)
    assert second.previous_root == document.root
    assert second.previous_sha256 == document.sha256()
    assert Seal.objects.count() == 2
    assert verify_events([read_seal(document.text()), second]).is_whole
    files = sorted(each.name for each in seals.seal_folder().iterdir())
    assert files == ["seal-000001.json", "seal-000002.json"]
    assert seals.seal_path(2).read_text() == second.text()
