"""Chunks worked on side by side that take numbers, and are committed, in the order of their own.

Ties are broken by the numbers of cases and tasks, so a night that is resumed must give them as the
undisturbed one does. What a chunk only reads and reckons needs no turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Condition

__all__ = ["ChunkBeforeFailed", "Gate", "Gates"]


class ChunkBeforeFailed(RuntimeError):
    """A chunk gives up since an earlier one did; that one says why."""


class Gate:
    """Lets chunks through one at a time, in the order of their numbers."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._left = deque(numbers)
        self._moved = Condition()
        self._broken = False

    @contextmanager
    def turn(self, number: int) -> Iterator[None]:
        """Wait until all before are through; raises `ChunkBeforeFailed` if that will not be."""
        with self._moved:
            self._moved.wait_for(lambda: self._broken or self._left[0] == number)
            if self._broken:
                raise ChunkBeforeFailed(f"chunk {number} waited for one that failed")
        yield
        with self._moved:
            self._left.popleft()
            self._moved.notify_all()

    def close(self) -> None:
        """Nobody gets through any more."""
        with self._moved:
            self._broken = True
            self._moved.notify_all()


class Gates:
    """`entering` guards locks: who comes later never holds one that an earlier chunk waits for.
    `numbering` guards numbers; `committing` keeps a later chunk from standing without an earlier.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self.entering, self.numbering, self.committing = (Gate(numbers) for _ in range(3))

    def close(self) -> None:
        for gate in (self.entering, self.numbering, self.committing):
            gate.close()
