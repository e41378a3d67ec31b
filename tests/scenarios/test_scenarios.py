"""Each rule of the language is told by scenarios that the dry run and the engine both pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.scenarios.running import let_happen
from orchestrator.store.database import Database
from tests.scenarios.scenario import read
from tests.scenarios.worlds import DryRun, Engine

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
RULES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 18, 19, 20}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_dry_run_and_the_engine_write_the_log_that_the_rule_asks_for(
    file: Path, folder: Path, empty_database: Callable[[], Database]
) -> None:
    scenario = read(file)
    dry, real = DryRun(scenario), Engine(scenario, folder, empty_database())
    let_happen(scenario, dry)
    log = "\n".join(map(str, dry.log())) + "\n"
    assert log == scenario.expect, f"the dry run of {scenario.title}"
    let_happen(scenario, real)
    assert "\n".join(map(str, real.log())) + "\n" == log, f"the engine: {scenario.title}"
    assert real.standing() == dry.standing()
    assert real.details() == dry.details()
    assert scenario.details.items() <= dry.details().items()
    assert scenario.ends == (dry.standing().outcome or dry.standing().status)


def test_every_rule_has_its_scenarios() -> None:
    assert {read(file).rule for file in FILES} == RULES
