"""The dry run of a scenario: the simulator, told what happens in a scenario's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple

from orchestrator.calendar import Hours
from orchestrator.engine.events.understanding import understand
from orchestrator.engine.staff.absences import days_away
from orchestrator.engine.staff.leave import Leave
from orchestrator.planner.hours import working_hours
from orchestrator.planner.scores import reads_scores
from orchestrator.scenarios.telling import DAY, Duty, Scenario
from orchestrator.simulate import Member, Simulated
from orchestrator.simulate.scores import Scores
from orchestrator.store.staff.absences import Absent
from orchestrator.store.staff.rosters import Teammate
from orchestrator.terms import (
    ACCOUNT,
    UNAGREED,
    AccountFacts,
    Event,
    Facts,
    Owed,
    Party,
    Person,
    RawEvent,
    message_key,
)

ADDRESSES = {
    "email": "{}@acme-works.com",
    "phone": "+49301234567",
    "social": "https://x.example/{}",
}


class Line(NamedTuple):
    """A line of the activity log; `who` is a person's name."""

    at: datetime
    kind: str
    step: str
    who: str
    text: str

    def __str__(self) -> str:
        clock = "%Y-%m-%d %a %H:%M" if not self.at.second else "%Y-%m-%d %a %H:%M:%S"
        parts = (f"{self.at:{clock}}", self.kind, self.step, self.who, self.text)
        return " | ".join(part for part in parts if part)


PAYLOAD = ("text", "until", "status", "reason")


def raw_event(names: Sequence[str], told: Mapping[str, Any], number: int) -> RawEvent:
    """An event of a scenario as its source would tell it."""
    who, about = told.get("who", ""), told.get("about", "")
    payload: dict[str, Any] = {k: v for k, v in told.items() if k in PAYLOAD}
    if who:
        payload["email"] = ADDRESSES["email"].format(who)
    if about:
        party = str(names.index(who) + 1) if who else ACCOUNT
        payload["key"] = message_key(1, about, party, 1)
    if not who:
        payload["domain"] = "acme-works.com"
    return RawEvent("scenario", str(number), told["event"], told["at"], payload)


def addresses(told: Mapping[str, Any]) -> frozenset[str]:
    lacks = told.get("lacks", ())
    return frozenset(ADDRESSES) - frozenset([lacks] if isinstance(lacks, str) else lacks)


def since(scenario: Scenario, told: Mapping[str, Any]) -> datetime:
    return scenario.start - int(told.get("known_for", 30)) * DAY


def name_of(who: str, names: Sequence[str]) -> str:
    """A person's name; nothing for the account and for a seat."""
    return names[int(who) - 1] if who.isdecimal() else ""


def mates_of(scenario: Scenario) -> list[Teammate]:
    """The account's team; each colleague has the number of the role."""
    return [
        Teammate(role, number, told["team"], told.get("zone", "UTC"), told.get("country", ""))
        for number, (role, told) in enumerate(scenario.team.items())
    ]


def leave_of(scenario: Scenario) -> Leave:
    """When who of the team is away; a stand-in has a number after all of theirs."""
    rows = []
    for number, (role, told) in enumerate(scenario.team.items()):
        if away := told.get("away"):
            zone, cover = told.get("zone", "UTC"), away.get("cover")
            starts, ends = days_away(
                date.fromisoformat(away["from"]), date.fromisoformat(away["to"]), zone
            )
            row = Absent(number, number, role, zone, starts, ends, None, "", "", "")
            if cover is not None:
                id_, name = len(scenario.team) + number, f"{role}-cover"
                place = cover.get("zone", "UTC"), cover.get("country", "")
                row = row._replace(
                    cover_id=id_, cover=name, cover_zone=place[0], cover_country=place[1]
                )
            rows.append(row)
    return Leave(rows)


class DryRun:
    """The simulator. With `scores` they grow and fade; else they are what the scenario says."""

    def __init__(
        self, scenario: Scenario, scores: Scores | None = None, owed: Owed = UNAGREED
    ) -> None:
        self.scenario, self.names = scenario, list(scenario.people)
        people = tuple(self._person(n, told) for n, told in enumerate(scenario.people.values(), 1))
        place = scenario.account
        account = AccountFacts(
            int(place.get("id", 1)), place.get("zone", "UTC"), place.get("country", ""),
            int(place.get("tier", 0)), float(place.get("fit", 0)),
            float(place.get("engagement", 0)), lost_reason=place.get("lost_reason", ""),
        )  # fmt: skip
        ours = scenario.workspace
        facts = Facts(
            account, people, workspace_zone=ours.get("zone", "UTC"),
            workspace_country=ours.get("country", ""), assignee_hours=self._assignees(),
            away=leave_of(scenario).away(scenario.plan.calendar, mates_of(scenario)),
            workspace_quiet=ours.get("quiet", ""),
        )  # fmt: skip
        called = {str(n): name for n, name in enumerate(self.names, 1)}
        self.play = Simulated(
            scenario.plan, facts, scenario.start, account="Acme", names=called, owed=owed
        )
        self.count = 0
        self._scores = scores
        self._since = Member(scenario.plan, facts, "Acme", called)  # from which scores are counted

    def _person(self, id_: int, told: Mapping[str, Any]) -> Person:
        return Person(
            id_, told.get("role", ""), told.get("persona", ""), float(told.get("engagement", 0)),
            since(self.scenario, told), told.get("zone", ""), told.get("country", ""),
            addresses(told), told.get("refused", ""),
        )  # fmt: skip

    def _assignees(self) -> dict[str, Hours]:
        hours: dict[str, Hours] = {}
        for role, told in self.scenario.team.items():
            place = told.get("zone", "UTC"), told.get("country", "")
            hours[role] = working_hours(self.scenario.plan.calendar, *place)
            hours.setdefault(told["team"], hours[role])
        return hours

    def next_at(self) -> datetime | None:
        return self.play.next_at()

    def move(self, to: datetime) -> None:
        self.play.move(to)
        self._refresh()

    def _refresh(self) -> bool:
        return bool(self._scores and self._scores.refresh(self._since, self.play))

    def _count_anew(self) -> None:
        """What was told of people and scores is so from here on, and fades from here on."""
        self._since = replace(self._since, facts=self.play.ledger.facts)
        self._scores = self._scores and replace(self._scores, start=self.play.now)

    def settle(self) -> None:
        self.play.settle()

    def duties(self) -> list[Duty]:
        return [duty for _, duty in self._duties()]

    def _duties(self) -> Iterator[tuple[int, Duty]]:
        for id_, task in self.play.ledger.open_tasks().items():
            who = name_of(task.who, self.names)
            yield id_, Duty(task.purpose, task.step, who, task.occurrence, task.opened_at)

    def close(self, task: Duty, ends: str, said: Mapping[str, Any]) -> None:
        ids = [id_ for id_, one in self._duties() if one == task]
        words = {name: value for name, value in said.items() if name != "note"}
        for id_ in ids:
            self.play.close(id_, ends, by="owner", **words)
        self._refresh()

    def event(self, told: Mapping[str, Any]) -> None:
        self.count += 1
        said = understand(raw_event(self.names, told, self.count), self.play.now)
        who, about = told.get("who"), told.get("about", "")
        contact_id = self.names.index(who) + 1 if who else None
        if not any(self._is_about(party, about, contact_id) for party in self._parties()):
            about = ""  # a message that nobody sent
        self.play.happen(Event(said.kind, said.at, contact_id, said.until, said.referral, about))
        if self._refresh() and reads_scores(self.play.plan):
            self.play.ledger.wake(self.play.now)

    def _parties(self) -> list[Party]:
        return list(self.play.ledger.parties.values())

    def _is_about(self, party: Party, step: str, contact_id: int | None) -> bool:
        whose = ACCOUNT if contact_id is None else str(contact_id)
        return party.table == "touch" and (party.step, party.who) == (step, whose)

    def add(self, name: str, told: Mapping[str, Any]) -> None:
        self.names.append(name)
        self.play.ledger.names[str(len(self.names))] = name
        self.play.learn(self._person(len(self.names), told))
        self._count_anew()

    def change(self, name: str, told: Mapping[str, Any]) -> None:
        id_ = self.names.index(name) + 1
        was = next(one for one in self.play.ledger.facts.people if one.id == id_)
        fresh: dict[str, Any] = {k: v for k, v in told.items() if k in ("role", "persona")}
        if "engagement" in told:
            fresh["engagement"] = float(told["engagement"])
        if "has" in told:
            fresh["addresses"] = was.addresses | {told["has"]}
        self.play.learn(was._replace(**fresh))
        self._count_anew()

    def score(self, told: Mapping[str, Any]) -> None:
        ledger, scores = self.play.ledger, {k: float(v) for k, v in told.items()}
        account: Any = ledger.facts.account
        ledger.facts = ledger.facts._replace(account=account._replace(**scores))
        self._count_anew()

    def log(self) -> list[Line]:
        return sorted(
            Line(one.at, one.kind, one.step, name_of(one.who, self.names), one.text)
            for one in self.play.ledger.log
        )
