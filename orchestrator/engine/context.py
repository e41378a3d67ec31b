"""What every use case gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestrator.clock import Clock
from orchestrator.settings import Settings
from orchestrator.store.database import Database

if TYPE_CHECKING:
    from orchestrator.channels.base import Channel


def _nothing(_point: str) -> None:
    """Production passes every kill point."""


@dataclass(frozen=True, slots=True)
class Context:
    """The database, the clocks, the settings and the ways out of the house, for one run.

    `probe` is called at named points where a crash would hurt most; tests kill the process there.
    """

    db: Database
    clock: Clock
    settings: Settings
    channels: Mapping[str, Channel]
    flow_run_id: str = ""
    probe: Callable[[str], None] = _nothing
