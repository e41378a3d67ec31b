"""Prefect's own server on loopback, as a child process; this file does not import Prefect."""

from __future__ import annotations

import os
import socket
import sys
import urllib.request
from pathlib import Path

from accounts.errors import AbmError
from flows.children import Child

DEFAULT_PORT = 4200  # Prefect's
HOST = "127.0.0.1"

# Recorders that write in batches store four times as many task runs; what a month has forgotten
# is deleted (Prefect's history is no memory of ours).
SERVICES = {
    "TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "EVENT_PERSISTER_BATCH_SIZE": "200",
    "EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "TRIGGERS_READ_BATCH_SIZE": "100",
    "DB_VACUUM_ENABLED": "events,flow_runs",
    "DB_VACUUM_RETENTION_PERIOD": str(30 * 24 * 3600),
}
# For whoever talks to the server, and for the server itself.
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "orchestrator,flows",
    # One more try, not six: a tick that cannot reach Prefect goes on without it.
    "PREFECT_CLIENT_MAX_RETRIES": "1",
}


def client_environment(home: Path, url: str) -> dict[str, str]:
    """What a process needs to reach the API at `url`, apart from any Prefect of the user's own."""
    secret = os.environ.get("PREFECT_API_AUTH_STRING", "")
    return {
        **QUIET,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": url,
        **({"PREFECT_API_AUTH_STRING": secret} if secret else {}),
    }


def prefect_server(home: Path, log: Path) -> tuple[Child, str]:
    """Prefect's server with its database in `home`, not yet started, and its API's URL.

    It listens on loopback, on PREFECT_SERVER_API_PORT or else on 4200 or a free port, and asks
    for PREFECT_API_AUTH_STRING where that is set. AbmError when a port asked for is taken.
    """
    port = _port()
    url = f"http://{HOST}:{port}/api"
    services = {f"PREFECT_SERVER_SERVICES_{name}": value for name, value in SERVICES.items()}
    environment = {**client_environment(home, url), **services}
    if secret := environment.get("PREFECT_API_AUTH_STRING"):
        environment["PREFECT_SERVER_API_AUTH_STRING"] = secret
    home.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "prefect", "server", "start", f"--host={HOST}", f"--port={port}"]
    child = Child(
        "Prefect's server", argv, log, environment, lambda _pid: healthy(url), start_within=120
    )
    return child, url


def healthy(url: str) -> bool:
    """Whether the API at `url` answers within a second."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _port() -> int:
    wanted = os.environ.get("PREFECT_SERVER_API_PORT", "")
    if wanted and not _free(int(wanted)):
        raise AbmError(f"port {wanted} is taken", "choose another PREFECT_SERVER_API_PORT")
    if wanted:
        return int(wanted)
    return DEFAULT_PORT if _free(DEFAULT_PORT) else _any_port()


def _free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])
