"""What a name is found by: short pieces of it, as numbers that stand in the order of the texts.

A piece is at most seven signs, so that with zeros behind it fills eight bytes, the first sign the
highest: a number is cut out of a text without a Python string for each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accounts.matching.clues import Array, Longs

# A name's telling words joined, and one by one.
Spelt = tuple[str, Sequence[str]]

# Letters of a piece of a word with its ends, and of the joined letters.
_OF_WORD, _OF_WHOLE = 3, 4
# How much of a word, with its end, is a beginning.
_BEGINNINGS = 4, 6
_FIRST = np.array([0, *(-1 << 64 - 8 * size for size in range(1, 8))], np.int64)


def spelt(words: Sequence[str]) -> Spelt:
    """A name as it is cut: its telling words, in English where they are known."""
    return "".join(words), words


def pieces(names: Sequence[Spelt]) -> tuple[Array, Longs]:
    """(which name, piece): three letters with a word's ends, beginnings, four of the whole.

    Some stand twice.
    """
    words = [word for _, found in names for word in found]
    length = np.fromiter(map(len, words), np.int64, len(words))
    number = np.fromiter([len(found) for _, found in names], np.int64, len(names))
    owner = np.repeat(np.arange(len(names)), number)
    joined = np.bincount(owner, length, len(names)).astype(np.int64)
    whole, wholes = _cut("".join(words), joined, _OF_WHOLE)[:2]
    word, parts, heads = _cut(f"^{'$^'.join(words)}$", size := length + 2, _OF_WORD)
    (short, long), longer = _BEGINNINGS, np.flatnonzero(size > _BEGINNINGS[0])
    return (
        np.concatenate([whole, owner[word], owner, owner[longer]]),
        np.concatenate([wholes, parts, _begun(heads, size, short),
                        _begun(heads[longer], size[longer], long)]),
    )  # fmt: skip


def _cut(texts: str, length: Array, size: int) -> tuple[Array, Longs, Longs]:
    """(which text, piece) of all pieces of a size, of texts that are joined; each text's head."""
    raw = texts.encode("ascii") + bytes(8)
    eights = np.ndarray((len(raw) - 7,), ">i8", raw, strides=(1,)).astype(np.int64)
    start = np.cumsum(length) - length
    number = np.maximum(length - size + 1, 0)
    which = np.repeat(np.arange(len(length)), number)
    at = np.arange(len(which)) + np.repeat(start - (np.cumsum(number) - number), number)
    return which, eights[at] & _FIRST[size], eights[start]


def _begun(heads: Longs, size: Array, most: int) -> Longs:
    """The first signs of words with a mark behind them."""
    mark = ord("=") << 56 - 8 * most
    return heads & _FIRST[np.minimum(size, most)] | mark
