"""What names and domains are found by, as numbers: the most in sorted arrays, the latest beside.

A clue says of what kind it is, so that one search looks for all kinds; nothing has the clue -1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Array = NDArray[Any]

# The name as a whole, its initials, the stem of a domain, its initials in whatever order; at last
# how it begins, which tells nothing where many begin so.
CORE, INITIALS, STEM, LETTERS, START = (kind << 60 for kind in range(5))

# From so many on there is a faster way to order by two keys; fewer are looked up one by one.
_MANY, _FEW = 256, 48


def clues(kind: int, number: Array) -> Longs:
    """The clues of one kind; a number below 0 gives none."""
    return np.where(number < 0, -1, number.astype(np.int64) | kind)


def starts(words: Array) -> Longs:
    """The first two words as one clue; none where there are no two."""
    two = words[:, 0].astype(np.int64) << 30 | words[:, 1]
    return np.where(words[:, 1] < 0, -1, two | START)


def firsts(sorted_: Array) -> NDArray[np.bool_]:
    """Whether each is another one than that before it."""
    found = np.ones(len(sorted_), bool)
    np.not_equal(sorted_[1:], sorted_[:-1], out=found[1:])
    return found


def in_runs(numbers: Longs) -> Longs:
    """The numbers in order: a third of the time of any sort where they come in runs, as here."""
    return np.sort(numbers, kind="stable")


def ordered(key: Longs, ids: Longs) -> Array:
    """Where they stand in the order of the key, equals by their ids.

    Of many only the equals, which are few, are ordered by both.
    """
    if len(key) < _MANY:
        return np.lexsort((ids, key))
    order: Array = np.argsort(key, kind="stable")
    in_order = key[order]
    again = ~firsts(in_order)
    again[:-1] |= again[1:]
    tied = np.flatnonzero(again)
    order[tied] = order[tied][np.lexsort((ids[order[tied]], in_order[tied]))]
    return order


def sizes(first: Array, total: int) -> Array:
    """How many each group has, by the place of its first one."""
    found = np.empty(len(first), np.int64)
    found[:-1] = first[1:] - first[:-1]
    found[-1:] = total - first[-1:]
    return found


def begins(sorted_: Array) -> Array:
    """Of each the place of the first of its equals, which stand together."""
    at = np.arange(len(sorted_))
    at[~firsts(sorted_)] = 0
    found: Array = np.maximum.accumulate(at)
    return found


class Clues:
    """Which rows have a clue. `fold` brings all into order, `add` notes one more."""

    def __init__(self) -> None:
        self._fresh: defaultdict[int, list[int]] = defaultdict(list)
        self.fold(np.zeros(0, np.int64), np.zeros(0, np.int32))

    def fold(self, clue: Longs, row: Ints) -> None:
        """Know these and no others; rows of the same clue keep their order."""
        order = np.argsort(clue, kind="stable")
        clue, self._rows = clue[order], row[order]
        first = np.flatnonzero(firsts(clue))
        self._clues = clue[first]
        self._first = np.append(first, len(clue)).astype(np.int32)
        self._view = memoryview(self._clues.data)
        self._fresh.clear()

    def add(self, clue: int, row: int) -> None:
        """Know one more until the next fold."""
        self._fresh[clue].append(row)

    def drop(self, clue: int, row: int) -> None:
        """Forget what was added since; what was folded stays until the next fold."""
        if row in self._fresh.get(clue, ()):
            self._fresh[clue].remove(row)

    def of(self, clue: int) -> list[int]:
        """All rows of one clue."""
        return self._folded(clue) + self._fresh.get(clue, [])

    def _folded(self, clue: int) -> list[int]:
        at = bisect_left(self._view, clue)
        if at == len(self._view) or self._view[at] != clue:
            return []
        found: list[int] = self._rows[self._first[at] : self._first[at + 1]].tolist()
        return found

    def among(self, asked: Array, most: int) -> tuple[Array, Array]:
        """(which of the asked, row), at most so many for each of the asked."""
        if len(asked) < _FEW:
            return self._one_by_one(asked, most)
        if not len(self._clues) or asked.max(initial=-1) < 0:
            return self._among_fresh(asked, most)
        at = np.minimum(np.searchsorted(self._clues, asked), len(self._clues) - 1)
        size = np.where(self._clues[at] == asked, self._first[at + 1] - self._first[at], 0)
        size = np.where(size > most, np.where(asked >= START, 0, most), size)
        which = np.repeat(np.arange(len(asked)), size)
        before = np.cumsum(size) - size
        row = self._rows[np.arange(len(which)) + np.repeat(self._first[at] - before, size)]
        if not self._fresh:
            return which, row
        more = self._among_fresh(asked, most)
        return np.concatenate([which, more[0]]), np.concatenate([row, more[1]])

    def _one_by_one(self, asked: Array, most: int) -> tuple[Array, Array]:
        """The same without arrays, which take their time however little is in them."""
        which: list[int] = []
        rows: list[int] = []
        for at, clue in enumerate(asked.tolist()):
            found = self._folded(clue) if clue >= 0 else []
            if len(found) > most:
                found = [] if clue >= START else found[:most]
            found += self._fresh.get(clue, [])[:most]
            which += [at] * len(found)
            rows += found
        return np.array(which, np.int64), np.array(rows, np.int32)

    def _among_fresh(self, asked: Array, most: int) -> tuple[Array, Array]:
        which: list[int] = []
        rows: list[int] = []
        if self._fresh:
            for at, clue in enumerate(asked.tolist()):
                found = self._fresh.get(clue, [])[:most]
                which += [at] * len(found)
                rows += found
        return np.array(which, np.int64), np.array(rows, np.int32)
