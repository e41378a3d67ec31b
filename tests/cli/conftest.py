"""Projects for the command line: real folders, a real SQLite file, the real command."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orchestrator.cli import main
from orchestrator.store.database import Database


@pytest.fixture
def db(migrated_url: str) -> Iterator[Database]:
    """A migrated, empty database of each kind."""
    database = Database(migrated_url)
    yield database
    database.dispose()


@dataclass
class Abm:
    """The command in this process, in a project: `abm("status")` gives what it printed."""

    project: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: object, code: int = 0) -> str:
        """Its output; on failure both streams, for the test to read."""
        ended = main(["--project", str(self.project), *map(str, words)])
        out, err = self.capsys.readouterr()
        assert ended == code, f"exit {ended}\n{out}{err}"
        assert "\x1b" not in out + err
        assert "\t" not in out
        return out if code == 0 else out + err

    def json(self, *words: object) -> Any:
        """Its output with --json, parsed."""
        return json.loads(self(*words, "--json"))


@pytest.fixture(scope="session")
def empty_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project as `abm init` leaves it; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("project")
    assert main(["--project", str(folder), "init"]) == 0
    return folder


@pytest.fixture
def abm(
    empty_project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Abm:
    """The command in a fresh project of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)  # nobody's screen limits what is read here
    folder = tmp_path / "project"
    shutil.copytree(empty_project, folder)
    capsys.readouterr()
    return Abm(folder, capsys)
