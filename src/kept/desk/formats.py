"""Amounts, days and times as the reader's language writes them; in the zone of the house.

Amounts come in minor units and are never turned into a float on their way to the page.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kept.core.currencies import UnknownCurrency, currency

__all__ = [
    "amount",
    "country_name",
    "day",
    "day_end",
    "duration",
    "language_name",
    "moment",
    "money",
    "number",
    "per_cent",
    "reader_locale",
    "size",
    "until",
    "weekday",
    "when",
]

_UNITS = ("kB", "MB", "GB", "TB")


def reader_locale() -> Locale:
    """The locale of the language that the page is in."""
    return Locale.parse("zh_Hans_CN" if (get_language() or "").startswith("zh") else "en_US")


def money(amount_minor: int, code: str) -> str:
    """`¥1,234.50`; a code that is no currency is shown beside the bare minor units."""
    try:
        exponent = currency(code).exponent
    except UnknownCurrency:
        return f"{amount_minor} {code}"
    amount = Decimal(amount_minor).scaleb(-exponent)
    return str(format_currency(amount, code, locale=reader_locale()))


def amount(amount_minor: int, code: str) -> str:
    """`1,234.50`: major units without their currency, which stands beside it."""
    try:
        exponent = currency(code).exponent
    except UnknownCurrency:
        exponent = 0
    decimals = f".{'0' * exponent}" if exponent else ""
    value = Decimal(amount_minor).scaleb(-exponent)
    return str(format_decimal(value, f"#,##0{decimals}", locale=reader_locale()))


def number(value: int) -> str:
    return str(format_decimal(value, locale=reader_locale()))


def per_cent(value: int) -> str:
    """A whole number of per cent, such as `37%`."""
    return str(format_percent(Decimal(value) / 100, locale=reader_locale()))


def day(value: date) -> str:
    return str(format_date(value, "medium", locale=reader_locale()))


def weekday(value: date) -> str:
    """A day near by: its weekday, month and day."""
    return str(format_skeleton("MMMEd", value, locale=reader_locale()))


def moment(value: datetime) -> str:
    """Day and time to the minute, in the zone of the house."""
    local = timezone.localtime(value)
    return f"{day(local.date())} {local:%H:%M}"


def day_end(now: datetime) -> datetime:
    """The midnight that ends the house's day."""
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    following = (midnight + timedelta(days=1, hours=6)).date()
    return datetime(following.year, following.month, following.day, tzinfo=local.tzinfo)


def until(due: datetime, now: datetime) -> str:
    """How far away an instant is: late by hours or days, today at, tomorrow at, or its day."""
    if due < now:
        return _late(now - due)
    local = timezone.localtime(due)
    days = (local.date() - timezone.localtime(now).date()).days
    if days == 0:
        return _("today %(time)s") % {"time": f"{local:%H:%M}"}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": f"{local:%H:%M}"}
    return str(format_skeleton("MMMd" if days < 300 else "yMMMd", local, locale=reader_locale()))


def when(value: datetime, now: datetime) -> str:
    """Today or tomorrow at a time, or the day with its time, in the zone of the house."""
    local = timezone.localtime(value)
    days = (local.date() - timezone.localtime(now).date()).days
    if days == 0:
        return _("today %(time)s") % {"time": f"{local:%H:%M}"}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": f"{local:%H:%M}"}
    return moment(value)


def _late(by: timedelta) -> str:
    if by < timedelta(hours=1):
        return _("just late")
    if by < timedelta(days=1):
        hours = by // timedelta(hours=1)
        return ngettext("%(n)s hour late", "%(n)s hours late", hours) % {"n": hours}
    return ngettext("%(n)s day late", "%(n)s days late", by.days) % {"n": by.days}


def duration(minutes: int) -> str:
    """`7 h 10 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": rest}
    if not rest:
        return _("%(hours)s h") % {"hours": number(hours)}
    return _("%(hours)s h %(minutes)s min") % {"hours": number(hours), "minutes": rest}


def size(size_bytes: int) -> str:
    """`1.2 MB`, by powers of 1,000."""
    if size_bytes < 1_000:
        return _("%(n)s bytes") % {"n": size_bytes}
    amount = Decimal(size_bytes)
    for unit in _UNITS:
        amount /= 1_000
        if amount < 1_000 or unit == _UNITS[-1]:
            break
    return f"{format_decimal(amount, '#,##0.#', locale=reader_locale())} {unit}"


def country_name(code: str) -> str:
    return str(reader_locale().territories.get(code, code))


def language_name(tag: str) -> str:
    """The name of a language of a tag such as `zh-hans`; the tag itself when there is none."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(reader_locale()) or tag
    except (ValueError, UnknownLocaleError):
        return tag
