"""The words in which a verdict is said, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["LABELS", "VERDICT_TONGUES", "VerdictTongue", "label"]


@dataclass(frozen=True, slots=True)
class VerdictTongue:
    """Sentences with places for a rule's name, its citation, a moment and duties."""

    allowed: str
    allowed_from: str
    never: str
    no_place: str
    because: str
    first: str
    note: str
    held: str
    joined: str


VERDICT_TONGUES: Final[Mapping[str, VerdictTongue]] = {
    "en": VerdictTongue(
        allowed="May be contacted now.",
        allowed_from="Not now: {rule} ({citation}). From {moment}.",
        never="No: {rule} ({citation}). No lawful time within 400 days.",
        no_place="No: it is not known where this person lives, so no hour is lawful."
        " Record where this person lives.",
        because="{rule} ({citation})",
        first="First: {duties}.",
        note="Mind: {warnings}.",
        held="On hold: {rule} ({citation}). From {moment}, or once compliance releases it.",
        joined=" ",
    ),
    "zh": VerdictTongue(
        allowed="现在可以联系。",
        allowed_from="现在不可联系:{rule}({citation})。{moment} 起可以联系。",
        never="不可联系:{rule}({citation})。400 日内没有合法时间。",
        no_place="不可联系:不知道对方居住地,任何时间都不合法。请登记对方的居住地。",
        because="{rule}({citation})",
        first="须先完成:{duties}。",
        note="注意:{warnings}。",
        held="暂缓:{rule}({citation})。{moment} 起可以联系,或由合规人员放行。",
        joined="",
    ),
}

LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "opt_out_statement": ("say how to opt out", "写明退订方式"),
    "reassigned_number_check": ("check that the number was not reassigned", "核查号码是否已转让"),
    "initial_disclosure": ("give the first disclosure", "作首次披露"),
    "from_a_debt_collector": ("say that a debt collector is speaking", "表明催收方身份"),
    "recompute_validation_period": ("compute the validation period again", "重新计算核实期"),
    "validation_notice_within_5_days": ("send the validation notice", "寄出债务核实通知"),
    "retainable_form": ("use a form that can be kept", "采用可留存的形式"),
    "actual_notice": ("make sure that it arrives", "确保实际送达"),
    "human_review_cumulative_effect": ("have a person review all contacts", "人工复核累积影响"),
    "state_institution_identity": ("name the institution", "表明机构身份"),
    "agency_on_public_list": ("put the agency on the public list", "将机构列入公示名单"),
    "notify_debtor_of_entrustment": ("tell the debtor of the entrustment", "告知债务人委托事项"),
    "agency_evaluation": ("evaluate the agency", "评估催收机构"),
    "policy_limit_or_review": ("set a limit or review the calls", "设定上限或复核"),
    "explain_purpose": ("explain the purpose", "说明目的"),
    "adequate_notice": ("give notice in good time", "提前告知"),
    "pass_dispute_to_lender": ("pass the dispute to the lender", "将争议转交贷款人"),
    "trained_staff": ("leave it to trained staff", "交由受训人员"),
    "announce_recording": ("announce the recording", "告知通话录音"),
    "rapid_succession_5min": ("called without answer within five minutes", "五分钟内刚拨打未接"),
    "voicemail_rapid_succession_5min": ("a voicemail within five minutes", "五分钟内刚留言"),
    "seven_in_one_day": ("seventh call to this number today", "该号码今日第七次"),
    "concentration_may_rebut": ("most calls on one day", "拨打集中在一天"),
    "aggregate_volume_may_rebut": ("many calls over all debts", "各债务合计次数偏多"),
    "aggregate_across_agencies_is_a_creditor_risk": (
        "many calls over all collectors",
        "各催收方合计次数偏多",
    ),
    "aggregate_attempts": ("many attempts over all numbers", "各号码合计次数偏多"),
    "prior_refusal_may_rebut": ("the person refused before", "对方曾经拒绝"),
    "state_time_barred_disclosure": ("the debt is time-barred", "债务已过时效"),
    "check_state_pack": ("the debt is time-barred", "债务已过时效"),
    "cumulative_effect_1006.14(a)": ("calls and messages add up", "电话与消息累积"),
}


def label(name: str, language: str) -> str:
    """A duty's or warning's words; of one without words its own name."""
    english, chinese = LABELS.get(name, (name.replace("_", " "), name))
    return chinese if language == "zh" else english
