"""Interest terms out of a product's JSON, strictly: what is wrong is said with its place.

`read_interest` raises `InterestTermsError`; its problems carry source texts for both languages.
Nothing (an empty mapping) means that nothing accrues.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from kept.core.currencies import Currency
from kept.core.intake.map_faults import MapFault
from kept.core.intake.nodes import Node, Problem, nearest
from kept.core.lending.caps import Cap, CapKind, Charged
from kept.core.lending.day_counts import ACCRUING, DayCount
from kept.core.lending.faults import LendingFault
from kept.core.lending.rates import DatedRate, Rate, RateUnit, parse_share
from kept.core.lending.terms import (
    Compounding,
    Interest,
    InterestTerms,
    Judgment,
    LateFee,
    Penalty,
    Promotional,
)
from kept.core.money import MoneyError, parse_money

__all__ = [
    "InterestTermsError",
    "ProductFrame",
    "read_day",
    "read_interest",
    "read_rate",
    "read_rates",
    "read_share",
]

#: Above these a rate is a slip of the pen; the columns' arithmetic is exact up to them.
YEARLY_NANO_MOST: Final = 5 * 10**9
DAILY_NANO_MOST: Final = 10**7
_SHARE_NANO_MOST: Final = 10 * 10**9

_KEYS: Final = (
    "day_count",
    "interest",
    "bill_day",
    "penalty",
    "late_fee",
    "promotional",
    "judgment",
    "minimum",
    "maximum",
    "maximum_share",
    "stops",
    "caps",
)
_UNITS: Final = ("yearly", "monthly", "daily")
_CHARGES: Final = ("interest", "penalty", "late_fee", "judgment")


class InterestTermsError(ValueError):
    """The terms cannot be used; `problems` say where and what to do."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(each) for each in problems))

    def told(self, translate: Callable[[str], str] = str) -> list[str]:
        return [
            f"{each.path}: {each.told(translate)}" if each.path else each.told(translate)
            for each in self.problems
        ]


@dataclass(frozen=True, slots=True)
class ProductFrame:
    """What the terms may name: the product's components, its currency, reasons, shipped caps."""

    components: tuple[str, ...]
    currency: Currency
    hold_reasons: Collection[str] = ()
    caps: Sequence[Cap] = ()


def read_interest(data: Mapping[str, object], frame: ProductFrame) -> InterestTerms | None:
    """The terms, or None for an empty mapping; raises `InterestTermsError` with all problems."""
    if not data:
        return None
    problems: list[Problem] = []
    reading = _Reading(frame, Node(dict(data), "", problems))
    terms = reading.terms()
    if problems:
        raise InterestTermsError([_of_terms(each) for each in problems])
    return terms


def _of_terms(problem: Problem) -> Problem:
    """These are terms and no map of a file."""
    if problem.source == MapFault.MISSING_KEY:
        return Problem(problem.path, LendingFault.MISSING)
    return problem


def read_day(node: Node) -> date:
    try:
        return date.fromisoformat(node.text())
    except ValueError:
        node.wrong(LendingFault.NO_DAY, found=repr(node.value))
        return date.min


def read_share(node: Node, most: int = _SHARE_NANO_MOST) -> int:
    text = node.text()
    share = parse_share(text)
    if share is None or share > most:
        bound = Rate(most, RateUnit.YEARLY).text
        node.wrong(LendingFault.NO_SHARE, found=repr(text), most=bound)
        return 0
    return share


def read_rate(fields: Mapping[str, Node], node: Node) -> Rate:
    """A rate given as one of yearly, monthly (twelve of which are a year's) or daily."""
    given = [unit for unit in _UNITS if unit in fields]
    if len(given) != 1:
        node.wrong(LendingFault.ONE_UNIT)
        return Rate(0, RateUnit.YEARLY)
    unit, field = given[0], fields[given[0]]
    times = 12 if unit == "monthly" else 1
    kind = RateUnit.DAILY if unit == "daily" else RateUnit.YEARLY
    most = DAILY_NANO_MOST if unit == "daily" else YEARLY_NANO_MOST // times
    share = parse_share(field.text())
    if share is None or share > most:
        bound = Rate(most, kind).text
        field.wrong(LendingFault.NO_RATE, found=repr(field.value), most=bound)
        return Rate(0, kind)
    return Rate(share * times, kind)


def read_rates(node: Node) -> tuple[DatedRate, ...]:
    """Dated rates, the days rising; one rate alone holds from the beginning of time."""
    if isinstance(node.value, Mapping):
        return (DatedRate(date.min, read_rate(node.fields(_UNITS), node)),)
    rows = node.children()
    found = []
    for row in rows:
        fields = row.fields(("from", *_UNITS), ("from",))
        day = read_day(fields["from"]) if "from" in fields else date.min
        found.append(DatedRate(day, read_rate(fields, row)))
    if not found:
        node.wrong(LendingFault.NO_RATES)
    for row, (before, after) in zip(rows[1:], pairwise(found), strict=True):
        if after.valid_from <= before.valid_from:
            days = {"found": after.valid_from, "before": before.valid_from}
            row.wrong(LendingFault.RATES_RISE, **days)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Reading:
    frame: ProductFrame
    node: Node

    def terms(self) -> InterestTerms:
        fields = self.node.fields(_KEYS, ("day_count",))
        bill_day = fields["bill_day"].whole(1, 28) if "bill_day" in fields else None
        stops = self._stops(fields)
        terms = InterestTerms(
            day_count=self._day_count(fields),
            interest=self._interest(fields["interest"]) if "interest" in fields else None,
            bill_day=bill_day,
            penalty=self._penalty(fields["penalty"]) if "penalty" in fields else None,
            late_fee=self._late_fee(fields["late_fee"]) if "late_fee" in fields else None,
            promotional=self._promotional(fields),
            judgment=self._judgment(fields["judgment"]) if "judgment" in fields else None,
            minimum_minor=self._amount(fields["minimum"]) if "minimum" in fields else 0,
            maximum_minor=self._amount(fields["maximum"]) if "maximum" in fields else None,
            maximum_share_nano=(
                read_share(fields["maximum_share"]) if "maximum_share" in fields else None
            ),
            stopping_holds=stops[0],
            stops_on_charge_off=stops[1],
            caps=self._caps(fields["caps"]) if "caps" in fields else (),
        )
        self._refuse_unfit(terms, fields)
        return terms

    def _day_count(self, fields: Mapping[str, Node]) -> DayCount:
        if "day_count" not in fields:
            return DayCount.ACT_365F
        count = fields["day_count"].choice(DayCount, DayCount.ACT_365F)
        if count not in ACCRUING:
            known = ", ".join(ACCRUING)
            fields["day_count"].wrong(LendingFault.PERIODS_NEEDED, found=count, known=known)
        return count

    def _interest(self, node: Node) -> Interest:
        fields = node.fields(("rates", "base", "compounding"), ("rates", "base"))
        return Interest(
            read_rates(fields["rates"]) if "rates" in fields else (),
            self._base(fields),
            fields["compounding"].choice(Compounding, Compounding.NONE)
            if "compounding" in fields
            else Compounding.NONE,
        )

    def _penalty(self, node: Node) -> Penalty:
        keys = ("rates", "base", "grace_days", "instead_of_interest")
        fields = node.fields(keys, ("rates", "base"))
        return Penalty(
            read_rates(fields["rates"]) if "rates" in fields else (),
            self._base(fields),
            fields["grace_days"].whole(0, 365) if "grace_days" in fields else 0,
            fields["instead_of_interest"].flag() if "instead_of_interest" in fields else False,
        )

    def _late_fee(self, node: Node) -> LateFee:
        keys = ("amount", "share", "minimum", "maximum", "base", "grace_days")
        fields = node.fields(keys, ("base",))
        if ("amount" in fields) == ("share" in fields):
            node.wrong(LendingFault.AMOUNT_OR_SHARE)
        if "amount" in fields and ("minimum" in fields or "maximum" in fields):
            node.wrong(LendingFault.BOUNDS_NEED_SHARE)
        fee = LateFee(
            self._base(fields),
            self._amount(fields["amount"]) if "amount" in fields else 0,
            read_share(fields["share"], 10**9) if "share" in fields else 0,
            self._amount(fields["minimum"]) if "minimum" in fields else 0,
            self._amount(fields["maximum"]) if "maximum" in fields else None,
            fields["grace_days"].whole(0, 365) if "grace_days" in fields else 0,
        )
        if fee.maximum_minor is not None and fee.minimum_minor > fee.maximum_minor:
            node.wrong(LendingFault.MINIMUM_ABOVE_MAXIMUM)
        return fee

    def _promotional(self, fields: Mapping[str, Node]) -> Promotional | None:
        if "promotional" not in fields:
            return None
        node = fields["promotional"]
        if "interest" not in fields:
            node.wrong(LendingFault.NO_PROMOTION_WITHOUT_INTEREST)
        own = node.fields((*_UNITS, "until", "days"))
        if ("until" in own) == ("days" in own):
            node.wrong(LendingFault.UNTIL_OR_DAYS)
        return Promotional(
            read_rate(own, node),
            read_day(own["until"]) if "until" in own else None,
            own["days"].whole(1, 3660) if "days" in own else None,
        )

    def _judgment(self, node: Node) -> Judgment:
        fields = node.fields((*_UNITS, "base", "adds"), ("base",))
        adds = fields["adds"].flag() if "adds" in fields else False
        return Judgment(read_rate(fields, node), self._base(fields), adds)

    def _base(self, fields: Mapping[str, Node]) -> tuple[str, ...]:
        if "base" not in fields:
            return ()
        node, known = fields["base"], self.frame.components
        names = node.texts()
        if not names:
            node.wrong(LendingFault.NO_BASE)
        for name in names:
            if name not in known:
                node.wrong(LendingFault.NO_COMPONENT, found=name, known=", ".join(known))
            if names.count(name) > 1:
                node.wrong(LendingFault.COMPONENT_TWICE, found=name)
        return tuple(dict.fromkeys(names))

    def _amount(self, node: Node) -> int:
        try:
            amount = parse_money(node.text(), self.frame.currency).amount_minor
        except MoneyError as error:
            node.wrong(error.said.source, **error.said.values)
            return 0
        if amount < 0:
            node.wrong(LendingFault.NEGATIVE, found=node.value)
        return max(amount, 0)

    def _stops(self, fields: Mapping[str, Node]) -> tuple[frozenset[str], bool]:
        if "stops" not in fields:
            return frozenset(), True
        own = fields["stops"].fields(("holds", "charge_off"))
        reasons = own["holds"].texts() if "holds" in own else ()
        known = self.frame.hold_reasons
        for reason in reasons:
            if known and reason not in known:
                own["holds"].wrong(LendingFault.NO_HOLD, found=reason, known=", ".join(known))
        return frozenset(reasons), own["charge_off"].flag() if "charge_off" in own else True

    def _caps(self, node: Node) -> tuple[Cap, ...]:
        found: list[Cap] = []
        for name in node.texts():
            caps = [cap for cap in self.frame.caps if cap.id == name]
            if not caps:
                self._unknown_cap(node, name)
            for cap in caps:
                if cap.currency and cap.currency != self.frame.currency.code:
                    other = {"other": cap.currency, "currency": self.frame.currency.code}
                    node.wrong(LendingFault.OTHER_CURRENCY, found=name, **other)
            found += caps
        return tuple(found)

    def _unknown_cap(self, node: Node, name: str) -> None:
        known = sorted({cap.id for cap in self.frame.caps})
        near = nearest(name, known)
        if near:
            node.wrong(LendingFault.NO_CAP_NEAR, found=name, near=near[0])
        else:
            node.wrong(LendingFault.NO_CAP, found=name, known=", ".join(known))

    def _refuse_unfit(self, terms: InterestTerms, fields: Mapping[str, Node]) -> None:
        if not any(key in fields for key in _CHARGES):
            self.node.wrong(LendingFault.NOTHING_CHARGED)
        interest = terms.interest
        if interest and interest.compounding is Compounding.MONTHLY and terms.bill_day is None:
            self.node.at("bill_day", None).wrong(LendingFault.BILL_DAY_NEEDED)
        if terms.maximum_minor is not None and terms.minimum_minor > terms.maximum_minor:
            fields["minimum"].wrong(LendingFault.MINIMUM_ABOVE_MAXIMUM)
        charged = {
            "interest": Charged.INTEREST,
            "penalty": Charged.PENALTY,
            "late_fee": Charged.FEE,
            "judgment": Charged.INTEREST,
        }
        for key, component in charged.items():
            if key in fields and component.value not in self.frame.components:
                fields[key].wrong(LendingFault.CHARGED_COMPONENT, found=component.value)
        self._refuse_barred(terms, fields)

    def _refuse_barred(self, terms: InterestTerms, fields: Mapping[str, Node]) -> None:
        bases = {
            "interest": terms.interest.base if terms.interest else (),
            "penalty": terms.penalty.base if terms.penalty else (),
        }
        for cap in terms.caps:
            if cap.kind is CapKind.NOT_IN_BASE:
                for key, base in bases.items():
                    for name in sorted({*base} & {*cap.components}):
                        place = fields[key].at("base", None)
                        place.wrong(LendingFault.BARRED_BASE, cap=cap.id, found=name)
