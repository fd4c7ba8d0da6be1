"""Refuses a data key that is not the one this database was sealed with.

Without this a lost key file would be made anew, and the next intake would write names nobody finds
and numbers nobody opens, beside the old ones.
"""

from __future__ import annotations

from django.db import connection

from kept.store.cipher import CipherError, house_cipher
from kept.store.models import KeyCheck

__all__ = ["WrongDataKey", "check_data_key"]


class WrongDataKey(CipherError):
    """KEPT_DATA_KEY is not the key that this database was sealed with: put the right one back."""


def check_data_key() -> None:
    """Remember the key of a new database; raise `WrongDataKey` where an old one has another.

    Does nothing before the first migration.
    """
    if KeyCheck._meta.db_table not in connection.introspection.table_names():
        return
    ours = house_cipher().hash("key_check", "kept")
    stored, _is_new = KeyCheck.objects.get_or_create(id=1, defaults={"value_hash": ours})
    if bytes(stored.value_hash) != ours:
        raise WrongDataKey(WrongDataKey.__doc__)
