"""Enroll: let signed target accounts wait for a playbook, each refusal with its reason in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from accounts.consent import Rule, suppressed_by, values_of
from accounts.errors import AbmError
from accounts.nearest import nearest
from accounts.records import User
from accounts.ruling import Ruling
from orchestrator import sentences
from orchestrator.engine import agreement
from orchestrator.engine.context import Context
from orchestrator.engine.plans import plans_of
from orchestrator.engine.plays import targets
from orchestrator.engine.running.starting import activate
from orchestrator.engine.staff import users
from orchestrator.store.companies import log
from orchestrator.store.plays import enrolling as store
from orchestrator.store.plays import plays
from orchestrator.store.plays.enrolling import Candidate, Running
from orchestrator.store.running import guards
from orchestrator.terms import Plan

__all__ = ["Desk", "Enrolled", "Entry", "Refused", "activate", "enroll"]

HELD_OUT = "holdout"
BATCH = 2_000  # accounts in one transaction: others want to write, too


@dataclass(frozen=True, slots=True)
class Refused:
    """An account that was not enrolled, and why in words; `rule` names the kind of reason."""

    account_id: int
    account: str
    rule: str  # merged, running, segment, tier, unsigned, suppressed, holdout
    reason: str


class Entry(NamedTuple):
    """How an account comes to be enrolled: why, in words, and for the how manieth time in a row."""

    because: str = ""
    round: int = 1


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What enrolling did (or, on a dry run, would do). Ids of accounts, in the order asked for."""

    playbook: str
    version: int
    accounts: tuple[int, ...]
    refused: tuple[Refused, ...]

    @property
    def counts(self) -> Counter[str]:
        """Refusals by their rule."""
        return Counter(one.rule for one in self.refused)


def enroll(
    ctx: Context,
    playbook: str,
    *,
    accounts: Sequence[int] = (),
    segment: str = "",
    list_name: str = "",
    by: str = "",
    dry_run: bool = False,
) -> Enrolled:
    """Enroll accounts by id, those of a segment and those of a list in the playbook's current
    version; they start with the next tick, at the playbook's pace.

    `by` is a user's short name. Asking again changes nothing. AbmError for a playbook, segment,
    list, account or user that does not exist.
    """
    wanted, now = _wanted(ctx, accounts, segment, list_name), ctx.clock.now()
    chosen, refused = list[int](), list[Refused]()
    for start in range(0, len(wanted) or 1, BATCH):
        with ctx.db.writing() as session:
            store.lock(session)
            version_id, number, plan = current(ctx, session, playbook)
            user = users.find(session, by) if by else None
            desk = Desk(session, plan, wanted[start : start + BATCH], now)
            if not dry_run:
                desk.write(ctx, session, version_id, user)
        chosen += [one.id for one in desk.chosen]
        refused += desk.refused
    return Enrolled(plan.name, number, tuple(chosen), tuple(refused))


def _wanted(ctx: Context, accounts: Sequence[int], segment: str, list_name: str) -> list[int]:
    """Everybody asked for, once. AbmError for an account that does not exist."""
    wanted = list(accounts)
    if segment:
        wanted += targets.in_segment(ctx, segment)
    if list_name:
        wanted += [one.account_id for one in targets.read(ctx, list_name).proposals]
    unique = list(dict.fromkeys(wanted))
    with ctx.db.reading() as session:
        known = store.candidates(session, unique)
    if unknown := [str(one) for one in unique if one not in known]:
        raise AbmError(f"there is no account {', '.join(unknown[:5])}")
    return unique


def current(ctx: Context, session: Session, name: str) -> tuple[int, int, Plan]:
    """The version that new enrollments take: its id, number and plan."""
    book = plays.playbook(session, name)
    if book is None:
        known = plays.playbook_names(session)
        hint = nearest(name, known) or "`abm apply playbooks/FILE.yaml` stores one"
        raise AbmError(f"there is no playbook {name!r}", hint)
    version = plays.version(session, name, book.current)
    assert version is not None
    assert version.id is not None
    return version.id, version.number, plans_of(ctx.db).of(session, [version.id])[version.id]


# ---------------------------------------------------------------- who may

_BY_HAND: Mapping[int, Entry] = {}


def judge(
    session: Session, plan: Plan, account_ids: Sequence[int], now: datetime
) -> tuple[list[int], list[Refused]]:
    """The accounts that could be enrolled in a plan now, and the others; nothing is written."""
    desk = Desk(session, plan, account_ids, now)
    return [one.id for one in desk.chosen], desk.refused


class Desk:
    """Decides on each account, then writes it all down. The caller holds `store.lock`."""

    def __init__(self, session: Session, plan: Plan, wanted: Sequence[int], now: datetime) -> None:
        self.plan, self.now = plan, now
        self.agreed = agreement.current(session)
        found = store.candidates(session, wanted)
        self.rules = _rules(session, found.values())
        self.running = store.running(session, plan.name, wanted)
        self.signed: Mapping[int, Ruling] = (
            {} if plan.unsigned else targets.rulings(session, wanted, now)
        )
        self.chosen: list[Candidate] = []
        self.held_out: list[Candidate] = []
        self.refused: list[Refused] = []
        for account_id in wanted:
            self._decide(found[account_id])

    def _decide(self, one: Candidate) -> None:
        rule, reason = self._refusal(one)
        if rule == HELD_OUT:
            self.held_out.append(one)
        if rule:
            self.refused.append(Refused(one.id, one.name, rule, reason))
        else:
            self.chosen.append(one)

    def _refusal(self, one: Candidate) -> tuple[str, str]:
        """(rule, reason) why the account is not enrolled, ("", "") if it is."""
        plan = self.plan
        if one.merged_into:
            return "merged", f"it was merged into account {one.merged_into}"
        if running := self.running.get(one.id):
            return "running", _running_words(running)
        if plan.segment and one.segment != plan.segment:
            its = f"it is in segment {one.segment}" if one.segment else "it is in no segment"
            return "segment", f"{its}, the playbook is for {plan.segment}"
        if plan.tiers and one.tier not in plan.tiers:
            its = f"it is of tier {one.tier}" if one.tier else "it has no tier"
            return "tier", f"{its}, the playbook is for {', '.join(map(str, plan.tiers))}"
        if not plan.unsigned and not self.signed[one.id]:
            return "unsigned", self.signed[one.id].reason
        if rule := suppressed_by(None, one.domain, one.id, self._rules_on(one)):
            return "suppressed", rule.reason
        if self.agreed.holds_out(plan.name, one.id):
            return HELD_OUT, f"left untouched on purpose ({self.agreed.holdout}% are)"
        return "", ""

    def _rules_on(self, one: Candidate) -> list[Rule]:
        return [rule for value in _names(one) for rule in self.rules.get(value, ())]

    # ------------------------------------------------------------ rows

    def write(
        self, ctx: Context, session: Session, version_id: int, user: User | None,
        entries: Mapping[int, Entry] = _BY_HAND,
    ) -> None:  # fmt: skip
        """Write enrollments, holdouts and what the log says about them. `entries` tells of those
        accounts that nobody enrolls by hand."""
        pace = self.plan.pace
        reason = sentences.pace(pace) if pace else sentences.NEXT_TICK
        ids = store.enroll(
            session,
            [
                self._row(one, version_id, reason, ctx.flow_run_id)
                | {"round": entries.get(one.id, Entry()).round}
                for one in self.chosen
            ],
        )
        store.ask_now(session, [self.plan.name] if ids else [], self.now)
        new = store.hold_out(session, self.plan.name, [one.id for one in self.held_out])
        title, who = sentences.called(self.plan), user.name if user else ""
        lines: list[tuple[str, int | None, int, str]] = [
            (
                "enrolled",
                ids[one.id],
                one.id,
                sentences.enrolled(title, reason, who, entries.get(one.id, Entry()).because),
            )
            for one in self.chosen
        ]
        lines += [(HELD_OUT, None, one.id, f"held out of {title}: left untouched on purpose")
                  for one in self.held_out if one.id in new]  # fmt: skip
        log.write(
            session,
            [
                log.entry(
                    kind, at=self.now, account_id=account_id, enrollment_id=id_,
                    team=user.team if user else "engine", text=text,
                    actor_id=user.id if user else None,
                    flow_run_id=ctx.flow_run_id, playbook=self.plan.name,
                )
                for kind, id_, account_id, text in lines
            ],
        )  # fmt: skip

    def _row(self, one: Candidate, version_id: int, reason: str, run: str) -> dict[str, Any]:
        return {
            "account_id": one.id, "playbook": self.plan.name, "version_id": version_id,
            "status": "waiting", "priority": self.plan.priority, "preempt": self.plan.preempt,
            "reason": reason,
            "next_due_at": self.now, "waiting_since": self.now, "tier": one.tier,
            "flow_run_id": run,
        }  # fmt: skip


def _rules(session: Session, found: Collection[Candidate]) -> Mapping[str, list[Rule]]:
    """The do-not-contact rules that may cover a whole account, by their value."""
    by_value: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in guards.suppressions(session, {value for one in found for value in _names(one)}):
        by_value[rule.value].append(rule)
    return by_value


def _names(one: Candidate) -> set[str]:
    return values_of("", one.domain, one.id)


def _running_words(running: Running) -> str:
    why = f" ({running.reason})" if running.reason else ""
    return f"enrolled already since {running.waiting_since:%Y-%m-%d}: {running.status}{why}"
