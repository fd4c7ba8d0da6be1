"""What the price decided, in words and small charts: why a case got its step, what a night came to.

Amounts come as millionths of the creditor's money and are shown rounded down to its minor units;
no float is made on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from kept.core.currencies import CURRENCIES
from kept.desk import formats
from kept.desk.charts import Bar, bars
from kept.desk.words import treatment_name, word

__all__ = [
    "PricedNight",
    "Resource",
    "micro_money",
    "per_cent_of",
    "priced_night",
    "resource_name",
    "said_price",
    "scarce_price",
]

_MICRO = 1_000_000
_GAP_PARTS = 1_000_000_000
_MONEY = frozenset({"budget", "waivers"})
_RESOURCES: Mapping[str, str | Promise] = {
    "letters": _lazy("letters"),
    "visits": _lazy("visits"),
    "budget": _lazy("budget"),
    "waivers": _lazy("waiver budget"),
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a night: what was used of it, and what one more unit would be worth.

    `share` is the part used, in per cent of the width of its bar.
    """

    name: str
    use: str
    capacity: str
    required: int
    share: str
    price: str
    is_scarce: bool


@dataclass(frozen=True, slots=True)
class PricedNight:
    """The certificate in words, the resources, and what the cases without a step lacked."""

    value: str
    bound: str
    gap: str
    values: str
    resources: tuple[Resource, ...]
    lacking: tuple[Bar, ...]
    no_seat: tuple[tuple[str, int], ...]
    without_rate: tuple[tuple[str, int], ...]


def micro_money(micro: int, code: str) -> str:
    """Millionths of a currency's major unit as an amount."""
    minor = abs(micro) * CURRENCIES[code].minor_per_major // _MICRO
    return formats.money(-minor if micro < 0 else minor, code)


# --- one task -------------------------------------------------------------------------------------


def said_price(reason: Mapping[str, Any], strategy: str) -> tuple[str, ...]:
    """Sentences on why the price gave a case its step; none for a task that no price made."""
    price = reason.get("price")
    if not isinstance(price, Mapping):
        return ()
    return (*_sentences(price, strategy), *_arm(price))


def _sentences(price: Mapping[str, Any], strategy: str) -> Sequence[str]:
    if price.get("required"):
        return (_("Required: it comes before everything that is priced."),)
    code = price["currency"]
    worth = _("It is expected to bring %(value)s.") % {"value": micro_money(price["value"], code)}
    paid = [each for each in price["paid"] if each["price"]]
    if not paid:
        return (worth, _("Nothing was scarce tonight, so it cost nothing else."))
    costs = [_cost(each, code, strategy) for each in paid]
    left = _("That leaves %(reduced)s; %(next)s.") % {
        "reduced": micro_money(price["reduced"], code),
        "next": _next(price, code, strategy),
    }
    return (worth, _("Tonight %(costs)s.") % {"costs": _("; ").join(costs)}, left)


def _cost(paid: Mapping[str, Any], code: str, strategy: str) -> str:
    """What one resource cost; money is told by the major unit, everything else by the piece."""
    if paid["resource"] in _MONEY:
        told = _("of the budget each %(one)s cost %(price)s, and it takes %(units)s")
        per_one, units = _of_budget(paid["price"], code), formats.money(paid["units"], code)
        return told % {"one": _one(code), "price": per_one, "units": units}
    return _("%(resource)s cost %(price)s each, and it takes %(units)s") % {
        "resource": resource_name(paid["resource"], strategy),
        "price": micro_money(paid["price"], code),
        "units": formats.number(paid["units"]),
    }


def _of_budget(price: int, code: str) -> str:
    """The price of a major unit of the budget, which is counted in minor units."""
    return micro_money(price * CURRENCIES[code].minor_per_major, code)


def _one(code: str) -> str:
    return formats.money(CURRENCIES[code].minor_per_major, code)


def _next(price: Mapping[str, Any], code: str, strategy: str) -> str:
    other = price.get("next")
    if not other:
        return _("no other step would have left anything")
    return _("the next best, %(treatment)s, would have left %(reduced)s") % {
        "treatment": treatment_name(other["treatment"], strategy),
        "reduced": micro_money(other["reduced"], code),
    }


def _arm(price: Mapping[str, Any]) -> Sequence[str]:
    found = [_("Values: %(label)s.") % {"label": price["values"]}] if "value" in price else []
    if "arm" not in price:
        return found
    share = int(price["share"])
    told = _("Arm %(arm)s, which %(share)s %% of debtors are in.")
    per_cent = f"{share // 100}.{share % 100:02d}".rstrip("0").rstrip(".")
    return [*found, told % {"arm": price["arm"], "share": per_cent}]


def resource_name(resource: str, strategy: str = "") -> str:
    """Minutes by the skills of their seats; a capacity by its word, or as it is called."""
    _kind, colon, rest = resource.partition(":")
    if not colon:
        return str(_RESOURCES.get(resource, word(resource, "channel")))
    skills, is_short, longest = rest.partition(":")
    comma = "、" if formats.reader_locale().language == "zh" else ", "
    named = comma.join(treatment_name(skill, strategy) for skill in skills.split("+"))
    if is_short:
        told = _("minutes of seats for %(skills)s, no more than %(longest)s at a time")
        return told % {"skills": named, "longest": formats.number(int(longest))}
    return _("minutes of seats for %(skills)s") % {"skills": named}


# --- one night ------------------------------------------------------------------------------------


def priced_night(result: Mapping[str, Any]) -> PricedNight | None:
    """None for a night from before the price."""
    price = result.get("price")
    if not isinstance(price, Mapping) or "bound" not in price:
        return None
    code, label = str(price["currency"]), str(result.get("strategy", ""))
    return PricedNight(
        value=micro_money(price["value"], code),
        bound=micro_money(price["bound"], code),
        gap=per_cent_of(price["gap_parts"]),
        values=str(price["values"]),
        resources=tuple(_resource(row, code, label) for row in price["resources"]),
        lacking=_lacking(result),
        no_seat=tuple(
            (treatment_name(treatment, label), int(count))
            for treatment, count in price["no_seat"].items()
        ),
        without_rate=tuple(result.get("without_rate", {}).items()),
    )


def _resource(row: Mapping[str, Any], code: str, label: str) -> Resource:
    use, capacity = int(row["use"]), int(row["capacity"])
    hundredths = min(use, capacity) * 10_000 // capacity if capacity else 0
    is_money = row["resource"] in _MONEY
    show = (lambda minor: formats.money(minor, code)) if is_money else formats.number
    return Resource(
        name=resource_name(str(row["resource"]), label),
        use=show(use),
        capacity=show(capacity),
        required=int(row["required"]),
        share=f"{hundredths // 100}.{hundredths % 100:02d}",
        price=_price(int(row["price"]), code, is_money),
        is_scarce=int(row["price"]) > 0,
    )


def scarce_price(price: int, code: str, resource: str) -> str:
    """What one more unit of a resource is worth; of the budget, one more of its money."""
    return _price(price, code, resource in _MONEY)


def _price(price: int, code: str, is_money: bool) -> str:
    if not is_money:
        return micro_money(price, code)
    told = _("%(price)s for each %(one)s")
    return told % {"price": _of_budget(price, code), "one": _one(code)}


def _lacking(result: Mapping[str, Any]) -> tuple[Bar, ...]:
    names = {
        "without_option": _("nothing proposed or lawful"),
        "worth_nothing": _("nothing worth its cost"),
        "no_capacity": _("no room at tonight's prices"),
    }
    return bars([(name, int(result[key])) for key, name in names.items() if key in result])


def per_cent_of(parts: int) -> str:
    """Thousand-millionths as per cent, four decimals."""
    rounded = parts * 1_000_000 // _GAP_PARTS
    return f"{rounded // 10_000}.{rounded % 10_000:04d} %"
