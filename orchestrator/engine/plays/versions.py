"""The versions of a playbook: which there are, what is different between them, who is on which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from accounts.errors import AbmError, Problem
from orchestrator.engine.context import Context
from orchestrator.engine.plays.courses import Courses, batches
from orchestrator.engine.plays.playbooks import stored, vocabulary
from orchestrator.language import Groups, check, digest, from_canonical
from orchestrator.language.changes import Change, changes
from orchestrator.language.checking import NO_GROUPS
from orchestrator.store.plays import migrating, plays
from orchestrator.terms import Plan


@dataclass(frozen=True, slots=True)
class Version:
    """A stored version; `accounts` are those enrolled with it, by status. Those stay with it."""

    number: int
    created_at: datetime
    created_by: str
    current: bool
    accounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Planned:
    """What applying a file would do: the number it would get, and what it says differently.

    `current` is the version in force, 0 for none. Nothing changes where the two are the same.
    `movable` counts the accounts under way that could move to it, by the version that they are in;
    `unmovable` says why none could.
    """

    playbook: str
    current: int
    number: int
    changes: tuple[Change, ...]
    versions: tuple[Version, ...]
    warnings: tuple[Problem, ...]
    movable: Mapping[int, int] = field(default_factory=dict)
    unmovable: str = ""


def versions(ctx: Context, playbook: str) -> list[Version]:
    """Every version, the newest first. AbmError if there is no such playbook."""
    with ctx.db.reading() as session:
        return _versions(session, playbook)


def _versions(session: Session, playbook: str) -> list[Version]:
    found, known = plays.versions(session, playbook), plays.playbook(session, playbook)
    if known is None or not found:
        raise AbmError(f"no playbook {playbook!r} was ever applied", "`abm status` lists them")
    enrolled = plays.on_versions(session, playbook)
    return [
        Version(
            one.number, one.created_at, one.created_by, one.number == known.current,
            enrolled.get(one.number, {}),
        )
        for one in found
    ]  # fmt: skip


def source(ctx: Context, playbook: str, number: int) -> str:
    """A version as its author wrote it: applied again, it is in force again. The groups of steps
    that it includes follow, each under the name of its file."""
    with ctx.db.reading() as session:
        found = stored(session, playbook, number)
        groups = (f"--- # groups/{name}.yaml\n{text}" for name, text in found.groups.items())
        return "\n".join([found.source.rstrip(), *groups])


def plan_in_force(ctx: Context, playbook: str) -> Plan:
    """The plan that new accounts get. AbmError if there is no such playbook."""
    with ctx.db.reading() as session:
        known = plays.playbook(session, playbook)
        if known is None or not known.current:
            raise AbmError(f"no playbook {playbook!r} was ever applied", "`abm status` lists them")
        return _plan(session, playbook, known.current)


def compare(ctx: Context, playbook: str, old: int, new: int) -> list[Change]:
    """What version `new` says differently from `old`."""
    with ctx.db.reading() as session:
        return changes(_plan(session, playbook, old), _plan(session, playbook, new))


def plan(ctx: Context, content: str | bytes, file: str, groups: Groups = NO_GROUPS) -> Planned:
    """What applying a playbook file would do; writes nothing. Raises Problems for an error."""
    with ctx.db.reading() as session:
        checked = check(content, file, vocabulary(ctx, session), groups)
        new = checked.sound()
        known = plays.playbook(session, new.name)
        if known is None or not known.current:
            return Planned(new.name, 0, 1, (), (), checked.warnings)
        same = plays.version_of_digest(session, new.name, digest(new))
        found = _versions(session, new.name)
        number = same.number if same else found[0].number + 1
        different = changes(_plan(session, new.name, known.current), new)
        return Planned(
            new.name, known.current, number, tuple(different), tuple(found), checked.warnings,
            *_movable(ctx, session, new, number),
        )  # fmt: skip


def _movable(
    ctx: Context, session: Session, new: Plan, number: int
) -> tuple[Mapping[int, int], str]:
    movers = [one for one in migrating.movers(session, new.name) if one.number != number]
    courses = Courses(ctx, session, new, number, {})
    try:
        found = [one for some in batches(movers) for one in courses.of(session, some)]
    except AbmError as error:
        return {}, str(error)
    return Counter(one.mover.number for one in found if one.course), ""


def _plan(session: Session, playbook: str, number: int) -> Plan:
    return from_canonical(stored(session, playbook, number).canonical)
