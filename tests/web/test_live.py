"""News without a reload: who hears what, and what listening costs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from sqlalchemy import QueuePool

from accounts.records import AccountTeam
from orchestrator.store.companies import log
from orchestrator.store.staff.access import Visit
from orchestrator.web.live import WAITING, Pulse
from tests.support.cast import NOW
from tests.support.site import Site, queries


def visit(site: Site, name: str, team: str) -> Visit:
    return Visit("", site.desk.users[name], name, name, team, "UTC", "", "", NOW, NOW)


def heard(site: Site, who: list[Visit], happens: Callable[[], object]) -> list[str]:
    """What each of them hears, after what happens while all listen."""
    pulse = Pulse(site.desk.ctx, every=0.02, lasts=1.0)

    async def one(whose: Visit) -> str:
        return "".join([part async for part in pulse.listen(whose)])

    async def all_() -> list[str]:
        streams = [asyncio.create_task(one(whose)) for whose in who]
        await pulse.begun.wait()
        await asyncio.to_thread(happens)
        return list(await asyncio.gather(*streams))

    found = asyncio.run(all_())
    assert pulse.listeners == set()
    return found


def test_everybody_hears_of_what_is_theirs_alone(site: Site):
    site.desk.task(occurrence=9)  # known already
    with site.desk.ctx.db.writing() as session:
        session.add(AccountTeam(account_id=site.desk.acme, role="owner", user_id=site.desk.dana))
        session.add(AccountTeam(account_id=site.desk.acme, role="agency",
                                user_id=site.desk.users["agency"]))  # fmt: skip

    def happens() -> None:
        site.desk.task(assignee_id=site.desk.dana)
        site.desk.task(occurrence=2, assignee_id=None, team="agency")
        with site.desk.ctx.db.writing() as session:
            acme, text = site.desk.acme, "read\n\ndata: x"
            rows = [log.entry(kind, at=NOW, account_id=acme, text=text)
                    for kind in ("visit", "touch.sent")]  # fmt: skip
            log.write(session, rows)

    who = [visit(site, "dana", "sales"), visit(site, "max", "marketing"),
           visit(site, "agency", "agency")]  # fmt: skip
    dana, max_, agency = heard(site, who, happens)
    assert dana.count("event: task") == 1
    assert dana.count("event: moment") == 1
    assert 'Acme", "id": 1, "text": "read\\n\\ndata: x"' in dana  # on one line
    assert "event" not in max_
    assert (agency.count("event: task"), agency.count("event: moment")) == (1, 0)


def test_listening_holds_no_connection_no_thread_and_one_look_serves_all(site: Site):
    who = [visit(site, "dana", "sales")] * 200
    seen: list[tuple[int, int]] = []

    def happens() -> None:
        pool = site.desk.ctx.db.engine.pool
        assert isinstance(pool, QueuePool)
        seen.append((pool.checkedout(), threading.active_count()))

    before = threading.active_count()
    asked = queries(site, lambda: heard(site, who, happens))
    ((connections, threads),) = seen
    assert connections <= 1  # of the one that looks
    assert threads <= before + 8
    assert asked < 200  # two a look, and not for each of them


def test_whoever_reads_too_slowly_fills_no_memory(site: Site):
    with site.desk.ctx.db.writing() as session:
        session.add(AccountTeam(account_id=site.desk.acme, role="owner", user_id=site.desk.dana))

    def happens() -> None:
        rows = [log.entry("visit", at=NOW, account_id=site.desk.acme, text="x") for _ in range(99)]
        with site.desk.ctx.db.writing() as session:
            log.write(session, rows)

    (told,) = heard(site, [visit(site, "dana", "sales")], happens)
    assert 0 < told.count("event: moment") <= WAITING


def test_a_stream_is_one_and_says_so(site: Site):
    answer = site.visit("dana").client.get("/live")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.startswith("retry: 3000\n\n")
