"""One memory of compiled statements for all databases of a kind.

A process of the house has one database, and compiles each statement once. One of the tests has
hundreds, and spent a third of its time on compiling the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

Create = Callable[..., Engine]


def shared(create: Create) -> Create:
    """`create_engine` whose engines use what the first that was connected has compiled."""
    first: dict[str, Engine] = {}

    def made(url: str, **options: Any) -> Engine:
        engine = create(url, query_cache_size=5_000, **options)
        if known := first.get(engine.name):
            engine.dialect, engine._compiled_cache = known.dialect, known._compiled_cache
        else:  # by its first connection it has learnt what its dialect has to know
            event.listen(engine, "connect", lambda *_: first.setdefault(engine.name, engine))
        return engine

    return made
