"""The supervisor behind `abm up`: migrates, then keeps Prefect's server, the runner and the web
server alive.

Children start in order, each when the one before can be used, and stop in the other order. One
that dies later comes back after a pause; one that cannot even start ends it all.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from accounts.errors import AbmError
from flows.children import Child, runner_pid
from flows.ending import heed
from flows.server import auth_file, client_environment, prefect_server
from orchestrator.address import address, is_up
from orchestrator.cli.output import note, say
from orchestrator.settings import Settings
from orchestrator.store.database import Database

CALM = 60.0  # seconds after which a child that came back is trusted again
PAUSES = (1, 2, 4, 8, 15, 30)  # seconds before each next start


def supervise(settings: Settings) -> int:
    """Run the project until Ctrl-C, SIGTERM or SIGHUP; 0 then.

    AbmError when it is up already, or when a child cannot start (with its log's last lines).
    """
    private = settings.project / ".abm"
    private.mkdir(exist_ok=True)
    with _only_one(private / "up.lock"):
        _migrate(settings)  # before we heed signals: until there are children they just end us
        with _signalled() as stopping, ExitStack() as ends:
            children, url = _children(settings, private)
            for child in children:
                ends.callback(_stop, child)
            if _start(children, stopping):
                _say_where(settings, private, url)
                _watch(children, stopping)
    with suppress(OSError):
        say("stopped")
        sys.stdout.flush()
    return 0


def _say_where(settings: Settings, private: Path, url: str) -> None:
    """Where everything is; flushed, for whoever reads it through a pipe."""
    say(f"up: {settings.project}")
    say(f"the pages: {address(settings)} (`abm user link NAME` lets somebody in)")
    say(f"Prefect's page: {url.removesuffix('/api')}{_password(settings, private)}")
    say(f"events are read from {settings.drop}")
    say(f"logs: {private / 'log'}")
    say("Ctrl-C stops it all")
    sys.stdout.flush()


def _password(settings: Settings, private: Path) -> str:
    if settings.prefect_url:
        return ""
    if os.environ.get("PREFECT_API_AUTH_STRING"):
        return " (asks for PREFECT_API_AUTH_STRING)"
    return f" (asks for what is in {auth_file(private / 'prefect')})"


# ---------------------------------------------------------------- before


@contextmanager
def _only_one(file: Path) -> Iterator[None]:
    """Hold the project's lock; it goes with the process, however that ends."""
    with file.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise AbmError(
                f"this project is up already (process {lock.read().strip() or 'unknown'})",
                "stop that one first, or use it: `abm status` shows how it stands",
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _signalled() -> Iterator[threading.Event]:
    """An event that is set when somebody asks us to end."""
    asked = threading.Event()
    give_back = heed(asked.set)
    try:
        yield asked
    finally:
        give_back()


def _migrate(settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        database.upgrade()
    finally:
        database.dispose()


# ---------------------------------------------------------------- children


def _children(settings: Settings, private: Path) -> tuple[list[Child], str]:
    """Everything that runs, in the order of its start, and the URL of Prefect's API."""
    home, logs = private / "prefect", private / "log"
    if settings.prefect_url:
        url = settings.prefect_url
        return [_runner(settings, logs, home, url), web_server(settings, url)], url
    server, url = prefect_server(home, logs / "prefect.log")
    return [server, _runner(settings, logs, home, url), web_server(settings, url)], url


def web_server(settings: Settings, url: str = "") -> Child:
    """The process that serves the pages, not yet started; `url` is Prefect's API's."""
    argv = [sys.executable, "-m", "orchestrator.web.server", str(settings.project)]
    log = settings.project / ".abm" / "log" / "web.log"
    knows = client_environment(settings.project / ".abm" / "prefect", url) if url else {}
    return Child("the web server", argv, log, knows, lambda pid: is_up(settings.project, pid))


def _runner(settings: Settings, logs: Path, home: Path, url: str) -> Child:
    argv = [sys.executable, "-m", "flows.runner", str(settings.project)]
    says = runner_pid(settings.project)
    return Child(
        "the runner",
        argv,
        logs / "runner.log",
        client_environment(home, url),
        lambda pid: says.exists() and says.read_text("utf-8") == str(pid),
        stop_within=60,  # killed between a mail and its record it would leave an unknown one
    )


def _start(children: list[Child], stopping: threading.Event) -> bool:
    """Start one after the other; False when somebody asked us to end meanwhile."""
    for child in children:
        note(f"starting {child.name} …")
        child.start()
        if not child.wait_ready(stopping.is_set):
            return False
    return True


def _stop(child: Child) -> None:
    """End it, also when the terminal that should read of it is gone: that is what SIGHUP means."""
    if child.alive:
        with suppress(OSError):
            note(f"stopping {child.name} …")
    child.stop()


@dataclass
class _Fate:
    """How a child has fared: starts in a row that did not last, and when it is to start again."""

    falls: int = 0
    started: float = 0.0
    again: float | None = None


def _watch(children: list[Child], stopping: threading.Event) -> None:
    """Bring back whoever dies, after a pause that grows while it keeps dying."""
    fates = {child.name: _Fate(started=time.monotonic()) for child in children}
    while not stopping.wait(0.2):
        for child in children:
            _tend(child, fates[child.name], time.monotonic())


def _tend(child: Child, fate: _Fate, now: float) -> None:
    if child.alive:
        return
    if fate.again is None:
        fate.falls = 1 if now - fate.started > CALM else fate.falls + 1
        pause = PAUSES[min(fate.falls, len(PAUSES)) - 1]
        fate.again = now + pause
        note(f"{child.name} ended; starts again in {pause} s. Its last words:\n{child.tail(5)}")
    elif now >= fate.again:
        child.start()
        fate.started, fate.again = now, None
