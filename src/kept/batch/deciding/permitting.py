"""Where the law joins the night: what is never lawful leaves the proposals, the rest has its time.

Each case is asked about at the debtor's own addresses of the treatment's kind; the address that is
lawful first decides, and where there is none, any address is meant. Nothing is reserved: the permit
of the contact is judged anew when somebody makes it. Verdicts come from outside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from kept.core.attempts import Channel
from kept.core.law.vocabulary import ADDRESS_KINDS
from kept.core.strategies import Strategy, proposed_column

__all__ = ["Permitted", "asked_contacts", "permitted", "ways_of"]

_ASKED: Final = ("case_id", "channel")
_CASE: Final[dict[str, Any]] = {"case_id": pl.Int64}


@dataclass(frozen=True, slots=True)
class Permitted:
    """`proposed` without what is never lawful; `lawful` has a row (`case_id`, `channel`,
    `lawful_minute`) for each way that is lawful at some time; `refused` are the others."""

    proposed: pl.DataFrame
    lawful: pl.DataFrame
    refused: pl.DataFrame

    @property
    def by_rule(self) -> Mapping[str, int]:
        """Refused ways by the rule that decides."""
        rules = self.refused["rule_ids"].list.get(0)
        return dict(sorted(rules.value_counts().iter_rows()))


def ways_of(strategy: Strategy, proposed: pl.DataFrame) -> pl.DataFrame:
    """Every case and channel that is proposed, once, with the first treatment that proposes it."""
    reaching = [each for each in strategy.treatments if each.channel]
    every = [
        proposed.filter(pl.col(proposed_column(each))).select(
            "case_id", channel=pl.lit(each.channel_code), treatment=pl.lit(each.code)
        )
        for each in reaching
    ]
    if not every:
        return pl.DataFrame(schema=dict.fromkeys(("channel", "treatment"), pl.String) | _CASE)
    return pl.concat(every).unique(_ASKED, keep="first", maintain_order=True)


def asked_contacts(ways: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """Each way at each address, in the order of the contact book, with a `number`.

    `asked_channel` is the channel that the law is asked about.
    """
    kinds = {str(channel): kind for channel, kind in ADDRESS_KINDS.items()}
    kind = pl.col("channel").replace_strict(kinds, default=None, return_dtype=pl.String)
    return (
        ways.with_columns(address_kind=kind)
        .join(
            addresses.rename({"kind": "address_kind"}), on=["case_id", "address_kind"], how="left"
        )
        .sort("case_id", "channel", "position", "contact_point_id")
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int64), asked_channel=_by_usage())
    )


def permitted(
    strategy: Strategy, proposed: pl.DataFrame, ways: pl.DataFrame, judged: pl.DataFrame
) -> Permitted:
    """`proposed` is what `with_proposals` gives, `ways` what `ways_of` does; `judged` are verdicts
    with `number`, `case_id` and `channel`."""
    found = _first_lawful(judged)
    lawful = found.filter(pl.col("lawful_from").is_not_null())
    never = found.filter(pl.col("lawful_from").is_null())
    return Permitted(
        proposed=_without_unlawful(strategy, proposed, lawful),
        lawful=lawful.select(*_ASKED, lawful_minute="lawful_from"),
        refused=_refused(never, ways),
    )


def _by_usage() -> pl.Expr:
    """A call to a number at work is a call at work."""
    at_work = (pl.col("channel") == Channel.CALL) & (pl.col("usage") == "work")
    return pl.when(at_work).then(pl.lit(Channel.WORKPLACE_CALL.value)).otherwise("channel")


def _first_lawful(judged: pl.DataFrame) -> pl.DataFrame:
    """The verdict at the address that is lawful first, the first of the book among equals."""
    ordered = judged.sort("case_id", "channel", "lawful_from", "number", nulls_last=True)
    return ordered.unique(_ASKED, keep="first", maintain_order=True)


def _without_unlawful(
    strategy: Strategy, proposed: pl.DataFrame, lawful: pl.DataFrame
) -> pl.DataFrame:
    changed: dict[str, Any] = {}
    for channel in {each.channel_code for each in strategy.treatments if each.channel}:
        here = lawful.filter(pl.col("channel") == channel)["case_id"]
        can = pl.col("case_id").is_in(here.implode())
        for each in strategy.treatments:
            if each.channel_code == channel:
                name = proposed_column(each)
                changed[name] = pl.col(name) & can
    return proposed.with_columns(**changed)


def _refused(never: pl.DataFrame, ways: pl.DataFrame) -> pl.DataFrame:
    named = never.join(ways, on=list(_ASKED), how="left", maintain_order="left")
    return named.select(
        "case_id", "treatment", "channel", "rule_ids", "has_place", outcome="refused_as"
    )
