"""The planner: `decide` says what happens next, `apply` what an event does. Pure."""

from orchestrator.planner.apply import apply
from orchestrator.planner.decide import decide

__all__ = ["apply", "decide"]
