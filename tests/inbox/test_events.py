"""What each kind of event does, once, whenever and in whatever company it comes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.lost import REASONS
from accounts.records import Account, Alias, Contact, Review, Suppression
from orchestrator.engine import agreement
from orchestrator.engine.events import inbox, recognising
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.engine.running.advancing import advance
from orchestrator.records import Activity, Enrollment, Inbox, Stop, Task, Touch
from orchestrator.store.database import Database
from orchestrator.store.running import advancing
from orchestrator.terms import EVENT_KINDS, RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk, furnish

ANN = {"email": "Ann.Archer@acme.example"}
HOUR = timedelta(hours=1)


def event(kind: str, number: int = 1, at: datetime = NOW - HOUR, **payload: str) -> RawEvent:
    return RawEvent("test", f"{kind}/{number}", kind, at, {**ANN, **payload})


def mail(desk: Desk, status: str = "sent", **fields: object) -> Touch:
    """The insight mail to Ann."""
    with desk.ctx.db.writing() as session:
        play = session.get_one(Enrollment, desk.play)
        ann = session.get_one(Contact, desk.ann)
        return cast.touch(session, play, ann, "insight", status=status, **fields)


def about(touch: Touch, kind: str, number: int = 1, at: datetime = NOW - HOUR) -> RawEvent:
    return event(kind, number, at, message_id=f"<{touch.key}.{touch.resend}@us.example>")


# ---------------------------------------------------------------- each kind

PERSON, ACCOUNT, EVERY = "person", "account", "every play"
DOES = {
    # kind: (stops, do-not-contact, tasks)
    "delivered": (set(), "", []),
    "opened": (set(), "", []),
    "clicked": (set(), "", []),
    "bounce.hard": ({PERSON}, "hard_bounce", []),
    "bounce.soft": (set(), "", []),
    "bounce.block": (set(), "", []),
    "complaint": ({PERSON}, "complaint", []),
    "unsubscribe": ({PERSON}, "unsubscribe", []),
    "reply.interested": ({PERSON, ACCOUNT}, "", ["hand_off", "reply"]),
    "reply.not_now": ({"a while"}, "", ["reply"]),
    "reply.referral": ({PERSON}, "", ["add_person"]),
    "reply.wrong_person": ({PERSON}, "", ["reply"]),
    "reply.refusal": ({PERSON}, "", ["reply"]),
    "reply.opt_out": ({PERSON}, "unsubscribe", []),
    "reply.legal": ({PERSON, EVERY}, "legal", ["review"]),
    "reply.auto": ({"a while"}, "", []),
    "reply.unclear": ({PERSON}, "", ["reply"]),
    "meeting_booked": ({ACCOUNT}, "", ["hand_off"]),
    "meeting_no_show": (set(), "", ["rebook"]),
    "opportunity": ({ACCOUNT}, "", []),
    **{f"lost.{reason}": (set(), "", []) for reason in REASONS},
    "visit": (set(), "", []),
    "intent": (set(), "", []),
    "form": (set(), "", ["review"]),
    "departed": ({PERSON}, "", []),
    "bad_fit": ({ACCOUNT}, "", []),
}


def stopped(desk: Desk) -> set[str]:
    names = {
        (desk.ann, desk.play): PERSON, (None, desk.play): ACCOUNT, (None, None): EVERY,
        (desk.ann, None): "a while",
    }  # fmt: skip
    return {names[one] for one in desk.stops()}


def test_every_kind_has_its_row():
    assert set(DOES) == set(EVENT_KINDS)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_each_kind_does_what_it_says_and_does_it_once(here: Desk, kind: str):
    for _ in range(2):
        done = receive(here.ctx, [event(kind), event(kind)])
    assert (done.stored, done.repeated) == (0, 2)
    stops, suppressed, tasks = DOES[kind]
    assert stopped(here) == stops
    assert {one.reason for one in here.all(Suppression)} == ({suppressed} if suppressed else set())
    assert [purpose for purpose, _ in here.open_tasks()] == tasks
    assert here.kinds().count(kind) == 1
    assert [one.status for one in here.all(Inbox)] == ["applied"]


def test_all_kinds_at_once_on_each_database(desk: Desk):
    first = mail(desk, "unknown")
    events = [about(first, kind) for kind in EVENT_KINDS]
    assert receive(desk.ctx, [*events, *events]).stored == len(EVENT_KINDS)
    assert receive(desk.ctx, events).repeated == len(EVENT_KINDS)
    assert {one.status for one in desk.all(Inbox)} == {"applied"}
    assert set(EVENT_KINDS) <= set(desk.kinds())
    assert {PERSON, ACCOUNT, EVERY} <= stopped(desk)


def test_an_account_remembers_why_its_last_deal_was_lost(desk: Desk):
    receive(desk.ctx, [event("lost", 1, NOW - 2 * HOUR, reason="Price"), event("lost", 2)])
    assert "lost.price" in desk.kinds()
    assert desk.all(Account)[0].lost_reason == "other"
    receive(desk.ctx, [event("lost.whatever", reason="Missing feature")])
    assert desk.all(Account)[0].lost_reason == "missing"


# ---------------------------------------------------------------- touches


def test_a_touch_keeps_the_first_instant_of_each_kind(desk: Desk):
    touch = mail(desk)
    late, early = NOW - HOUR, NOW - 5 * HOUR
    receive(desk.ctx, [about(touch, "clicked", 1, late)])
    receive(desk.ctx, [about(touch, "clicked", 2, early)])
    receive(desk.ctx, [about(touch, "clicked", 3, late)])
    assert desk.get(Touch, touch.id or 0).clicked_at == early


@pytest.mark.parametrize(("kind", "status"), [("clicked", "sent"), ("bounce.hard", "failed")])
def test_an_event_proves_what_became_of_an_unknown_mail(desk: Desk, kind: str, status: str):
    touch = mail(desk, "unknown")
    receive(desk.ctx, [about(touch, kind)])
    assert desk.get(Touch, touch.id or 0).status == status
    assert "touch.settled" in desk.kinds()


def test_a_reply_finds_its_mail_in_the_references_whoever_answers(desk: Desk):
    touch = mail(desk)
    answer = RawEvent(
        "imap", "1", "reply", NOW,
        {"email": "assistant@elsewhere.example", "subject": "Re: hi", "text": "Not interested.",
         "references": f"<x@y> <{touch.key}.0@us.example>"},
    )  # fmt: skip
    receive(desk.ctx, [answer])
    assert desk.get(Touch, touch.id or 0).replied_at == NOW
    assert stopped(desk) == {PERSON}


# ---------------------------------------------------------------- what we do not know


def test_unknown_kinds_and_unknown_people_are_kept_with_their_reason(desk: Desk):
    events = [
        event("clickd"),
        RawEvent("test", "2", "visit", NOW, {"email": "who@nowhere.example"}),
        RawEvent("test", "3", "visit", NOW, {}),
        RawEvent("test", "4", "x" * 5_000 + "\0\ud800", NOW, {"a\0": "\ud800"}),
    ]
    done = receive(desk.ctx, events)
    assert done.counts == {"unknown_kind": 2, "unmatched": 2}
    reasons = {one.source_id: one.reason for one in inbox.left_over(desk.ctx)}
    assert "did you mean 'clicked'?" in reasons["clickd/1"]
    assert reasons["2"] == reasons["3"] == "nobody here answers to it"
    assert desk.kinds() == []
    assert receive(desk.ctx, events).stored == 0


def test_an_unknown_hand_raiser_is_looked_at_and_an_unknown_opt_out_is_kept(desk: Desk):
    who = {"email": "zoe@nowhere.example", "name": "Zoe"}
    receive(
        desk.ctx,
        [
            RawEvent("web", "1", "form.demo", NOW, who),
            RawEvent("web", "2", "unsubscribe", NOW, who),
        ],
    )
    ((purpose, title),) = desk.open_tasks()
    assert purpose == "review"
    assert "Zoe" in title
    assert "zoe@" not in title
    assert [one.value for one in desk.all(Suppression)] == ["zoe@nowhere.example"]


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=timezone(14 * HOUR)),
        datetime(9999, 12, 31, 23, tzinfo=timezone(-12 * HOUR)),
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
        NOW + timedelta(days=400),
        NOW.replace(tzinfo=None),
    ],
    ids=str,
)
def test_absurd_times_are_kept_and_read_as_now(here: Desk, at: datetime):
    receive(here.ctx, [event("reply.not_now", at=at, until="9999-12-31T23:59:59-12:00")])
    (entry,) = [one for one in here.all(Activity) if one.kind == "reply.not_now"]
    assert entry.at == NOW
    rests = here.get(Account, here.acme).paused_until
    assert NOW + timedelta(days=3_000) < rests < NOW + timedelta(days=4_000)


def test_ids_that_differ_late_are_two_events(here: Desk):
    long = "i" * 5_000
    two = [RawEvent("t", f"{long}{n}", "visit", NOW, ANN) for n in range(2)]
    assert receive(here.ctx, two).stored == 2
    assert receive(here.ctx, two).stored == 0


# ---------------------------------------------------------------- companies in other words


def test_a_company_in_other_words_is_recognised_with_reasons(desk: Desk):
    with desk.ctx.db.writing() as session:
        cast.company(session, "Kelso Insurance Group plc", name_key="kelso insurance group")
    visit = RawEvent("web", "1", "visit", NOW, {"company": "Kelso Insurance Grp", "country": "DE"})
    receive(desk.ctx, [visit])
    (entry,) = desk.all(Activity)
    assert entry.account_id == 2
    assert "Kelso" in entry.data["why"]


def test_an_unsure_company_is_a_question_once_and_its_answer_is_remembered(desk: Desk):
    with desk.ctx.db.writing() as session:
        cast.company(session, "Northwind Traders Ltd", name_key="northwind traders")

    def form(number: int) -> RawEvent:
        said = {"company": "Northwind", "name": "Zoe Zimmer", "email": "zoe@nwt.example"}
        return RawEvent("web", str(number), "form.demo", NOW, said)

    receive(desk.ctx, [form(1), form(2)])
    receive(desk.ctx, [form(3)])
    (question,) = questions(desk.ctx)
    assert (question.kind, question.candidate) == ("event", "Northwind Traders Ltd")
    assert {one.status for one in desk.all(Inbox)} == {"unmatched"}
    decide(desk.ctx, question.id, Answer.SAME, "dana")
    receive(desk.ctx, [form(4)])
    newest = max(desk.all(Inbox), key=lambda one: one.id)
    assert (newest.status, newest.account_id) == ("applied", 2)
    assert len(desk.all(Review)) == 1


def test_the_matcher_knows_an_account_as_soon_as_it_is_there(here: Desk):
    def visit(number: int) -> RawEvent:
        return RawEvent("web", str(number), "visit", NOW, {"company": "Fjordkraft Energi"})

    receive(here.ctx, [visit(1)])
    with here.ctx.db.writing() as session:
        cast.company(session, "Fjordkraft Energi Holding AS", name_key="x", domain="fjord.example")
        session.flush()
        session.add(Alias(account_id=2, kind="name", value="Fjordkraft Energi AS", created_at=NOW))
    receive(here.ctx, [visit(2)])
    assert [one.account_id for one in here.all(Inbox)] == [None, 2]
    with here.ctx.db.reading() as session:
        first = recognising.directory_of(here.ctx, session)
        assert recognising.directory_of(here.ctx, session) is first


# ---------------------------------------------------------------- plays


def test_an_event_during_a_claim_voids_it_and_its_wake_is_kept(desk: Desk):
    with desk.ctx.db.writing() as session:
        session.get_one(Enrollment, desk.play).next_due_at = NOW
        session.flush()
        real = desk.clock.lease_now()
        (claimed,) = advancing.claim(
            session, NOW, lease_now=real, lease_until=real + HOUR, owner="somebody", limit=10
        )
    receive(desk.ctx, [event("unsubscribe")])
    with desk.ctx.db.writing() as session:
        assert advancing.still_ours(session, [claimed], "somebody") == set()
    play = desk.play_now()
    assert (play.woken_at, play.next_due_at, play.owner) == (NOW, NOW, "")
    assert advance(desk.ctx, woken=True).decided == 1
    assert desk.play_now().woken_at is None


def test_a_click_that_nobody_asked_for_wakes_nobody(here: Desk):
    receive(here.ctx, [event("clicked")])
    assert here.play_now().woken_at is None


# ---------------------------------------------------------------- order and company

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
MANY = [
    event("clicked", 1, NOW - 9 * HOUR),
    event("clicked", 2, NOW - 8 * HOUR),
    event("reply.not_now", 1, NOW - 7 * HOUR),
    event("reply.auto", 1, NOW - 6 * HOUR),
    event("unsubscribe", 1, NOW - 5 * HOUR),
    event("bounce.hard", 1, NOW - 4 * HOUR),
    event("visit", 1, NOW - 3 * HOUR),
    event("departed", 1, NOW - 2 * HOUR),
    RawEvent("test", "b", "meeting_booked", NOW - HOUR, {"email": "bob.burns@acme.example"}),
]


def strongest(stops: list[Stop]) -> dict[object, datetime]:
    """Until when each scope is stopped."""
    ends: dict[object, datetime] = {}
    for one in stops:
        scope, until = (one.contact_id, one.enrollment_id), one.until or FOR_EVER
        ends[scope] = max(ends.get(scope, until), until)
    return ends


def picture(desk: Desk) -> object:
    """Everything that events leave behind, without numbers."""
    ann, acme = desk.get(Contact, desk.ann), desk.get(Account, desk.acme)
    return (
        (ann.consent, ann.left_at, acme.paused_until, desk.play_now().status),
        strongest(desk.all(Stop)),
        {(one.value, one.scope) for one in desk.all(Suppression)},
        sorted((one.kind, one.at, one.contact_id) for one in desk.all(Activity)
               if one.kind != "task.opened"),
        sorted((one.purpose, one.title) for one in desk.all(Task)),
    )  # fmt: skip


@pytest.fixture
def after(migrated_sqlite: Path, tmp_path: Path) -> Callable[[list[list[RawEvent]]], object]:
    """The picture that batches of events leave behind, on a database of their own."""
    number = count()

    def leave(batches: list[list[RawEvent]]) -> object:
        file = tmp_path / f"{next(number)}.db"
        file.write_bytes(migrated_sqlite.read_bytes())
        database = Database(f"sqlite:///{file}")
        desk = furnish(database, tmp_path)
        for batch in batches:
            receive(desk.ctx, batch)
        seen = picture(desk)
        database.dispose()
        return seen

    return leave


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(MANY), cut=st.integers(1, len(MANY) - 1))
def test_in_any_order_twice_and_in_any_batches_events_leave_the_same_picture(after, order, cut):
    assert after([order[:cut], order[cut:], order[::-1]]) == after([MANY])


def test_two_processes_with_the_same_events_apply_each_once(desk: Desk):
    events = [event("visit", number) for number in range(200)] + [event("reply.interested")]
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(receive, desk.ctx, order) for order in (events, events[::-1])]
        done = [one.result() for one in both]
    assert sum(one.stored for one in done) == 201
    assert sum(one.counts["applied"] for one in done) == 201
    assert desk.kinds().count("visit") == 200
    assert [purpose for purpose, _ in desk.open_tasks()] == ["hand_off", "reply"]


# ---------------------------------------------------------------- the score


AGREED = """
score:
  half_life: 30d
  weights: {clicked: 5, reply: 20, meeting_booked: 50, bounce.hard: -10}
"""


def test_the_score_follows_in_the_same_breath(desk: Desk):
    agreement.apply(desk.ctx, AGREED)
    receive(desk.ctx, [event("clicked", 1, NOW), event("reply.unclear", 1, NOW)])
    assert desk.get(Account, desk.acme).engagement == pytest.approx(25)
    assert desk.get(Contact, desk.ann).engagement == pytest.approx(25)
    assert desk.get(Contact, desk.bob).engagement == 0
    receive(desk.ctx, [event("bounce.hard", 1, NOW - timedelta(days=30))])
    assert desk.get(Account, desk.acme).engagement == pytest.approx(20)


@pytest.fixture
def two(desk: Desk) -> int:
    """Kelso beside Northwind, each with its own domain; the id of Northwind."""
    with desk.ctx.db.writing() as session:
        cast.company(session, "Kelso", name_key="kelso", domain="kelso.com")
        made = cast.company(session, "Northwind", name_key="northwind", domain="northwind.com")
        assert made.id is not None
        return made.id


def visitor(desk: Desk, company: str, email: str) -> Inbox:
    said = {"company": company, "name": "Zoe Zimmer", "email": email}
    receive(desk.ctx, [RawEvent("web", "1", "visit", NOW, said)])
    (event,) = desk.all(Inbox)
    assert isinstance(event, Inbox)
    return event


@pytest.mark.parametrize(
    ("company", "email"),
    [
        ("Kelso", "zoe@northwind.com"),  # one account's name, another one's domain
        ("Fjordkraft", "zoe@northwind.com"),  # a name that nobody has
        ("Northwind", "zoe@fjordkraft.no"),  # a domain that nobody has
    ],
)
def test_a_company_whose_domain_and_name_disagree_is_for_a_person(
    desk: Desk, two: int, company: str, email: str
):
    event = visitor(desk, company, email)
    (question,) = desk.all(Review)
    assert (event.status, event.account_id, question.status) == ("unmatched", None, "open")


@pytest.mark.parametrize("company", ["", "n/a", "Northwind", "NORTHWIND Inc.", "Northwind Trading"])
def test_a_company_whose_name_says_nothing_else_is_known_by_its_domain(
    desk: Desk, two: int, company: str
):
    assert visitor(desk, company, "zoe@northwind.com").account_id == two
