"""What the code imports, pyproject names."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = {"accounts", "orchestrator", "flows"}


def key(name: str) -> str:
    """A distribution's name in its comparable form."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;, ]", name)[0]).lower()


def imported() -> set[str]:
    """Top-level names that the three packages import, wherever in a file."""
    names: set[str] = set()
    for path in (file for package in OURS for file in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - OURS - set(sys.stdlib_module_names)


def test_every_import_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {key(requirement) for requirement in project["dependencies"]}
    providers = importlib.metadata.packages_distributions()
    undeclared = {
        name
        for name in imported()
        if not declared & {key(provider) for provider in providers.get(name, [])}
    }
    assert not undeclared


def test_constraints_are_names_and_versions_only():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert len({key(line) for line in lines}) == len(lines)
