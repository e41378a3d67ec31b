"""What is different between two versions of a playbook, in words."""

from __future__ import annotations

import pytest

from orchestrator.language import check, digest
from orchestrator.language.changes import changes
from orchestrator.terms import Plan
from tests.orchestrator.language.names import GROUPS, HERE

PLAY = """\
name: play
title: A play
pace: 10 accounts per week
committee: {buyer: {role: champion}, spare: {role: user, at_most: 2}}
caps: {contact: 3 per 7d}
stop: [{on: meeting_booked, then: hand_off, keep: [ads]}]
steps:
  - {id: one, email: {to: [buyer, spare], template: email/one}, from: owner}
  - {id: ring, call: {to: {first: [buyer, spare]}}, wait: 3 business days, when: any.clicked('one')}
  - {id: look, todo: {text: Look}, after: {any: [one, ring]}}
"""


def plan(*edits: tuple[str, str]) -> Plan:
    source = PLAY
    for old, new in edits:
        assert old in source
        source = source.replace(old, new, 1)
    return check(source, "play.yaml").sound()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("A play", "Another", ("", "title: Another, was A play")),
        ("10 accounts", "5 accounts", ("", "pace: 5 per week, was 10 per week")),
        ("3 per 7d", "2 per 3d",
         ("", "caps: 2 per 3 days for each contact, was 3 per 7 days for each contact")),
        ("steps:", "goal: {on: [meeting_booked, form.demo]}\nsteps:",
         ("", "goal: meeting_booked or form.demo within 90 days, was nothing")),
        ("keep: [ads]", "keep: [look]",
         ("", "stop: meeting_booked hand_off look, was meeting_booked hand_off ads")),
        ("steps:", "recycle: {after: 90d, at_most: 2}\nsteps:",
         ("", "recycle: after 90 days, at most 2 times, was nothing")),
        ("steps:", "start: {on: [visit, form], again: 30d}\nsteps:",
         ("", "start: visit; form 30 days, was nothing")),
        ("at_most: 2", "at_most: 3", ("seat spare", "at_most: 3, was 2")),
        ("3 business days", "1 business day",
         ("step ring", "wait: 1 business day, was 3 business days")),
        (", when: any.clicked('one')", "",
         ("step ring", "when: nothing, was any.clicked('one')")),
        ("{first: [buyer, spare]}", "buyer",
         ("step ring", "to: buyer, was first of buyer, spare")),
        (", from: owner", ", from: owner, only: {tiers: [2, 1]}",
         ("step one", "only for tiers: 1; 2, was nothing")),
        ("email/one", "email/two", ("step one", "template: email/two, was email/one")),
        ("from: owner", "from: exec", ("step one", "from: exec, was owner")),
        ("after: {any: [one, ring]}", "after: ring",
         ("step look", "after: ring, was any of one, ring")),
    ],
)  # fmt: skip
def test_each_difference_is_told_as_its_author_would(old: str, new: str, told: tuple[str, str]):
    assert list(map(tuple, changes(plan(), plan((old, new))))) == [told]


def test_steps_and_seats_come_and_go():
    seats = ("[buyer, spare]", "[buyer, user]")
    user = ("spare: {role: user, at_most: 2}", "user: {role: user}")
    new = plan(("id: look", "id: see"), user, seats, seats)
    told = [tuple(one) for one in changes(plan(), new)]
    assert ("seat user", "is new") in told
    assert ("seat spare", "is gone") in told
    assert ("step see", "is new: todo") in told
    assert ("step look", "is gone") in told


@pytest.mark.parametrize("file", sorted((HERE / "good").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_says_the_same_has_no_changes_and_every_plan_can_be_told(file):
    whole = check(file.read_bytes(), file.name, groups=GROUPS).sound()
    assert changes(whole, whole) == []
    assert len(changes(plan(), whole)) >= len(whole.steps)
    assert all("object at" not in one.text for one in changes(plan(), whole))


def test_lines_that_move_change_nothing():
    moved = plan(("steps:\n", "\n\nsteps:\n\n"))
    assert digest(moved) == digest(plan())
    assert changes(plan(), moved) == []
