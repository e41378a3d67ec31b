"""The same person at two accounts that are one: who it is, and what is known of the one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestrator.engine.contact_rows import person_key

Row = Mapping[str, Any]

# What is told to the one who is kept where that row does not know it itself.
_FIELDS = (
    "first_name", "email", "email_key", "phone", "social", "title", "role", "persona", "country",
    "zone", "language",
)  # fmt: skip


def same_people(mine: Sequence[Row], theirs: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Pairs of contacts (ours, the other's) that are one person, each in one pair at most.

    By the address; else by the name, where at most one of the two has an address and neither has
    left. Two addresses are two people until somebody says otherwise.
    """
    pairs: list[tuple[Row, Row]] = []
    taken: set[int] = set()
    for same in (_same_address, _same_name):
        for other in theirs:
            free = (one for one in mine if one["id"] not in taken)
            found = (
                None if other["id"] in taken else next((o for o in free if same(o, other)), None)
            )
            if found is not None:
                taken |= {found["id"], other["id"]}
                pairs.append((found, other))
    return pairs


def _same_address(one: Row, other: Row) -> bool:
    return bool(one["email_key"]) and one["email_key"] == other["email_key"]


def _same_name(one: Row, other: Row) -> bool:
    if (one["email_key"] and other["email_key"]) or one["left_at"] or other["left_at"]:
        return False
    key = person_key(one["name"])
    return bool(key) and key == person_key(other["name"])


def fold(kept: Row, double: Row, label: str) -> dict[str, Any]:
    """What the kept contact becomes: its own words, and the other's where it has none.

    A refusal, and having left, are the person's whichever row says so; what differs stands in
    `extra` as "phone of LABEL".
    """
    made: dict[str, Any] = {
        name: double[name] for name in _FIELDS if double[name] and not kept[name]
    }
    if "refused" in (kept["consent"], double["consent"]):
        made["consent"] = "refused"
    elif kept["consent"] == "unknown":
        made["consent"] = double["consent"]
    if double["left_at"] and not kept["left_at"]:
        made |= {name: double[name] for name in ("left_at", "left_reason")}
    differing = {
        f"{name} of {label}": str(double[name])
        for name in ("phone", "social", "title", "role")
        if double[name] and kept[name] and double[name] != kept[name]
    }
    made["extra"] = {**double["extra"], **differing, **kept["extra"]}
    return made
