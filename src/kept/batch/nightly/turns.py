"""Chunks read and reckon side by side, and write one after the other in the order of their numbers.

Ties are broken by the numbers of cases and tasks, so a night that is resumed must give them as the
undisturbed one does. A chunk that has begun to write is committed before the next one writes: one
that waited here with locked rows could close a circle of waiting that the database does not see.
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
        self._failed: int | None = None

    @contextmanager
    def turn(self, number: int) -> Iterator[None]:
        """Wait until all before are through; raises `ChunkBeforeFailed` if that will not be."""
        with self._moved:
            self._moved.wait_for(lambda: self._is_closed(number) or self._left[0] == number)
            if self._is_closed(number):
                raise ChunkBeforeFailed(f"chunk {number} waited for one that failed")
        yield
        with self._moved:
            self._left.popleft()
            self._moved.notify_all()

    def close_after(self, number: int) -> None:
        """No later chunk gets through any more; those before this one do."""
        with self._moved:
            self._failed = number if self._failed is None else min(self._failed, number)
            self._moved.notify_all()

    def _is_closed(self, number: int) -> bool:
        return self._failed is not None and self._failed < number


class Gates:
    """`entering` guards locks: who comes later never holds one that an earlier chunk waits for.
    `writing` is passed from the first row that a chunk writes until it is committed.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        self.entering, self.writing = Gate(numbers), Gate(numbers)

    def close_after(self, number: int) -> None:
        self.entering.close_after(number)
        self.writing.close_after(number)
