"""The inbox: store an event once, find whom it is about, and do at once what it does.

Nothing is dropped: what names nobody we know, or a kind that we do not know, stays in the inbox
with its reason. Events come twice, late and in any order; a replay changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlmodel import Session

from accounts.matching import Match, Record
from accounts.matching import Verdict as MatchVerdict
from accounts.people_matching import Person, Verdict, same_person
from accounts.people_settling import settle
from accounts.records import Contact
from orchestrator.engine.context import Context
from orchestrator.engine.events.deals import deal_of
from orchestrator.engine.events.effects import Stage, ids_of
from orchestrator.engine.events.recognising import (
    TORN,
    ask,
    exactly,
    is_sure,
    is_unsure,
    question_of,
    recognise,
)
from orchestrator.engine.events.understanding import Understood, instant, understand
from orchestrator.planner import apply
from orchestrator.planner.apply import is_known
from orchestrator.store.companies.people import contacts_of, heads, person_heads, share_merges
from orchestrator.store.events import inbox as store
from orchestrator.store.events.inbox import Kept, PersonMark, TouchMark
from orchestrator.terms import Effects, Event, RawEvent, Scene

CHUNK = 1_000  # events in one transaction: other writers get in between
_TOLD = "a person said which company it is"


@dataclass(slots=True)
class Received:
    """What became of events. `repeated` were stored before; the others add up by `counts`:
    applied, unmatched, unknown_kind."""

    stored: int = 0
    repeated: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def __iadd__(self, other: Received) -> Received:
        self.stored += other.stored
        self.repeated += other.repeated
        self.counts += other.counts
        return self


@dataclass(frozen=True, slots=True)
class _Found:
    """A stored event and whom it is about."""

    id: int
    said: Understood
    touch: TouchMark | None
    account_id: int | None
    contact_id: int | None
    match: Match | None = None  # what the matcher says, where nothing else identifies the company
    told: bool = False  # a person said which account it is
    by: str = ""  # which of the company's own words says which account it is
    because: str = ""  # why it is this contact, where only the name says so

    @property
    def question(self) -> str:
        """The question that it waits for; "" for none."""
        unsure = self.account_id is None and is_unsure(self.match)
        return question_of(self.said) if unsure else ""


def receive(ctx: Context, events: Sequence[RawEvent]) -> Received:
    """Store each event and do what it does, in one transaction each thousand."""
    total = Received()
    for start in range(0, len(events), CHUNK):
        total += _receive(ctx, events[start : start + CHUNK])
    return total


def left_over(ctx: Context, limit: int = 100) -> list[Kept]:
    """Events that nothing was done with, newest first, each with its reason."""
    with ctx.db.reading() as session:
        return store.left_over(session, limit)


def _receive(ctx: Context, events: Sequence[RawEvent]) -> Received:
    now = ctx.clock.now()
    said = [understand(raw, now) for raw in events]
    matches = recognise(ctx, said)
    with ctx.db.writing() as session:
        rows = [row_of(raw, one, now) for raw, one in zip(events, said, strict=True)]
        new = store.keep(session, rows)
        first = {one.key: one for one in reversed(said)}
        pairs = [(id_, first[key]) for key, id_ in new.items()]
        found = list(_find(session, pairs, matches))
        # Before any account is locked: who answers a question locks it first, then the account.
        unsure = [(one.said, one.match) for one in found if one.match and one.question]
        if answers := ask(session, unsure, now):
            told = {one.id: answers[one.question] for one in found if one.question in answers}
            found = list(_find(session, pairs, matches, told))
        counts = _do(ctx, session, found, now)
        ctx.probe("in_inbox")
    return Received(len(new), len(events) - len(new), counts)


def apply_told(
    ctx: Context,
    session: Session,
    events: Sequence[tuple[int, Understood]],
    told: Mapping[int, int],
) -> None:
    """Do what these events of the inbox do, each to the account that a person named for it."""
    _do(ctx, session, list(_find(session, events, {}, told)), ctx.clock.now())


def _do(ctx: Context, session: Session, found: Sequence[_Found], now: datetime) -> Counter[str]:
    """Apply events in the order of time and write what became of each; how many by status."""
    accounts = ids_of(one.account_id for one in found)
    stage = Stage(ctx, session, accounts, ids_of(one.contact_id for one in found), now)
    in_order = sorted(found, key=lambda one: (one.said.at, one.id))
    ends = [(one, *_apply(stage, one)) for one in in_order]
    store.understood(session, [_ending(*end) for end in ends])
    stage.finish(now, urgent=True)
    return Counter(status for _, status, _ in ends)


def row_of(raw: RawEvent, said: Understood, now: datetime) -> dict[str, object]:
    """All columns of an event that nothing was done with yet."""
    source, source_id = said.key
    return {
        "source": source,
        "source_id": source_id,
        "kind": said.kind,
        "at": instant(raw.at),
        "received_at": now,
        "status": "stored",
        "reason": "",
        "payload": said.payload,
        "account_id": None,
        "contact_id": None,
        "touch_id": None,
        "question": "",
    }


def _ending(one: _Found, status: str, reason: str) -> dict[str, object]:
    return {
        "of_id": one.id,
        "to_kind": one.said.kind,
        "to_status": status,
        "to_reason": reason,
        "to_account_id": one.account_id,
        "to_contact_id": one.contact_id,
        "to_touch_id": one.touch.id if one.touch else None,
        "to_question": one.question,
    }


# ---------------------------------------------------------------- whom it is about


class _Known(NamedTuple):
    """What the words of some events may mean, looked up for all of them at once."""

    touches: Mapping[str, list[TouchMark]]
    people: Mapping[str, list[PersonMark]]
    companies: Mapping[tuple[str, str], int]
    matches: Mapping[Record, Match]
    told: Mapping[int, int]  # event -> account, as a person said
    moved: Mapping[int, int]  # merged accounts, and where they live on
    same: Mapping[int, int]  # a person's other rows, and the contact that is kept

    def living(self, account_id: int) -> int:
        """The account in which this one lives on, mostly itself."""
        return self.moved.get(account_id, account_id)


def _find(
    session: Session,
    events: Sequence[tuple[int, Understood]],
    matches: Mapping[Record, Match],
    told: Mapping[int, int] = MappingProxyType({}),
) -> Iterator[_Found]:
    """Whom each event is about; `told` are accounts by event, as a person said."""
    known = _look_up(session, [said for _, said in events], matches, told)
    return iter(by_name(session, [_about(known, id_, said) for id_, said in events]))


def by_name(session: Session, found: Sequence[_Found]) -> list[_Found]:
    """The same, each with the contact whose very name it says, where nothing else says who it is.

    A short name or an initial is not enough, and who has left is not meant.
    """
    open_ = [
        one.account_id for one in found
        if one.account_id and one.contact_id is None and one.touch is None and one.said.person
    ]  # fmt: skip
    if not open_:
        return list(found)
    there: defaultdict[int, list[Contact]] = defaultdict(list)
    for person in contacts_of(session, set(open_)):
        if person.left_at is None:
            there[person.account_id].append(person)
    return [_called(one, there.get(one.account_id or 0, ())) for one in found]


def _called(one: _Found, there: Sequence[Contact]) -> _Found:
    if not there or one.contact_id is not None or one.touch is not None or not one.said.person:
        return one
    known = [Person(who.name, who.email_key, who.phone, who.title) for who in there]
    asked = Person(one.said.person, one.said.email_key)
    (end,) = settle(known, [asked])
    if end.known is None or end.verdict is Verdict.ASK:
        return one
    if not same_person(known[end.known], asked).sure:
        return one
    because = f"{there[end.known].name}: {', '.join(end.reasons)}"
    return replace(one, contact_id=there[end.known].id, because=because)


def _look_up(
    session: Session,
    says: Sequence[Understood],
    matches: Mapping[Record, Match],
    told: Mapping[int, int],
) -> _Known:
    share_merges(session)
    touches = store.touches(session, {key for said in says for key, _ in said.messages})
    people = store.people(session, {said.email_key for said in says})
    companies = store.companies(
        session, {said.domain for said in says}, {said.company_key for said in says}
    )
    named = {one.account_id for ones in people.values() for one in ones}
    named |= {one.account_id for ones in touches.values() for one in ones}
    who = {one.id for ones in people.values() for one in ones}
    who |= ids_of(one.contact_id for ones in touches.values() for one in ones)
    named |= ids_of(match.account_id for match in matches.values()) | set(told.values())
    moved, same = heads(session, named), person_heads(session, who)
    return _Known(touches, people, companies, matches, told, moved, same)


def _about(known: _Known, id_: int, said: Understood) -> _Found:
    touch = next(_sends(said, known.touches), None)
    person = _person(known, id_, said, touch)
    account_id = _account(known, id_, said, touch, person)
    match = None if account_id else known.matches.get(said.record)
    if account_id is None and (torn := _torn(known, said)):
        match = torn
    if match and is_sure(match) and match.account_id:
        account_id = known.living(match.account_id)
    contact_id = person.id if person else touch.contact_id if touch else None
    contact_id = known.same.get(contact_id or 0, contact_id)
    alone = touch is None and person is None and id_ not in known.told
    by = exactly(known.companies, said)[1] if alone else ""
    return _Found(id_, said, touch, account_id, contact_id, match, id_ in known.told, by)


def _account(
    known: _Known, id_: int, said: Understood, touch: TouchMark | None, person: PersonMark | None
) -> int | None:
    """By message first, then by the person's address, a person's word, the company's own words."""
    if touch:
        return known.living(touch.account_id)
    if person:
        return known.living(person.account_id)
    if id_ in known.told:
        return known.living(known.told[id_])
    return None if _torn(known, said) else exactly(known.companies, said)[0]


def _sends(said: Understood, touches: Mapping[str, list[TouchMark]]) -> Iterator[TouchMark]:
    """The touches that the event names, as exactly as it names them."""
    for key, resend in said.messages:
        sends = touches.get(key, [])
        yield from (one for one in sends if one.resend == resend)
        yield from sends[-1:]


def _person(
    known: _Known, id_: int, said: Understood, touch: TouchMark | None
) -> PersonMark | None:
    """Who it is about: somebody else of the account may answer, but a bounce is the recipient's.

    Where the address is of several accounts, the event or a person has to say of which.
    """
    same_address = known.people.get(said.email_key, [])
    if touch is None and not _torn(known, said):
        return same_address[-1] if same_address else None
    if touch and not said.kind.startswith("reply."):
        return None
    at = (
        touch.account_id if touch else known.told.get(id_) or exactly(known.companies, said)[0] or 0
    )
    living = [one for one in same_address if known.living(one.account_id) == known.living(at)]
    return living[-1] if living else None


def _torn(known: _Known, said: Understood) -> Match | None:
    """The question at which of several accounts the person with the address works now."""
    marks = known.people.get(said.email_key, [])
    at = [known.living(one.account_id) for one in marks if one.left_at is None]
    if len(set(at)) < 2:
        return None
    return Match(MatchVerdict.REVIEW, at[-1], 0.5, None, (TORN,))


# ---------------------------------------------------------------- what it does


def _apply(stage: Stage, one: _Found) -> tuple[str, str]:
    """(status, reason) of the event once it has had its effects."""
    said = one.said
    if not is_known(said.kind):
        return "unknown_kind", said.why
    sure = one.match.reasons if one.match and is_sure(one.match) else ()
    why = "; ".join(filter(None, (said.why, one.by, *sure, _TOLD * one.told, one.because)))
    step = one.touch.step if one.touch else ""
    event = Event(said.kind, said.at, one.contact_id, said.until, said.referral, step)
    if one.told:
        _withdraw(stage, event, said)
    effects = stage.play(
        event,
        one.account_id,
        email_key=said.email_key,
        who=said.who,
        touch=one.touch,
        body=said.body,
        inbox_id=one.id,
        why=why,
        **deal_of(said.kind, said.payload),
    )
    if one.account_id is not None:
        return "applied", why
    return "unmatched", _unmatched(one, effects)


def _unmatched(one: _Found, effects: Effects) -> str:
    """Why it is nobody's, and what was done all the same."""
    done = [f"task: {task.title}" for task in effects.tasks]
    if effects.suppress:
        done.append("the address is on the do-not-contact list all the same")
    nobody = "nobody here answers to it"
    if is_unsure(one.match):
        nobody = "a person has to say which company it is: `abm review`"
    return "; ".join([nobody, *done])


def _withdraw(stage: Stage, event: Event, said: Understood) -> None:
    """Cancel the open tasks that the event got while nobody knew whose it was: it gets better ones.

    The rules say which those were: the same for the same words.
    """
    scene = Scene(person=said.who, email_key=said.email_key, owed=stage.owed)
    orders = apply(event, scene).tasks
    rows = [
        {
            "of_purpose": order.purpose, "of_title": order.title, "of_due_at": order.due_at,
            "now": stage.now, "because": _TOLD,
        }
        for order in orders
    ]  # fmt: skip
    store.not_needed(stage.session, rows)
