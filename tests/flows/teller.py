"""Runs flows when told to, in a process of its own, as a worker would.

The project is ABM_PROJECT, the server PREFECT_API_URL. Each line on stdin names flows; the answer
is one line of JSON with what each returned, or the text of its exception. `broken=X` in a line
lets batch X fail the way a database does.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from unittest.mock import patch

from accounts.errors import AbmError
from flows.runner import flow_of, in_process
from orchestrator.engine import ticking
from orchestrator.engine.context import Context


def failing(_ctx: Context) -> ticking.Work:
    raise AbmError("a key is there already\nDETAIL: Key (email)=(ann.archer@acme.example)")


def run(concern: str) -> object:
    try:
        return flow_of(concern)()
    except Exception as error:  # noqa: BLE001 - the test reads it
        return f"{type(error).__name__}: {error}"


def answer(words: Sequence[str]) -> dict[str, object]:
    broken = {word.removeprefix("broken=") for word in words if "=" in word}
    with patch.dict("flows.shared.BATCHES", dict.fromkeys(broken, failing)), in_process():
        return {word: run(word) for word in words if "=" not in word}


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(line.split())) + "\n")
        sys.stdout.flush()
