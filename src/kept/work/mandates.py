"""Under which mandate a contact would be made: the company that acts, and in whose name.

From the rows of one case as `work/situations.py` reads them; nothing here reads the book.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kept.work.refusals import Refusal

__all__ = ["NoEngagement", "mandate_of"]


class NoEngagement(Refusal):
    """No company, or no single one, holds a mandate for it: who would act is not known."""


def mandate_of(row: Mapping[str, Any], legal_entity_id: int | None) -> Mapping[str, Any]:
    """The mandate under which the contact would be made; it must cover every account.

    Reads `engagements`, `team_entity_id` and the products of `accounts`; raises `NoEngagement`.
    """
    every = row["engagements"]
    if not every:
        raise NoEngagement(
            _("No company holds a mandate of this creditor today; record the engagement first.")
        )
    products = {each["product_id"] for each in row["accounts"]}
    by_entity: dict[int, list[Mapping[str, Any]]] = {}
    for each in every:
        by_entity.setdefault(each["entity_id"], []).append(each)
    able = {entity for entity, held in by_entity.items() if _covers(held, products)}
    chosen = legal_entity_id or row["team_entity_id"]
    if chosen is not None:
        able &= {chosen}
    if not able:
        raise NoEngagement(
            _("The company that would act holds no mandate for these accounts today.")
        )
    if len(able) > 1:
        own = {entity for entity in able if any(each["own_name"] for each in by_entity[entity])}
        able = own if len(own) == 1 else able
    if len(able) > 1:
        raise NoEngagement(_("Several companies hold the mandate; say which of them acts."))
    held = [each for each in by_entity[able.pop()] if each["product_id"] in {None, *products}]
    # In its own name only where it is so for every product.
    return min(held, key=lambda each: bool(each["own_name"]))


def _covers(held: Sequence[Mapping[str, Any]], products: set[int]) -> bool:
    covered = {each["product_id"] for each in held}
    return None in covered or products <= covered
