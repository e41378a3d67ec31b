"""How many mails each mailbox has sent on each day, counted where they are let go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from orchestrator.store.statements import insert_for
from orchestrator.store.tables import MAILBOX_DAY

Key = tuple[str, date]  # a mailbox, and the day there

_THIS = (
    MAILBOX_DAY.c.mailbox == bindparam("of_box"),
    MAILBOX_DAY.c.day == bindparam("of_day"),
)
_SENT = select(MAILBOX_DAY.c.sent).where(*_THIS).with_for_update()
_COUNT = update(MAILBOX_DAY).where(*_THIS).values(sent=MAILBOX_DAY.c.sent + bindparam("more"))


def sent(session: Session, keys: Collection[Key]) -> dict[Key, int]:
    """How many went by now. The rows stay locked, in one order, so that no two passes send the
    same last mail of a day."""
    connection, found = session.connection(), dict[Key, int]()
    for box, day in sorted(keys):
        row = {"mailbox": box, "day": day.isoformat(), "sent": 0}
        connection.execute(insert_for(session)(MAILBOX_DAY).on_conflict_do_nothing(), row)
        asked = {"of_box": box, "of_day": day.isoformat()}
        found[box, day] = connection.execute(_SENT, asked).scalar_one()
    return found


def since(session: Session, day: date) -> list[tuple[str, str, int]]:
    """(mailbox, day, mails sent) from that day on, the newest first."""
    query = (
        select(MAILBOX_DAY.c.mailbox, MAILBOX_DAY.c.day, MAILBOX_DAY.c.sent)
        .where(MAILBOX_DAY.c.day >= day.isoformat())
        .order_by(MAILBOX_DAY.c.day.desc(), MAILBOX_DAY.c.mailbox)
    )
    return [(box, of, sent) for box, of, sent in session.connection().execute(query)]


def count(session: Session, more: Mapping[Key, int]) -> None:
    """So many more leave now."""
    for (box, day), number in sorted(more.items()):
        row = {"of_box": box, "of_day": day.isoformat(), "more": number}
        session.connection().execute(_COUNT, row)
