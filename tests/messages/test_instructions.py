"""What a playbook tells whoever does a step reaches them, before the words to say."""

from __future__ import annotations

from orchestrator.engine.tasks.sheets import sheet
from tests.messages.conftest import House, Write
from tests.planner.plans import plan, step
from tests.support import cast


def test_a_task_shows_the_playbooks_text_and_then_its_script(house: House, write: Write):
    ctx = house()
    write("---\ntitle: Call {{ contact.first_name }}\n---\nHello.", "call/x")
    of = plan(
        step("ring", "call", "champion", text="Ask for the plant in Bonn."),
        step("find", "todo", text="Find one true thing."),
    )
    with ctx.db.writing() as session:
        acme = cast.company(session, "Acme")
        ann = cast.person(session, acme, "Ann Archer")
        play = cast.enrolled(session, acme, cast.version(session, of))
        ring = cast.task(session, play, ann, template="call/x").id
        find = cast.task(session, play, None, step="find", kind="todo").id
    assert ring is not None
    assert find is not None
    assert sheet(ctx, ring).script == "Ask for the plant in Bonn.\n\nCall Ann\n\nHello."
    assert sheet(ctx, find).script == "Find one true thing."
