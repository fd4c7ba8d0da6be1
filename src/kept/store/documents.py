"""Documents in the vault: a PDF is sealed, opened, and forgotten when its person is erased."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import PurePosixPath

from django.db import connection, transaction

from kept.core.documents.codes import CODE_LETTERS, RANDOM_LETTERS, code_of
from kept.store.cipher import new_secret
from kept.store.queries import load
from kept.store.sealing import SealedContent, open_sealed, seal_file, vault_folder

__all__ = ["forget_documents", "new_code", "open_document", "store_document"]

_FOLDER = "documents"


def new_code() -> str:
    """A code nobody has seen, with its check letter."""
    return code_of(new_secret(RANDOM_LETTERS, CODE_LETTERS))


def store_document(creditor_code: str, pdf: bytes) -> tuple[SealedContent, str]:
    """Seal a PDF into the vault; returns what was sealed and its place for the row.

    What a transaction that is taken back leaves there is sealed, and named by no row.
    """
    content = seal_file(io.BytesIO(pdf), vault_folder() / _FOLDER / creditor_code)
    return content, str(content.path.relative_to(vault_folder()))


def open_document(stored_path: str) -> bytes:
    """The PDF; `SealedFileError` where it was altered, FileNotFoundError where it is gone."""
    with open_sealed(vault_folder() / stored_path) as plain:
        return plain.read()


def forget_documents() -> int:
    """Forget the PDFs of who was picked for erasing; their bytes go once that is committed."""
    rows = load("erasures")["take_documents"].rows()
    paths = [row["stored_path"] for row in rows]
    transaction.on_commit(lambda: _remove(paths), using=connection.alias)
    return len(paths)


def _remove(paths: Iterable[str]) -> None:
    for path in paths:
        if path and ".." not in PurePosixPath(path).parts:
            (vault_folder() / path).unlink(missing_ok=True)
