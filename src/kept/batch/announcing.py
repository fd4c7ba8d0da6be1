"""Telling subscribers what happened: signed HTTP calls, each case in the order of its events.

A call holds the next events of one case: what, on what, when, and their places in the case's chain
(the number by which a receiver knows one that it had before: it may be told twice, never out of
order). No call holds a body, a name or a number of a person.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from kept.channels.webhooks import SIGNATURE, Answer, post, signature
from kept.work.announcements import (
    ClaimedNews,
    claim_news,
    postpone_news,
    read_news,
    tell_news,
)

__all__ = ["announce"]

_BATCH: Final = 10


def announce(*, clock: Callable[[], datetime], allows_private: bool, most: int = 500) -> int:
    """Tell what waits, at most so many cases; returns how many were told."""
    told = 0
    away: dict[int, str] = {}  # subscribers that did not answer: nobody waits for them twice
    for _ in range(0, most, _BATCH):
        claimed = claim_news(now=clock(), limit=_BATCH)
        if not claimed:
            break
        for news in claimed:
            if news.subscriber_id in away:
                postpone_news(news, away[news.subscriber_id], now=clock())
            else:
                told += _tell(news, clock, allows_private, away)
    return told


def _tell(
    news: ClaimedNews,
    clock: Callable[[], datetime],
    allows_private: bool,
    away: dict[int, str],
) -> bool:
    events = read_news(news)
    if not events:  # gone with an old partition: nothing is left to tell
        return tell_news(news, news.delivered + 1)
    wanted = [each for each in events if not news.actions or each["action"] in news.actions]
    if wanted:
        answer = _send(news, wanted, int(clock().timestamp()), allows_private)
        if not answer.is_good:
            postpone_news(news, answer.reason, now=clock())
            away[news.subscriber_id] = answer.reason
            return False
    return tell_news(news, events[-1]["sequence"])


def _send(
    news: ClaimedNews, events: Sequence[Mapping[str, Any]], at: int, allows_private: bool
) -> Answer:
    body = json.dumps(_message(news, events), separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "kept",
        SIGNATURE: signature(news.secret, at, body),
    }
    return post(news.url, body, headers, allows_private=allows_private)


def _message(news: ClaimedNews, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "case_id": news.case_id,
        "events": [
            {
                "sequence": each["sequence"],
                "action": each["action"],
                "subject": each["subject"],
                "recorded_at": each["recorded_at"].isoformat(),
            }
            for each in events
        ],
    }
