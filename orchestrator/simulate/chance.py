"""Chance without dice: numbers that hang on names alone, never on the order of asking.

The same seed, run, account, step, person and occurrence draw the same, whoever else is simulated,
and in whatever order. Two versions of a playbook meet the same luck, so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from math import log
from struct import unpack

_OF = float(2**64)


def draws(*names: object) -> tuple[float, float, float, float]:
    """Four numbers, each evenly spread over 0 <= n < 1 and stable for these names."""
    told = "\x1f".join(map(str, names)).encode()
    first, second, third, fourth = unpack(">4Q", blake2b(told, digest_size=32).digest())
    return first / _OF, second / _OF, third / _OF, fourth / _OF


def pick(shares: Mapping[str, float], draw: float) -> str:
    """Which of the shares (0 to 1, in their order) the draw falls into; "" past all of them."""
    for name, share in shares.items():
        if draw < share:
            return name
        draw -= share
    return ""


def delay(mean: timedelta, draw: float) -> timedelta:
    """A waiting time whose mean is `mean`: most are short, few are long, none above five means."""
    return min(-log(1 - draw), 5.0) * mean
