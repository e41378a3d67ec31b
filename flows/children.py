"""Child processes: a group of their own, a log of their own, and never longer alive than we are."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accounts.errors import AbmError

LOG_BYTES = 10_000_000


@dataclass
class Child:
    """A command that we keep running; `ready` tells when it can be used (`pid` is known by then).

    `start_within` and `stop_within` are seconds.
    """

    name: str
    argv: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[int], bool] = lambda _pid: True
    start_within: float = 60
    stop_within: float = 10
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return at once; what an earlier one left behind ends first."""
        self._end_group()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*_tied_to_us(), *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                process_group=0,  # Ctrl-C is for us: we stop children in order
            )

    def wait_ready(self, stopping: Callable[[], bool] = lambda: False) -> bool:
        """Wait until it can be used; False when `stopping()` came first.

        Raises AbmError with the log's last lines when it dies or takes too long.
        """
        deadline = time.monotonic() + self.start_within
        while not stopping():
            if not self.alive:
                raise self._failed(f"{self.name} could not start")
            if self.ready(self.pid):
                return True
            if time.monotonic() > deadline:
                raise self._failed(f"{self.name} was not ready after {self.start_within:.0f} s")
            time.sleep(0.05)
        return False

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask its whole group to end, kill it after `stop_within` seconds. Safe to repeat."""
        if self.process is None:
            return
        for signum in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signum)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.stop_within)
                break
        self._end_group()

    def tail(self, lines: int = 15) -> str:
        """The log's last lines."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 10_000))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])

    def _end_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _failed(self, reason: str) -> AbmError:
        return AbmError(reason, f"the end of {self.log}:\n{self.tail()}")


def stop_signals() -> list[signal.Signals]:
    """The signals that ask a process of ours to end; under nohup a hang-up does not."""
    asked = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    return [signum for signum in asked if signal.getsignal(signum) is not signal.SIG_IGN]


def runner_pid(project: Path) -> Path:
    """The file in which a runner says that it has begun."""
    return project / ".abm" / "runner.pid"


def _tied_to_us() -> list[str]:
    """The kernel ends the child when we die; setpriv, because preexec_fn is unsafe with threads."""
    found = shutil.which("setpriv")
    return [found, "--pdeathsig", "TERM", "--"] if found else []
