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
    assert refusal_of("postgresql://kept:secret@127.0.0.1:1/kept") == (
        "DATABASE_URL names 127.0.0.1, port 1, database kept, which cannot be used (no server"
        " answers there): correct it, start that server, or unset DATABASE_URL to use the embedded"
        " database."
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://kept:secret@/kept?host=/nonexistent", "no server has its socket there"),
        ("postgresql://kept:secret@nobody.invalid/kept", "no machine of that name is known"),
        ("postgresql://kept:secret@127.0.0.1:1/kept?sslmode=other", "invalid sslmode value"),
    ],
)
def test_a_reason_is_one_clean_line_without_the_password(url: str, reason: str) -> None:
    with pytest.raises((DatabaseUnavailable, SettingError)) as refusal:
        ensure_database(Settings(database_url=url))
    said = str(refusal.value)
    assert reason in said
    assert not {"\n", "\t"} & set(said)
    assert "kept:secret" not in said


def test_a_sentence_is_said_in_another_language_with_its_values() -> None:
    german = {
        "DATABASE_URL names {where}, which cannot be used ({reason}): correct it, start that "
        "server, or unset DATABASE_URL to use the embedded database.": "{reason}: {where}",
        "no server answers there": "dort antwortet kein Server",
    }
    with pytest.raises(DatabaseUnavailable) as refusal:
        ensure_database(Settings(database_url="postgresql://kept@127.0.0.1:1/kept"))
    said = refusal.value.said.told(lambda source: german.get(source, source))
    assert said == "dort antwortet kein Server: 127.0.0.1, port 1, database kept"


def test_tables_that_kept_may_not_read_are_somebody_elses(other: str) -> None:
    run(
        other,
        "CREATE TABLE django_migrations (app text, name text)",
        "REVOKE ALL ON django_migrations FROM kept",
        "CREATE TABLE intake_files (n int)",
    )
    assert "the tables of another program" in refusal_of(other)


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
    assert "the tables of another program" in refusal_of(other)  # its shop has an app of that name
    run(other, "CREATE TABLE intake_files (n int)")
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
