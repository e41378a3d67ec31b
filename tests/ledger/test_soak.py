"""Hours of bad luck in minutes: workers are killed at random while a slow server takes mail.

`make slow` runs it; the seed is printed, and ABM_SOAK_SEED repeats it.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from orchestrator.engine.context import Context
from orchestrator.engine.running.outcomes import DEADLY
from tests.ledger import seed, witness, worker
from tests.ledger.witness import ENDED
from tests.support.sinks import HttpSink, SmtpSink

pytestmark = pytest.mark.slow

House = Callable[..., Context]
MAILS = 1_500
WORKERS = 4
LEASE = timedelta(seconds=2)
LONGEST = timedelta(minutes=20)


@pytest.fixture
def luck() -> random.Random:
    """Randomness with a seed that is printed."""
    number = int(os.environ.get("ABM_SOAK_SEED") or random.randrange(1 << 32))
    print(f"ABM_SOAK_SEED={number}")  # noqa: T201 - whoever repeats the run needs it
    return random.Random(number)


def soak(ctx: Context, luck: random.Random) -> int:
    """Run workers, killing one after another, until everything has ended; the number of kills."""
    job = worker.Job("run", ctx.settings, lease=LEASE, width=4, limit=12)
    running, kills = [worker.start(job) for _ in range(WORKERS)], 0
    give_up = time.monotonic() + LONGEST.total_seconds()
    while any(row.status not in ENDED for row in witness.touches(ctx.db)):
        assert time.monotonic() < give_up, "it does not come to an end"
        time.sleep(luck.uniform(0.05, 0.5))
        victim = luck.randrange(WORKERS)
        process = running[victim]
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid or 0, luck.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
        process.join(10)
        kills += 1
        running[victim] = worker.start(job)
    for process in running:
        process.kill()
        process.join(10)
    return kills


@pytest.mark.parametrize("mood", ["", "drop", "tempfail"])
def test_random_kills_double_nothing_lose_nothing_and_claim_nothing_false(
    house: House, make_smtp_sink: Callable[..., SmtpSink], luck: random.Random, mood: str
):
    options = {"mode": mood, "every": 10} if mood else {}
    sink = make_smtp_sink(delay=0.3, **options)
    ctx = house(sink, timeout=1.0)
    seed.mails(ctx.db, MAILS)
    kills = soak(ctx, luck)
    found = witness.verdict(ctx.db, witness.mails(sink.accepted()))
    print({"kills": kills, **found.figures()})  # noqa: T201 - the figures of the run
    assert found.honest, found
    # What left is what we say has left, and what we do not know.
    assert len(found.accepted) <= MAILS
    assert kills > 50


def test_random_kills_lose_no_webhook(house: House, http_sink: HttpSink, luck: random.Random):
    ctx = house(http_sink)
    seed.hooks(ctx.db, MAILS, http_sink.url())
    kills = soak(ctx, luck)
    found = witness.verdict(ctx.db, witness.hooks(http_sink.accepted()))
    print({"kills": kills, **found.figures()})  # noqa: T201 - the figures of the run
    assert found.honest, found
    # Sent again until it is known; only what died in four hands in a row is left to a person.
    given_up = [one for one in witness.touches(ctx.db) if one.status == "unknown"]
    assert all(DEADLY in one.reason for one in given_up), given_up
    assert len(given_up) <= MAILS / 100
    assert len(found.accepted) >= MAILS - len(given_up)
