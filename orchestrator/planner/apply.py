"""What an event does to an account's outreach: the other half of the planner, pure like `decide`.

The table below holds the defaults that always hold (DESIGN §5.1 rule 9); a play's `stop` rules
refine them. The engine writes the effects in the transaction that stores the event, the simulator
into its own state.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from orchestrator.planner.goals import includes, reaches_goal
from orchestrator.terms import Effects, Event, Running, Scene, StopOrder, StopRule, TaskOrder

REST = timedelta(days=90)  # "not now" without a date
AWAY = timedelta(days=3)  # an automatic reply without one
HAND_RAISERS = ("form", "reply.interested", "meeting_booked")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a kind of event does; `stops` names contact, account (play by play) or all (for ever).

    A stop for good binds the plays that run now. Who must never hear from us again has a
    do-not-contact rule besides, so that a later play may speak to everybody else.
    """

    words: str  # {who}, {account}, {step} and {referral} are filled in
    stamp: str = ""
    settles: str = ""
    stops: str = ""
    task: str = ""
    suppress: str = ""
    refuses: bool = False
    leaves: bool = False
    waits: timedelta | None = None  # the stop ends: at the day that was named, else after this
    rests: bool = False  # and the whole account rests until then
    lost: str = ""  # why the account's last deal was lost


_RULES = {
    "delivered": _Rule("the mail of {step} reached {who}", "delivered_at", "sent"),
    "opened": _Rule("{who} opened the mail of {step}", "opened_at", "sent"),
    "clicked": _Rule("{who} clicked in the mail of {step}", "clicked_at", "sent"),
    "bounce.hard": _Rule(
        "the address of {who} does not exist", "bounced_at", "failed", "contact",
        suppress="hard_bounce",
    ),
    "bounce.soft": _Rule("a mail to {who} could not be delivered", "bounced_at", "failed"),
    "bounce.block": _Rule("the other side blocks our mail to {who}", "bounced_at", "failed"),
    "complaint": _Rule(
        "{who} reported our mail as spam", "delivered_at", "sent", "contact",
        suppress="complaint", refuses=True,
    ),
    "unsubscribe": _Rule(
        "{who} unsubscribed", "delivered_at", "sent", "contact",
        suppress="unsubscribe", refuses=True,
    ),
    "reply.interested": _Rule(
        "{who} is interested", "replied_at", "sent", "contact account", "reply"
    ),
    "reply.not_now": _Rule(
        "{who} says not now", "replied_at", "sent", "contact", "reply", waits=REST, rests=True
    ),
    "reply.referral": _Rule(
        "{who} refers us to {referral}", "replied_at", "sent", "contact", "add_person"
    ),
    "reply.wrong_person": _Rule(
        "{who} is not the right person", "replied_at", "sent", "contact", "reply", leaves=True
    ),
    "reply.refusal": _Rule("{who} is not interested", "replied_at", "sent", "contact", "reply"),
    # Who wants no mail gets none, not even a polite answer: no reply task.
    "reply.opt_out": _Rule(
        "{who} asked not to be contacted any more", "replied_at", "sent", "contact",
        suppress="unsubscribe", refuses=True,
    ),
    "reply.legal": _Rule(
        "{who} makes a legal demand", "replied_at", "sent", "contact all", "review",
        suppress="legal", refuses=True,
    ),
    "reply.auto": _Rule("{who} is away", "delivered_at", "sent", "contact", waits=AWAY),
    "reply.unclear": _Rule(
        "{who} replied; somebody has to read it", "replied_at", "sent", "contact", "reply"
    ),
    "meeting_booked": _Rule("{who} booked a meeting", stops="account"),
    "meeting_no_show": _Rule("{who} did not come to the meeting", task="rebook"),
    "opportunity": _Rule("{account} has become an opportunity", stops="account"),
    "lost.competitor": _Rule("the deal with {account} went to somebody else", lost="competitor"),
    "lost.missing": _Rule("the deal with {account} was lost: they missed a part", lost="missing"),
    "lost.price": _Rule("the deal with {account} was lost over the price", lost="price"),
    "lost.timing": _Rule("the deal with {account} was lost: it was the wrong time", lost="timing"),
    "lost.no_decision": _Rule(
        "the deal with {account} was lost: nothing was decided", lost="no_decision"
    ),
    "lost.other": _Rule("the deal with {account} was lost", lost="other"),
    "visit": _Rule("{who} visited our pages"),
    "intent": _Rule("{account} looks for what we sell"),
    "form": _Rule("{who} filled in a form", task="review"),
    "departed": _Rule("{who} left the company", stops="contact", leaves=True),
    "bad_fit": _Rule("{account} does not fit", stops="account"),
}  # fmt: skip
_TITLES = {
    "reply": "Answer {who}",
    "add_person": "Add {referral}: {who} says to ask there",
    "hand_off": "Take over {account}",
    "context": "Tell sales what we know of {account}",
    "rebook": "Find a new date with {who}",
    "review": "Look at this: {line}",
}
_TEAMS = {"reply.legal": "leader"}
_WHO_OWES = {"context": "marketing"}  # else whoever the kind says


def is_known(kind: str) -> bool:
    """Whether `apply` understands the kind."""
    return _general(kind) in _RULES


def apply(event: Event, scene: Scene) -> Effects:
    """Everything that the event does; KeyError for a kind that is not known."""
    rule = _RULES[_general(event.kind)]
    told = _Told(event, scene, rule)
    until = _until(event, rule)
    stops = (
        *_person_stops(event, scene, rule, told.line, until),
        *_account_stops(event, scene, rule, told.line),
    )
    pause = until if rule.rests and scene.account else None
    tasks = _tasks(event, scene, rule, told)
    concerned = bool(stops or pause or rule.leaves or rule.suppress)
    return Effects(
        text=told.log_line(stops, pause, tasks),
        stops=stops,
        suppress=rule.suppress if scene.email_key else "",
        suppress_account="legal" if "all" in rule.stops and scene.account else "",
        refuses=rule.refuses and event.contact_id is not None,
        leaves=told.line if rule.leaves and event.contact_id is not None else "",
        pause_until=pause,
        pause_reason=told.line if pause else "",
        tasks=tasks,
        lost=rule.lost if scene.account else "",
        stamp=rule.stamp,
        settles=rule.settles,
        wakes=frozenset(
            play.enrollment_id for play in scene.plays if concerned or _listens(play, event.kind)
        ),
        goals=tuple(
            play.enrollment_id for play in (*scene.plays, *scene.over) if reaches_goal(play, event)
        ),
    )


class InForce(Protocol):
    """A stop that stands."""

    @property
    def contact_id(self) -> int | None: ...

    @property
    def enrollment_id(self) -> int | None: ...

    @property
    def keep(self) -> Collection[str]: ...

    @property
    def until(self) -> datetime | None: ...


def covers(stop: InForce, order: StopOrder) -> bool:
    """Whether what stands already stops at least as much for at least as long.

    A stop of the account hides none of a person: it may be lifted while the person's stands.
    """
    return (
        stop.contact_id == order.contact_id
        and stop.enrollment_id in (None, order.enrollment_id)
        and (stop.until is None or (order.until is not None and stop.until >= order.until))
        and order.keep.issuperset(stop.keep)
    )


# ---------------------------------------------------------------- words


class _Told:
    """The event in a rep's words."""

    def __init__(self, event: Event, scene: Scene, rule: _Rule) -> None:
        account = scene.account or "an unknown company"
        self.words = {
            "who": scene.person or f"somebody at {account}",
            "account": account,
            "step": event.step or "a step",
            "referral": _name_of(event.referral) or "a colleague",
        }
        self.line = rule.words.format(**self.words)
        self.words["line"] = self.line
        self.scene = scene
        self.event = event

    def title(self, purpose: str) -> str:
        return _TITLES[purpose].format(**self.words)

    def log_line(
        self,
        stops: tuple[StopOrder, ...],
        pause: datetime | None,
        tasks: tuple[TaskOrder, ...],
    ) -> str:
        parts = [self.line + (f" ({self.event.by} noted it)" if self.event.by else "")]
        parts += [self._rest(pause)] if pause else [self._stopped(stop) for stop in stops[-1:]]
        parts += [f"task: {task.title}" for task in tasks]
        return "; ".join(filter(None, parts))

    def _rest(self, until: datetime) -> str:
        return f"{self.scene.account} rests until {_day(until)}"

    def _stopped(self, stop: StopOrder) -> str:
        if stop.contact_id is None:
            kept = ", ".join(sorted(stop.keep))
            goes_on = f", {kept} goes on" if kept else ""
            return f"outreach to {self.scene.account} stops{goes_on}"
        if stop.until:
            return f"nothing goes to them before {_day(stop.until)}"
        number = self.scene.planned
        return f"{number} open {'step' if number == 1 else 'steps'} will not go out" * bool(number)


def _name_of(referral: str) -> str:
    """Whom somebody refers us to, without an address: the log outlives every erasure."""
    return " ".join(word for word in referral.split() if "@" not in word)


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


# ---------------------------------------------------------------- stops and tasks


def _until(event: Event, rule: _Rule) -> datetime | None:
    if rule.waits is None:
        return None
    return event.until if event.until and event.until > event.at else event.at + rule.waits


def _person_stops(
    event: Event, scene: Scene, rule: _Rule, reason: str, until: datetime | None
) -> tuple[StopOrder, ...]:
    """A stop with an end spans plays, one for good binds those that run."""
    if "contact" not in rule.stops or event.contact_id is None:
        return ()
    if until:
        return (StopOrder(event.contact_id, None, reason, until=until),)
    return tuple(StopOrder(event.contact_id, play.enrollment_id, reason) for play in scene.plays)


def _account_stops(event: Event, scene: Scene, rule: _Rule, reason: str) -> tuple[StopOrder, ...]:
    """One stop for each play, since each says what it keeps; a legal demand binds every play."""
    if "all" in rule.stops and scene.account:
        return (StopOrder(None, None, reason),)
    orders = []
    for play in scene.plays:
        refined = _refinement(play, event.kind)
        if refined or "account" in rule.stops:
            keep = refined.keep if refined else frozenset[str]()
            orders.append(StopOrder(None, play.enrollment_id, reason, keep))
    return tuple(orders)


def _refinement(play: Running, kind: str) -> StopRule | None:
    """The play's own rule for the kind, the most exact one first."""
    matching = [rule for rule in play.stops if includes(rule.on, kind)]
    return max(matching, key=lambda rule: len(rule.on), default=None)


def _listens(play: Running, kind: str) -> bool:
    return any(includes(heard, kind) for heard in play.listens)


def _tasks(event: Event, scene: Scene, rule: _Rule, told: _Told) -> tuple[TaskOrder, ...]:
    purposes = [] if event.by and rule.task == "reply" else [_purpose(event, scene, rule)]
    refined = (_refinement(play, event.kind) for play in scene.plays)
    if any(rule and rule.then == "hand_off" for rule in refined):
        purposes += ["hand_off", *(["context"] if scene.owed.asks("context") else [])]
    team = _TEAMS.get(event.kind, "sales")
    return tuple(_order(event, scene, told, purpose, team) for purpose in purposes if purpose)


def _purpose(event: Event, scene: Scene, rule: _Rule) -> str:
    """What the kind asks of a rep; somebody unknown who raises a hand is looked at (rule 12)."""
    if not scene.account:
        return "review" if _includes_any(HAND_RAISERS, event.kind) else ""
    if event.referral and rule.leaves:
        return "add_person"
    return "" if event.kind == "departed" else rule.task


def _includes_any(names: tuple[str, ...], kind: str) -> bool:
    return any(includes(name, kind) for name in names)


def _order(event: Event, scene: Scene, told: _Told, purpose: str, team: str) -> TaskOrder:
    contact_id = None if purpose in ("hand_off", "context") else event.contact_id
    joins = (purpose, contact_id) in scene.open_tasks and bool(scene.account)
    due_at = scene.owed.due(purpose, scene.tier, event.at)
    return TaskOrder(
        purpose, _WHO_OWES.get(purpose, team), told.title(purpose), contact_id, due_at, joins
    )


def _general(kind: str) -> str:
    return "form" if kind.startswith("form.") else kind
