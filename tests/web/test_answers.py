"""A reply is read and answered in the queue; the answer leaves by the house's own mail."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from accounts.records import Contact, User
from orchestrator.channels.maildir import Maildir
from orchestrator.engine.events.inbox import receive
from orchestrator.engine.running.delivering import deliver
from orchestrator.records import Enrollment, Task, Touch
from orchestrator.store.companies.people import Family
from orchestrator.store.running import guards
from orchestrator.terms import RawEvent
from tests.support.cast import NOW
from tests.support.site import Site, Visitor

LATER = timedelta(seconds=11)


@pytest.fixture
def box(site: Site, tmp_path: Path) -> Path:
    """Where mails arrive; Ann has just asked what it costs."""
    folder = tmp_path / "maildir"
    site.desk.ctx.channels["email"] = Maildir("us.example", folder)  # type: ignore[index]
    said = {
        "email": "ann.archer@acme.example", "subject": "Costs?", "text": "What does it cost?",
        "message_id": "<abc@acme.example>",
    }  # fmt: skip
    receive(site.desk.ctx, [RawEvent("mail", "1", "reply.unclear", NOW, said)])
    return folder


def asked(site: Site) -> int:
    (task,) = [one for one in site.desk.all(Task) if one.purpose == "reply"]
    return int(task.id)


def mails(box: Path) -> list[EmailMessage]:
    found = [one for one in box.rglob("*") if one.is_file() and one.parent.name in ("new", "cur")]
    read = (message_from_bytes(one.read_bytes(), policy=policy.default) for one in sorted(found))
    return list(read)


def answer(visitor: Visitor, task: int, **more: str) -> tuple[int, str]:
    form = {"disposition": "done", "subject": "Re: Costs?", "answer": "Four hundred.", "token": "t"}
    return visitor.post(f"/queue/{task}/done", **(form | more))


def test_a_reply_is_read_and_answered_in_one_go(site: Site, box: Path):
    task, visitor = asked(site), site.visit("dana")
    page = visitor.get(f"/queue/{task}")
    assert "What does it cost?" in page
    assert 'value="Re: Costs?"' in page
    assert answer(visitor, task) == (303, f"/queue?did={task}")
    assert deliver(site.desk.ctx).claimed == 0  # it can still be taken back
    site.desk.clock.advance(LATER)
    assert deliver(site.desk.ctx).counts == {"sent": 1}
    (mail,) = mails(box)
    assert mail["To"] == "Ann Archer <ann.archer@acme.example>"
    assert mail["From"] == "Dana <dana@us.example>"
    assert (mail["Subject"], mail["In-Reply-To"]) == ("Re: Costs?", "<abc@acme.example>")
    assert "List-Unsubscribe" not in mail
    assert "Four hundred." in mail.get_content()


def test_it_leaves_though_her_reply_stopped_the_play_and_counts_to_caps(site: Site, box: Path):
    with site.desk.ctx.db.writing() as session:
        session.get_one(Enrollment, site.desk.play).status = "ended"
    assert (site.desk.ann, site.desk.play) in site.desk.stops()
    answer(site.visit("dana"), asked(site))
    site.desk.clock.advance(LATER)
    assert deliver(site.desk.ctx).counts == {"sent": 1}
    with site.desk.ctx.db.reading() as session:
        found = guards.reached(session, [site.desk.acme], Family({}, {}), NOW)
    assert [one.contact_id for one in found[site.desk.acme].values()] == [site.desk.ann]


def test_who_asked_for_silence_meanwhile_gets_no_answer(site: Site, box: Path):
    answer(site.visit("dana"), asked(site))
    with site.desk.ctx.db.writing() as session:
        session.get_one(Contact, site.desk.ann).consent = "refused"
    site.desk.clock.advance(LATER)
    assert deliver(site.desk.ctx).counts == {"suppressed": 1}
    assert mails(box) == []


def test_an_answer_that_was_taken_back_never_leaves_and_may_be_written_anew(site: Site, box: Path):
    task, visitor = asked(site), site.visit("dana")
    answer(visitor, task)
    assert visitor.post(f"/queue/{task}/undo", token="t") == (303, f"/queue/{task}")
    answer(visitor, task, answer="Three hundred.", token="u")
    site.desk.clock.advance(LATER)
    deliver(site.desk.ctx)
    assert ["Three hundred." in one.get_content() for one in mails(box)] == [True]
    assert sorted(one.status for one in site.desk.all(Touch)) == ["cancelled", "sent"]


def test_an_answer_sent_twice_leaves_once(site: Site, box: Path):
    task, visitor = asked(site), site.visit("dana")
    assert answer(visitor, task) == answer(visitor, task)
    site.desk.clock.advance(LATER)
    deliver(site.desk.ctx)
    assert len(mails(box)) == 1


def test_what_cannot_be_sent_is_told_and_nothing_is_lost(site: Site, box: Path):
    task, visitor = asked(site), site.visit("dana")
    with site.desk.ctx.db.writing() as session:
        session.get_one(User, site.desk.dana).email = ""
    status, page = answer(visitor, task)
    assert (status, '<a href="#answer">' in page, ">Four hundred.</textarea>" in page) == (
        400, True, True,
    )  # fmt: skip
    assert site.desk.get(Task, task).status == "open"
    call = site.desk.task()
    assert answer(visitor, call)[0] == 400  # only a reply is answered
    assert site.desk.all(Touch) == []


@pytest.mark.parametrize(
    ("subject", "name"),
    [("x\r\nBcc: evil@example.com", "<a>\r\nBcc: evil@example.com"), ("=?utf-8?q?=0ABcc?=", "id")],
)
def test_no_header_can_be_smuggled_in(site: Site, box: Path, subject: str, name: str):
    said = {"email": "bob.burns@acme.example", "subject": subject, "text": "?", "message_id": name}
    receive(site.desk.ctx, [RawEvent("mail", "2", "reply.unclear", NOW, said)])
    task = max(one.id for one in site.desk.all(Task) if one.purpose == "reply")
    answer(site.visit("dana"), task, subject=subject)
    site.desk.clock.advance(LATER)
    deliver(site.desk.ctx)
    (mail,) = mails(box)
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
