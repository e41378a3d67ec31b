"""Pictures of plans: nothing lies upon anything, arrows join, and any text is harmless."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.calendar import parse_span
from orchestrator.conditions import parse
from orchestrator.drawing import Box, layout, svg
from orchestrator.drawing.days import Begin, begins
from orchestrator.terms import After, At, Branch, CalendarSpec, Once, Plan, Step, Within
from tests.planner.plans import plan, step

SVG = "{http://www.w3.org/2000/svg}"
KINDS = ("email", "ads", "call", "social", "todo", "hand_back", "wait_for", "choose")
WAITS = ("0 minutes", "2h", "8 business hours", "1d", "3 business days", "2w")


@st.composite
def random_plans(draw: Any) -> Plan:
    """Up to 20 steps, each after some of those above it, some in branches."""
    made: list[Step] = []
    for n in range(draw(st.integers(1, 20))):
        ways = [Within(one.id, branch.name) for one in made for branch in one.branches]
        made.append(_step(draw, f"s{n}", [one.id for one in made], ways))
    return plan(*made)


def _step(draw: Any, id_: str, above: list[str], ways: list[Within]) -> Step:
    kind = draw(st.sampled_from(KINDS))
    options: dict[str, Any] = {
        "after": draw(st.lists(st.sampled_from(above), max_size=3, unique=True)) if above else (),
        "any": draw(st.booleans()),
        "wait": draw(st.sampled_from(WAITS)),
        "within": draw(st.sampled_from((None, *ways))),
        "always": draw(st.booleans()),
    }
    if kind == "choose":
        options["branches"] = (Branch("warm", parse("account.fit > 1")), Branch("otherwise"))
    if kind == "wait_for":
        options |= {"until": "account.engagement > 40", "at_most": "3 business days"}
    if draw(st.booleans()):
        options["when"] = "account.engagement > 10 and " * 3 + "account.fit > 1"
    return step(id_, kind, *(("buyer",) if kind in ("email", "call", "social") else ()), **options)


@given(random_plans())
def test_no_two_boxes_overlap_and_each_stands_in_its_lane(random: Plan):
    picture = layout(random)
    assert [box.id for box in picture.boxes] == [one.id for one in random.steps]
    for one, other in combinations(picture.boxes, 2):
        apart = one.right < other.left or other.right < one.left
        assert apart or one.bottom < other.top or other.bottom < one.top
    lanes = {lane.name: lane for lane in picture.lanes}
    for box in picture.boxes:
        lane = lanes[box.lane]
        assert lane.start < box.top
        assert box.bottom < lane.start + lane.length
        assert box.right < picture.width


@given(random_plans())
def test_every_arrow_goes_from_a_box_to_one_on_its_right_and_through_no_other(random: Plan):
    picture = layout(random)
    boxes = {box.id: box for box in picture.boxes}
    for arrow in picture.arrows:
        start, end = boxes[arrow.start], boxes[arrow.end]
        assert start.right < end.left
        assert arrow.points[0] == (start.right, start.middle)
        assert end.left <= arrow.points[-1][0] < end.left + 14
        assert end.top < arrow.points[-1][1] < end.bottom
        for run in zip(arrow.points, arrow.points[1:], strict=False):
            assert run[0][0] == run[1][0] or run[0][1] == run[1][1]
            assert not any(_crosses(run, box) for box in picture.boxes if box is not end)


def _crosses(run: Any, box: Box) -> bool:
    (x, y), (to_x, to_y) = run
    beside = max(x, to_x) <= box.left or min(x, to_x) >= box.right
    return not (beside or max(y, to_y) <= box.top or min(y, to_y) >= box.bottom)


@given(random_plans())
def test_every_prerequisite_has_its_arrow(random: Plan):
    drawn = {(arrow.start, arrow.end) for arrow in layout(random).arrows}
    for one in random.steps:
        assert {(id_, one.id) for id_ in one.after.steps} <= drawn
        assert any(end == one.id for _, end in drawn) == bool(one.priors)


@given(random_plans())
@settings(max_examples=30)
def test_a_picture_is_well_formed_and_always_the_same(random: Plan):
    drawn = svg(layout(random))
    assert drawn == svg(layout(random))
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    ids = {one.get("id") for one in root}
    assert set((root.get("aria-labelledby") or "").split()) <= ids


# ---------------------------------------------------------------- words

HOSTILE = (
    "</svg><script>alert(1)</script>", "a & b ]]> <!-- ", "\x00\x08\x1b[31m\ufffe\ud800",
    "\u202edesrever", '"\'><image href="x"/>', "W" * 4000, "汉字" * 200, "",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_harmless(text: str):
    mail = replace(step("mail", "email", text, by=text), title=text)
    turn = step("turn", "choose", branches=(Branch(text, parse("account.fit > 1")),))
    way = step("way", "ads", within=Within("turn", text), audience=text)
    root = ET.fromstring(svg(layout(replace(plan(mail, turn, way), title=text))))
    known = {"svg", "title", "desc", "style", "defs", "marker", "path", "rect", "line", "text", "g"}
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= known


@given(st.text(max_size=200))
def test_whatever_a_title_says_the_picture_can_be_read(text: str):
    drawn = svg(layout(replace(plan(step("mail", "email", "buyer", by=text)), title=text)))
    assert ET.fromstring(drawn.encode()).find(f"{SVG}title") is not None


def test_what_is_cut_can_be_read_in_whole_in_a_title():
    long = "a-step-with-a-name-that-no-box-can-hold"
    group = ET.fromstring(svg(layout(plan(step(long, "call", "buyer"))))).find(f"{SVG}g")
    assert group is not None
    assert (group.findtext(f"{SVG}title") or "").startswith(long)
    assert (group.findtext(f"{SVG}text") or "").endswith("…")


def test_a_condition_takes_two_lines():
    asked = "any.clicked('insight') or account.fit > 1"
    lines = layout(plan(step("ring", "call", "buyer", when=asked))).boxes[0].lines
    assert " ".join(one.text for one in lines if one.style == "asked") == f"when {asked}"


# ---------------------------------------------------------------- lanes, days and ways


def test_a_step_stands_in_the_lane_of_the_team_that_does_it():
    waits = step("wait", "wait_for", until="account.fit > 1", at_most="1d")
    taken = step("post", "todo", by="marketing")
    steps = [step("mail", "email", "buyer", by="sdr"), step("ring", "call", "buyer"), taken, waits]
    picture = layout(plan(*steps))
    lanes = [box.lane for box in picture.boxes]
    assert lanes == ["marketing", "sales", "marketing", "the play"]
    assert [lane.name for lane in picture.lanes] == ["marketing", "the play", "sales"]
    assert [box.lozenge for box in picture.boxes] == [False, False, False, True]


@pytest.mark.parametrize(
    ("wait", "day"),
    [
        ("0 minutes", 0), ("7h", 0), ("8h", 1), ("8 business hours", 1), ("3 business days", 3),
        ("1d", 1), ("5d", 5), ("6d", 5), ("1w", 5), ("6w", 30),
    ],
)  # fmt: skip
def test_a_day_counts_the_days_of_work(wait: str, day: int):
    assert begins(plan(step("mail", "email", "buyer", wait=wait)))["mail"] == Begin(day, day)


def test_a_day_counts_by_the_calendar_of_the_plan():
    mail = step("mail", "email", "buyer", wait="1w")
    spec = CalendarSpec(days="tue,sun", hours="22:00-06:00")
    assert begins(plan(mail, calendar=spec))["mail"] == Begin(2, 2)


def test_a_step_stands_behind_all_of_which_one_is_enough_and_says_when_it_may_begin():
    early, late = step("early", "ads"), step("late", "ads", wait="2w")
    picked = step("picked", "call", "buyer", after=["early", "late"], any=True)
    picture = layout(plan(early, late, picked))
    assert [day.name for day in picture.days] == ["day 0", "day 10"]
    assert picture.boxes[2].lines[-1].text == "from day 0 on"
    assert all(arrow.dashed for arrow in picture.arrows)
    assert "dashed: one of them is enough" in svg(picture)


def test_the_end_of_ads_is_when_they_have_run_out():
    ads = replace(step("ads", "ads"), lasts=parse_span("2w"))
    mail = replace(step("mail", "email", "buyer"), after=After(("ads",), ended=frozenset({"ads"})))
    assert begins(plan(ads, mail))["mail"].day == 10


def test_waits_that_add_up_to_ages_do_not_end_the_calendar():
    steps = [step(f"s{n}", "ads", wait="3660d", after=[f"s{n - 1}"] * (n > 0)) for n in range(900)]
    boxes = layout(plan(*steps)).boxes
    assert all(one.right < other.left for one, other in pairwise(boxes))


def test_a_branch_is_named_on_the_arrow_to_its_first_step_alone():
    turn = step("turn", "choose", branches=(Branch("warm", parse("account.fit > 1")),))
    ring = step("ring", "call", "buyer", within=Within("turn", "warm"))
    mail = step("mail", "email", "buyer", after=["ring"], within=Within("turn", "warm"))
    arrows = layout(plan(turn, ring, mail)).arrows
    labels = [(arrow.start, arrow.end, arrow.label and arrow.label.whole) for arrow in arrows]
    assert labels == [("turn", "ring", "warm: account.fit > 1"), ("ring", "mail", None)]


def test_a_step_that_counts_from_a_date_stands_below_its_day_and_says_which():
    week, day = parse_span("1w"), parse_span("1 business day")
    early = step("early", "todo", at=At("fair", "2027-05-04", week, back=True))
    ready = step("ready", "todo", wait="2 business days")
    late = step("late", "todo", after=["ready"], at=At("fair", "2027-05-04", day))
    assert begins(plan(early, ready, late)) == {
        "early": Begin(0, 0), "ready": Begin(2, 2), "late": Begin(6, 6),
    }  # fmt: skip
    said = [one.text for one in layout(plan(early)).boxes[0].lines]
    assert "on fair - 1 week" in said


def test_what_is_done_once_is_drawn_as_such_at_the_begin():
    once = Once("tell-agency", "Tell the agency", "Tell them", parse_span("2d"))
    drawn = layout(replace(plan(step("hello", "email", "buyer")), once=(once,))).boxes
    assert [box.id for box in drawn] == ["tell-agency", "hello"]
    assert [one.text for one in drawn[0].lines] == [
        "tell-agency", "todo · by marketing", "once, for all accounts",
    ]  # fmt: skip
