"""The book as lines of text without any number that the database gave: two books that say the same
give the same lines, in whatever order they were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

__all__ = ["assert_nothing_applied", "book_lines", "staging_tables"]

#: One statement a table; what is a number of the database is named by what it stands for.
TABLES = {
    "debtors": """
        SELECT c.code, d.external_id, d.kind, d.name, d.name_key, d.language, d.country, d.zones,
               d.created_at, p.kind,
               (SELECT min(o.external_id) FROM debtors o WHERE o.person_id = d.person_id),
               (SELECT string_agg(encode(k.value_hash, 'hex') || k.kind || k.country || k.masked,
                                  ' ' ORDER BY k.value_hash) FROM identity_keys k
                WHERE k.person_id = d.person_id)
        FROM debtors d JOIN creditors c ON c.id = d.creditor_id JOIN persons p ON p.id = d.person_id
    """,
    "persons": "SELECT count(*) FROM persons",
    "identity_keys": "SELECT value_hash, kind, country, masked FROM identity_keys",
    "related_persons": """
        SELECT d.external_id, r.relation, r.name, r.name_key, r.language, r.created_at,
               (SELECT string_agg(encode(k.value_hash, 'hex'), ' ' ORDER BY k.value_hash)
                FROM identity_keys k WHERE k.person_id = r.person_id)
        FROM related_persons r JOIN debtors d ON d.id = r.debtor_id
    """,
    "contact_points": """
        SELECT d.external_id, r.relation, r.name_key, c.kind, c.usage, c.value_hash, c.masked,
               c.country, c.validity, c.consent, c.source, c.position, c.created_at
        FROM contact_points c JOIN debtors d ON d.id = c.debtor_id
        LEFT JOIN related_persons r ON r.id = c.related_person_id
    """,
    "accounts": """
        SELECT a.external_id, p.code, d.external_id, a.currency, a.opened_on,
               a.original_amount_minor, a.state, a.state_since, a.row_version, a.row_hash, a.as_of,
               f.file_id, a.created_at
        FROM accounts a JOIN products p ON p.id = a.product_id JOIN debtors d ON d.id = a.debtor_id
        LEFT JOIN intake_files f ON f.id = a.intake_file_id
    """,
    "postings": """
        SELECT a.external_id, e.kind, e.effective_on, e.recorded_at, e.actor, e.reference, r.key,
               p.component, p.from_book, p.to_book, p.amount_minor, p.due_on, p.recorded_at
        FROM postings p JOIN entries e ON e.id = p.entry_id JOIN accounts a ON a.id = p.account_id
        LEFT JOIN runs r ON r.id = e.run_id
    """,
    "entries": "SELECT count(*) FROM entries",
    "cases": """
        SELECT d.external_id, c.stage, c.opened_on, c.closed_on, c.close_reason, c.created_at,
               (SELECT string_agg(concat_ws(',', a.external_id, s.entered_on, s.left_on,
                                            s.leave_reason, s.gathered), ' '
                                  ORDER BY a.external_id, s.entered_on)
                FROM case_accounts s JOIN accounts a ON a.id = s.account_id WHERE s.case_id = c.id)
        FROM cases c JOIN debtors d ON d.id = c.debtor_id
    """,
    "holds": """
        SELECT d.external_id, a.external_id, h.reason, h.effects, h.placed_at, h.placed_by, h.note,
               h.until, h.released_at, h.released_by, h.release_reason
        FROM holds h JOIN debtors d ON d.id = h.debtor_id
        LEFT JOIN accounts a ON a.id = h.account_id
    """,
    "intake_files": """
        SELECT file_type, file_id, name, sha256, size_bytes, sequence, as_of, coverage, state,
               received_at, quarantine_code, quarantine_detail, counts, profile, acknowledgement
        FROM intake_files
    """,
    "intake_rejects": """
        SELECT f.file_id, r.line_no, r.external_id, r.field, r.code, r.severity, r.detail
        FROM intake_rejects r JOIN intake_files f ON f.id = r.intake_file_id
    """,
    "runs": "SELECT kind, key, actor, now, business_date, state, message FROM runs",
}

#: Chains by what they belong to; a debtor's cases are told apart by the day they were opened.
EVENTS = """
    SELECT e.chain_kind, coalesce(d.external_id, cd.external_id, ''), c.opened_on, e.sequence,
           e.recorded_at, e.actor, e.action, r.key, e.body
    FROM events e
    LEFT JOIN cases c ON e.chain_kind = 'case' AND c.id = e.chain_id
    LEFT JOIN debtors cd ON cd.id = c.debtor_id
    LEFT JOIN debtors d ON e.chain_kind = 'debtor' AND d.id = e.chain_id
    LEFT JOIN runs r ON r.id = e.batch_id
"""


def book_lines(*, without: Iterable[str] = ()) -> list[str]:
    """Every row of the book, sorted; `without` names tables that may differ."""
    lines = []
    for table, statement in TABLES.items():
        if table not in without:
            lines += [f"{table}: {line}" for line in _lines(statement)]
    if "events" not in without:
        lines += [f"events: {line}" for line in _event_lines()]
    return sorted(lines)


def _lines(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [" | ".join(_text(value) for value in row) for row in cursor.fetchall()]


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return str(value)


def _event_lines() -> list[str]:
    accounts, files = _names("accounts", "external_id"), _names("intake_files", "file_id")
    with connection.cursor() as cursor:
        cursor.execute(EVENTS)
        found = cursor.fetchall()
    lines = []
    for *place, body in found:
        told = _named(json.loads(body), accounts, files)
        lines.append(" | ".join([*map(_text, place), _text(told)]))
    return lines


def _names(table: str, name: str) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {name} FROM {table}")  # noqa: S608
        return dict(cursor.fetchall())


def _named(value: Any, accounts: dict[int, str], files: dict[int, str]) -> Any:
    """The body with account and file numbers replaced, and lists in an order of their own."""
    if isinstance(value, list):
        items = [_named(each, accounts, files) for each in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if not isinstance(value, dict):
        return value
    named = {key: _named(each, accounts, files) for key, each in value.items()}
    named.pop("root", None)  # over sealed bytes and numbers of rows, which differ every time
    if isinstance(named.get("account"), int):
        named["account"] = accounts[named["account"]]
    if isinstance(named.get("intake_file"), int):
        named["intake_file"] = files[named["intake_file"]]
    return named


def assert_nothing_applied() -> None:
    for table in ("accounts", "debtors", "persons", "entries", "cases", "holds"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            assert cursor.fetchone()[0] == 0, f"{table} is not empty"


def staging_tables() -> int:
    """How many tables of runs are left in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'staged%'")
        return int(cursor.fetchone()[0])
