"""Money in a real Chromium: promises, payments, plans and settlements, their pages and keys.

Skipped without Chromium, as `test_browser.py`, whose window and rules these use.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kept.core.actors import job
from kept.core.agreements.waiver_policy import WaiverKind
from kept.store.models import Case, Promise, Waiver
from tests import factories
from tests.desk.conftest import House
from tests.desk.test_browser import (
    DESK,
    PHONE,
    browser,  # noqa: F401
    look_at,
    place,  # noqa: F401
    pytestmark,
    signed_in,
)
from tests.desk.test_payment_pages import fill_payments
from tests.desk.test_promise_pages import today

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["pytestmark"]


def fill_money(house: House) -> Case:
    """Two promises of which one is kept in part, a running plan, an offered settlement."""
    from django.utils import timezone

    from kept.work.households import do_record_household
    from kept.work.plan_terms import PlanAsked
    from kept.work.plans import do_accept_plan, do_offer_plan
    from kept.work.promises import Asked, do_take_promise
    from kept.work.waiver_budgets import do_set_waiver_budget
    from kept.work.waivers import WaiverAsked, do_request_waiver

    actor, now, case = job("desk"), timezone.now(), house.case
    account = case.case_accounts.get().account
    due_on = factories.TODAY - timedelta(days=200)
    factories.make_entry(account, {"penalty": 80_00}, due_on=due_on, effective_on=due_on)
    given: dict[str, Any] = {"actor": actor, "case_id": case.pk, "now": now}
    do_take_promise(asked=Asked(500_00, "CNY", today() + timedelta(days=2)), **given)
    do_record_household(
        actor=actor,
        debtor_id=case.debtor_id,
        currency="CNY",
        income_minor=4_000_00,
        dependants=1,
        now=now,
    )
    asked = PlanAsked(shape="annuity", number=3, first_on=today() + timedelta(days=10))
    plan = do_offer_plan(asked=asked, **given)
    do_accept_plan(actor=actor, plan_id=plan.pk, now=now)
    do_set_waiver_budget(
        actor=actor, creditor_id=house.creditor.pk, month=today(), amount_minor=500_00, now=now
    )
    parts = [(today() + timedelta(days=9), 1_000_00)]
    row = do_request_waiver(
        asked=WaiverAsked(WaiverKind.SETTLEMENT, "closes_debt", parts=parts), **given
    )
    Waiver.objects.filter(pk=row.pk).update(state="offered")
    do_take_promise(asked=Asked(300_00, "CNY", today()), **given)
    return case


@pytest.mark.parametrize(
    ("language", "colours", "size"),
    [
        ("en", "light", DESK),
        ("zh-CN", "dark", DESK),
        ("en", "dark", PHONE),
        ("zh-CN", "light", PHONE),
    ],
    ids=["desk-en", "desk-zh", "phone-en", "phone-zh"],
)
def test_the_pages_of_money_are_fit_for_everybody(
    language: str,
    colours: str,
    size: dict[str, int],
    place: tuple[str, House],  # noqa: F811
    browser: Browser,  # noqa: F811
    tmp_path: Path,
) -> None:
    url, house = place
    fill_payments(house)
    case = fill_money(house)
    with signed_in(browser, url, language=language, colours=colours, size=size) as page:
        for name, path in (
            ("case", f"/cases/{case.pk}/"),
            ("plans", f"/cases/{case.pk}/plans/"),
            ("waivers", f"/cases/{case.pk}/waivers/"),
            ("documents", f"/cases/{case.pk}/documents/?kind=instalment_agreement"),
            ("budgets", "/waivers/budgets/"),
            ("promises", "/promises/?days=7&by=creditor"),
            ("suspense", "/payments/suspense/"),
            ("worklist", "/worklist/"),
            ("today", "/"),
        ):
            look_at(page, f"{url}{path}", tmp_path / f"{name}.png")


def test_money_by_keys_alone(place: tuple[str, House], browser: Browser) -> None:  # noqa: F811
    url, house = place
    house.creditor.phone = "010-5550 0100"  # a letter says where the debtor can ask
    house.creditor.save()
    fill_payments(house)
    at = f"{url}/cases/{house.case.pk}"
    with signed_in(browser, url) as page:

        def focus() -> str:
            return str(page.evaluate("document.activeElement.name || document.activeElement.id"))

        page.goto(f"{at}/")
        page.keyboard.press("y")
        assert focus() == "amount"
        page.keyboard.press("Escape")
        for key, path in (("w", "waivers"), ("l", "plans"), ("o", "documents")):
            page.goto(f"{at}/")
            page.keyboard.press(key)
            page.wait_for_url(f"{at}/{path}/")
            page.keyboard.press(key)
            assert focus() in ("kind", "income", "")
        assert focus() == "kind"
        page.keyboard.press("Enter")
        page.wait_for_selector("text=KD-0")
        page.goto(f"{at}/")
        page.keyboard.press("r")
        page.wait_for_url(f"{url}/payments/**")
        page.keyboard.press("r")
        assert focus() == "kind"
        page.goto(f"{at}/")
        page.keyboard.press("p")
        page.keyboard.press("Enter")
        page.wait_for_selector("main .chip:has-text('due'), .messages, [role=status]")
    assert Promise.objects.count() == 1
