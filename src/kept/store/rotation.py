"""Every column that holds what a data key sealed, and the steps by which a key is rotated.

A batch opens values with their old key and seals them with the new one, in place: the first byte of
a value tells its key, so both stand side by side. Keyed hashes are made ready beside the rows and
taken all at once, since two rows are only found to be one person while they have hashes of one key.
A new sealed column belongs into `SEALED_COLUMNS`; a test finds one that is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kept.store.cipher import Cipher, house_cipher
from kept.store.queries import Query, load
from kept.store.staging import empty_staging, staged_runs

__all__ = ["SEALED_COLUMNS", "SealedColumn", "count_sealed", "reseal_batch", "take_new_hashes"]

BATCH = 5_000


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """`kind` is a column, or a kind in quotation marks; `hashed` the column of the keyed hash."""

    table: str
    cipher: str
    kind: str
    hashed: str | None = None


SEALED_COLUMNS = (
    SealedColumn("identity_keys", "value_cipher", "kind", "value_hash"),
    SealedColumn("contact_points", "value_cipher", "kind", "value_hash"),
    SealedColumn("intake_rejects", "value_cipher", "'reject'"),
    SealedColumn("payments", "details_cipher", "'payment_details'"),
    SealedColumn("person_keys", "wrapped", "'person_key'"),
    SealedColumn("subscribers", "secret_cipher", "'subscriber_secret'"),
)


def reseal_batch(
    column: SealedColumn, after: int, *, with_hashes: bool = True
) -> tuple[int, int] | None:
    """Seal the next rows after an id with the sealing key, in the caller's transaction.

    Returns the last id it did and how many rows, None when nothing is left. Without hashes once
    those of the new key are in use.
    """
    cipher = house_cipher()
    number = cipher.ring.sealing.number
    with_hashes = with_hashes and column.hashed is not None
    query = _of(column, "next_hashed" if with_hashes else "next_sealed")
    rows = query.rows({"after": after, "number": number, "limit": BATCH})
    if not rows:
        return None
    ids = [row["id"] for row in rows]
    opened = _opened(cipher, rows)
    sealed = _by_kind(opened, cipher.seal_bytes)
    _of(column, "seal_anew").run({"ids": ids, "sealed": sealed})
    if with_hashes:
        hashing = Cipher(cipher.ring.finished())
        new = _by_kind(opened, lambda kind, values: hashing.hashes(kind, map(bytes.decode, values)))
        old = [row["old_hash"] for row in rows]
        _of(column, "make_ready").run({"ids": ids, "number": number, "old": old, "new": new})
    return int(ids[-1]), len(ids)


def _opened(cipher: Cipher, rows: list[dict[str, Any]]) -> list[tuple[str, bytes]]:
    return [(row["kind"], cipher.open_bytes(row["kind"], row["sealed"])) for row in rows]


def _by_kind(values: list[tuple[str, bytes]], work: Any) -> list[bytes]:
    """`work` on all values of one kind at a time; its answers in the order of the values."""
    places: dict[str, list[int]] = defaultdict(list)
    for place, (kind, _) in enumerate(values):
        places[kind].append(place)
    found: dict[int, bytes] = {}
    for kind, of_kind in places.items():
        answers = work(kind, [values[place][1] for place in of_kind])
        found |= dict(zip(of_kind, answers, strict=True))
    return [found[place] for place in range(len(values))]


def take_new_hashes() -> None:
    """Replace every keyed hash, in the caller's transaction, which holds the hashing lock alone.

    Staged rows of files that are being taken in have hashes of the old key: their tables are
    emptied, and their runs stage them again when they go on.
    """
    sql, number = load("rotation"), {"number": house_cipher().ring.sealing.number}
    for column in SEALED_COLUMNS:
        if column.hashed:
            _of(column, "take_hashes").run(number)
    sql["rename_debtors"].run(number)
    sql["unmark"].run(number)
    sql["mark"].run(number)
    sql["forget_ready"].run()
    for run_id in staged_runs():
        empty_staging(run_id)


def count_sealed(number: int) -> Mapping[str, int]:
    """How many values each table holds that this key sealed."""
    return {
        column.table: _of(column, "count_sealed").rows({"number": number})[0]["n"]
        for column in SEALED_COLUMNS
    }


def _of(column: SealedColumn, name: str) -> Query:
    query = load("rotation")[name]
    text = query.text.replace("t._KIND", column.kind if "'" in column.kind else "t._KIND")
    names = {
        "_TABLE": column.table,
        "_CIPHER": column.cipher,
        "_KIND": column.kind,
        "_HASH": column.hashed or "",
    }
    for placeholder, given in names.items():
        text = text.replace(placeholder, given)
    return Query(query.name, query.description, text)
