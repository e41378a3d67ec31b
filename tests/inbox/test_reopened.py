"""What waited for a person's answer is applied by it: all of it, once, whatever happens between."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from accounts.errors import AbmError
from accounts.matching import Match, Record
from accounts.records import Account, Contact, Suppression
from orchestrator.engine import ticking
from orchestrator.engine.context import Context
from orchestrator.engine.events import inbox
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.events.recognising import recognise
from orchestrator.engine.events.reopening import reopen
from orchestrator.engine.events.understanding import Understood
from orchestrator.engine.review.questions import questions
from orchestrator.engine.review.reviewing import Answer, decide
from orchestrator.records import Inbox, PlaybookVersion, Task
from orchestrator.terms import RawEvent
from tests.support import cast
from tests.support.cast import NOW
from tests.support.desk import Desk

ZOE = {"company": "Northwind", "name": "Zoe Zimmer", "email": "zoe@nwt.example"}
HOUR = timedelta(hours=1)


class Crash(BaseException):  # nobody catches the end of a process
    """The process ends here."""


@pytest.fixture
def northwind(desk: Desk) -> int:
    """A second company, which a play drives: events call it Northwind, and nobody is sure."""
    return into_play(desk)


def into_play(desk: Desk) -> int:
    with desk.ctx.db.writing() as session:
        made = cast.company(session, "Northwind Traders Ltd", name_key="northwind traders")
        cast.enrolled(session, made, session.exec(select(PlaybookVersion)).one())
        assert made.id is not None
        return made.id


def said(kind: str, number: int = 1, **payload: str) -> RawEvent:
    return RawEvent("web", f"{kind}/{number}", kind, NOW - HOUR, {**ZOE, **payload})


def answer(desk: Desk, word: str, ctx: Context | None = None) -> None:
    (first, *_) = questions(desk.ctx)
    decide(ctx or desk.ctx, first.id, Answer(word), "dana")


def states(desk: Desk) -> list[tuple[str, int | None]]:
    return [(one.status, one.account_id) for one in sorted(desk.all(Inbox), key=lambda o: o.id)]


def reviews(desk: Desk) -> list[str]:
    return [title for purpose, title in desk.open_tasks() if purpose == "review"]


def crashing(desk: Desk, point: str) -> Context:
    def probe(here: str) -> None:
        if here == point:
            raise Crash(point)

    return Context(desk.ctx.db, desk.clock, desk.ctx.settings, {}, probe=probe)


def test_the_answer_applies_everything_that_waited_for_it(desk: Desk, northwind: int):
    receive(desk.ctx, [said("visit"), said("form.demo"), said("reply.interested")])
    assert states(desk) == [("unmatched", None)] * 3
    answer(desk, "same")
    assert states(desk) == [("applied", northwind)] * 3
    (zoe,) = [one for one in desk.all(Contact) if one.name == "Zoe Zimmer"]
    assert {one.contact_id for one in desk.all(Inbox)} == {zoe.id}
    assert {"visit", "form.demo", "reply.interested"} <= set(desk.kinds())
    assert len(desk.stops()) == 2  # Zoe, and outreach to the account: somebody is interested


def test_it_is_applied_once_and_a_replay_is_still_a_replay(desk: Desk, northwind: int):
    receive(desk.ctx, [said("visit"), said("form.demo")])
    answer(desk, "same")
    before = reviews(desk), states(desk)
    for _ in range(2):
        ticking.tick_once(desk.ctx)
    assert receive(desk.ctx, [said("visit"), said("form.demo")]).stored == 0
    heard = [kind for kind in desk.kinds() if kind in ("visit", "form.demo")]
    assert sorted(heard) == ["form.demo", "visit"]
    assert (reviews(desk), states(desk)) == before


def test_the_task_to_look_who_it_is_gives_way_to_the_one_of_the_account(desk: Desk, northwind: int):
    receive(desk.ctx, [said("form.demo")])
    ((_, title),) = desk.open_tasks()
    answer(desk, "same")
    (old, new) = sorted(desk.all(Task), key=lambda one: one.id)
    assert (old.title, old.status, old.account_id) == (title, "cancelled", None)
    assert old.reason == "a person said which company it is"
    assert (new.purpose, new.status, new.account_id) == ("review", "open", northwind)


def test_what_a_rep_has_done_already_stays_done(desk: Desk, northwind: int):
    receive(desk.ctx, [said("form.demo")])
    with desk.ctx.db.writing() as session:
        session.exec(update(Task).values(status="done", ended_at=NOW, done_by=desk.dana))
    answer(desk, "same")
    assert min(desk.all(Task), key=lambda one: one.id).status == "done"


def test_another_company_gets_what_is_its_own(desk: Desk, northwind: int):
    receive(desk.ctx, [said("visit"), said("unsubscribe")])
    answer(desk, "new")
    (made,) = [one for one in desk.all(Account) if one.name == "Northwind"]
    assert states(desk) == [("applied", made.id)] * 2
    assert not desk.stops()
    assert [one.value for one in desk.all(Suppression)] == ["zoe@nwt.example"]


def test_as_long_as_another_company_is_asked_about_it_waits(desk: Desk, northwind: int):
    with desk.ctx.db.writing() as session:
        other = cast.company(session, "Northwind Energy AG", name_key="northwind energy")
        third = other.id
    receive(desk.ctx, [said("visit")])
    answer(desk, "never")
    assert questions(desk.ctx)
    assert states(desk) == [("unmatched", None)]
    answer(desk, "same")
    assert states(desk)[0][0] == "applied"
    assert states(desk)[0][1] in (northwind, third)


def test_only_those_that_waited_for_this_answer_are_applied(desk: Desk, northwind: int):
    nobody = RawEvent("web", "9", "visit", NOW, {"email": "ola@nowhere.example"})
    bo = said("visit", 2, name="Bo Brook", domain="nwe.io")
    receive(desk.ctx, [said("visit"), bo, nobody])
    (first, _) = questions(desk.ctx)
    decide(desk.ctx, first.id, Answer.SAME, "dana")
    assert sorted(status for status, _ in states(desk)) == ["applied", "unmatched", "unmatched"]


def test_everybody_of_the_company_waits_for_the_same_answer(desk: Desk, northwind: int):
    bo = said("reply.interested", 2, name="Bo Brook", email="bo@nwt.example")
    receive(desk.ctx, [said("visit"), bo])
    (only,) = questions(desk.ctx)
    assert only.because == "1 reply or form, 1 event wait; a play runs"
    answer(desk, "same")
    assert states(desk) == [("applied", northwind)] * 2
    assert {"Zoe Zimmer", "Bo Brook"} <= {one.name for one in desk.all(Contact)}
    assert not questions(desk.ctx)


def test_a_reply_keeps_the_day_that_its_own_words_name(desk: Desk, northwind: int):
    receive(desk.ctx, [said("reply", text="Not now, please. Try again in October.")])
    answer(desk, "same")
    (one,) = desk.all(Inbox)
    assert (one.kind, one.status) == ("reply.not_now", "applied")
    rests = desk.get(Account, northwind).paused_until
    assert rests is not None
    assert rests.month == 10


def test_after_a_crash_the_next_pass_applies_it(desk: Desk, northwind: int):
    receive(desk.ctx, [said("visit"), said("form.demo")])
    with pytest.raises(Crash):
        answer(desk, "same", crashing(desk, "in_reopening"))
    assert not questions(desk.ctx)
    assert states(desk) == [("stored", northwind)] * 2
    assert "ingest" in ticking.due(desk.ctx)
    done = ticking.tick(desk.ctx, "ingest")
    assert (done.error, done.counts) == ("", {"reopened": 2})
    assert states(desk) == [("applied", northwind)] * 2
    assert "ingest" not in ticking.due(desk.ctx)


def test_an_answer_that_is_lost_leaves_everything_as_it_was(desk: Desk, northwind: int):
    receive(desk.ctx, [said("visit")])
    (question,) = questions(desk.ctx)
    with pytest.raises(AbmError, match="nobody"):
        decide(desk.ctx, question.id, Answer.SAME, "nobody")
    assert states(desk) == [("unmatched", None)]
    assert questions(desk.ctx) == [question]


def test_one_that_cannot_be_applied_stops_no_other(here: Desk):
    northwind = into_play(here)
    receive(here.ctx, [said("visit", number) for number in range(4)])
    with here.ctx.db.writing() as session:  # a disk that forgets
        broken = update(Inbox).where(col(Inbox.source_id) == "visit/2").values(payload=["?"])
        session.exec(broken)
    answer(here, "same")
    expected = [("applied", northwind)] * 4
    expected[2] = ("unmatched", northwind)
    assert states(here) == expected
    (left,) = inbox.left_over(here.ctx)
    assert "AttributeError" in left.reason
    assert not ticking.due(here.ctx) & {"ingest"}


def test_two_processes_apply_each_event_once(desk: Desk, northwind: int):
    receive(desk.ctx, [said("visit", number) for number in range(60)])
    with pytest.raises(Crash):
        answer(desk, "same", crashing(desk, "in_reopening"))
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(reopen, [crashing(desk, "nowhere"), crashing(desk, "nowhere")]))
    assert sum(done) == 60
    assert desk.kinds().count("visit") == 60
    assert {status for status, _ in states(desk)} == {"applied"}


def test_an_answer_while_an_event_comes_in_reaches_it_too(
    desk: Desk, northwind: int, monkeypatch: pytest.MonkeyPatch
):
    """The event is read, somebody answers the same question, and only then is it stored."""
    receive(desk.ctx, [said("visit", 1)])

    def read_then_answer(ctx: Context, says: Sequence[Understood]) -> dict[Record, Match]:
        found = recognise(ctx, says)
        answer(desk, "same")
        return found

    monkeypatch.setattr(inbox, "recognise", read_then_answer)
    receive(desk.ctx, [said("visit", 2)])
    assert states(desk) == [("applied", northwind)] * 2
    assert not questions(desk.ctx)
