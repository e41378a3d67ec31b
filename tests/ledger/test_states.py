"""A few plays, anything that can happen to them, in any order; see `machine`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.machine import Machine, Mortal

PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.fixture
def machine(migrated_sqlite: Path, home: Path, tmp_path: Path) -> Iterator[type[Machine]]:
    """The machine on a database like the migrated one."""
    db = Mortal(f"sqlite:///{tmp_path / 'abm.db'}")
    yield type("Machine", (Machine,), {"db": db, "empty": migrated_sqlite, "home": home})
    db.dispose()


def test_whatever_happens_the_promises_hold(machine: type[Machine]):
    few = settings(
        PATIENT,
        max_examples=20,
        stateful_step_count=25,
        derandomize=True,
        phases=[Phase.generate],  # making a failure small takes minutes: the slow one does that
    )
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.slow
def test_whatever_happens_for_long_the_promises_hold(machine: type[Machine]):
    many = settings(PATIENT, max_examples=200, stateful_step_count=60)
    run_state_machine_as_test(machine, settings=many)
