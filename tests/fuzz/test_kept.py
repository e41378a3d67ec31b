"""What chance found once ends well and soon ever after; and the beginning of a new search."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from accounts.errors import AbmError
from scripts.fuzz import examples, mutated
from tests.fuzz.targets import TARGETS
from tests.support.hanging import ends

KEPT = sorted(path for path in (Path(__file__).parent / "kept").glob("*/*"))
ROUNDS = 150


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_is_mended(path: Path):
    with ends(5), suppress(AbmError):
        TARGETS[path.parent.name].read(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_every_example_and_what_chance_makes_of_it_ends_well(name: str):
    target, chance = TARGETS[name], random.Random(name)
    known = examples(target)
    assert known
    for data in [*known, *(mutated(known, target, chance) for _ in range(ROUNDS))]:
        with ends(5), suppress(AbmError):
            target.read(data)
