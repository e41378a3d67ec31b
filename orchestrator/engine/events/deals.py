"""What an event or an import tells of an opportunity. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from accounts.identity import clean_text
from accounts.opportunities import MOST

_LONGEST = {"stage": 80, "deal": 120, "title": 120}


def deal_of(kind: str, payload: Mapping[str, object]) -> dict[str, Any]:
    """What the log keeps of it, as far as it is said: its stage and what it is worth; `deal`, which
    one of the account's it is; its `title`, the day on which it `closes`, the `owner_id`.

    Of a lost one it keeps which it was.
    """
    if kind.partition(".")[0] not in ("opportunity", "lost"):
        return {}
    said = {name: _words(payload.get(name))[:most] for name, most in _LONGEST.items()}
    if kind != "opportunity":
        return {"deal": said["deal"]} if said["deal"] else {}
    owner = payload.get("owner_id")
    found = said | {
        "amount": _amount(payload.get("amount")), "closes": _day(payload.get("closes")),
        "owner_id": owner if isinstance(owner, int) and not isinstance(owner, bool) else "",
    }  # fmt: skip
    return {name: value for name, value in found.items() if value}


def _words(said: object) -> str:
    """One line without an address: the log outlives every erasure."""
    words = clean_text(str(said or "")).split()
    return " ".join(word for word in words if "@" not in word)


def _amount(said: object) -> str:
    try:
        amount = Decimal(str(said)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return ""
    return str(amount) if 0 <= amount <= MOST and said is not True else ""


def _day(said: object) -> str:
    try:
        return date.fromisoformat(str(said)[:10]).isoformat()
    except ValueError:
        return ""
