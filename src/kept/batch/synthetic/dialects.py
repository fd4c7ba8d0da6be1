"""How each lender writes its file: headings, codes, dates and encoding over the neutral columns.

The two differ on purpose, as real ones do: Chinese headings in GB18030 with slashes in dates, and
English ones in UTF-8 with ISO dates. The maps beside this module (`maps/`) say the same the other
way round, and a test holds the two together by taking the files in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from kept.batch.synthetic.evolving import ACTIVE, CLOSED, RECALLED
from kept.batch.synthetic.lenders import LAKEMERE, QINGHE

__all__ = ["DIALECTS", "Dialect"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`headings` is by neutral column, in the order of the file; `codes` too."""

    map_name: str
    encoding: str
    date_format: str
    headings: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    states: Mapping[int, str]

    def written(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Neutral rows as the text cells of this lender's file."""
        texts = rows.with_columns(
            pl.col(pl.Date).dt.strftime(self.date_format),
            pl.col("state").replace_strict(dict(self.states), return_dtype=pl.String),
            pl.col(*_AMOUNTS).map_batches(_in_major_units, return_dtype=pl.String),
            *(
                pl.col(column).replace_strict(dict(codes), return_dtype=pl.String)
                for column, codes in self.codes.items()
            ),
        )
        return texts.select(pl.col(name).alias(text) for name, text in self.headings.items())


_AMOUNTS: Final = (
    "original_minor",
    "principal_minor",
    "interest_minor",
    "penalty_minor",
    "overdue_minor",
)


def _in_major_units(amounts: pl.Series) -> pl.Series:
    """1234567 as `12345.67`; both currencies have two decimals and no balance here is negative."""
    cents = (amounts % 100).cast(pl.String).str.zfill(2)
    return (amounts // 100).cast(pl.String) + "." + cents


_CHINESE: Final = Dialect(
    map_name="qinghe.yaml",
    encoding="gb18030",
    date_format="%Y/%m/%d",
    headings={
        "account_id": "账户号",
        "debtor_id": "客户号",
        "kind": "客户类型",
        "name": "姓名",
        "identity_kind": "证件类型",
        "identity_number": "证件号码",
        "product": "产品代码",
        "opened_on": "开户日期",
        "original_minor": "授信金额",
        "principal_minor": "本金余额",
        "interest_minor": "利息余额",
        "penalty_minor": "违约金余额",
        "overdue_minor": "逾期金额",
        "due_on": "最早逾期应还日",
        "next_due_on": "下一还款日",
        "state": "账户状态",
        "hold_reason": "停催标记",
        "phone": "手机号",
        "second_phone": "备用电话",
        "email": "电子邮箱",
        "address": "通讯地址",
        "employer": "单位名称",
        "employer_phone": "单位电话",
        "guarantor": "担保人姓名",
        "guarantor_phone": "担保人电话",
        "guarantor_identity": "担保人身份证号",
        "nominated": "联系人姓名",
        "nominated_relation": "联系人关系",
        "nominated_phone": "联系人电话",
        "representative": "法定代表人",
    },
    codes={
        "kind": {"person": "个人", "company": "企业"},
        "identity_kind": {"national_id": "身份证", "company_number": "统一社会信用代码"},
        "hold_reason": {
            "deceased": "身故",
            "bankrupt": "破产",
            "fraud": "欺诈",
            "disputed": "争议",
            "complaint": "投诉",
            "vulnerable": "弱势",
            "legal": "诉讼",
        },
        "nominated_relation": {
            "spouse": "配偶",
            "family": "亲属",
            "friend": "朋友",
            "colleague": "同事",
        },
    },
    states={ACTIVE: "正常", CLOSED: "结清", RECALLED: "收回"},
)

_ENGLISH: Final = Dialect(
    map_name="lakemere.yaml",
    encoding="utf-8",
    date_format="%Y-%m-%d",
    headings={
        "account_id": "account_no",
        "debtor_id": "borrower_no",
        "kind": "borrower_type",
        "name": "full_name",
        "language": "language",
        "zone": "time_zone",
        "identity_kind": "id_type",
        "identity_country": "id_country",
        "identity_number": "id_number",
        "product": "product",
        "currency": "currency",
        "opened_on": "opened",
        "original_minor": "original_amount",
        "principal_minor": "principal",
        "interest_minor": "interest",
        "penalty_minor": "late_fees",
        "overdue_minor": "amount_past_due",
        "due_on": "oldest_unpaid_due_date",
        "next_due_on": "next_due_date",
        "state": "status",
        "hold_reason": "flag",
        "phone": "cell_phone",
        "second_phone": "home_phone",
        "email": "email",
        "address": "mailing_address",
        "employer": "employer_name",
        "employer_phone": "employer_phone",
        "guarantor": "guarantor_name",
        "guarantor_phone": "guarantor_phone",
        "nominated": "contact_name",
        "nominated_relation": "contact_relation",
        "nominated_phone": "contact_phone",
        "representative": "signatory",
    },
    codes={
        "kind": {"person": "P", "company": "C"},
        "identity_kind": {"national_id": "ID", "tax_number": "EIN"},
        "hold_reason": {
            "deceased": "DEC",
            "bankrupt": "BKP",
            "fraud": "FRD",
            "disputed": "DIS",
            "complaint": "CPT",
            "vulnerable": "VUL",
            "legal": "LGL",
        },
        "nominated_relation": {
            "spouse": "spouse",
            "family": "relative",
            "friend": "friend",
            "attorney": "attorney",
        },
    },
    states={ACTIVE: "open", CLOSED: "paid", RECALLED: "recalled"},
)

DIALECTS: Final = {QINGHE.code: _CHINESE, LAKEMERE.code: _ENGLISH}
