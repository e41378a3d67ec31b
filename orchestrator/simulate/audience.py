"""Whom a play meets: the account that was enrolled, and what people make of what reaches them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from orchestrator.terms import Event, Facts, OpenTask, OpenTouch, Plan, StopMark

if TYPE_CHECKING:
    from orchestrator.simulate.world import Simulated


@dataclass(frozen=True, slots=True)
class Member:
    """An account that was enrolled, and the version that was current then.

    `driven_by` is another playbook that runs on it; `stops` are those that bind it already.
    """

    plan: Plan
    facts: Facts
    account: str
    names: Mapping[str, str]
    driven_by: str = ""
    stops: tuple[StopMark, ...] = ()
    round: int = 1  # how often it has begun by coming back

    @property
    def id(self) -> int:
        """The account's."""
        return self.facts.account.id


class Closing(NamedTuple):
    """How somebody of us will end a task, and when; `said` is what `desk.close` takes."""

    at: datetime
    disposition: str
    said: Mapping[str, object] = {}


class Audience(Protocol):
    """What the people outside, and ours, make of what reaches them."""

    def hears(self, member: Member, touch: OpenTouch, at: datetime) -> Iterable[Event]:
        """The events that a touch brings about that left at `at`, each at its own time."""

    def does(self, member: Member, play: Simulated, id_: int, task: OpenTask) -> Closing | None:
        """How a task ends that was opened just now; None: nobody does it."""

    def told(self, member: Member, id_: int, task: OpenTask, how: Closing) -> Iterable[Event]:
        """The events that a task brings about that was closed just now, each at its own time."""


class Nobody:
    """An audience that hears and does nothing: somebody else moves the crowd."""

    def hears(self, member: Member, touch: OpenTouch, at: datetime) -> Iterable[Event]:
        return ()

    def does(self, member: Member, play: Simulated, id_: int, task: OpenTask) -> Closing | None:
        return None

    def told(self, member: Member, id_: int, task: OpenTask, how: Closing) -> Iterable[Event]:
        return ()
