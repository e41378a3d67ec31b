"""Random small plays: a plan, people, how reps end their tasks, and what happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from orchestrator.calendar import parse_span
from orchestrator.conditions import needs, parse
from orchestrator.scenarios.telling import Answer, Scenario
from orchestrator.terms import Branch, CalendarSpec, Cap, How, Plan, Seat, Step, StopRule, Within
from tests.planner import plans
from tests.planner.plans import MONDAY

SEATS = {
    "buyer": Seat("buyer", "economic_buyer"),
    "champion": Seat("champion", "champion", at_most=2),
}
ROLES = ("economic_buyer", "champion", "user")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
WAITS = ("0 minutes", "2h", "1d", "1 business day", "3 business days")
ENDS = ("connected", "no_answer", "wrong_number", "skipped", "not_interested", "not_now",
        "meeting_booked", "left_company")  # fmt: skip
ENDS_WITHOUT_PERSON = ("done", "skipped", "meeting_booked", "bad_fit")
SKIPPED = ("skipped",)
EVENTS = ("clicked", "bounce.hard", "reply.unclear", "reply.auto", "reply.not_now", "unsubscribe",
          "reply.interested", "reply.wrong_person", "departed", "reply.legal", "bounce.soft",
          "meeting_booked", "complaint")  # fmt: skip
KINDS = ("email", "email", "call", "social", "ads", "todo", "wait_for", "choose")


@st.composite
def steps(draw: Any) -> list[Step]:
    """Two to five steps, each after some of those above it."""
    made: list[Step] = []
    for n in range(draw(st.integers(2, 5))):
        above = [step.id for step in made]
        ways = [Within(step.id, branch.name) for step in made for branch in step.branches]
        made.append(_step(draw, f"s{n}", above, draw(st.sampled_from((None, *ways)))))
    return made


def _step(draw: Any, id_: str, above: list[str], within: Within | None) -> Step:
    kind = draw(st.sampled_from(KINDS))
    if kind in ("wait_for", "choose") and not above:
        kind = "todo"  # there is nothing yet that could come true
    to_people = kind not in ("ads", "todo", "wait_for", "choose")
    options: dict[str, Any] = {
        "after": draw(st.lists(st.sampled_from(above), max_size=2, unique=True)) if above else [],
        "any": draw(st.booleans()),
        "wait": draw(st.sampled_from(WAITS)),
        "join": draw(st.booleans()),
        "within": within,
        "always": draw(st.integers(0, 4)) == 0,
        "max_lateness": draw(st.sampled_from(("1h", "2d", "90d"))),
    }
    if options["after"] and draw(st.booleans()):
        prior = options["after"][0]
        options["when"] = draw(
            st.sampled_from(
                (f"any.clicked('{prior}')", f"any.outcome('{prior}') != 'not_done'",
                 f"not all.sent('{prior}')", f"clicked('{prior}')")
            )
        )  # fmt: skip
    if kind == "wait_for":
        prior = draw(st.sampled_from(above))
        options["until"] = draw(
            st.sampled_from((f"any.clicked('{prior}')", f"any.outcome('{prior}') == 'reached'"))
        )
        options["at_most"] = draw(st.sampled_from(("1d", "3 business days")))
    elif kind == "choose":
        asked = parse(f"any.clicked('{draw(st.sampled_from(above))}')")
        options["branches"] = (Branch("warm", asked), Branch("otherwise"))
    elif kind == "email":
        options["variants"] = (id_,)
        options["approve"] = draw(st.sampled_from(("", "", "", "rep")))
    else:
        options["overdue"] = draw(
            st.sampled_from((("skip",), ("escalate", "proceed"), ("reassign", "skip")))
        )
        options["due"] = draw(st.sampled_from(("4 business hours", "2 business days")))
    if kind in ("call", "social"):
        options |= {"attempts": draw(st.integers(1, 3)), "every": "1 business day"}
    seats = draw(st.lists(st.sampled_from(tuple(SEATS)), min_size=1, max_size=2, unique=True))
    if to_people:
        options["how"] = draw(st.sampled_from((How.EACH, How.EACH, How.FIRST)))
    return plans.step(id_, kind, *(seats if to_people else ()), **options)


@st.composite
def scenarios(draw: Any) -> Scenario:
    """Everything that a world needs."""
    made: list[Step] = draw(steps())
    ids = [step.id for step in made]
    caps = draw(
        st.sampled_from(
            ((), (Cap("contact", 1, parse_span("3d")),), (Cap("account", 2, parse_span("2d")),))
        )
    )
    stops = draw(
        st.sampled_from(((), (StopRule("meeting_booked", "hand_off", frozenset({"ads"})),)))
    )
    whens = [step.when for step in made] + [one.when for step in made for one in step.branches]
    asked = needs(filter(None, whens), (step.until for step in made if step.until))
    zone = draw(st.sampled_from(("contact", "contact", "America/New_York")))
    calendar = CalendarSpec(zone=zone, quiet=draw(st.sampled_from(("", "", "16:00-10:00"))))
    plan = Plan(
        "play", "Play", tuple(made), seats=SEATS, calendar=calendar, caps=caps, stops=stops,
        needs=asked,
    )  # fmt: skip
    # Nobody is engaged: a score that nothing stands behind lasts to the first event in the engine,
    # which works it out anew. How a seat ranks by scores is told by the golden scenarios.
    people = {
        name: {
            "role": draw(st.sampled_from(ROLES)),
            "zone": draw(st.sampled_from(ZONES)),
            "lacks": draw(st.sampled_from(((), (), "phone", "email"))),
        }
        for name in ("ann", "bob", "cat")[: draw(st.integers(1, 3))]
    }
    # Who has no address cannot be known by one.
    names = sorted(name for name, told in people.items() if told["lacks"] != "email")
    events = sorted(
        (_event(draw, ids, names) for _ in range(draw(st.integers(0, 4 if names else 0)))),
        key=lambda told: told["at"],
    )
    return Scenario(
        "random", MONDAY, MONDAY + timedelta(days=45), plan, people,
        workspace={"quiet": draw(st.sampled_from(("", "22:00-07:00")))},
        answers=[*_answers(draw, made)], events=events,
    )  # fmt: skip


def _event(draw: Any, ids: list[str], names: list[str]) -> dict[str, Any]:
    at = MONDAY + timedelta(hours=draw(st.integers(0, 24 * 14)), minutes=draw(st.integers(0, 59)))
    if draw(st.integers(0, 5)) == 0:
        newcomer = {"role": draw(st.sampled_from(ROLES)), "zone": draw(st.sampled_from(ZONES))}
        return {"at": at, "add": {f"new{at:%d%H%M}": newcomer}}
    about = draw(st.sampled_from(("", *ids)))
    return {
        "at": at,
        "event": draw(st.sampled_from(EVENTS)),
        "who": draw(st.sampled_from(names)),
        "about": about,
    }


def _answers(draw: Any, made: list[Step]) -> Any:
    ends: dict[str, tuple[str, ...]]
    ends = {
        "find": SKIPPED,
        "cover": SKIPPED,
        "escalate": SKIPPED,
        "hand_off": ("accepted",),
        "approve": ("accepted",),
    }
    ends |= {step.id: ENDS if step.reach.seats else ENDS_WITHOUT_PERSON for step in made}
    for task, words in ends.items():
        if draw(st.integers(0, 3)):
            after = timedelta(minutes=draw(st.integers(1, 60 * 50)))
            yield Answer(task, after, draw(st.sampled_from(words)))
