"""An HTTP server that logs each request before it answers, and misbehaves by path.

    python http_sink.py FOLDER

/ok 200 · /slow 200 after 1 s · /500 · /429 with Retry-After: 1 · /redirect 307 to /ok ·
/stall never answers · /drop-after-accept logs, then hangs up · /drop-before-accept hangs up
unlogged. A request stands in FOLDER/accepted.jsonl (at, method, path, headers, body) before its
answer leaves. The port stands in FOLDER/port.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock

ANSWERS: dict[str, tuple[int, dict[str, str]]] = {
    "/ok": (200, {}),
    "/slow": (200, {}),
    "/500": (500, {}),
    "/429": (429, {"Retry-After": "1"}),
    "/redirect": (307, {"Location": "/ok"}),
}
DELAYS = {"/slow": 1, "/stall": 3600}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self._log = (folder / "accepted.jsonl").open("ab")
        self._lock = Lock()

    def write(self, entry: dict[str, object]) -> None:
        with self._lock:
            self._log.write(json.dumps(entry).encode() + b"\n")
            self._log.flush()
            os.fsync(self._log.fileno())


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:  # the name is the base class's
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if path != "/drop-before-accept":
            self.server.write(self._entry(body))
        if path in ("/drop-before-accept", "/drop-after-accept"):
            self.close_connection = True
            return
        time.sleep(DELAYS.get(path, 0))
        self._answer(*ANSWERS.get(path, (404, {})))

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815

    def _entry(self, body: bytes) -> dict[str, object]:
        return {
            "at": datetime.now(UTC).isoformat(),
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(errors="replace"),
        }

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        body = json.dumps({"status": status}).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """The accept log is the log."""


def main(folder: Path) -> None:
    server = Server(folder)
    port = folder / "port.new"
    port.write_text(str(server.server_address[1]))
    port.rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
