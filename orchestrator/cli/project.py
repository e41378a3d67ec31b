"""Which project a command works on, and the door to its database.

Everything heavy is imported when a command opens the project, never before: `abm --help` stays
quick.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from accounts.errors import AbmError

if TYPE_CHECKING:
    from accounts.matching import Rules
    from orchestrator.app import App
    from orchestrator.engine.staff.auditing import Deed
    from orchestrator.settings import Settings

FILE = "abm.toml"  # orchestrator.settings.FILE, spelled here because that import costs 0.3 s

# What --project says; None looks upwards from the current folder, as git does.
chosen: ContextVar[Path | None] = ContextVar("chosen", default=None)


def find() -> Path:
    """The project's folder; AbmError when there is none."""
    said = chosen.get()
    if said is not None:
        if (said / FILE).is_file():
            return said.absolute()
        raise AbmError(f"there is no {FILE} in {said}", "`abm init --project DIR` makes one")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    raise AbmError(
        f"there is no {FILE} in {here} or in any folder above it",
        "`abm init` makes a project here; --project DIR names one elsewhere",
    )


def settings() -> Settings:
    """The project's settings; Problems when `abm.toml` is wrong."""
    from orchestrator.settings import load

    return load(find())


def rules() -> Rules:
    """How the project matches; what ships, where there is no project."""
    from orchestrator.settings import load

    try:
        folder = find()
    except AbmError:
        folder = Path.cwd()
    return load(folder).matching.rules


@contextmanager
def opened() -> Iterator[App]:
    """The project's use cases for looking on: what writes asks for `recorded`, or for `working`
    where the engine does its own work."""
    with working() as app:
        yield replace(app, ctx=replace(app.ctx, db=app.ctx.db.sealed()))


@contextmanager
def working() -> Iterator[App]:
    """The project's use cases on a database of the right schema, closed afterwards."""
    from orchestrator.app import build
    from orchestrator.veil import draw

    said = settings()
    draw(said)
    app = build(said)
    try:
        app.ctx.db.check_schema()
        yield app
    finally:
        app.close()


@contextmanager
def recorded(
    action: str, about: str, detail: str = "", *, by: str = "", dry_run: bool = False
) -> Iterator[App]:
    """`opened`, but what it changes stands in the audit log in the same transaction, done by the
    machine's user. What a dry run tries is taken back, and no deed."""
    from orchestrator.engine.staff.auditing import recorded as into_the_log

    with working() as app:
        told = deed(action, about, detail, by)
        yield app if dry_run else replace(app, ctx=into_the_log(app.ctx, told))


def deed(action: str, about: str, detail: str = "", by: str = "") -> Deed:
    """What somebody does at the command line, as the audit log tells it. `about` is the kind of
    object and which one, as "user kim"; `by` is who they say that they are; the actor is the
    machine's user."""
    from getpass import getuser

    from orchestrator.engine.staff.auditing import Deed

    said = " ".join(filter(None, (detail, f"by={by}" if by else "")))
    kind, _, name = about.partition(" ")
    return Deed(action, about[:200], said, getuser(), via="cli", kind=kind, name=name)
