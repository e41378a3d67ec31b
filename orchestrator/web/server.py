"""The process that serves the pages: `abm web`, and a child of `abm up`."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from orchestrator import veil
from orchestrator.address import fall_silent, listen, tell
from orchestrator.app import build
from orchestrator.settings import Settings, load
from orchestrator.web.site import make

# Pages that are made side by side: more of them only take turns at Python's one lock, and each is
# ready later.
AT_ONCE = 4


def serve(settings: Settings, ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or Ctrl-C; `ready` is called once it is known where the pages are.

    AbmError when the port is taken, or the schema another.
    """
    veil.draw(settings)
    app = build(settings)
    try:
        app.ctx.db.check_schema()
        with listen(settings) as listening:

            @asynccontextmanager
            async def up(_site: FastAPI) -> AsyncIterator[None]:
                gc.freeze()  # what was made by now stays: to look through it stops all pages
                current_default_thread_limiter().total_tokens = AT_ONCE
                tell(settings, listening)
                ready()
                yield
                fall_silent(settings.project)

            config = uvicorn.Config(
                make(app, up), log_level="warning", access_log=False, server_header=False,
                timeout_graceful_shutdown=5,
            )  # fmt: skip
            uvicorn.Server(config).run([listening])
    finally:
        app.close()


def main(argv: Sequence[str]) -> int:
    """`python -m orchestrator.web.server [PROJECT]`, as `abm up` starts it."""
    serve(load(Path(argv[1] if len(argv) > 1 else ".")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
