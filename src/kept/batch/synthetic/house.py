"""The house that works the made-up book: creditors, mandates, products, teams, seats and people.

Everything is made through the use cases that operators use, so it leaves the same events. Passwords
come from the caller: none is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.db import transaction

from kept.batch.synthetic.lenders import (
    ALLOCATION_ORDER,
    BUCKET_BOUNDARIES,
    COMPONENTS,
    LAKEMERE,
    LENDERS,
    QINGHE,
    LentProduct,
    MadeUpCreditor,
)
from kept.core.actors import Actor, Role
from kept.store.models import Creditor
from kept.work.actors import do_make_user
from kept.work.creditors import (
    do_save_creditor,
    do_save_engagement,
    do_save_legal_entity,
    do_set_cut_over,
)
from kept.work.grants import do_grant_role
from kept.work.products import do_add_terms, do_save_product
from kept.work.seats import do_save_seat, do_save_team

__all__ = ["PEOPLE", "DemoPerson", "set_up_house"]

_TERMS_FROM: Final = date(2020, 1, 1)
# Numbers that nobody has.
_PHONES: Final = {"CN": "400-555-0100", "US": "+1 555 0100"}
_PHONE_SKILLS: Final = ("reminder", "call", "firm_call", "letter")


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody who can sign in; `lender` None: works for both. `seat` names the seat they have."""

    username: str
    name: str
    role: Role
    language: str
    about_en: str
    about_zh: str
    lender: str | None = None
    seat: str | None = None


PEOPLE: Final = (
    DemoPerson(
        "manager", "样本主管", Role.MANAGER, "zh-hans",
        "everything of all creditors", "主管：全部甲方的案件",
    ),
    DemoPerson(
        "lead", "样本组长", Role.TEAM_LEAD, "zh-hans",
        "the worklists of all seats", "组长：全部坐席的待催列表",
    ),
    DemoPerson(
        "collector", "样本催收员", Role.COLLECTOR, "zh-hans",
        "her own worklist, Chinese debtors", "催收员：本人的待催列表",
        QINGHE.code, "QH-PHONE-01",
    ),
    DemoPerson(
        "collector-en", "Sample Collector", Role.COLLECTOR, "en",
        "his own worklist, American debtors", "催收员：美国债务人",
        LAKEMERE.code, "LM-PHONE-01",
    ),
    DemoPerson(
        "field", "样本外访员", Role.FIELD_COLLECTOR, "zh-hans",
        "visits dealt to one seat", "外访员：本人的外访任务",
        QINGHE.code, "QH-FIELD-01",
    ),
    DemoPerson(
        "compliance", "Sample Compliance", Role.COMPLIANCE_OFFICER, "en",
        "reads every case", "合规：查看全部案件",
    ),
    DemoPerson(
        "auditor", "Sample Auditor", Role.AUDITOR, "en",
        "reads every case and the events", "审计：查看全部案件与事件",
    ),
    DemoPerson(
        "administrator", "Sample Administrator", Role.ADMINISTRATOR, "en",
        "creditors, products, seats and people", "管理员：甲方、产品、坐席与人员",
    ),
)  # fmt: skip

# Seats by kind: skills, minutes a day, and debtors a seat.
_SEAT_KINDS: Final[Mapping[str, tuple[tuple[str, ...], int, int]]] = {
    "PHONE": (_PHONE_SKILLS, 420, 500),
    "FIELD": (("visit",), 480, 1_000),
    "LEGAL": (("legal_review", "review", "hardship"), 420, 2_000),
}
_PREFIXES: Final = {QINGHE.code: "QH", LAKEMERE.code: "LM"}


@transaction.atomic
def set_up_house(
    *, actor: Actor, debtors: int, password_of: Callable[[str], str], now: datetime
) -> None:
    """Make everything; the caller sees to it that it happens once."""
    creditors = {lender.code: _set_up_lender(actor, lender, now) for lender in LENDERS}
    users = {
        person.username: _make_person(actor, person, creditors, password_of, now)
        for person in PEOPLE
    }
    for lender in LENDERS:
        _set_up_seats(actor, lender, creditors[lender.code], debtors, users, now)


def _set_up_lender(actor: Actor, lender: MadeUpCreditor, now: datetime) -> Creditor:
    creditor = do_save_creditor(
        actor=actor,
        code=lender.code,
        name=lender.name,
        country=lender.country,
        zone=lender.zone,
        currency=lender.currency,
        calendar=lender.calendar,
        language=lender.language,
        phone=_PHONES.get(lender.country, ""),
        now=now,
    )
    # All contacts are known from here on: the demo's history of attempts begins later.
    do_set_cut_over(actor=actor, creditor_id=creditor.pk, cut_over_on=now.date(), now=now)
    # The lender collects its own debts: its own name, its own mandate.
    entity = do_save_legal_entity(
        actor=actor,
        code=lender.code,
        name=lender.name,
        type=lender.entity_type,
        country=lender.country,
        now=now,
    )
    do_save_engagement(
        actor=actor,
        creditor_id=creditor.pk,
        legal_entity_id=entity.pk,
        in_own_name=True,
        valid_from=_TERMS_FROM,
        now=now,
    )
    for product in lender.products:
        _set_up_product(actor, lender, product, creditor, now)
    return creditor


def _set_up_product(
    actor: Actor, lender: MadeUpCreditor, product: LentProduct, creditor: Creditor, now: datetime
) -> None:
    row = do_save_product(
        actor=actor,
        creditor_id=creditor.pk,
        code=product.code,
        name=product.name,
        debt_type=product.debt_type,
        currency=lender.currency,
        now=now,
    )
    do_add_terms(
        actor=actor,
        product_id=row.pk,
        valid_from=_TERMS_FROM,
        balance_authority="creditor",
        bucket_boundaries=BUCKET_BOUNDARIES,
        components=COMPONENTS,
        allocation_order=ALLOCATION_ORDER,
        interest=_interest(lender.market.monthly_interest_bp[product.family]),
        grace_days=product.grace_days,
        small_balance_minor=lender.small_balance_minor,
        now=now,
    )


def _interest(monthly_basis_points: int) -> dict[str, object]:
    """Interest terms as a product holds them; the creditors' files rule the demo's figures."""
    if not monthly_basis_points:
        return {}
    monthly = f"{monthly_basis_points // 100}.{monthly_basis_points % 100:02}%"
    interest = {"rates": {"monthly": monthly}, "base": ["principal"]}
    return {"day_count": "ACT/365F", "interest": interest}


def _make_person(
    actor: Actor,
    person: DemoPerson,
    creditors: Mapping[str, Creditor],
    password_of: Callable[[str], str],
    now: datetime,
) -> int:
    user = do_make_user(
        actor=actor,
        username=person.username,
        password=password_of(person.username),
        email=f"{person.username}@example.com",
        first_name=person.name,
        language=person.language,
        now=now,
    )
    creditor_id = creditors[person.lender].pk if person.lender else None
    do_grant_role(actor=actor, user_id=user.pk, role=person.role, creditor_id=creditor_id, now=now)
    return int(user.pk)


def _set_up_seats(
    actor: Actor,
    lender: MadeUpCreditor,
    creditor: Creditor,
    debtors: int,
    users: Mapping[str, int],
    now: datetime,
) -> None:
    sitting = {person.seat: users[person.username] for person in PEOPLE if person.seat}
    for kind, (skills, minutes, debtors_a_seat) in _SEAT_KINDS.items():
        prefix = f"{_PREFIXES[lender.code]}-{kind}"
        team = do_save_team(actor=actor, code=prefix, name=f"{lender.name} {kind.lower()}", now=now)
        for number in range(1, max(1, round(debtors * lender.share / debtors_a_seat)) + 1):
            code = f"{prefix}-{number:02d}"
            do_save_seat(
                actor=actor,
                code=code,
                team_id=team.pk,
                user_id=sitting.get(code),
                skills=skills,
                creditor_ids=[creditor.pk],
                minutes_per_day=minutes,
                now=now,
            )
