"""Where a page of a list in time begins: an instant and a number, as the page before names them."""

from __future__ import annotations

from datetime import UTC, datetime

from orchestrator.web.numbers import count

Place = tuple[datetime, int]


def named(at: datetime, number: int) -> str:
    """What names the place; `place` reads it."""
    return f"{at.isoformat()}~{number}"


def place(said: str) -> Place | None:
    """The place that a page named; None for anything else."""
    at, _, digits = said.partition("~")
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    if found.utcoffset() is None or found.utcoffset():  # every page names UTC
        return None
    number = count(digits)
    return None if number is None else (found.astimezone(UTC), number)
