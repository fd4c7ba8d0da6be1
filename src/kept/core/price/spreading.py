"""Where the blocks of cases lie: all here, or on several machines. The price only asks each block.

A question goes to every block and the answers come back in the order of the blocks. Whoever holds
the blocks may ask them at the same time, in other processes, or more than once. Nothing is sorted
or added up here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    """Blocks in the memory of this process, asked one after another."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks

    def each(self, ask: Callable[[Any], Answer]) -> list[Answer]:
        return [ask(block) for block in self._blocks]


def spread_of(blocks: Blocks) -> Spread:
    """A sequence of options as blocks of this process; what is spread already stays as it is."""
    if isinstance(blocks, Sequence):
        return Here([Block(number, options) for number, options in enumerate(blocks)])
    return blocks
