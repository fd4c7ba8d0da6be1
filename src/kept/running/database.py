"""Which database this installation uses, and whether it answers.

`DATABASE_URL` names it, else it is the embedded one, which is started where it does not run.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from kept.running.cluster import Cluster, Ensured
from kept.running.errors import DatabaseUnavailable, Said, SettingError
from kept.running.paths import home_folder
from kept.running.settings import Settings

__all__ = ["connection_parameters", "database_url", "embedded_cluster", "ensure_database"]

SERVER_VERSION_MIN = 160000
# Tables without kept's own migrations beside them are another program's.
APPS_BEFORE_STORE = {"contenttypes", "auth"}
OWN_TABLE = "intake_files"  # of the first migration
CONNECT_SECONDS = 10
# What the library or the server says, and what it means; both speak English to us or are quoted.
_USUAL_REASONS = {
    "Connection refused": Said("no server answers there"),
    "No such file or directory": Said("no server has its socket there"),
    "timeout expired": Said("it does not answer in {seconds} seconds", seconds=CONNECT_SECONDS),
    "failed to resolve host": Said("no machine of that name is known"),
    "could not translate host name": Said("no machine of that name is known"),
    "password authentication failed": Said("password authentication failed for user {user}"),
    "no password supplied": Said("it asks for a password, and the address has none"),
    "no pg_hba.conf entry": Said("its rules do not let this user in from this machine"),
    "too many clients": Said("it has no connection to spare"),
    "remaining connection slots": Said("it has no connection to spare"),
    "No space left on device": Said("its disk is full"),
}


def embedded_cluster(settings: Settings) -> Cluster:
    is_archived = settings.backup_dir is not None
    return Cluster(home_folder(settings), settings.pg_user, is_archived=is_archived)


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
    where = _named(parameters)
    try:
        with psycopg.connect(settings.database_url, connect_timeout=CONNECT_SECONDS) as connection:
            _refuse_unfit(connection, where)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            "DATABASE_URL names {where}, which cannot be used ({reason}): correct it, start that "
            "server, or unset DATABASE_URL to use the embedded database.",
            where=where,
            reason=_why_unusable(error, parameters),
        ) from error
    return Ensured(settings.database_url, was_started=False)


def _named(parameters: dict[str, Any]) -> Said:
    """The server and the database of an address, without user and password."""
    name, host = parameters.get("dbname"), str(parameters.get("host", ""))
    if not host or host.startswith(("/", "@")):
        return Said("the local socket {host}, database {name}", host=host, name=name)
    port = parameters.get("port", "5432")
    return Said("{host}, port {port}, database {name}", host=host, port=port, name=name)


def _why_unusable(error: psycopg.OperationalError, parameters: dict[str, Any]) -> Said | str:
    """What the server or the library says, in words of ours where the reason is a usual one."""
    said = str(error)
    for mark, reason in _USUAL_REASONS.items():
        if mark in said:
            return Said(reason.source, user=parameters.get("user", ""), **reason.values)
    line = next((line for line in said.splitlines() if line.strip()), type(error).__name__)
    told = line.rsplit(" failed: ", 1)[-1].removeprefix("connection is bad: ")
    text = " ".join(told.removeprefix("FATAL:").split())
    password = parameters.get("password")
    return text.replace(password, "…") if password else text


def _refuse_unfit(connection: psycopg.Connection, where: Said) -> None:
    if connection.info.server_version < SERVER_VERSION_MIN:
        raise DatabaseUnavailable(
            "DATABASE_URL names {where}, which runs PostgreSQL {found}: kept needs {least} or "
            "later.",
            where=where,
            found=connection.info.server_version // 10000,
            least=SERVER_VERSION_MIN // 10000,
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnavailable(
            "DATABASE_URL names {where}, whose encoding is {encoding}: kept needs a database made "
            "with ENCODING 'UTF8'.",
            where=where,
            encoding=encoding,
        )
    if _is_foreign(connection):
        raise DatabaseUnavailable(
            "DATABASE_URL names {where}, which holds the tables of another program: give kept a "
            "database of its own.",
            where=where,
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
    try:
        found = connection.execute("SELECT DISTINCT app FROM django_migrations").fetchall()
    except psycopg.errors.InsufficientPrivilege:
        return True
    apps = {app for (app,) in found}
    if "store" in apps:
        # A shop of another Django project has an app of this name too, and not this table.
        return OWN_TABLE not in tables
    return bool(apps - APPS_BEFORE_STORE)
