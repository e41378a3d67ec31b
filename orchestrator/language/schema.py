"""The keys of a playbook: one table, from which files are read, checked and documented.

`PLAYBOOK.read` gives Forms with every default filled in; `json_schema()` is for editors.
"""

from __future__ import annotations

from orchestrator.language.groups import GROUP
from orchestrator.language.shapes import Choice, Json, Key, ListOf, MapOf, Table, Truth, Whole
from orchestrator.language.short import Short
from orchestrator.language.steps import MUST_TELL, STEP, STEP_REF, STEPS
from orchestrator.language.texts import (
    CLOCK,
    DATE,
    DATES,
    DAYS,
    ID,
    LENGTH,
    LINE,
    MONEY,
    PERIOD,
    QUIET,
    RATE,
    TEAM_ROLE,
)

__all__ = ["PLAYBOOK", "json_schema"]

AUDIENCE = MapOf(
    "`for`",
    (
        Key("segment", ID, "the segment of the agreement whose accounts may run it"),
        Key(
            "tiers",
            ListOf(Whole(1, 3), least=1, most=3, distinct=True),
            "only these: 1 is one to one, 2 one to few, 3 one to many",
        ),
        Key("signed", Truth(), "only target accounts that both teams signed", "true"),
    ),
)
SEAT = MapOf(
    "a seat",
    (
        Key("role", ID, "the role at the buying committee that a person must have"),
        Key("persona", ID, "the persona of the agreement that a person must match"),
        Key("at_most", Whole(1, 50), "how many people may sit here", "1"),
    ),
)
CALENDAR = MapOf(
    "the calendar",
    (
        Key("hours", CLOCK, "when a day opens and closes", "09:00-17:00"),
        Key("days", DAYS, "the days of work", "mon-fri"),
        Key(
            "quiet",
            QUIET,
            "hours in which nothing reaches a person, by their clock; the workspace's hold, too",
        ),
        Key("zone", LINE, "contact, account, workspace or an IANA zone", "contact"),
        Key("holidays", LINE, "country (the recipient's), none, or a country's name", "country"),
        Key(
            "blackout",
            ListOf(DATES, most=366, distinct=True),
            "dates on which nothing happens, and stretches such as 2026-12-20..2027-01-02",
            "[]",
        ),
    ),
)
CAPS = MapOf(
    "the caps",
    (
        Key(
            "contact", ListOf(RATE, most=5, alone=True), "how often one person may be reached", "[]"
        ),
        Key(
            "account",
            ListOf(RATE, most=5, alone=True),
            "how often all people of an account may",
            "[]",
        ),
    ),
)
STOP = MapOf(
    "a stop rule",
    (
        Key("on", LINE, "the kind of event that stops the outreach", required=True),
        Key("then", Choice(("stop", "hand_off")), "what happens to the account", "stop"),
        Key(
            "keep", ListOf(ID, most=50, alone=True, distinct=True), "kinds or ids that go on", "[]"
        ),
    ),
)
GOAL = MapOf(
    "the goal",
    (
        Key(
            "on",
            ListOf(LINE, least=1, most=10, alone=True, distinct=True),
            "the kind of event that the play is for; the first of several counts",
            required=True,
        ),
        Key("within", PERIOD, "how long after its start it counts, even if the play ended", "90d"),
    ),
)

START = Short(
    "on",
    MapOf(
        "'start'",
        (
            Key(
                "on", ListOf(LINE, 1, 20, alone=True, distinct=True),
                "kinds of events on which an account begins it",
            ),
            Key(
                "stage", ListOf(Choice(("target",)), 1, 1, alone=True),
                "the stage with which it begins: `target` is signed by both teams",
            ),
            Key(
                "list", ListOf(LINE, 1, 20, alone=True, distinct=True),
                "lists whose accounts begin it once both teams have signed them",
            ),
            Key("again", PERIOD, "how long after its end it may begin so again; never if left out"),
        ),
    ),
)  # fmt: skip
ONCE = MapOf(
    "a step of 'once'",
    (
        Key("id", ID, "its name in the playbook", required=True),
        Key("todo", MapOf("'todo'", (MUST_TELL,)), "what is to be done", required=True),
        Key("title", LINE, "what people read; its first line if left out"),
        Key("by", TEAM_ROLE, "the role that does it; marketing in turn if left out"),
        Key("due", LENGTH, "how long there is to do it", "2 business days"),
    ),
)
RECYCLE = Short(
    "after",
    MapOf(
        "'recycle'",
        (
            Key("after", LENGTH, "how long after the end it begins again", required=True),
            Key("at_most", Whole(1, 100), "how often it comes back; without an end if left out"),
        ),
    ),
)

HOLD = "hold"

PLAYBOOK = MapOf(
    "a playbook",
    (
        Key("name", ID, "how commands and pages call it", required=True),
        Key("title", LINE, "what it is for, in one line; its name if left out"),
        Key("for", AUDIENCE, "which accounts may run it", "{}"),
        Key("pace", RATE, "how many accounts may begin, such as 10 accounts per week"),
        Key("priority", Whole(-1000, 1000), "which play goes first where two want an account", "0"),
        Key(
            "preempt",
            Choice((HOLD,)),
            "whether a play of lower priority waits, but for its ads, while this one runs",
        ),
        Key("committee", Table("the committee", SEAT, ID), "seats for the people it reaches", "{}"),
        Key("calendar", CALENDAR, "the working time by which it goes", "{}"),
        Key("dates", Table("dates", DATE, ID), "named days, from which steps count: `at`", "{}"),
        Key("caps", CAPS, "how often people may be reached, over all plays", "{}"),
        Key(
            "stop", ListOf(STOP, most=50), "what ends the outreach, besides what always does", "[]"
        ),
        Key(
            "once",
            ListOf(ONCE, most=20),
            "work that is done once for the playbook, when its first account begins",
            "[]",
        ),
        Key("start", START, "what lets an account begin it by itself; by hand it always may"),
        Key(
            "on_tier_change",
            Choice(("stop", "restart")),
            "what a new tier of the account does; it goes on as it began if left out",
        ),
        Key("recycle", RECYCLE, "when an account that came to the end goes through it again"),
        Key("goal", GOAL, "what the play is for: `abm status` counts who reached it"),
        Key("budget", MONEY, "what all that it does may cost, over all accounts"),
        Key("steps", STEPS, "what is done, in order", required=True),
    ),
)


def json_schema(*, group: bool = False) -> Json:
    """The language as JSON Schema (2020-12), for the `# yaml-language-server` line of a file: of a
    playbook's, or of a group of steps."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ABM group of steps" if group else "ABM playbook",
        **(GROUP if group else PLAYBOOK).json(),
        "$defs": {STEP_REF.rpartition("/")[2]: STEP.json()},
    }
