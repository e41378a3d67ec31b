"""The word that was meant where another one stands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

FEW = 12  # words that still read as a list
LONGEST_WORD = 64


def nearest(word: str, allowed: Iterable[str]) -> str:
    """What may have been meant: look-alike letters, the nearest word, or what words there are.

    "" if there are none. Small and capital letters are the same.
    """
    words = sorted(set(allowed))
    if all(map(str.isascii, words)) and (strange := look_alike(word)):
        return strange
    folded = {one.casefold(): one for one in words}
    close = get_close_matches(word.casefold(), folded, 1) if len(word) <= LONGEST_WORD else []
    if close:
        return f"did you mean '{folded[close[0]]}'?"
    more = [f"and {len(words) - FEW} more"] if len(words) > FEW else []
    return f"known are {', '.join(words[:FEW] + more)}" if words else ""


def look_alike(word: str) -> str:
    """Names the first letter of `word` that only looks like one of ours, if there is one."""
    for letter in word:
        if letter.isalpha() and not letter.isascii():
            name = unicodedata.name(letter, f"U+{ord(letter):04X}")
            return f"the letter '{letter}' is {name}; write it with a to z"
    return ""
