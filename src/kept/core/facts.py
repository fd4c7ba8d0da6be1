"""The catalogue of facts: every value that a strategy, a law rule or a fairness study may read.

A fact is declared here once. SQL fills a column of its name, conditions and rules read nothing
else, and `docs/facts.md` is printed from this list. Nothing here computes a fact.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from kept.core.attempts import REACHED, Outcome
from kept.core.fact_kinds import (
    CURRENCY_COLUMN,
    Catalogue,
    Fact,
    FactDeclarationError,
    FactType,
    Silence,
    Use,
)

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


def _category(name: str, called: _Names, values: tuple[str, ...], en: str, zh: str) -> Fact:
    """One of a closed list, or unknown."""
    return Fact(
        name,
        FactType.CATEGORY,
        en,
        zh,
        can_be_unknown=True,
        values=values,
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
    _count(
        "prior_entries",
        ("earlier cases", "以往入催次数"),
        "cases",
        "of the debtor with this creditor that had closed when this one opened",
        "本案立案前，该债务人在本甲方已结束的入催次数",
    ),
    Fact(
        "months_since_opened",
        FactType.INTEGER,
        "full months since the account longest overdue was opened; unknown when the file does"
        " not say",
        "逾期最久账户开户以来的足月数；文件未提供开户日时未知",
        unit="months",
        can_be_unknown=True,
        least=0,
        most=12_000,
        name_en="months since the account was opened",
        name_zh="开户以来的足月数",
    ),
)

_MOVES = (
    _count(
        "roll_forwards_12m",
        ("moves into a worse bucket in 12 months", "近 12 个月恶化次数"),
        "moves",
        "of the case's accounts into a worse bucket in the last 12 months",
        "近 12 个月案件账户进入更差账龄区间的次数",
    ),
    _days(
        "days_since_bucket_move",
        ("days since the bucket last moved", "距账龄区间最近一次变动的天数"),
        "since an account of the case last changed its bucket; unknown when none ever did",
        "距案件账户账龄区间最近一次变动的天数；从未变动时未知",
        unknown=True,
    ),
    _category(
        "last_bucket_move",
        ("direction of the last bucket move", "账龄区间最近一次变动方向"),
        ("roll_forward", "roll_back"),
        "whether that move was for the worse; of two on one day the worse one counts",
        "该次变动为恶化（roll_forward）或回退（roll_back）；同日多次以较差者为准",
    ),
    Fact(
        "highest_bucket",
        FactType.INTEGER,
        "worst bucket in which an account of the case ever was, today's among them",
        "案件账户历史最差账龄区间的序号（含今日）",
        unit="index",
        least=0,
        most=1_000,
        name_en="worst bucket ever",
        name_zh="历史最差账龄区间",
    ),
    _days(
        "highest_dpd",
        ("highest days past due on record", "历史最高逾期天数"),
        "highest of today's and of those at every change of bucket; between two changes it may"
        " have been higher",
        "今日逾期天数与历次账龄区间变动当日逾期天数中的最大值；两次变动之间可能更高",
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
    Fact(
        "last_payment_days_late",
        FactType.INTEGER,
        "from the oldest due date that was open the evening before the last payment to that"
        " payment; below 0 it came before the due date; unknown when nothing was paid or no due"
        " date is known",
        "最近一次还款距其前一日晚最早未还应还日的天数；负数为提前还款；从未还款或应还日不明时未知",
        unit="days",
        can_be_unknown=True,
        least=-_DAYS_MOST,
        most=_DAYS_MOST,
        name_en="days by which the last payment was late",
        name_zh="最近一次还款迟于应还日的天数",
    ),
    _category(
        "last_payment_covered",
        ("what the last payment covered", "最近一次还款覆盖范围"),
        ("total_due", "past_due", "part"),
        "total_due: all that was past due and the next due amount; past_due: all that was past"
        " due; part: less; unknown when nothing was paid or no due date is known",
        "total_due：已还清当时逾期金额及下一期应还；past_due：已还清当时逾期金额；part：不足；"
        "从未还款或应还日不明时未知",
    ),
)

_PROMISES = (
    _flag("has_open_promise", "a promise is open", "有承诺期内的还款承诺"),
    _count(
        "promises_open",
        ("open promises", "承诺期内的承诺数"),
        "promises",
        "of the debtor whose last day, grace included, is not over and that are not kept yet",
        "该债务人尚在承诺期（含宽限）且未兑现的承诺数",
    ),
    _money(
        "promised_open",
        ("promised and not yet paid", "承诺未还金额"),
        "what open promises in the case's currency still miss",
        "以案件币种计，承诺期内的承诺尚未还到的金额",
    ),
    _days(
        "days_until_promise_due",
        ("days until the promised day", "距承诺还款日的天数"),
        "until the first open promise falls due; below 0 within its grace; unknown when none is"
        " open",
        "距最早一笔承诺期内承诺到期的天数；负数为宽限期内；无承诺期内承诺时未知",
        unknown=True,
        least=-_DAYS_MOST,
    ),
    _days(
        "days_since_promise_made",
        ("days since the open promise was made", "距作出承诺的天数"),
        "since the newest open promise was made; unknown when none is open",
        "距最近一笔承诺期内承诺作出的天数；无承诺期内承诺时未知",
        unknown=True,
    ),
    _flag(
        "promise_verified",
        "every open promise was confirmed a second time; not so when none is open",
        "全部承诺期内承诺均已核实；无承诺期内承诺时为否",
    ),
    _count(
        "promises_kept",
        ("promises kept", "兑现承诺次数"),
        "promises",
        "of the debtor that were kept",
        "该债务人兑现的承诺次数",
    ),
    _count(
        "promises_partial",
        ("promises partly kept", "部分兑现承诺次数"),
        "promises",
        "of the debtor that were kept in part only",
        "该债务人仅部分兑现的承诺次数",
    ),
    _count(
        "promises_broken",
        ("promises broken", "跳票次数"),
        "promises",
        "of the debtor on which nothing was paid in time",
        "该债务人到期分文未还的承诺次数",
    ),
    _days(
        "days_since_promise_broken",
        ("days since a promise was last broken", "距最近一次跳票的天数"),
        "since a promise was last broken: 0 on the first day after its last one; unknown when none"
        " was",
        "距最近一次跳票的天数：最后期限的次日为 0；从未跳票时未知",
        unknown=True,
    ),
    _category(
        "last_promise_outcome",
        ("outcome of the last promise", "最近一次承诺的结果"),
        ("kept", "partial", "broken"),
        "of the promise whose last day comes last, of those kept or over; unknown when there is"
        " none",
        "最后期限最晚且已兑现或已到期的承诺的结果；没有时未知",
    ),
    _days(
        "days_since_promise_tested",
        ("days since the last promise's last day", "距最近一次承诺最后期限的天数"),
        "since the last day of that promise; below 0 when it was kept before; unknown when there"
        " is none",
        "距该承诺最后期限的天数；提前兑现的为负数；没有时未知",
        unknown=True,
        least=-_DAYS_MOST,
    ),
    _flag("has_plan", "a personal instalment plan is on record", "有在册个性化分期协议"),
    _days(
        "days_since_plan_breach",
        ("days since a plan was last breached", "距最近一次分期违约的天数"),
        "since a personal instalment plan last ended by a breach; unknown when none did",
        "距个性化分期协议最近一次因违约终止的天数；无违约时未知",
        unknown=True,
    ),
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
    _recorded("hardship", "hardship is recorded", "已登记困难救助"),
    _recorded("represented", "somebody represents the debtor", "已登记代理人"),
    _recorded("cease_requested", "a cease request in writing stands", "已书面要求停止联系"),
    _recorded("time_barred", "the limitation period is recorded as over", "已登记诉讼时效届满"),
)

_CONTACT = (
    _flag("has_valid_phone", "a telephone number is valid", "有有效电话号码"),
    _flag("has_email", "an e-mail address is known", "有电子邮箱"),
    _flag("has_address", "a postal address is known", "有通讯地址"),
    _flag(
        "reachable_by_phone",
        "a telephone number is not known to be wrong, nor its use withdrawn",
        "有未失效且未撤回同意的电话号码",
    ),
    _flag(
        "reachable_by_email",
        "an e-mail address is not known to be wrong, nor its use withdrawn",
        "有未失效且未撤回同意的电子邮箱",
    ),
    _flag(
        "reachable_by_letter",
        "a postal address is not known to be wrong, nor its use withdrawn",
        "有未失效且未撤回同意的通讯地址",
    ),
    _flag(
        "reachable_by_handle",
        "a messaging handle is not known to be wrong, nor its use withdrawn",
        "有未失效且未撤回同意的即时通讯账号",
    ),
    _flag(
        "phone_consented",
        "the use of such a telephone number was consented to",
        "已同意使用上述电话号码",
    ),
    _flag(
        "email_consented",
        "the use of such an e-mail address was consented to",
        "已同意使用上述电子邮箱",
    ),
    _count(
        "attempts_7d",
        ("attempts in the last 7 days", "近 7 天触达尝试次数"),
        "attempts",
        "in the last 7 days, all channels",
        "近 7 天触达尝试次数（全渠道）",
    ),
    _count(
        "attempts_30d",
        ("attempts in the last 30 days", "近 30 天触达尝试次数"),
        "attempts",
        "in the last 30 days, all channels",
        "近 30 天触达尝试次数（全渠道）",
    ),
    _count(
        "contacts_7d",
        ("contacts in the last 7 days", "近 7 天触达次数"),
        "contacts",
        "by which somebody was reached in the last 7 days, incoming ones among them",
        "近 7 天触达到人的次数（含呼入）",
    ),
    _count(
        "contacts_30d",
        ("contacts in the last 30 days", "近 30 天触达次数"),
        "contacts",
        "by which somebody was reached in the last 30 days, incoming ones among them",
        "近 30 天触达到人的次数（含呼入）",
    ),
    _category(
        "last_attempt_outcome",
        ("outcome of the last attempt", "最近一次触达尝试的结果"),
        tuple(str(each) for each in Outcome),
        "of the last attempt that has one; unknown when there was none",
        "最近一次有结果的触达尝试的结果；从未尝试时未知",
    ),
    _category(
        "last_contact_outcome",
        ("outcome of the last contact", "最近一次触达的结果"),
        tuple(str(each) for each in Outcome if each in REACHED),
        "of the last attempt or incoming call that reached a human; unknown when none did",
        "最近一次触达到人（含呼入）的结果；从未触达时未知",
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
    (
        *_AGE_OF_DEBT,
        *_MOVES,
        *_BALANCES,
        *_WHO_AND_WHAT,
        *_PAYMENTS,
        *_PROMISES,
        *_HOLDS,
        *_CONTACT,
        *_FAIRNESS_ONLY,
    )
)
