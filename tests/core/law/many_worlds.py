"""Many random situations for columns: worlds drawn once, recombined by a seed that never changes.

Zones and attempts are recombined, so that columns meet every mixture in partitions of many rows.
"""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from kept.core.law.situations import Situation
from tests.core.law.worlds import ACTOR_OF, CHANNELS, ROLES, ZONES, facts, read

__all__ = ["many_situations"]


def many_situations(
    pack: str, count: int, *, zones: int = len(ZONES), seed: int = 20_261_122
) -> list[Situation]:
    """`count` situations for a pack, in at most `zones` tuples of zones."""
    rng = random.Random(f"{pack} {seed}")
    drawn = drawn_worlds(pack, max(20, count // 10))
    tuples = [rng.sample(ZONES, rng.choice((1, 2))) for _ in range(zones)]
    return [read(mixed(rng, drawn, tuples, pack)) for _ in range(count)]


def drawn_worlds(pack: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(facts(pack))
    def collect(world: dict[str, Any]) -> None:
        found.append(world)

    collect()
    return found


def mixed(
    rng: random.Random, drawn: list[dict[str, Any]], tuples: list[list[str]], pack: str
) -> dict[str, Any]:
    """A world's history and flags at its time, with another attempt, other zones, another actor."""
    world, places = rng.choice(drawn), rng.choice(tuples)
    debts = rng.choice((["D1"], ["D2"], ["D1", "D2"], []))
    attempt = {
        "channel": rng.choice((*CHANNELS, "call", "call")),
        "target": rng.choice((*ROLES, ROLES[0], ROLES[0])),
        "debt": debts,
        "address": rng.choice((None, "mobile", "work")),
        "purpose": rng.choice((world["attempt"]["purpose"], "collect", *ODD_PURPOSES)),
        "in_reply_to": rng.choice((None, None, 0, 1, 3)),
        "planned": rng.choice((None, "leave_voicemail")),
    }
    attempt |= rng.choice(({}, {}, {}, {}, {}, {}, *OTHER_ACTS))
    return world | {
        "timezone": rng.choice((places[0], places[0], places[0], None)),
        "candidate_timezones": places,
        "actor": {
            "id": "A1",
            "type": rng.choice(ACTOR_OF[pack]),
            "own_name": rng.random() < 0.7,
        },
        "debts": rng.choice(DEBTS),
        "attempt": world["attempt"] | attempt,
        "history": [past(rng, row) for row in world["history"]],
        "flags": with_days(rng, world),
    }


def past(rng: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    """A contact with what is rare: an address of somebody else, a notice, a stop."""
    odd: tuple[dict[str, Any], ...] = (
        {"misdirected_learned_at": row["at"]},
        {"conversation_debts": []},
        {"outcome": "mailed_validation_notice", "channel": "letter", "direction": "outbound"},
        {"outcome": "undeliverable", "channel": "letter"},
        {"outcome": "STOP", "channel": "sms", "direction": "inbound"},
        {"outcome": "furnished"},
        {"outcome": "ring_no_answer", "channel": "call", "direction": "outbound"},
    )
    return row | rng.choice(odd) if rng.random() < 0.4 else row


def with_days(rng: random.Random, world: dict[str, Any]) -> dict[str, Any]:
    """The flags with what random worlds leave out."""
    flags = dict(world["flags"])
    if "consent_more_calls" in flags and rng.random() < 0.5:
        day = world["attempt"]["at"][:10]
        flags["consent_more_calls"] = flags["consent_more_calls"] | {"only_on": [day]}
    if rng.random() < 0.3:
        flags |= {"validation_notice": {"sent": rng.random() < 0.3}, "time_barred": True}
    if rng.random() < 0.1:
        flags |= {"represented_by_attorney": rng.choice(ATTORNEYS)}
    return flags


ODD_PURPOSES = (
    "opt_out_confirmation_only",
    "subsequent_validation_notice",
    "respond_on_this_inbound_call",
    "ask_debtor_contact_or_relay",
)
OTHER_ACTS: tuple[dict[str, Any], ...] = (
    {"channel": "credit_reporting", "purpose": "furnish"},
    {"channel": "records", "purpose": "delete_call_recording", "recorded_at": None},
    {
        "channel": "records",
        "purpose": "delete_call_recording",
        "recorded_at": "2024-02-29T12:00:00+00:00",
    },
    {"channel": "agreement", "purpose": "personalised_instalment", "months": 72},
)
DEBTS: tuple[list[dict[str, Any]], ...] = (
    [{"id": "D1", "type": "consumer"}, {"id": "D2", "type": "credit_card"}],
    [{"id": "D1", "type": "consumer"}, {"id": "D2", "type": "credit_card"}],
    [{"id": "D1", "type": "business"}, {"id": "D2", "type": "business"}],
    [
        {"id": "D1", "type": "student_loan", "servicing_account_when_obtained": "7"},
        {"id": "D2", "type": "student_loan", "servicing_account_when_obtained": "7"},
    ],
)
ATTORNEYS: tuple[dict[str, Any] | None, ...] = (
    None,
    {"known": True, "attorney_contact_known_or_ascertainable": True},
    {"known": None, "attorney_contact_known_or_ascertainable": None, "debt": ["D1"]},
)
