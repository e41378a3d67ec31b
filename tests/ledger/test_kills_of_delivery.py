"""SIGKILL at every named point of `deliver`; the witness is the other side's accept log.

Six messages leave in three groups of two. Whoever was killed between its intent and its record
may or may not have sent: over SMTP that, and nothing else, ends as unknown; a webhook goes again
under the same key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from orchestrator.store.database import Database
from tests.ledger import seed, witness, worker
from tests.ledger.conftest import Databases
from tests.ledger.witness import Verdict
from tests.support.sinks import HttpSink, SmtpSink

ROWS = 6


class Doubt(NamedTuple):
    """How many messages stood between intent and record when it died, and how many had left."""

    number: int
    left: int


# The record of one group rides in the transaction of the next group's intent.
POINTS = {
    ("before_claim", 1): Doubt(0, 0),
    ("in_claim", 1): Doubt(0, 0),
    ("after_claim", 1): Doubt(0, 0),
    ("after_render", 1): Doubt(0, 0),
    ("after_offer", 1): Doubt(0, 0),
    ("in_intent", 1): Doubt(0, 0),
    ("after_intent", 1): Doubt(2, 0),
    ("after_send", 1): Doubt(2, 2),
    ("after_offer", 2): Doubt(2, 2),
    ("in_record", 1): Doubt(2, 2),
    ("in_intent", 2): Doubt(2, 2),
    ("after_record", 1): Doubt(2, 0),
    ("after_intent", 2): Doubt(2, 0),
    ("after_send", 2): Doubt(2, 2),
    ("after_send", 3): Doubt(2, 2),
    ("in_record", 3): Doubt(2, 2),
    ("after_record", 3): Doubt(0, 0),
}


@dataclass
class Death:
    """One killed process and what the next one made of it."""

    exitcode: int | None
    sending: int  # rows between intent and record
    verdict: Verdict


Deaths = dict[tuple[str, int], Death]
KINDS = {"sqlite": "sqlite", "pg": "postgresql"}
AT_ONCE = 6


@pytest.fixture(scope="module", params=["sqlite-smtp", "sqlite-webhook", "pg-smtp", "pg-webhook"])
def deaths(
    request: pytest.FixtureRequest,
    databases: Databases,
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deaths]:
    """Every point's process killed, some at a time, each on a database of its own."""
    kind, _, channel = request.param.partition("-")
    folder = tmp_path_factory.mktemp("sink")
    sink = SmtpSink(folder) if channel == "smtp" else HttpSink(folder)
    points, found = list(POINTS), Deaths()
    while batch := [points.pop(0) for _ in points[:AT_ONCE]]:
        with ExitStack() as lent:
            urls = [lent.enter_context(databases(KINDS[kind])) for _ in batch]
            pairs = zip(batch, urls, strict=True)
            cases = [_Case(point, url, home, sink) for point, url in pairs]
            found |= {case.point: case.death() for case in cases}
    yield found
    sink.stop()


class _Case:
    """A process on a database of its own; the sending domain or the path tells its messages."""

    def __init__(
        self, point: tuple[str, int], url: str, home: Path, sink: SmtpSink | HttpSink
    ) -> None:
        self.point = point
        self.name = "{}-{}".format(*point).replace("_", "-")
        self.sink, db = sink, Database(url)
        if isinstance(sink, SmtpSink):
            seed.mails(db, ROWS)
        else:
            seed.hooks(db, ROWS, sink.url(self.path))
        db.dispose()
        port = {"smtp" if isinstance(sink, SmtpSink) else "http": sink.port}
        self.settings = seed.settings(home, url, domain=self.domain, **port)
        self.process = worker.start(worker.Job("deliver", self.settings, *point))

    @property
    def domain(self) -> str:
        return f"{self.name}.example"

    @property
    def path(self) -> str:
        return f"/ok?case={self.name}"

    def accepted(self) -> Counter[str]:
        log = self.sink.accepted()
        on_mail = isinstance(self.sink, SmtpSink)
        return witness.mails(log, self.domain) if on_mail else witness.hooks(log, self.path)

    def death(self) -> Death:
        self.process.join(60)
        ctx = worker.context(self.settings)
        sending = [row for row in witness.touches(ctx.db) if row.status == "sending"]
        witness.lapse(ctx.db)
        witness.finish(ctx)
        found = witness.verdict(ctx.db, self.accepted())
        ctx.db.dispose()
        return Death(self.process.exitcode, len(sending), found)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: "{}-{}".format(*point))
def test_a_process_killed_here_sends_nothing_twice_and_loses_nothing(
    deaths: Deaths, point: tuple[str, int], request: pytest.FixtureRequest
):
    death, doubt = deaths[point], POINTS[point]
    assert death.exitcode == -9  # it came to the point, and no further
    assert death.sending == doubt.number
    assert death.verdict.honest, death.verdict
    if "smtp" in request.node.name:
        assert len(death.verdict.unknown) == doubt.number
        assert death.verdict.unknown_accepted == doubt.left
        assert len(death.verdict.accepted) == ROWS - doubt.number + doubt.left
    else:
        assert death.verdict.unknown == []
        assert len(death.verdict.accepted) == ROWS
