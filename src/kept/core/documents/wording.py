"""The fixed words of papers in Chinese and English: titles, heads of tables, marks, the foot. Pure.

What a paper says to its reader is in its text (`packs/texts`); here is what the layout itself
says. A language that has no words here gets the English ones beside its own text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kept.core.documents.kinds import DocumentKind

__all__ = ["Words", "words_in"]

_TITLES: Final[Mapping[DocumentKind, tuple[str, str]]] = {
    DocumentKind.DEMAND_LETTER: ("Request for payment", "催告还款函"),
    DocumentKind.LAWYERS_LETTER: ("Lawyer's letter: request for payment", "律师函"),
    DocumentKind.STATEMENT: ("Statement of account", "对账单"),
    DocumentKind.INSTALMENT_AGREEMENT: ("Instalment agreement", "分期还款协议"),
    DocumentKind.SETTLEMENT_OFFER: ("Offer of settlement", "和解方案"),
    DocumentKind.SETTLEMENT_CONFIRMATION: ("Confirmation of settlement", "和解结清确认函"),
    DocumentKind.PROOF_OF_SETTLEMENT: ("Proof of settlement", "结清证明"),
    DocumentKind.PAYMENT_RECEIPT: ("Receipt", "收款收据"),
}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "date": ("Date", "日期"),
    "number": ("Number", "编号"),
    "account": ("Account", "账户"),
    "accounts": ("Accounts", "账户"),
    "as_of": ("As of", "截至"),
    "party_creditor": ("Creditor", "甲方"),
    "party_debtor": ("Debtor", "乙方"),
    "creditor": ("Creditor", "债权人"),
    "debtor": ("Debtor", "债务人"),
    "phone": ("Telephone {phone}", "电话 {phone}"),
    "for": ("for {creditor}", "受{creditor}委托"),
    "licence": ("Licence {licence}", "执业许可 {licence}"),
    "between": (", ", "、"),
    "sentence": (" ", ""),
    "amounts": ("How the balance is made up ({currency})", "欠款构成（币种：{currency}）"),
    "amounts_of": (
        "Account {account}: how the balance is made up ({currency})",
        "账户{account}欠款构成（币种：{currency}）",
    ),
    "item": ("Item", "项目"),
    "amount": ("Amount", "金额"),
    "balance": ("Balance", "余额"),
    "past_due": ("of which past due", "其中已逾期"),
    "entries": (
        "Entries from {first} to {last} ({currency})",
        "{first}至{last}账务明细（币种：{currency}）",
    ),
    "day": ("Day", "日期"),
    "entry": ("Entry", "摘要"),
    "charged": ("Charged", "增加"),
    "credited": ("Credited", "减少"),
    "brought_forward": ("Balance brought forward", "期初余额"),
    "accrued": ("Accrued, not charged yet", "已计提未入账息费"),
    "closing": ("Balance on {day}", "{day}余额"),
    "first_table": ("Table 1: the debt ({currency})", "附表一：欠款结构（币种：{currency}）"),
    "second_table": (
        "Table 2: the instalments ({currency})",
        "附表二：还款计划（币种：{currency}）",
    ),
    "no": ("No.", "期次"),
    "due": ("Due on", "应还日"),
    "of_principal": ("Principal", "本金"),
    "of_interest": ("Interest", "利息"),
    "of_fee": ("Fees", "费用"),
    "sum": ("Total", "合计"),
    "settlement": ("The settlement ({currency})", "和解金额（币种：{currency}）"),
    "owed": ("Owed on {day}", "{day}欠款余额"),
    "waived": ("Waived", "减免金额"),
    "to_pay": ("To pay by {day}", "{day}前应付金额"),
    "paid": ("Paid on {day}", "{day}已付金额"),
    "received": ("Received on {day} ({currency})", "{day}收款（币种：{currency}）"),
    "for_account": ("For account {account}", "用于偿还账户{account}"),
    "by_bank_transfer": ("bank transfer", "银行转账"),
    "by_card": ("card", "银行卡"),
    "by_direct_debit": ("direct debit", "代扣"),
    "by_cash": ("cash", "现金"),
    "by_mobile_wallet": ("mobile wallet", "移动支付"),
    "by_cheque": ("cheque", "支票"),
    "by_other": ("another way", "其他方式"),
    "way": ("Paid by", "付款方式"),
    "of_free_will": (
        "Who paid does not owe this debt: it was paid of free will and promises no further payment."
        " {creditor} asks nothing of them, now or later.",
        "付款人并非本笔债务的债务人，该款项系其自愿代为支付，不构成任何继续付款的承诺。{creditor}现在及以后均不向其催收。",
    ),
    "sign": ("Signature, date", "签字（盖章）、日期"),
    "sealed_on": ("Signature and seal, {day}", "（盖章）{day}"),
    "signed_by": ("for {name}", "{name}（盖章）"),
    "no_interest": ("No interest runs on the instalments.", "分期期间不计收利息。"),
    "interest": (
        "Interest of {rate} runs on the instalments and is part of them.",
        "分期期间按{rate}计收利息，已包含在各期应还金额内。",
    ),
    "no_fee": ("No fees are charged.", "不收取年费或其他费用。"),
    "fee": (
        "Fees of {fee} are part of the instalments; there are no others.",
        "分期费用合计{fee}，已包含在各期应还金额内，不另收取其他费用。",
    ),
    "way_of_paying": ("The instalments are paid by {way}.", "还款方式：{way}。"),
    "letting_off": (
        "When all instalments have come, the remaining {waived} is waived.",
        "各期款项全部履行后，其余{waived}予以减免。",
    ),
    "check": (
        "Whoever holds this paper can check whether it holds, with the code:",
        "可凭下列验证码核验本文件是否有效：",
    ),
    "check_alt": (
        "QR code of the address at which this paper can be checked",
        "核验本文件的二维码",
    ),
    "foot": (
        "This paper is checked by its code, not by its look. Only the books of {creditor} count.",
        "本文件以验证码核验结果为准，账务以{creditor}记载为准。",
    ),
    "preview": ("PREVIEW", "预览"),
    "preview_number": ("not printed yet", "尚未打印"),
    # components of a balance
    "principal": ("Principal", "本金"),
    "fees": ("Fees", "费用"),
    "penalty": ("Penalty interest", "罚息"),
    "cost": ("Costs", "催收及诉讼费用"),
    "other": ("Other", "其他"),
    # kinds of entries
    "opening": ("Opening balance", "期初欠款"),
    "charge": ("Charge", "计费"),
    "payment": ("Payment", "还款"),
    "waiver": ("Waiver", "减免"),
    "adjustment": ("Adjustment", "调整"),
    "reversal": ("Reversal", "冲正"),
    "redate": ("Due date changed", "调整应还日"),
    "charge_off": ("Charge-off", "核销"),
    "recovery": ("Recovery", "核销后回收"),
}
#: Components of a product go by these words; one without goes by its own name.
_COMPONENTS: Final[Mapping[str, str]] = {
    "principal": "principal",
    "interest": "of_interest",
    "fee": "fees",
    "penalty": "penalty",
    "cost": "cost",
}


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._place = 1 if language.startswith("zh") else 0

    def __call__(self, name: str, /, **values: object) -> str:
        return (
            _WORDS[name][self._place].format_map(values) if values else (_WORDS[name][self._place])
        )

    def title(self, kind: DocumentKind) -> str:
        return _TITLES[kind][self._place]

    def component(self, name: str) -> str:
        known = _COMPONENTS.get(name)
        return self(known) if known else name.replace("_", " ")

    def entry(self, kind: str) -> str:
        return self(kind) if kind in _WORDS else kind.replace("_", " ")

    def together(self, parts: list[str]) -> str:
        return self("between").join(parts)

    def sentences(self, parts: list[str]) -> str:
        return self("sentence").join(each for each in parts if each)


def words_in(language: str) -> Words:
    return Words(language)
