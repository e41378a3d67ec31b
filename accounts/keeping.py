"""Answers that are kept for the next time they are asked for, in a memory that has a bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from itertools import islice
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

    When there are too many all are let go of: in a long list the oldest is no less often asked for.
    """
    answers: dict[str, Answer] = {}
    _FORGETTING.append(answers.clear)

    @wraps(function)
    def each(texts: Sequence[str]) -> list[Answer]:
        found = list(map(answers.get, texts))
        if None not in found:
            return cast(list[Answer], found)
        new = [text for text, answer in zip(texts, found, strict=True) if answer is None]
        read = dict(zip(new, function(new), strict=True))
        short = {text: answer for text, answer in read.items() if len(text) <= LONGEST}
        if len(answers) + len(short) > MOST:
            answers.clear()
        answers.update(islice(short.items(), MOST))
        if len(new) == len(texts):
            return list(map(read.__getitem__, texts))
        return [
            read[text] if answer is None else answer
            for text, answer in zip(texts, found, strict=True)
        ]

    return each


def forget() -> None:
    """Let go of every kept answer, so that what is measured next is asked for the first time."""
    for forgetting in _FORGETTING:
        forgetting()
