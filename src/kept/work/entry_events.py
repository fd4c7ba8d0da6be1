"""The event of an entry in the ledger, on the chain that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kept.core.actors import Actor
from kept.core.events import ChainKind
from kept.store.events import append_event
from kept.store.models import CaseAccount, Entry
from kept.store.person_keys import KeyOwner
from kept.store.to_decide import Cause, mark_person
from kept.work.promise_ends import judge_accounts

__all__ = ["tell_of_entry"]


def tell_of_entry(
    actor: Actor,
    action: str,
    entry: Entry,
    now: datetime,
    typed: Mapping[str, object] | None = None,
    **more: object,
) -> None:
    """The entry's event, on the chain of the account's case or else of its debtor.

    What a person typed may name somebody, so it is sealed.
    """
    case_id = (
        CaseAccount.objects.filter(account_id=entry.account_id, left_on__isnull=True)
        .values_list("case_id", flat=True)
        .first()
    )
    chain, chain_id = (
        (ChainKind.DEBTOR, entry.account.debtor_id)
        if case_id is None
        else (ChainKind.CASE, case_id)
    )
    body = {
        "account": entry.account_id,
        "kind": entry.kind,
        "effective_on": entry.effective_on.isoformat(),
        "postings": [
            [p.component, p.from_book, p.to_book, p.amount_minor]
            for p in entry.postings.order_by("id")
        ],
        **({} if entry.reverses_id is None else {"reverses": entry.reverses_id}),
        **more,
    }
    append_event(
        actor=actor,
        action=action,
        subject=f"entry:{entry.pk}",
        body=body,
        now=now,
        chain=chain,
        chain_id=chain_id,
        personal=typed,
        personal_of=KeyOwner(entry.account.debtor_id),
    )
    judge_accounts(actor=actor, account_ids=[entry.account_id], now=now)
    mark_person(entry.account.debtor_id, Cause.PAYMENT, now)
