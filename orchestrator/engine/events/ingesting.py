"""The drop folder: files of events are read once they are whole, stored, and put aside.

A file goes to `done/`, or to `bad/` with a `.reason` beside it; single records that could not be
taken go to `bad/NAME.rejects.csv`. Events are kept by source and id, so that a crash, a second
process or the same file again repeats nothing.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import InterfaceError, OperationalError

from accounts.errors import AbmError
from accounts.tables import Rejected, write_rejects
from orchestrator.engine.context import Context
from orchestrator.engine.events.event_files import EventFile, read_events
from orchestrator.engine.events.inbox import Received, receive
from orchestrator.terms import RawEvent

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv")
FILE_CAP = 64 << 20  # bytes
AT_ONCE = 50  # files in one pass
SETTLED = 1.0  # seconds: who writes in place pauses no longer

logger = logging.getLogger(__name__)

# Files that this process could not put aside, as they were then: asking again changes nothing.
_stuck: set[tuple[str, int]] = set()


def waiting(ctx: Context) -> bool:
    """Whether a whole file lies in the drop folder; asked four times a second."""
    return next(_whole(ctx), None) is not None


def put_aside(ctx: Context) -> list[str]:
    """The names of files that were refused, wholly or in single records, the newest first."""
    try:
        found = [one for one in os.scandir(ctx.settings.drop / "bad") if one.is_file()]
    except FileNotFoundError:
        return []
    return [one.name for one in sorted(found, key=lambda one: -one.stat().st_mtime)]


def ingest(ctx: Context) -> Counter[str]:
    """Take the files that are whole, by name; how many files, and what became of their events.

    What goes wrong with one file is raised after the others were taken: AbmError for a file that
    cannot be put aside, or whatever kept its events from being stored.
    """
    counts: Counter[str] = Counter()
    failed: list[Exception] = []
    for path in sorted(_whole(ctx))[:AT_ONCE]:
        try:
            counts += _take(ctx, path)
        except OSError as error:
            _stuck.add(_mark(path))
            hint = f"its events are safe; move it out of {ctx.settings.drop} by hand"
            failed.append(AbmError(f"{path.name} cannot be put aside: {error.strerror}", hint))
        except Exception as error:  # noqa: BLE001 - raised below
            failed.append(error)
    if failed:
        raise failed[0]
    return counts


# ---------------------------------------------------------------- which files


def _whole(ctx: Context) -> Iterator[Path]:
    """Files that nobody writes any more: moved here, or left alone for a moment."""
    real = ctx.clock.lease_now().timestamp()
    try:
        entries = list(os.scandir(ctx.settings.drop))
    except FileNotFoundError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith(".") or path.suffix.lower() not in SUFFIXES:
            continue
        try:
            found = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
            continue
        if _is_whole(found, real) and _mark(path) not in _stuck:
            yield path


def _is_whole(found: os.stat_result, real: float) -> bool:
    """A rename touches the inode and not its content, so that no wait is needed."""
    moved_here = found.st_mtime_ns < found.st_ctime_ns and found.st_size > 0
    return moved_here or abs(real - found.st_ctime) >= SETTLED


def _mark(path: Path) -> tuple[str, int]:
    try:
        return str(path), path.lstat().st_ctime_ns
    except OSError:
        return str(path), 0


# ---------------------------------------------------------------- one file


class _Unreadable(AbmError):
    """Nothing in this file can be taken, today or tomorrow."""


def _take(ctx: Context, path: Path) -> Counter[str]:
    """Read one file, store its events, put it aside; nothing if another process has it."""
    try:
        with _opened(path) as number:
            file = _parsed(_content(number), path.name, ctx.clock.now())
            done, refused = _store(ctx, file.events)
            ctx.probe("ingested")
            rejected = [*file.rejected, *refused]
            _write_rejects(path, file, rejected)
            _put_aside(path, "done")
    except (FileNotFoundError, BlockingIOError):
        return Counter()
    except _Unreadable as error:
        _refuse(path, str(error))
        return Counter(files=1, bad_files=1)
    counts = Counter(files=1, stored=done.stored, repeated=done.repeated, rejected=len(rejected))
    return +(counts + done.counts)


def _parsed(data: bytes, name: str, now: datetime) -> EventFile:
    try:
        file = read_events(data, name, now)
    except AbmError as error:
        raise _Unreadable(error.reason, error.hint) from error
    if file.rejected and not file.events:
        first = file.rejected[0]
        raise _Unreadable(f"line {first.line}: {first.reason}")
    return file


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The file's descriptor, locked against other processes; BlockingIOError if one has it.

    _Unreadable for what is no file or may not be read.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise
    except OSError as error:
        link = path.is_symlink()
        reason = "a link is not followed" if link else f"it cannot be read: {error.strerror}"
        raise _Unreadable(reason, "put the file itself here" if link else "mend it") from error
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(number).st_ino != path.lstat().st_ino:
            raise FileNotFoundError(path)
        yield number
    finally:
        os.close(number)


def _content(number: int) -> bytes:
    if (size := os.fstat(number).st_size) > FILE_CAP:
        raise _Unreadable(f"{size >> 20} MiB; at most {FILE_CAP >> 20} are read", "split the file")
    with os.fdopen(number, "rb", closefd=False) as file:
        return file.read(FILE_CAP + 1)


def _store(ctx: Context, events: Sequence[tuple[int, RawEvent]]) -> tuple[Received, list[Rejected]]:
    """Store events; one that breaks us is set aside alone, so that it stops no other."""
    try:
        return receive(ctx, [event for _, event in events]), []
    except (AbmError, OperationalError, InterfaceError):
        raise  # the database is away or busy: the file stays where it is
    except Exception as error:
        if len(events) > 1:
            half = len(events) // 2
            done, refused = _store(ctx, events[:half])
            more, others = _store(ctx, events[half:])
            done += more
            return done, refused + others
        (line, event) = events[0]
        logger.exception("the event of line %d cannot be stored", line)
        return Received(), [Rejected(line, f"{type(error).__name__}: {error}", (str(event)[:500],))]


# ---------------------------------------------------------------- aside


def _put_aside(path: Path, folder: str) -> Path:
    target = _free(path.parent / folder, path.name)
    path.rename(target)
    return target


def _refuse(path: Path, reason: str) -> None:
    try:
        moved = _put_aside(path, "bad")
    except FileNotFoundError:
        return
    moved.with_name(f"{moved.name}.reason").write_text(f"{reason}\n", "utf-8", "replace")


def _write_rejects(path: Path, file: EventFile, rejected: Sequence[Rejected]) -> None:
    if rejected:
        target = _free(path.parent / "bad", f"{path.name}.rejects.csv")
        target.write_text(write_rejects(rejected, file.headers), "utf-8", "replace")


def _free(folder: Path, name: str) -> Path:
    """A name that nobody has there yet: x.json, x~2.json, ..."""
    folder.mkdir(exist_ok=True)
    target, number = folder / name, 1
    while os.path.lexists(target):
        number += 1
        stem, dot, rest = name.partition(".")
        target = folder / f"{stem}~{number}{dot}{rest}"
    return target
