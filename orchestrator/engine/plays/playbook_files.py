"""The files of playbooks and of groups of steps, checked against what is agreed and written.

No database is asked, and none of what speaks to one is loaded: `abm check` answers the sooner.
"""

from __future__ import annotations

from pathlib import Path

from accounts.errors import AbmError, Problem
from orchestrator.alignment import Agreement
from orchestrator.language import Group, Groups, Vocabulary, check, check_group
from orchestrator.language.source import LONGEST
from orchestrator.language.vocabulary import ROLES
from orchestrator.messages import KNOWN, Library
from orchestrator.settings import Settings

GROUPS = "groups"  # the folder beside playbooks in which groups of steps stand
# Roles of an account team where the agreement names none of its own.
TEAM_ROLES = frozenset({"owner", "sdr", "exec", "marketing", "customer"})


def vocabulary_of(agreed: Agreement, settings: Settings) -> Vocabulary:
    """What playbooks may name under an agreement and the settings, and have to keep to."""
    library = Library(settings.templates)
    templates, broken = _templates(library)
    return Vocabulary(
        segments=frozenset(agreed.segments),
        personas=frozenset(agreed.personas),
        team_roles=frozenset(agreed.roles) or TEAM_ROLES,
        templates=templates,
        roles=ROLES | {one.role for one in agreed.personas.values() if one.role},
        variables=KNOWN,
        broken=broken,
        signed_for=agreed.signed_for,
        taken_up=agreed.sla.get("hand_off", {}),
        quiet=settings.workspace.quiet,
        caps=settings.caps.model_dump()
        | {cap.scope: f"{cap.limit} per {cap.window}" for cap in agreed.caps},
        insights=frozenset(name for name in templates if library.insight(name)),
        unsaid=frozenset(name for name in templates if not library.teaches(name)),
    )


def _templates(library: Library) -> tuple[dict[str, frozenset[str]], dict[str, str]]:
    """The variables of each template, and what is wrong with those that cannot be read."""
    templates: dict[str, frozenset[str]] = {}
    broken: dict[str, str] = {}
    for name in library.names():
        try:
            templates[name] = library.variables(name)
        except AbmError as error:
            broken[name] = str(error)
    return templates, broken


def problems_of(path: Path, known: Vocabulary | None) -> tuple[Problem, ...]:
    """All that is wrong with the file of a playbook, or with that of a group of steps."""
    if path.absolute().parent.name != GROUPS:
        return check(read(path), str(path), known, groups_beside(path)).problems
    groups = groups_in(path.parent)
    return check_group(read(path), str(path), path.stem, known, groups)


def groups_beside(path: Path) -> Groups:
    """The groups of steps that the playbook of a file may include, by name."""
    return groups_in(path.parent / GROUPS)


def groups_in(folder: Path) -> Groups:
    """The groups of a folder, by name; AbmError for one that cannot be read."""
    files = sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml"))
    return {path.stem: Group(str(path), read(path)) for path in files}


def read(path: Path) -> bytes:
    """The bytes of a playbook file, no more than it takes to say that it is too long."""
    try:
        with path.open("rb") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise AbmError(f"{path} cannot be read: {error.strerror}") from error
