"""Where each of many large numbers stands: a table that a whole array is looked up in at once.

Open addressing with steps of one, half of the slots empty (Knuth, The Art of Computer Programming,
6.4): a third of the time of a binary search, which is a miss of the cache at every halving.
"""

from __future__ import annotations

import numpy as np

from accounts.matching.clues import Array, Ints, Longs

# 2**64 by the golden ratio, odd: neighbours land far from each other.
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_EMPTY = -1


class Hashed:
    """Numbers from 0 on, each once, and their places in the array that they came in."""

    def __init__(self, numbers: Longs) -> None:
        bits = max(int(2 * len(numbers)).bit_length(), 1)
        self._shift, self._last = np.uint64(64 - bits), (1 << bits) - 1
        self._numbers: Longs = np.full(1 << bits, _EMPTY, np.int64)
        self._places: Ints = np.zeros(1 << bits, np.int32)
        left: Array = np.arange(len(numbers), dtype=np.int32)
        slot = self._home(numbers)
        while len(left):
            free = self._numbers[slot] == _EMPTY
            self._places[slot[free]] = left[free]  # of several the last one has it
            won = free & (self._places[slot] == left)
            self._numbers[slot[won]] = numbers[left[won]]
            left, slot = left[~won], slot[~won] + 1 & self._last

    def places(self, asked: Longs) -> Ints:
        """The place of each of these; -1 of those that are none."""
        slot = self._home(asked)
        there = self._numbers[slot]
        found = np.where(there == asked, self._places[slot], -1)
        left = np.flatnonzero((there != asked) & (there != _EMPTY))
        slot = slot[left]
        while len(left):
            slot = slot + 1 & self._last
            there = self._numbers[slot]
            same = there == asked[left]
            found[left[same]] = self._places[slot[same]]
            on = ~same & (there != _EMPTY)
            left, slot = left[on], slot[on]
        return found

    def _home(self, numbers: Longs) -> Array:
        return (numbers.view(np.uint64) * _SPREAD >> self._shift).astype(np.int64)
