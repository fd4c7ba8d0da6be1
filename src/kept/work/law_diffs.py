"""What a new version of a pack would change in the book: how many verdicts, and which.

Nothing is written, and no pack comes into force here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kept.core.actors import Actor, Reach
from kept.core.law.grounds import judge_situation
from kept.core.law.lawbook import LawBook
from kept.core.law.rules import LawPack
from kept.core.law.verdicts import Verdict
from kept.store.models import Case
from kept.store.visibility import visible_rows
from kept.work.permissions import Permission, require
from kept.work.places import zone_table
from kept.work.refusals import NotThere
from kept.work.situations import Considered, IntendedContact, NoEngagement, consider

__all__ = ["PackEffects", "VerdictChange", "get_pack_effects"]

EXAMPLES: Final = 10


@dataclass(frozen=True, slots=True)
class VerdictChange:
    case_id: int
    before: Verdict
    after: Verdict
    considered: Considered


@dataclass(frozen=True, slots=True)
class PackEffects:
    """`moves` counts changed verdicts by the effect before and after, such as (allow, deny).

    `judged` cases are bound by the pack; `others` are not, or nobody holds their mandate.
    """

    judged: int
    others: int
    moves: Mapping[tuple[str, str], int]
    examples: tuple[VerdictChange, ...]

    @property
    def changed(self) -> int:
        return sum(self.moves.values())


def get_pack_effects(
    actor: Actor,
    *,
    old: LawPack,
    new: LawPack,
    creditor_code: str | None,
    channel: str,
    minute: int,
    most: int,
) -> PackEffects:
    """Judge a contact with the debtor of every open case under both packs, at one minute.

    Over `most` cases a sample spread evenly over them. A pack binds whom the old one binds.
    """
    within = require(actor, Permission.CASE_READ)
    judged = others = 0
    moves: Counter[tuple[str, str]] = Counter()
    examples: list[VerdictChange] = []
    books: dict[tuple[int, int], LawBook] = {}
    for considered in _cases(within, creditor_code, channel, minute, most):
        if considered is None or old.name not in {pack.name for pack in considered.book.packs}:
            others += 1
            continue
        judged += 1
        before, after = (_judged(considered, pack, books, minute) for pack in (old, new))
        if (before.outcome, before.lawful_from) == (after.outcome, after.lawful_from):
            continue
        moves[str(before.outcome), str(after.outcome)] += 1
        if len(examples) < EXAMPLES:
            examples.append(VerdictChange(considered.case_id, before, after, considered))
    return PackEffects(judged, others, moves, tuple(examples))


def _cases(
    within: Reach, creditor_code: str | None, channel: str, minute: int, most: int
) -> Iterator[Considered | None]:
    rows = visible_rows(Case, within).filter(closed_on__isnull=True)
    if creditor_code is not None:
        rows = rows.filter(creditor__code=creditor_code)
    for case_id in _spread(list(rows.order_by("pk").values_list("pk", flat=True)), most):
        wanted = IntendedContact(case_id=case_id, channel=channel, minute=minute)
        try:
            yield consider(within, wanted)
        except (NoEngagement, NotThere):
            yield None


def _spread(ids: Sequence[int], most: int) -> Sequence[int]:
    if len(ids) <= most:
        return ids
    return [ids[place * len(ids) // most] for place in range(most)]


def _judged(
    considered: Considered, pack: LawPack, books: dict[tuple[int, int], LawBook], minute: int
) -> Verdict:
    """Under the packs that bind the case, with this version in the place of the shipped one."""
    bound = considered.book
    packs = tuple(pack if each.name == pack.name else each for each in bound.packs)
    # The same packs and switches give the same book, so that its plans are made once.
    key = (id(bound), id(pack))
    if key not in books:
        books[key] = LawBook(packs, bound.switches)
    book = books[key]
    clocks = {zone: zone_table(zone, minute) for zone in book.clocks}
    situation = replace(considered.situation, clocks=clocks)
    return judge_situation(book, situation).verdict
