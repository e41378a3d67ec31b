"""Names found by the rarest of their pieces: one sparse product for a whole batch of questions."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence
from itertools import count

import numpy as np
from scipy.sparse import csr_matrix
from sparse_dot_topn import sp_matmul_topn

from accounts.matching.keys import pieces
from accounts.matching.table import Array, Floats, Ints, Table

# Per name: how many of its rarest pieces are looked up, and how many rows come back.
PIECES, NEAREST = 12, 12
# A piece that more rows have than this tells nothing and would cost the most.
_CROWD, _CROWD_SHARE = 400, 0.01
# Fewer names than this are looked up one by one; so many more rows settle who is last among equals.
_FEW, _TIES = 4, 8


class Pieces:
    """An inverted index of pieces, folded into a matrix, and the rows that came since.

    Numbers of pieces are in the order of rarity, so that the smallest of a name are its rarest.
    """

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.weights: Floats = np.zeros(0)
        self.matrix = csr_matrix((0, 0), dtype=np.float32)
        self._fresh: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        self.unseen = 1.0

    def fold(self, table: Table) -> None:
        """Weigh the pieces of every row anew and put them into the matrix."""
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        flat, sizes = array("i"), array("i")
        texts, core = table.words.texts, table.row["core"].values.tolist()
        for at, words in enumerate(table.row["words"].values.tolist()):
            found = pieces(texts[core[at]], [texts[word] for word in words if word >= 0])
            flat.extend(map(numbers.__getitem__, found))
            sizes.append(len(found))
        self._fresh.clear()
        self._weigh(list(numbers), np.frombuffer(flat, np.int32), np.frombuffer(sizes, np.int32))

    def _weigh(self, texts: list[str], flat: Ints, sizes: Ints) -> None:
        rows = len(sizes)
        often = np.bincount(flat, minlength=len(texts))
        # By text among equals: the order of a set of texts is another one in every process.
        by_text = np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)
        order = by_text[np.argsort(often[by_text], kind="stable")]
        kept = int(np.searchsorted(often[order], max(_CROWD, rows * _CROWD_SHARE), "right"))
        rank = np.empty(len(texts), np.int32)
        rank[order] = np.arange(len(texts), dtype=np.int32)
        self.unseen = float(np.log1p(rows))
        weights = np.log1p(rows / often[order])
        row = np.repeat(np.arange(rows, dtype=np.int32), sizes)
        number = rank[flat]
        # Every row has a piece, so that no sum is of nothing.
        first = np.cumsum(sizes, dtype=np.int64) - sizes
        norm = np.ones(0)
        if rows:
            norm = np.sqrt(np.round(np.add.reduceat((weights**2)[number], first), 6))
        use = number < kept
        number, row = number[use], row[use]
        data = (weights[number] / norm[row]).astype(np.float32)
        self.matrix = csr_matrix((data, (number, row)), (kept, rows))
        self.weights = weights[:kept]
        self.numbers = {texts[at]: place for place, at in enumerate(order[:kept].tolist())}

    def add(self, row: int, core: str, words: Sequence[str]) -> None:
        """Make a new row findable until the next fold."""
        found = pieces(core, words)
        weights = [self.weight(piece) for piece in found]
        norm = round(sum(weight * weight for weight in weights), 6) ** 0.5 or 1.0
        for piece, weight in zip(found, weights, strict=True):
            self._fresh[piece].append((row, weight / norm))

    def weight(self, piece: str) -> float:
        number = self.numbers.get(piece)
        return self.unseen if number is None else float(self.weights[number])

    def nearest(self, names: Sequence[tuple[str, Sequence[str]]]) -> tuple[Ints, Ints, Floats]:
        """(which name, which row, cosine) of the rows nearest to each name, by name and row."""
        numbers, sizes = array("i"), array("i", [0])
        of = self.numbers.get
        fresh: list[tuple[int, int, float]] = []
        for at, (core, words) in enumerate(names):
            found = pieces(core, words)
            known = sorted([n for n in map(of, found) if n is not None])[:PIECES]
            numbers.extend(known)
            sizes.append(len(numbers))
            if self._fresh:
                fresh += [(at, row, close) for row, close in self._among_fresh(found)]
        number, start = np.frombuffer(numbers, np.int32), np.frombuffer(sizes, np.int32)
        name, row, close = self._product(number, start, len(names))
        if fresh:
            more = np.array(fresh)
            name = np.concatenate([name, more[:, 0].astype(np.int32)])
            row = np.concatenate([row, more[:, 1].astype(np.int32)])
            close = np.concatenate([close, more[:, 2]])
        return name, row, close

    def _product(self, number: Ints, start: Ints, names: int) -> tuple[Ints, Ints, Floats]:
        if not len(number) or not self.matrix.shape[1]:
            nothing = np.zeros(0, np.int32)
            return nothing, nothing, np.zeros(0)
        name = np.repeat(np.arange(names, dtype=np.int32), np.diff(start))
        weights = self.weights[number]
        norm = np.sqrt(np.bincount(name, weights**2, names))
        data = (weights / norm[name]).astype(np.float32)
        close: Array
        if names <= _FEW:
            which, row, close = self._few(name, number, data)
        else:
            asked = csr_matrix((data, number, start), (names, self.matrix.shape[0]))
            found = sp_matmul_topn(asked, self.matrix, NEAREST + _TIES, sort=True)
            which = np.repeat(np.arange(names, dtype=np.int32), np.diff(found.indptr))
            row, close = found.indices, found.data
        near: Floats = close.astype(np.float64)
        near = near.round(5)
        order = np.lexsort((row, -near, which))
        own = which[order]
        order = order[np.arange(len(own)) - np.searchsorted(own, own) < NEAREST]
        return which[order], row[order].astype(np.int32), near[order]

    def _few(self, name: Ints, number: Ints, data: Array) -> tuple[Ints, Ints, Floats]:
        """The product without a look at the whole matrix, which one question would not be worth."""
        start, end = self.matrix.indptr[number], self.matrix.indptr[number + 1]
        parts = [slice(*ends) for ends in zip(start.tolist(), end.tolist(), strict=True)]
        row = np.concatenate([self.matrix.indices[part] for part in parts])
        value = np.concatenate([self.matrix.data[part] for part in parts])
        both = np.repeat(name.astype(np.int64), end - start) << 32 | row
        pair, place = np.unique(both, return_inverse=True)
        weight = (value * np.repeat(data, end - start)).astype(np.float64)
        close: Array = np.bincount(place, weight, len(pair))
        return (pair >> 32).astype(np.int32), (pair & 0xFFFFFFFF).astype(np.int32), close

    def _among_fresh(self, found: set[str]) -> list[tuple[int, float]]:
        known = [(len(self._fresh[p]), p) for p in found if p in self._fresh]
        rarest = [piece for _, piece in sorted(known)[:PIECES]]
        weights = [self.weight(piece) for piece in rarest]
        norm = sum(weight * weight for weight in weights) ** 0.5 or 1.0
        close: defaultdict[int, float] = defaultdict(float)
        for piece, weight in zip(rarest, weights, strict=True):
            for row, value in self._fresh[piece]:
                close[row] += weight * value / norm
        best = sorted(close.items(), key=lambda one: (-one[1], one[0]))
        return best[:NEAREST]
