"""The mailboxes from which we write, and how much each may send on a day."""

from __future__ import annotations

from datetime import datetime

from orchestrator.engine.context import Context
from orchestrator.pacing import Box
from orchestrator.settings import Mail, Mailbox
from orchestrator.store.running import mailboxes as store


def sent_since(ctx: Context, since: datetime) -> list[tuple[str, str, int]]:
    """(mailbox, day, mails sent) from that day on, the newest first; of mailboxes with a limit."""
    with ctx.db.reading() as session:
        return store.since(session, since.date())


def box_of(mail: Mail, address: str, zone: str) -> Box | None:
    """The limit of the mailbox of that address, in that zone; None if it has none."""
    address = address.casefold()
    named = {name.casefold(): one for name, one in mail.mailboxes.items()}
    own = named.get(address, Mailbox())
    per_day, ramp_up = own.per_day or mail.per_day, own.ramp_up or mail.ramp_up
    if not per_day:
        return None
    if ramp_up is None:
        return Box(address, zone, per_day)
    return Box(address, zone, per_day, ramp_up.start, ramp_up.by, ramp_up.since)
