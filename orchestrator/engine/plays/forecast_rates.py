"""How people answered in this workspace so far, as the rates of a dry run."""

from __future__ import annotations

from collections import Counter, defaultdict

from orchestrator.engine.context import Context
from orchestrator.simulate import Rates
from orchestrator.simulate.likely import table_for
from orchestrator.simulate.rates import ALLOWED, BESIDE, OF_MAIL, learned
from orchestrator.store.plays import forecasts


def from_history(ctx: Context) -> Rates:
    """Rates by this workspace's own touches, tasks and activities; defaults where it has none."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    tried: Counter[str] = Counter()
    with ctx.db.reading() as session:
        mailed = forecasts.mailed(session)
        tried["email"] = mailed.sent
        kinds = [kind for kind in OF_MAIL if kind not in BESIDE]
        seen["email"] += Counter(forecasts.answers(session, kinds))
        seen["email"] += Counter(opened=mailed.opened, clicked=mailed.clicked)
        for purpose, kind, disposition, number in forecasts.dispositions(session):
            name = table_for(purpose, kind)
            tried[name] += number
            if disposition in ALLOWED[name]:
                seen[name][disposition] += number
            elif name == "task":
                seen[name]["done"] += number
    return learned(seen, tried)
