"""Where the law joins the night: what is never lawful leaves the proposals, the rest has its time.

Each case is asked about at the debtor's own addresses of the treatment's kind; the address that is
lawful first decides, and where there is none, any address is meant. Nothing is reserved: the permit
of the contact is judged anew when somebody makes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from kept.core.attempts import Channel
from kept.core.calendar import DAY_MINUTES, day_of_date, instant_of, instant_of_local
from kept.core.strategies import Strategy, proposed_column
from kept.store.facts import CasesAsked
from kept.store.models import Creditor
from kept.store.nights import Night, read_addresses
from kept.store.zones import offset_table
from kept.work.intended_verdicts import intended_verdicts
from kept.work.situations import ADDRESS_KINDS

__all__ = ["Permitted", "asked_minute", "permitted"]

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


def asked_minute(night: Night) -> int:
    """The first minute of the business date on the creditor's clocks, or now, if that is later."""
    zone = Creditor.objects.get(pk=night.creditor_id).zone
    now = instant_of(night.now)
    day = day_of_date(night.on)
    noon = instant_of(datetime(night.on.year, night.on.month, night.on.day, 12, tzinfo=UTC))
    table = offset_table(zone, noon - 3 * DAY_MINUTES, noon + 3 * DAY_MINUTES)
    begins = instant_of_local(day * DAY_MINUTES, table)
    return max(now, int(begins))


def permitted(
    night: Night, strategy: Strategy, cases: CasesAsked, proposed: pl.DataFrame, minute: int
) -> Permitted:
    """Judge every proposed way of the cases; `proposed` is what `with_proposals` gives."""
    ways = _ways(strategy, proposed)
    found = _first_lawful(_judged(night, cases, ways, minute))
    lawful = found.filter(pl.col("lawful_from").is_not_null())
    never = found.filter(pl.col("lawful_from").is_null())
    return Permitted(
        proposed=_without_unlawful(strategy, proposed, lawful),
        lawful=lawful.select(*_ASKED, lawful_minute="lawful_from"),
        refused=_refused(never, ways),
    )


def _ways(strategy: Strategy, proposed: pl.DataFrame) -> pl.DataFrame:
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


def _judged(night: Night, cases: CasesAsked, ways: pl.DataFrame, minute: int) -> pl.DataFrame:
    """The verdict on each way at each address, in the order of the contact book."""
    addresses = read_addresses(cases).rename({"kind": "address_kind"})
    kinds = {str(channel): kind for channel, kind in ADDRESS_KINDS.items()}
    kind = pl.col("channel").replace_strict(kinds, default=None, return_dtype=pl.String)
    contacts = (
        ways.with_columns(address_kind=kind)
        .join(addresses, on=["case_id", "address_kind"], how="left")
        .sort("case_id", "channel", "position", "contact_point_id")
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int64), asked_channel=_by_usage())
    )
    asked = contacts.select(
        "number", "case_id", "contact_point_id", channel=pl.col("asked_channel")
    )
    verdicts = intended_verdicts(asked, creditor_id=night.creditor_id, minute=minute)
    return contacts.select("number", *_ASKED).join(verdicts, on="number", how="inner")


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
