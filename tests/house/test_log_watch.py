"""The search of the test run's logs finds what it is there to find, and nothing else."""

from __future__ import annotations

import pytest

from kept.batch.synthetic.wording import CHINESE_SURNAMES, ENGLISH_SURNAMES
from tests.log_watch import names


@pytest.mark.parametrize(
    "line",
    [
        '{"message": "sent to 张三"}',
        f'{{"message": "{CHINESE_SURNAMES[0]}"}}',
        f'{{"message": "Ann {ENGLISH_SURNAMES[0]}"}}',
        '{"message": "to 13800138000"}',
        '{"user_id": 110101199003070000}',
        "ERROR: invalid input: 13800138000",
    ],
)
def test_names_and_numbers_are_found(line: str) -> None:
    assert names(line)


@pytest.mark.parametrize(
    "line",
    [
        '{"time": "2026-11-22T06:00:00.123456789+00:00", "message": "request", "user_id": 12}',
        '{"message": "stage done", "duration_ms": 12.123456789012}',
        'LOG:  listening on Unix socket "/tmp/kept-nobody-1234567890/.s.PGSQL.5432"',
        "LOG:  database system is ready to accept connections",
    ],
)
def test_what_names_nobody_is_not(line: str) -> None:
    assert not names(line)
