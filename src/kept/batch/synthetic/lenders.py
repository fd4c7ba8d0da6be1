"""The two made-up lenders of the synthetic book: what they lend, in which market, on which terms.

Values only. `kept.batch.synthetic.house` makes rows of them, `accounts` draws debts from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kept.batch.synthetic.calibration import AMERICAN_CARDS, TAIWANESE_CARDS, Market

__all__ = ["LAKEMERE", "LENDERS", "QINGHE", "LentProduct", "MadeUpCreditor"]


@dataclass(frozen=True, slots=True)
class LentProduct:
    """A product and how its accounts are drawn; amounts in major units of the lender's currency.

    `family` chooses interest and due amounts: a card asks a small part of what is owed each month,
    a loan a fixed instalment over `months`.
    """

    code: str
    name: str
    family: str
    debt_type: str
    share: float
    median_amount: int
    months: tuple[int, int]
    for_companies: bool = False
    grace_days: int = 0


@dataclass(frozen=True, slots=True)
class MadeUpCreditor:
    """`share` of all debtors; the house collects for it in its name."""

    code: str
    name: str
    country: str
    zone: str
    currency: str
    language: str
    calendar: str
    entity_type: str
    share: float
    company_share: float
    small_balance_minor: int
    market: Market
    products: tuple[LentProduct, ...]

    @property
    def products_by_code(self) -> Mapping[str, LentProduct]:
        return {product.code: product for product in self.products}


BUCKET_BOUNDARIES: Final = (1, 31, 61, 91, 121, 151, 181)
COMPONENTS: Final = ("principal", "interest", "fee", "penalty", "cost")
ALLOCATION_ORDER: Final = ("cost", "fee", "penalty", "interest", "principal")

QINGHE: Final = MadeUpCreditor(
    code="QINGHE-DEMO",
    name="青禾样本消费金融有限公司（虚构）",
    country="CN",
    zone="Asia/Shanghai",
    currency="CNY",
    language="zh-hans",
    calendar="CN",
    entity_type="consumer_finance_company",
    share=0.6,
    company_share=0.05,
    small_balance_minor=50_00,
    market=TAIWANESE_CARDS,
    products=(
        LentProduct(
            "CARD", "青禾信用卡", "card", "credit_card", 0.55, 18_000, (24, 96), grace_days=3
        ),
        LentProduct("CASH", "青禾消费贷", "loan", "consumer", 0.45, 26_000, (12, 36)),
        LentProduct("BIZ", "青禾小微贷", "business", "business", 0.0, 240_000, (12, 36), True),
    ),
)

LAKEMERE: Final = MadeUpCreditor(
    code="LAKEMERE-DEMO",
    name="Lakemere Sample Lending (fictitious)",
    country="US",
    zone="America/New_York",
    currency="USD",
    language="en",
    calendar="US",
    entity_type="original_creditor",
    share=0.4,
    company_share=0.04,
    small_balance_minor=10_00,
    market=AMERICAN_CARDS,
    products=(
        LentProduct("CARD", "Lakemere Card", "card", "credit_card", 0.65, 3_800, (24, 96)),
        LentProduct("LOAN", "Lakemere Personal Loan", "loan", "consumer", 0.35, 7_200, (12, 48)),
        LentProduct(
            "TRADE", "Lakemere Trade Loan", "business", "business", 0.0, 36_000, (12, 48), True
        ),
    ),
)

LENDERS: Final = (QINGHE, LAKEMERE)
