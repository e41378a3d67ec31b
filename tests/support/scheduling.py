"""Which worker runs what: a file's tests stay together, and the longest files begin first.

A file's set-ups are made once, and no worker is left alone with a long file at the end. (xdist's
own groups write into the id of a test, where pytest 9.2 no longer reads them.)
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

# Files that share Prefect's server, which takes its time to start.
_PREFECT = (
    "tests/cli/test_up.py",
    "tests/flows/test_deployments.py",
    "tests/flows/test_prefect.py",
    "tests/flows/test_server.py",
    "tests/house/test_servers.py",
)
# Seconds, from the longest.
_LONG = (
    *_PREFECT,
    "tests/ledger/test_kills_of_delivery.py",
    "tests/web/test_looks.py",
    "tests/web/test_browser.py",
    "tests/house/test_docs.py",
    "tests/house/test_wheel.py",
    "tests/ledger/test_races.py",
    "tests/engine/test_importing.py",
    "tests/scenarios/test_many_accounts.py",
    "tests/messages/test_bounds.py",
    "tests/web/test_api.py",
    "tests/web/test_hostile.py",
    "tests/web/test_guards.py",
    "tests/cli/test_start.py",
    "tests/ledger/test_states.py",
    "tests/scenarios/test_random_moves.py",
)


def place(nodeid: str) -> int:
    """How early a test begins."""
    file = _file(nodeid)
    return _LONG.index(file) if file in _LONG else len(_LONG)


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Hands out files in the order of the collection."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = _file(nodeid)
        return "prefect" if file in _PREFECT else file
