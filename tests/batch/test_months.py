"""A month goes whole when nothing keeps it, and the chains still verify; else it says why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import override_settings

from kept.batch.backup.house import back_up_house
from kept.batch.months import MonthsKept, drop_months, kept_until
from kept.batch.seals import make_seal
from kept.core.actors import job
from kept.core.verification import Fault
from kept.store.models import Case, Event, Hold
from kept.store.partitions import ensure_partitions
from kept.store.verification import verify_events
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

ACTOR = job("retention")
OLD = datetime(2012, 5, 10, 8, 0, tzinfo=UTC)
NOW = factories.NOW


@pytest.fixture
def old_case(tmp_path: Path) -> Iterator[Case]:
    """A case of 2012 that closed then, its events in May and June of that year."""
    ensure_partitions(OLD.date(), date(2012, 2, 20))
    factories.make_partitions()
    creditor = factories.make_creditor()
    debtor = factories.make_debtor(creditor)
    closed = {"closed_on": date(2012, 6, 20), "close_reason": "paid"}
    case = factories.make_case(debtor, opened_on=OLD.date(), **closed)
    factories.make_event(case, now=OLD)
    factories.make_event(case, now=OLD + timedelta(days=5))
    factories.make_event(case, "case.close", now=OLD + timedelta(days=40))
    with override_settings(KEPT_BACKUP_DIR=tmp_path / "backups", KEPT_LOG_ARCHIVE=lambda: None):
        yield case


def sealed_and_backed_up() -> None:
    make_seal(actor=job("nightly"), now=NOW)
    back_up_house(NOW)


def answers(**given: object) -> dict[str, str]:
    found = drop_months(actor=ACTOR, now=NOW, **given)  # type: ignore[arg-type]
    return {
        each.month.part: "kept" if each.kept_until else "stays" if each.staying else "goes"
        for each in found
    }


def test_old_months_go_and_the_chains_still_verify(old_case: Case) -> None:
    sealed_and_backed_up()
    assert answers(is_tried=True)["events_2012_05"] == "goes"
    assert Event.objects.filter(recorded_at__year=2012).count() == 3
    found = answers()
    assert found["events_2012_05"] == found["events_2012_06"] == found["attempts_2012_05"] == "goes"
    assert "kept" in found.values()
    assert Event.objects.filter(recorded_at__year=2012).count() == 0
    verified = verify_events()
    assert verified.faults == ()
    assert verified.chains_cut_by_retention == 1
    assert Event.objects.filter(action="month.drop").count() >= 2
    with transaction.atomic(), connection.cursor() as cursor:  # as if another had been cut as well
        cursor.execute("INSERT INTO event_starts VALUES ('case', 999, 7, sha256('x'))")
        assert {each.fault for each in verify_events().faults} == {Fault.BEGINNING_ALTERED}
        transaction.set_rollback(True)
    factories.make_partitions()
    factories.make_event(old_case)  # the chain goes on from where it was cut
    assert verify_events().faults == ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('events_2012_05')")
        assert cursor.fetchone()[0] is None


def test_what_is_not_sealed_or_lives_or_is_held_stays(old_case: Case) -> None:
    back_up_house(NOW)
    assert answers()["events_2012_05"] == "stays"  # not sealed
    make_seal(actor=job("nightly"), now=NOW)
    hold = factories.make_hold(old_case.debtor, reason=Hold.Reason.LEGAL)
    assert answers()["events_2012_05"] == "stays"
    Hold.objects.filter(pk=hold.pk).update(released_at=NOW)
    factories.make_event(old_case)
    assert answers()["events_2012_05"] == "stays"  # its chain lives on
    assert Event.objects.filter(recorded_at__year=2012).count() == 3


def test_without_a_checked_backup_nothing_goes(old_case: Case) -> None:
    make_seal(actor=job("nightly"), now=NOW)
    with pytest.raises(MonthsKept, match="restored on trial"):
        drop_months(actor=ACTOR, now=NOW)
    back_up_house(NOW, is_checked=False)
    with pytest.raises(MonthsKept, match="restored on trial"):
        drop_months(actor=ACTOR, now=NOW)


def test_the_longest_duty_counts() -> None:
    assert kept_until(date(2016, 11, 22)) >= date(2026, 11, 22)
    assert kept_until(date(2012, 5, 31)) < NOW.date()
