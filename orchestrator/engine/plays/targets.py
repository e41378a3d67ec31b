"""Target accounts: one list, proposed with evidence, signed by marketing and by sales.

A signature covers the list as it was in that moment, line by line: it holds a digest of these
lines, and whatever is added or changed afterwards has to be signed again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from accounts import selection
from accounts.errors import AbmError
from accounts.nearest import nearest
from accounts.records import Nomination, SignOff, User
from accounts.selection import SIGNING_TEAMS
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.plays.signatures import covers, digests, rulings, signed
from orchestrator.engine.reading import find_account
from orchestrator.engine.running.starters import invite_targets
from orchestrator.engine.running.tiers import change_tiers
from orchestrator.engine.staff import users
from orchestrator.engine.staff.assigning import fill
from orchestrator.store.companies import log, people
from orchestrator.store.pages import reports
from orchestrator.store.plays import targets as store
from orchestrator.store.staff.rosters import roster

__all__ = [
    "Nominated", "Proposal", "Signature", "Signed", "TargetList", "called", "in_segment", "lists",
    "nominate", "read", "rulings", "sign", "signed",
]  # fmt: skip

STAGE = "target"
_LIST = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Nominated:
    """What a nomination did: accounts new on the list, and those that stood on it already."""

    list_name: str
    new: int
    already: int


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature did: how many lines it covers, and which accounts became targets by it."""

    list_name: str
    team: str
    accounts: int
    targets: int
    expires_at: datetime
    missing: tuple[str, ...]  # teams that have not signed the whole list


@dataclass(frozen=True, slots=True)
class Signature:
    """One team's signature; `covers` counts the lines it stands for, 0 once they were changed."""

    team: str
    by: str
    at: datetime
    expires_at: datetime | None
    covers: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """One line of a list: the account, who proposed it and why, and whether it is a target."""

    account_id: int
    account: str
    domain: str
    tier: int
    team: str
    by: str
    evidence: str
    at: datetime
    target: bool
    reason: str


@dataclass(frozen=True, slots=True)
class TargetList:
    """A list of nominated accounts and how far it is agreed."""

    name: str
    signatures: tuple[Signature, ...]
    proposals: tuple[Proposal, ...]

    @property
    def targets(self) -> int:
        """How many of its accounts both teams signed."""
        return sum(one.target for one in self.proposals)


# ---------------------------------------------------------------- proposing


def nominate(
    ctx: Context,
    list_name: str,
    account_ids: Iterable[int],
    by: str,
    evidence: str,
    *,
    tier: int = 0,
) -> Nominated:
    """Put accounts on a list. An account stands on it once, with its first evidence.

    `by` is a user's short name; a tier of 0 leaves the account's own. AbmError without evidence,
    for a name that is none, for an account that does not exist.
    """
    name, now = _list_name(list_name), ctx.clock.now()
    if tier not in (0, 1, 2, 3):
        raise AbmError(f"there is no tier {tier}", "allowed: 1 (1:1), 2 (1:few), 3 (1:many)")
    with ctx.db.writing() as session:
        user = users.find(session, by)
        wanted = _existing(session, account_ids)
        there = {one.account_id for one in _lines(session, name)}
        new = [account_id for account_id in wanted if account_id not in there]
        words = selection.nominate(0, user.team, _id(user), now, [evidence]).evidence[0]
        store.nominate(session, [_row(one, name, user, tier, words, now) for one in new])
        log.write(session, [_nominated(ctx, one, name, user, words, now) for one in new])
    return Nominated(name, len(new), len(wanted) - len(new))


def in_segment(ctx: Context, segment: str) -> list[int]:
    """The accounts of a segment of the agreement, oldest first; AbmError for one it lacks."""
    with ctx.db.reading() as session:
        known = agreement.current(session).segments
        if segment not in known:
            hint = nearest(segment, known) or "its playbooks name none"
            raise AbmError(f"the agreement has no segment {segment!r}", hint)
        return people.accounts_in(session, segment)


def called(ctx: Context, names: Sequence[str]) -> list[int]:
    """The accounts with these names, domains or ids; AbmError names all that were not found."""
    found, failures = [], []
    with ctx.db.reading() as session:
        for said in names:
            try:
                account = find_account(session, said)
            except AbmError as error:
                failures.append(error)
            else:
                assert account.id is not None
                found.append(account.id)
    if len(failures) > 1:
        more = f" and {len(failures) - 10} more" if len(failures) > 10 else ""
        raise AbmError("; ".join(one.reason for one in failures[:10]) + more, failures[0].hint)
    if failures:
        raise failures[0]
    return found


# ---------------------------------------------------------------- signing


def sign(ctx: Context, list_name: str, by: str) -> Signed:
    """Sign a list as it stands for the user's team; a later signature replaces an earlier one.

    Accounts that both teams have signed become targets at once: stage, tier and account team.
    AbmError for a list that does not exist and for a user whose team does not sign.
    """
    list_name, now = _list_name(list_name), ctx.clock.now()
    with ctx.db.writing() as session:
        user = _signer(users.find(session, by))
        agreed = agreement.current(session)
        lines = _lines(session, list_name, lock=True) or _no_list(session, list_name)
        ids = list(dict.fromkeys(one.account_id for one in lines))
        before = signed(session, ids, now)
        expires = now + agreed.signed_for
        store.sign(
            session,
            SignOff(
                list_name=list_name, team=user.team, user_id=_id(user), at=now,
                list_digest=digests(lines)[-1], expires_at=expires,
            ),
        )  # fmt: skip
        new = sorted(signed(session, ids, now) - before)
        _make_targets(ctx, session, new, lines, agreed.roles, user, now)
        under = covers(lines, store.signatures(session, [list_name])[list_name])
        whole = {one.team for one, reach in under if reach == len(lines)}
        missing = [team for team in SIGNING_TEAMS if team not in whole]
        if not missing:  # what both agreed holds for those, too, who were targets before
            change_tiers(ctx, session, {one.account_id: one.tier for one in lines}, user, now)
    return Signed(list_name, user.team, len(lines), len(new), expires, tuple(missing))


def _signer(user: User) -> User:
    if user.team not in SIGNING_TEAMS:
        reason = f"{user.name} is of {user.team}, and a list is signed by {_both()}"
        raise AbmError(reason, "ask one of them: `abm user list` shows who is")
    if not user.active:
        raise AbmError(f"{user.name} is not active any more", "somebody else of the team may sign")
    return user


def _make_targets(
    ctx: Context,
    session: Session,
    new: Sequence[int],
    lines: Sequence[Nomination],
    roles: Mapping[str, str],
    user: User,
    now: datetime,
) -> None:
    tiers = {one.account_id: one.tier for one in lines}
    store.make_targets(session, new, STAGE)
    change_tiers(ctx, session, {one: tiers[one] for one in new}, user, now)
    store.join_teams(session, _members(session, new, roles))
    rows = [
        log.entry(
            "account.target", at=now, account_id=one, team=user.team, actor_id=user.id,
            text=f"target account: both teams signed {lines[0].list_name}",
            flow_run_id=ctx.flow_run_id,
        )
        for one in new
    ]  # fmt: skip
    log.write(session, rows)
    invite_targets(ctx, session, new, lines[0].list_name, now)


def _members(
    session: Session, account_ids: Collection[int], roles: Mapping[str, str]
) -> Iterable[tuple[int, str, int]]:
    """Who fills the roles that nobody fills yet."""
    colleagues, filled = roster(session), store.team_roles(session, account_ids)
    for account_id in account_ids:
        for role, team in roles.items():
            known = (account_id, role) in filled
            chosen = None if known else fill(account_id, role, team, colleagues)
            if chosen is not None:
                yield account_id, role, chosen


# ---------------------------------------------------------------- asking


def lists(ctx: Context) -> list[TargetList]:
    """Every list there is, by name."""
    with ctx.db.reading() as session:
        return [_view(session, name, ctx.clock.now()) for name in store.list_names(session)]


def read(ctx: Context, list_name: str) -> TargetList:
    """One list with its lines; AbmError for one that does not exist."""
    list_name = _list_name(list_name)
    with ctx.db.reading() as session:
        if not _lines(session, list_name):
            _no_list(session, list_name)
        return _view(session, list_name, ctx.clock.now())


def _view(session: Session, name: str, now: datetime) -> TargetList:
    lines = _lines(session, name)
    ids = [one.account_id for one in lines]
    companies, ruled = people.accounts(session, ids), rulings(session, ids, now)
    signatures = store.signatures(session, [name]).get(name, [])
    who = {one.user_id for one in lines} | {one.user_id for one in signatures}
    names = reports.names(session, User, who)
    return TargetList(
        name,
        tuple(
            Signature(one.team, names[one.user_id], one.at, one.expires_at, reach)
            for one, reach in sorted(covers(lines, signatures), key=lambda each: each[0].at)
        ),
        tuple(
            Proposal(
                one.account_id, companies[one.account_id].name, companies[one.account_id].domain,
                one.tier, one.team, names[one.user_id], one.evidence, one.at,
                ruled[one.account_id].allowed, ruled[one.account_id].reason,
            )
            for one in lines
        ),
    )  # fmt: skip


# ---------------------------------------------------------------- small things


def _list_name(text: str) -> str:
    name = text.strip().casefold()
    if not _LIST.fullmatch(name):
        raise AbmError(f"{text!r} is no name of a list", "letters, digits, . - and _, as q3-banks")
    return name


def _lines(session: Session, name: str, *, lock: bool = False) -> list[Nomination]:
    return store.nominations(session, [name], lock=lock).get(name, [])


def _no_list(session: Session, name: str) -> list[Nomination]:
    known = store.list_names(session)
    hint = nearest(name, known) or "`abm nominate` makes one"
    raise AbmError(f"there is no list {name!r}", hint)


def _existing(session: Session, account_ids: Iterable[int]) -> list[int]:
    """The accounts once each, in order; those merged into another are that one."""
    asked = list(dict.fromkeys(account_ids))
    heads, known = people.heads(session, asked), people.accounts(session, asked)
    if unknown := [one for one in asked if one not in known]:
        raise AbmError(f"there is no account {', '.join(map(str, unknown[:5]))}")
    return list(dict.fromkeys(heads.get(one, one) for one in asked))


def _row(
    account_id: int, name: str, user: User, tier: int, evidence: str, now: datetime
) -> dict[str, object]:
    return {
        "account_id": account_id, "list_name": name, "team": user.team, "user_id": user.id,
        "tier": tier, "evidence": evidence, "at": now,
    }  # fmt: skip


def _nominated(
    ctx: Context, account_id: int, name: str, user: User, evidence: str, now: datetime
) -> dict[str, object]:
    return log.entry(
        "account.nominated", at=now, account_id=account_id, team=user.team, actor_id=user.id,
        text=f"{user.name} nominated it for {name}: {evidence}", flow_run_id=ctx.flow_run_id,
    )  # fmt: skip


def _both() -> str:
    return " and ".join(SIGNING_TEAMS)


def _id(user: User) -> int:
    assert user.id is not None
    return user.id
