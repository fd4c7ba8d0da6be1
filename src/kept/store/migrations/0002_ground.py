"""Partitions, event hashes and append-only tables, in SQL (0002_ground.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")

DROP = """
ALTER TABLE postings DROP CONSTRAINT posting_books_known, DROP CONSTRAINT posting_due_only_when_owed;
DROP TRIGGER terms_are_fixed ON product_terms;
DROP TRIGGER account_identity_is_fixed ON accounts;
DROP TRIGGER bucket_moves_only_grow ON bucket_moves;
DROP TRIGGER postings_only_grow ON postings;
DROP TRIGGER entries_only_grow ON entries;
DROP TABLE attempts, events;
DROP FUNCTION kept_refuse_new_terms, kept_refuse_new_identity, kept_refuse_change,
    kept_event_hash, kept_ensure_partitions;
"""


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [migrations.RunSQL(SQL, DROP)]
