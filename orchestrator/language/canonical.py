"""A plan as plain data and back: what is stored with a playbook version, and its digest.

Everything is spelled out, defaults too, so that a later default changes no stored plan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from hashlib import blake2b
from typing import Any

from accounts.errors import AbmError
from orchestrator.calendar import Span, parse_span
from orchestrator.conditions import Expr, parse
from orchestrator.terms import (
    After,
    At,
    Branch,
    CalendarSpec,
    Cap,
    Goal,
    How,
    Kind,
    Needs,
    Once,
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

FORMAT = 2

Data = dict[str, Any]


def canonical(plan: Plan) -> Data:
    """The plan as what JSON can hold; two plans that say the same give the same."""
    return {"format": FORMAT, **_plain(plan)}


def digest(plan: Plan) -> str:
    """32 hex digits that change when the plan does, but not when its lines move."""
    data = canonical(plan)
    steps = [{**step, "line": 0} for step in data["steps"]]
    text = json.dumps({**data, "steps": steps}, sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _plain(value: Any) -> Any:
    """Asked of everything in a plan: what is found most often stands first."""
    if isinstance(value, str):
        return str(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if names := _names(value.__class__):
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return str(value)


@cache
def _names(of: type[Any]) -> tuple[str, ...]:
    """The fields of a part of a plan; () for what is written as a text."""
    if not is_dataclass(of) or issubclass(of, Span | Expr):
        return ()
    return tuple(field.name for field in fields(of) if field.init)


def from_canonical(data: Mapping[str, Any]) -> Plan:
    """The plan that `canonical` took apart. Raises AbmError for a format of another release."""
    if data.get("format") != FORMAT:
        reason = f"this plan has the format {data.get('format')}; this release reads {FORMAT}"
        raise AbmError(reason, "apply the playbook again, or use the release that stored it")
    rest = {key: value for key, value in data.items() if key != "format"}
    return Plan(
        **rest
        | {
            "steps": tuple(map(_step, data["steps"])),
            "seats": {name: Seat(**seat) for name, seat in data["seats"].items()},
            "calendar": CalendarSpec(**_tuples(data["calendar"], "blackout")),
            "caps": tuple(Cap(**_spans(cap, "window")) for cap in data["caps"]),
            "stops": tuple(StopRule(**_sets(stop, "keep")) for stop in data["stops"]),
            "pace": Pace(**_spans(data["pace"], "window")) if data["pace"] else None,
            "goal": _goal(data.get("goal")),
            "budget": _money(data.get("budget")),
            "tiers": tuple(data["tiers"]),
            "once": tuple(Once(**_spans(one, "due")) for one in data.get("once", ())),
            "start": _start(data.get("start")),
            "recycle": _recycle(data.get("recycle")),
            "needs": Needs(**_sets(data["needs"], "kinds", "listens")),
        }
    )


def _start(data: Data | None) -> Start | None:
    return Start(**_tuples(_spans(data, "again"), "on", "stage", "lists")) if data else None


def _recycle(data: Data | None) -> Recycle | None:
    return Recycle(**_spans(data, "after")) if data else None


def _goal(data: Data | None) -> Goal | None:
    return Goal(**_spans(_tuples(data, "on"), "within")) if data else None


def _step(data: Data) -> Step:
    spans = _spans(data, "wait", "due", "max_lateness", "every", "lasts", "at_most")
    reach = _tuples(data["reach"], "seats")
    return Step(
        **_tuples(spans, "overdue")
        | {
            "kind": Kind(data["kind"]),
            "reach": Reach(**reach | {"how": How(reach["how"])}),
            "after": After(**_sets(_tuples(data["after"], "steps"), "ended")),
            "tiers": tuple(data.get("tiers", ())),
            "variants": tuple(map(_variant, data["variants"])),
            "when": parse(data["when"]) if data["when"] else None,
            "until": parse(data["until"]) if data["until"] else None,
            "branches": tuple(map(_branch, data["branches"])),
            "at": At(**_spans(at, "offset")) if (at := data.get("at")) else None,
            "within": Within(**data["within"]) if data["within"] else None,
            "cost": _money(data.get("cost")),
        }
    )


def _money(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _variant(data: Data) -> Variant:
    return Variant(**data | {"tiers": tuple(map(tuple, data.get("tiers", ())))})


def _branch(data: Data) -> Branch:
    return Branch(data["name"], parse(data["when"]) if data["when"] else None)


def _spans(data: Data, *names: str) -> Data:
    return data | {name: parse_span(data[name]) for name in names if data[name] is not None}


def _tuples(data: Data, *names: str) -> Data:
    return data | {name: tuple(data[name]) for name in names}


def _sets(data: Data, *names: str) -> Data:
    return data | {name: frozenset(data[name]) for name in names}
