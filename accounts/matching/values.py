"""What goes into the matcher and what comes out of it: frozen values without any arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import exp, log
from typing import NamedTuple, overload

from accounts.standing import Standing


class Verdict(StrEnum):
    """accept: it is this account · review: a person decides · none: it is none of ours."""

    ACCEPT = "accept"
    REVIEW = "review"
    NONE = "none"


class Record(NamedTuple):
    """What somebody wrote about a company; every field may be empty or wrong."""

    name: str = ""
    website: str = ""
    email: str = ""
    country: str = ""
    city: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account as the matcher sees it: its names, the domains that are its own, its place.

    `parent_id` is the company it belongs to, `standing` what tie-breakers look at; of its `phones`
    those without "+" are dialled in its country.
    """

    id: int
    name: str
    domains: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    country: str = ""
    city: str = ""
    parent_id: int | None = None
    standing: Standing | None = None
    phones: tuple[str, ...] = ()


class RollUp(StrEnum):
    """Which one a record is that a parent and its child are as close to, or that a person says."""

    CHILD = "child"
    PARENT = "parent"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Calibration:
    """What people's decisions tell of the probabilities: a line through log-odds (Platt 1999).

    `doubt` is added to the log-odds where something speaks against the pair. As it is shipped it
    changes nothing.
    """

    slope: float = 1.0
    shift: float = 0.0
    doubt: float = 0.0

    def of(self, probability: float, *, doubted: bool = False) -> float:
        """A probability of the model as people's decisions have it."""
        shift = self.shift + (self.doubt if doubted else 0.0)
        if self.slope == 1.0 and not shift:
            return probability
        chance = min(max(probability, SUREST), 1 - SUREST)
        odds = self.slope * log(chance / (1 - chance)) + shift
        return round(1 / (1 + exp(-min(max(odds, -9.0), 9.0))), 4)


SUREST = 1e-4  # as close to 0 and to 1 as a probability counts


@dataclass(frozen=True, slots=True)
class Rules:
    """When a record is an account, and which one where several are as close.

    Two probabilities: from `accept` on the engine acts alone, from `review` on a person is asked;
    `calibration` corrects the model's own before. Between a parent and its children `roll_up`
    decides, between others the `tie_breakers` of `accounts.standing`, in this order; where there
    are none, a person.
    """

    accept: float = 0.52
    review: float = 0.3
    roll_up: RollUp = RollUp.CHILD
    tie_breakers: tuple[str, ...] = ()
    calibration: Calibration = Calibration()


Why = Callable[[], tuple[str, ...]]


class _Reasons:
    """Words for people, made when somebody reads them: most answers of a batch are only counted."""

    @overload
    def __get__(self, match: None, owner: type) -> _Reasons: ...
    @overload
    def __get__(self, match: object, owner: type) -> tuple[str, ...]: ...
    def __get__(self, match: object | None, owner: type) -> tuple[str, ...] | _Reasons:
        if match is None:
            raise AttributeError  # the field has no default
        held: tuple[str, ...] | Why = match.__dict__["reasons"]
        if not isinstance(held, tuple):
            match.__dict__["reasons"] = held = held()
        return held

    def __set__(self, match: object, value: tuple[str, ...] | Why) -> None:
        match.__dict__["reasons"] = value


@dataclass(frozen=True, init=False)
class Match:
    """The answer: `score` is a probability, `reasons` are words for the person who reviews it.

    `account_id` is the account (accept), the best guess (review) or None; `runner_up` the next.
    `probability` is the model's own, as it was before any doubt and calibration; None where the
    model was not asked. `doubted` says that something speaks against the pair.
    """

    verdict: Verdict
    account_id: int | None
    score: float
    runner_up: int | None
    reasons: _Reasons = _Reasons()
    probability: float | None = None
    doubted: bool = False

    def __init__(
        self,
        verdict: Verdict,
        account_id: int | None,
        score: float,
        runner_up: int | None,
        reasons: tuple[str, ...] | Why,
        probability: float | None = None,
        doubted: bool = False,
    ) -> None:
        # Past a frozen class's guard, which would take four times as long.
        own = self.__dict__
        own["verdict"], own["account_id"], own["score"] = verdict, account_id, score
        own["runner_up"], own["reasons"] = runner_up, reasons
        own["probability"], own["doubted"] = probability, doubted
