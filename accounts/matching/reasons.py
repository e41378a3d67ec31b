"""The words that say why: what agreed between a record and an account, and what did not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from accounts.matching.features import FEATURES
from accounts.matching.keys import Asked, Key, stem
from accounts.matching.table import Floats, Table, weigh
from accounts.matching.weights import COMMON_WORDS, RARE
from accounts.names_data import ROMAN_NUMBERS

# A word that weighs more than this, in features of what a word can weigh, is a rare one.
RARE_WORD = 0.7
# An unexplained word that weighs more than this makes another company.
TELLING = 0.4

Weigh = Callable[[str], float]

AT = {name: at for at, name in enumerate(FEATURES)}
_UNHEARD = 10.0


@dataclass(slots=True)
class Side:
    """What reasons need of a pair, without the batch's arrays.

    `lent` is the account from which a child has the domain that they share; "" for its own.
    """

    question: Asked
    mine: Key | None
    words: tuple[str, ...]
    label: str
    country: str
    domains: tuple[str, ...]
    features: Sequence[float]
    shares: bool
    lent: str
    weigh: Weigh

    def has(self, feature: str) -> bool:
        """Whether a feature that is either 0 or 1 is 1."""
        return self.features[AT[feature]] > 0.5

    def of(self, feature: str) -> float:
        """The value of a feature."""
        return self.features[AT[feature]]


def weigher(table: Table, weights: Floats) -> Weigh:
    """How telling a word is by these weights of the table's words: 0.3 to 10."""
    rows = table.rows

    def weight(word: str) -> float:
        number = table.words.ids.get(word, len(weights))
        if number < len(weights):
            return float(weights[number])
        common = np.array([COMMON_WORDS.get(word, RARE)])
        return float(weigh(np.zeros(1), common, rows)[0])

    return weight


def said(side: Side) -> list[str]:
    """What agreed and what did not, in words, the strongest first."""
    assert side.mine is not None
    words = []
    if side.shares:
        words.append(shared_domain(side.question, side.lent))
    if side.has("same_core"):
        words.append(f"same name as {side.label!r}")
    else:
        words += _of_names(side, side.mine)
    if side.has("same_country"):
        words.append(f"same country {side.question.country}")
    if side.has("other_country"):
        words.append(f"another country: {side.question.country}, not {side.country}")
    if side.has("same_city"):
        words.append("same city")
    if side.has("other_city"):
        words.append("another city")
    if side.has("other_legal_form"):
        words.append("another legal form")
    if side.has("same_stem"):
        words.append(f"a domain of the same word: {stem(side.question.domain)}")
    return words


def shared_domain(question: Asked, lent: str) -> str:
    """Whose the record's domain is: the account's own, or its parent's (`lent`)."""
    domain = question.domain or question.hosted
    return f"{domain} is the domain of its parent {lent!r}" if lent else f"same domain {domain}"


def _of_names(side: Side, mine: Key) -> list[str]:
    words = [f"{side.of('ratio'):.0%} like {side.label!r}"]
    if side.has("initials"):
        words.append("one is the initials of the other")
    if side.has("called_by_stem"):
        words.append(f"its domain begins with {as_written(mine.core, side.question.label)!r}")
    shared = [word for word in mine.words if word in side.words]
    if shared:
        rarest = max(shared, key=side.weigh)
        rare = "rare" if side.weigh(rarest) > RARE_WORD * _UNHEARD else "the"
        words.append(f"{rare} word {as_written(rarest, side.question.label)!r} agrees")
    lost = [word for word in mine.words if word not in side.words]
    if lost and side.of("lost_mine") > TELLING:
        rarest = max(lost, key=side.weigh)
        words.append(f"{as_written(rarest, side.question.label)!r} is not in its name")
    return words


def as_written(word: str, text: str) -> str:
    """A word of a key as it stands in the text; as it is where it does not stand there."""
    found = re.search(rf"\b{re.escape(word)}\b", text[:1_000], re.IGNORECASE)
    return found.group() if found else word


def numbers(mine: Iterable[str], theirs: Iterable[str]) -> str:
    """That the numbers in two names differ."""

    def told(words: Iterable[str]) -> str:
        found = [w for w in words if w in ROMAN_NUMBERS or any(c.isdigit() for c in w)]
        return " ".join(found).upper() or "none"

    return f"number differs: {told(mine)} / {told(theirs)}"
