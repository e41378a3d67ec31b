"""Two accounts that were merged: part them again, and say what is not as it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from accounts.errors import AbmError
from accounts.records import Merge
from orchestrator import sentences
from orchestrator.engine import scoring
from orchestrator.engine.context import Context
from orchestrator.engine.review.merging import LIVE, lock, tell
from orchestrator.engine.review.pairs import keep_apart
from orchestrator.engine.staff import users
from orchestrator.store.companies import merging as store
from orchestrator.store.companies.merging import Change
from orchestrator.store.plays import enrolling
from orchestrator.store.tables import ENROLLMENT


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: which account is itself again, and what was left as it is now, in words."""

    id: int
    survivor: str
    other: str
    left: tuple[str, ...]


def unmerge(ctx: Context, merge_id: int, by: str) -> Undone:
    """Take a merge back: what it changed and nobody has changed since is as it was before.

    What happened in between stays with the survivor, and `left` says what else was not put back
    and why. From now on the two are never taken for one. AbmError for a merge that does not exist,
    that was undone, or on which a later one builds: that is undone first.
    """
    now = ctx.clock.now()
    with ctx.db.writing() as session:
        lock(session)
        user = users.find(session, by)
        one = _standing(session, merge_id)
        both = {one.survivor_id, one.other_id}
        store.lock_plays(session, both)
        accounts = store.lock_accounts(session, both)
        keep, gone = accounts[one.survivor_id], accounts[one.other_id]
        left = _take_back(session, one, now)
        keep_apart(session, one.survivor_id, one.other_id, user, now)
        store.undone(session, merge_id, user.id or 0, now, left)
        text = f"{user.name} parted {gone['name']} from {keep['name']} again"
        for id_ in (one.survivor_id, one.other_id):
            tell(ctx, session, "account.unmerged", id_, "; ".join([text, *left]), user, now,
                 merge_id=merge_id)  # fmt: skip
        ctx.probe("in_unmerge")
        scoring.refresh(session, [one.survivor_id, one.other_id], now)
    return Undone(merge_id, keep["name"], gone["name"], tuple(left))


def _standing(session: Session, merge_id: int) -> Merge:
    """The merge; AbmError unless it can be taken back now."""
    one = store.get(session, merge_id)
    if one is None:
        raise AbmError(f"there is no merge {merge_id}", "`abm log ACCOUNT` names an account's")
    if one.undone_at is not None:
        raise AbmError(f"merge {merge_id} was undone on {one.undone_at:%Y-%m-%d %H:%M %Z}")
    mine = store.cells(one.changes)
    for later in store.standing_since(session, merge_id):
        both = {later.survivor_id, later.other_id}
        builds_on = one.survivor_id == later.other_id or one.other_id in both
        if builds_on or mine & store.cells(later.changes):
            reason = f"merge {later.id} changed the same since"
            raise AbmError(reason, f"undo that one first: abm unmerge {later.id}")
    return one


def _take_back(session: Session, one: Merge, now: datetime) -> list[str]:
    """Put it all back; what was left, in words."""
    plays = [each for each in one.changes if each["table"] == ENROLLMENT.name]
    started = store.live_of(session, [_id(each) for each in plays if "account_id" in each["made"]])
    changes, left = list(one.changes), list[str]()
    if started:
        changes, left = _to_wait(session, changes, started[0])
    kept = store.take_back(session, changes)
    for each in plays:
        if "account_id" in each["made"]:  # what it has made since goes back with it
            store.release(session, _id(each), one.other_id)
    store.wake_if_gone_on(session, [_id(each) for each in plays], one.at, now)
    enrolling.ask(session, store.waiting_for(session, one), now)
    return list(dict.fromkeys([*left, *map(_in_words, kept)]))


def _id(change: Change) -> int:
    number: int = change["key"]["id"]
    return number


def _to_wait(
    session: Session, changes: Sequence[Change], playbook: str
) -> tuple[list[Change], list[str]]:
    """The changes, but a play that drove the account waits for its turn: another one has started
    since and drives it now."""
    found, left = list[Change](), list[str]()
    reason = sentences.driven_by(enrolling.titles(session)[playbook])
    for each in changes:
        if each["table"] == ENROLLMENT.name and each.get("was", {}).get("status") in LIVE:
            waits = {"status": "waiting", "hold": "", "reason": reason, "next_due_at": None}
            told = {name: value for name, value in waits.items() if name in each["made"]}
            found.append({**each, "was": each["was"] | told})
            left.append(f"play {_id(each)} waits: {reason}")
        else:
            found.append(each)
    return found, left


def _in_words(one: store.Kept) -> str:
    """What is left, without its values: they may be somebody's address."""
    what = f"{_CALLED.get(one.table, one.table)} {'/'.join(map(str, one.key.values()))}"
    if not one.column:
        return f"{what} is gone" if one.now is None else f"{what} has changed since and stays"
    return f"{what}: {one.column} was changed since and stays"


_CALLED = {
    "enrollment": "play", "step_run": "step", "external_id": "id", "account_team": "role",
    "suppression": "rule",
}  # fmt: skip
