"""The planner: `decide` says what happens next, `apply` what an event does. Pure.

`decide` moves one enrollment on, from the whole to the part:

    decide       the play: which steps open, are worked, are done; when it all ends
    parties      one person's part in one step: it opens, is held, is tried again, ends
    sidework     tasks beside the steps: find an address, fill a seat, approve, escalate
    chasing      what is open for too long
    catching_up  what a pause made us miss comes spread out
    coming_back  whether the account goes through it again
    dated        steps that count from a named date
    dues         when a party opens, ends or is tried again
    hours        whose working time counts
    costs        what a decision costs
    view         what a condition sees
    play         the working view of one decision, which all of these ask and tell

`apply` stands beside it, with `closing`: the event that a task's disposition tells of. `starting`
comes before either: who of those that wait may start, and who goes on when after a pause.
"""

from orchestrator.planner.apply import apply
from orchestrator.planner.decide import decide

__all__ = ["apply", "decide"]
