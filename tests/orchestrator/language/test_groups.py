"""Groups of steps: where what is wrong is told, what their names are, what is never too much."""

from __future__ import annotations

import pytest

from orchestrator.language import Group, check, check_group, digest
from tests.orchestrator.language.names import VOCABULARY

PLAY = """\
name: play
committee: {champion: {role: champion}}
steps:
  - {id: look, todo: {text: Look}}
  - {id: opening, include: mail-and-call, with: {to: champion}}
  - {id: thank, todo: {text: Thank them}}
"""
GROUP = """\
parameters: {to: seat}
steps:
  - {id: hello, email: {to: $to, template: email/insight}}
  - {id: ring, call: {to: hello.contact}, when: not clicked('hello')}
"""
FLAT = """\
name: play
committee: {champion: {role: champion}}
steps:
  - {id: look, todo: {text: Look}}
  - {id: opening-hello, email: {to: champion, template: email/insight}}
  - {id: opening-ring, call: {to: opening-hello.contact}, when: not clicked('opening-hello')}
  - {id: thank, todo: {text: Thank them}}
"""


def checked(play: str = PLAY, **groups: str):
    files = {name.replace("_", "-"): Group(f"groups/{name}.yaml", t) for name, t in groups.items()}
    return check(play, "play.yaml", VOCABULARY, files)


def told(play: str = PLAY, **groups: str) -> list[str]:
    problems = checked(play, **groups).problems
    return [f"{one.file}:{one.line}:{one.col} {one.code}" for one in problems]


def test_a_group_says_what_its_steps_would_say_in_its_place():
    found = checked(mail_and_call=GROUP)
    assert found.problems == ()
    assert digest(found.sound()) == digest(check(FLAT, "flat.yaml").sound())
    assert found.groups == {"mail-and-call": GROUP}


@pytest.mark.parametrize(
    ("after", "waits"),
    [
        ("opening", ("opening-ring",)),
        ("[look, opening]", ("look", "opening-ring")),
        ("{any: [opening, look]}", ("opening-ring", "look")),
        ("[opening, opening-ring]", ("opening-ring",)),
    ],
)
def test_a_step_may_wait_for_a_whole_group(after: str, waits: tuple[str, ...]):
    play = f"{PLAY}  - {{id: later, todo: {{text: Go on}}, after: {after}}}\n"
    plan = checked(play, mail_and_call=GROUP).sound()
    assert plan.by_id["later"].after.steps == waits


def test_a_group_may_wait_for_another_one_but_not_each_for_the_other():
    again = "  - {id: again, include: mail-and-call, with: {to: champion}, after: opening}\n"
    plan = checked(PLAY + again, mail_and_call=GROUP).sound()
    assert plan.by_id["again-hello"].after.steps == ("opening-ring",)
    odd = PLAY.replace("with: {to: champion}", "with: {to: champion}, after: again", 1)
    assert "groups/mail_and_call.yaml:3:5 ABM302" in told(odd + again, mail_and_call=GROUP)


def test_what_is_wrong_in_a_group_is_told_there_and_what_is_given_where_it_is_given():
    odd = GROUP.replace("clicked('hello')", "clicked('helo')")
    assert told(mail_and_call=odd) == ["groups/mail_and_call.yaml:4:61 ABM202"]
    wrong = PLAY.replace("{to: champion}", "{to: champoin}")
    assert "play.yaml:5:54 ABM201" in told(wrong, mail_and_call=GROUP)


def test_a_comment_of_the_group_allows_its_warning():
    opened = GROUP.replace("not clicked('hello')}", "opened('hello')}")
    allowed = opened.rstrip() + "  # abm: allow ABM403 it is only a call\n"
    assert [one.code for one in checked(mail_and_call=opened).problems] == ["ABM403"]
    assert checked(mail_and_call=allowed).problems == ()


@pytest.mark.parametrize(
    "source",
    ["", "steps", "steps: 5", "steps: [5]", "steps: [{id: [a]}]", "steps: [{id: x, include: g}]",
     "parameters: 7\nsteps: []", "steps: [{choose: {a: 3}, id: c}]", "[]", "\0", "steps: [{}]",
     "steps: [{id: x, with: 3, include: g}]", "parameters: {a: {default: [1]}}\nsteps: $a",
     b"\xff\xfe", "parameters: {a: text}\nsteps: [{id: $a, todo: {text: $a}}]"],
)  # fmt: skip
def test_no_group_makes_a_check_raise(source: str | bytes):
    files = {"g": Group("g.yaml", source)}
    play = "name: p\nsteps:\n  - {id: a, include: g, with: {a: b}}\n"
    assert check(play, "p.yaml", VOCABULARY, files).plan is None
    assert check_group(source, "g.yaml", "g", VOCABULARY, files)


def test_groups_that_multiply_stay_small():
    """Each holds ten of the next: a hundred thousand steps in five small files."""
    many = "steps:\n" + "".join(f"  - {{id: s{n}, include: g%d}}\n" for n in range(10))
    files = {f"g{n}": Group(f"g{n}.yaml", many % ((n + 1,) * 10)) for n in range(4)}
    files["g4"] = Group("g4.yaml", "steps: [{id: x, todo: {text: Look}}]")
    play = "name: p\nsteps:\n  - {id: a, include: g0}\n"
    found = check(play, "p.yaml", VOCABULARY, files)
    assert found.plan is None
    assert any("200 are allowed" in one.message for one in found.problems)
