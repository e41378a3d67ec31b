"""Small plans and people for planner tests, built without YAML."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from orchestrator.calendar import Span, parse_span
from orchestrator.conditions import parse
from orchestrator.terms import (
    AccountFacts,
    After,
    Facts,
    How,
    Kind,
    Person,
    Plan,
    Reach,
    Seat,
    Step,
    Variant,
)

MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
NOTHING = Span(0, parse_span("1d").unit)
EVERYWHERE = frozenset({"email", "phone", "social"})

SEATS = {
    "buyer": Seat("buyer", "economic_buyer"),
    "champion": Seat("champion", "champion", at_most=2),
}


def step(id_: str, kind: str, *seats: str, **options: Any) -> Step:
    """A step; `after` and spans may be written as in YAML."""
    how = options.pop("how", How.EACH if seats else How.ACCOUNT)
    options["after"] = After(tuple(options.pop("after", ())), options.pop("any", False))
    for name in ("wait", "due", "every", "max_lateness", "lasts", "at_most"):
        if name in options:
            options[name] = parse_span(options[name])
    options.setdefault("wait", NOTHING)
    for name in ("when", "until"):
        if name in options:
            options[name] = parse(options[name])
    if "variants" in options:
        options["variants"] = tuple(Variant(v, f"email/{v}") for v in options["variants"])
    if kind not in ("email", "webhook", "notify", "wait_for", "choose"):
        options.setdefault("due", parse_span("2 business days"))
        options.setdefault("overdue", ("escalate", "proceed"))
    reach = options.pop("reach", None) or Reach(how, seats)
    return Step(id_, Kind(kind), reach, **options)


def plan(*steps: Step, **options: Any) -> Plan:
    options.setdefault("seats", SEATS)
    return Plan("play", "Play", tuple(steps), **options)


def person(id_: int, role: str = "champion", **options: Any) -> Person:
    fields: dict[str, Any] = {
        "persona": "", "engagement": 0.0, "since": MONDAY, "zone": "UTC", "country": "",
        "addresses": EVERYWHERE,
    } | options  # fmt: skip
    return Person(id_, role, **fields)


def facts(*people: Person, **options: Any) -> Facts:
    account = AccountFacts(7, "UTC", "", 1, 0.0, options.pop("engagement", 0.0))
    return Facts(account, people, **options)
