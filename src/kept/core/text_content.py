"""What the law wants said, looked for in a text before anybody sends it. Pure.

Only duties that words of the text itself meet or miss are looked at: to offer a way out, to name
the institution, to say that a debt collector speaks. Whether a contact is lawful is asked of the
whole situation by its permit; this finds sooner what that would refuse later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kept.core.law.deriving import offers_opt_out
from kept.core.law.rules import Effect, Kind, LawPack, Part, Rule
from kept.core.text_figures import figures_in

__all__ = ["LackingContent", "lacking_content"]

# The words by which a text is known to say who speaks, in both languages.
_DISCLOSES: Final = (
    "attempt to collect a debt",
    "attempting to collect a debt",
    "追讨债务",
    "催收债务",
)
_IDENTIFIES: Final = ("debt collector", "collection agency", "催收", "追讨债务")
_NAMES: Final = frozenset({"creditor", "legal_entity"})


@dataclass(frozen=True, slots=True)
class LackingContent:
    """A duty of a rule that a text leaves undone; `surely`: whatever the situation."""

    rule: Rule
    duties: tuple[str, ...]
    surely: bool


def lacking_content(
    body: str,
    channel: str,
    packs: Iterable[LawPack],
    actors: Collection[str],
    on: date,
) -> tuple[LackingContent, ...]:
    """What rules in force on a day ask of a text on a channel, and it does not say.

    `actors` are the kinds of company that may say it; one that a pack does not know counts as each
    that it knows. What depends on more than the words (a first contact, an exception) is not sure.
    """
    said = _said(body)
    found: list[LackingContent] = []
    for pack in packs:
        own = set(actors) if set(actors) <= pack.actors else set(actors) | pack.actors
        for rule in pack.rules:
            if _is_in_force(rule, on):
                found += _lacks(rule, channel, own, said)
    return tuple(found)


def _said(body: str) -> Mapping[str, bool]:
    """Law facts that follow from the words alone."""
    folded = " ".join(body.casefold().split())
    names = {name for name, _start, _end in figures_in(body)}
    return {
        "lacks_opt_out": not offers_opt_out(body),
        "content_institution_identity_missing": not names & _NAMES,
        "content_no_mini_miranda": not any(words in folded for words in _DISCLOSES),
        "content_not_identified_as_debt_collector": not any(
            words in folded for words in _IDENTIFIES
        ),
    }


def _is_in_force(rule: Rule, on: date) -> bool:
    begun = rule.valid_from is None or rule.valid_from <= on
    return begun and (rule.valid_to is None or on <= rule.valid_to)


def _lacks(
    rule: Rule, channel: str, actors: Collection[str], said: Mapping[str, bool]
) -> Iterator[LackingContent]:
    for part in rule.parts:
        if not _may_ask(part, channel, actors) or part.when is None:
            continue
        if not set(part.when.facts) & set(said):
            continue
        truth = part.when.evaluate({name: said.get(name) for name in part.when.facts})
        if not truth.surely_false:
            surely = truth.surely_true and not part.unless
            yield LackingContent(rule, part.requires, surely)


def _may_ask(part: Part, channel: str, actors: Collection[str]) -> bool:
    if part.effect is not Effect.REQUIRE or part.kind is not Kind.BAR or not part.requires:
        return False
    scope = part.scope
    if scope.channels is not None and channel not in scope.channels:
        return False
    return scope.actors is None or not scope.actors.isdisjoint(actors)
