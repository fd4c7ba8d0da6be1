"""Settings: defaults, readings, and the sentence that a wrong value gets."""

import base64
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.core.key_rings import KeyRing
from kept.running.errors import SettingError
from kept.running.settings import Settings, load_settings, settings_page

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_nothing_needs_to_be_set() -> None:
    assert load_settings({}) == Settings()
    assert load_settings({"KEPT_WEB_PORT": "", "PATH": "/bin"}) == Settings()


def test_values_are_read_into_their_types() -> None:
    key = bytes(range(32))
    settings = load_settings(
        {
            "KEPT_HOME": "/srv/kept",
            "DATABASE_URL": "postgresql://kept:pass@db.example:5433/book",
            "KEPT_WEB_PORT": "8080",
            "KEPT_ALLOWED_HOSTS": "collect.example, localhost",
            "KEPT_LANGUAGE": "EN",
            "KEPT_TIME_ZONE": "Europe/London",
            "KEPT_DEBUG": "Yes",
            "KEPT_DATA_KEY": base64.b64encode(key).decode(),
        }
    )
    assert settings.home == Path("/srv/kept")
    assert settings.database_url == "postgresql://kept:pass@db.example:5433/book"
    assert settings.web_port == 8080
    assert settings.allowed_hosts == ("collect.example", "localhost")
    assert (settings.language, settings.time_zone) == ("en", "Europe/London")
    assert settings.debug is True
    assert settings.data_keys == KeyRing.single(key)


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("KEPT_WEB_PORT", "eight", "a whole number from 1 to 65535"),
        ("KEPT_WEB_PORT", "0", "a whole number from 1 to 65535"),
        ("KEPT_WEB_PORT", "65536", "a whole number from 1 to 65535"),
        ("KEPT_WEB_PORT", "80.5", "a whole number from 1 to 65535"),
        ("KEPT_WEB_WORKERS", "-1", "a whole number from 1 to 256"),
        ("KEPT_WORKER_CONCURRENCY", "many", "a whole number from 1 to 64"),
        ("KEPT_WEB_HOST", "http://0.0.0.0/", "one host name or address"),
        ("KEPT_ALLOWED_HOSTS", "https://collect.example/", "host names with commas"),
        ("KEPT_LANGUAGE", "fr", "one of zh-hans, en"),
        ("KEPT_TIME_ZONE", "Mars/Olympus", "a zone name such as Asia/Shanghai"),
        ("KEPT_TIME_ZONE", "../etc/passwd", "a zone name such as Asia/Shanghai"),
        ("KEPT_DEBUG", "perhaps", "yes or no"),
    ],
)
def test_a_wrong_value_is_named_with_what_to_set(variable: str, value: str, wanted: str) -> None:
    with pytest.raises(SettingError) as refusal:
        load_settings({variable: value})
    sentence = str(refusal.value)
    assert sentence.startswith(f"{variable} is {value!r} that kept cannot use: set it to ")
    assert wanted in sentence


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("DATABASE_URL", "mysql://root:hunter2@db/book", "PostgreSQL only"),
        ("DATABASE_URL", "postgresql://kept:hunter2@db:5432", "name of the database is missing"),
        ("DATABASE_URL", "postgresql://kept:hunter2@db:port/book", "user:password@host:5432/name"),
        ("KEPT_DATA_KEY", "hunter2", "32 bytes in base64"),
        ("KEPT_SECRET_KEY", "hunter2", "at least 32 random characters"),
    ],
)
def test_a_wrong_secret_is_not_repeated(variable: str, value: str, wanted: str) -> None:
    with pytest.raises(SettingError) as refusal:
        load_settings({variable: value})
    assert str(refusal.value).startswith(f"{variable} holds a value (not shown, it is a secret)")
    assert wanted in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = load_settings(
        {"DATABASE_URL": "postgresql://kept:hunter2@db/book", "KEPT_SECRET_KEY": "hunter2" * 6}
    )
    assert "hunter2" not in repr(settings)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "KEPT_WEB_PORT",
                "KEPT_TIME_ZONE",
                "DATABASE_URL",
                "KEPT_DATA_KEY",
                "KEPT_HOME",
                "KEPT_DEBUG",
            ]
        ),
        st.text(),
    )
)
def test_any_text_is_read_or_refused(environ: dict[str, str]) -> None:
    with suppress(SettingError):
        assert 1 <= load_settings(environ).web_port <= 65535


@pytest.mark.parametrize(
    ("hosts", "debug", "is_local"),
    [("localhost", "", True), ("collect.example", "", False), ("collect.example", "yes", True)],
)
def test_only_local_names_go_without_encryption(hosts: str, debug: str, is_local: bool) -> None:
    settings = load_settings({"KEPT_ALLOWED_HOSTS": hosts, "KEPT_DEBUG": debug})
    assert settings.is_local is is_local


def test_the_page_of_settings_is_fresh() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == settings_page(), (
        "docs/settings.md is stale: python -m kept.running.settings > docs/settings.md"
    )
