"""The figures of a playbook's page.

Many rows take long to count: what was counted of a large playbook stands for half a minute, and
whoever looks meanwhile reads that. A small one is counted whenever somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from orchestrator.engine import reading
from orchestrator.engine.context import Context
from orchestrator.engine.plays import results, versions
from orchestrator.engine.plays.results import Results
from orchestrator.engine.plays.versions import Version

LARGE = 10_000  # rows: a count of fewer is not kept
KEPT = timedelta(seconds=30)

Found = TypeVar("Found")


def standing(ctx: Context, playbook: str) -> Mapping[str, Mapping[str, int]]:
    """Where the playbook's accounts stand: step -> status -> how many."""
    return _kept(
        ctx, "standing", playbook, reading.standing,
        lambda found: sum(sum(step.values()) for step in found.values()),
    )  # fmt: skip


def came(ctx: Context, playbook: str) -> Results:
    """What became of its messages and tasks."""
    return _kept(ctx, "results", playbook, results.results, lambda found: found.rows)


def versions_of(ctx: Context, playbook: str) -> list[Version]:
    """Its versions, and who is on which. AbmError if there is no such playbook."""
    return _kept(
        ctx, "versions", playbook, versions.versions,
        lambda found: sum(sum(one.accounts.values()) for one in found),
    )  # fmt: skip


@dataclass(slots=True)
class _Figure:
    """What was counted, and until when, in real time, it stands; one at a time counts anew."""

    value: Any = None
    until: datetime | None = None
    lock: Lock = field(default_factory=Lock)


_FIGURES: dict[tuple[str, str, str], _Figure] = {}  # by database, what is counted, and playbook


def _kept(
    ctx: Context, what: str, playbook: str, count: Callable[[Context, str], Found],
    rows: Callable[[Found], int],
) -> Found:  # fmt: skip
    now, kept = ctx.clock.lease_now(), _FIGURES.setdefault((ctx.db.url, what, playbook), _Figure())
    with kept.lock:
        if kept.until and now < kept.until:
            return kept.value  # type: ignore[no-any-return]
        found = count(ctx, playbook)
        if rows(found) >= LARGE:
            kept.value, kept.until = found, now + KEPT
        return found
