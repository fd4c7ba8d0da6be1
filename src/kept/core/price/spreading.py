"""Where the blocks of cases lie: all here, or on several machines. The price only asks each block.

A question goes to every block and the answers come back in the order of the blocks. Whoever holds
the blocks may ask them at the same time, in other processes, or more than once. Nothing is sorted
or added up here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from kept.core.price.options import Options

__all__ = ["Block", "Blocks", "Here", "Spread", "spread_of"]

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Block:
    """Options with their number among all blocks.

    `memo` keeps what a later question would reckon again; it may be lost at any time.
    """

    number: int
    options: Options
    memo: dict[Any, Any] = field(default_factory=dict)


class Spread(Protocol):
    """All blocks. Questions are functions of a module, or `partial`s of one: they travel."""

    def each(self, ask: Callable[[Any], Answer]) -> list[Answer]:
        """What every block answers, by number."""


#: Blocks that can be gone through again and again.
Blocks = Sequence[Options] | Spread


class Here:
    """Blocks in the memory of this process; `at_once` are asked at the same time, by threads."""

    def __init__(self, blocks: Sequence[Block], at_once: int = 1) -> None:
        self._blocks = blocks
        self._at_once = min(at_once, len(blocks))

    def each(self, ask: Callable[[Any], Answer]) -> list[Answer]:
        if self._at_once < 2:
            return [ask(block) for block in self._blocks]
        with ThreadPoolExecutor(self._at_once, thread_name_prefix="blocks") as threads:
            return list(threads.map(ask, self._blocks))


def spread_of(blocks: Blocks) -> Spread:
    """A sequence of options as blocks of this process; what is spread already stays as it is."""
    if isinstance(blocks, Sequence):
        return Here([Block(number, options) for number, options in enumerate(blocks)])
    return blocks
