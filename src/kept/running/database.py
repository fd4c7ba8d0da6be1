"""Which database this installation uses, and whether it answers.

`DATABASE_URL` names it, else it is the embedded one, which is started where it does not run.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kept.running.cluster import Cluster, Ensured
from kept.running.errors import DatabaseUnavailable, SettingError
from kept.running.paths import home_folder
from kept.running.settings import Settings

__all__ = ["connection_parameters", "database_url", "embedded_cluster", "ensure_database"]

SERVER_VERSION_MIN = 160000
# Tables without kept's own migrations beside them are another program's.
APPS_BEFORE_STORE = {"contenttypes", "auth"}


def embedded_cluster(settings: Settings) -> Cluster:
    return Cluster(home_folder(settings), settings.pg_user)


def database_url(settings: Settings) -> str:
    """The libpq address of the database, with its password; it starts nothing."""
    return settings.database_url or embedded_cluster(settings).url()


def connection_parameters(settings: Settings) -> dict[str, Any]:
    """The address as libpq's parameters: `host`, `dbname`, `user` and so on."""
    try:
        return dict(conninfo_to_dict(database_url(settings)))
    except psycopg.ProgrammingError as error:
        raise SettingError(
            "DATABASE_URL holds a value (not shown, it is a secret) that PostgreSQL's library "
            "cannot read: set it to postgresql://user:password@host:5432/name, with special "
            "characters written as %XX."
        ) from error


def ensure_database(settings: Settings) -> Ensured:
    """A database that answers and is kept's to use, or `DatabaseUnavailable`."""
    if settings.database_url is None:
        return embedded_cluster(settings).ensure()
    parameters = connection_parameters(settings)
    where = f"{parameters.get('host', 'the local socket')}, database {parameters.get('dbname')}"
    try:
        with psycopg.connect(settings.database_url, connect_timeout=10) as connection:
            _refuse_unfit(connection, where)
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise DatabaseUnavailable(
            f"DATABASE_URL names {where}, which cannot be used ({reason}): correct it, start that "
            "server, or unset DATABASE_URL to use the embedded database."
        ) from error
    return Ensured(settings.database_url, was_started=False)


def _refuse_unfit(connection: psycopg.Connection, where: str) -> None:
    if connection.info.server_version < SERVER_VERSION_MIN:
        raise DatabaseUnavailable(
            f"DATABASE_URL names {where}, which runs PostgreSQL "
            f"{connection.info.server_version // 10000}: kept needs "
            f"{SERVER_VERSION_MIN // 10000} or later."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnavailable(
            f"DATABASE_URL names {where}, whose encoding is {encoding}: kept needs a database made "
            "with ENCODING 'UTF8'."
        )
    if _is_foreign(connection):
        raise DatabaseUnavailable(
            f"DATABASE_URL names {where}, which holds the tables of another program: give kept a "
            "database of its own."
        )


def _is_foreign(connection: psycopg.Connection) -> bool:
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        )
    }
    if "django_migrations" not in tables:
        return bool(tables)
    apps = {app for (app,) in connection.execute("SELECT DISTINCT app FROM django_migrations")}
    return bool(apps - APPS_BEFORE_STORE) and "store" not in apps
