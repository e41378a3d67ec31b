"""How many accounts begin, and who first: told by stories that the dry run and the engine pass."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.store.database import Database
from tests.scenarios.crowds import DryRun, Engine, let_happen, read

FILES = sorted((Path(__file__).parent / "pace").glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_dry_run_and_the_engine_let_the_same_accounts_begin_and_say_the_same(
    file: Path, folder: Path, empty_database: Callable[[], Database]
) -> None:
    story = read(file)
    assert let_happen(story, DryRun(story)) == story.expect, f"the dry run of {story.title}"
    real = Engine(story, folder, empty_database())
    assert let_happen(story, real) == story.expect, f"the engine: {story.title}"
