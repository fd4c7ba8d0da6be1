"""How well the values of a column fit what its heading says, in per mille, and in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kept.batch.intake.headings import LIMIT, PAYMENTS, TOTAL
from kept.batch.intake.looking import Look
from kept.core.intake.dates import date_form

__all__ = ["CODED", "ambiguous_dates", "described", "fit"]

CODED = frozenset(
    {"account.state", "debtor.kind", "debtor.identity.kind", "related.relation", "holds"}
)
_DATES = frozenset({"account.opened_on", "account.due_on", "account.next_due_on", "account.as_of"})
_AMOUNTS = frozenset({"account.original_amount", "account.overdue", TOTAL, LIMIT, PAYMENTS})
_SHARES = {
    "contacts.phone": "phone",
    "contacts.email": "email",
    "account.currency": "currency",
    "debtor.country": "country",
}


def fit(target: str, look: Look) -> int:
    """0 where the values contradict the target, 1000 where they say the same."""
    if not look.filled:
        return 0
    if target in _DATES:
        return 1000 if look.date_forms else 0
    if target in _AMOUNTS or target.startswith("balances."):
        return 1000 if look.number_forms else 0
    if target in _SHARES:
        share = look.share(_SHARES[target])
        return share if share >= 500 else 0
    if target in CODED:
        return 1000 if look.codes else 0
    return _fit_of_text(target, look)


def _fit_of_text(target: str, look: Look) -> int:
    match target:
        case "account.external_id":
            whole = look.filled == look.rows
            return look.distinct_share if whole and look.distinct_share >= 900 else 0
        case "account.dpd":
            within = (
                look.whole_range is not None and -400 <= look.whole_range[0] <= look.whole_range[1]
            )
            return 1000 if within and look.whole_range and look.whole_range[1] <= 20_000 else 0
        case "account.row_version":
            return 1000 if look.whole_range is not None and look.whole_range[0] >= 0 else 0
        case "account.product":
            return 1000 if look.distinct <= 500 and look.filled == look.rows else 0
        case "debtor.identity.number":
            known = max(look.share("resident_id"), look.share("company_number"))
            return known if known >= 500 else look.share("alphanumeric") * 7 // 10
        case "debtor.name":
            return 0 if look.number_forms or look.date_forms else max(600, look.share("name"))
        case "contacts.address":
            return 0 if look.number_forms or look.date_forms else 800
        case _:
            return 800


def ambiguous_dates(look: Look) -> tuple[str, ...]:
    """Forms that fit every value and mean different days."""
    orders: dict[str, str] = {}
    for form in look.date_forms:
        orders.setdefault(date_form(form).order, form)
    return tuple(orders.values()) if len(orders) > 1 else ()


def described(look: Look) -> str:
    """What the values look like, for a person; values themselves only where they are codes."""
    if not look.filled:
        return _("every cell looked at is empty")
    return ", ".join([_kind(look), *_filled(look)])


def _kind(look: Look) -> str:
    for kind, words in (
        ("email", _("e-mail addresses")),
        ("resident_id", _("Chinese resident identity numbers with right check digits")),
        ("company_number", _("Chinese company numbers with right check digits")),
    ):
        if look.share(kind) >= 900:
            return words
    if look.date_forms:
        forms = ambiguous_dates(look) or look.date_forms[:1]
        return _("dates (%(forms)s)") % {"forms": " / ".join(forms)}
    if look.share("phone") >= 900:
        return _("telephone numbers")
    if look.codes and (look.whole_range is not None or not look.number_forms):
        return _codes(look)
    if look.whole_range is not None:
        least, most = look.whole_range
        return _("whole numbers from %(least)s to %(most)s") % {"least": least, "most": most}
    if look.number_forms:
        return _("amounts (%(form)s)") % {"form": look.number_forms[0]}
    counts = {"distinct": look.distinct, "filled": look.filled}
    return _("text, %(distinct)s different in %(filled)s") % counts


def _codes(look: Look) -> str:
    shown = ", ".join(look.codes[:12])
    more = ", …" if len(look.codes) > 12 else ""
    values = ngettext(
        "%(n)s value (%(shown)s)", "%(n)s different values (%(shown)s)", len(look.codes)
    )
    return values % {"n": len(look.codes), "shown": shown + more}


def _filled(look: Look) -> list[str]:
    if look.filled == look.rows:
        return [_("no cell empty")]
    share = 100 - look.filled * 100 // look.rows
    return [_("%(share)s %% empty") % {"share": share}]
