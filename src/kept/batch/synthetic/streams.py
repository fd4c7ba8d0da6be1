"""Random streams by name: the same seed and name give the same numbers, whatever else is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.random import Generator

__all__ = ["Streams"]


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of one book; a part that draws more leaves the other parts as they were."""

    seed: int

    def of(self, name: str) -> Generator:
        return np.random.default_rng([self.seed, crc32(name.encode())])
