"""Which open question a person should answer first: what its answer is worth, and why.

    worth = uncertainty * waiting * stake

- **uncertainty**, in bits, 0..1: the entropy of the probability that the answer is "same" (Shannon
  1948). A question whose answer nearly goes without saying teaches little (Lewis and Gale 1994);
  but two accounts that surely are one stay two until somebody says so, so that there it is no less
  than the probability.
- **waiting**: log2(1 + rows and events that the answer serves), for the hundredth row waits as
  patiently as the tenth; and `URGENT` more for each person who said something and waits for us.
- **stake**: 1, and more for a high tier, a target that both teams signed, and a play that runs.

So a question of one row about nobody's account is worth 1 at most. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

# What a reply, a form or a meeting adds to what waits: as much as fifteen rows do.
URGENT = 4.0
TIER = {1: 3.0, 2: 2.0, 3: 1.0}
TARGET, PLAY = 2.0, 2.0
# No answer goes wholly without saying: so much a question teaches at least, in bits.
_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Stake:
    """What hangs on one answer. `score` is the probability that it is "same"; `tier` 0 is none."""

    score: float
    rows: int = 0  # of files
    events: int = 0  # that only tell something
    urgent: int = 0  # replies, forms and meetings
    accounts: int = 0  # that may be one: nobody but a person merges them, however sure we are
    tier: int = 0
    target: bool = False
    playing: bool = False


def worth(stake: Stake) -> float:
    """How much the answer is worth, by the formula of this module; never negative."""
    waiting = log2(1 + _all(stake)) + URGENT * stake.urgent
    account = TIER.get(stake.tier, 0.0) + TARGET * stake.target + PLAY * stake.playing
    open_ = uncertainty(stake.score)
    return round(
        (max(open_, stake.score) if stake.accounts else open_) * waiting * (1 + account), 4
    )


def uncertainty(probability: float) -> float:
    """The entropy of a yes or no of this probability, in bits: 1 at one half."""
    both = (probability, 1 - probability)
    return max(_LEAST, -sum(one * log2(one) for one in both if 0 < one < 1))


def because(stake: Stake) -> str:
    """What makes the answer worth giving, in words, the most pressing first."""
    waiting = ", ".join(_counted(stake))
    words = [
        f"{waiting} {'wait' if _all(stake) > 1 else 'waits'}" if waiting else "",
        "a play runs" if stake.playing else "",
        "a target" if stake.target else "",
        f"tier {stake.tier}" if stake.tier else "",
    ]
    return "; ".join(filter(None, words))


def _all(stake: Stake) -> int:
    return stake.rows + stake.events + stake.urgent + stake.accounts


def _counted(stake: Stake) -> Iterable[str]:
    for number, one, many in (
        (stake.urgent, "reply or form", "replies or forms"),
        (stake.events, "event", "events"),
        (stake.rows, "row", "rows"),
        (stake.accounts, "account", "accounts"),
    ):
        if number:
            yield f"{number:,} {one if number == 1 else many}"
