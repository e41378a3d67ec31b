"""`once`: one task for a playbook, which anybody of its team finds and closes."""

from __future__ import annotations

from orchestrator.calendar import parse_span
from orchestrator.engine.tasks import desk
from orchestrator.terms import Once
from tests.engine.world import WEEK, World
from tests.support import cast
from tests.support.cast import NOW

AGENCY = Once("agency", "Tell the agency", "Send them the list", parse_span("1 business day"))
PAGE = Once("page", "Make a page", "With their figures", parse_span("1 business day"))


def once(world: World) -> list[tuple[str, str, int | None]]:
    return [
        (one.step, one.status, one.account_id) for one in world.tasks() if one.party_key == "play"
    ]


def test_the_first_account_that_begins_opens_it_and_no_other(world: World):
    world.book("play", once=(AGENCY,), pace=1)
    ids = world.companies("Acme", "Bolt")
    world.enroll("play", ids)
    assert once(world) == []
    world.tick()
    assert once(world) == [("agency", "open", None)]
    world.clock.set(NOW + WEEK)
    world.tick()
    assert world.statuses()["Bolt"] == "active"
    assert once(world) == [("agency", "open", None)]


def test_what_a_later_version_brings_is_opened_with_the_next_account(sqlite_world: World):
    sqlite_world.book("play", once=(AGENCY,))
    acme, bolt = sqlite_world.companies("Acme", "Bolt")
    sqlite_world.enroll("play", [acme])
    sqlite_world.tick()
    sqlite_world.book("play", once=(AGENCY, PAGE))
    sqlite_world.enroll("play", [bolt])
    sqlite_world.tick()
    assert [step for step, _, _ in once(sqlite_world)] == ["agency", "page"]


def test_somebody_of_marketing_has_it_and_closes_it(sqlite_world: World):
    with sqlite_world.db.writing() as session:
        mona = cast.user(session, "mona", "marketing").id
    sqlite_world.book("play", once=(AGENCY,))
    sqlite_world.enroll("play", sqlite_world.companies("Acme"))
    sqlite_world.tick()
    [task] = [one for one in sqlite_world.tasks() if one.party_key == "play"]
    assert (task.assignee_id, task.title, task.body) == (mona, AGENCY.title, AGENCY.text)
    assert task.id
    assert mona
    assert any(one.id == task.id for one in desk.queue(sqlite_world.ctx, mona))
    desk.done(sqlite_world.ctx, task.id, mona, "done")
    assert once(sqlite_world) == [("agency", "done", None)]
