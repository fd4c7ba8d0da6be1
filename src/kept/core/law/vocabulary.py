"""The closed words of the law: who acts, to whom, for what, with what content.

They are those of the vectors' schema, so that a pack, a vector and a stored attempt say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kept.core.attempts import CONNECTED, CONVERSATIONS, Channel, Outcome

__all__ = [
    "ACTORS",
    "ADDRESS_KINDS",
    "CONNECTED_OUTCOMES",
    "CONTACT_CHANNELS",
    "CONTENT_FLAGS",
    "CONVERSATION_OUTCOMES",
    "DEBT_INFORMATION",
    "DEBT_TYPES",
    "ELECTRONIC",
    "NON_CONTACTS",
    "ORDINARY_PURPOSES",
    "PURPOSES",
    "ROLES",
    "UNANSWERED_OUTCOMES",
    "UNKNOWN_OUTCOME",
    "UNSAID_OUTCOMES",
    "VOICE",
]

ACTORS: Final = (
    "debt_collector",
    "original_creditor",
    "servicer_not_in_default",
    "financial_institution",
    "consumer_finance_company",
    "third_party_agency",
    "regulated_entity",
    "authorised_firm",
    "collector_or_creditor",
    "PUJK",
    "lending_company",
)
DEBT_TYPES: Final = (
    "credit_card",
    "consumer",
    "mortgage",
    "student_loan",
    "medical",
    "business",
)
ROLES: Final = (
    "consumer",
    "spouse",
    "parent",
    "guardian",
    "executor",
    "successor",
    "guarantor",
    "co_borrower",
    "attorney",
    "contact",
    "third_party",
    "creditor",
    "cra",
    "agency",
    "heir",
)
CONTACT_CHANNELS: Final = frozenset(Channel)
NON_CONTACTS: Final = frozenset(
    {"placement", "credit_reporting", "payment_application", "records", "agreement"}
)
VOICE: Final = frozenset(
    {Channel.CALL, Channel.AI_CALL, Channel.RINGLESS_VOICEMAIL, Channel.WORKPLACE_CALL}
)
#: Channels that go to an address, with the kind of address.
ADDRESS_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys((*VOICE, Channel.SMS), "phone"),
    Channel.EMAIL: "email",
    **dict.fromkeys(
        (Channel.LETTER, Channel.POSTCARD, Channel.CALLING_CARD, Channel.FIELD_VISIT), "address"
    ),
    Channel.SOCIAL_DM: "handle",
}
ELECTRONIC: Final = frozenset(
    {Channel.SMS, Channel.EMAIL, Channel.PUSH, Channel.SOCIAL_DM, Channel.WEB_PORTAL}
)

ORDINARY_PURPOSES: Final = (
    "collect",
    "discuss_debt",
    "demand_payment",
    "demand_full_payment_no_overshadowing_text",
)
PURPOSES: Final = (
    *ORDINARY_PURPOSES,
    "location_information",
    "ask_debtor_contact_or_relay",
    "ask_about_estate_or_guardian",
    "respond_on_this_inbound_call",
    "shown_while_consumer_navigates",
    "advise_collection_terminated",
    "notify_remedies_ordinarily_invoked",
    "notify_intends_specified_remedy",
    "reg_x_1024_39d3_written_early_intervention",
    "reg_z_1026_41_periodic_statement",
    "reg_x_1024_39a_loss_mitigation",
    "court_ordered_communication",
    "litigation_settlement_negotiation",
    "requested_information_without_consent",
    "complete_dropped_conversation",
    "creditor_late_fee_grace_ends_tomorrow",
    "one_time_discount_actually_available_all_month",
    "ask_consent_to_continue_inconvenient_call",
    "ask_what_time_is_convenient_during_same_call",
    "opt_out_confirmation_only",
    "opt_out_confirmation_plus_payment_link",
    "subsequent_validation_notice",
    "required_disclosure_as_expiring_link",
    "bankruptcy_proof_of_claim",
    "furnish",
    "place_for_collection",
    "sell_or_place",
    "entrust_agency",
    "renew_entrustment",
    "share_full_address_book",
    "apply_payment_to_disputed_debt",
    "personalised_instalment",
    "delete_call_recording",
    "delete_account_records",
    "delete_collection_record",
)

UNKNOWN_OUTCOME: Final = "unknown"
"""An ended or open attempt of which nothing is known: every count takes it at its worst."""

CONNECTED_OUTCOMES: Final = frozenset(map(str, CONNECTED - {Outcome.WRONG_NUMBER_LEARNED})) | {
    UNKNOWN_OUTCOME
}
CONVERSATION_OUTCOMES: Final = frozenset(
    map(str, CONVERSATIONS - {Outcome.CONVERSATION_IN_PROGRESS})
) | {UNKNOWN_OUTCOME}
UNANSWERED_OUTCOMES: Final = frozenset(
    {
        str(outcome)
        for outcome in (
            Outcome.BUSY_SIGNAL,
            Outcome.NOT_IN_SERVICE,
            Outcome.NETWORK_FAILURE,
            Outcome.RING_NO_ANSWER,
            Outcome.DECLINED,
            Outcome.MACHINE_NO_MESSAGE,
            Outcome.VOICEMAIL_LEFT,
            Outcome.VOICEMAIL_LEFT_NAMING_DEBTS,
            Outcome.LIMITED_CONTENT_MESSAGE,
            Outcome.VOICEMAIL_FULL_NO_MESSAGE,
            Outcome.VOICEMAIL_NO_RING,
        )
    }
) | {UNKNOWN_OUTCOME}

UNSAID_OUTCOMES: Final = frozenset(map(str, (Outcome.UNDELIVERABLE, Outcome.SESSION_ENDED)))
"""Inbound entries with which the person says nothing: what came back, and a portal left."""

CONTENT_FLAGS: Final[dict[str, tuple[str, str]]] = {
    "names_self": ("the caller says who he is", "来电人说明身份"),
    "confirming_location": ("it says that a location is being confirmed", "说明在核实联系地址"),
    "no_debt_mentioned": ("no debt is mentioned", "未提及债务"),
    "no_debt_information": ("no information about the debt is given", "未提供债务信息"),
    "asks_voluntary_payment": ("it asks for voluntary payment", "请求自愿还款"),
    "obscene": ("obscene or abusive words", "辱骂或低俗用语"),
    "threat_violence_or_abuse": ("a threat of violence, or abuse", "暴力威胁或恐吓"),
    "impersonates_court_or_police": ("it poses as court or police", "冒充司法或公安机关"),
    "implies_attorney": ("it implies an attorney", "暗示律师身份"),
    "deception": ("deception", "欺诈"),
    "anonymous": ("the sender is anonymous", "匿名"),
    "caller_identity_withheld": ("the caller's identity is withheld", "隐瞒来电身份"),
    "public_posting_of_notice": ("a notice is posted in public", "公开张贴催收公告"),
    "induces_new_borrowing": ("it urges new borrowing", "诱导新增借贷"),
    "extra_collection_fee": ("it asks a fee for collecting", "以催收名义收取额外费用"),
    "discloses_private_information": ("private information is disclosed", "泄露个人隐私"),
    "envelope_shows_debt_collection": ("the envelope shows debt collection", "信封显示催收字样"),
    "implies_missed_delivery": ("it looks like a missed delivery", "伪装成未送达的包裹通知"),
    "premium_rate_callback": ("the call-back number has a premium rate", "回拨号码为高价号码"),
    "states_consumer_owes_debt": ("it states that a debt is owed", "说明债务人欠款"),
    "states_amount_owed": ("it states the amount owed", "说明欠款金额"),
    "mentions_debt": ("it mentions the debt", "提及债务"),
    "mentions_debt_amount": ("it mentions the amount of the debt", "提及债务金额"),
    "threatens_suit": ("it threatens suit", "以起诉相威胁"),
    "threatens_recovery": ("it threatens recovery", "以强制清收相威胁"),
    "pay_in_7_days_or_lose_right_to_dispute": (
        "it contradicts the right to dispute",
        "与异议权利相抵触",
    ),
    "initial_communication": ("it is the first communication", "首次沟通"),
    "no_mini_miranda": ("the first disclosure is missing", "缺少首次披露"),
    "subsequent_communication": ("it is a later communication", "后续沟通"),
    "not_identified_as_debt_collector": (
        "it does not say that it comes from a debt collector",
        "未表明催收方身份",
    ),
    "first_contact": ("it is the first contact", "首次联系"),
    "institution_identity_missing": ("the institution is not named", "未表明机构身份"),
    "no_prior_notice_or_purpose": (
        "the visit has no notice or purpose",
        "外访未提前告知或说明目的",
    ),
}
DEBT_INFORMATION: Final = (
    "states_consumer_owes_debt",
    "states_amount_owed",
    "mentions_debt",
    "mentions_debt_amount",
)
