"""The night: what it proposes on which day, what it leaves alone, and what it says it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kept.batch.dealing_frames import _reason
from kept.batch.nightly import NightRefused, business_date_of, run_nights
from kept.batch.nightly.dealing import treatment_rows
from kept.core.actors import job
from kept.core.dealing import Why, dealing_reason
from kept.packs.strategies import strategy_labelled
from kept.store.models import (
    Account,
    BucketMove,
    Case,
    Event,
    ProductTerms,
    Run,
    Seat,
    Task,
    WorkCount,
)
from kept.store.nights import Night
from kept.work.capacities import do_set_capacity
from tests import factories
from tests.batch.nightly.nights import (
    ACTOR,
    FIRST,
    SECOND,
    SIZES,
    add_account,
    add_seats,
    at,
    case_of,
    lines,
    make_bank,
    make_busy_book,
    night,
    open_tasks,
    pay,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]  # "db": invariants are checked


# --- windows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "treatment", "bucket"),
    [
        (-4, None, None),
        (-3, "reminder", 0),
        (0, "reminder", 0),
        (1, "call", 1),
        (5, "call", 1),
        (6, "firm_call", 1),
        (17, "firm_call", 1),
        (18, "letter", 1),
        (30, "letter", 1),
        (31, "visit", 2),
        (90, "visit", 3),
        (91, "legal_review", 4),
    ],
)
def test_each_age_has_its_treatment_and_bucket(
    age: int, treatment: str | None, bucket: int | None
) -> None:
    product = make_bank()
    account = add_account(product, 1, age)
    add_seats(product.creditor)
    result = night(product, FIRST)
    assert open_tasks() == ({"D0001": treatment} if treatment else {})
    assert result["cases"] == (1 if treatment else 0)
    if treatment:
        task = Task.objects.get()
        assert (task.dpd, task.bucket, task.balance_minor) == (max(age, 0), bucket, 1_000_001)
        assert (case_of(account).stage, case_of(account).seat_id) == (task.stage, task.seat_id)
        assert task.seat is not None
        assert task.skill in task.seat.skills
    else:
        assert not Case.objects.exists()


def test_each_day_brings_the_next_treatment() -> None:
    product = make_bank()
    add_account(product, 1, 5)
    add_seats(product.creditor)
    night(product, FIRST)
    assert open_tasks() == {"D0001": "call"}
    result = night(product, SECOND)
    assert open_tasks() == {"D0001": "firm_call"}
    assert (result["expired"], result["carried_over"]) == (1, 0)
    old = Task.objects.get(state="expired")
    assert (old.treatment, old.business_date, old.closed_at) == ("call", FIRST, at(SECOND))


def test_due_times_are_on_the_creditors_clocks() -> None:
    product = make_bank(zone="America/New_York", code="NYC")
    add_account(product, 1, 1)
    add_account(product, 2, 31)
    add_seats(product.creditor)
    night(product, FIRST, now=at(FIRST) + timedelta(days=1))
    dues = dict(Task.objects.values_list("treatment", "due_at"))
    assert dues == {
        "call": datetime(2026, 11, 21, 23, 0, tzinfo=UTC),  # 18:00 in New York
        "visit": datetime(2026, 11, 26, 23, 0, tzinfo=UTC),
    }


# --- the same night twice, and nights in their order ----------------------------------------------


def test_the_same_night_twice_changes_nothing() -> None:
    product = make_busy_book()
    first = night(product, SECOND)
    before = lines()
    again = night(product, SECOND, now=at(SECOND) + timedelta(hours=9))
    assert lines() == before
    assert (first["done_before"], again["done_before"]) == (False, True)
    assert {**again, "done_before": False} == first


def test_a_dry_run_says_the_same_and_leaves_nothing() -> None:
    product = make_busy_book()
    before = lines()
    tried = night(product, SECOND, dry_run=True)
    assert lines() == before
    assert not Run.objects.filter(business_date=SECOND).exists()
    done = night(product, SECOND)
    newest = {name for name in done["standing"] if name.startswith("last_")}  # numbers are used up
    for result in (done, tried):
        for name in newest:
            del result["standing"][name]
    assert done == tried


def test_nights_go_forward() -> None:
    product = make_bank()
    add_account(product, 1, 5)
    night(product, SECOND)
    with pytest.raises(NightRefused, match="has had the night of 2026-11-22 already"):
        night(product, FIRST)
    with pytest.raises(NightRefused, match="2027-01-01 is more than a day ahead of BANK's date"):
        night(product, date(2027, 1, 1), now=at(SECOND))


def test_an_unfinished_night_is_given_up_for_the_next() -> None:
    product = make_bank()
    add_account(product, 1, 5)
    ended = factories.make_run(
        key="BANK 2026-11-21",
        creditor=product.creditor,
        business_date=FIRST,
        state=Run.State.RUNNING,
    )
    night(product, SECOND)
    ended.refresh_from_db()
    assert (ended.state, ended.message) == ("failed", "given up for the night of 2026-11-22")


def test_every_creditor_has_its_own_date_and_night() -> None:
    east, west = make_bank(), make_bank(code="WEST", zone="America/New_York")
    for product in (east, west):
        add_account(product, product.pk, 5)
    found = run_nights(actor=ACTOR, now=at(FIRST), sizes=SIZES)
    assert {code: result["business_date"] for code, result in found.items()} == {
        "BANK": "2026-11-21",
        "WEST": "2026-11-20",
    }
    assert business_date_of(west.creditor, at(FIRST)) == date(2026, 11, 20)
    with pytest.raises(NightRefused, match="there is no creditor EAST; there are: BANK, WEST"):
        run_nights(actor=ACTOR, now=at(FIRST), creditor_codes=["EAST"])


# --- cases and buckets ----------------------------------------------------------------------------


def test_a_case_opens_by_time_alone_and_gathers() -> None:
    product = make_bank()
    account = add_account(product, 1, -4)
    add_account(product, 2, -20, debtor=account.debtor)
    assert night(product, FIRST)["opened"] == 0
    result = night(product, SECOND)
    assert (result["opened"], result["entered"], result["gathered"]) == (1, 1, 1)
    assert case_of(account).opened_on == SECOND


def test_buckets_move_with_their_history() -> None:
    product = make_bank()
    paying, rolling, waiting = (
        add_account(product, n, age) for n, age in ((1, 30), (2, 30), (3, 2))
    )
    night(product, FIRST)
    pay(paying, 1_000_001, SECOND)
    result = night(product, SECOND)
    rows = BucketMove.objects.order_by("account_id", "moved_on")
    assert [(m.account_id, m.moved_on, m.from_bucket, m.to_bucket, m.dpd) for m in rows] == [
        (paying.pk, FIRST, None, 1, 30),
        (paying.pk, SECOND, 1, 0, 0),
        (rolling.pk, FIRST, None, 1, 30),
        (rolling.pk, SECOND, 1, 2, 31),
        (waiting.pk, FIRST, None, 1, 2),
    ]
    assert (result["rolled_forward"], result["rolled_back"], result["cured"]) == (1, 0, 1)
    assert (result["closed"], result["left"]) == (1, 1)


def test_new_boundaries_move_accounts_from_their_day_on() -> None:
    product = make_bank()
    add_account(product, 1, 30)
    night(product, FIRST)
    ProductTerms.objects.update(valid_to=FIRST)
    terms = factories.make_terms(
        product, version=2, valid_from=SECOND, bucket_boundaries=[1, 8, 15, 22]
    )
    night(product, SECOND)
    last = BucketMove.objects.latest("moved_on")
    assert (last.terms_id, last.from_bucket, last.to_bucket) == (terms.pk, 1, 4)


# --- holds, repeats, tasks of before --------------------------------------------------------------


@pytest.mark.parametrize(
    ("effects", "age", "expected"),
    [
        (["contact"], 5, None),
        (["treatment"], 5, None),
        (["dealing"], 5, None),
        (["accrual"], 5, "call"),
        (["contact"], 91, "legal_review"),
        (["treatment"], 91, None),
    ],
)
def test_holds_stop_what_they_say(effects: list[str], age: int, expected: str | None) -> None:
    product = make_bank()
    account = add_account(product, 1, age)
    factories.make_hold(account.debtor, effects=effects, placed_at=at(FIRST))
    add_seats(product.creditor)
    result = night(product, FIRST)
    assert open_tasks() == ({"D0001": expected} if expected else {})
    assert result["held"] == (0 if effects == ["accrual"] else 1)
    assert result["without_treatment"] == (0 if expected else 1)


def test_a_clock_set_back_an_hour_hides_nothing_that_was_written() -> None:
    product = make_bank()
    account, other = add_account(product, 1, 5), add_account(product, 2, 5)
    later = at(FIRST) + timedelta(minutes=59)
    factories.make_hold(account.debtor, effects=["contact"], placed_at=later)
    factories.make_hold(other.debtor, effects=["contact"], placed_at=at(FIRST) + timedelta(days=2))
    add_seats(product.creditor)
    assert night(product, FIRST)["held"] == 1
    assert open_tasks() == {"D0002": "call"}
    assert Run.objects.get().now == later


def test_what_was_done_comes_again_after_its_days() -> None:
    product = make_bank()
    add_account(product, 1, 1)
    add_seats(product.creditor)
    night(product, FIRST)
    Task.objects.update(state="done", closed_at=at(FIRST) + timedelta(hours=3))
    night(product, SECOND)
    assert open_tasks() == {}
    night(product, SECOND + timedelta(days=1))
    assert open_tasks() == {"D0001": "call"}


def test_what_was_not_done_goes_on_with_new_figures_and_its_old_due_time() -> None:
    product = make_bank()
    add_account(product, 1, 1)
    seat = add_seats(product.creditor)[0]
    night(product, FIRST)
    Task.objects.update(seat=seat)
    Case.objects.update(seat=seat)
    before = Task.objects.get()
    for day in (SECOND, SECOND + timedelta(days=1)):
        result = night(product, day)
        assert (result["tasks"], result["expired"], result["carried_over"]) == (1, 0, 1)
    after = Task.objects.get()
    assert (after.pk, after.state, after.business_date) == (before.pk, "open", day)
    assert (after.dpd, after.seat_id, after.due_at) == (3, seat.pk, before.due_at)
    assert after.run == Run.objects.get(business_date=day)
    assert after.priority == before.priority == 249_900_250  # nothing else wants the minutes
    assert (after.reason["dealing"], after.reason["since"]) == ("kept", "2026-11-21")
    told = Event.objects.filter(action="night.deal").latest("sequence")
    assert '"since":"2026-11-21"' in told.body


def test_what_waited_is_due_from_the_night_that_found_a_seat() -> None:
    product = make_bank()
    add_account(product, 1, 1)
    factories.make_seat(skills=["call"], languages=["en"])
    night(product, FIRST)
    assert Task.objects.get().seat is None
    add_seats(product.creditor)
    night(product, SECOND)
    task = Task.objects.get()
    assert task.due_at == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert (task.reason["dealing"], task.reason["since"]) == ("most_room", "2026-11-21")


def test_what_a_night_ends_late_is_counted_once_as_lapsed() -> None:
    product = make_bank()
    add_account(product, 1, 5)
    add_seats(product.creditor)
    night(product, FIRST)
    for _ in range(2):
        night(product, SECOND)  # a firmer call in place of the one that nobody made
    [row] = WorkCount.objects.all()
    assert (row.day, row.treatment, row.lapsed, row.done_late) == (SECOND, "call", 1, 0)
    assert row.seat_id == Task.objects.get(state="expired").seat_id


def test_tasks_escalate_when_the_strategy_says_so() -> None:
    product = make_bank()
    strategy = strategy_labelled("default:1")
    call = replace(strategy.treatments[1], escalate_in_days=3)
    changed = replace(strategy, treatments=(strategy.treatments[0], call))
    run = factories.make_run(kind="nightly")
    tonight = Night(run.pk, product.creditor_id, FIRST, at(FIRST), job("night"))
    reminder, called = treatment_rows(changed, tonight)
    assert reminder["escalates_at"] is None
    assert called["due_at"] == "2026-11-21T10:00:00+00:00"
    assert called["escalates_at"] == "2026-11-24T10:00:00+00:00"


def test_tasks_that_no_night_made_are_left_alone() -> None:
    product = make_bank()
    account = add_account(product, 1, 5)
    add_seats(product.creditor)
    night(product, FIRST)
    other = factories.make_task(
        case_of(account), treatment="callback", run=factories.make_run(kind="manual"),
        business_date=FIRST,
    )  # fmt: skip
    night(product, SECOND)
    other.refresh_from_db()
    assert other.state == "open"


def test_a_callback_goes_along_with_its_case() -> None:
    product = make_bank()
    account = add_account(product, 1, 3)
    gone = factories.make_seat(skills=["call"])
    night(product, FIRST)
    called = factories.make_task(
        case_of(account), treatment="callback", priority=2**61, wanted_at=at(SECOND)
    )
    Task.objects.filter(pk=called.pk).update(run=None)
    Seat.objects.filter(pk=gone.pk).update(active=False)
    here = factories.make_seat(skills=["call"])
    night(product, SECOND)
    called.refresh_from_db()
    assert (case_of(account).seat_id, called.seat_id, called.state) == (here.pk, here.pk, "open")


# --- seats ----------------------------------------------------------------------------------------


def used_minutes() -> dict[int, int]:
    used: dict[int, int] = {}
    for task in Task.objects.filter(seat__isnull=False, state="open"):
        used[task.seat_id] = used.get(task.seat_id, 0) + task.minutes
    return used


def test_seats_are_filled_within_their_minutes_and_the_rest_gets_nothing() -> None:
    product = make_bank()
    for n in range(1, 41):
        add_account(product, n, 3)
    add_seats(product.creditor, minutes=42)
    result = night(product, FIRST)
    assert used_minutes() == {seat.pk: 40 for seat in Seat.objects.all()[:2]}
    assert (result["tasks"], result["dealt"], result["waiting"]) == (16, 16, 0)
    assert (result["without_treatment"], result["no_capacity"]) == (24, 24)
    assert (result["minutes_available"], result["minutes_used"]) == (168, 80)
    assert result["dealing"] == {"most_room": 16}
    dues = dict(Task.objects.values_list("case__debtor__external_id", "priority"))
    assert sorted(dues) == [f"D{n:04d}" for n in range(25, 41)]  # those that owe most


def test_a_seat_of_two_creditors_is_filled_once() -> None:
    first, second = make_bank(), make_bank(code="WEST")
    seat = factories.make_seat(minutes_per_day=12, skills=["call"])
    for n, product in enumerate((first, second)):
        for k in range(2):
            add_account(product, 10 * n + k, 3)
    run_nights(actor=ACTOR, now=at(FIRST), sizes=SIZES)
    assert used_minutes() == {seat.pk: 10}
    assert Task.objects.filter(creditor=first.creditor, seat=seat).count() == 2
    assert Task.objects.count() == 2


def test_a_creditors_seat_and_language_are_respected() -> None:
    product = make_bank()
    other = make_bank(code="WEST")
    account = add_account(product, 1, 3)  # zh-hans
    factories.make_seat(skills=["call"], creditors=[other.creditor])
    factories.make_seat(skills=["call"], languages=["en"])
    factories.make_seat(skills=["call"], active=False)
    result = night(product, FIRST)
    assert result["dealing"] == {"nobody": 1}
    assert case_of(account).seat_id is None
    factories.make_seat(skills=["call"], languages=["zh"])
    assert night(product, SECOND)["dealing"] == {"most_room": 1}


class Ended(Exception):
    """The night was ended by force."""


def test_a_capacity_that_changes_while_a_night_is_ended_is_that_of_the_next() -> None:
    product = make_bank()
    add_account(product, 1, 3)
    factories.make_seat(skills=["call"])

    def end(stage: str, done: int, whole: int, message: str) -> None:
        if stage == "proposed":
            raise Ended

    with pytest.raises(Ended):
        night(product, FIRST, progress=end)
    do_set_capacity(
        actor=ACTOR, creditor_id=product.creditor_id, resource="call", amount=0,
        valid_from=FIRST, now=at(FIRST),
    )  # fmt: skip
    assert night(product, FIRST)["tasks"] == 1
    result = night(product, SECOND)
    assert (result["tasks"], result["no_capacity"]) == (0, 1)


def test_a_case_that_waits_keeps_its_seat() -> None:
    product = make_bank()
    account = add_account(product, 1, 3)
    seat = factories.make_seat(skills=["call"])
    night(product, FIRST)
    Seat.objects.update(languages=["en"])
    night(product, SECOND)
    task = Task.objects.get(state="open")
    assert (task.seat_id, case_of(account).seat_id) == (None, seat.pk)
    assert task.reason["dealing"] == "nobody"
    assert (task.reason["seat_before"], task.reason["since"]) == (seat.pk, "2026-11-21")


def test_a_night_without_minutes_leaves_no_task() -> None:
    product = make_bank()
    account = add_account(product, 1, 3)
    seat = factories.make_seat(skills=["call"])
    night(product, FIRST)
    Seat.objects.update(minutes_per_day=0)
    result = night(product, SECOND)
    assert (result["tasks"], result["expired"], result["no_capacity"]) == (0, 1, 1)
    assert case_of(account).seat_id == seat.pk


# --- what is told ---------------------------------------------------------------------------------


def test_one_event_for_each_case_and_stage_with_the_runs_number() -> None:
    product = make_bank()
    account = add_account(product, 1, 5)
    seat = add_seats(product.creditor)[0]
    night(product, FIRST)
    run = Run.objects.get()
    case = case_of(account)
    events = Event.objects.filter(chain_kind="case", chain_id=case.pk).order_by("sequence")
    assert [(e.action, e.batch_id, e.recorded_at) for e in events] == [
        ("night.settle", run.pk, at(FIRST)),
        ("night.deal", run.pk, at(FIRST)),
    ]
    settled, dealt = (event.body for event in events)
    entered = f'{{"account":{account.pk},"change":"entered"}}'
    moved = f'{{"account":{account.pk},"dpd":5,"from":null,"to":1}}'
    assert settled == (
        f'{{"buckets":[{moved}],"business_date":"2026-11-21",'
        f'"case":[{entered},{{"change":"opened"}}]}}'
    )
    assert dealt == (
        '{"business_date":"2026-11-21",'
        f'"task":{{"due_at":"2026-11-21T10:00Z","seat":{seat.pk},"treatment":"call"}}}}'
    )
    assert Event.objects.filter(chain_kind="house", action="night.finish").count() == 1


def test_moves_of_an_account_in_no_case_are_told_of_its_debtor() -> None:
    product = make_bank()
    ProductTerms.objects.filter(product=product).delete()
    factories.make_terms(product, entry_dpd=10)
    account = add_account(product, 1, 5)
    night(product, FIRST)
    assert not Case.objects.exists()
    told = Event.objects.get(chain_kind="debtor")
    assert (told.chain_id, told.subject) == (account.debtor_id, f"debtor:{account.debtor_id}")


def test_the_summary_adds_up() -> None:
    product = make_busy_book()
    result = night(product, SECOND)
    assert result["cases"] == sum(result["buckets"].values())
    assert result["cases"] == sum(row["cases"] for row in result["cases_by_bucket"])
    left = ("without_option", "worth_nothing", "no_capacity")
    assert result["without_treatment"] == sum(result[name] for name in left)
    price = result["price"]
    assert 0 < price["value"] <= price["bound"]
    assert price["gap_parts"] < 200_000_000  # sixty minutes are one visit or none
    for row in price["resources"]:
        assert 0 <= row["use"] <= row["capacity"]
    assert result["tasks"] == result["dealt"] + result["waiting"]
    assert result["tasks"] == sum(result["treatments"].values()) == sum(result["dealing"].values())
    assert result["cases"] == result["tasks"] + result["without_treatment"]
    assert result["minutes_used"] == sum(used_minutes().values()) <= result["minutes_available"]
    assert result["before"]["business_date"] == "2026-11-21"
    opened = Case.objects.filter(closed_on=None).count()
    assert (result["cases"], result["before"]["cases"]) == (
        opened,
        opened - result["opened"] + result["closed"],
    )


def test_a_creditor_without_a_book_has_an_empty_night() -> None:
    creditor = factories.make_creditor()
    (result,) = run_nights(actor=ACTOR, now=at(FIRST)).values()
    assert (result["cases"], result["tasks"], result["before"]) == (0, 0, None)
    assert Run.objects.get().creditor_id == creditor.pk


def test_reasons_in_columns_are_those_of_one_task() -> None:
    import json

    import polars as pl

    for why in Why:
        for seat_before in (0, 17):
            frame = pl.DataFrame({"seat_id": [seat_before]})
            text = frame.select(_reason(why)).item()
            assert json.loads(text) == dealing_reason(why, seat_before)


def test_progress_goes_through_the_stages() -> None:
    product = make_bank()
    for n in range(1, 41):
        add_account(product, n, 3)
    add_seats(product.creditor, minutes=420)
    seen: list[tuple[str, int, int]] = []
    night(product, FIRST, progress=lambda stage, done, total, _: seen.append((stage, done, total)))
    begun = dict.fromkeys(stage for stage, done, _total in seen if done == 0)
    assert list(begun) == ["settled", "promised", "proposed", "priced", "dealt"]
    for stage in ("settled", "proposed", "dealt"):
        steps = [(done, total) for name, done, total in seen if name == stage]
        assert steps == [(n, steps[-1][1]) for n in range(len(steps))]
        assert steps[-1][0] == steps[-1][1] >= 3


def test_results_hold_nothing_personal() -> None:
    product = make_busy_book()
    result: Mapping[str, Any] = night(product, SECOND)
    text = str(result) + str(list(Run.objects.values_list("result", "parameters")))
    for account in Account.objects.select_related("debtor"):
        assert account.external_id not in text
        assert account.debtor.external_id not in text
        assert account.debtor.name not in text
