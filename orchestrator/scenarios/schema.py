"""The keys of a scenario: one table, from which files are read, checked and completed."""

from __future__ import annotations

from typing import Any

from accounts.lost import REASONS
from orchestrator.language.codes import Code
from orchestrator.language.shapes import NAME, Choice, Json, Key, ListOf, MapOf, Table, Text, Whole
from orchestrator.language.texts import DATE, ID, LINE, PROSE, QUIET
from orchestrator.scenarios.moments import COUNTRY, ELAPSED, MOMENT, START, TIMED, ZONE
from orchestrator.terms import OUTCOME_OF_DISPOSITION

__all__ = ["SCENARIO", "json_schema"]

ENDS = ("completed", "handed_off", "stopped", "unreachable", "recycled", "active", "paused")
SCORE = Whole(0, 100_000)
WHO = Text("the name of a person of the scenario", NAME, Code.BAD_NAME, "such as ann")
ADDRESS = Choice(("email", "phone", "social"))
DUTY = Text(
    "the step of a task, or what else it is for", NAME, Code.BAD_NAME, "such as ring, or reply"
)
AT = Key("at", MOMENT, "the day, or the minute, in the account's zone")

ACCOUNT = MapOf(
    "the account",
    (
        Key("zone", ZONE, "where it is: an IANA zone", "UTC"),
        Key("country", COUNTRY, "whose public holidays it keeps"),
        Key("tier", Whole(1, 3), "the least special one that the playbook is for, if left out"),
        Key("segment", ID, "the playbook's, if left out"),
        Key("fields", Table("fields", LINE, LINE), "what the agreement finds segment and fit by"),
        Key("fit", Whole(0, 100), "how well it fits"),
        Key("engagement", SCORE, "its engagement score at the start", "0"),
        Key("lost_reason", Choice(REASONS), "why its last deal was lost"),
    ),
)
_PLACE = (
    Key("zone", ZONE, "the account's, if left out"),
    Key("country", COUNTRY, "the account's, if left out"),
)
PERSON = MapOf(
    "a person",
    (
        Key("role", ID, "the role at the buying committee"),
        Key("persona", ID, "the persona of the agreement"),
        *_PLACE,
        Key("engagement", SCORE, "the person's own score", "0"),
        Key("lacks", ListOf(ADDRESS, alone=True, distinct=True), "addresses we do not have", "[]"),
        Key("refused", LINE, "why they must not be contacted"),
        Key("known_for", Whole(0, 10_000), "since how many days there is a record", "30"),
    ),
    bare=True,
)
PEOPLE = Table("people", PERSON, WHO)
CHANGE = MapOf(
    "what is new about a person",
    (
        Key("role", ID, "the new role"),
        Key("persona", ID, "the new persona"),
        Key("engagement", SCORE, "the new score"),
        Key("has", ADDRESS, "an address that was found"),
    ),
)
ANSWER = MapOf(
    "an answer",
    (
        Key("task", DUTY, "the step; or approve, cover, escalate, find, hand_off, reply; or any",
            required=True),
        Key("who", WHO, "about whom; anybody, if left out"),
        Key("attempt", Whole(1, 20), "only at this attempt"),
        Key("after", ELAPSED, "how long after it opened", "1h"),
        Key("ends", Choice(tuple(OUTCOME_OF_DISPOSITION)), "the disposition", required=True),
        Key("until", DATE, "the day that the person named"),
        Key("referral", LINE, "whom to ask instead"),
        Key("address", ADDRESS, "what was found"),
    ),
)  # fmt: skip
EVENT = MapOf(
    "an event",
    (
        Key("at", TIMED, "when, in the account's zone", required=True),
        Key("event", LINE, "what comes in: clicked, reply, form.demo …"),
        Key("who", WHO, "from whom; from the account, if left out"),
        Key("step", ID, "the step that it is about"),
        Key("text", PROSE, "what a reply says: it is read as a real one is"),
        Key("reason", LINE, "why the deal was lost: read as well"),
        Key("until", DATE, "the day that the person named"),
        Key("add", PEOPLE, "people who are new at the account"),
        Key("change", Table("people", CHANGE, WHO), "what becomes known of people"),
        Key("score", MapOf("the scores", (
            Key("engagement", SCORE, "the account's"), Key("fit", Whole(0, 100), "the account's"),
        )), "new scores of the account"),
    ),
)  # fmt: skip
_WHOSE = Key("who", WHO, "to whom; anybody, if left out")
TOUCH = MapOf("a touch", (Key("step", ID, "the step", required=True), _WHOSE, AT))
TASK = MapOf(
    "a task",
    (
        Key("task", DUTY, "the step, or what else it is for", required=True),
        _WHOSE,
        AT,
        Key("title", LINE, "words that its title holds"),
    ),
)
HOLD = MapOf(
    "a hold",
    (
        Key("step", ID, "the step", required=True),
        _WHOSE,
        AT,
        Key("because", LINE, "words that its reason holds"),
    ),
)
NEVER = MapOf("what never happens", (Key("step", ID, "the step"), _WHOSE))
EXPECT = MapOf(
    "what is expected",
    (
        Key("touches", ListOf(TOUCH, most=500), "messages that leave; there may be others", "[]"),
        Key("tasks", ListOf(TASK, most=500), "tasks that open; there may be others", "[]"),
        Key("holds", ListOf(HOLD, most=500), "what was held or skipped, and why", "[]"),
        Key("never", ListOf(NEVER, most=100), "steps that reach nobody, people who get nothing",
            "[]"),
        Key("log", Text("the log", most=60_000, lines=True), "the whole log, line by line"),
        Key("ends", Choice(ENDS), "how the play ends, or stands on the last day"),
        Key("ended", AT.shape, "the day, or the minute, on which it ends"),
    ),
    bare=True,
)  # fmt: skip
AWAY = MapOf(
    "an absence",
    (
        Key("from", DATE, "the first day away", required=True),
        Key("to", DATE, "the last day away", required=True),
        Key("cover", MapOf("a stand-in", _PLACE, bare=True), "who stands in; nobody, if left out"),
    ),
)
COLLEAGUE = MapOf(
    "a colleague", (*_PLACE, Key("away", AWAY, "when the colleague is away")), bare=True
)

SCENARIO = MapOf(
    "a scenario",
    (
        Key("title", LINE, "what it shows, in one line", required=True),
        Key("playbook", ID, "the playbook's name; that of the folder, if left out"),
        Key("start", START, "when the play begins, in the account's zone", "2027-03-01 09:00"),
        Key("days", Whole(1, 1000), "how many days are watched", "120"),
        Key("quiet", QUIET, "the workspace's quiet hours"),
        Key("account", ACCOUNT, "the company", "{}"),
        Key("contacts", PEOPLE, "its people, by a short name", "{}"),
        Key("team", Table("the account team", COLLEAGUE, Text("a role", NAME)),
            "where our colleagues work, by their role", "{}"),
        Key("split", Table("arms", ID, ID), "the arm that the account gets, by step", "{}"),
        Key("answers", ListOf(ANSWER, most=200), "how reps end tasks; the first that fits", "[]"),
        Key("events", ListOf(EVENT, most=200), "what happens meanwhile", "[]"),
        Key("expect", EXPECT, "what has to come of it", "{}"),
    ),
)  # fmt: skip


def json_schema() -> Json:
    """The keys as JSON Schema (2020-12), for the `# yaml-language-server` line of a file."""
    head: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ABM scenario",
    }
    return {**head, **SCENARIO.json()}
