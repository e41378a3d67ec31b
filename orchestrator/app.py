"""Composition: everything is put together here, and fakes come in by keyword."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from orchestrator.channels import build_channels
from orchestrator.channels.base import Channel
from orchestrator.clock import Clock, clock_from
from orchestrator.engine.context import Context
from orchestrator.engine.staff import users
from orchestrator.settings import Settings
from orchestrator.store.database import Database


@dataclass(frozen=True, slots=True)
class App:
    """The house, ready to work: its use cases take `ctx`."""

    ctx: Context

    def of_run(self, flow_run_id: str) -> Context:
        """The context for one flow run: its id stands on every row that it writes."""
        return replace(self.ctx, flow_run_id=flow_run_id)

    def user(self, name: str) -> int:
        """The id of one of us by the short name; AbmError names the nearest."""
        with self.ctx.db.reading() as session:
            return users.user_id(session, name)

    def close(self) -> None:
        """Give every connection back."""
        self.ctx.db.dispose()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> App:
    """The house as the settings want it; nothing is connected before its first use."""
    return App(
        Context(
            db=Database(settings.database_url),
            clock=clock or clock_from(settings.clock, settings.project),
            settings=settings,
            channels=build_channels(settings) if channels is None else channels,
        )
    )
