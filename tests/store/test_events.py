"""Events: the same bytes in Python and in SQL, one by one and in sets, in the right partition."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.core.actors import job
from kept.core.events import GENESIS, ChainKind, EventContent, event_hash
from kept.store.events import append_event, append_prepared_events, microseconds
from kept.store.models import Event, EventHead
from kept.store.partitions import ensure_partitions
from tests import factories as make

pytestmark = pytest.mark.django_db

instants = st.datetimes(
    datetime(1999, 1, 1),  # noqa: DTZ001
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\n"), max_size=40)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(min_size=32, max_size=32),
    instants,
    st.integers(1, 2**62),
    text,
    st.none() | st.integers(0, 2**62),
    st.none() | st.binary(max_size=80),
    text,
)
def test_python_and_sql_hash_the_same_bytes(
    db: None,
    previous: bytes,
    at: datetime,
    number: int,
    actor: str,
    batch: int | None,
    personal: bytes | None,
    body: str,
) -> None:
    content = EventContent(
        ChainKind.CASE,
        number,
        number,
        microseconds(at),
        actor,
        "case.open",
        "case:1",
        batch,
        None if personal is None else number,
        personal,
        body,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kept_event_hash(%s, 'case', %s, %s, %s, %s, 'case.open', 'case:1', %s,"
            " %s::bigint, %s::bytea, %s)",
            [
                previous,
                *([number] * 2),
                at,
                actor,
                batch,
                content.key_id,
                personal,
                body,
            ],
        )
        assert bytes(cursor.fetchone()[0]) == event_hash(previous, content)


def prepare(rows: list[tuple[str, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE new_events (chain_kind text, chain_id bigint, action text,"
            " subject text, body text) ON COMMIT DROP"
        )
        cursor.executemany(
            "INSERT INTO new_events VALUES (%s, %s, 'case.change', 'case:7', '{\"名\":\"张三\"}')",
            rows,
        )


def test_a_set_of_events_goes_on_where_single_ones_ended() -> None:
    make.make_partitions()
    append_event(
        actor=job("one"),
        action="case.open",
        subject="case:7",
        body={},
        now=make.NOW,
        chain=ChainKind.CASE,
        chain_id=7,
    )
    prepare([("case", 7), ("case", 8), ("debtor", 7)])
    append_prepared_events(actor=job("many"), now=make.NOW, batch_id=3)
    append_event(
        actor=job("one"),
        action="case.close",
        subject="case:7",
        body={},
        now=make.NOW,
        chain=ChainKind.CASE,
        chain_id=7,
    )
    of_case = list(Event.objects.filter(chain_kind="case", chain_id=7).order_by("sequence"))
    assert [e.sequence for e in of_case] == [1, 2, 3]
    assert [bytes(e.previous_hash) for e in of_case] == [
        GENESIS,
        bytes(of_case[0].hash),
        bytes(of_case[1].hash),
    ]
    assert EventHead.objects.count() == 3


def test_an_event_without_its_month_is_refused_not_lost() -> None:
    at = datetime(2015, 6, 1, tzinfo=UTC)
    with pytest.raises(IntegrityError, match="no partition"), transaction.atomic():
        append_event(actor=job("x"), action="a.b", subject="a:1", body={}, now=at)
    assert not EventHead.objects.exists()
    assert ensure_partitions(at.date(), at.date()) > 0
    assert ensure_partitions(at.date(), at.date()) == 0
    append_event(actor=job("x"), action="a.b", subject="a:1", body={}, now=at)
    assert Event.objects.count() == 1
