"""What may be wrong with interest terms, caps or schedules: English source texts with places."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["LendingFault"]


class LendingFault(StrEnum):
    MISSING = "is missing; add it"
    NO_RATE = "{found} is no rate; write it as 18.25%, at most {most}"
    ONE_UNIT = "give one of yearly, monthly and daily, such as yearly: 18.25%"
    NO_RATES = "names no rate; give at least one with its first day"
    RATES_RISE = "the days should rise; {found} stands after {before}"
    NO_SHARE = "{found} is no share; write it as 5%, at most {most}"
    NO_DAY = "{found} is no day; write it as 2026-01-31"
    NO_COMPONENT = "the product has no component {found}; it has {known}"
    NO_BASE = "names no component; name what bears interest, such as principal"
    COMPONENT_TWICE = "{found} stands here twice"
    CHARGED_COMPONENT = "is charged to {found}, which the product does not have; add the component"
    BILL_DAY_NEEDED = "interest joins on the bill day; give bill_day, from 1 to 28"
    PERIODS_NEEDED = "{found} counts by coupon periods; to accrue by the day choose {known}"
    AMOUNT_OR_SHARE = "give either amount or share"
    UNTIL_OR_DAYS = "give either until or days"
    MINIMUM_ABOVE_MAXIMUM = "the minimum is above the maximum; change one of them"
    BOUNDS_NEED_SHARE = "a minimum or maximum belongs to a share; an amount needs none"
    NEGATIVE = "{found} is negative; write 0 or more"
    NO_HOLD = "{found} is no reason of a hold; known are {known}"
    NO_CAP = "there is no statutory bound {found}; known are {known}"
    NO_CAP_NEAR = "there is no statutory bound {found}; did you mean {near}?"
    OTHER_CURRENCY = "{found} is in {other}, the product in {currency}; leave it out"
    BARRED_BASE = "{cap}: {found} may bear no interest; take it out of base"
    NOTHING_CHARGED = (
        "charges nothing; give interest, penalty, late_fee or judgment, or leave all empty"
    )
    NO_PROMOTION_WITHOUT_INTEREST = "a promotional rate takes the place of interest; give interest"
    # Schedules of instalments.
    NO_INSTALMENTS = "a plan has 1 to {most} instalments, not {found}"
    NOTHING_TO_PAY = "there is nothing to pay in instalments: {found}"
    TOO_LONG = (
        "the last instalment, on {last}, is later than {months} months from {first}; plan fewer"
    )
    NOT_POSITIVE = "instalment {number} is {found}; each must be above 0"
    DATES_RISE = "instalment {number} is due on {found}, not after {before}; let the days rise"
    BEFORE_START = "the first instalment is due on {found}, before {first}"
    NOT_ADDING_UP = "the instalments come to {found}; what is owed with interest is {expected}"
    BELOW_INTEREST = (
        "instalment {number} is {found}, less than the interest of {interest} until then"
    )
    NOT_UNPAID = "nothing of the plan is unpaid; there is nothing to move"
    # Affordability.
    NOTHING_LEFT = (
        "protected living costs and other payments take {taken} of {income}; nothing is left"
    )
    SHARE_TOO_SMALL = "{share} of what is left is {found}, less than one {unit}"
    INTEREST_NOT_CARRIED = (
        "{largest} a month does not cover the interest of {interest}; it needs a lower rate"
    )
    CANNOT_BE_CARRIED = "in {months} months it takes {smallest} a month; {largest} can be carried"
