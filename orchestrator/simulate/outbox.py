"""The mailboxes that all plays of a dry run write from, and how much each has sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from orchestrator.pacing import Box, Quota
from orchestrator.terms import Kind, OpenTouch

BoxOf = Callable[[int, OpenTouch], Box | None]  # of an account's mail; None: without a limit


@dataclass(slots=True)
class Outbox:
    """`box` names the mailbox of a mail."""

    box: BoxOf
    sent: Counter[tuple[str, date]] = field(default_factory=Counter)

    def quota(self, account_id: int, touch: OpenTouch, now: datetime) -> Quota | None:
        """What the touch's mailbox may send today."""
        box = self._box(account_id, touch)
        return box.quota(self.sent, now) if box else None

    def count(self, account_id: int, touch: OpenTouch, now: datetime) -> None:
        """It left now."""
        if box := self._box(account_id, touch):
            self.sent[box.address, box.day(now)] += 1

    def _box(self, account_id: int, touch: OpenTouch) -> Box | None:
        return self.box(account_id, touch) if touch.channel == Kind.EMAIL else None
