"""What accrues on one account: by hand, then by any order of postings, and in columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.core.ledger import NO_DUE_DATE, Book, Posting
from kept.core.lending.accrual import Reason, accrue, is_accrued
from kept.core.lending.caps import Cap, CapKind, CapStatus, Charged, FixedAt
from kept.core.lending.columns import (
    FAR,
    AccountColumns,
    HoldColumns,
    PostingColumns,
    accrue_columns,
)
from kept.core.lending.columns.arithmetic import REST_OF, amounts
from kept.core.lending.day_counts import ACCRUING, DayCount
from kept.core.lending.rates import NANO, DatedRate, Rate, RateUnit
from kept.core.lending.terms import (
    Compounding,
    Held,
    Interest,
    InterestTerms,
    Judgment,
    LateFee,
    Life,
    Penalty,
    Promotional,
    TermsVersion,
)

START = date(2024, 1, 10)
COMPONENTS = ("principal", "interest", "fee", "penalty")


def day(text: str) -> date:
    return date.fromisoformat(text)


def percent(text: str, unit: RateUnit = RateUnit.YEARLY) -> Rate:
    return Rate(int(Fraction(text) * NANO / 100), unit)


def always(rate: Rate) -> tuple[DatedRate, ...]:
    return (DatedRate(date.min, rate),)


def opened(minor: int, due_on: date = NO_DUE_DATE, on: date = START) -> Posting:
    return Posting("principal", Book.CREDITOR, Book.RECEIVABLE, minor, due_on, on, 0)


def paid(minor: int, on: date, component: str = "principal", known: int = 0) -> Posting:
    return Posting(component, Book.RECEIVABLE, Book.CASH, minor, None, on, known)


def versions(terms: InterestTerms) -> list[TermsVersion]:
    return [TermsVersion(date(2000, 1, 1), None, terms)]


NOTHING = Life()


def totals(
    terms: InterestTerms, postings: list[Posting], on: str, life: Life = NOTHING
) -> list[int]:
    found = accrue(postings, versions(terms), life, day(on), 0).totals
    return [found[each] for each in Charged]


SIMPLE = InterestTerms(
    DayCount.ACT_365F, Interest(always(percent("18.25")), ("principal",)), bill_day=5
)


def test_simple_interest_by_hand() -> None:
    # 10,000.00 for 31 days at 5.00 a day, then 4,000.00 for 29 days at 2.00 a day.
    postings = [opened(1_000_000), paid(600_000, day("2024-02-10"))]
    found = accrue(postings, versions(SIMPLE), Life(), day("2024-03-10"), 0)
    assert found.totals[Charged.INTEREST] == 15_500 + 5_800
    assert [(row.days, row.of, row.base, row.amount) for row in found.trace] == [
        (31, 365, 1_000_000, 15_500),
        (29, 365, 400_000, 5_800),
    ]


def test_a_daily_rate_needs_no_year() -> None:
    terms = replace(
        SIMPLE, interest=Interest(always(percent("0.05", RateUnit.DAILY)), ("principal",))
    )
    assert totals(terms, [opened(1_000_000)], "2025-01-10") == [183_000, 0, 0]


def test_months_of_thirty_days_add_up_over_a_payment() -> None:
    # 2024-01-10 to 2024-04-10 are 90 days of 360, wherever a payment of the 31st cuts them.
    terms = replace(SIMPLE, day_count=DayCount.THIRTY_360)
    assert totals(terms, [opened(1_000_000)], "2024-04-10") == [45_625, 0, 0]
    cut = [opened(1_000_000), paid(1, day("2024-03-31"), "fee")]
    assert totals(terms, cut, "2024-04-10") == [45_625, 0, 0]


def test_rates_change_on_their_day() -> None:
    rates = (DatedRate(date.min, percent("18.25")), DatedRate(day("2024-02-01"), percent("36.5")))
    terms = replace(SIMPLE, interest=Interest(rates, ("principal",)))
    assert totals(terms, [opened(1_000_000)], "2024-02-11") == [11_000 + 10_000, 0, 0]


def test_a_promotional_rate_ends() -> None:
    until = replace(SIMPLE, promotional=Promotional(percent("0"), until=day("2024-01-19")))
    days = replace(SIMPLE, promotional=Promotional(percent("0"), days=10))
    for terms in (until, days):
        assert totals(terms, [opened(1_000_000)], "2024-01-20") == [0, 0, 0]
        assert totals(terms, [opened(1_000_000)], "2024-01-22") == [1_000, 0, 0]


def test_interest_joins_on_the_bill_day_in_whole_cents() -> None:
    # 10 Jan to 5 Feb: 26 days of 5.00 = 130.00 joins; then 10,130.00 for 29 days to 5 March.
    terms = replace(
        SIMPLE, interest=Interest(always(percent("18.25")), ("principal",), Compounding.MONTHLY)
    )
    # 10,130.00 x 18.25 % x 29 / 365 = 146.885, rounded half up.
    found = accrue([opened(1_000_000)], versions(terms), Life(), day("2024-03-05"), 0)
    assert [row.base for row in found.trace] == [1_000_000, 1_013_000]
    assert found.totals[Charged.INTEREST] == 13_000 + 14_689


def test_daily_compounding_is_near_the_formula_of_the_textbooks() -> None:
    terms = replace(
        SIMPLE, interest=Interest(always(percent("18.25")), ("principal",), Compounding.DAILY)
    )
    found = totals(terms, [opened(100_000_000)], "2024-03-10")
    assert found[0] == round(100_000_000 * ((1 + 0.1825 / 365) ** 60 - 1))


PENALTY = replace(
    SIMPLE,
    penalty=Penalty(always(percent("0.05", RateUnit.DAILY)), ("principal",), grace_days=3),
)


def test_a_penalty_begins_after_grace_and_ends_when_paid() -> None:
    # Due on 20 January, grace to the 23rd; 1,000.00 overdue costs 0.50 a day.
    account = [opened(100_000, day("2024-01-20"))]
    assert totals(PENALTY, account, "2024-01-23")[1] == 0
    assert totals(PENALTY, account, "2024-01-24")[1] == 50
    assert totals(PENALTY, [*account, paid(100_000, day("2024-01-26"))], "2024-02-20")[1] == 150
    in_time = [*account, paid(100_000, day("2024-01-23"))]
    assert totals(PENALTY, in_time, "2024-02-20")[1] == 0


def test_a_penalty_may_take_the_place_of_interest() -> None:
    assert PENALTY.penalty is not None
    terms = replace(PENALTY, penalty=replace(PENALTY.penalty, instead_of_interest=True))
    # 13 days of interest (0.50 a day) to the end of grace, then 10 days of penalty.
    assert totals(terms, [opened(100_000, day("2024-01-20"))], "2024-02-02") == [650, 500, 0]


FEE = replace(
    SIMPLE,
    interest=None,
    late_fee=LateFee(("principal",), share_nano=NANO // 20, minimum_minor=1_000, grace_days=2),
)


def test_a_late_fee_comes_once_a_bill_cycle() -> None:
    dues = [opened(100_000, day(each)) for each in ("2024-01-20", "2024-01-30", "2024-02-20")]
    assert totals(FEE, dues, "2024-01-22") == [0, 0, 0]
    assert totals(FEE, dues, "2024-01-23") == [0, 0, 5_000]
    assert totals(FEE, dues, "2024-02-22") == [0, 0, 5_000]  # the cycle runs from the 5th
    assert totals(FEE, dues, "2024-02-23") == [0, 0, 5_000 + 15_000]
    small = [opened(1_000, day("2024-01-20"))]
    assert totals(FEE, small, "2024-03-01") == [0, 0, 1_000]


def test_a_back_dated_payment_takes_a_fee_away() -> None:
    due = opened(100_000, day("2024-01-20"))
    charged = Posting(
        "fee", Book.ACCRUED, Book.RECEIVABLE, 5_000, day("2024-02-05"), day("2024-01-25"), 0
    )
    late = paid(100_000, day("2024-01-21"), known=5)
    before = accrue([due, charged, late], versions(FEE), Life(), day("2024-02-01"), 4)
    after = accrue([due, charged, late], versions(FEE), Life(), day("2024-02-01"), 5)
    assert (before.accrued[Charged.FEE], after.accrued[Charged.FEE]) == (0, -5_000)


def test_judgment_interest_replaces_or_adds() -> None:
    life = Life(judged_on=day("2024-01-20"))
    daily = percent("0.0175", RateUnit.DAILY)
    instead = replace(PENALTY, judgment=Judgment(daily, ("principal",)))
    adds = replace(PENALTY, judgment=Judgment(daily, ("principal",), adds=True))
    account = [opened(1_000_000)]
    assert totals(instead, account, "2024-01-30", life) == [5_000 + 1_750, 0, 0]
    assert totals(adds, account, "2024-01-30", life) == [10_000 + 1_750, 0, 0]


def test_holds_and_charge_off_stop_it() -> None:
    terms = replace(SIMPLE, stopping_holds=frozenset({"disputed"}))
    holds = (
        Held("disputed", day("2024-01-20"), day("2024-01-25")),
        Held("legal", day("2024-01-26"), None),
        Held("bankrupt", day("2024-01-28"), None, accrual=True),
    )
    assert totals(terms, [opened(1_000_000)], "2024-02-10", Life(holds=holds))[0] == 13 * 500
    off = Life(charged_off_on=day("2024-01-15"))
    assert totals(terms, [opened(1_000_000)], "2024-02-10", off)[0] == 5 * 500
    goes_on = replace(terms, stops_on_charge_off=False)
    assert totals(goes_on, [opened(1_000_000)], "2024-02-10", off)[0] == 31 * 500


def test_a_minimum_and_a_maximum_of_the_whole() -> None:
    terms = replace(SIMPLE, minimum_minor=2_000, maximum_minor=6_000)
    account = [opened(1_000_000)]
    assert totals(terms, account, "2024-01-10")[0] == 0
    assert [totals(terms, account, on)[0] for on in ("2024-01-11", "2024-01-15", "2024-02-10")] == [
        2_000,
        2_500,
        6_000,
    ]
    share = replace(SIMPLE, maximum_share_nano=NANO // 1000)
    assert totals(share, account, "2024-02-10", Life(original_minor=2_000_000))[0] == 2_000


def cap(kind: CapKind, covers: tuple[Charged, ...], **more: object) -> Cap:
    names = (("en", "a cap"), ("zh", "上限"))
    fixed: dict[str, object] = {
        "id": "X.CAP",
        "names": names,
        "jurisdiction": "X",
        "citation": "none",
        "status": CapStatus.UNVERIFIED,
        "kind": kind,
        "valid_from": day("2020-01-01"),
        "covers": covers,
    }
    return Cap(**{**fixed, **more})  # type: ignore[arg-type]


BOTH = (Charged.INTEREST, Charged.PENALTY)
EVERY = (*BOTH, Charged.FEE)


def test_a_statutory_rate_bounds_interest_and_then_penalty() -> None:
    limit = cap(CapKind.RATE, BOTH, rates=always(percent("24")))
    terms = replace(PENALTY, caps=(limit,))
    found = accrue([opened(1_000_000, START)], versions(terms), Life(), day("2024-02-02"), 0)
    rows = {row.component: row for row in found.trace}
    # 18.25 % is below 24 %; the penalty of 0.05 % a day gets 5.75 % a year, by the day.
    assert rows[Charged.INTEREST].cap == ""
    assert rows[Charged.PENALTY].cap == "X.CAP"
    assert rows[Charged.PENALTY].rate == Rate(
        240_000_000 // 365 - 182_500_000 // 365, RateUnit.DAILY
    )


def test_a_rate_fixed_at_the_agreement() -> None:
    rates = (
        DatedRate(day("2020-01-01"), percent("15.4")),
        DatedRate(day("2022-01-01"), percent("14.6")),
    )
    limit = cap(CapKind.RATE, (Charged.INTEREST,), rates=rates, fixed_at=FixedAt.AGREEMENT)
    terms = replace(SIMPLE, caps=(limit,))
    account = [opened(1_000_000)]
    for agreed_on, rate in (
        (day("2021-06-01"), "15.4"),
        (day("2019-06-01"), "15.4"),
        (day("2023-06-01"), "14.6"),
        (None, "14.6"),
    ):
        found = accrue(account, versions(terms), Life(agreed_on), day("2024-02-10"), 0)
        assert found.trace[0].rate == percent(rate)


def test_fees_get_what_a_bound_on_all_leaves_over() -> None:
    limit = cap(CapKind.RATE, EVERY, rates=always(percent("36.5")))
    terms = replace(SIMPLE, late_fee=LateFee(("principal",), amount_minor=90_000), caps=(limit,))
    # 10 days at 36.5 % are 100.00, of which interest took 50.00.
    found = accrue([opened(1_000_000, START)], versions(terms), Life(), day("2024-01-20"), 0)
    assert found.totals == {Charged.INTEREST: 5_000, Charged.PENALTY: 0, Charged.FEE: 5_000}
    assert [(each.name, each.before_minor, each.after_minor) for each in found.cuts] == [
        ("X.CAP", 90_000, 5_000)
    ]


def test_bounds_on_totals() -> None:
    whole = cap(CapKind.TOTAL_SHARE, EVERY, share_nano=NANO // 100)
    fees = cap(CapKind.FEE_TOTAL, (Charged.FEE,), amount_minor=1_500)
    terms = replace(
        SIMPLE, late_fee=LateFee(("principal",), amount_minor=9_000), caps=(fees, whole)
    )
    account = [opened(1_000_000, START)]
    assert totals(terms, account, "2024-01-20") == [5_000, 0, 1_500]
    assert totals(terms, account, "2024-01-28") == [9_000, 0, 1_000]
    assert totals(terms, account, "2024-04-28") == [10_000, 0, 0]


def test_nothing_accrues_in_days_of_the_creditors_word() -> None:
    both = [
        TermsVersion(day("2020-01-01"), day("2024-01-19"), None),
        TermsVersion(day("2024-01-20"), None, SIMPLE),
    ]
    found = accrue([opened(1_000_000)], both, Life(), day("2024-01-30"), 0)
    assert found.totals[Charged.INTEREST] == 5_000


# Lives of any shape -----------------------------------------------------------------------------

dates = st.dates(START - timedelta(days=20), START + timedelta(days=400))
rates = st.one_of(
    st.builds(Rate, st.integers(0, 400_000_000), st.just(RateUnit.YEARLY)),
    st.builds(Rate, st.integers(0, 1_000_000), st.just(RateUnit.DAILY)),
)
dated = st.lists(st.tuples(dates, rates), max_size=2, unique_by=lambda each: each[0]).flatmap(
    lambda more: rates.map(
        lambda first: (
            DatedRate(date.min, first),
            *(DatedRate(on, rate) for on, rate in sorted(more, key=lambda each: each[0])),
        )
    )
)
bases = st.lists(st.sampled_from(("principal", "interest")), min_size=1, unique=True).map(tuple)
covers = st.lists(st.sampled_from(EVERY), min_size=1, unique=True).map(tuple)


@st.composite
def caps(draw: st.DrawFn) -> Cap:
    kind = draw(st.sampled_from((CapKind.RATE, CapKind.TOTAL_SHARE, CapKind.FEE_TOTAL)))
    first = draw(dates)
    last = draw(st.one_of(st.none(), st.integers(0, 300)))
    return cap(
        kind,
        draw(covers),
        id=draw(st.sampled_from(("A", "B", "C"))),
        rates=draw(dated),
        fixed_at=draw(st.sampled_from(FixedAt)),
        share_nano=draw(st.integers(0, NANO)),
        amount_minor=draw(st.integers(0, 5_000)),
        valid_from=first,
        valid_to=None if last is None else first + timedelta(days=last),
    )


@st.composite
def interest_terms(draw: st.DrawFn) -> InterestTerms:
    maybe = st.booleans()
    compounding = draw(st.sampled_from((*Compounding, Compounding.NONE, Compounding.MONTHLY)))
    some = st.integers(0, 20_000)
    return InterestTerms(
        day_count=draw(st.sampled_from(ACCRUING)),
        interest=Interest(draw(dated), draw(bases), compounding) if draw(maybe) else None,
        bill_day=draw(st.integers(1, 28)),
        penalty=Penalty(draw(dated), draw(bases), draw(st.integers(0, 9)), draw(maybe))
        if draw(maybe)
        else None,
        late_fee=LateFee(
            draw(bases), draw(some), draw(st.sampled_from((0, NANO // 20))), draw(some), 20_000
        )
        if draw(maybe)
        else None,
        promotional=Promotional(draw(rates), days=draw(st.integers(1, 200)))
        if draw(maybe)
        else None,
        judgment=Judgment(draw(rates), draw(bases), draw(maybe)) if draw(maybe) else None,
        minimum_minor=draw(st.sampled_from((0, 0, 50))),
        maximum_minor=draw(st.one_of(st.none(), some)),
        maximum_share_nano=draw(st.one_of(st.none(), st.integers(0, 3 * NANO))),
        stopping_holds=frozenset(draw(st.sampled_from(((), ("disputed",))))),
        stops_on_charge_off=draw(maybe),
        caps=tuple(draw(st.lists(caps(), max_size=2, unique_by=lambda each: each.id))),
    )


@st.composite
def postings(draw: st.DrawFn) -> list[Posting]:
    found = []
    amounts_minor = st.one_of(st.integers(1, 2_000_000), st.integers(1, 10**10))
    for _ in range(draw(st.integers(1, 6))):
        component, on = draw(st.sampled_from(COMPONENTS)), draw(dates)
        kind = draw(st.sampled_from(("charge", "charge", "credit", "back", "accrued")))
        minor, due = draw(amounts_minor), draw(st.one_of(dates, st.just(NO_DUE_DATE)))
        if kind == "accrued" and component == "principal":
            kind = "charge"
        books = {
            "charge": (Book.CREDITOR, Book.RECEIVABLE, due),
            "credit": (Book.RECEIVABLE, Book.CASH, None),
            "back": (Book.RECEIVABLE, Book.REDATED, due),
            "accrued": (Book.ACCRUED, Book.RECEIVABLE, due),
        }[kind]
        found.append(Posting(component, books[0], books[1], minor, books[2], on, 0))
    return found


@st.composite
def lives(draw: st.DrawFn) -> Life:
    held = []
    for _ in range(draw(st.integers(0, 2))):
        first, length = draw(dates), draw(st.one_of(st.none(), st.integers(0, 90)))
        end = None if length is None else first + timedelta(days=length)
        reason = draw(st.sampled_from(("disputed", "legal")))
        held.append(Held(reason, first, end, draw(st.booleans())))
    maybe = st.one_of(st.none(), dates)
    original = draw(st.one_of(st.none(), st.integers(0, 10**7)))
    return Life(draw(maybe), original, draw(maybe), draw(maybe), tuple(held))


@st.composite
def histories(draw: st.DrawFn) -> list[TermsVersion]:
    change = draw(st.one_of(st.none(), dates))
    if change is None:
        return [TermsVersion(date(2000, 1, 1), None, draw(interest_terms()))]
    last = change - timedelta(days=1)
    first = draw(st.one_of(st.none(), interest_terms()))
    return [
        TermsVersion(date(2000, 1, 1), last, first),
        TermsVersion(change, None, draw(interest_terms())),
    ]


Account = tuple[list[Posting], Life]


def ordinal(on: date | None, otherwise: int) -> int:
    return otherwise if on is None else on.toordinal()


def columns(accounts: list[Account]) -> tuple[AccountColumns, PostingColumns, HoldColumns]:
    def ints(values: list[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.array(values, np.int64)

    lives_ = [life for _rows, life in accounts]
    rows = [(place, row) for place, (rows, _life) in enumerate(accounts) for row in rows]
    held = [(place, hold) for place, life in enumerate(lives_) for hold in life.holds]
    reasons = ("disputed", "legal")
    return (
        AccountColumns(
            ints([ordinal(life.agreed_on, 0) for life in lives_]),
            ints([-1 if x.original_minor is None else x.original_minor for x in lives_]),
            ints([ordinal(life.judged_on, FAR) for life in lives_]),
            ints([ordinal(life.charged_off_on, FAR) for life in lives_]),
        ),
        PostingColumns(
            COMPONENTS,
            ints([place for place, _row in rows]),
            ints([COMPONENTS.index(row.component) for _place, row in rows]),
            ints([row.owed for _place, row in rows]),
            ints([ordinal(row.due_on, 0) for _place, row in rows]),
            ints([row.effective_on.toordinal() for _place, row in rows]),
            np.array([is_accrued(row) for _place, row in rows], np.bool_),
        ),
        HoldColumns(
            reasons,
            ints([place for place, _hold in held]),
            ints([reasons.index(hold.reason) for _place, hold in held]),
            ints([hold.first.toordinal() for _place, hold in held]),
            ints([ordinal(hold.end, FAR) for _place, hold in held]),
            np.array([hold.accrual for _place, hold in held], np.bool_),
        ),
    )


@settings(max_examples=120, deadline=None)
@given(st.lists(st.tuples(postings(), lives()), min_size=1, max_size=4), histories(), dates)
def test_columns_agree_with_one_account_at_a_time(
    accounts: list[Account], terms: list[TermsVersion], as_of: date
) -> None:
    found = accrue_columns(*columns(accounts), terms, as_of, at_once=3)
    for place, (rows, life) in enumerate(accounts):
        plain = accrue(rows, terms, life, as_of, 0)
        for each in Charged:
            assert found.totals[each][place] == plain.totals[each], each
            assert found.charged[each][place] == plain.charged[each]


@settings(max_examples=60, deadline=None)
@given(postings(), lives(), histories(), dates, dates)
def test_posting_what_accrued_on_any_day_changes_no_total(
    rows: list[Posting], life: Life, terms: list[TermsVersion], one: date, two: date
) -> None:
    between, as_of = sorted((one, two))
    rows = [row for row in rows if not is_accrued(row)]
    before = accrue(rows, terms, life, as_of, 0)
    part = accrue(rows, terms, life, between, 0)
    entry = [
        Posting(
            each.value,
            *((Book.ACCRUED, Book.RECEIVABLE) if minor > 0 else (Book.RECEIVABLE, Book.ACCRUED)),
            abs(minor),
            between if minor > 0 else None,
            between,
            0,
        )
        for each, minor in part.accrued.items()
        if minor
    ]
    after = accrue([*rows, *entry], terms, life, as_of, 0)
    assert after.totals == before.totals
    assert after.accrued_minor + part.accrued_minor == before.accrued_minor
    assert after.trace == before.trace


@settings(max_examples=60, deadline=None)
@given(postings(), lives(), histories(), dates)
def test_the_trace_adds_up_to_the_totals(
    rows: list[Posting], life: Life, terms: list[TermsVersion], as_of: date
) -> None:
    found = accrue(rows, terms, life, as_of, 0)
    bounded = {each.component for each in found.cuts}
    for each in Charged:
        summed = sum((row.amount for row in found.trace if row.component is each), Fraction(0))
        if each not in bounded:
            # What joins is rounded: at most half a minor unit each time.
            joins = 1 + 14 * (each is Charged.INTEREST)
            assert abs(summed - found.totals[each]) <= Fraction(joins, 2)
    for row in found.trace:
        if row.rate is not None:
            assert row.amount == row.base * Fraction(row.rate.nano * row.days, NANO * row.of)


@given(
    st.integers(0, 10**16),
    st.one_of(
        st.tuples(st.integers(0, 5 * NANO), st.sampled_from((360, 365, 366))),
        st.tuples(st.integers(0, 10**7), st.just(1)),
    ),
    st.integers(0, 36_525),
)
def test_the_arithmetic_is_exact_and_does_not_overflow(
    base: int, rate: tuple[int, int], days: int
) -> None:
    def one(value: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.array([value], np.int64)

    nano, of = rate
    found = amounts(one(base), one(nano), one(days), one(of))
    exact = Fraction(int(found.rest[0]), REST_OF) + int(found.whole[0])
    assert exact == Fraction(base * nano * days, NANO * of)
    assert 0 <= found.rest[0] < REST_OF


def test_reasons_are_named() -> None:
    found = accrue([opened(1_000_000, START)], versions(PENALTY), Life(), day("2024-02-10"), 0)
    assert {row.reason for row in found.trace} == {Reason.CONTRACT, Reason.OVERDUE}
