"""`check` as a whole: whatever it is given, it answers, at once and in its place."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.errors import Problems
from orchestrator.language import Checked, canonical, check, from_canonical
from orchestrator.planner import decide
from orchestrator.terms import AccountFacts, Facts, Person, Plan, State
from tests.orchestrator.language.names import HERE, VOCABULARY
from tests.support.hanging import ends

NOW = datetime(2027, 3, 1, 11, 0, tzinfo=UTC)
GOOD = [path.read_bytes() for path in sorted((HERE / "good").glob("*.yaml"))]
BAD = [path.read_bytes() for path in sorted((HERE / "bad").glob("*.yaml"))]


def checked(source: str | bytes) -> Checked:
    """The answer, after a look at what holds for every answer."""
    with ends():
        answer = check(source, "play.yaml", VOCABULARY)
    errors = [problem for problem in answer.problems if problem.severity == "error"]
    assert (answer.plan is None) == bool(errors)
    assert_inside(answer, source)
    return answer


def assert_inside(answer: Checked, source: str | bytes) -> None:
    """Every position is a line and a column of the file, or its end, and they stand in order."""
    text = source.decode("utf-8-sig", "replace") if isinstance(source, bytes) else source
    lines = re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).split("\n")
    places = [(one.line, one.col) for one in answer.problems]
    for line, column in places:
        assert (line, column) == (0, 0) or 1 <= column <= len(lines[line - 1]) + 1
    shown = [place for place in places if place != (0, 0)]
    assert shown == sorted(shown)


def wrong(source: str) -> list[tuple[int, str]]:
    """(line, code) of all that is wrong."""
    return [(one.line, one.code) for one in checked(source).problems]


# ---------------------------------------------------------------- too much of everything


def steps(*bodies: str) -> str:
    return "name: play\ncommittee: {b: {role: champion}}\nsteps:\n" + "".join(
        f"  - {{{body}}}\n" for body in bodies
    )


def long_id(number: int) -> str:
    return f"{'x' * 58}{number:04}"


def todos(count: int, after: str) -> str:
    return steps(
        *(f"id: s{n}, todo: {{text: x}}, after: {after.format(n + 1)}" for n in range(count))
    )


CLICKS = " and ".join(["clicked('mail')"] * 55)
MAIL = "id: mail, email: {to: b, template: email/insight}"
HEAVY = {
    "ten thousand steps": steps(*(f"id: s{n}, todo: {{text: x}}" for n in range(10_000))),
    "ten thousand dashes": "name: play\nsteps:\n" + "  -\n" * 10_000,
    "nine hundred steps": steps(*(f"id: s{n}, todo: {{text: x}}" for n in range(900))),
    "one id for all": steps(*("id: same, todo: {text: x}" for _ in range(900))),
    "everything waits for everything": steps(
        *(
            f"id: s{n}, todo: {{text: x}}, after: [{', '.join(f's{m}' for m in range(80))}]"
            for n in range(80)
        )
    ),
    "a long circle": todos(200, "s{}").replace("after: s200", "after: s0"),
    "a long way back": todos(200, "s{}").replace("after: s200", "after: []"),
    "names nobody knows": steps(
        *(f"id: {long_id(n)}, todo: {{text: x}}, after: {long_id(n + 500)}" for n in range(200))
    ),
    "long conditions": steps(
        MAIL, *(f'id: s{n}, call: {{to: b}}, when: "{CLICKS}"' for n in range(180))
    ),
    "wrong conditions": steps(
        *(f'id: s{n}, call: {{to: b}}, when: "{CLICKS}"' for n in range(180))
    ),
    "keep what nobody knows": "name: play\nstop:\n"
    + "".join(
        f"  - {{on: {'meeting' * 8}{n}, keep: [{', '.join(map(long_id, range(50)))}]}}\n"
        for n in range(50)
    ),
    "keys nobody knows": "".join(f"{'k' * 40}{n}: 1\n" for n in range(4000)),
    "a year of holidays": "name: play\ncalendar: {days: mon, blackout: ["
    + ", ".join(str(date(2027, 1, 4) + timedelta(7 * n)) for n in range(366))
    + "]}\nsteps: [{id: a, todo: {text: x}}]\n",
}


@pytest.mark.parametrize("source", HEAVY.values(), ids=HEAVY.keys())
def test_too_much_of_anything_is_answered_at_once(source: str) -> None:
    checked(source)


def test_what_nobody_reads_is_counted() -> None:
    answer = checked(steps(*(f"id: s{n}, todo: {{text: x}}, wiat: 1d" for n in range(150))))
    assert len(answer.problems) == 101
    assert "50 more" in answer.problems[-1].message


def test_warnings_never_hide_an_error() -> None:
    warnings = [f"id: s{n}, todo: {{text: x}}, wait: 0d" for n in range(150)]
    answer = checked(steps(*warnings, "id: last, todo: {text: x}, after: nothing"))
    assert [one.code for one in answer.problems if one.severity == "error"] == ["ABM202"]


# ---------------------------------------------------------------- any text at all


YAMLISH = st.text(alphabet="abs:-?[]{},&*!|>'\"%@#\n\t 0.~<\r\ufeffé\0")
PIECES = sorted({piece for text in (*GOOD, *BAD) for piece in re.findall(rb"\S+\s*", text)})


@given(st.one_of(YAMLISH, st.text(), st.binary()))
@example("---")
def test_any_text_gets_an_answer(source: str | bytes) -> None:
    checked(source)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good playbook after a few slips of a hand."""
    text = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = draw(st.one_of(st.just(at), st.integers(at, min(len(text), at + 20))))
        new = draw(st.one_of(st.sampled_from(PIECES), st.just(b""), st.binary(max_size=2)))
        text = text[:at] + new + text[end:]
    return text


@given(damaged())
def test_any_damaged_playbook_gets_an_answer(source: bytes) -> None:
    answer = checked(source)
    if answer.plan:
        assert from_canonical(canonical(answer.plan)) == answer.plan
        assert_runs(answer.plan)


@st.composite
def reworded(draw: st.DrawFn) -> bytes:
    """A good playbook in which words stand in each other's place."""
    text = draw(st.sampled_from(GOOD))
    words = re.findall(rb"[A-Za-z0-9][A-Za-z0-9_.-]*", text)
    for _ in range(draw(st.integers(1, 5))):
        old, new = draw(st.sampled_from(words)), draw(st.sampled_from(words))
        places = [found.span() for found in re.finditer(rb"(?<!\w)" + re.escape(old), text)]
        if places:
            at, end = draw(st.sampled_from(places))
            text = text[:at] + new + text[end:]
    return text


@given(reworded())
def test_whatever_is_admitted_can_run(source: bytes) -> None:
    plan = checked(source).plan
    if plan:
        assert_runs(plan)


def assert_runs(plan: Plan) -> None:
    """Nothing that a check lets pass surprises the planner."""
    ids = {step.id for step in plan.steps}
    assert all(set(step.after.steps) <= ids for step in plan.steps)
    everywhere = frozenset({"email", "phone", "social"})
    roles = [seat.role for seat in plan.seats.values()] or ["champion"]
    people = tuple(
        Person(number, role, "", 50.0, NOW, "UTC", "DE", everywhere)
        for number, role in enumerate(roles, 1)
    )
    facts = Facts(AccountFacts(7, "Europe/Berlin", "DE", 1, 0.5, 60.0), people)
    for later in (timedelta(0), timedelta(days=5), timedelta(days=400)):
        decision = decide(plan, State(1, 7, "active", NOW), facts, NOW + later)
        assert all(touch.step in ids for touch in decision.touches)


@pytest.mark.parametrize("source", GOOD)
def test_good_playbooks_run(source: bytes) -> None:
    assert_runs(checked(source).plan or Plan("", "", ()))


# ---------------------------------------------------------------- what depends on what is known


def test_names_from_outside_are_only_checked_where_they_are_known() -> None:
    source = (
        "name: play\nfor: {segment: martians}\nsteps: [{id: a, todo: {text: x}, by: captain}]\n"
    )
    assert check(source, "play.yaml").plan
    assert wrong(source) == [(2, "ABM206"), (3, "ABM207")]


def test_a_file_without_a_plan_raises_all_its_problems_when_one_is_wanted() -> None:
    with pytest.raises(Problems) as caught:
        check("name: 1st\nsteps: []\n", "play.yaml").sound()
    assert [one.line for one in caught.value.problems] == [1, 2]


def test_a_mistake_is_told_once() -> None:
    """What could not be read is not held against what hangs on it."""
    assert wrong(
        steps(
            "id: a, email: {to: bb, template: email/insight}, after: {x: y}",
            "id: b, call: {to: a.contact}, when: clicked('a')",
            "id: c, call: {too: b}",
            "id: d, call: {to: c.contact}, when: outcome('c') == 'reached'",
            "id: e, wait: 1d",
            "id: f, call: {to: b}, when: any.outcome('e') == 'reached', after: e",
        )
    ) == [(4, "ABM201"), (4, "ABM105"), (6, "ABM103"), (6, "ABM101"), (8, "ABM109")]


# ---------------------------------------------------------------- whose fact, whose contact


PEOPLE = """\
name: play
committee:
  b: {role: economic_buyer}
  c: {role: champion, at_most: 3}
steps:
  - {id: both, email: {to: [b, c], template: email/insight}}
  - {id: one, call: {to: {first: [b, c]}}, after: both}
  - {id: boss, call: {to: {first: b}}, after: one}
  - {id: hers, call: {to: one.contact}, after: boss}
  - {id: card, todo: {text: x}, after: hers}
"""


@pytest.mark.parametrize(
    ("to", "asked", "known"),
    [
        ("b", "both", True),  # everybody in the seat had one
        ("c", "both", True),
        ("[b, c]", "both", True),
        ("all", "both", True),
        ("{first: [c, b]}", "both", True),
        ("one.contact", "both", True),
        ("hers.contact", "both", True),
        ("b", "one", False),  # only the first of them had one
        ("{first: [b, c]}", "one", False),  # may be another one now
        ("one.contact", "one", True),
        ("hers.contact", "one", True),
        ("one.contact", "hers", True),
        ("b", "hers", False),
        ("b", "boss", True),  # a first of one is everybody
        ("c", "boss", False),
        ("one.contact", "boss", False),
        ("boss.contact", "both", True),
        ("b", "card", False),  # no person's
    ],
)
def test_a_fact_without_a_scope_is_for_who_surely_took_part(
    to: str, asked: str, known: bool
) -> None:
    when = f"outcome('{asked}') == 'reached'"
    last = (
        f"  - {{id: last, email: {{to: {to}, template: email/story}}, after: card, when: {{}}}}\n"
    )
    own = wrong(PEOPLE + last.replace("{}", when))
    assert own == ([] if known else [(11, "ABM401")])
    assert wrong(PEOPLE + last.replace("{}", "any." + when)) == []


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("one", ""),
        ("boss", ""),
        ("hers", ""),
        ("both", "ABM305"),
        ("card", "ABM305"),
        ("nobody", "ABM202"),
        ("last", "ABM304"),
    ],
)
def test_contact_of_a_step_is_for_steps_that_reach_one_person(step: str, code: str) -> None:
    last = f"  - {{id: last, call: {{to: {step}.contact}}, after: card}}\n"
    assert wrong(PEOPLE + last) == ([(11, code)] if code else [])


@pytest.mark.parametrize(
    ("after", "code"),
    [
        ("[x, y]", ""),
        ("{any: [x, y]}", "ABM304"),  # the other one may come first
        ("{any: [v, w]}", ""),  # whichever comes, x came before it
        ("[]", "ABM304"),
    ],
)
def test_the_contact_of_a_step_is_there_whichever_way_the_play_came(after: str, code: str) -> None:
    last = f"id: last, call: {{to: x.contact}}, after: {after}"
    source = steps(
        "id: x, call: {to: b}, after: []",
        "id: y, call: {to: b}, after: []",
        "id: v, call: {to: b}, after: x",
        "id: w, call: {to: b}, after: x",
        last,
    )
    assert wrong(source) == ([(8, code)] if code else [])
