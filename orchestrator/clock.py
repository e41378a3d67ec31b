"""The only place that asks what time it is, and that makes ids which sort by time.

Business time (`now`) decides what is due and stands on every row; it may be virtual. Lease time
(`lease_now`) is always real: a lease that jumped with a virtual clock would be claimed twice.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from accounts.errors import AbmError

# Microseconds since 2020 fit into 52 bits until 2162; eleven bits tell processes apart.
_EPOCH_US = 1_577_836_800_000_000
_SALT_BITS = 11


class Clock(Protocol):
    """What time it is; every instant is timezone-aware UTC."""

    def now(self) -> datetime:
        """Business time: read once per run and handed down."""
        ...

    def lease_now(self) -> datetime:
        """Real time, for leases and time-outs."""
        ...


class SystemClock:
    """Business time is real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def lease_now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """Business time is the ISO instant in a file, the same for every process that reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        """Raises `AbmError` when the file is missing or holds no instant with a zone."""
        try:
            instant = datetime.fromisoformat(self.path.read_text("utf-8").strip())
        except (OSError, ValueError) as error:
            raise self._unreadable() from error
        if instant.tzinfo is None:
            raise self._unreadable()
        return instant.astimezone(UTC)

    def lease_now(self) -> datetime:
        return datetime.now(UTC)

    def set(self, instant: datetime) -> None:
        """Move every reader's business time; no reader ever sees half a file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        beside.write_text(instant.astimezone(UTC).isoformat(), "utf-8")
        beside.replace(self.path)

    def _unreadable(self) -> AbmError:
        return AbmError(
            f"the clock file {self.path} holds no instant",
            "write one such as 2026-03-02T09:00:00+00:00, or leave `clock` at system",
        )


class ManualClock:
    """Business time stands still until somebody moves it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def lease_now(self) -> datetime:
        return datetime.now(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Move business time on by `by` and return it."""
        self._now += by
        return self._now

    def set(self, instant: datetime) -> None:
        self._now = instant.astimezone(UTC)


def clock_from(setting: str, project: Path) -> Clock:
    """The clock that the setting names: "system", or "file:PATH" (relative to the project)."""
    if setting == "system":
        return SystemClock()
    scheme, _, path = setting.partition(":")
    if scheme == "file" and path:
        return FileClock(project / path)
    raise AbmError(f"clock {setting!r} is unknown", "say system, or file:PATH")


class _Ids:
    """Ids of one process: each is larger than the last, even when the wall clock steps back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._salt = secrets.randbits(_SALT_BITS)

    def next(self) -> int:
        elapsed = time.time_ns() // 1_000 - _EPOCH_US
        with self._lock:
            self._last = max(self._last + 1, elapsed)
            return self._last << _SALT_BITS | self._salt


_ids = _Ids()


def _after_fork() -> None:
    global _ids  # noqa: PLW0603 - a child that kept the salt would repeat its parent's ids
    _ids = _Ids()


os.register_at_fork(after_in_child=_after_fork)


def next_id() -> int:
    """A positive 63-bit id that sorts by the moment of its making."""
    return _ids.next()
