"""Prefect's own server on loopback, as a child process; this file does not import Prefect."""

from __future__ import annotations

import contextlib
import http.client
import os
import secrets
import socket
import sys
import urllib.parse
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
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    # A tick that cannot reach Prefect goes on without it, and soon: two short tries, not six long.
    "PREFECT_CLIENT_MAX_RETRIES": "1",
    "PREFECT_API_REQUEST_TIMEOUT": "10",
}


def client_environment(home: Path, url: str) -> dict[str, str]:
    """What a process needs to reach the API at `url`, apart from any Prefect of the user's own.

    PREFECT_API_AUTH_STRING is passed on where it is set; a server of ours on this machine has
    left its own in `home`.
    """
    secret = os.environ.get("PREFECT_API_AUTH_STRING", "")
    if not secret and _is_here(url):
        secret = _read(auth_file(home))
    return {
        **QUIET,
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": url,
        **({"PREFECT_API_AUTH_STRING": secret} if secret else {}),
        **(_no_proxy() if _is_here(url) else {}),
    }


def prefect_server(home: Path, log: Path) -> tuple[Child, str]:
    """Prefect's server with its database in `home`, not yet started, and its API's URL.

    It listens on loopback, on PREFECT_SERVER_API_PORT or else on 4200 or a free port, and asks
    for PREFECT_API_AUTH_STRING, or for what `auth_file(home)` holds: without one any page in the
    user's browser could read along. No browser sends it by itself, so that no form of another
    site gets in either, and Prefect's own tokens against those are not needed. AbmError when a
    port asked for is taken or no port.
    """
    port = _port()
    url = f"http://{HOST}:{port}/api"
    _make_secret(auth_file(home))
    services = {f"PREFECT_SERVER_SERVICES_{name}": value for name, value in SERVICES.items()}
    environment = {**client_environment(home, url), **services}
    environment["PREFECT_SERVER_API_AUTH_STRING"] = environment["PREFECT_API_AUTH_STRING"]
    origins = f"http://{HOST}:{port},http://localhost:{port}"
    environment["PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS"] = origins
    argv = [sys.executable, "-m", "prefect", "server", "start", f"--host={HOST}", f"--port={port}"]
    child = Child(
        "Prefect's server", argv, log, environment, lambda _pid: healthy(url), start_within=120
    )
    return child, url


def healthy(url: str) -> bool:
    """Whether the API at `url` answers within a second."""
    opener = _DIRECT if _is_here(url) else urllib.request.build_opener()
    try:
        with opener.open(f"{url}/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError, http.client.HTTPException):
        return False


# A company's proxy does not know this machine's loopback.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _no_proxy() -> dict[str, str]:
    said = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    hosts = f"{said},{HOST}" if said else HOST
    return {"no_proxy": hosts, "NO_PROXY": hosts}


def _is_here(url: str) -> bool:
    try:
        return urllib.parse.urlsplit(url).hostname == HOST
    except ValueError:
        return False


# ---------------------------------------------------------------- the secret


def auth_file(home: Path) -> Path:
    """Where the server's USER:PASSWORD stands, for its owner's eyes only."""
    return home / "auth"


def _make_secret(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), open(file, "x", opener=_private) as made:
        made.write(f"abm:{secrets.token_urlsafe(18)}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(file: Path) -> str:
    return file.read_text("utf-8").strip() if file.exists() else ""


# ---------------------------------------------------------------- the port


def _port() -> int:
    wanted = os.environ.get("PREFECT_SERVER_API_PORT", "")
    if not wanted:
        return DEFAULT_PORT if _free(DEFAULT_PORT) else _any_port()
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise AbmError(f"PREFECT_SERVER_API_PORT is {wanted!r}", "name a port: 4200")
    if not _free(int(wanted)):
        raise AbmError(f"port {wanted} is taken", "choose another PREFECT_SERVER_API_PORT")
    return int(wanted)


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
