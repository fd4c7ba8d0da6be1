"""The law facts: what a rule's condition may read, and how the silence about each is read.

Booleans and categories are read by conditions. Moments, windows and days, which a rule's kind
reads, are listed apart in `TIMES`. Nothing here computes a fact; `core.law.deriving` does.
"""

from __future__ import annotations

from typing import Final

from kept.core.attempts import Channel
from kept.core.facts import Catalogue, Fact, FactType, Silence, Use
from kept.core.law.vocabulary import ACTORS, CONTENT_FLAGS, PURPOSES, ROLES

__all__ = ["LAW_FACTS", "MINUTES", "WINDOWS"]

_LAW: Final = frozenset({Use.LAW})


def _flag(silence: Silence, rows: str) -> list[Fact]:
    """A line a fact: name | English | Chinese."""
    found = []
    for row in rows.strip().splitlines():
        name, english, chinese = (part.strip() for part in row.split("|"))
        unknown = silence is not Silence.RECORDED_FACT
        found.append(
            Fact(
                name,
                FactType.BOOLEAN,
                english,
                chinese,
                use=_LAW,
                silence=silence,
                can_be_unknown=unknown,
            )
        )
    return found


def _category(name: str, english: str, chinese: str, values: tuple[str, ...] | None) -> Fact:
    return Fact(
        name,
        FactType.CATEGORY,
        english,
        chinese,
        use=_LAW,
        silence=Silence.ATTRIBUTE,
        can_be_unknown=True,
        values=values,
        name_en=english,
        name_zh=chinese,
    )


def _number(name: str, english: str, chinese: str, unit: str) -> Fact:
    return Fact(
        name,
        FactType.INTEGER,
        english,
        chinese,
        unit=unit,
        use=_LAW,
        silence=Silence.ATTRIBUTE,
        can_be_unknown=True,
    )


_ATTRIBUTES = [
    _category("actor_type", "who acts", "行动方类型", ACTORS),
    _category("target_role", "the role of the person contacted", "联系对象的角色", ROLES),
    _category("channel", "the channel", "渠道", tuple(Channel)),
    _category("purpose", "the purpose of the contact", "联系目的", PURPOSES),
    _category("address_place", "the place of the address", "地址所在地", ("none", "home", "work")),
    _category("visibility", "who can see the message", "消息可见范围", ("private", "public")),
    _category(
        "planned",
        "what the caller will leave",
        "拟留言方式",
        ("nothing", "leave_voicemail", "leave_limited_content_message"),
    ),
    _category("region", "the region where the person lives", "居住地区", None),
    _number("agreement_months", "the length of the instalment plan", "分期期数", "months"),
    _number("visit_staff", "people on the visit", "外访人数", "people"),
]

_ATTRIBUTES += _flag(
    Silence.ATTRIBUTE,
    """
    call_is_recorded | the call is recorded | 通话会被录音
    """,
)

_RECORDED = _flag(
    Silence.RECORDED_FACT,
    """
    own_name | the creditor collects in its own name | 债权人以自己的名义催收
    business_debt | every debt was made for business purposes | 债务均为经营性债务
    credit_card_debt | a debt is a credit-card debt | 含信用卡债务
    to_consumer_attorney | the person is the consumer's attorney | 联系对象是债务人的律师
    medium_stopped | the person asked that this channel or address not be used | 对方要求停用该渠道或地址
    place_inconvenient | the address lies at a place called inconvenient | 该地址所在地被告知不方便
    employer_prohibits | the employer forbids such contact at work | 雇主禁止在工作场所联系
    at_workplace | the contact reaches the person at work | 将在工作场所联系到对方
    attorney_known | the person is known to be represented on this debt | 已知债务人就该债务委托了律师
    consumer_is_minor | the debtor is a minor | 债务人是未成年人
    consumer_deceased | the debtor has died | 债务人已身故
    debtor_incapable | the debtor lacks full legal capacity | 债务人无或限制民事行为能力
    vulnerable | the person is known or suspected to be vulnerable | 已知或怀疑对方处于弱势
    disputed | the debt is disputed | 债务有争议
    time_barred | the limitation period has run | 诉讼时效已过
    refuses_time_barred | the customer will not pay for that reason | 客户以此为由不再付款
    bankruptcy_pending | a bankruptcy case is pending | 破产程序进行中
    debt_discharged | the debt was discharged in bankruptcy | 债务已在破产中免除
    debt_paid | the debt is paid or settled | 债务已清偿或和解
    identity_theft_block | the debt was reported as identity theft | 债务被报告为身份盗用
    debt_illegal | the debt is illegal | 非法债务
    instalment_performing | an instalment agreement is being performed | 分期协议正常履行
    oral_agreement_recording | the recording holds an oral repayment agreement | 录音含口头还款协议
    sensitive_occasion | the person is in a time of grief, calamity or feast | 对方正值丧事、灾难或节庆
    contact_refused | this person refused further contact | 该联系人拒绝再联系
    prior_refusal | the person refused to pay or asked not to be contacted | 对方曾拒绝还款或要求不再联系
    location_answered | this person has answered a location inquiry | 该人已答复过一次找人询问
    employer_email | the address was given by an employer | 雇主提供的邮箱
    validation_period_open | the validation period is open | 债务核实期未满
    validation_in_issue | the validation notice is in issue | 涉及债务核实通知
    notice_replaced | a later notice replaces a returned one | 退回的通知已重新寄出
    reassigned_in_issue | a text came from this number | 曾收到该号码的短信
    cumulative_contact | calls and messages together pile up without an answer | 电话与消息累积而无回应
    rapid_succession | the number was called without answer within five minutes | 五分钟内曾拨打同一号码未接
    voicemail_rapid_succession | a voicemail was left on the number within five minutes | 五分钟内曾在同一号码留言
    seven_in_one_day | this is the seventh call to the number today | 当日第七次拨打同一号码
    concentrated | most calls of the window fall on one day | 多数拨打集中在一天
    aggregate_volume | all debts together pass the count | 各债务合计超过次数
    aggregate_agencies | all collectors together pass the count | 各催收方合计超过次数
    aggregate_unanswered | all numbers together reach the count | 各号码合计达到次数
    ask_learned_now | the inconvenience became known in this very call | 本次通话中才得知不方便
    voicemail_shared | others can hear the mailbox | 他人可听到语音信箱
    lacks_opt_out | the message has no way to opt out | 消息缺少退订方式
    demand_exceeds_estate | the demand exceeds the inherited estate | 主张超出遗产范围
    artificial_voice | the voice is artificial or prerecorded | 人工合成或预录语音
    autodialled | the call or text is dialled by a machine | 自动拨号
    debtor_dead_or_incapable | the debtor has died or lacks full capacity | 债务人身故或无完全行为能力
    """,  # noqa: E501
)

_SHOWN = _flag(
    Silence.EXCEPTION_OR_DUTY,
    """
    single_response | this is the one answer to a message of the person | 对来信的唯一一次回复
    consent_time_given | the person consented to other times directly to this collector | 对方直接同意其他时间
    consent_calls_given | the person consented to more calls directly to this collector | 对方直接同意更多电话
    court_permission | a court permits it expressly | 法院明示许可
    attorney_reachable | the attorney's name and address are known or can be found | 律师联系方式已知或可查
    attorney_unresponsive | the attorney did not answer in reasonable time | 律师在合理时间内未回应
    attorney_consents | the attorney consents to direct contact | 律师同意直接联系
    permitted_recipient | the law names this recipient as permitted | 法律许可的接收人
    location_again | the earlier answer was wrong and is now correct | 先前答复有误而现已正确
    first_opt_out_confirmation | it is the one confirmation of the opt-out | 退订的唯一一次确认
    consumer_used_address | the person used this address with this collector | 对方曾用该地址与催收方联系
    email_consent | the person consented to this address directly | 对方直接同意使用该地址
    recent_message_from_person | the person wrote from this address lately | 对方近期曾用该地址来信
    spoke_about_debt | somebody spoke with the person about the debt | 已与对方谈及债务
    already_furnished | the debt was lawfully reported before | 此前已合法报送
    agreed_time | a time was agreed with the debtor | 与债务人约定了时间
    agreed_frequency | a frequency was agreed with the debtor | 与债务人约定了频次
    debtor_unreachable | it is shown that the debtor cannot be reached | 已确认无法联系债务人
    debtor_number_invalid | the debtor's number is invalid | 债务人手机号无效
    household_debt | the debt was used for the household | 债务用于家庭共同生活
    guarantee_valid | the guarantee is valid | 担保有效
    offers_to_pay | this person offers to pay | 该第三人自愿代偿
    debt_settled | the debt is settled | 债务已结清
    agency_listed | the agency is on the public list | 催收机构已公示
    debtor_told_of_entrustment | the debtor was told of the entrustment | 已告知债务人委托事项
    agency_evaluated | the agency was evaluated within twelve months | 十二个月内评估过催收机构
    number_checked | the number was checked for reassignment lately | 近期核查过号码是否转让
    prior_express_consent | the person gave prior express consent to it | 对方事先明示同意
    only_convenient_time | the person consented that no other time is convenient | 借款人同意仅此时间方便
    microfinance_loan | the loan is under the microfinance directions | 适用小额信贷专门指令
    recording_notice_given | the recording will be announced | 将告知录音
    """,  # noqa: E501
)

_CONTENT = [
    Fact(
        f"content_{flag}",
        FactType.BOOLEAN,
        english,
        chinese,
        use=_LAW,
        silence=Silence.RECORDED_FACT,
    )
    for flag, (english, chinese) in CONTENT_FLAGS.items()
]

LAW_FACTS: Final = Catalogue([*_ATTRIBUTES, *_RECORDED, *_SHOWN, *_CONTENT])
"""Every fact that a rule's condition may name."""

MINUTES: Final[dict[str, tuple[str, str]]] = {
    "cease_from": ("receipt of the written request to stop", "收到书面停止请求"),
    "dispute_from": ("receipt of the written dispute", "收到书面异议"),
    "dispute_until": ("the sending of the verification", "寄出债务核实"),
    "creditor_request_from": ("receipt of the request for the creditor", "收到原债权人查询"),
    "creditor_request_until": ("the answer to that request", "答复该查询"),
    "breathing_from": ("the start of the breathing space", "喘息期开始"),
    "breathing_until": ("the end of the breathing space", "喘息期结束"),
    "adviser_from": ("a debt adviser assists from", "债务顾问介入起"),
    "adviser_until": ("the end of the pause for a debt adviser", "债务顾问宽限期止"),
    "consent_calls_from": ("consent to more calls from", "同意更多电话起"),
    "consent_calls_until": ("consent to more calls until", "同意更多电话止"),
    "lost_contact_from": ("the debtor counts as lost from", "认定失联起"),
    "long_past_due_from": ("long past due from", "长期逾期起"),
    "validation_overdue_from": ("the validation notice is overdue from", "核实通知逾期起"),
    "reassigned_check_from": ("a check of the number is due from", "须核查号码起"),
    "furnish_from": ("the monitoring of the notice ends", "通知监测期满"),
}
"""Facts that are a minute: English and Chinese name. Silence is the reader's: see `deriving`."""

WINDOWS: Final[dict[str, tuple[str, str]]] = {
    "inconvenient_times": ("times called inconvenient", "被告知不方便的时间"),
    "consent_times": ("times consented to", "同意的时间"),
    "agreed_times": ("times agreed", "约定的时间"),
    "reasonable_times": ("times that the customer asked for", "客户要求的时间"),
}
"""Facts that are windows of the local day."""
