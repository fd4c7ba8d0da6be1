"""The catalogue of facts: every value that a strategy, a law rule or a fairness study may read.

A fact is declared here once. SQL fills a column of its name, conditions and rules read nothing
else, and `docs/facts.md` is printed from this list. Nothing here computes a fact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeAlias

__all__ = [
    "CATALOGUE",
    "CURRENCY_COLUMN",
    "Catalogue",
    "Fact",
    "FactDeclarationError",
    "FactType",
    "Silence",
    "Use",
]

CURRENCY_COLUMN: Final = "currency"
"""The column of a case's currency code. It is no fact: it travels with the money facts."""


class FactDeclarationError(ValueError):
    """A fact is declared wrongly; the message names it and says what to change."""


class FactType(StrEnum):
    INTEGER = "integer"
    MONEY = "money"  # integer minor units of the case's currency
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"


class Use(StrEnum):
    """Who may read the fact."""

    STRATEGY = "strategy"
    LAW = "law"
    FAIRNESS = "fairness"


class Silence(StrEnum):
    """How the absence of a record is read; a law fact must say so."""

    RECORDED_FACT = "recorded_fact"  # false while no record exists
    ATTRIBUTE = "attribute"  # unknown when absent, and unknown fails closed
    EXCEPTION_OR_DUTY = "exception_or_duty"  # unavailable or unmet unless shown
    NONE = "none"  # computed from what is always there


# Ranges are those within which arithmetic is promised; a value beyond is unknown to arithmetic.
# 2**55 minor units are 360 trillion yuan, and a hundred times that still fits into 62 bits.
_MONEY_REACH: Final = 2**55
_INTEGER_REACH: Final = 2**31


@dataclass(frozen=True, slots=True)
class Fact:
    """One declared fact.

    `name_en` and `name_zh` are what it is called in a sentence about its value; the meaning of a
    boolean is such a sentence already.

    `unit` is what is counted ("days", "minor units"), "" for booleans and categories. `values` is
    the closed set of a category, or None for an open one. `least` and `most` bound the values with
    which conditions calculate. `protected` marks an attribute that no strategy may name.
    """

    name: str
    type: FactType
    meaning_en: str
    meaning_zh: str
    unit: str = ""
    use: frozenset[Use] = frozenset({Use.STRATEGY})
    silence: Silence = Silence.NONE
    can_be_unknown: bool = False
    protected: bool = False
    values: tuple[str, ...] | None = None
    least: int | None = None
    most: int | None = None
    name_en: str = ""
    name_zh: str = ""

    def __post_init__(self) -> None:
        for wrong, problem in (
            (not self.name.isidentifier() or not self.name.islower(), "is not a lower-case name"),
            (self.name == CURRENCY_COLUMN, "is the name of the currency's column"),
            (not self.use, "is declared for no use"),
            (not self.meaning_en or not self.meaning_zh, "lacks its meaning in English or Chinese"),
            (self.protected and self.use != {Use.FAIRNESS}, "is protected: fairness only"),
            (self.values is not None and self.type is not FactType.CATEGORY, "is no category"),
            (
                self.silence is Silence.RECORDED_FACT and self.can_be_unknown,
                "is a recorded fact: without a record it is false, never unknown",
            ),
            (
                self.silence is Silence.RECORDED_FACT and self.type is not FactType.BOOLEAN,
                "is a recorded fact and must be a boolean",
            ),
            (
                Use.LAW in self.use and self.silence is Silence.NONE,
                "is read by law and must declare how silence is read",
            ),
            (self.low > self.high, "has bounds that leave no value"),
        ):
            if wrong:
                raise FactDeclarationError(f"fact {self.name!r} {problem}")

    def called(self, language: str) -> str:
        """Its name in a sentence; `language` is "en" or "zh"."""
        chinese = language == "zh"
        named = self.name_zh if chinese else self.name_en
        if named:
            return named
        is_sentence = self.type is FactType.BOOLEAN or chinese
        return (
            (self.meaning_zh if chinese else self.meaning_en)
            if is_sentence
            else (self.name.replace("_", " "))
        )

    @property
    def low(self) -> int:
        if self.least is not None:
            return self.least
        return -_MONEY_REACH if self.type is FactType.MONEY else -_INTEGER_REACH

    @property
    def high(self) -> int:
        if self.most is not None:
            return self.most
        return _MONEY_REACH if self.type is FactType.MONEY else _INTEGER_REACH


class Catalogue(Mapping[str, Fact]):
    """Facts by name, in the order of their declaration. Immutable."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._facts: dict[str, Fact] = {}
        for fact in facts:
            if fact.name in self._facts:
                raise FactDeclarationError(f"fact {fact.name!r} is declared twice")
            self._facts[fact.name] = fact

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def extended(self, facts: Iterable[Fact]) -> Catalogue:
        """This catalogue and more, such as a strategy's `days_since_<treatment>`."""
        return Catalogue((*self._facts.values(), *facts))

    def for_use(self, use: Use) -> Catalogue:
        return Catalogue(fact for fact in self._facts.values() if use in fact.use)

    def nearest(self, name: str) -> list[str]:
        """At most three names that the writer may have meant, the likeliest first."""
        parts = [known for known in self._facts if name in known.split("_")]
        near = get_close_matches(name, self._facts, n=3, cutoff=0.6)
        return list(dict.fromkeys(near + parts))[:3]


_STRATEGY = frozenset({Use.STRATEGY})
_LAW = frozenset({Use.LAW, Use.STRATEGY})
_FAIRNESS = frozenset({Use.FAIRNESS})
_DAYS_MOST: Final = 100_000
_COUNT_MOST: Final = 1_000_000


_Names: TypeAlias = tuple[str, str]


def _days(
    name: str, called: _Names, en: str, zh: str, *, unknown: bool = False, least: int = 0
) -> Fact:
    return Fact(
        name,
        FactType.INTEGER,
        en,
        zh,
        unit="days",
        can_be_unknown=unknown,
        least=least,
        most=_DAYS_MOST,
        name_en=called[0],
        name_zh=called[1],
    )


def _count(name: str, called: _Names, unit: str, en: str, zh: str) -> Fact:
    return Fact(
        name,
        FactType.INTEGER,
        en,
        zh,
        unit=unit,
        least=0,
        most=_COUNT_MOST,
        name_en=called[0],
        name_zh=called[1],
    )


def _money(name: str, called: _Names, en: str, zh: str, *, unknown: bool = False) -> Fact:
    return Fact(
        name,
        FactType.MONEY,
        en,
        zh,
        unit="minor units",
        can_be_unknown=unknown,
        name_en=called[0],
        name_zh=called[1],
    )


def _flag(name: str, en: str, zh: str) -> Fact:
    return Fact(name, FactType.BOOLEAN, en, zh)


def _recorded(name: str, en: str, zh: str) -> Fact:
    return Fact(name, FactType.BOOLEAN, en, zh, use=_LAW, silence=Silence.RECORDED_FACT)


def _protected(name: str, kind: FactType, called_zh: str, unit: str = "") -> Fact:
    return Fact(
        name,
        kind,
        "for fairness studies only",
        f"{called_zh}，仅用于公平性研究",
        unit=unit,
        use=_FAIRNESS,
        can_be_unknown=True,
        protected=True,
        name_en=name,
        name_zh=called_zh,
    )


_AGE_OF_DEBT = (
    _days(
        "dpd",
        ("days past due", "逾期天数"),
        "age of the oldest unpaid due amount",
        "最早一笔未还应还款的逾期天数",
    ),
    _days(
        "dpd_above_threshold",
        ("days past due above the small balance", "超过小额门槛的逾期天数"),
        "the same, counted only while more than the product's small balance is overdue",
        "仅在逾期金额超过产品小额门槛时计算的逾期天数",
    ),
    Fact(
        "bucket",
        FactType.INTEGER,
        "index of the product's range of dpd; 0 is not overdue",
        "产品账龄区间的序号；0 表示未逾期",
        unit="index",
        least=0,
        most=1_000,
        name_en="bucket",
        name_zh="账龄区间",
    ),
    _days(
        "days_until_due",
        ("days until the next due date", "距下一应还日天数"),
        "until the next scheduled due date; unknown when nothing is scheduled",
        "距下一应还日的天数；无应还计划时未知",
        unknown=True,
    ),
    _days(
        "days_in_case",
        ("days in the case", "入催天数"),
        "since the case was opened",
        "自立案（入催）以来的天数",
    ),
)

_BALANCES = (
    _money("balance", ("balance", "欠款余额"), "all that is owed on the case", "案件全部欠款"),
    _money(
        "overdue_balance",
        ("overdue amount", "逾期金额"),
        "what is owed and past its due date",
        "已逾期未还金额",
    ),
    _money("principal_balance", ("principal owed", "未还本金"), "principal owed", "未还本金"),
    _money("interest_balance", ("interest owed", "未还利息"), "interest owed", "未还利息"),
    _money("fee_balance", ("fees owed", "未还费用"), "fees owed", "未还费用"),
    _money(
        "penalty_balance",
        ("penalties owed", "未还罚息、违约金"),
        "penalties owed",
        "未还罚息、违约金",
    ),
    _money(
        "cost_balance",
        ("costs owed", "未还催收及诉讼成本"),
        "costs of collection owed",
        "未还催收及诉讼成本",
    ),
)

_WHO_AND_WHAT = (
    _count(
        "accounts",
        ("open accounts", "未结清账户数"),
        "accounts",
        "open accounts of the case",
        "案件中未结清账户数",
    ),
    Fact(
        "creditor",
        FactType.CATEGORY,
        "code of the creditor",
        "债权人（甲方）代码",
        use=_LAW,
        silence=Silence.ATTRIBUTE,
        name_en="creditor",
        name_zh="债权人（甲方）",
    ),
    Fact(
        "product",
        FactType.CATEGORY,
        "code of the product of the account longest overdue",
        "逾期最久账户的产品代码",
        name_en="product",
        name_zh="产品",
    ),
    _flag("is_company", "the debtor is a company", "债务人为企业"),
    Fact(
        "language",
        FactType.CATEGORY,
        "language to use with the debtor, as a BCP 47 tag",
        "与债务人沟通所用语言（BCP 47 标签）",
        can_be_unknown=True,
        name_en="language",
        name_zh="沟通语言",
    ),
    Fact(
        "country",
        FactType.CATEGORY,
        "country where the debtor lives, as an ISO 3166 code of two letters",
        "债务人所在国家或地区（ISO 3166 两位代码）",
        use=_LAW,
        silence=Silence.ATTRIBUTE,
        can_be_unknown=True,
        name_en="country",
        name_zh="所在国家或地区",
    ),
    _flag("has_guarantor", "a guarantor stands for an account of the case", "案件有保证人"),
    Fact(
        "arm_draw",
        FactType.INTEGER,
        "the debtor's draw for the arms of the strategy, always the same; conditions name arms",
        "债务人在策略分组中的抽签号，固定不变；条件中请使用分组名",
        unit="index",
        least=0,
        most=9_999,
        name_en="draw for the arms",
        name_zh="分组抽签号",
    ),
)

_PAYMENTS = (
    _days(
        "days_since_last_payment",
        ("days since the last payment", "距最近一次还款的天数"),
        "since the last payment; unknown when nothing was ever paid",
        "距最近一次还款的天数；从未还款时未知",
        unknown=True,
    ),
    Fact(
        "last_payment_date",
        FactType.DATE,
        "effective date of the last payment; unknown when nothing was ever paid",
        "最近一次还款的生效日期；从未还款时未知",
        unit="date",
        can_be_unknown=True,
        name_en="day of the last payment",
        name_zh="最近一次还款日",
    ),
    _money(
        "last_payment",
        ("last payment", "最近一次还款金额"),
        "amount of the last payment; unknown when nothing was ever paid",
        "最近一次还款金额；从未还款时未知",
        unknown=True,
    ),
    _count(
        "payments_count_90d",
        ("payments in the last 90 days", "近 90 天还款次数"),
        "payments",
        "in the last 90 days",
        "近 90 天还款次数",
    ),
    _flag("has_open_promise", "a promise is open", "有承诺期内的还款承诺"),
)

_HOLDS = (
    _recorded("has_hold", "any hold stands", "存在任一停催"),
    _recorded("contact_hold", "a hold stands that stops contact", "存在禁止联系的停催"),
    _recorded("treatment_hold", "a hold stands that stops treatment", "存在暂停催收动作的停催"),
    _recorded("dealing_hold", "a hold stands that stops dealing", "存在暂停分案的停催"),
    _recorded("disputed", "the debt or its amount is disputed", "债务或金额存在争议"),
    _recorded("deceased", "the debtor is recorded as deceased", "债务人已登记死亡"),
    _recorded("bankrupt", "the debtor is recorded as bankrupt", "债务人已登记破产"),
    _recorded("fraud", "fraud is recorded", "已登记欺诈"),
    _recorded("complaint", "a complaint is open", "有未结投诉"),
    _recorded("vulnerable", "vulnerability is recorded", "已登记为弱势客户"),
    _recorded("legal", "a legal hold stands", "存在法务停催"),
    _recorded("missing_data", "a hold for missing data stands", "存在资料缺失停催"),
)

_CONTACT = (
    _flag("has_valid_phone", "a telephone number is valid", "有有效电话号码"),
    _flag("has_email", "an e-mail address is known", "有电子邮箱"),
    _flag("has_address", "a postal address is known", "有通讯地址"),
    _count(
        "attempts_7d",
        ("attempts in the last 7 days", "近 7 天触达尝试次数"),
        "attempts",
        "in the last 7 days, all channels",
        "近 7 天触达尝试次数（全渠道）",
    ),
    _days(
        "days_since_last_attempt",
        ("days since the last attempt", "距最近一次触达尝试的天数"),
        "since the last attempt; unknown when there was none",
        "距最近一次触达尝试的天数；从未尝试时未知",
        unknown=True,
    ),
    _days(
        "days_since_last_contact",
        ("days since somebody was last reached", "距最近一次触达的天数"),
        "since an attempt last reached a human; unknown when none did",
        "距最近一次有人接听（触达）的天数；从未触达时未知",
        unknown=True,
    ),
    _days(
        "days_since_last_task",
        ("days since the last task", "距最近一次任务的天数"),
        "since a task for the case was last decided on; unknown when never",
        "距最近一次确定任务的天数；从未确定时未知",
        unknown=True,
    ),
)

_FAIRNESS_ONLY = (
    _protected("sex", FactType.CATEGORY, "性别"),
    _protected("marriage", FactType.CATEGORY, "婚姻"),
    _protected("education", FactType.CATEGORY, "学历"),
    _protected("origin", FactType.CATEGORY, "籍贯族裔"),
    _protected("age", FactType.INTEGER, "年龄", "years"),
)

CATALOGUE: Final = Catalogue(
    (*_AGE_OF_DEBT, *_BALANCES, *_WHO_AND_WHAT, *_PAYMENTS, *_HOLDS, *_CONTACT, *_FAIRNESS_ONLY)
)
