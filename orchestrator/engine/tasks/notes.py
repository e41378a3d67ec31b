"""Notes on an account: entries of the shared log, and word to whoever they name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from accounts.errors import AbmError
from orchestrator.engine.context import Context
from orchestrator.store.companies import log
from orchestrator.store.companies.people import heads
from orchestrator.store.staff.users import person_of
from orchestrator.store.tasks import notes
from orchestrator.store.tasks.notes import Named

LONGEST = 2000  # characters
_NAMED = re.compile(r"(?<![\w@])@([\w.-]{1,64})")


def write(ctx: Context, account_id: int, user_id: int, text: str) -> tuple[str, ...]:
    """Write a note, and tell everybody whom it names as `@dana`; their names.

    AbmError for a note without words, one that is too long, an account that there is not, and a
    name that nobody has.
    """
    said, now = text.strip(), ctx.clock.now()
    if not said:
        raise AbmError("a note says something", "write what the other team should know")
    if len(said) > LONGEST:
        raise AbmError(f"a note has at most {LONGEST} characters, this one {len(said)}")
    with ctx.db.writing() as session:
        account_id = heads(session, [account_id]).get(account_id, account_id)
        user = person_of(session, user_id)
        if user is None or not notes.is_account(session, account_id):
            raise AbmError(f"there is no account {account_id}")
        named = _named(notes.called(session, mentioned(said)), mentioned(said))
        entry = log.entry(
            "note", at=now, account_id=account_id, team=user.team, actor_id=user.id, text=said,
            flow_run_id=ctx.flow_run_id, to=[one.id for one in named],
        )  # fmt: skip
        log.write(session, [entry])
        notes.tell(session, entry, user.name, [one.id for one in named])
    return tuple(one.name for one in named)


def mentioned(text: str) -> list[str]:
    """The names that a note calls, each once; a dot at the end of a sentence is no part of one."""
    found = (one.rstrip(".-") for one in _NAMED.findall(text))
    return list(dict.fromkeys(one.casefold() for one in found if one))


def _named(found: Sequence[Named], asked: Sequence[str]) -> Sequence[Named]:
    missing = [name for name in asked if name not in {one.name for one in found}]
    if missing:
        names = ", ".join(f"@{name}" for name in missing)
        raise AbmError(f"nobody here is called {names}", "use the short name, as in the team list")
    return found
