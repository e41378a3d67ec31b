"""Compiled plans of stored playbook versions."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from sqlmodel import Session

from accounts.errors import AbmError
from orchestrator.drawing import layout, size
from orchestrator.language import from_canonical
from orchestrator.store.database import Database
from orchestrator.store.plays import plays
from orchestrator.terms import Plan


class Plans:
    """A database's playbook versions, compiled once: a version never changes."""

    def __init__(self) -> None:
        self._compiled: dict[int, Plan] = {}
        self._sizes: dict[int, tuple[int, int]] = {}

    def of(self, session: Session, version_ids: Collection[int]) -> dict[int, Plan]:
        """The plans of these versions; AbmError for one that is not stored."""
        missing = set(version_ids) - self._compiled.keys()
        if missing:
            for version_id, canonical in plays.canonicals(session, missing).items():
                self._compiled[version_id] = from_canonical(canonical)
        try:
            return {version_id: self._compiled[version_id] for version_id in version_ids}
        except KeyError as error:
            raise AbmError(f"playbook version {error} is not stored") from None

    def size(self, version_id: int) -> tuple[int, int]:
        """Width and height of the picture of a version that was asked for, in pixels."""
        if version_id not in self._sizes:
            self._sizes[version_id] = size(layout(self._compiled[version_id]))
        return self._sizes[version_id]


def current_plans(db: Database, session: Session) -> dict[str, Plan]:
    """The plans of all current versions by playbook, but for those of another release."""
    plans, found = plans_of(db), dict[str, Plan]()
    for name, version_id in plays.current_versions(session).items():
        with suppress(AbmError):
            found[name] = plans.of(session, [version_id])[version_id]
    return found


_PLANS: dict[str, Plans] = {}


def plans_of(db: Database) -> Plans:
    """The process's plans of one database."""
    return _PLANS.setdefault(db.url, Plans())
