"""What a batch of questions says, as columns: its names beside the rows of the table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

import numpy as np

from accounts.matching.clues import Array, Ints
from accounts.matching.keys import Asked, Key, stem
from accounts.matching.table import NOTHING, Floats, Table, key_columns, shapes, weigh
from accounts.matching.weights import COMMON_WORDS, RARE

# Of fewer names or pairs all is done at a time: an array takes its time however little it holds.
FEW = 64


class Batch:
    """Questions as columns: their names as rows, beside the table's."""

    def __init__(self, table: Table, questions: Sequence[Asked]) -> None:
        self.questions = questions
        self.keys: list[Key] = [key for one in questions for key in one.keys]
        self.owner = np.repeat(
            np.arange(len(questions), dtype=np.int32), [len(one.keys) for one in questions]
        )
        self._table, self._base = table, len(table.words.texts)
        self._own: dict[str, int] = {}
        self.columns = key_columns(self.keys, table.numbers, self.numbers)
        said = [one.country for one in questions] + [one.city for one in questions]
        said += [stem(one.domain) if one.domain else "" for one in questions]
        self.country, self.city, self.stem = self.numbers(said).reshape(3, -1)
        sites = table.sites.ids
        self.domain = np.array([sites.get(one.domain, NOTHING) for one in questions], np.int32)
        self._own_texts = list(self._own)
        self._as_array = np.array(self._own_texts, object)
        self._own_shapes = shapes(self._own_texts)
        words, known_shapes = self.columns["words"], table.words.shapes
        self.letters, self.length, self.first = (
            self._mixed(known, own, words)
            for known, own in zip(known_shapes, self._own_shapes, strict=True)
        )
        self.core_length = self._mixed(
            known_shapes[1], self._own_shapes[1], self.columns["core"]
        ).astype(np.float64)

    def numbers(self, texts: Sequence[str]) -> Ints:
        """The numbers of texts: the table's where it knows them, else behind those the batch's."""
        own, known = self._own, self._table.words.ids
        found = np.fromiter(map(known.get, texts, repeat(NOTHING)), np.int32, len(texts))
        new = np.flatnonzero(found < 0)
        found[new] = [self._base + own.setdefault(texts[at], len(own)) for at in new.tolist()]
        return found

    def word_weights(self, weights: Floats, rows: int) -> Floats:
        """How telling each word of each name is; 0 where there is none. Names × WORDS."""
        common = np.array([COMMON_WORDS.get(text, RARE) for text in self._own_texts])
        own = weigh(np.zeros(len(common)), common, rows)
        words = self.columns["words"]
        return np.where(words >= 0, self._mixed(weights, own, words), 0)

    def _mixed(self, known: Array, own: Array, numbers: Array) -> Array:
        """Values by number, of the table's texts and of the batch's own."""
        found = known[np.minimum(numbers, self._base - 1)]
        new = numbers >= self._base
        found[new] = own[numbers[new] - self._base]
        return found

    def texts(self, numbers: Array) -> list[str]:
        """The texts of these numbers, the table's or the batch's own."""
        words, own, base = self._table.words, self._own_texts, self._base
        if len(numbers) < FEW:
            return [words.texts[n] if n < base else own[n - base] for n in numbers.tolist()]
        found: list[str] = self._mixed(words.as_array.values, self._as_array, numbers).tolist()
        return found
