"""What an account owes as of a day, as known on a day, from its postings alone.

Two ideas carry this module. A posting takes an amount out of one book into another, so everything
sums to zero. And days past due are *not* read from how payments were allocated: charges make dated
due amounts, credits pay the oldest of them first by effective date, and the age of what is left
uncovered is the answer. So a payment that is entered late, or reversed, gives the right days past
due for every day before and after, without anything being recomputed or rewritten.

The set-based twin is `store/sql/ledger.sql`; a property test holds the two together.
Amounts are integer minor units of the account's one currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

__all__ = [
    "NO_DUE_DATE",
    "Book",
    "BucketChange",
    "EntryKind",
    "Figures",
    "Position",
    "Posting",
    "bucket_changes",
    "bucket_of",
    "plan_snapshot",
    "position_as_of",
    "reverse",
    "thresholded_dpd",
]

#: The due date of an amount that has none yet.
NO_DUE_DATE = date.max


class Book(StrEnum):
    RECEIVABLE = "receivable"
    CREDITOR = "creditor"
    CASH = "cash"
    UNEXPLAINED = "unexplained"
    INCOME = "income"
    ACCRUED = "accrued"
    WAIVED = "waived"
    REDATED = "redated"
    CARRIED = "carried"
    LOSS = "loss"
    SOLD = "sold"


class EntryKind(StrEnum):
    OPENING = "opening"
    CHARGE = "charge"
    ACCRUAL = "accrual"
    PAYMENT = "payment"
    WAIVER = "waiver"
    ADJUSTMENT = "adjustment"
    REDATE = "redate"
    REVERSAL = "reversal"
    CHARGE_OFF = "charge_off"
    SALE = "sale"


@dataclass(frozen=True, slots=True)
class Posting:
    """`amount_minor` goes from one book to another; see `store/models/ledger.py` for `due_on`.

    `recorded_at` is any integer clock (UTC minutes, microseconds); only its order counts.
    """

    component: str
    from_book: Book
    to_book: Book
    amount_minor: int
    due_on: date | None
    effective_on: date
    recorded_at: int

    def __post_init__(self) -> None:
        if self.amount_minor <= 0:
            raise ValueError("a posting's amount is positive: turn its books round instead")
        if self.from_book == self.to_book:
            raise ValueError("a posting goes from one book to another")

    @property
    def owed(self) -> int:
        """By how much the posting changes what the debtor owes."""
        if self.to_book == Book.RECEIVABLE:
            return self.amount_minor
        return -self.amount_minor if self.from_book == Book.RECEIVABLE else 0


@dataclass(frozen=True, slots=True)
class Position:
    """An account as of a day. `overdue_minor` fell due before the day and is not covered;
    `total_due_minor` is that and the uncovered amount that falls due next.

    `oldest_due_on` is the oldest due amount that is not covered, past or to come; `next_due_on` the
    first uncovered one that is due on the day or later; None where there is none with a date.
    """

    balances: Mapping[str, int]
    overdue_minor: int
    oldest_due_on: date | None
    next_due_on: date | None
    dpd: int
    total_due_minor: int = 0

    @property
    def balance_minor(self) -> int:
        return sum(self.balances.values())


def position_as_of(postings: Iterable[Posting], as_of: date, known_at: int) -> Position:
    """By the postings that were effective on or before `as_of` and known at `known_at`."""
    seen = [p for p in postings if p.effective_on <= as_of and p.recorded_at <= known_at]
    balances: dict[str, int] = {}
    dues: dict[date, int] = {}
    credit = 0
    for posting in seen:
        balances[posting.component] = balances.get(posting.component, 0) + posting.owed
        if posting.due_on is None:
            credit -= posting.owed
        else:
            dues[posting.due_on] = dues.get(posting.due_on, 0) + posting.owed
    balances = {component: amount for component, amount in balances.items() if amount}
    return _position(balances, dues, credit, as_of)


def _position(
    balances: Mapping[str, int], dues: Mapping[date, int], credit: int, as_of: date
) -> Position:
    # A due amount taken back beyond what it was is money in the debtor's favour: a credit.
    credit += sum(-amount for amount in dues.values() if amount < 0)
    charged = sorted((due_on, amount) for due_on, amount in dues.items() if amount > 0)
    past = sum(amount for due_on, amount in charged if due_on < as_of)
    uncovered = list(_uncovered(charged, credit))
    next_due_on = next((d for d in uncovered if as_of <= d < NO_DUE_DATE), None)
    oldest = uncovered[0] if uncovered else None
    dpd = (as_of - oldest).days if oldest is not None and oldest < as_of else 0
    overdue = past - credit if dpd else 0
    upto_next = sum(amount for d, amount in charged if next_due_on and d <= next_due_on) - credit
    return Position(
        balances=dict(balances),
        overdue_minor=overdue,
        oldest_due_on=oldest if oldest != NO_DUE_DATE else None,
        next_due_on=next_due_on,
        dpd=dpd,
        total_due_minor=upto_next if next_due_on else overdue,
    )


def _uncovered(charged: Sequence[tuple[date, int]], credit: int) -> Iterable[date]:
    due_so_far = 0
    for due_on, amount in charged:
        due_so_far += amount
        if due_so_far > credit:
            yield due_on


def bucket_of(dpd: int, boundaries: Sequence[int], grace_days: int = 0) -> int:
    """0 when not delinquent, else the number of bucket boundaries that `dpd` has reached."""
    if dpd <= grace_days:
        return 0
    return sum(1 for first_day in boundaries if dpd >= first_day)


@dataclass(frozen=True, slots=True)
class BucketChange:
    """From `moved_on` on the account is in `to_bucket`; the first change has no bucket before."""

    moved_on: date
    from_bucket: int | None
    to_bucket: int
    dpd: int


def bucket_changes(
    postings: Sequence[Posting],
    boundaries: Sequence[int],
    grace_days: int,
    first: date,
    last: date,
    known_at: int,
) -> list[BucketChange]:
    """Every move between buckets from `first` to `last`, rebuilt from the ledger.

    Only days on which something can move are looked at: postings, and due dates plus a boundary.
    """
    steps = {1, grace_days + 1, *boundaries}
    moving = {p.effective_on for p in postings} | {
        date.fromordinal(p.due_on.toordinal() + step)
        for p in postings
        if p.due_on is not None and p.due_on != NO_DUE_DATE
        for step in steps
    }
    changes: list[BucketChange] = []
    before: int | None = None
    for day in sorted({first, *(d for d in moving if first < d <= last)}):
        dpd = position_as_of(postings, day, known_at).dpd
        bucket = bucket_of(dpd, boundaries, grace_days)
        if bucket != before:
            changes.append(BucketChange(day, before, bucket, dpd))
        before = bucket
    return changes


def thresholded_dpd(position: Position, small_balance_minor: int) -> int:
    """当前逾期天数: days past due that count only when more than a small amount is overdue."""
    return position.dpd if position.overdue_minor > small_balance_minor else 0


def reverse(postings: Iterable[Posting], effective_on: date, recorded_at: int) -> list[Posting]:
    """The postings that undo others: books exchanged, due dates as they were."""
    return [
        Posting(
            p.component, p.to_book, p.from_book, p.amount_minor, p.due_on, effective_on, recorded_at
        )
        for p in postings
    ]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a creditor's file says of an account as of a day.

    `overdue_minor` None with a past `due_on` means that the whole balance is overdue. `dues_known`
    is False when the file says nothing about due dates; the ledger's own then stand.
    """

    as_of: date
    balances: Mapping[str, int]
    due_on: date | None = None
    next_due_on: date | None = None
    overdue_minor: int | None = None
    dues_known: bool = True


def plan_snapshot(
    postings: Sequence[Posting],
    figures: Figures,
    *,
    order: Sequence[str],
    recorded_at: int,
) -> list[tuple[EntryKind, list[Posting]]]:
    """The entries that make the ledger agree with the creditor's figures (DESIGN.md 3.8).

    A first file opens the account. Later: a component that rose is charged; one that fell without
    a known payment is a credit of unknown source, which a later payment row matches. Then, if the
    due dates still differ, one entry takes the open amounts out and puts them back under the
    file's dates; it moves no money. Components that the file does not name stay as they are.
    `order` is the product's allocation order. Raises ValueError for a file that is older than
    figures posted before: what it would add on its day, the newer ones would not know of.
    """
    if any(p.effective_on > figures.as_of and _is_a_files(p) for p in postings):
        raise ValueError("the account has newer figures: refuse the older file")
    at = (figures.as_of, recorded_at)
    targets = _target_slots(figures, order)
    seen = [p for p in postings if p.effective_on <= figures.as_of]
    if not postings:
        opening = [_owe(slot, amount, Book.CREDITOR, at) for slot, amount in targets.items()]
        return [(EntryKind.OPENING, opening)] if opening else []
    adjustment = _adjust(seen, figures, at)
    plan = [(EntryKind.ADJUSTMENT, adjustment)] if adjustment else []
    if figures.dues_known:
        redate = _redate([*seen, *adjustment], targets, figures.balances.keys(), at)
        plan += [(EntryKind.REDATE, redate)] if redate else []
    return plan


_Slot = tuple[str, date | None]
_At = tuple[date, int]


def _owe(slot: _Slot, amount: int, other: Book, at: _At) -> Posting:
    """A posting that changes what is owed in a slot by `amount`, of either sign."""
    books = (other, Book.RECEIVABLE) if amount > 0 else (Book.RECEIVABLE, other)
    return Posting(slot[0], *books, abs(amount), slot[1], *at)


def _target_slots(figures: Figures, order: Sequence[str]) -> dict[_Slot, int]:
    """Components split into what is overdue (first in the allocation order) and the rest."""
    rest_due = figures.next_due_on or NO_DUE_DATE
    left = _overdue_target(figures)
    rank = {component: place for place, component in enumerate(order)}
    slots: dict[_Slot, int] = {}
    for component in sorted(figures.balances, key=lambda c: (rank.get(c, len(rank)), c)):
        amount = figures.balances[component]
        overdue = min(max(amount, 0), left)
        left -= overdue
        if overdue and figures.due_on is not None:
            slots[component, figures.due_on] = overdue
        if amount - overdue:
            place = (component, rest_due)
            slots[place] = slots.get(place, 0) + amount - overdue
    return slots


def _overdue_target(figures: Figures) -> int:
    if figures.due_on is None:
        return 0
    whole = sum(max(amount, 0) for amount in figures.balances.values())
    return whole if figures.overdue_minor is None else max(0, min(figures.overdue_minor, whole))


def _is_a_files(posting: Posting) -> bool:
    return bool({posting.from_book, posting.to_book} & {Book.CREDITOR, Book.UNEXPLAINED})


def _adjust(seen: Sequence[Posting], figures: Figures, at: _At) -> list[Posting]:
    known: dict[str, int] = dict.fromkeys(figures.balances, 0)
    for posting in seen:
        known[posting.component] = known.get(posting.component, 0) + posting.owed
    changes = {c: figures.balances[c] - known[c] for c in sorted(figures.balances)}
    new_due = figures.due_on or figures.next_due_on or NO_DUE_DATE
    return [
        _owe((c, new_due), change, Book.CREDITOR, at)
        if change > 0
        else _owe((c, None), change, Book.UNEXPLAINED, at)
        for c, change in changes.items()
        if change
    ]


def _redate(
    postings: Sequence[Posting],
    targets: Mapping[_Slot, int],
    components: AbstractSet[str],
    at: _At,
) -> list[Posting]:
    as_of = at[0]
    now = _slots(postings)
    unnamed = {slot: amount for slot, amount in now.items() if slot[0] not in components}
    targets = {**targets, **unnamed}
    if _dates(now, as_of) == _dates(targets, as_of):
        return []
    changes = {slot: targets.get(slot, 0) - now.get(slot, 0) for slot in {*now, *targets}}
    return [
        _owe(slot, changes[slot], Book.REDATED, at)
        for slot in sorted(changes, key=lambda s: (s[0], s[1] or date.min))
        if changes[slot]
    ]


def _slots(postings: Iterable[Posting]) -> dict[_Slot, int]:
    slots: dict[_Slot, int] = {}
    for posting in postings:
        place = (posting.component, posting.due_on)
        slots[place] = slots.get(place, 0) + posting.owed
    return slots


def _dates(slots: Mapping[_Slot, int], as_of: date) -> tuple[int, date | None, date | None]:
    """What decides whether due dates agree: overdue amount, oldest and next due date."""
    dues: dict[date, int] = {}
    credit = 0
    for (_component, due_on), amount in slots.items():
        if due_on is None:
            credit -= amount
        else:
            dues[due_on] = dues.get(due_on, 0) + amount
    position = _position({}, dues, credit, as_of)
    return position.overdue_minor, position.oldest_due_on, position.next_due_on
