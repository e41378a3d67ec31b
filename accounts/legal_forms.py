"""The words of a company's name that say what kind of body it is, apart from those that name it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from string import ascii_lowercase

from accounts.names_data import (
    LEGAL_ADDED,
    LEGAL_OR_INITIALS,
    LEGAL_PHRASES,
    LEGAL_PREFIXES,
    LEGAL_SAME,
    LEGAL_WORDS,
    LONG_LEGAL_WORDS,
    SECURITY_WORDS,
    SHORT_LEGAL_WORDS,
)


def split_legal(words: list[str]) -> tuple[list[str], list[str]]:
    """(telling words, legal forms). A name that is nothing but legal forms stays a name."""
    rest = list(words)
    legal: list[str] = []
    while rest and (rest[-1] in endings() or len(rest[-1]) == 1):
        size, form = _legal_tail(rest, bool(legal))
        if not size or size == len(rest):
            break
        rest = rest[:-size]
        legal.append(form)
    if len(rest) > 1 and rest[0] in LEGAL_PREFIXES:
        legal.append(rest.pop(0))
    if len(rest) > 1 and rest[-1] == "and":
        rest = rest[:-1]
    return rest, sorted({LEGAL_SAME.get(form, form) for form in legal if form})


def may_be_form(tokens: Sequence[str], legal: Sequence[str]) -> bool:
    """Whether a name that has no legal form begins with one, or with initials: AB Volvo, AG Barr.

    A form that only adds to another is none yet.
    """
    return len(tokens) > 1 and tokens[0] in LEGAL_OR_INITIALS and LEGAL_ADDED.issuperset(legal)


def _legal_tail(words: list[str], seen: bool) -> tuple[int, str]:
    """(how many words at the end are a legal form, what it is called); (0, "") for none."""
    last = words[-1]
    for phrase, form in _phrases().get(tuple(words[-2:]), ()):
        if tuple(words[-len(phrase) :]) == phrase:
            return len(phrase), form
    if last in LEGAL_WORDS:
        return 1, last
    if meant := _misspelt_legal().get(last):
        return _legal_tail([*words[:-1], meant], seen)
    if last in SECURITY_WORDS:
        return 1, ""
    share_class = len(last) == 1 and len(words) > 2 and words[-2] in LEGAL_WORDS and not seen
    return (1, "") if share_class else (0, "")


@cache
def endings() -> frozenset[str]:
    """The words at the end of a name that may be a legal form or a kind of share."""
    return LEGAL_WORDS | SECURITY_WORDS | {*(last for _, last in _phrases()), *_misspelt_legal()}


@cache
def _phrases() -> dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]]:
    """The legal forms of several words by their last two, in the order they are tried."""
    found: defaultdict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = defaultdict(list)
    for phrase, form in LEGAL_PHRASES:
        found[phrase[-2:]].append((phrase, form))
    return dict(found)


@cache
def _misspelt_legal() -> dict[str, str]:
    """The legal forms with one slip of the finger: compnay, corporaiton, limted, icn, innc.

    Of a short one not every slip counts: ic, crop and nic are words.
    """
    found: dict[str, str] = {}
    for word in LONG_LEGAL_WORDS:
        for at in range(1, len(word)):
            start, end = word[:at], word[at + 1 :]
            found[start + end] = found[start + word[at] + word[at] + end] = word
            found[start + end[:1] + word[at] + end[1:]] = word
            for letter in ascii_lowercase:
                found[start + letter + end] = found[start + letter + word[at] + end] = word
    for word in SHORT_LEGAL_WORDS:
        found[word[:-2] + word[-1] + word[-2]] = word
        for at in range(1, len(word)):
            found |= {word[:at] + letter + word[at:]: word for letter in ascii_lowercase}
    return {slip: word for slip, word in found.items() if slip not in LEGAL_WORDS}
