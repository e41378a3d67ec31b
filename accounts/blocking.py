"""Which accounts are worth comparing: those that share the rarest pieces of a name."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from math import log

from accounts.identity import Name

# Per record: how many of its rarest pieces are looked up, and how many accounts come back.
PIECES, CANDIDATES = 12, 12
# A piece that names more accounts than this tells nothing and would cost the most.
_CROWD = 2_000


class Blocks:
    """An inverted index from pieces of names (words, three letters, initials) to places.

    A place is the position of a candidate; the result depends on what was added, never on the
    order of questions.
    """

    def __init__(self) -> None:
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        self._words: Counter[str] = Counter()
        self._size = 0

    def add(self, place: int, name: Name) -> None:
        """Make `place` findable by this name; call once for each name that it has."""
        self._size += 1
        self._words.update(set(name.tokens))
        for piece in pieces(name):
            self._places[piece].append(place)

    def weight(self, word: str) -> float:
        """How telling a word is: the logarithm of how few names have it, never 0."""
        return log(1 + (1 + self._size) / (1 + self._words[word]))

    def near(self, name: Name) -> list[int]:
        """The places that share the most telling pieces, best first, ties by place."""
        known = [(len(self._places[p]), p) for p in pieces(name) if p in self._places]
        score: defaultdict[int, float] = defaultdict(float)
        for count, piece in sorted(known)[:PIECES]:
            if count <= _CROWD:
                value = log(1 + self._size / count)
                for place in self._places[piece]:
                    score[place] += value
        best = heapq.nsmallest(CANDIDATES, score.items(), key=lambda item: (-item[1], item[0]))
        return [place for place, _ in best]


def pieces(name: Name) -> set[str]:
    """What a name is found by: its words, three letters with their word's ends, its initials."""
    found = {f"={name.core}", *name.tokens}
    for token in name.tokens:
        ends = f"^{token}$"
        found.update(ends[at : at + 3] for at in range(len(ends) - 2))
    if len(name.tokens) >= 3:
        found.add("=" + "".join(token[0] for token in name.tokens))
    return found
