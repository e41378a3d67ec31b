"""The scenarios of a project: `playbooks/tests/PLAYBOOK/NAME.yaml`, each beside its playbook."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from accounts.errors import AbmError, Problem
from accounts.nearest import nearest
from orchestrator.alignment import Agreement
from orchestrator.engine.plays import playbook_files
from orchestrator.language import Checked, Vocabulary, check
from orchestrator.language.codes import Code
from orchestrator.scenarios import coverage
from orchestrator.scenarios.coverage import Covered
from orchestrator.scenarios.reading import Staged, Told, read, stage

if TYPE_CHECKING:
    from orchestrator.scenarios.expecting import Failure
    from orchestrator.scenarios.happened import Outcome

HOME, FOLDER = "playbooks", "tests"
YAML = (".yaml", ".yml")


def is_scenario(file: Path) -> bool:
    """Whether a file is a scenario: it stands in playbooks/tests/, or in a folder there."""
    folders = file.absolute().parent.parts
    return (HOME, FOLDER) in (folders[-2:], folders[-3:-1])


def alone(file: Path) -> tuple[Problem, ...]:
    """All that is wrong with the file of a scenario, whatever its playbook says."""
    return read(playbook_files.read(file), str(file)).problems


@dataclass(frozen=True, slots=True)
class Result:
    """How a scenario went: problems with its file, or failures of what it expects, or neither."""

    file: Path
    playbook: str
    name: str
    title: str
    seconds: float
    problems: tuple[Problem, ...] = ()
    failures: tuple[Failure, ...] = ()
    outcome: Outcome | None = None
    staged: Staged | None = None

    @property
    def passed(self) -> bool:
        """Whether it could be played, and all that it expects came true."""
        errors = any(one.severity == "error" for one in self.problems)
        return not (errors or self.failures) and self.outcome is not None


@dataclass
class Suite:
    """The playbooks of a folder and their scenarios. Each playbook is read and checked once."""

    folder: Path  # playbooks/
    agreed: Agreement
    vocabulary: Vocabulary
    _checked: dict[str, Checked] = field(default_factory=dict)
    _met: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    # ------------------------------------------------------------ what there is

    def files(self, chosen: Iterable[Path] = ()) -> list[Path]:
        """All scenarios, or those of the files and folders that were chosen."""
        found: list[Path] = []
        for path in [*chosen] or [self.folder / FOLDER]:
            under = sorted(path.rglob("*")) if path.is_dir() else [path]
            found += [one for one in under if one.is_file() and one.suffix in YAML]
        return list(dict.fromkeys(one for one in found if is_scenario(one)))

    def home(self, name: str) -> Path:
        """Where the scenarios of a playbook stand."""
        return self.folder / FOLDER / name

    @cached_property
    def names(self) -> dict[str, Path]:
        """The file of each playbook, by the name that it gives itself."""
        found = {}
        for file in sorted(path for path in self.folder.glob("*") if path.suffix in YAML):
            text = playbook_files.read(file).decode("utf-8", "replace")
            said = re.search(r"^name\s*:\s*[\"']?([\w-]+)", text, re.MULTILINE)
            found[said[1] if said else file.stem] = file
        return found

    def checked(self, name: str) -> Checked:
        """What a check of the draft on disk finds; KeyError if there is no such playbook."""
        if name not in self._checked:
            file = self.names[name]
            groups = playbook_files.groups_beside(file)
            source = playbook_files.read(file)
            self._checked[name] = check(source, str(file), self.vocabulary, groups)
        return self._checked[name]

    # ------------------------------------------------------------ what comes of it

    def problems_of(self, file: Path) -> tuple[Problem, ...]:
        """All that is wrong with the file of a scenario, beside its playbook."""
        told = self._read(file)
        self._stage(told)
        return told.problems

    def run(self, file: Path) -> Result:
        """Let one scenario happen."""
        from orchestrator.scenarios.expecting import failures as failures_of  # a check plays none
        from orchestrator.scenarios.happened import play

        began = time.perf_counter()
        told = self._read(file)
        staged = self._stage(told)
        outcome = play(staged) if staged else None
        failures: Sequence[Failure] = ()
        if staged and outcome:
            failures = failures_of(staged.expect, outcome)
            met = coverage.exercised(staged.scenario.plan, outcome.ledger)
            self._met.setdefault(told.playbook, set()).update(met)
        return Result(
            file, told.playbook, file.stem, told.title, time.perf_counter() - began,
            told.problems, tuple(failures), outcome, staged,
        )  # fmt: skip

    def covered(self, names: Iterable[str]) -> Iterator[Covered]:
        """The coverage of these playbooks by what was run; a broken one has none."""
        for name in names:
            if (plan := self.checked(name).plan) is not None:
                yield coverage.covered(plan, self._met.get(name, ()))

    def _read(self, file: Path) -> Told:
        folder = file.absolute().parent.name
        return read(playbook_files.read(file), str(file), "" if folder == FOLDER else folder)

    def _stage(self, told: Told) -> Staged | None:
        if told.form is None:
            return None
        name = told.playbook
        if name not in self.names:
            message = f"there is no playbook '{name}'" if name else "no playbook is named"
            hint = nearest(name, self.names) if name else "add playbook: NAME, or use a folder"
            told.findings.add(told.at, Code.UNKNOWN_PLAYBOOK, message, hint)
            return None
        plan = self.checked(name).plan
        if plan is None:
            message = f"the playbook '{name}' has errors"
            told.findings.add(told.at, Code.UNKNOWN_PLAYBOOK, message, "`abm check` tells them")
            return None
        return stage(told, plan, self.agreed)


def source_of(file: Path) -> str:
    """The text of a scenario; AbmError if it cannot be read."""
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AbmError(f"{file} cannot be read: {error}") from error
