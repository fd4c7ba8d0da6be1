"""The stage in which the price decides: one treatment a case within tonight's capacities.

It looks at all cases of the run at once and is done whole by a run that resumes: its input waits in
the run's table, seats and capacities in the first stage, so it comes out the same. What it chose is
written with the reason in numbers, which the tasks keep.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db import transaction

from kept.batch.deciding.offering import channels_of
from kept.batch.deciding.planning import Plan, Tonight, plan_cases, tonight_of
from kept.batch.stages import Progress, stage_result
from kept.core.arms import ARM_DRAW, stretches
from kept.core.deciding import paid_by
from kept.core.strategies import Strategy
from kept.packs.values import load_priors
from kept.store.models import Creditor, Run
from kept.store.night_offers import (
    read_offers,
    replace_proposals,
)
from kept.store.nights import PROPOSAL_COLUMNS, Night
from kept.store.offer_columns import lawful_name

__all__ = ["price", "write_plan"]


def price(run: Run, night: Night, strategy: Strategy, progress: Progress) -> Mapping[str, Any]:
    """Choose for every case; returns the certificate, prices and what each resource came to."""
    prepared = stage_result(run, "prepared") or {}
    house = Creditor.objects.get(pk=night.creditor_id).currency
    tonight = tonight_of(strategy, prepared["seats"], prepared["capacities"], house)
    progress("priced", 0, 1, "")
    offers = read_offers(run.pk, len(strategy.treatments), len(channels_of(strategy)))
    plan = plan_cases(tonight, offers, lambda passes: progress("priced", 0, 1, f"{passes}"))
    return write_plan(run, tonight, plan, offers, progress)


def write_plan(
    run: Run, tonight: Tonight, plan: Plan, offers: pl.DataFrame, progress: Progress
) -> Mapping[str, Any]:
    """Write down what was chosen, out of `offers`; the certificate, prices and resources."""
    with transaction.atomic():
        replace_proposals(run.pk, _proposals(tonight, plan, offers))
    progress("priced", 1, 1, "")
    return {
        **plan.told,
        "chosen": len(plan.chosen),
        "currency": tonight.house,
        "values": load_priors().label,
    }


def _proposals(tonight: Tonight, plan: Plan, offers: pl.DataFrame) -> pl.DataFrame:
    strategy = tonight.menu.strategy
    chosen = plan.chosen.rename({"required": "is_required"}).join(
        offers, on="case_id", how="left", maintain_order="left"
    )
    lawful = pl.lit(None, dtype=pl.Int64)
    places = {channel: place for place, channel in enumerate(channels_of(strategy))}
    for position, each in enumerate(strategy.treatments):
        if each.channel:
            minute = pl.col(lawful_name(places[each.channel_code]))
            lawful = pl.when(pl.col("treatment") == position).then(minute).otherwise(lawful)
    return chosen.with_columns(
        priority="reduced", lawful_minute=lawful, price=_reason(tonight, plan)
    ).select(*PROPOSAL_COLUMNS, "price")


# --- the reason in numbers ------------------------------------------------------------------------


def _reason(tonight: Tonight, plan: Plan) -> pl.Expr:
    """`{"price": {…}}` as JSON text; amounts in millionths of the house's money."""
    strategy = tonight.menu.strategy
    prices = list(plan.certificate.prices.values())
    head = json.dumps({"currency": tonight.house, "values": load_priors().label})[:-1]
    paid = _by_number(
        "way", [json.dumps(paid_by(tonight.menu, way, prices)) for way in tonight.menu.ways]
    )
    codes = _by_number("next_treatment", [f'"{each.code}"' for each in strategy.treatments])
    other = pl.format('{{"treatment":{},"reduced":{}}}', codes, "next_reduced")
    priced = pl.format(
        ',"value":{},"reduced":{},"paid":{},"next":{}',
        "value",
        "reduced",
        paid,
        pl.when(pl.col("next_treatment") >= 0).then(other).otherwise(pl.lit("null")),
    )
    body = pl.when("is_required").then(pl.lit(',"required":true')).otherwise(priced)
    return pl.concat_str(pl.lit('{"price":' + head), _arm(strategy), body, pl.lit("}}"))


def _by_number(column: str, texts: list[str]) -> pl.Expr:
    """The text of each number; an empty list of JSON where there is none."""
    if not texts:
        return pl.lit("[]")
    numbers = list(range(len(texts)))
    return pl.col(column).replace_strict(numbers, texts, default="[]", return_dtype=pl.String)


def _arm(strategy: Strategy) -> pl.Expr:
    """The arm and its probability in ten-thousandths."""
    shares = {arm.code: arm.share for arm in strategy.arms}
    told = pl.lit("")
    for code, (first, end) in stretches(strategy.arms).items():
        here = (pl.col(ARM_DRAW) >= first) & (pl.col(ARM_DRAW) < end)
        told = pl.when(here).then(pl.lit(f',"arm":"{code}","share":{shares[code]}')).otherwise(told)
    return told
