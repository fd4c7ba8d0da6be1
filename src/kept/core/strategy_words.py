"""A strategy in words, and what differs between two versions. Nothing is decided here.

Rows of (label, text) in English or in Chinese, for a page and for the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kept.core.arms import Arm, ArmKind
from kept.core.conditions import say_condition
from kept.core.currencies import currency
from kept.core.law.rule_words import rule_word
from kept.core.money import Money
from kept.core.said_changes import Row, SaidChange, said_changes
from kept.core.strata import StratumFact
from kept.core.strategies import DESK, Segment, Strategy, Treatment

__all__ = ["rows_of_treatment", "strategy_changes", "strategy_rows"]

_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "name": ("name", "名称"),
    "for": ("for whom", "适用对象"),
    "stop": ("stops when", "停止条件"),
    "segments": ("segments", "客群"),
    "arms": ("arms", "分组"),
    "stage": ("stage", "催收阶段"),
    "channel": ("channel", "渠道"),
    "text": ("template or script", "模板或话术"),
    "skill": ("skill and minutes", "技能与用时"),
    "repeat": ("again after", "重复间隔"),
    "due": ("due", "完成期限"),
    "escalates": ("escalates after", "升级期限"),
    "cost": ("cost", "单位成本"),
    "value": ("worth", "价值"),
    "waiver": ("waiver expected", "预计减免"),
    "priority": ("priority", "优先级"),
    "place": ("place in the order", "次序"),
    "required": ("required by law", "法定必须"),
    "dates": ("in force", "生效期间"),
    "share": ("share", "占比"),
    "kind": ("kind", "类型"),
    "strata": ("arms stratified by", "分组分层依据"),
}
_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "strategy": ("strategy", "策略"),
    "segment": ("segment", "客群"),
    "arm": ("arm", "分组"),
    "treatment": ("treatment", "催收动作"),
}
_STAGES: Final[Mapping[str, tuple[str, str]]] = {
    "pre_due": ("before due", "到期前"),
    "remind": ("reminder", "提醒"),
    "call": ("call", "电话催收"),
    "firm": ("firm call", "加强催收"),
    "letter": ("letter", "信函"),
    "visit": ("visit", "外访"),
    "legal": ("legal", "法务"),
}
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    ArmKind.CHAMPION: ("champion", "冠军组"),
    ArmKind.CHALLENGER: ("challenger", "挑战组"),
    ArmKind.HOLD_OUT: ("hold-out", "对照组"),
}
_DAYS: Final = ("{n} days", "{n} 天")
_BANDS: Final = ("{name} (bands from {bands})", "{name}（分段起点 {bands}）")
_DUE: Final = ("day {n} by {time}", "第 {n} 天 {time} 前")
_MINUTES: Final = ("{skill}, {n} minutes", "{skill}，{n} 分钟")
_DESK_WORDS: Final = ("desk work, reaches nobody", "内勤，不触达任何人")
_YES: Final = ("yes, the hold-out too", "是，对照组亦执行")


def strategy_changes(old: Strategy, new: Strategy, language: str) -> tuple[SaidChange, ...]:
    """Part by part; of a part that changed only the rows that differ are given."""
    found = said_changes(strategy_rows(old, language), strategy_rows(new, language))
    return tuple(_rows_that_differ(each) if each.kind == "changed" else each for each in found)


def strategy_rows(strategy: Strategy, language: str) -> dict[str, tuple[Row, ...]]:
    """All that a strategy says, by part."""
    dates = f"{strategy.valid_from} – {strategy.valid_to or '…'}"
    name = strategy.name_zh if language == "zh" else strategy.name_en
    head: tuple[Row, ...] = (_row("name", name, language), _row("dates", dates, language))
    if strategy.strata:
        strata = "; ".join(_of_stratum(each, strategy, language) for each in strategy.strata)
        head = (*head, _row("strata", strata, language))
    found: dict[str, tuple[Row, ...]] = {_part("strategy", "", language): head}
    for segment in strategy.segments:
        found[_part("segment", segment.code, language)] = _of_segment(segment, language)
    for arm in strategy.arms:
        found[_part("arm", arm.code, language)] = _of_arm(arm, language)
    for place, each in enumerate(strategy.treatments, 1):
        rows = rows_of_treatment(each, strategy, language)
        found[_part("treatment", each.code, language)] = (
            *rows,
            _row("place", str(place), language),
        )
    return found


def _part(kind: str, code: str, language: str) -> str:
    return f"{_pick(_PARTS[kind], language)} {code}".rstrip()


def rows_of_treatment(one: Treatment, strategy: Strategy, language: str) -> tuple[Row, ...]:
    catalogue = strategy.catalogue
    time = f"{one.due_minute // 60:02}:{one.due_minute % 60:02}"
    said = {
        "name": one.name_zh if language == "zh" else one.name_en,
        "for": say_condition((one.written or one.when).tree, language, catalogue=catalogue),
        "stop": say_condition(one.stop_when.tree, language, catalogue=catalogue)
        if one.stop_when
        else "",
        "segments": ", ".join(one.segments),
        "arms": ", ".join(one.arms) if len(one.arms) < len(strategy.arms) else "",
        "stage": _pick(_STAGES[one.stage], language),
        "channel": _channel(one, language),
        "text": one.text,
        "skill": _pick(_MINUTES, language).format(skill=one.skill, n=one.minutes),
        "repeat": _pick(_DAYS, language).format(n=one.repeat_after_days),
        "due": _pick(_DUE, language).format(n=one.due_in_days, time=time),
        "escalates": ""
        if one.escalate_in_days is None
        else _pick(_DAYS, language).format(n=one.escalate_in_days),
        "cost": "" if one.unit_cost is None else str(one.unit_cost),
        "value": "" if one.value is None else str(one.value),
        "waiver": "" if one.waiver is None else str(one.waiver),
        "priority": _priority(one),
        "required": _pick(_YES, language) if one.required else "",
    }
    return tuple(_row(key, text, language) for key, text in said.items() if text)


def _of_segment(segment: Segment, language: str) -> tuple[Row, ...]:
    name = segment.name_zh if language == "zh" else segment.name_en
    said = say_condition(segment.when.tree, language)
    return (_row("name", name, language), _row("for", said, language))


def _of_stratum(each: StratumFact, strategy: Strategy, language: str) -> str:
    """The fact by its name and, of a number or an amount, where its bands begin."""
    fact = strategy.catalogue[each.fact]
    name = (fact.name_zh if language == "zh" else fact.name_en) or each.fact
    if not each.bands:
        return name
    kind = currency(each.currency) if each.currency else None
    bands = [str(Money(limit, kind)) if kind else str(limit) for limit in each.bands]
    return _pick(_BANDS, language).format(name=name, bands=", ".join(bands))


def _of_arm(arm: Arm, language: str) -> tuple[Row, ...]:
    name = arm.name_zh if language == "zh" else arm.name_en
    share = f"{arm.share / 100:g}%"
    kind = _pick(_KINDS[arm.kind], language)
    rows = (("name", name), ("share", share), ("kind", kind))
    return tuple(_row(key, text, language) for key, text in rows)


def _channel(one: Treatment, language: str) -> str:
    if one.channel_code == DESK:
        return _pick(_DESK_WORDS, language)
    return rule_word(one.channel_code, "channel", language)


def _priority(one: Treatment) -> str:
    parts = [str(one.priority.base)]
    parts += [f"+{one.priority.per_day} × dpd"] if one.priority.per_day else []
    parts += [f"+{one.priority.per_amount} × overdue / 100"] if one.priority.per_amount else []
    return " ".join(parts)


def _row(key: str, text: str, language: str) -> Row:
    return _pick(_LABELS[key], language), text


def _pick(pair: tuple[str, str], language: str) -> str:
    return pair[language == "zh"]


def _rows_that_differ(change: SaidChange) -> SaidChange:
    before = tuple(row for row in change.before if row not in change.after)
    after = tuple(row for row in change.after if row not in change.before)
    return SaidChange(change.name, before, after)
