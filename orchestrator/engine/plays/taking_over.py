"""Sequences of other tools, taken over as playbook and template files: seen first, then written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from accounts.errors import AbmError, Problem
from orchestrator.engine.plays.playbook_files import TEAM_ROLES
from orchestrator.language import Vocabulary, check
from orchestrator.messages import KNOWN
from orchestrator.messages.compiled import compile_template
from orchestrator.messages.library import SUFFIX
from orchestrator.sequences import Made, convert


@dataclass(frozen=True, slots=True)
class Places:
    """The folders into which playbooks and templates go."""

    playbooks: Path
    templates: Path


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A playbook with its files (path -> source) and what `abm check` will say of it."""

    made: Made
    files: Mapping[Path, str]
    problems: tuple[Problem, ...]

    @property
    def playbook(self) -> Path:
        """The playbook's file."""
        return next(iter(self.files))

    @property
    def existing(self) -> list[Path]:
        """The files that stand there already."""
        return [path for path in self.files if os.path.lexists(path)]


def take_over(
    data: bytes, file: str, vendor: str, places: Places, known: Vocabulary | None
) -> list[TakenOver]:
    """The playbooks of an export, checked, nothing written. AbmError or Problems if unreadable.

    `known` are the project's names; without a project only those that every project has.
    """
    return [_taken(made, places, known) for made in convert(data, file, vendor)]


def _taken(made: Made, places: Places, known: Vocabulary | None) -> TakenOver:
    path = places.playbooks / f"{made.name}.yaml"
    files = {path: made.source}
    files |= {places.templates / f"{name}{SUFFIX}": text for name, text in made.templates.items()}
    problems = check(made.source, str(path), _with(made, known)).problems
    return TakenOver(made, files, problems)


def _with(made: Made, known: Vocabulary | None) -> Vocabulary:
    """The names that there will be once its templates are written."""
    known = known or Vocabulary(frozenset(), frozenset(), TEAM_ROLES, templates={}, variables=KNOWN)
    used, broken = dict(known.templates), dict(known.broken)
    for name, source in made.templates.items():
        broken.pop(name, None)
        try:
            used[name] = compile_template(name, source).variables
        except AbmError as error:
            broken[name] = str(error)
    return replace(known, templates=used, broken=broken)


def write(taken: list[TakenOver], *, force: bool = False) -> None:
    """Write all files. AbmError if any is there already and not forced, or cannot be written."""
    if (there := [path for one in taken for path in one.existing]) and not force:
        more = f" and {len(there) - 1} more exist" if len(there) > 1 else " exists"
        hint = "--force overwrites, --out DIR writes elsewhere"
        raise AbmError(f"{there[0]}{more} already; nothing was written", hint)
    for one in taken:
        for path, source in one.files.items():
            _write(path, source, force=force)


def _write(path: Path, source: str, *, force: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if force:
            path.unlink(missing_ok=True)  # never through a link
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(source)
    except OSError as error:
        raise AbmError(f"{path} cannot be written: {error.strerror}") from error
