"""How long a dry run takes: 10,000 accounts for 90 days in a play of ten steps, on one core.

    python -m benchmarks.simulate [--accounts N] [--days N] [--runs N]

Counted in seconds of this process's own processor time, so that a busy machine tells the same.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from resource import RUSAGE_SELF, getrusage

from benchmarks.world import NOW, STEPS, plan
from orchestrator.simulate import Rates, Setting, made_up, simulate
from orchestrator.simulate.running import crewless
from orchestrator.simulate.summary import summary

BAR = 25.0  # user CPU seconds


def main() -> None:
    """Print accounts, touches and seconds."""
    said = argparse.ArgumentParser(description=__doc__)
    said.add_argument("--accounts", type=int, default=10_000)
    said.add_argument("--days", type=int, default=90)
    said.add_argument("--runs", type=int, default=1)
    args = said.parse_args()
    setting = _setting(args.accounts, args.days)
    before = getrusage(RUSAGE_SELF).ru_utime
    made = simulate(setting, Rates(), runs=args.runs)
    spent = getrusage(RUSAGE_SELF).ru_utime - before
    told = summary(made)
    mails = sum(made.tallies[0].sent.values())
    print(f"{args.accounts:,} accounts, {args.days} days, {STEPS} steps, {args.runs} runs")
    print(f"{mails:,} mails and {len(made.lines):,} lines of calendar in the first run")
    print(f"reached the goal: {told.reached.p50:,.0f}")
    print(f"{spent:.1f} s of CPU (bar for 10,000 x 90 days: {BAR:.0f} s)")


def _setting(accounts: int, days: int) -> Setting:
    compiled = plan()
    members = list(made_up(compiled, accounts, NOW, "UTC", ""))
    return crewless(compiled, members, NOW, NOW + timedelta(days=days))


if __name__ == "__main__":
    main()
