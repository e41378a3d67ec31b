"""Playbook files: checked against what exists, and stored as versions that never change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from accounts.errors import AbmError, Problem
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.plays.playbook_files import groups_beside, read, vocabulary_of
from orchestrator.language import (
    FORMAT,
    Checked,
    Group,
    Groups,
    Vocabulary,
    canonical,
    check,
    digest,
)
from orchestrator.language.checking import NO_GROUPS
from orchestrator.records import Playbook, PlaybookVersion
from orchestrator.store.plays import enrolling, plays
from orchestrator.store.statements import insert_new


@dataclass(frozen=True, slots=True)
class Applied:
    """The version that new enrollments take from now on; `changed` unless it already was."""

    id: int
    playbook: str
    number: int
    changed: bool
    warnings: tuple[Problem, ...] = ()


# ---------------------------------------------------------------- checking


def vocabulary(ctx: Context, session: Session) -> Vocabulary:
    """What playbooks may name under the agreement in force, and have to keep to."""
    return vocabulary_of(agreement.current(session), ctx.settings)


def check_file(ctx: Context | None, path: Path) -> Checked:
    """All that is wrong with a playbook file. Without a context, only with the file itself.

    AbmError if there is no such file.
    """
    known = None
    if ctx:
        with ctx.db.reading() as session:
            known = vocabulary(ctx, session)
    return check(read(path), str(path), known, groups_beside(path))


# ---------------------------------------------------------------- versions


def apply(
    ctx: Context, source: str | bytes, file: str, user: str = "", groups: Groups = NO_GROUPS
) -> Applied:
    """Store the playbook as a version, with the groups that it includes, and make it the current
    one.

    A content that was stored before becomes current again under its old number. Raises Problems,
    and writes nothing, if there is any error.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        checked = check(source, file, vocabulary(ctx, session), groups)
        new = _version(checked, source, now, user)
        title = new.canonical["title"]
        playbook = _locked(session, new.playbook, title)
        version = plays.version_of_digest(session, new.playbook, new.digest)
        version = version or plays.add_version(session, new, title)
        changed = playbook.current != version.number
        if changed:
            plays.set_current(session, new.playbook, version.number, title)
            # Its pace may be another one.
            enrolling.ask_now(session, [new.playbook], now)
        return Applied(version.id or 0, new.playbook, version.number, changed, checked.warnings)


def roll_back(ctx: Context, playbook: str, number: int, user: str = "") -> Applied:
    """Let a version be in force again: the same content under a new number, so that the list tells
    what was in force when. Plays stay with the version that they are in.

    AbmError for a version that does not exist or is in force; Problems if it is no longer sound.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        old = stored(session, playbook, number)
        book = _locked(session, playbook, old.canonical["title"])
        if book.current == number:
            hint = f"`abm versions {playbook}` lists the others"
            raise AbmError(f"version {number} of {playbook} is in force", hint)
        file = f"{playbook}, version {number}"
        groups = {name: Group(f"groups/{name}.yaml", text) for name, text in old.groups.items()}
        checked = check(old.source, file, vocabulary(ctx, session), groups)
        checked.sound()
        again: dict[str, Any] = {"number": 0, "created_at": now, "created_by": user}
        kept = old.model_dump(exclude={"id", *again})
        version = plays.add_version(session, PlaybookVersion(**kept, **again), book.title)
        plays.set_current(session, playbook, version.number, old.canonical["title"])
        enrolling.ask_now(session, [playbook], now)
        return Applied(version.id or 0, playbook, version.number, True, checked.warnings)


def stored(session: Session, playbook: str, number: int) -> PlaybookVersion:
    """A version as it was stored; AbmError names those that there are."""
    if found := plays.version(session, playbook, number):
        return found
    known = [str(one.number) for one in reversed(plays.versions(session, playbook))]
    if not known:
        raise AbmError(f"no playbook {playbook!r} was ever applied", "`abm status` lists them")
    raise AbmError(f"{playbook} has no version {number}", f"there are: {', '.join(known)}")


def _version(checked: Checked, source: str | bytes, now: datetime, user: str) -> PlaybookVersion:
    plan = checked.sound()
    return PlaybookVersion(
        playbook=plan.name,
        number=0,  # the store gives it
        digest=digest(plan),
        format=FORMAT,
        source=source if isinstance(source, str) else source.decode("utf-8-sig"),
        groups=dict(checked.groups),
        canonical=canonical(plan),
        created_at=now,
        created_by=user,
    )


def _locked(session: Session, name: str, title: str) -> Playbook:
    """The playbook, made if it is new; others who apply it wait until the transaction ends."""
    row = {"name": name, "title": title, "current": 0, "pause_reason": ""}
    insert_new(session, Playbook, [row])
    return session.get_one(Playbook, name, with_for_update=True)
