"""The closed lists of channels and outcomes, and what an outcome counts as."""

from __future__ import annotations

import pytest

from kept.core.attempts import CONNECTED, CONVERSATIONS, Channel, Outcome


@pytest.mark.parametrize(
    ("outcome", "connected", "conversation"),
    [
        (Outcome.BUSY_SIGNAL, False, False),
        (Outcome.NOT_IN_SERVICE, False, False),
        (Outcome.NETWORK_FAILURE, False, False),
        (Outcome.RING_NO_ANSWER, True, False),
        (Outcome.DECLINED, True, False),
        (Outcome.WRONG_NUMBER_LEARNED, True, False),
        (Outcome.CONVERSATION, True, True),
        (Outcome.CONTACT_REFUSED, True, True),
        (Outcome.DELIVERED, False, False),
        (Outcome.STOP, False, False),
    ],
)
def test_what_an_outcome_counts_as(outcome: Outcome, connected: bool, conversation: bool) -> None:
    assert (outcome in CONNECTED) is connected
    assert (outcome in CONVERSATIONS) is conversation


def test_every_conversation_was_connected() -> None:
    assert CONVERSATIONS < CONNECTED


def test_names_are_those_of_the_law_packs() -> None:
    assert Outcome("STOP") is Outcome.STOP
    assert len(Outcome) == 24
    assert len(Channel) == 15
