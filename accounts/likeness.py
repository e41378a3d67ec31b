"""How alike two names are: words aligned softly, rare words weighing more than common ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from accounts.identity import Name
from accounts.names_data import LEGAL_WORDS, ROMAN_NUMBERS

# What an abbreviation or a slip of the finger still counts of a whole word.
PREFIX, SHORT_PREFIX, LETTERS_IN_ORDER = 0.85, 0.75, 0.7
_SLIP = 0.75

# The first words of Schwab Charles and Charles Schwab; Bank First and First Bank are two companies.
TURNED = 0.4

_HOLDING = frozenset({"holding", "holdings"})
_DIGITS = re.compile(r"\d+")
_LONG_LEGAL = sorted(word for word in LEGAL_WORDS if len(word) >= 6)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two names have in common; every number is 0..1.

    `value` sums it up for ranking. `covered` is how much of the second name the first explains,
    `whole` compares them letter by letter without spaces, `clash` is high when both have a
    telling word that the other lacks: Hop Fung and Hop Hing.
    """

    value: float = 0.0
    covered: float = 0.0
    whole: float = 0.0
    first_word: float = 0.0
    clash: float = 0.0
    same_core: bool = False
    other_numbers: bool = False
    other_legal_form: bool = False
    only_one_holds: bool = False


def likeness(one: Name, other: Name, weight: Callable[[str], float]) -> Likeness:
    """Compare two names (neither empty); `weight` says how telling a word is."""
    same = one.core == other.core
    mine, theirs = _aligned(one.tokens, other.tokens)
    covers_one, lost_one = (1.0, 0.0) if same else _covered(mine, weight)
    covers_other, lost_other = (1.0, 0.0) if same else _covered(theirs, weight)
    differing = set(one.tokens) ^ set(other.tokens)
    turned = not same and not differing
    slips = 1.0 if turned else OSA.normalized_similarity(one.core, other.core)
    whole = 1.0 if turned else (JaroWinkler.similarity(one.core, other.core) + slips) / 2
    blend = 0.8 * min(covers_one, covers_other) + 0.2 * whole
    return Likeness(
        max(blend, slips - 0.04 if slips >= 0.85 and not same else 0.0),
        covers_other,
        whole,
        TURNED if turned else OSA.normalized_similarity(one.tokens[0], other.tokens[0]),
        min(lost_one, lost_other),
        same,
        numbers(one) != numbers(other),
        bool(one.legal and other.legal and not set(one.legal) & set(other.legal)),
        bool(differing) and differing <= _HOLDING,
    )


def _aligned(
    one: tuple[str, ...], other: tuple[str, ...]
) -> tuple[dict[str, float], dict[str, float]]:
    """For each word of both sides, how similar its best partner on the other side is."""
    mine, theirs = dict.fromkeys(one, 0.0), dict.fromkeys(other, 0.0)
    for word in mine:
        for partner in theirs:
            close = 1.0 if word == partner else similar(word, partner)
            mine[word] = max(mine[word], close)
            theirs[partner] = max(theirs[partner], close)
    return mine, theirs


def _covered(best: dict[str, float], weight: Callable[[str], float]) -> tuple[float, float]:
    """(how much of a name the other explains, how telling its worst unexplained word is)."""
    total = covered = lost = most = 0.0
    for word, close in best.items():
        own = weight(word) * (0.15 if close < _SLIP and _misspelt_legal(word) else 1.0)
        total += own
        covered += own * close
        lost, most = max(lost, own * (1 - close)), max(most, own)
    return covered / total, lost / most


@lru_cache(maxsize=1 << 17)
def similar(one: str, other: str) -> float:
    """0..1 for two words: the same, an abbreviation by cutting or by dropping letters, a slip."""
    if one == other:
        return 1.0
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    if len(short) >= 2 and long.startswith(short):
        return PREFIX if len(short) >= 4 else SHORT_PREFIX
    close = OSA.normalized_similarity(one, other, score_cutoff=_SLIP)
    return close or (LETTERS_IN_ORDER if _drops_letters(short, long) else 0.0)


def _drops_letters(short: str, long: str) -> bool:
    if len(short) < 3 or short[0] != long[0] or len(short) > 0.75 * len(long):
        return False
    letters = iter(long)
    return all(letter in letters for letter in short)


@lru_cache(maxsize=1 << 14)
def _misspelt_legal(token: str) -> bool:
    return len(token) >= 6 and any(
        OSA.normalized_similarity(token, legal) >= _SLIP for legal in _LONG_LEGAL
    )


@lru_cache(maxsize=1 << 16)
def numbers(name: Name) -> frozenset[int]:
    """The numbers in a name, Roman ones too: Fund I and Fund II are two funds."""
    roman = {ROMAN_NUMBERS[token] for token in name.tokens[1:] if token in ROMAN_NUMBERS}
    return frozenset(int(digits[:18]) for digits in _DIGITS.findall(name.core)) | roman
