"""The role and the database that kept works with inside the embedded server.

kept works as an ordinary role that owns its database, not as the superuser: what the database
forbids (changing a posting, for one) stays forbidden for a fault in kept too.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

__all__ = ["ADMINISTRATOR", "DATABASE", "ROLE", "make_role_and_database"]

ADMINISTRATOR = "postgres"
ROLE = "kept"
DATABASE = "kept"


def make_role_and_database(administrator_url: str, password: str) -> None:
    """Make what is absent and set the role's password; harmless when repeated."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        # Only the verifier travels, so that no log can hold the password.
        verifier = connection.pgconn.encrypt_password(
            password.encode(), ROLE.encode(), b"scram-sha-256"
        ).decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(verifier)))
        connection.execute(sql.SQL("GRANT pg_monitor, pg_checkpoint TO {}").format(role))
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
    _add_statistics(administrator_url)


def _add_statistics(administrator_url: str) -> None:
    """Statistics of statements for the health page; only a superuser may add them."""
    with psycopg.connect(administrator_url, dbname=DATABASE, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
