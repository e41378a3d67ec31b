"""Two accounts that are one company: the one lives on in the other, and nothing is lost.

The other account stays as it is and says where it lives on (`merged_into`): its names, domains,
activities, stops, nominations and ended plays stay as written and are read as the survivor's.
What works from now on moves: people, ids of other systems, open tasks, the play.

- **People.** The same person on both sides (`people_merging`) is one from now on: the survivor's
  row is kept, or the other's where its play goes on; the second row stays where it is and names the
  first. A refusal of either counts.
- **Plays.** One play drives an account: the survivor's stays, and the other's is stopped. Where
  the survivor has none, the other's goes on there. What waits goes on waiting there, unless the
  survivor has the playbook already.
- **Do not contact.** A rule for the other account becomes one for the survivor, too; the longer
  rest of the two counts.

Everything is one transaction and one record of every cell that it changed: see `parting`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from accounts import deduping
from accounts.deduping import Told
from accounts.errors import AbmError
from accounts.records import User
from orchestrator import sentences
from orchestrator.engine import scoring
from orchestrator.engine.context import Context
from orchestrator.engine.reading import find_account
from orchestrator.engine.review.people_merging import fold, same_people
from orchestrator.engine.staff import users
from orchestrator.store.companies import log, people, reviews
from orchestrator.store.companies import merging as store
from orchestrator.store.companies.merging import Ledger, Row
from orchestrator.store.events.effects import ANSWERS
from orchestrator.store.plays import enrolling
from orchestrator.store.tables import (
    ACCOUNT,
    CONTACT,
    ENROLLMENT,
    EXTERNAL_ID,
    REVIEW,
    RUN,
    SUPPRESSION,
    TASK,
    TEAM,
    TOUCH,
)
from orchestrator.terms import OutcomeClass

LIVE = ("active", "paused")


@dataclass(frozen=True, slots=True)
class Done:
    """What one merge did. `id` undoes it; 0 where it was only tried out."""

    id: int
    survivor_id: int
    survivor: str
    other_id: int
    other: str
    told: tuple[Told, ...]
    counts: Mapping[str, int]  # people, same people, ids, roles, plays, tasks, rules …
    plays: tuple[str, ...]  # what becomes of each play of the other, in words
    ruled: str  # that somebody has said the two are never one; "" for nobody
    same: tuple[str, ...]  # who is one person from now on, and why
    unsure: tuple[str, ...]  # who may be: they stay two


class _TriedOut(Exception):
    """Ends the transaction of a dry run."""


def merge(
    ctx: Context, survivor: int, others: Sequence[int], by: str, *, dry_run: bool = False
) -> list[Done]:
    """Let the other accounts live on in the survivor; one record each, all in one transaction.

    `by` is a user's short name. A dry run does it all and takes it back. AbmError for accounts
    that do not exist, that were merged before, or that are one and the same.
    """
    done: list[Done] = []
    try:
        with ctx.db.writing() as session:
            lock(session)
            done += merge_within(ctx, session, survivor, others, users.find(session, by), dry_run)
            if dry_run:
                raise _TriedOut
    except _TriedOut:
        pass
    return done


def merge_within(
    ctx: Context, session: Session, survivor: int, others: Sequence[int], user: User,
    dry_run: bool = False,
) -> list[Done]:  # fmt: skip
    """`merge` in a transaction that has called `lock`."""
    store.lock_plays(session, {survivor, *others})
    done = []
    for other in others:
        done.append(_Merging(ctx, session, survivor, other, user).run(dry_run))
        ctx.probe("in_merge")
    return done


def named(ctx: Context, names: Sequence[str]) -> list[int]:
    """The accounts with these ids, names or domains. An id is taken at its word, even where the
    account was merged into another one; AbmError as `find_account`."""
    with ctx.db.reading() as session:
        ids = [int(said) if said.isdecimal() and len(said) < 19 else 0 for said in names]
        known = people.accounts(session, [id_ for id_ in ids if id_])
        return [
            id_ if id_ in known else find_account(session, said).id or 0
            for id_, said in zip(ids, names, strict=True)
        ]


def lock(session: Session) -> None:
    """Merges, imports and answers wait for each other, and so does whoever starts a play."""
    reviews.lock_imports(session)
    people.hold_merges(session)
    enrolling.lock(session)


class _Merging:
    """One account that comes to live on in another."""

    def __init__(
        self, ctx: Context, session: Session, survivor: int, other: int, user: User
    ) -> None:
        self.ctx, self.session, self.user, self.now = ctx, session, user, ctx.clock.now()
        self.keep, self.gone = _both(session, survivor, other)
        self.ledger = Ledger(session)
        self.mine = store.belongings(session, survivor)
        self.theirs = store.belongings(session, other)
        self.counts: dict[str, int] = {}
        self.plays: list[str] = []
        self.same: list[str] = []
        self.unsure: list[str] = []
        self.titles = enrolling.titles(session)
        self.told = deduping.preview(survivor, self.keep, other, self.gone)
        self.because: list[str] = []
        self.ruled = _ruled(session, survivor, other)

    def run(self, dry_run: bool) -> Done:
        moving = self._moving()
        self._people(moving)
        self._ids_and_team()
        self._rules()
        self._plays(moving)
        self._tasks(moving)
        self._account()
        self._questions()
        keep, gone = self.keep["id"], self.gone["id"]
        user_id = self.user.id or 0
        merge_id = store.store(self.session, keep, gone, user_id, self.now, self.ledger.changes)
        self._say(merge_id)
        scoring.refresh(self.session, [keep], self.now)
        return Done(
            0 if dry_run else merge_id, keep, self.keep["name"], gone, self.gone["name"],
            tuple(self.told), self.counts, tuple(self.plays), self.ruled, tuple(self.same),
            tuple(self.unsure),
        )  # fmt: skip

    def _count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    # ------------------------------------------------------------ who

    def _moving(self) -> Row | None:
        """The other's play that goes on at the survivor."""
        if any(map(_is_live, self.mine.plays)):
            return None
        return next(filter(_is_live, self.theirs.plays), None)

    def _people(self, moving: Row | None) -> None:
        """Everybody moves; who is there already is one person from now on."""
        cast = store.cast_of(self.session, moving["id"]) if moving else set()
        pairs, unsure = same_people(self.mine.contacts, self.theirs.contacts)
        paired = {pair.theirs["id"] for pair in pairs}
        self.unsure = [pair.words("may be") for pair in unsure]
        self.same = [pair.words("is") for pair in pairs]
        for one in self.theirs.contacts:
            if one["id"] not in paired:
                self.ledger.set(CONTACT, one, account_id=self.keep["id"])
                self._count("people")
        for pair in pairs:
            mine, theirs = pair.mine, pair.theirs
            kept, double = (theirs, mine) if theirs["id"] in cast else (mine, theirs)
            values = fold(kept, double, _label(self.gone if double is theirs else self.keep))
            self.ledger.set(CONTACT, kept, account_id=self.keep["id"], **values)
            self.ledger.set(
                CONTACT, double, merged_into=kept["id"], left_at=double["left_at"] or self.now,
                left_reason=double["left_reason"] or f"the same person as contact {kept['id']}",
            )  # fmt: skip
            for one in store.ids_of_contact(self.session, double["id"]):
                self.ledger.set(EXTERNAL_ID, one, contact_id=kept["id"])
            self._doubles(double["id"], kept["id"])
            self._count("same people")

    def _doubles(self, double: int, kept: int) -> None:
        """Work about a person that no play plans is about the one who is kept."""
        for one in (*self.mine.tasks, *self.theirs.tasks):
            if one["contact_id"] == double and one["enrollment_id"] is None:
                self.ledger.set(TASK, one, contact_id=kept)

    def _ids_and_team(self) -> None:
        for one in self.theirs.external_ids:
            self.ledger.set(EXTERNAL_ID, one, account_id=self.keep["id"])
            self._count("ids")
        filled = {one["role"] for one in self.mine.team}
        for one in self.theirs.team:
            if one["role"] not in filled:
                team = {"account_id": self.keep["id"], "role": one["role"]}
                self.ledger.add(TEAM, **team, user_id=one["user_id"])
                self._count("roles")

    def _rules(self) -> None:
        """What forbids to contact the other account forbids it from now on."""
        if self.mine.suppressions:
            return
        for one in self.theirs.suppressions:
            values = {name: one[name] for name in ("scope", "reason", "source", "at")}
            self.ledger.add(SUPPRESSION, value=str(self.keep["id"]), **values)
            self._count("rules")

    # ------------------------------------------------------------ what runs

    def _plays(self, moving: Row | None) -> None:
        playbooks = {one["playbook"] for one in self.mine.plays}
        waiting: list[tuple[int, str]] = []
        for one in self.theirs.plays:
            title = self.titles[one["playbook"]]
            if one is moving:
                self._move(one)
                self.plays.append(f"{title} goes on at {self.keep['name']}")
            elif _is_live(one):
                self._end(one)
                self.plays.append(f"{title} is stopped: {self.keep['name']} has a play already")
            elif one["playbook"] in playbooks or (moving and moving["playbook"] == one["playbook"]):
                self._never_start(one)
                self.plays.append(f"{title} does not start: {self.keep['name']} has it already")
            else:
                due = one["next_due_at"] if one["hold"] else self.now
                moved = {"account_id": self.keep["id"], "next_due_at": due}
                self.ledger.set(ENROLLMENT, one, **moved)
                waiting.append((one["id"], one["playbook"]))
                self.plays.append(f"{title} waits at {self.keep['name']}")
        enrolling.ask_now(self.session, (playbook for _, playbook in waiting), self.now)

    def _move(self, one: Row) -> None:
        """Nothing of it is lost, and nobody who has claimed it writes what is old by then."""
        due = self.now if one["status"] == "active" else one["next_due_at"]
        keep = self.keep["id"]
        self.ledger.set(ENROLLMENT, one, account_id=keep, next_due_at=due, **_unclaimed(one))
        store.release(self.session, one["id"], keep)

    def _end(self, one: Row) -> None:
        """At once, so that the planner does not look for others in the seats of those who moved.

        What may have left already is asked again now: it must not go again.
        """
        words, id_ = self._words(), one["id"]
        self.ledger.set(
            ENROLLMENT, one, status="ended", outcome="stopped", reason=words, stop_reason=words,
            hold="", next_due_at=None, ended_at=self.now, **_unclaimed(one),
        )  # fmt: skip
        over = {"reason": words, "outcome": OutcomeClass.NOT_DONE.value}
        for touch in store.unsent(self.session, id_):
            cancelled = {"status": "cancelled", "ended_at": self.now, **_unclaimed(touch)}
            self.ledger.set(TOUCH, touch, **over, **cancelled)
        for touch in store.resent_later(self.session, id_, self.now):
            self.ledger.set(TOUCH, touch, due_at=self.now)
        for task in self.theirs.tasks:
            if task["enrollment_id"] == id_ and task["purpose"] not in ANSWERS:
                self.ledger.set(TASK, task, status="cancelled", ended_at=self.now, **over)
        for run in store.runs(self.session, id_):
            self.ledger.set(RUN, run, status="done", done_at=self.now, **over)
        text = sentences.ended(self.titles[one["playbook"]], "stopped", words)
        tell(self.ctx, self.session, "ended", self.gone["id"], text, self.user, self.now,
             enrollment_id=id_)  # fmt: skip

    def _never_start(self, one: Row) -> None:
        self.ledger.set(
            ENROLLMENT, one, status="ended", outcome="stopped", reason=self._words(),
            next_due_at=None, ended_at=self.now,
        )  # fmt: skip

    def _tasks(self, moving: Row | None) -> None:
        """Work that is left: what no play plans, what the play that goes on plans, and answers."""
        for one in self.theirs.tasks:
            goes_on = moving is not None and one["enrollment_id"] == moving["id"]
            if not goes_on and (one["enrollment_id"] is None or one["purpose"] in ANSWERS):
                self.ledger.set(TASK, one, account_id=self.keep["id"])
            if goes_on or one["enrollment_id"] is None or one["purpose"] in ANSWERS:
                self._count("tasks")

    # ------------------------------------------------------------ the two accounts

    def _account(self) -> None:
        keep, gone = self.keep, self.gone
        values: dict[str, Any] = {one.field: one.value for one in self.told if one.of == gone["id"]}
        label = _label(gone)
        values["extra"] = deduping.extras(keep["extra"], gone["extra"], self.told, label)
        if _rest_of(gone) > _rest_of(keep):
            values |= {name: gone[name] for name in ("paused_until", "pause_reason")}
        if moments := [one["moment_at"] for one in (keep, gone) if one["moment_at"]]:
            values["moment_at"] = max(moments)
        self.ledger.set(ACCOUNT, keep, **values)
        self.ledger.set(ACCOUNT, gone, merged_into=keep["id"])

    def _questions(self) -> None:
        """Whether two accounts are one is no question any more where they are."""
        for one in store.open_pairs(self.session):
            ids = [one["candidate_id"], one["double_id"]]
            heads = people.heads(self.session, ids)
            if len({heads.get(id_, id_) for id_ in ids}) > 1:
                continue
            said = {"status": "same", "account_id": self.keep["id"]}
            self.ledger.set(REVIEW, one, **said, decided_by=self.user.id, decided_at=self.now)
            review = reviews.with_ids(self.session, [one["id"]])[one["id"]]
            reviews.keep_answer(
                self.session, review, one["candidate_id"], "same", self.user.id or 0, self.now
            )
            if {*ids} == {self.keep["id"], self.gone["id"]}:
                self.because = one["reasons"]

    def _words(self) -> str:
        return f"merged into {self.keep['name']} ({self.user.name})"

    def _say(self, merge_id: int) -> None:
        keep, gone, did = self.keep, self.gone, in_words(self.counts)
        into = f"{gone['name']} was merged into {keep['name']} ({keep['id']}) by {self.user.name}"
        because = f"because {', '.join(self.because)}" if self.because else ""
        who = (*self.same, *self.unsure)
        text = "; ".join(filter(None, (into, because, did, *self.plays, *who, self.ruled)))
        tell(
            self.ctx, self.session, "account.merged", gone["id"], text, self.user, self.now,
            merge_id=merge_id, into=keep["id"],
        )  # fmt: skip


def _both(session: Session, survivor: int, other: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both accounts, locked; AbmError unless the one can live on in the other."""
    found = store.lock_accounts(session, {survivor, other})
    for id_ in (survivor, other):
        if id_ not in found:
            raise AbmError(f"there is no account {id_}", "say its name, domain or id")
    keep, gone = found[survivor], found[other]
    if survivor == other:
        hint = "the name of a merged account stands for the one that it lives on in: say ids"
        raise AbmError(f"{keep['name']} ({survivor}) cannot be merged with itself", hint)
    for one in (gone, keep):
        if one["merged_into"] is not None:
            head = people.heads(session, [one["id"]])[one["id"]]
            name = people.account_fields(session, [head])[head]["name"]
            reason = f"{one['name']} ({one['id']}) was merged into {name} ({head}) already"
            hint = "there is nothing left to do" if head == survivor else f"say {head} instead"
            raise AbmError(reason, hint)
    return keep, gone


def _ruled(session: Session, one: int, other: int) -> str:
    """What somebody said of the two before; a person's later word stands."""
    found = people.ruled_apart(session, one, other)
    if found is None:
        return ""
    source, at = found
    return f"they were ruled to be two companies on {at:%Y-%m-%d}, {source}"


def _is_live(one: Row) -> bool:
    return one["status"] in LIVE


def _unclaimed(one: Row) -> dict[str, Any]:
    return {"fence": one["fence"] + 1, "owner": "", "lease_until": None}


def _rest_of(account: Row) -> float:
    """Until when an account rests, as a number: a rest without a date is the longest."""
    until = account["paused_until"]
    if until is not None:
        return float(until.timestamp())
    return float("inf") if account["pause_reason"] else 0.0


def _label(account: Row) -> str:
    return f"{account['name']} ({account['id']})"


_SINGULAR = {"people": "person", "same people": "person known to both", "ids": "id"}


def in_words(counts: Mapping[str, int]) -> str:
    """`3 people, 1 person known to both, 2 tasks`; "" for nothing."""
    return ", ".join(
        f"{number} {_SINGULAR.get(what, what.rstrip('s')) if number == 1 else what}"
        for what, number in counts.items()
    )


def tell(
    ctx: Context, session: Session, kind: str, account_id: int, text: str, user: User,
    now: datetime, enrollment_id: int | None = None, **data: Any,
) -> None:  # fmt: skip
    """Write a line of an account's log, by one of us."""
    entry = log.entry(
        kind, at=now, account_id=account_id, team=user.team, actor_id=user.id, text=text,
        enrollment_id=enrollment_id, flow_run_id=ctx.flow_run_id, **data,
    )  # fmt: skip
    log.write(session, [entry])
