"""Answers that are kept for the next time they are asked for, in a memory that has a bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

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


def forget() -> None:
    """Let go of every kept answer, so that what is measured next is asked for the first time."""
    for forgetting in _FORGETTING:
        forgetting()
