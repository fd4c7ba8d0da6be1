"""Products and their terms: dated versions, added and never edited.

What the terms mean for money is in `core/ledger.py`; here they are only checked and kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.lending.reading import InterestTermsError, read_interest
from kept.store.accruals import frame_of
from kept.store.events import append_event
from kept.store.models import Account, Hold, Product, ProductTerms
from kept.store.visibility import visible_rows
from kept.work.changes import creditor_to_change, plain, row_to_change, save_with_event
from kept.work.creditors import currency_error
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse, refuse_invalid

__all__ = ["do_add_terms", "do_save_product", "interest_errors", "terms_errors"]

_COMPONENT = re.compile(r"[a-z][a-z0-9_]{0,23}")
# Days past due beyond a hundred years are a slip of the keyboard.
_LAST_BOUNDARY = 36_500


@transaction.atomic
def do_save_product(
    *,
    actor: Actor,
    creditor_id: int,
    code: str,
    name: str,
    debt_type: str,
    currency: str,
    product_id: int | None = None,
    now: datetime,
) -> Product:
    """Add a product, or change one. With accounts it keeps its creditor and currency."""
    within = require(actor, Permission.CREDITOR_CHANGE)
    creditor_to_change(within, creditor_id)
    row = row_to_change(Product, product_id, within)
    error = currency_error(currency)
    refuse({"currency": error} if error else {})
    refuse(_fixed_errors(row, creditor_id, currency))
    values = {
        "creditor_id": creditor_id,
        "code": code,
        "name": name.strip(),
        "debt_type": debt_type,
        "currency": currency,
    }
    return save_with_event(actor=actor, noun="product", row=row, values=values, now=now)


def _fixed_errors(row: Product, creditor_id: int, currency: str) -> dict[str, str]:
    if row.pk is None or (row.creditor_id, row.currency) == (creditor_id, currency):
        return {}
    if row.creditor_id != creditor_id:
        return {"creditor": _("A product stays with its creditor; add a new one instead.")}
    if Account.objects.filter(creditor_id=creditor_id, product_id=row.pk).exists():
        return {"currency": _("This product has accounts, so its currency stays as it is.")}
    return {}


@transaction.atomic
def do_add_terms(
    *,
    actor: Actor,
    product_id: int,
    valid_from: date,
    balance_authority: str,
    bucket_boundaries: Sequence[int],
    components: Sequence[str],
    allocation_order: Sequence[str],
    interest: Mapping[str, object] | None = None,
    grace_days: int = 0,
    small_balance_minor: int = 0,
    entry_dpd: int = -3,
    missing_from_feed: str = ProductTerms.Missing.STOP_AND_ASK,
    allows_credit_balance: bool = False,
    now: datetime,
) -> ProductTerms:
    """Add the next version of a product's terms; the version before it ends the day before."""
    within = require(actor, Permission.CREDITOR_CHANGE)
    product = row_to_change(Product, product_id, within)
    latest = visible_rows(ProductTerms, within).filter(product=product).order_by("-version").first()
    refuse(
        terms_errors(
            bucket_boundaries=bucket_boundaries,
            components=components,
            allocation_order=allocation_order,
            small_balance_minor=small_balance_minor,
        )
        | _start_error(latest, valid_from)
        | interest_errors(interest or {}, components, product.currency)
    )
    values: dict[str, object] = {
        "valid_from": valid_from,
        "balance_authority": str(balance_authority),
        "bucket_boundaries": list(bucket_boundaries),
        "components": list(components),
        "allocation_order": list(allocation_order),
        "interest": dict(interest or {}),
        "grace_days": grace_days,
        "small_balance_minor": small_balance_minor,
        "entry_dpd": entry_dpd,
        "missing_from_feed": str(missing_from_feed),
        "allows_credit_balance": allows_credit_balance,
    }
    version = latest.version + 1 if latest else 1
    terms = ProductTerms(product=product, version=version, **values)
    if latest is not None and (latest.valid_to is None or latest.valid_to >= valid_from):
        latest.valid_to = valid_from - timedelta(days=1)
        latest.save(update_fields=["valid_to"])
    refuse_invalid(terms)
    terms.save()
    append_event(
        actor=actor,
        action="product.add_terms",
        subject=f"product:{product.pk}",
        body={"version": version, "after": plain(values)},
        now=now,
    )
    return terms


def terms_errors(
    *,
    bucket_boundaries: Sequence[int],
    components: Sequence[str],
    allocation_order: Sequence[str],
    small_balance_minor: int = 0,
) -> dict[str, str]:
    """What is wrong with terms before they meet the database, by input; empty when nothing is."""
    found = {
        "bucket_boundaries": _boundary_error(bucket_boundaries),
        "components": _component_error(components),
        "allocation_order": None,
        "small_balance_minor": _("From 0 on.") if small_balance_minor < 0 else None,
    }
    if sorted(allocation_order) != sorted(components):
        found["allocation_order"] = _("List each component once: %(components)s.") % {
            "components": ", ".join(components)
        }
    return {name: error for name, error in found.items() if error}


def interest_errors(
    interest: Mapping[str, object], components: Sequence[str], code: str
) -> dict[str, str]:
    """What is wrong with interest terms, a sentence for each place; empty when nothing is."""
    reasons = [str(each) for each in Hold.Reason.values]
    try:
        read_interest(interest, frame_of(components, code, reasons))
    except InterestTermsError as error:
        return {"interest": " · ".join(error.told(_))}
    return {}


def _boundary_error(boundaries: Sequence[int]) -> str | None:
    if not boundaries or boundaries[0] < 1 or boundaries[-1] > _LAST_BOUNDARY:
        return _("Give at least one day past due, from 1 on, such as 1,31,61,91.")
    if any(after <= before for before, after in pairwise(boundaries)):
        return _("The days must rise, such as 1,31,61,91.")
    return None


def _component_error(components: Sequence[str]) -> str | None:
    if not components:
        return _("Name at least one component, such as principal.")
    if any(not _COMPONENT.fullmatch(name) for name in components):
        return _("A component has small letters, digits and _, at most 24, a letter first.")
    if len(set(components)) < len(components):
        return _("A component stands here twice.")
    return None


def _start_error(latest: ProductTerms | None, valid_from: date) -> dict[str, str]:
    if latest is None or valid_from > latest.valid_from:
        return {}
    return {
        "valid_from": _("Version %(version)s begins on %(day)s; the next must begin later.")
        % {"version": latest.version, "day": latest.valid_from.isoformat()}
    }
