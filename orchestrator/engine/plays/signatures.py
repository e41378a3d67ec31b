"""What a signature under a list stands for, and which accounts are targets because of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session

from accounts import selection
from accounts.records import Nomination, SignOff
from accounts.ruling import Ruling
from orchestrator.engine import agreement
from orchestrator.store.companies import people
from orchestrator.store.plays import targets as store

_NO_LIST = Ruling(False, "on no list that both teams signed: `abm nominate`, then `abm sign`")


def signed(session: Session, account_ids: Collection[int], now: datetime) -> set[int]:
    """Those of the accounts that are targets at `now`: signed by both teams, not expired."""
    return {one for one, ruling in rulings(session, account_ids, now).items() if ruling}


def rulings(session: Session, account_ids: Collection[int], now: datetime) -> dict[int, Ruling]:
    """For each account whether it is a target, and why (not), in words.

    A list stays as it was signed: what both teams agreed of an account that was merged into
    another one, they agreed of that one.
    """
    family = people.family(session, account_ids)
    names = store.lists_of(session, family.of(account_ids))
    valid_for = agreement.current(session).signed_for
    signatures, asked = store.signatures(session, names), set(account_ids)
    found = dict.fromkeys(account_ids, _NO_LIST)
    for name, lines in sorted(store.nominations(session, names).items()):
        under = covers(lines, signatures.get(name, ()))
        for at, line in enumerate(lines):
            account_id = (
                line.account_id if line.account_id in asked else family.account(line.account_id)
            )
            if account_id in asked and not found[account_id]:
                ruling = _ruling(at, under, now, valid_for)
                found[account_id] = replace(ruling, reason=f"list {name}: {ruling.reason}")
    return found


def _ruling(
    at: int, under: Sequence[tuple[SignOff, int]], now: datetime, valid_for: timedelta
) -> Ruling:
    """Whether the line at that place is agreed, by signatures that each reach so many lines."""
    standing = [
        selection.SignOff(one.team, one.user_id, one.at, one.expires_at)
        for one, reach in under
        if at < reach
    ]
    ruling = selection.is_target(standing, now, valid_for)
    late = sorted(one.team for one, reach in under if at >= reach)
    if late and not ruling:
        return Ruling(False, f"nominated after {' and '.join(late)} signed: sign the list again")
    return ruling


def covers(lines: Sequence[Nomination], signatures: Iterable[SignOff]) -> list[tuple[SignOff, int]]:
    """Each signature with how many lines it stands for: those that give its digest, from the top.

    0 for one under lines that were changed since.
    """
    place = {digest: at for at, digest in enumerate(digests(lines), start=1)}
    return [(one, place.get(one.list_digest, 0)) for one in signatures]


def digests(lines: Sequence[Nomination]) -> list[str]:
    """The digest of the list after each of its lines: chained, so that every line counts."""
    found, last = [], ""
    for one in lines:
        text = "\x1f".join((last, str(one.account_id), str(one.tier), one.team, one.evidence))
        last = sha256(text.encode()).hexdigest()
        found.append(last)
    return found
