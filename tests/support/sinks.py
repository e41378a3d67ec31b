"""The handles that tests hold on the sinks; each sink is a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from orchestrator.channels import sinks
from tests.support.processes import spawn, stop, wait_until

HERE = Path(__file__).parent
SHIPPED = Path(sinks.__file__).parent


class Sink:
    """A running sink. `accepted()` is what it took, in order, even after our own death."""

    program: Path

    def __init__(self, folder: Path, *options: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.host = folder, "127.0.0.1"
        port, log = folder / "port", folder / "output"
        port.unlink(missing_ok=True)
        self._process = spawn([sys.executable, self.program, folder, *options], log=log)
        wait_until(port.exists, f"{self.program.name}'s start", process=self._process, log=log)
        self.port = int(port.read_text())

    def accepted(self) -> list[dict[str, Any]]:
        """The accept log, oldest first; a half-written last line is not yet accepted."""
        log = self.folder / "accepted.jsonl"
        lines = log.read_bytes().split(b"\n")[:-1] if log.exists() else []
        return [json.loads(line) for line in lines]

    def wait_for(self, number: int, timeout: float = 20) -> list[dict[str, Any]]:
        """`accepted()` once it holds `number` entries or more; TimeoutError if it never does."""
        wait_until(lambda: len(self.accepted()) >= number, f"{number} entries", timeout=timeout)
        return self.accepted()

    def stop(self) -> None:
        """End the process; the log stays readable."""
        stop(self._process)


class SmtpSink(Sink):
    """`SmtpSink(folder, mode="drop", every=10, delay=0.05)`; the modes are in smtp_sink.py.

    An entry has `at`, `from`, `to`, `message_id`, `size`, `raw` (the file's path) and `mode`.
    """

    program = SHIPPED / "smtp_sink.py"

    def __init__(self, folder: Path, *, mode: str = "", every: int = 1, delay: float = 0.0) -> None:
        options = [f"--every={every}", f"--delay={delay}", *([f"--mode={mode}"] if mode else [])]
        super().__init__(folder, *options)

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"


class HttpSink(Sink):
    """`HttpSink(folder)`; the paths are in http_sink.py.

    An entry has `at`, `method`, `path`, `headers` (names in lower case) and `body`.
    """

    program = HERE / "http_sink.py"

    def url(self, path: str = "/ok") -> str:
        return f"http://{self.host}:{self.port}{path}"
