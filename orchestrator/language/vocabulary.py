"""The names that exist outside a playbook: what the agreement and the templates know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from orchestrator.calendar import Span

# Roles at a buying committee that need nobody's definition; personas may bring others.
ROLES = frozenset(
    {
        "economic_buyer",
        "decision_maker",
        "champion",
        "coach",
        "influencer",
        "technical_buyer",
        "evaluator",
        "user",
        "procurement",
        "legal",
        "gatekeeper",
        "blocker",
    }
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Frozen by the engine, so that the language needs neither a database nor files.

    `templates` maps each name to the variables that the template uses, and `broken` names those
    that cannot be used to the reason. `variables` are all that a message has; empty, they are not
    compared. `insights` are the templates that say what a reader learns; None: nobody knows.
    """

    segments: frozenset[str]
    personas: frozenset[str]
    team_roles: frozenset[str]
    templates: Mapping[str, frozenset[str]]
    roles: frozenset[str] = ROLES
    variables: frozenset[str] = frozenset()
    broken: Mapping[str, str] = field(default_factory=dict)
    insights: frozenset[str] | None = None
    unsaid: frozenset[str] = frozenset()  # of these, those that do not say it early
    signed_for: timedelta | None = None  # how long a signature of the agreement holds
    taken_up: Mapping[int, Span] = field(default_factory=dict)  # hand-offs, by tier (0: others)
    quiet: str = ""  # hours in which the workspace lets nothing reach anybody
    caps: Mapping[str, str] = field(default_factory=dict)  # by scope, of playbooks that set none
