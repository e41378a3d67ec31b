"""A real Prefect server for a test session: own process, own home, own port."""

from __future__ import annotations

import os
import signal
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import free_port, spawn, stop, wait_until

PREFECT = (sys.executable, "-m", "prefect")

# Batched recorders: four times as many task runs a second on SQLite as by default.
SERVICES = {
    "TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "EVENT_PERSISTER_BATCH_SIZE": "200",
    "EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "TRIGGERS_READ_BATCH_SIZE": "100",
}


class PrefectServer:
    """A running server; `environment` is what a client process needs to reach it."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/api"
        self.environment = {
            "PREFECT_API_URL": self.url,
            "PREFECT_HOME": str(folder),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_LOGGING_LEVEL": "WARNING",
            "DO_NOT_TRACK": "1",
        }
        services = {f"PREFECT_SERVER_SERVICES_{name}": value for name, value in SERVICES.items()}
        log = folder / "output"
        self._process = spawn(
            [*PREFECT, "server", "start", "--no-ui", "--host=127.0.0.1", f"--port={port}"],
            log=log,
            cwd=folder,
            env={**self.environment, **services},
        )
        wait_until(self._healthy, "Prefect's start", process=self._process, log=log, timeout=90)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Meanwhile it takes connections, as the kernel does for it, and answers nobody."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server and everything it started."""
        stop(self._process)

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
