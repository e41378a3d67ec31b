"""Answers that are kept for the next time they are asked for, in a memory that has a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from typing import TypeVar, cast

Answer = TypeVar("Answer")

MOST = 65_536
# A longer text is a mishap and comes once; so many of them would be the memory of a machine.
LONGEST = 256

_FORGETTING: list[Callable[[], None]] = []


def kept(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """The pure function with its last answers at hand, those about long texts aside."""
    answers = lru_cache(maxsize=MOST)(function)
    _FORGETTING.append(answers.cache_clear)

    @wraps(function)
    def answer(text: str) -> Answer:
        return answers(text) if len(text) <= LONGEST else function(text)

    return answer


def kept_each(
    function: Callable[[Sequence[str]], list[Answer]],
) -> Callable[[Sequence[str]], list[Answer]]:
    """The pure function of many texts, asked for those whose answer is not at hand; none is None.

    There may be `MOST` texts at a time. When too many are kept all are let go of: in a long list
    the oldest is no less often asked for than others.
    """
    answers: dict[str, Answer] = {}
    _FORGETTING.append(answers.clear)

    @wraps(function)
    def each(texts: Sequence[str]) -> list[Answer]:
        found = list(map(answers.get, texts))
        if None not in found:
            return cast(list[Answer], found)
        new = [text for text, answer in zip(texts, found, strict=True) if answer is None]
        told = function(new)
        if len(answers) + len(new) > MOST:
            answers.clear()
        both = zip(new, told, strict=True)
        answers.update({text: answer for text, answer in both if len(text) <= LONGEST})
        rest = iter(told)
        return [next(rest) if answer is None else answer for answer in found]

    return each


def forget() -> None:
    """Let go of every kept answer, so that what is measured next is asked for the first time."""
    for forgetting in _FORGETTING:
        forgetting()
