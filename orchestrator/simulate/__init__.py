"""The dry run: one account's play, or a crowd of them, under a virtual clock, by the very rules of
the engine.

Nothing leaves the house and nothing is stored. `decide` says what happens next, `may_send` whether
it may leave, `apply` what an event does, and `event_of` what a task's end tells.
"""

from orchestrator.simulate.audience import Audience, Closing, Member
from orchestrator.simulate.crowd import Crowd
from orchestrator.simulate.desk import UNDO
from orchestrator.simulate.ledger import Ledger
from orchestrator.simulate.made_up import made_up
from orchestrator.simulate.rates import Rates
from orchestrator.simulate.reps import Desk, Rep
from orchestrator.simulate.running import Setting, Simulation, let_run, simulate
from orchestrator.simulate.tallies import Line, Tally
from orchestrator.simulate.world import Answer, Simulated

__all__ = [
    "UNDO", "Answer", "Audience", "Closing", "Crowd", "Desk", "Ledger", "Line", "Member", "Rates",
    "Rep", "Setting", "Simulated", "Simulation", "Tally", "let_run", "made_up", "simulate",
]  # fmt: skip
