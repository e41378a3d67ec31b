"""The API is as its OpenAPI says, for whatever anybody sends: schemathesis makes it up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from orchestrator.store.database import Database
from tests.support.desk import furnish
from tests.support.program import Program, program
from tests.support.site import open_site

schemathesis = pytest.importorskip("schemathesis")
CASES = 5  # of each call; what they find grows slower than the time they take

often = settings(
    max_examples=CASES, deadline=None, derandomize=True, database=None,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def caller(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that may do everything, on a desk that all cases share."""
    folder = tmp_path_factory.mktemp("schema")
    shutil.copyfile(migrated_sqlite, folder / "abm.db")
    database = Database(f"sqlite:///{folder / 'abm.db'}")
    site = open_site(furnish(database, folder))
    site.desk.task(assignee_id=site.desk.users["admin"])
    yield program(site, "admin")
    database.dispose()


def test_every_answer_is_one_that_the_description_allows(caller: Program):
    """No answer is a 500; status, type and body are as described."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", caller.client.app)
    headers = {"Authorization": f"Bearer {caller.secret}"}
    seen = 0
    for found in schema.get_all_operations():
        seen += 1

        @often
        @given(case=found.ok().as_strategy())
        def check(case) -> None:
            # What a schema cannot say (a NUL deep in a payload, a word of a playbook) is refused.
            checks = [schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
            case.call_and_validate(headers=headers, excluded_checks=checks)

        check()
    assert seen == 50
