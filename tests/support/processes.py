"""Child processes that never outlive the test session, however it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


def free_port() -> int:
    """A loopback port that nobody listens on now; for servers that cannot choose one themselves."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    uid: int | None = None,
    on_parent_death: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a process group of its own with its output in `log`.

    `env` is added to ours. With `uid` the child gives up root first. The kernel sends it
    `on_parent_death` when we die, so that a killed test leaves nothing running.
    """

    # setpriv, not preexec_fn: that one is unsafe once a test has started threads.
    wrapper = ["setpriv", "--pdeathsig", on_parent_death.name]
    if uid is not None:
        wrapper += ["--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
    with log.open("ab") as output:
        return subprocess.Popen(
            [*wrapper, "--", *map(str, argv)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            process_group=0,
        )


def stop(
    process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, grace: float = 5
) -> None:
    """Ask the whole group of `process` to end; kill it after `grace` seconds. Safe to repeat."""
    for signum in (how, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signum)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
            return


def wait_until(
    done: Callable[[], bool],
    what: str,
    *,
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
    timeout: float = 20,
) -> None:
    """Poll `done` every 20 ms; raise with the log's tail when `process` dies or time runs out."""
    deadline = time.monotonic() + timeout
    while not done():
        dead = process is not None and process.poll() is not None
        if dead or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
            raise TimeoutError(f"{what}: {'process died' if dead else 'timed out'}\n{tail}")
        time.sleep(0.02)
