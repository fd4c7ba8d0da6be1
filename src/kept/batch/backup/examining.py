"""The figures of a book by which a restored one is held against the one that was backed up.

Row counts of every table, and one hash over the heads of all event chains: a head's hash covers
every event before it. `python -m kept.batch.backup.examining` prints which invariants a database
breaks (DATABASE_URL names it), in a process of its own since Django knows one database only.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.utils.translation import gettext as _
from psycopg import pq, sql

from kept.batch.backup.manifest import BackupRefused

__all__ = ["address_of", "broken_invariants", "examine_book", "public_tables"]

_TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relpersistence = 'p' AND relname NOT LIKE 'staged\\_%'
    ORDER BY relname
"""
_HEADS = """
    COPY (SELECT chain_kind, chain_id, sequence, encode(hash, 'hex') FROM event_heads
          ORDER BY chain_kind COLLATE "C", chain_id) TO STDOUT
"""
_SEALED = """
    SELECT encode(root, 'hex') FROM seals WHERE root IS NOT NULL ORDER BY number DESC LIMIT 1
"""


def public_tables(connection: psycopg.Connection) -> list[str]:
    return [name for (name,) in connection.execute(_TABLES)]


def examine_book(connection: psycopg.Connection) -> dict[str, Any]:
    """Row counts, the hash of all event heads and the newest sealed root (hexadecimal).

    In the connection's transaction; a text is empty where there is none.
    """
    tables = public_tables(connection)
    sealed = connection.execute(_SEALED).fetchone() if "seals" in tables else None
    return {
        "tables": {name: _count(connection, name) for name in tables},
        "heads": _heads(connection) if "event_heads" in tables else "",
        "sealed_root": sealed[0] if sealed else "",
    }


def _count(connection: psycopg.Connection, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def _heads(connection: psycopg.Connection) -> str:
    digest = hashlib.sha256()
    with connection.cursor() as cursor, cursor.copy(_HEADS) as lines:
        for piece in lines:
            digest.update(piece)
    return digest.hexdigest()


def broken_invariants(url: str) -> list[str]:
    """What does not hold in the database at `url`: invariants of the book, or its data key."""
    process = subprocess.run(
        [sys.executable, "-m", "kept.batch.backup.examining"],
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found: list[str] = json.loads(process.stdout)
    except ValueError:
        said = process.stderr.strip().splitlines()[-1:] or ["nothing was said"]
        raise BackupRefused(
            _("The invariants could not be run: %(said)s") % {"said": said[0]}
        ) from None
    return found


def address_of(settings: dict[str, Any]) -> str:
    """A connection URL from Django's settings of a database."""
    options = {name: str(value) for name, value in settings.get("OPTIONS", {}).items()}
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    query = {name: value for name, value in options.items() if name in known}
    query |= {name.lower(): str(settings[name]) for name in ("HOST", "PORT") if settings[name]}
    who = quote(settings["USER"], safe="")
    if settings["PASSWORD"]:
        who += ":" + quote(settings["PASSWORD"], safe="")
    return f"postgresql://{who}@/{quote(settings['NAME'], safe='')}?{urlencode(query)}"


def _main() -> None:
    import django

    django.setup()
    from kept.store.invariants import check_invariants
    from kept.store.key_check import WrongDataKey, check_data_key

    found = [str(each) for each in check_invariants()]
    try:
        check_data_key()
    except WrongDataKey as error:
        found.append(str(error))
    print(json.dumps(found))


if __name__ == "__main__":
    _main()
