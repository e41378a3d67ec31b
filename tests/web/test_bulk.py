"""Personal mail and social messages by the dozen."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from accounts.records import Contact
from orchestrator.engine.tasks import desk
from orchestrator.records import Enrollment, PlaybookVersion, Task
from tests.support import cast
from tests.support.site import Site


@pytest.fixture
def tasks(site: Site, tmp_path: Path) -> list[int]:
    """A message to Ann and one to Bob, who has no profile; the call between them is none."""
    (tmp_path / "templates/social").mkdir(parents=True)
    (tmp_path / "templates/social/hello.j2").write_text("Hello {{ contact.first_name }}\n")
    with site.desk.ctx.db.writing() as session:
        session.get_one(Contact, site.desk.ann).social = "https://social.example/ann"
    hello = {"kind": "social", "template": "social/hello"}
    site.desk.task(occurrence=2)
    return [site.desk.task(one, **hello) for one in (site.desk.ann, site.desk.bob)]


def test_messages_are_read_together_and_ended_together(site: Site, tasks: list[int]):
    visitor = site.visit("dana")
    assert "2 social messages at once" in visitor.get("/queue")
    page = visitor.get("/bulk/social")
    assert "Social: 2 to send" in page
    assert "Hello Ann" in page
    assert 'href="https://social.example/ann"' in page
    data = {"csrf": visitor.csrf, "task": tasks, "token": "t"}
    answer = visitor.client.post("/bulk/social", data=data)
    assert answer.headers["location"] == f"/bulk/social?did={tasks[0]}&did={tasks[1]}&lost=0"
    assert "2 ended as sent." in visitor.get(answer.headers["location"])
    assert [site.desk.get(Task, one).disposition for one in tasks] == ["sent", "sent"]
    assert "No such message waits for you." in visitor.get("/bulk/social")
    again = visitor.client.post("/bulk/social", data=data)  # sent twice, ended once
    assert again.headers["location"] == answer.headers["location"]


def elsewhere(site: Site) -> int:
    """A message to somebody at another account."""
    with site.desk.ctx.db.writing() as session:
        version = session.get_one(PlaybookVersion, session.get_one(Enrollment, 1).version_id)
        beta = cast.company(session, "Beta")
        play = cast.enrolled(session, beta, version)
        row = cast.task(session, play, cast.person(session, beta, "Cy Coe"), kind="social",
                        template="social/hello", assignee_id=site.desk.dana)  # fmt: skip
        return row.id or 0


def test_what_was_ended_together_is_taken_back_together(site: Site, tasks: list[int]):
    """Within ten seconds, by whoever ended it; what another end built on stays as it is."""
    visitor, both = site.visit("dana"), [tasks[0], elsewhere(site)]
    data = {"csrf": visitor.csrf, "task": both, "token": "t"}
    visitor.client.post("/bulk/social", data=data)
    sam = site.visit("sam").post("/bulk/social/undo", task=str(tasks[0]))
    assert sam == (303, "/bulk/social?back=0&stay=1")
    answer = visitor.client.post("/bulk/social/undo", data=data)
    assert answer.headers["location"] == "/bulk/social?back=2&stay=0"
    assert "2 taken back." in visitor.get("/bulk/social?back=2&stay=0")
    assert [site.desk.get(Task, one).status for one in both] == ["open", "open"]
    visitor.client.post("/bulk/social", data=data | {"token": "u"})
    site.desk.clock.advance(timedelta(seconds=11))
    answer = visitor.client.post("/bulk/social/undo", data=data)
    assert answer.headers["location"] == "/bulk/social?back=0&stay=2"
    assert "2 stay as sent: it was too late" in visitor.get(answer.headers["location"])
    assert [site.desk.get(Task, one).status for one in both] == ["done", "done"]


def test_one_that_somebody_else_ended_is_told(site: Site, tasks: list[int]):
    desk.done(site.desk.ctx, tasks[0], site.desk.users["sam"], "sent")
    visitor = site.visit("dana")
    answer = visitor.client.post("/bulk/social", data={"csrf": visitor.csrf, "task": tasks})
    assert answer.headers["location"] == f"/bulk/social?did={tasks[1]}&lost=1"
    assert "1 had been closed meanwhile" in visitor.get(answer.headers["location"])


def test_nothing_ticked_and_tasks_of_another_sort_end_nothing(site: Site, tasks: list[int]):
    visitor = site.visit("dana")
    status, page = visitor.post("/bulk/social")
    assert (status, "no message is ticked" in page) == (400, True)
    assert visitor.post("/bulk/personal_mail", task=str(tasks[0]))[0] == 403
    assert visitor.post("/bulk/calls", task=str(tasks[0]))[0] == 400
    assert {one.status for one in site.desk.all(Task)} == {"open"}
