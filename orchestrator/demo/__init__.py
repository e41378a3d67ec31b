"""The demo: three weeks of real flows on real companies, at a virtual clock, in a minute or so.

Nothing is staged: a real Prefect server records the flow runs, the ledger is the one that `abm up`
uses, mail leaves by SMTP into a sink whose log is the witness. Only the people are invented.
"""

from orchestrator.demo.showing import Shown, show
from orchestrator.demo.story import Summary

__all__ = ["Shown", "Summary", "show"]
