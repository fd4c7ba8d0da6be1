"""What may be wrong with a strategy: English source texts with named places.

`kept.core.intake.nodes.Problem` carries one with its values; faces translate the text before they
fill it. What may be wrong with a condition in it is `kept.core.conditions.faults`.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["StrategyText"]


class StrategyText(StrEnum):
    MISSING = "is missing; add it"
    NO_CODE = "{found} should be small letters, digits and _, a letter first, at most 32"
    NO_NAME = "lacks the name in {language}; a desk shows both languages"
    TOO_MANY = "lists at most {most}, not {found}"
    CODE_TWICE = "{code} is the code of {times}; give each its own"
    TREATMENT_TWICE = "{code} is the code of {times} treatments; give each its own"
    CODE_TAKEN = "the code {code} is taken by the fact {fact}; rename it"
    NO_TREATMENTS = "lists 1 to {most} treatments, not {found}"
    DATES = "{last} is before valid_from, {first}"
    NO_DAY = "{found} is no day; write it as 2026-01-31"
    NO_TIME = '{found} is no time of day; write it as "18:00"'
    NO_CHANNEL = "{found} is no channel; use {desk} if it reaches nobody"
    NO_CHANNEL_NEAR = "{found} is no channel; did you mean {near}?"
    NO_BASE = "lacks base; give a whole number, the higher the more urgent"
    NO_MONEY = "{why}; write it as 0.50 CNY"
    NO_SHARE = "{found} is no share; write it as 5% or 0.25%"
    SHARE_RANGE = "{found} is no share of a book; an arm has 0.01% to 100%"
    SHARES = "the shares add up to {total}, not 100%"
    DRAW = "{fact} is not for conditions; name the arms under `arms`"
    HELD_OUT = (
        "{arm} holds out: only a treatment with `required: true`, one that the law asks for, may go"
        " to it"
    )
    NO_SEGMENT = "{found} is no segment of this strategy; there are {known}"
    NO_SEGMENT_NEAR = "{found} is no segment of this strategy; did you mean {near}?"
    NO_ARM = "{found} is no arm of this strategy; there are {known}"
    NO_ARM_NEAR = "{found} is no arm of this strategy; did you mean {near}?"
    CONDITION = "{why}"
    TOGETHER = "with its segments, arms and stops: {why}"
    NEVER_HOLDS = "can never hold, with its segments, arms, stops and holds: what excludes what?"
    # Texts that treatments name.
    NO_TEXT = "{found} is no script or template; packs/texts lists them"
    NO_TEXT_NEAR = "{found} is no script or template; did you mean {near}?"
    TEXT_LATER = "{found} holds only from {first}, after the strategy begins"
    TEXT_LACKS = "{found} has no text in {language}, a language of the book"
    NO_FIGURE = "{found} is no figure that a text can show; known are {known}"
