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
    BELOW_NOTHING = "{found} is less than nothing; write 0 or more"
    NEVER_CHOSEN = (
        "is worth no more than its unit_cost of {cost}, so it would never be chosen; raise the"
        " value, or leave it out to use the assumed one"
    )
    NO_SHARE = "{found} is no share; write it as 5% or 0.25%"
    SHARE_RANGE = "{found} is no share of a book; an arm has 0.01% to 100%"
    SHARES = "the shares add up to {total}, not 100%"
    DRAW = "{fact} is not for conditions; name the arms under `arms`"
    HELD_OUT = (
        "{arm} holds out: only a treatment with `required: true`, one that the law asks for, may go"
        " to it"
    )
    NAMES_NONE = "names none; leave it out for all of them"
    NEVER_REACHED = "nobody is ever in it, with the segments before it: what excludes what?"
    NO_SEGMENT = "{found} is no segment of this strategy; there are {known}"
    NO_SEGMENT_NEAR = "{found} is no segment of this strategy; did you mean {near}?"
    NO_ARM = "{found} is no arm of this strategy; there are {known}"
    NO_ARM_NEAR = "{found} is no arm of this strategy; did you mean {near}?"
    CONDITION = "{why}"
    TOGETHER = "with its segments, arms and stops: {why}"
    NEVER_HOLDS = "can never hold, with its segments, arms, stops and holds: what excludes what?"
    # What arms are stratified by.
    STRATA_NO_ARMS = "stratifies arms, and there are none; list arms or take it out"
    NO_FACT = "{found} is no fact; docs/facts.md lists them"
    NO_FACT_NEAR = "{found} is no fact; did you mean {near}?"
    STRATA_PROTECTED = "{fact} is a protected attribute; arms are not drawn by it"
    STRATA_NOT_FOR = "{fact} is no fact to stratify by; take a number, an amount, a yes or a kind"
    STRATA_BANDS = "{fact} needs bands: 1 to {most} rising values at which another band begins"
    STRATA_NO_BANDS = "{fact} has its values as strata; leave bands out"
    STRATA_RISING = "the bands should rise, each once, in one currency"
    STRATA_WHOLE = "{found} is no whole number"
    STRATA_MONEY = "{found} is no amount; write it as 1000 CNY"
    # Texts that treatments name.
    NO_TEXT = "{found} is no script or template; the page of texts lists them"
    NO_TEXT_NEAR = "{found} is no script or template; did you mean {near}?"
    TEXT_LATER = "{found} holds only from {first}, after the strategy begins"
    TEXT_LACKS = "{found} has no text in {language}, a language of the book"
    TEXT_CHANNEL = "{found} is written for {channel}, and this treatment goes by {by}"
    NO_BODY = "has no words: write them under the letters of a language, such as en or zh"
    KIND_CHANNEL = "{found} is no channel of a {kind}; there are {known}"
    NO_FIGURE = "{found} is no figure that a text can show; known are {known}"
    # A text that is no YAML.
    YAML_LONG = "longer than {most} characters: split it"
    YAML_EMPTY = "the file is empty; see {example}"
    YAML_ALIAS = "YAML's aliases are not used here; write it out"
    YAML_DEEP = "nested too deep"
    YAML_TWICE = "{key} stands twice; keep one of them"
    YAML_COLON = (
        "a line of a mapping ends or goes on without its colon: write `key: value`, with a space"
        " after the colon"
    )
    YAML_COLON_TOO_MANY = (
        "a colon where none may stand: put a value with a colon in double quotes, or look whether"
        " the line above lacks its colon or this one has too many spaces before it"
    )
    YAML_TAB = "a tab stands at the beginning of a line: indent with spaces"
    YAML_SIGN = "{found} cannot begin a value: put the value in double quotes"
    YAML_QUOTE = "a quotation mark is not closed: add it where the text ends"
    YAML_BRACKET = "a list or mapping in brackets is not closed, or lacks a comma between two parts"
    YAML_INDENT = (
        "this does not belong to the line above: give lines of one list or mapping the same"
        " indentation, and write nothing after a closing quotation mark"
    )
    YAML_TWO_DOCUMENTS = "a second document begins here (`---`): one file holds one"
    YAML_UNSEEN = "a character that cannot be shown, {found}: take it away"
    YAML_OTHER = "not YAML here: compare the line with the one above it, its indentation and colons"
