"""Puts the demo together: sink, server, world, three weeks, summary."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from flows.children import Child
from flows.server import client_environment, prefect_server
from orchestrator.channels import sinks
from orchestrator.clock import FileClock
from orchestrator.demo.audience import Audience
from orchestrator.demo.days import live
from orchestrator.demo.reps import Reps
from orchestrator.demo.story import Summary, summarise
from orchestrator.demo.world import Say, prepare, settings_text
from orchestrator.engine.context import Context
from orchestrator.settings import FILE, load

# A Monday; the second weekend brings America's summer time, and nobody has a holiday in the way.
START = datetime(2027, 3, 1, 6, tzinfo=UTC)
WEEKS = timedelta(weeks=3)


@dataclass(frozen=True, slots=True)
class Shown:
    """What happened, and where Prefect's page is as long as it is up."""

    summary: Summary
    page: str


@contextmanager
def show(project: Path, say: Say) -> Iterator[Shown]:
    """Run the demo in a project as `abm init` leaves it; its servers end with the context.

    AbmError when a server cannot start or a pass fails.
    """
    started = monotonic()
    private, clock = project / ".abm", FileClock(project / ".abm" / "clock")
    clock.set(START)
    with ExitStack() as stack:
        sink, accepted = _sink(private / "sink")
        stack.callback(sink.stop)
        (project / FILE).write_text(settings_text(Path(".abm/clock"), _port(accepted)), "utf-8")
        server, url = prefect_server(private / "prefect", private / "log" / "prefect.log")
        server.start()
        stack.callback(server.stop)
        ctx = _context(project, private / "prefect", url)
        prepared = prepare(ctx, say)
        say("waiting for Prefect's server ...")
        server.wait_ready()
        audience = Audience(accepted, ctx.settings.drop)
        looks = _three_weeks(ctx, clock, audience, Reps(ctx, prepared.members), say)
        summary = summarise(ctx, prepared, accepted, looks, monotonic() - started)
        yield Shown(summary, url.removesuffix("/api"))


def _sink(folder: Path) -> tuple[Child, Path]:
    """The mail sink, running, and its accept log."""
    folder.mkdir(parents=True, exist_ok=True)
    program = Path(sinks.__file__).with_name("smtp_sink.py")
    port = folder / "port"
    child = Child(
        "the mail sink",
        [sys.executable, str(program), str(folder)],
        folder / "output.log",
        ready=lambda _pid: port.exists(),
    )
    child.start()
    child.wait_ready()
    return child, folder / "accepted.jsonl"


def _port(accepted: Path) -> int:
    return int(accepted.with_name("port").read_text("utf-8"))


def _context(project: Path, home: Path, url: str) -> Context:
    """The demo's engine; its flows report to the server at `url`."""
    from orchestrator.app import build

    os.environ.update(client_environment(home, url))
    return build(load(project)).ctx


def _three_weeks(ctx: Context, clock: FileClock, audience: Audience, reps: Reps, say: Say) -> int:
    from flows.runner import until_quiet

    with until_quiet(ctx) as flows:

        def pass_by() -> None:
            flows()
            audience.read_mail(clock.now())

        pass_by()
        return live(ctx, clock, START + WEEKS, [audience, reps], pass_by, _weekly(say))


def _weekly(say: Say) -> Callable[[datetime], None]:
    told = [0]

    def tell(now: datetime) -> None:
        week = (now - START).days // 7 + 1
        if week > told[0]:
            told[0] = week
            say(f"week {week}: {now:%-d %B %Y} ...")

    return tell
