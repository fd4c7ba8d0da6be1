"""Creditors, the companies that act for them, and under which mandate: what operators change.

Nothing here knows of files or accounts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.countries import COUNTRIES
from kept.core.currencies import UnknownCurrency, currency
from kept.store.events import append_event
from kept.store.models import Creditor, Engagement, LegalEntity, Product
from kept.store.visibility import visible_rows
from kept.work.changes import creditor_to_change, not_there, row_to_change, save_with_event
from kept.work.histories import known_from
from kept.work.permissions import Permission, may, may_house, reach, require, require_house
from kept.work.refusals import Refusal, refuse

__all__ = [
    "country_error",
    "creditor_errors",
    "currency_error",
    "do_declare_no_history",
    "do_save_creditor",
    "do_save_engagement",
    "do_save_legal_entity",
    "do_set_cut_over",
    "language_error",
    "list_creditors",
    "list_engaged_entities",
    "zone_error",
]

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


def country_error(code: str) -> str | None:
    if code in COUNTRIES:
        return None
    return _("“%(code)s” is no country of ISO 3166; use two capital letters, such as CN.") % {
        "code": code
    }


def zone_error(name: str) -> str | None:
    """Of a time zone's name; one that this machine's zone database does not hold is an error."""
    try:
        if "/" in name or name == "UTC":
            ZoneInfo(name)
            return None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    return _("“%(name)s” is no time zone; use a name such as Asia/Shanghai.") % {"name": name}


def currency_error(code: str) -> str | None:
    try:
        currency(code)
    except UnknownCurrency:
        return _("“%(code)s” is no currency of ISO 4217; use a code such as CNY.") % {"code": code}
    return None


def language_error(code: str) -> str | None:
    if _LANGUAGE.fullmatch(code):
        return None
    return _("“%(code)s” is no language code; use one such as zh-hans or en.") % {"code": code}


def creditor_errors(*, country: str, zone: str, currency: str, language: str) -> dict[str, str]:
    """What is wrong with a creditor's values, by input; empty when nothing is."""
    found = {
        "country": country_error(country),
        "zone": zone_error(zone),
        "currency": currency_error(currency),
        "language": language_error(language),
    }
    return {name: error for name, error in found.items() if error}


def list_creditors(*, actor: Actor, permission: Permission) -> tuple[tuple[int, str, str], ...]:
    """(id, code, name) of the creditors of which the actor may do this, by code."""
    rows = visible_rows(Creditor, require(actor, permission)).order_by("code")
    return tuple(rows.values_list("pk", "code", "name"))


@transaction.atomic
def do_save_creditor(
    *,
    actor: Actor,
    code: str,
    name: str,
    country: str,
    zone: str,
    currency: str,
    calendar: str = "",
    language: str = "zh-hans",
    phone: str | None = None,
    needs_access: bool | None = None,
    creditor_id: int | None = None,
    now: datetime,
) -> Creditor:
    """Add a creditor, or change one when `creditor_id` is given.

    `needs_access` closes it to the house's staff, `phone` is the number that its debtors are told;
    None leaves either as it is.
    """
    if creditor_id is None:
        require_house(actor, Permission.CREDITOR_CHANGE)
        row = Creditor()
    else:
        within = require(actor, Permission.CREDITOR_CHANGE)
        row = creditor_to_change(within, creditor_id)
    refuse(creditor_errors(country=country, zone=zone, currency=currency, language=language))
    values = {
        "code": code,
        "name": name.strip(),
        "country": country,
        "zone": zone,
        "currency": currency,
        "calendar": calendar,
        "language": language,
        "phone": row.phone if phone is None else phone.strip(),
        "needs_access": row.needs_access if needs_access is None else needs_access,
    }
    return save_with_event(actor=actor, noun="creditor", row=row, values=values, now=now)


@transaction.atomic
def do_set_cut_over(
    *,
    actor: Actor,
    creditor_id: int,
    cut_over_on: date,
    now: datetime,
) -> Creditor:
    """From which day kept makes the contacts; loaded history joins on where it reaches that day.

    What lies before is unknown to every count of law. What was declared of an earlier day holds no
    more.
    """
    within = require(actor, Permission.CREDITOR_CHANGE)
    row = creditor_to_change(within, creditor_id)
    values = {
        "cut_over_on": cut_over_on,
        "complete_from": known_from(row.pk, cut_over_on),
        "no_history_before": False,
    }
    return save_with_event(actor=actor, noun="creditor", row=row, values=values, now=now)


@transaction.atomic
def do_declare_no_history(
    *, actor: Actor, creditor_id: int, reason: str, now: datetime
) -> Creditor:
    """Nobody was contacted before what is known: the counts that were unknown become zero."""
    within = require(actor, Permission.HISTORY_DECLARE)
    row = creditor_to_change(within, creditor_id)
    if not reason.strip():
        refuse({"reason": _("Say how it is known that there were no contacts.")})
    if row.no_history_before:
        raise Refusal(_("This was declared before."))
    row.no_history_before = True
    row.save(update_fields=["no_history_before"])
    append_event(
        actor=actor,
        action="creditor.declare_no_history",
        subject=f"creditor:{row.pk}",
        body={
            "complete_from": row.complete_from and row.complete_from.isoformat(),
            "cut_over_on": row.cut_over_on and row.cut_over_on.isoformat(),
            "reason": reason.strip(),
        },
        now=now,
    )
    return row


@transaction.atomic
def do_save_legal_entity(
    *,
    actor: Actor,
    code: str,
    name: str,
    type: str,
    country: str,
    licences: Sequence[str] = (),
    legal_entity_id: int | None = None,
    now: datetime,
) -> LegalEntity:
    """Add a company that may collect, or change one. It belongs to the house, not to a creditor."""
    require_house(actor, Permission.CREDITOR_CHANGE)
    row = row_to_change(LegalEntity, legal_entity_id)
    error = country_error(country)
    refuse({"country": error} if error else {})
    values = {
        "code": code,
        "name": name.strip(),
        "type": type,
        "country": country,
        "licences": list(licences),
    }
    return save_with_event(actor=actor, noun="legal_entity", row=row, values=values, now=now)


def list_engaged_entities(actor: Actor) -> QuerySet[LegalEntity]:
    """The companies that the actor may give a mandate.

    Who is limited to some creditors knows those that have a mandate of theirs: another creditor's
    companies tell who that creditor is.
    """
    if not may(actor, Permission.CREDITOR_CHANGE):
        return LegalEntity.objects.none()
    if may_house(actor, Permission.CREDITOR_CHANGE):
        return LegalEntity.objects.all()
    engaged = visible_rows(Engagement, reach(actor, Permission.CREDITOR_CHANGE)).values(
        "legal_entity_id"
    )
    return LegalEntity.objects.filter(pk__in=engaged)


@transaction.atomic
def do_save_engagement(
    *,
    actor: Actor,
    creditor_id: int,
    legal_entity_id: int,
    product_id: int | None = None,
    in_own_name: bool = False,
    lawyers_letters: bool | None = None,
    valid_from: date,
    valid_to: date | None = None,
    engagement_id: int | None = None,
    now: datetime,
) -> Engagement:
    """Add or change a mandate; two for the same creditor, company and product never overlap.

    `lawyers_letters` lets its legal officers write such letters; None leaves that as it is.
    """
    within = require(actor, Permission.CREDITOR_CHANGE)
    # The creditor's row is the lock under which its mandates are compared.
    creditor_to_change(within, creditor_id)
    if not list_engaged_entities(actor).filter(pk=legal_entity_id).exists():
        raise not_there()
    row = row_to_change(Engagement, engagement_id, within)
    values = {
        "creditor_id": creditor_id,
        "legal_entity_id": legal_entity_id,
        "product_id": product_id,
        "in_own_name": in_own_name,
        "valid_from": valid_from,
        "valid_to": valid_to,
    }
    refuse(engagement_errors(engagement_id=engagement_id, **values))  # type: ignore[arg-type]
    if lawyers_letters is not None:
        values["lawyers_letters"] = lawyers_letters
    return save_with_event(actor=actor, noun="engagement", row=row, values=values, now=now)


def engagement_errors(
    *,
    creditor_id: int,
    legal_entity_id: int,
    product_id: int | None,
    in_own_name: bool,
    valid_from: date,
    valid_to: date | None,
    engagement_id: int | None = None,
) -> dict[str, str]:
    """What is wrong with a mandate, by input: the product's creditor, its dates, an overlap."""
    if product_id and not Product.objects.filter(pk=product_id, creditor_id=creditor_id).exists():
        return {"product": _("This product belongs to another creditor.")}
    if valid_to is not None and valid_to < valid_from:
        return {"valid_to": _("The last day lies before the first.")}
    others = Engagement.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=valid_from),
        creditor_id=creditor_id,
        legal_entity_id=legal_entity_id,
    )
    same = Q(product_id=product_id) if product_id else Q(product_id__isnull=True)
    others = others.filter(same)
    if engagement_id is not None:
        others = others.exclude(pk=engagement_id)
    if valid_to is not None:
        others = others.filter(valid_from__lte=valid_to)
    if others.exists():
        return {"valid_from": _("Another mandate of this company covers some of these days.")}
    return {}
