"""The dealing policy of a creditor: from which day on which thresholds hold."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kept.core.actors import Actor
from kept.core.dealing_policy import DealingPolicy, policy_fault, policy_of, policy_values
from kept.core.strategies import Stage
from kept.store.models import DealingPolicy as DealingPolicyRow
from kept.store.visibility import visible_rows
from kept.work.changes import creditor_to_change, save_with_event
from kept.work.permissions import Permission, require
from kept.work.refusals import refuse

__all__ = ["dealing_policy_of", "do_set_dealing_policy", "list_dealing_policies"]


def dealing_policy_of(creditor_id: int, on: date) -> DealingPolicy:
    """What holds for a creditor on a day; the defaults where nothing was set."""
    rows = DealingPolicyRow.objects.filter(creditor_id=creditor_id, valid_from__lte=on)
    found = rows.order_by("-valid_from").first()
    return DealingPolicy() if found is None else policy_of(found.values)


def list_dealing_policies(*, actor: Actor) -> tuple[tuple[str, date, DealingPolicy], ...]:
    """(creditor, valid from, policy) of every row in reach, the newest first."""
    rows = visible_rows(DealingPolicyRow, require(actor, Permission.NIGHT_READ))
    found = rows.order_by("creditor__code", "-valid_from").values_list(
        "creditor__code", "valid_from", "values"
    )
    return tuple((code, valid_from, policy_of(values)) for code, valid_from, values in found)


@transaction.atomic
def do_set_dealing_policy(
    *,
    actor: Actor,
    creditor_id: int,
    policy: DealingPolicy,
    valid_from: date,
    now: datetime,
) -> DealingPolicyRow:
    """Thresholds from a day on; the same day again replaces them."""
    creditor = creditor_to_change(require(actor, Permission.CAPACITY_CHANGE), creditor_id)
    fault = policy_fault(policy)
    if fault is None and not set(policy.stages) <= set(Stage):
        fault = "stages"
    if fault is not None:
        refuse({fault: _("This is not a value that dealing can use: see docs/dealing.md.")})
    rows = DealingPolicyRow.objects.filter(creditor=creditor, valid_from=valid_from)
    row = rows.first() or DealingPolicyRow()
    values = {
        "creditor_id": creditor.pk,
        "valid_from": valid_from,
        "values": policy_values(policy),
    }
    return save_with_event(actor=actor, noun="dealing_policy", row=row, values=values, now=now)
