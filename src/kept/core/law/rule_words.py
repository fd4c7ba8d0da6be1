"""The words in which a rule is said, in English and in Chinese: closed lists of the packs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kept.core.attempts import Channel
from kept.core.law.rules import Clock, Effect, Force, Kind, Modality, Period, Status

__all__ = ["RULE_LABELS", "RULE_WORDS", "rule_word"]

Words = Mapping[str, tuple[str, str]]

_CHANNELS: Final[Words] = {
    Channel.CALL: ("call", "电话"),
    Channel.AI_CALL: ("call by a voice robot", "智能语音电话"),
    Channel.RINGLESS_VOICEMAIL: ("voicemail without ringing", "免振铃语音留言"),
    Channel.WORKPLACE_CALL: ("call at work", "工作单位电话"),
    Channel.SMS: ("text message", "短信"),
    Channel.EMAIL: ("e-mail", "电子邮件"),
    Channel.LETTER: ("letter", "信函"),
    Channel.POSTCARD: ("postcard", "明信片"),
    Channel.CALLING_CARD: ("calling card left at the door", "留置名片"),
    Channel.PUSH: ("push message", "推送消息"),
    Channel.SOCIAL_DM: ("direct message", "社交软件私信"),
    Channel.SOCIAL_PUBLIC_POST: ("public post", "社交软件公开发布"),
    Channel.WEB_PORTAL: ("web portal", "网页门户"),
    Channel.FIELD_VISIT: ("visit", "外访"),
    Channel.COURT_FILING: ("court filing", "向法院提交材料"),
    "placement": ("placing the debt", "委案"),
    "credit_reporting": ("reporting to a credit bureau", "征信报送"),
    "payment_application": ("applying a payment", "冲账"),
    "records": ("records", "记录"),
    "agreement": ("an agreement", "协议"),
}
_ACTORS: Final[Words] = {
    "debt_collector": ("debt collector", "债务催收人"),
    "original_creditor": ("original creditor", "原债权人"),
    "servicer_not_in_default": ("servicer of a debt not in default", "未逾期债务的服务机构"),
    "financial_institution": ("financial institution", "金融机构"),
    "consumer_finance_company": ("consumer finance company", "消费金融公司"),
    "third_party_agency": ("outside agency", "第三方催收机构"),
    "regulated_entity": ("regulated entity", "受监管实体"),
    "authorised_firm": ("authorised firm", "获授权机构"),
    "collector_or_creditor": ("collector or creditor", "催收机构或债权人"),
    "PUJK": ("financial services provider (PUJK)", "金融服务提供者（PUJK）"),
    "lending_company": ("lending company", "贷款公司"),
}
_ROLES: Final[Words] = {
    "consumer": ("debtor", "债务人"),
    "spouse": ("spouse", "配偶"),
    "parent": ("parent", "父母"),
    "guardian": ("guardian", "监护人"),
    "executor": ("executor of the estate", "遗产管理人"),
    "successor": ("successor in interest", "权益承继人"),
    "guarantor": ("guarantor", "保证人"),
    "co_borrower": ("co-debtor", "共同债务人"),
    "attorney": ("attorney", "律师"),
    "contact": ("contact person", "联系人"),
    "third_party": ("third party", "第三方"),
    "creditor": ("creditor", "债权人"),
    "cra": ("credit bureau", "征信机构"),
    "agency": ("outside agency", "催收机构"),
    "heir": ("heir", "继承人"),
}
_PURPOSES: Final[Words] = {
    "collect": ("collecting", "催收"),
    "discuss_debt": ("discussing the debt", "商谈债务"),
    "demand_payment": ("demanding payment", "要求还款"),
    "demand_full_payment_no_overshadowing_text": (
        "demanding full payment without contradicting the notice",
        "要求全额还款（不与告知书相抵触）",
    ),
    "location_information": ("finding out where the debtor is", "查询债务人所在"),
    "ask_debtor_contact_or_relay": (
        "asking how to reach the debtor, or to pass a message on",
        "询问债务人联系方式或请其转告",
    ),
    "ask_about_estate_or_guardian": ("asking about estate or guardian", "询问遗产或监护事宜"),
    "respond_on_this_inbound_call": ("answering on the call they made", "在对方来电中答复"),
    "shown_while_consumer_navigates": ("shown while they use the portal", "对方浏览门户时展示"),
    "advise_collection_terminated": ("saying that collection ends", "告知终止催收"),
    "notify_remedies_ordinarily_invoked": ("naming usual remedies", "告知通常采取的救济措施"),
    "notify_intends_specified_remedy": ("announcing a specified remedy", "告知拟采取的具体措施"),
    "reg_x_1024_39d3_written_early_intervention": (
        "the written early intervention of Regulation X",
        "X 条例规定的书面早期干预通知",
    ),
    "reg_z_1026_41_periodic_statement": (
        "the periodic statement of Regulation Z",
        "Z 条例规定的定期账单",
    ),
    "reg_x_1024_39a_loss_mitigation": (
        "loss mitigation under Regulation X",
        "X 条例规定的减损安排",
    ),
    "court_ordered_communication": ("a communication ordered by a court", "法院命令的沟通"),
    "litigation_settlement_negotiation": ("settling a lawsuit", "诉讼和解谈判"),
    "requested_information_without_consent": (
        "information they asked for",
        "对方主动索取的信息",
    ),
    "complete_dropped_conversation": ("ending a call that broke off", "续接中断的通话"),
    "creditor_late_fee_grace_ends_tomorrow": (
        "saying that a late fee falls due tomorrow",
        "提示明日将产生滞纳金",
    ),
    "one_time_discount_actually_available_all_month": (
        "an offer called single that is not",
        "谎称限时的优惠",
    ),
    "ask_consent_to_continue_inconvenient_call": (
        "asking whether this call may go on",
        "询问可否继续本次通话",
    ),
    "ask_what_time_is_convenient_during_same_call": (
        "asking on the call when it suits",
        "通话中询问方便的时间",
    ),
    "opt_out_confirmation_only": ("confirming the opt-out", "仅确认退订"),
    "opt_out_confirmation_plus_payment_link": (
        "confirming the opt-out with a payment link",
        "确认退订并附还款链接",
    ),
    "subsequent_validation_notice": ("a later validation notice", "后续债务核实通知"),
    "required_disclosure_as_expiring_link": (
        "a required disclosure behind a link that runs out",
        "以限时链接提供法定披露",
    ),
    "bankruptcy_proof_of_claim": ("filing a claim in bankruptcy", "破产债权申报"),
    "furnish": ("furnishing credit information", "报送征信信息"),
    "place_for_collection": ("placing for collection", "委托催收"),
    "sell_or_place": ("selling or placing the debt", "转让或委托催收"),
    "entrust_agency": ("entrusting an agency", "委托催收机构"),
    "renew_entrustment": ("renewing an entrustment", "续签委托"),
    "share_full_address_book": ("sharing a whole address book", "提供完整通讯录"),
    "apply_payment_to_disputed_debt": (
        "applying a payment to a disputed debt",
        "将还款用于有争议的债务",
    ),
    "personalised_instalment": ("a personal instalment plan", "个性化分期"),
    "delete_call_recording": ("deleting a recording", "删除通话录音"),
    "delete_account_records": ("deleting account records", "删除账户记录"),
    "delete_collection_record": ("deleting collection records", "删除催收记录"),
}
_DEBT_TYPES: Final[Words] = {
    "credit_card": ("credit card", "信用卡"),
    "consumer": ("consumer loan", "消费贷款"),
    "mortgage": ("mortgage", "按揭贷款"),
    "student_loan": ("student loan", "助学贷款"),
    "medical": ("medical debt", "医疗债务"),
    "business": ("business debt", "经营性债务"),
}
_MEASURES: Final[Words] = {
    "connected_attempts": ("calls that connected", "接通的外呼"),
    "conversations": ("telephone conversations", "电话交谈"),
    "effective_calls": ("conversations that the collector began", "主动有效通话"),
    "unanswered_attempts": ("unanswered calls", "未接外呼"),
    "voice_attempts": ("calls (answered or not)", "外呼（不论是否接听）"),
    "visits": ("visits", "外访"),
    "voice_and_text_attempts": ("calls and text messages", "电话与短信"),
    "attempts_in_writing_or_voice": (
        "calls, text messages, e-mails and letters",
        "电话、短信、邮件与信函",
    ),
    "electronic_messages": ("electronic messages", "电子消息"),
}
_KEYS: Final[Words] = {
    "actor": ("by the same collector", "同一催收方"),
    "person": ("to the same person", "同一联系对象"),
    "debtor": ("to the debtor", "债务人本人"),
    "debt": ("about the same debt", "同一笔债务"),
    "talked": ("in which the same debt was talked about", "谈及同一笔债务"),
    "address": ("to the same number or address", "同一号码或地址"),
    "place_class": ("at work, or elsewhere, each for itself", "工作单位与其他地点分别计"),
    "not_misdirected": ("without those to somebody else's number", "不计误拨他人号码"),
    "not_under_consent": ("without those they consented to", "不计经同意的来电"),
}
_PERIODS: Final[Words] = {
    Period.CALENDAR_DAY: ("a day", "每日"),
    Period.CALENDAR_WEEK: ("a week, Monday to Sunday", "每周（周一至周日）"),
    Period.CALENDAR_MONTH: ("a calendar month", "每自然月"),
    Period.ROLLING_DAYS: ("in {days} days", "{days} 日内"),
}
_CLOCKS: Final[Words] = {
    Clock.PLACE: ("the person's own", "联系对象所在地"),
    Clock.CANDIDATES: ("every place where the person may be", "对方可能所在的全部地点"),
}
_EFFECTS: Final[Words] = {
    Effect.DENY: ("prohibits", "禁止"),
    Effect.REQUIRE: ("requires first", "须先完成"),
    Effect.HOLD: ("holds", "暂缓"),
    Effect.WARN: ("warns", "提示"),
    Effect.ALLOW: ("allows", "允许"),
}
_STATUSES: Final[Words] = {
    Status.VERIFIED: ("verified", "已核实"),
    Status.REPORTED: ("reported", "转述"),
    Status.UNVERIFIED: ("unverified", "未核实"),
    Status.POLICY: ("house policy", "机构制度"),
}
_FORCES: Final[Words] = {
    Force.STATUTE: ("statute", "法律"),
    Force.REGULATION: ("regulation", "法规规章"),
    Force.INTERPRETATION: ("official interpretation", "官方解释"),
    Force.STANDARD: ("standard", "国家标准"),
    Force.SELF_REGULATION: ("self-regulation", "行业自律"),
    Force.GUIDANCE: ("guidance", "指引"),
    Force.DRAFT: ("draft", "草案"),
    Force.POLICY: ("house policy", "机构制度"),
}
_MODALITIES: Final[Words] = {
    Modality.MUST: ("must", "必须"),
    Modality.SHOULD: ("should", "宜"),
}
_KINDS: Final[Words] = {
    Kind.BAR: ("closed", "不得联系"),
    Kind.OPENING: ("hours", "时段"),
    Kind.PERSONAL_TIMES: ("a person's own times", "对方指定时间"),
    Kind.SPACING: ("cap", "频次上限"),
    Kind.KEEPING: ("keeping of records", "保存期限"),
}

RULE_WORDS: Final[Mapping[str, Words]] = {
    "channel": _CHANNELS,
    "actor": _ACTORS,
    "role": _ROLES,
    "purpose": _PURPOSES,
    "debt_type": _DEBT_TYPES,
    "measure": _MEASURES,
    "key": _KEYS,
    "period": _PERIODS,
    "clock": _CLOCKS,
    "effect": _EFFECTS,
    "status": _STATUSES,
    "force": _FORCES,
    "modality": _MODALITIES,
    "kind": _KINDS,
}

RULE_LABELS: Final[Words] = {
    "effect": ("Effect", "效力"),
    "actor": ("Who acts", "行动方"),
    "target": ("To whom", "联系对象"),
    "not_target": ("Not to", "不含对象"),
    "channel": ("How", "渠道"),
    "purpose": ("What for", "目的"),
    "not_purpose": ("Not for", "不含目的"),
    "debt_type": ("Kind of debt", "债务类型"),
    "when": ("When", "条件"),
    "what": ("What", "内容"),
    "clock": ("Whose clock", "时区"),
    "counted": ("Counted", "计数口径"),
    "requires": ("First", "须先完成"),
    "warns": ("Mind", "注意"),
    "unless": ("Except", "例外"),
}


def rule_word(code: str, vocabulary: str, language: str) -> str:
    """The words for a code; of one without words the code with spaces."""
    english, chinese = RULE_WORDS[vocabulary].get(code, (code.replace("_", " "), code))
    return chinese if language == "zh" else english
