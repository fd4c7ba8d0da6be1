"""Makes the creditor, the product, the seats and a manager for the file of UCI's card accounts.

What an administrator would do on the pages, by the same use cases:
`python examples/uci_credit_card/set_up.py`. A second run refuses and changes nothing.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kept.core.actors import Actor

CREDITOR = "TAIWAN-BANK"
PRODUCT = "CARD"
FIRST_DAY = date(2005, 1, 1)


def set_up(*, actor: Actor, now: datetime) -> int:
    """The id of the new creditor."""
    from kept.work.creditors import do_save_creditor, do_save_engagement, do_save_legal_entity

    creditor = do_save_creditor(
        actor=actor,
        code=CREDITOR,
        name="A bank in Taiwan",
        country="TW",
        zone="Asia/Taipei",
        currency="TWD",
        now=now,
    )
    entity = do_save_legal_entity(
        actor=actor,
        code=CREDITOR,
        name="A bank in Taiwan",
        type="financial_institution",
        country="TW",
        now=now,
    )
    do_save_engagement(
        actor=actor,
        creditor_id=creditor.pk,
        legal_entity_id=entity.pk,
        in_own_name=True,
        valid_from=FIRST_DAY,
        now=now,
    )
    _set_up_product(actor, creditor.pk, now)
    _set_up_seats(actor, creditor.pk, now)
    return int(creditor.pk)


def _set_up_product(actor: Actor, creditor_id: int, now: datetime) -> None:
    from kept.work.products import do_add_terms, do_save_product

    product = do_save_product(
        actor=actor,
        creditor_id=creditor_id,
        code=PRODUCT,
        name="Credit card",
        debt_type="credit_card",
        currency="TWD",
        now=now,
    )
    do_add_terms(
        actor=actor,
        product_id=product.pk,
        valid_from=FIRST_DAY,
        balance_authority="creditor",
        bucket_boundaries=[1, 31, 61, 91, 121, 151, 181],
        components=["principal", "interest", "fee", "penalty", "cost"],
        allocation_order=["cost", "fee", "penalty", "interest", "principal"],
        allows_credit_balance=True,  # 590 bills of the file are negative
        now=now,
    )


def _set_up_seats(actor: Actor, creditor_id: int, now: datetime) -> None:
    """Ten on the telephone and with letters, four on the road, two with the files."""
    from kept.work.seats import do_save_seat, do_save_team

    team = do_save_team(actor=actor, code=CREDITOR, name="Cards", now=now)
    kinds = (
        ("PHONE", ["reminder", "call", "firm_call", "letter"], 10),
        ("FIELD", ["visit"], 4),
        ("LEGAL", ["legal_review"], 2),
    )
    for kind, skills, count in kinds:
        for number in range(1, count + 1):
            do_save_seat(
                actor=actor,
                code=f"TW-{kind}-{number:02d}",
                team_id=team.pk,
                skills=skills,
                creditor_ids=[creditor_id],
                now=now,
            )


def make_manager(*, actor: Actor, password: str, now: datetime) -> None:
    from kept.core.actors import Role
    from kept.work.actors import do_grant_role, do_make_user

    user = do_make_user(actor=actor, username="manager", password=password, now=now)
    do_grant_role(actor=actor, user_id=user.pk, role=Role.MANAGER, now=now)


def main() -> None:
    from kept.cli.shell import open_shell

    shell = open_shell()
    from django.db import transaction

    from kept.core.actors import job
    from kept.running.migrations import apply_migrations
    from kept.store.partitions import ensure_partitions
    from kept.work.refusals import Refusal

    apply_migrations()
    ensure_partitions(shell.now.date(), shell.now.date())
    password = secrets.token_hex(8)
    try:
        with transaction.atomic():
            set_up(actor=job("set_up"), now=shell.now)
            make_manager(actor=job("set_up"), password=password, now=shell.now)
    except Refusal as refusal:
        raise SystemExit(f"Nothing was changed: {refusal.message}") from None
    print(f"The creditor is {CREDITOR}, its product {PRODUCT}.")
    print(f"Sign in as manager with the password {password}; it is not shown again.")


if __name__ == "__main__":
    main()
