"""The runner: one long-lived process that calls the flows, each concern in a lane of its own.

A lane that fails, or hangs on a mail server that does not answer, holds up no other. Where Prefect
cannot be reached, the lanes run the same ticks without it and say so on the Tick row.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from accounts.errors import AbmError
from flows.children import runner_pid
from flows.ending import end_when_asked, hands, stopping
from flows.server import client_environment, healthy
from orchestrator import veil
from orchestrator.engine.context import Context
from orchestrator.engine.ticking import ALONE, busy, pulse, settle, tick, told
from orchestrator.settings import Settings, load

POLL = 0.25  # seconds between two looks for an event
PATIENCE = 5.0  # seconds: an event waits no longer because the last one went wrong
# Seconds for which a lane that computes may keep the interpreter from one that waits for an answer.
# Python's own 5 ms add up: a flow run asks Prefect a dozen things.
SWITCH = 0.001
TICKS = ("advance", "deliver", "ingest", "sweep")

logger = logging.getLogger(__name__)


# ---------------------------------------------------------------- one tick


def flow_of(concern: str) -> Callable[[], dict[str, int]]:
    """The concern's flow; imports Prefect."""
    from flows import advance, deliver, ingest, react, sweep

    return {
        "advance": advance.advance,
        "deliver": deliver.deliver,
        "ingest": ingest.ingest,
        "react": react.react,
        "sweep": sweep.sweep,
    }[concern]


@contextmanager
def in_process() -> Iterator[None]:
    """Flows that take 0.1 s: a heartbeat would hold each for a second, and our lanes have none."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


@contextmanager
def until_quiet(ctx: Context) -> Iterator[Callable[[], Counter[str]]]:
    """What it gives runs flow after flow until nothing moves at this business time.

    Its answer is what they did in all; AbmError as `settle`.
    """
    from flows.shared import provide

    provide(ctx)
    with in_process():
        yield lambda: settle(ctx, lambda concern: flow_of(concern)())


def tick_by_flow(ctx: Context, concern: str, url: str) -> dict[str, int]:
    """One tick as a flow run at the API `url`, or without Prefect where that cannot be; its counts.

    A tick that Prefect interrupted runs again: what it did is done, the rest is still due. Not
    while we end: the next runner does the rest.
    """
    from flows.shared import TickFailed

    why = f"{url} does not answer"
    if healthy(url):
        try:
            return flow_of(concern)()
        except Exception as error:  # noqa: BLE001 - the tick goes on without Prefect
            if stopping.is_set() or (isinstance(error, TickFailed) and healthy(url)):
                return {}
            why = told(error)
            logger.warning("%s goes on without Prefect: %s", concern, why)
    note = f"{ALONE}: {why}"
    with hands.hold():
        return tick(ctx, concern, stopping=stopping.is_set, note=note).counts


# ---------------------------------------------------------------- lanes


@dataclass
class Lane:
    """Ticks of one concern, `every` so many seconds and at each nudge.

    A tick that did something nudges `then`. One that did nothing although something was due, or
    failed, makes the next pause twice as long, up to `longest`.
    """

    ctx: Context
    concern: str
    url: str
    every: float
    longest: float
    stopped: Callable[[], bool]
    then: Lane | None = None
    _pause: float = 0
    _nudged: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Tick until stopped."""
        with in_process():
            while not self.stopped():
                self._pause = self._once()
                self._nudged.wait(self._pause)
                self._nudged.clear()

    def nudge(self) -> None:
        """Look now."""
        self._nudged.set()

    def _once(self) -> float:
        """One look, and a tick if there is work; how long to rest."""
        try:
            if not busy(self.ctx, self.concern):
                self._idle()
                return self.every
            counts = tick_by_flow(self.ctx, self.concern, self.url)
        except Exception:
            logger.exception("the lane of %s stumbled", self.concern)
            counts = {}
        if not counts:
            return min(self.longest, 2 * max(self._pause, self.every))
        if self.then:
            self.then.nudge()
        return self.every

    def _idle(self) -> None:
        if self.every >= self.longest:  # a lane that looks four times a second does not write it
            pulse(self.ctx, self.concern)


def lanes(ctx: Context, url: str, stopped: Callable[[], bool]) -> list[Lane]:
    """Every tick concern, and `react`, which looks for events all the time."""
    every = float(ctx.settings.tick_seconds)
    ticks = {name: Lane(ctx, name, url, every, every, stopped) for name in TICKS}
    ticks["advance"].then = ticks["deliver"]
    react = Lane(ctx, "react", url, POLL, PATIENCE, stopped, then=ticks["deliver"])
    return [react, *ticks.values()]


def run(ctx: Context, url: str, ready: Callable[[], None] = lambda: None) -> None:
    """Run all lanes until `flows.ending.stopping` is set; each ends after its current batch."""
    from flows.shared import provide

    provide(ctx)
    mine = lanes(ctx, url, stopping.is_set)
    threads = [threading.Thread(target=lane.run, name=lane.concern) for lane in mine]
    for thread in threads:
        thread.start()
    ready()
    stopping.wait()
    for lane in mine:
        lane.nudge()
    for thread in threads:
        thread.join()


# ---------------------------------------------------------------- the process


def work(settings: Settings, ready: Callable[[], None] = lambda: None) -> int:
    """`abm worker`: the runner against PREFECT_API_URL or the setting `prefect_url`.

    `ready` is called once the lanes run. Returns 0 after SIGTERM, SIGHUP or Ctrl-C; from then on
    the process ends soon, as `flows.ending` has it. AbmError without an API or with another schema.
    """
    url = os.environ.get("PREFECT_API_URL") or settings.prefect_url
    if not url:
        raise AbmError(
            "no Prefect server is named", "set prefect_url or PREFECT_API_URL, or run `abm up`"
        )
    end_when_asked()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level="WARNING")
    veil.draw(settings)
    sys.setswitchinterval(SWITCH)
    for name, value in client_environment(settings.project / ".abm" / "prefect", url).items():
        os.environ.setdefault(name, value)

    from orchestrator.app import build

    app = build(settings)
    app.ctx.db.check_schema()
    flow_of("advance")  # two seconds of imports that no event should wait for
    run(app.ctx, url, ready)
    app.close()
    return 0


def main(argv: Sequence[str]) -> int:
    """`python -m flows.runner [PROJECT]`, as `abm up` starts it."""
    settings = load(Path(argv[1] if len(argv) > 1 else "."))
    return work(settings, lambda: _say_ready(runner_pid(settings.project)))


def _say_ready(file: Path) -> None:
    file.write_text(str(os.getpid()), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv))
