"""What an event tells of an opportunity. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from accounts.identity import clean_text

MOST = Decimal(10**12)


def deal_of(kind: str, payload: Mapping[str, object]) -> dict[str, Any]:
    """What the log keeps of an opportunity's event: its stage and what it is worth, if it says."""
    if kind != "opportunity":
        return {}
    said, found = payload.get("amount"), {"stage": clean_text(str(payload.get("stage") or ""))[:80]}
    try:
        amount = Decimal(str(said)).quantize(Decimal("0.01"))
    except InvalidOperation:
        amount = Decimal(-1)
    sized = {"amount": str(amount)} if 0 <= amount <= MOST and said is not True else {}
    return {name: value for name, value in (found | sized).items() if value}
