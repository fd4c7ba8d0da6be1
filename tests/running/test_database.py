"""`DATABASE_URL` takes over, and a server that kept cannot use is refused with a sentence."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from kept.running.database import connection_parameters, ensure_database
from kept.running.database import database_url as url_of
from kept.running.errors import DatabaseUnavailable, SettingError
from kept.running.settings import Settings, load_settings


@pytest.fixture
def other(database_url: str) -> Iterator[str]:
    """The address of an empty database that kept did not make."""
    name = sql.Identifier("other")
    with closing(psycopg.connect(database_url, autocommit=True)) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield urlsplit(database_url)._replace(path="/other").geturl()
        connection.execute(sql.SQL("DROP DATABASE {}").format(name))


def run(url: str, *statements: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        for statement in statements:
            connection.execute(statement)


def refusal_of(url: str) -> str:
    with pytest.raises(DatabaseUnavailable) as refusal:
        ensure_database(Settings(database_url=url))
    assert str(refusal.value).startswith("DATABASE_URL names ")
    return str(refusal.value)


def test_it_takes_over_from_the_embedded_database(other: str, tmp_path: Path) -> None:
    settings = load_settings({"DATABASE_URL": other, "KEPT_HOME": str(tmp_path)})
    ensured = ensure_database(settings)
    assert (ensured.url, ensured.was_started) == (other, False)
    assert url_of(settings) == other
    assert connection_parameters(settings)["dbname"] == "other"
    assert list(tmp_path.iterdir()) == []


def test_parameters_of_the_address_are_kept() -> None:
    url = "postgresql://kept:p%40ss@db.example:5433/book?sslmode=verify-full&application_name=kept"
    assert connection_parameters(Settings(database_url=url)) == {
        "host": "db.example",
        "port": "5433",
        "user": "kept",
        "password": "p@ss",
        "dbname": "book",
        "sslmode": "verify-full",
        "application_name": "kept",
    }


def test_an_address_that_the_library_cannot_read_is_refused() -> None:
    with pytest.raises(SettingError, match="special characters written as %XX"):
        connection_parameters(Settings(database_url="postgresql://kept:p%zz@db/book"))


def test_an_absent_database_is_refused(database_url: str) -> None:
    said = refusal_of(urlsplit(database_url)._replace(path="/absent").geturl())
    assert 'database "absent" does not exist' in said
    assert "unset DATABASE_URL to use the embedded database" in said


def test_a_wrong_password_and_a_closed_port_are_refused(database_url: str) -> None:
    parts = urlsplit(database_url)
    wrong = parts._replace(netloc="kept:wrong@").geturl()
    assert "password authentication failed" in refusal_of(wrong)
    assert "wrong@" not in refusal_of(wrong)
    assert "127.0.0.1" in refusal_of("postgresql://kept@127.0.0.1:1/kept")


def test_somebody_elses_database_is_refused_and_left_alone(other: str) -> None:
    run(other, "CREATE TABLE invoices (n int)")
    assert "the tables of another program" in refusal_of(other)
    run(
        other,
        "DROP TABLE invoices",
        "CREATE TABLE django_migrations (app text, name text)",
        "INSERT INTO django_migrations VALUES ('contenttypes', '0001'), ('shop', '0001')",
    )
    assert "the tables of another program" in refusal_of(other)
    run(other, "INSERT INTO django_migrations VALUES ('store', '0001_initial')")
    assert ensure_database(Settings(database_url=other)).url == other


def test_a_database_that_cannot_hold_chinese_is_refused(database_url: str) -> None:
    run(
        database_url,
        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc "
        "LOCALE 'C'",
    )
    said = refusal_of(urlsplit(database_url)._replace(path="/latin").geturl())
    assert "whose encoding is LATIN1: kept needs a database made with ENCODING 'UTF8'" in said
    run(database_url, "DROP DATABASE latin")
