"""Where the pages are: the port that the server takes, and how others learn of it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from accounts.errors import AbmError
from orchestrator.settings import Settings

PORT = 8400


def listen(settings: Settings) -> socket.socket:
    """A socket on the host and port of the settings. AbmError when the port is taken."""
    web = settings.web
    for port in (web.port,) if web.port else (PORT, 0):
        family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
        found = socket.socket(family)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((web.host, port))
            found.listen()  # until then another process can bind the same port
        except OSError as error:
            found.close()
            if port != PORT or web.port:
                raise AbmError(f"{web.host}:{port} cannot be had: {error.strerror}") from error
        else:
            return found
    raise AssertionError("port 0 is never taken")


def told(project: Path) -> Path:
    """The file in which the server that is up says its process and its address."""
    return project / ".abm" / "web.address"


def tell(settings: Settings, listening: socket.socket) -> None:
    """Say where we are, once it is true."""
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    file = told(settings.project)
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{os.getpid()} http://{shown}:{port}", "utf-8")


def fall_silent(project: Path) -> None:
    """Take back what `tell` said, unless another server has spoken since."""
    if is_up(project, os.getpid()):
        told(project).unlink()


def is_up(project: Path, pid: int) -> bool:
    """Whether the server of that process has said where it is."""
    file = told(project)
    return file.exists() and file.read_text("utf-8").startswith(f"{pid} ")


def address(settings: Settings) -> str:
    """What people type to see the pages, without a slash at its end."""
    if settings.web.address:
        return settings.web.address.rstrip("/")
    file = told(settings.project)
    said = file.read_text("utf-8").partition(" ")[2] if file.exists() else ""
    return said or f"http://{settings.web.host}:{settings.web.port or PORT}"
