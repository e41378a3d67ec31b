"""Names found by the rarest of their pieces: one sparse product for a whole batch of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from accounts.matching.clues import Array, Ints, Longs, begins, firsts, in_runs
from accounts.matching.hashed import Hashed
from accounts.matching.pieces import Spelt, pieces
from accounts.matching.table import Floats, Table

# So many of a name's rarest pieces are looked up.
PIECES = 12
# So many rows are found at once: with millions of accounts a batch finds as many.
_ROOM = 1 << 22
# So many pieces are looked up however often they are, the others while all have no more rows.
_AT_LEAST, _ENOUGH = 6, 300
# A piece that more rows have than this tells nothing and would cost the most.
_CROWD, _CROWD_SHARE = 400, 0.01
# Fewer names than this are looked up one by one; fewer pieces by one search without any steps.
_FEW, _FEW_PIECES = 4, 256
# What a cosine of 1 is, of which all else is a part.
_EXACTLY = 100_000
# So many rows are cut into pieces at once.
_PORTION = 16_384

# Names beside rows, and how near they are.
Found = tuple[Ints, Ints, Array]


class Pieces:
    """An inverted index of pieces, folded into a matrix, and the rows that came since.

    Numbers of pieces are in the order of rarity, so that the smallest of a name are its rarest.
    """

    def __init__(self) -> None:
        self.know(np.zeros(0, np.int64), np.zeros(0, np.int32))
        self.weights: Floats = np.zeros(0)
        self.matrix = csr_matrix((0, 0), dtype=np.float32)
        self._fresh: defaultdict[int, list[tuple[int, float]]] = defaultdict(list)
        self.unseen = 1.0

    def fold(self, table: Table) -> None:
        """Weigh the pieces of every row anew and put them into the matrix."""
        known = np.zeros(0, np.int64)
        for start in range(0, table.rows, _PORTION):
            known = np.union1d(known, pieces(table.names(start, start + _PORTION))[1])
        flat, sizes = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
        for start in range(0, table.rows, _PORTION):
            names = table.names(start, start + _PORTION)
            which, piece = pieces(names)
            which, number = _each_once(which, np.searchsorted(known, piece))
            flat.append(number)
            sizes.append(np.bincount(which, minlength=len(names)).astype(np.int32))
        self._fresh.clear()
        self._weigh(known, np.concatenate(flat), np.concatenate(sizes))

    def _weigh(self, known: Longs, flat: Ints, sizes: Ints) -> None:
        rows = len(sizes)
        often = np.bincount(flat, minlength=len(known))
        order = np.argsort(often, kind="stable")
        kept = int(np.searchsorted(often[order], max(_CROWD, rows * _CROWD_SHARE), "right"))
        rank = np.empty(len(known), np.int32)
        rank[order] = np.arange(len(known), dtype=np.int32)
        self.unseen = float(np.log1p(rows))
        weights = np.log1p(rows / often[order])
        number = rank[flat]
        # Every row has a piece, so that no sum is of nothing.
        first = np.cumsum(sizes, dtype=np.int64) - sizes
        norm = np.ones(0)
        if rows:
            norm = np.sqrt(np.round(np.add.reduceat((weights**2)[number], first), 6))
        use = number < kept
        number, row = number[use], np.repeat(np.arange(rows, dtype=np.int32), sizes)[use]
        data = (weights[number] / norm[row]).astype(np.float32)
        self.matrix = csr_matrix((data, (number, row)), (kept, rows))
        self.weights = weights[:kept]
        self.know(known[rank < kept], rank[rank < kept])

    def know(self, known: Longs, numbers: Ints) -> None:
        """Know these pieces by these numbers and no others."""
        self.known, self.numbers, self._places = known, numbers, Hashed(known)

    def add(self, row: int, name: Spelt) -> None:
        """Make a new row findable until the next fold."""
        found = np.unique(pieces([name])[1])
        weights = self._weights(found)
        norm = np.sqrt(np.round((weights**2).sum(), 6)) or 1.0
        for piece, weight in zip(found.tolist(), (weights / norm).tolist(), strict=True):
            self._fresh[piece].append((row, weight))

    def drop(self, row: int, name: Spelt) -> None:
        """Forget a row that came since the last fold."""
        for piece in set(pieces([name])[1].tolist()):
            self._fresh[piece] = [one for one in self._fresh[piece] if one[0] != row]

    def _find(self, piece: Longs) -> tuple[Array, Ints]:
        """(where among the asked, number) of the pieces that are known."""
        if len(piece) < _FEW_PIECES and len(self.known):
            at = np.minimum(np.searchsorted(self.known, piece), len(self.known) - 1)
            there = np.flatnonzero(self.known[at] == piece)
        else:
            at = self._places.places(piece)
            there = np.flatnonzero(at >= 0)
        return there, self.numbers[at[there]]

    def _weights(self, piece: Longs) -> Floats:
        weights = np.full(len(piece), self.unseen)
        there, number = self._find(piece)
        weights[there] = self.weights[number]
        return weights

    def sharing(self, names: Sequence[Spelt]) -> Iterator[Found]:
        """(which name, which row, cosine) of all rows that share a rare piece, name by name.

        Each time for so many names as have no more rows than there is room for.
        """
        which, piece = pieces(names)
        there, number = self._find(piece)
        name, number = _each_once(which[there], number)
        first = self.matrix.indptr
        rows = first[number + 1] - first[number]
        rarest = _rarest(name, rows)
        name, number, rows = name[rarest], number[rarest], rows[rarest]
        room = np.cumsum(np.bincount(name, rows, len(names))) // _ROOM
        portions = [0, *np.flatnonzero(firsts(room))[1:].tolist(), len(names)]
        fresh = self._among_fresh(which, piece) if self._fresh else None
        for start, end in pairwise(portions):
            at = slice(*np.searchsorted(name, [start, end]).tolist())
            found = self._product(name[at] - start, number[at], end - start)
            found = (found[0] + np.int32(start), *found[1:])
            yield _merged(found, _of_names(fresh, start, end)) if fresh else found

    def _product(self, name: Ints, number: Ints, names: int) -> Found:
        if not len(number) or not self.matrix.shape[1]:
            nothing = np.zeros(0, np.int32)
            return nothing, nothing, np.zeros(0)
        weights = self.weights[number]
        norm = np.sqrt(np.bincount(name, weights**2, names))
        data = (weights / norm[name]).astype(np.float32)
        if names <= _FEW:
            return self._few(name, number, data)
        start = np.searchsorted(name, np.arange(names + 1)).astype(np.int32)
        asked = csr_matrix((data, number, start), (names, self.matrix.shape[0]))
        found = asked @ self.matrix
        which = np.repeat(np.arange(names, dtype=np.int32), np.diff(found.indptr))
        return which, found.indices, found.data

    def _few(self, name: Ints, number: Ints, data: Array) -> Found:
        """The product without a look at the whole matrix, which one question would not be worth."""
        start, end = self.matrix.indptr[number], self.matrix.indptr[number + 1]
        parts = [slice(*ends) for ends in zip(start.tolist(), end.tolist(), strict=True)]
        row = np.concatenate([self.matrix.indices[part] for part in parts])
        value = np.concatenate([self.matrix.data[part] for part in parts])
        both = np.repeat(name.astype(np.int64), end - start) << 32 | row
        weight = (value * np.repeat(data, end - start)).astype(np.float64)
        order = np.argsort(both, kind="stable")
        both = both[order]
        first = firsts(both)
        close: Array = np.bincount(np.cumsum(first) - 1, weight[order])
        pair = both[first]
        return (pair >> 32).astype(np.int32), (pair & 0xFFFFFFFF).astype(np.int32), close

    def _among_fresh(self, which: Array, piece: Longs) -> Found:
        """(which name, which row, cosine) of the rows that came since the last fold."""
        asked: defaultdict[int, set[int]] = defaultdict(set)
        for name, one in zip(which.tolist(), piece.tolist(), strict=True):
            if one in self._fresh:
                asked[name].add(one)
        near: dict[tuple[int, int], float] = defaultdict(float)
        for name in sorted(asked):
            rarest = sorted(asked[name], key=lambda one: (len(self._fresh[one]), one))[:PIECES]
            weights = self._weights(np.array(rarest, np.int64))
            weights /= np.sqrt((weights**2).sum()) or 1.0
            for one, weight in zip(rarest, weights.tolist(), strict=True):
                for row, value in self._fresh[one]:
                    near[name, row] += weight * value
        both = np.array(list(near), np.int32).reshape(-1, 2)
        return both[:, 0], both[:, 1], np.array(list(near.values()))


def _rarest(name: Ints, rows: Ints) -> NDArray[np.bool_]:
    """Which pieces of each name are looked up: the common ones cost the most and tell least."""
    place = place_in_group(name)
    until = np.cumsum(rows, dtype=np.int64)
    until -= (until - rows)[np.arange(len(place)) - place]
    return (place < PIECES) & ((place < _AT_LEAST) | (until <= _ENOUGH))


def _of_names(found: Found, first: int, end: int) -> Found:
    """What was found of the names from `first` to before `end`."""
    start, stop = np.searchsorted(found[0], [first, end]).tolist()
    return found[0][start:stop], found[1][start:stop], found[2][start:stop]


def _merged(one: Found, other: Found) -> Found:
    """Both together, name by name."""
    name, row, near = map(np.concatenate, zip(one, other, strict=True))
    order = np.argsort(name, kind="stable")
    return name[order], row[order], near[order]


def in_order(name: Ints, row: Ints, near: Array) -> tuple[Ints, Ints, Floats]:
    """Names beside rows by name, then by falling nearness (0..1, five digits of it), then by row.

    All three are folded into one number, which is sorted ten times as fast: a name is below 2**15.
    """
    far = _EXACTLY - np.rint(near.astype(np.float64) * _EXACTLY).astype(np.int64)
    both = in_runs(name.astype(np.int64) << 48 | far << 31 | row)
    near = (_EXACTLY - (both >> 31 & 0x1FFFF)) / _EXACTLY
    return (both >> 48).astype(np.int32), (both & 0x7FFFFFFF).astype(np.int32), near


def once(name: Ints, row: Ints, near: Array) -> tuple[Ints, Ints, Floats]:
    """Names beside rows by name and row, each once, as near as it is at best (0..1)."""
    far = _EXACTLY - np.rint(near * _EXACTLY).astype(np.int64)
    both = in_runs(name.astype(np.int64) << 48 | row.astype(np.int64) << 17 | far)
    both = both[firsts(both >> 17)]
    near = (_EXACTLY - (both & 0x1FFFF)) / _EXACTLY
    return (both >> 48).astype(np.int32), (both >> 17 & 0x7FFFFFFF).astype(np.int32), near


def _each_once(which: Array, number: Array) -> tuple[Ints, Ints]:
    """Pairs in order, each once; both are below two thousand million."""
    both = in_runs(which << 32 | number)
    both = both[firsts(both)]
    return (both >> 32).astype(np.int32), (both & 0xFFFFFFFF).astype(np.int32)


def place_in_group(sorted_: Array) -> Array:
    """Of each among its equals, which stand together: 0, 1, 2, ..."""
    return np.arange(len(sorted_)) - begins(sorted_)
