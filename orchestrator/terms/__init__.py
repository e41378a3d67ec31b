"""The frozen values that the floors above and below hand to each other.

Nothing here reads a clock, a database or a file. Row-shaped values are NamedTuples, because the
planner makes many thousands of them a second; everything else is a frozen dataclass.

`plan`, `facts` and `state` are what the planner reads, `decisions` what it answers; `delivery`
speaks of one message on its way out, `events` of what comes in. `kinds` and `keys` are the words
and the names that all of these use.
"""

from orchestrator.terms.decisions import Advance, Close, Decision, Note, OpenTask, OpenTouch
from orchestrator.terms.delivery import (
    UNTIL_RESUMED,
    Draft,
    Go,
    Later,
    Message,
    Never,
    Receipt,
    Rendered,
    Ruling,
)
from orchestrator.terms.events import (
    EVENT_KINDS,
    Effects,
    Event,
    RawEvent,
    Running,
    Scene,
    StopOrder,
    TaskOrder,
)
from orchestrator.terms.facts import AccountFacts, Facts, Happening, Person, Reached
from orchestrator.terms.keys import ACCOUNT, bucket, enrollment_of, message_key
from orchestrator.terms.kinds import (
    ADDRESS_OF,
    DONE_BY_NOBODY,
    OUTCOME_OF_DISPOSITION,
    REACHES_PERSON,
    SENT_BY_ENGINE,
    TEAM_OF,
    Kind,
    OutcomeClass,
)
from orchestrator.terms.plan import (
    After,
    Branch,
    CalendarSpec,
    Cap,
    Goal,
    How,
    Needs,
    Pace,
    Plan,
    Reach,
    Recycle,
    Seat,
    Start,
    Step,
    StopRule,
    Variant,
    Within,
)
from orchestrator.terms.state import Holder, Party, Run, State, StopMark

__all__ = [
    "ACCOUNT",
    "ADDRESS_OF",
    "DONE_BY_NOBODY",
    "EVENT_KINDS",
    "OUTCOME_OF_DISPOSITION",
    "REACHES_PERSON",
    "SENT_BY_ENGINE",
    "TEAM_OF",
    "UNTIL_RESUMED",
    "AccountFacts",
    "Advance",
    "After",
    "Branch",
    "CalendarSpec",
    "Cap",
    "Close",
    "Decision",
    "Draft",
    "Effects",
    "Event",
    "Facts",
    "Go",
    "Goal",
    "Happening",
    "Holder",
    "How",
    "Kind",
    "Later",
    "Message",
    "Needs",
    "Never",
    "Note",
    "OpenTask",
    "OpenTouch",
    "OutcomeClass",
    "Pace",
    "Party",
    "Person",
    "Plan",
    "RawEvent",
    "Reach",
    "Reached",
    "Receipt",
    "Recycle",
    "Rendered",
    "Ruling",
    "Run",
    "Running",
    "Scene",
    "Seat",
    "Start",
    "State",
    "Step",
    "StopMark",
    "StopOrder",
    "StopRule",
    "TaskOrder",
    "Variant",
    "Within",
    "bucket",
    "enrollment_of",
    "message_key",
]
