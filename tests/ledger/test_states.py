"""A few plays, anything that can happen to them, in any order; see `machine`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.ledger.machine import Machine

PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.fixture
def machine(empty_sqlite: Path, home: Path) -> type[Machine]:
    """The machine on databases like the migrated one."""
    return type("Machine", (Machine,), {"template": empty_sqlite, "home": home})


def test_whatever_happens_the_promises_hold(machine: type[Machine]):
    few = settings(PATIENT, max_examples=12, stateful_step_count=25, derandomize=True)
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.slow
def test_whatever_happens_for_long_the_promises_hold(machine: type[Machine]):
    many = settings(PATIENT, max_examples=200, stateful_step_count=60)
    run_state_machine_as_test(machine, settings=many)
